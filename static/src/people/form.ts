import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { choices } from '../panels/choices';
import { failure, RosterPanel } from '../panels/panel';
import { Problem } from '../service';
import type { Person, PersonEdit } from './roster';
import '../assignments/move';
import './unit-search';
import './phone';
import './record';

/** A post as it is written in the form: days, not instants. */
interface PostDraft {
  title: string;
  unit: number;
  from: string;
  to: string;
  /** The instants behind the days, where these haven't been changed. */
  was: { from: string | null; to: string | null };
}

interface Draft {
  id: number | 'new';
  known: number;
  name: string;
  staff: string;
  unit: number;
  posts: PostDraft[];
  /** Code: at home there, supporting it, or neither. */
  layers: Record<string, 'home' | 'supports' | ''>;
  /** Null: the number stays. */
  phone: string | null;
}

const day = (instant: string | null): string => instant?.slice(0, 10) ?? '';

/** The instants of a post's days: unchanged ones to the microsecond. */
function period({ from, to, was }: PostDraft): { from?: string; to?: string } {
  const instant = (day: string, was: string | null) => (was && was.slice(0, 10) === day ? was : day ? `${day}T00:00:00Z` : null);
  const [begin, end] = [instant(from, was.from), instant(to, was.to)];
  return { ...(begin ? { from: begin } : {}), ...(end ? { to: end } : {}) };
}

/** One person: particulars, posts, layers, telephone, cells. */
export class PersonForm extends RosterPanel {
  static override properties = { ...RosterPanel.properties, draft: { state: true }, busy: { state: true }, problem: { state: true }, saved: { state: true }, titles: { state: true }, moving: { state: true } };

  declare draft: Draft | null;
  declare busy: boolean;
  declare problem: unknown;
  declare saved: boolean;
  /** Titles that the posts of a unit have. */
  declare titles: ReadonlyMap<number, readonly string[]>;
  /** Whether all that the person holds is being handed over. */
  declare moving: boolean;

  constructor() {
    super();
    Object.assign(this, { draft: null, busy: false, problem: null, saved: false, titles: new Map(), moving: false });
  }

  /** Begins anew when another person is opened, or this one has become another. */
  protected override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    const { person } = this.app.address.people;
    const { open } = this.app.roster;
    if (person === null || this.draft?.id === person && (person === 'new' || this.draft.known === open?.version || this.dirty(open))) return;
    if (person === 'new') this.draft = { id: 'new', known: 0, name: '', staff: '', unit: this.app.address.people.unit ?? 0, posts: [], layers: {}, phone: null };
    else if (open?.id === person) this.draft = drafted(open);
    else this.draft = null;
    if (!this.saved) this.problem = null;
    if (this.draft) void this.learn(this.draft.unit);
  }

  /** Whether something was written that isn't stored; then what others stored meanwhile doesn't replace it. */
  private dirty(open: Person | null): boolean {
    return !!this.draft && !!open && this.draft.id === open.id && !this.saved && this.touched;
  }

  private touched = false;

  protected override render(): TemplateResult {
    const { text, draft } = this;
    const { roster, address } = this.app;
    const { open } = roster;
    return html`<article class="dossier" aria-label=${draft?.name || text.people.add}>
      <header>
        <h2>${draft?.id === 'new' ? text.people.add : (open?.name ?? '')}</h2>
        <button type="button" class="plain shut" @click=${() => roster.ask({ person: null })}>${text.close}</button>
      </header>
      ${draft ? this.form(draft) : address.people.person === null ? nothing : html`<p class="loading" role="status">${text.loading}</p>`}
      ${open && draft && draft.id !== 'new' ? this.duties(open) : nothing}
    </article>`;
  }

  private form(draft: Draft): TemplateResult {
    const { text, stats } = this;
    const { roster } = this.app;
    const typed = (event: Event) => (event.target as HTMLInputElement).value;
    return html`<form @submit=${(event: Event) => { event.preventDefault(); void this.save(); }}>
      <label class="field"><span>${text.people.columns.name}</span><input name="name" required maxlength="100" .value=${live(draft.name)} @input=${(event: Event) => this.set({ name: typed(event) })} /></label>
      <label class="field"><span>${text.people.staff}</span><input name="staff" maxlength="50" ?required=${draft.id !== 'new'} placeholder=${draft.id === 'new' ? text.people.staffHint : ''} .value=${live(draft.staff)} @input=${(event: Event) => this.set({ staff: typed(event) })} /></label>
      <unit-search .app=${this.app} .stats=${this.stats} .label=${text.people.columns.unit} .units=${roster.units} .besides=${[['0', text.people.noUnit]]} .value=${String(draft.unit)} @chosen=${(event: CustomEvent<string>) => { const unit = Number(event.detail); this.set({ unit }); void this.learn(unit); }}></unit-search>
      <fieldset class="posts"><legend>${text.people.columns.posts}</legend>
        ${draft.posts.map((post, n) => this.post(post, n, draft))}
        <button type="button" class="plain" name="post-add" @click=${() => this.set({ posts: [...draft.posts, { title: '', unit: 0, from: '', to: '', was: { from: null, to: null } }] })}>${text.people.postAdd}</button>
      </fieldset>
      <fieldset class="memberships"><legend>${text.people.columns.layers}</legend>
        ${stats.layers.map((layer) => choices(`layer-${layer.layer}`, this.layerName(layer), '', [['', '—'], ['home', text.people.home], ['supports', text.people.supported]] as const, draft.layers[layer.layer] ?? '', (value) => this.join(layer.layer, value as 'home' | 'supports' | '')))}
      </fieldset>
      <fieldset><legend>${text.people.columns.phone}</legend>
        ${draft.id === 'new' ? nothing : html`<phone-reveal .app=${this.app} .stats=${stats} .person=${roster.open}></phone-reveal>`}
        <label class="field"><span>${text.people.newPhone}</span><input name="phone" type="tel" autocomplete="off" maxlength="40" placeholder=${draft.id === 'new' ? '' : text.people.newPhoneHint} .value=${live(draft.phone ?? '')} @input=${(event: Event) => this.set({ phone: typed(event) || null })} /></label>
      </fieldset>
      ${this.problem ? this.trouble(this.problem) : nothing}
      ${this.saved ? html`<p class="done" role="status">${text.people.saved}</p>` : nothing}
      ${this.app.may('people.edit') ? html`<p class="acts">
        <button type="submit" class="main" ?disabled=${this.busy}>${text.people.save}</button>
        ${draft.id === 'new' ? nothing : html`<button type="button" class="plain danger" name="retire" ?disabled=${this.busy} @click=${() => void this.retire()}>${text.people.retire}</button>`}
        ${draft.id !== 'new' && this.app.may('people.forget') ? html`<button type="button" class="plain" name="forget" ?disabled=${this.busy} @click=${() => void this.forget()}>${text.people.forget}</button>` : nothing}
      </p>` : nothing}
    </form>`;
  }

  private post(post: PostDraft, n: number, draft: Draft): TemplateResult {
    const { text } = this;
    const change = (change: Partial<PostDraft>) => this.set({ posts: draft.posts.map((one, k) => (k === n ? { ...one, ...change } : one)) });
    const typed = (event: Event) => (event.target as HTMLInputElement).value;
    const unit = post.unit || draft.unit;
    return html`<div class="held" role="group" aria-label=${text.people.postNumber(n + 1)}>
      <input name="title" required maxlength="100" list="titles-${unit}" aria-label=${text.people.title} placeholder=${text.people.title} .value=${live(post.title)} @input=${(event: Event) => change({ title: typed(event) })} />
      <datalist id="titles-${unit}">${(this.titles.get(unit) ?? []).map((title) => html`<option value=${title}></option>`)}</datalist>
      <button type="button" class="plain" aria-label=${text.people.postRemove(post.title)} @click=${() => this.set({ posts: draft.posts.filter((_, k) => k !== n) })}>×</button>
      <unit-search .app=${this.app} .stats=${this.stats} .label=${text.people.columns.unit} .name=${'post-unit'} .units=${this.app.roster.units} .besides=${[['0', text.people.ownUnit]]} .value=${String(post.unit)} @chosen=${(event: CustomEvent<string>) => { const unit = Number(event.detail); change({ unit }); void this.learn(unit); }}></unit-search>
      <label class="field"><span>${text.people.from}</span><input type="date" name="from" .value=${live(post.from)} @change=${(event: Event) => change({ from: typed(event) })} /></label>
      <label class="field"><span>${text.people.to}</span><input type="date" name="to" .value=${live(post.to)} @change=${(event: Event) => change({ to: typed(event) })} /></label>
    </div>`;
  }

  private duties(person: Person): TemplateResult {
    const { text } = this;
    const past = person.posts.filter(({ state }) => state === 'past');
    return html`
      ${past.length ? html`<section><h3>${text.people.past}</h3><ul class="past">${past.map((post) => html`<li>${post.unit_label ? `${post.unit_label} ` : ''}${post.title} <small>${day(post.from)}–${day(post.to)}</small></li>`)}</ul></section>` : nothing}
      <section><h3>${text.people.columns.cells}</h3>
      ${person.cells.length
        ? html`<ul class="past">${person.cells.map(({ code, name, role, layer }) => html`<li><button type="button" class="link" @click=${() => this.app.go({ mode: 'read', cell: code, spot: null }, 'cell')}>${name || code}</button> <small>${text.people.roles[role] ?? role}${layer ? ` · ${this.named(layer)}` : ''}</small></li>`)}</ul>
          ${person.cell_count > person.cells.length ? html`<p class="hint">${text.people.moreCells(person.cell_count - person.cells.length)}</p>` : nothing}`
        : html`<p class="hint">${text.people.noCells}</p>`}
        <p class="acts">
          <button type="button" class="plain" name="record" @click=${() => this.app.roster.ask({ record: true })}>${text.people.record}</button>
          ${person.cell_count && this.app.may('assignments.edit') ? html`<button type="button" class="plain" name="move" @click=${() => (this.moving = true)}>${text.people.moveOn}</button>` : nothing}
        </p>
      </section>
      ${this.app.address.people.record ? html`<person-record .app=${this.app} .stats=${this.stats} .person=${person.id} @closed=${this.unrecorded}></person-record>` : nothing}
      ${this.moving ? html`<move-dialogue .app=${this.app} .stats=${this.stats} .person=${person} @staffed=${() => void this.app.roster.readAgain()} @closed=${() => (this.moving = false)}></move-dialogue>` : nothing}`;
  }

  /** What a layer of this code is called. */
  private named(code: string): string {
    const layer = this.stats.layers.find((one) => one.layer === code);
    return layer ? this.layerName(layer) : code;
  }

  /** The record was closed, unless the address left it first. */
  private readonly unrecorded = (): void => {
    if (this.app.address.people.record) this.app.roster.ask({ record: false });
  };

  private trouble(problem: unknown): TemplateResult {
    const { text } = this;
    const stale = problem instanceof Problem && problem.refused.some((one) => one.stale);
    if (!stale) return failure(text, problem, () => void this.save());
    const now = problem.refused[0]?.person;
    return html`<div class="failure" role="alert"><strong>${text.people.stale}</strong>
      ${now ? html`<p>${text.people.isNow(now.name, now.unit_label, now.posts.filter(({ state }) => state === 'current').map(({ title }) => title).join('、'))}</p>` : nothing}
      <button type="button" class="plain" name="take" @click=${() => { if (now) { this.app.roster.open = now; this.touched = false; this.draft = drafted(now); this.problem = null; } }}>${text.people.take}</button></div>`;
  }

  private set(change: Partial<Draft>): void {
    if (!this.draft) return;
    this.touched = true;
    this.saved = false;
    this.draft = { ...this.draft, ...change };
  }

  private join(code: string, as: 'home' | 'supports' | ''): void {
    if (!this.draft) return;
    const layers = { ...this.draft.layers };
    if (as === 'home') for (const other of Object.keys(layers)) if (layers[other] === 'home') layers[other] = 'supports';
    layers[code] = as;
    this.set({ layers });
  }

  /** Learns the titles that posts of a unit have. */
  private async learn(unit: number): Promise<void> {
    if (!unit || this.titles.has(unit)) return;
    this.titles = new Map(this.titles).set(unit, []);
    const posts = await this.app.roster.posts(unit).catch(() => []);
    this.titles = new Map(this.titles).set(unit, posts.map(({ title }) => title));
  }

  private edit({ known, name, staff, unit, posts, layers, phone }: Draft): PersonEdit {
    return {
      ...(known ? { known } : {}), name, unit,
      ...(staff ? { staff_no: staff } : {}),
      posts: posts.map((post) => ({ title: post.title, unit: post.unit, ...period(post) })),
      layers: Object.entries(layers).flatMap(([layer, as]) => (as ? [{ layer, home: as === 'home' }] : [])),
      ...(phone !== null ? { phone } : {}),
    };
  }

  private async save(): Promise<void> {
    const { draft } = this;
    if (!draft || this.busy) return;
    Object.assign(this, { busy: true, problem: null, saved: false });
    try {
      const person = await this.app.roster.save(draft.id, this.edit(draft));
      this.touched = false;
      this.draft = drafted(person);
      this.saved = true;
      if (draft.id === 'new') this.app.roster.ask({ person: person.id });
    } catch (problem) {
      this.problem = problem;
    }
    this.busy = false;
  }

  /** Erases the person from the log of changes, for a reason. */
  private async forget(): Promise<void> {
    const { open } = this.app.roster;
    const reason = open ? prompt(this.text.people.forgetSure(open.name))?.trim() : '';
    if (!open || !reason || this.busy) return;
    Object.assign(this, { busy: true, problem: null });
    try {
      await this.app.service.send('DELETE', `/v1/people/${open.id}/personal-data?reason=${encodeURIComponent(reason)}`);
      this.app.roster.said(this.text.people.forgotten(open.name));
    } catch (problem) {
      this.problem = problem;
    }
    this.busy = false;
  }

  private async retire(): Promise<void> {
    const { open } = this.app.roster;
    if (!open || this.busy || !confirm(this.text.people.retireSure(open.name))) return;
    Object.assign(this, { busy: true, problem: null });
    try {
      await this.app.roster.retire(open);
      this.app.roster.said(this.text.people.retired(open.name));
    } catch (problem) {
      this.problem = problem;
    }
    this.busy = false;
  }
}

function drafted(person: Person): Draft {
  return {
    id: person.id, known: person.version, name: person.name, staff: person.staff_no, unit: person.unit ?? 0, phone: null,
    posts: person.posts.filter(({ state }) => state !== 'past').map(({ title, unit, from, to }) =>
      ({ title, unit: unit === person.unit ? 0 : (unit ?? 0), from: day(from), to: day(to), was: { from, to } })),
    layers: Object.fromEntries(person.layers.map(({ layer, home }) => [layer, home ? 'home' as const : 'supports' as const])),
  };
}

customElements.define('person-form', PersonForm);
