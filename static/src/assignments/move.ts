import { html, nothing, type TemplateResult } from 'lit';
import { Task } from '@lit/task';
import { choices } from '../panels/choices';
import { failure, Panel } from '../panels/panel';
import { Problem } from '../service';
import { openWork } from './history';
import { day, entered } from '../language/time';
import { held, move, openIn, type Assignment, type Moved, type Person } from './requests';
import './search';

/** Who takes one assignment: whoever takes all, nobody, or another. */
type Heir = '' | 'end' | 'other';

/** Hands over all that a person holds who moves on (调离), after a preview; when it did, closing tells the event "staffed". */
export class MoveDialogue extends Panel {
  static override properties = {
    ...Panel.properties, person: { attribute: false }, all: { state: true }, heirs: { state: true }, others: { state: true }, at: { state: true },
    work: { state: true }, moved: { state: true }, done: { state: true }, busy: { state: true }, problem: { state: true },
  };

  declare person: { id: number; name: string };
  /** Who takes what no other takes; null: it ends. */
  declare all: Person | null;
  declare heirs: ReadonlyMap<number, Heir>;
  declare others: ReadonlyMap<number, Person>;
  /** As the field of date and time has it; "" is now. */
  declare at: string;
  /** What is open, by code of a cell. */
  declare work: ReadonlyMap<string, string>;
  declare moved: readonly Moved[] | null;
  declare done: boolean;
  declare busy: boolean;
  declare problem: unknown;

  private readonly held = new Task(this, {
    task: ([id]: readonly [number], { signal }) => held(this.app.service, id, signal),
    args: () => [this.person.id] as const,
  });

  constructor() {
    super();
    Object.assign(this, { all: null, heirs: new Map(), others: new Map(), at: '', work: new Map(), moved: null, done: false, busy: false, problem: null });
  }

  protected override firstUpdated(): void {
    this.querySelector('dialog')?.showModal();
  }

  protected override render(): TemplateResult {
    const words = this.text.staff;
    return html`<dialog class="export staff move" aria-labelledby="move-heading" @close=${this.closed}>
      <h2 id="move-heading">${words.moveOn(this.person.name)}</h2>
      <p class="hint">${words.moveHint}</p>
      ${this.held.value ? this.body(this.held.value) : this.outcome(this.held, (list) => this.body(list))}
    </dialog>`;
  }

  private body(list: readonly Assignment[]): TemplateResult {
    return list.length ? this.form(list) : html`<p class="hint">${this.text.staff.nothingHeld}</p>
      <p class="pair"><button type="button" class="plain" @click=${this.shut}>${this.text.close}</button></p>`;
  }

  private form(list: readonly Assignment[]): TemplateResult {
    const { moved, done, text } = this;
    const words = text.staff;
    return html`<form @submit=${(event: Event) => { event.preventDefault(); void this.send(list, true); }}>
      <fieldset ?disabled=${done}>
        <person-search .app=${this.app} .stats=${this.stats} .label=${words.successorOfAll} @chosen=${(event: CustomEvent<Person>) => this.set({ all: event.detail })}></person-search>
        <ul class="heirs">${list.map((one) => this.heir(one))}</ul>
        <label class="field"><span>${words.at}</span><input type="datetime-local" name="at" .value=${this.at} @change=${(event: Event) => this.set({ at: (event.target as HTMLInputElement).value })} /></label>
        <label class="field"><span>${words.note}</span><input type="text" name="note" maxlength="200" /></label>
      </fieldset>
      ${this.trouble()}
      ${moved ? this.outlook(moved) : nothing}
      <p class="pair">
        ${done ? nothing : html`<button type="submit" class="plain" ?disabled=${this.busy}>${words.preview}</button>`}
        ${moved && !done ? html`<button type="button" class="main" name="apply" ?disabled=${this.busy} @click=${() => this.send(list, false)}>${words.moveAll(moved.length)}</button>` : nothing}
        <button type="button" class="plain" name="shut" @click=${this.shut}>${done ? text.close : words.cancel}</button>
        <span role="status">${done ? words.movedAll : nothing}</span>
      </p>
    </form>`;
  }

  private heir(one: Assignment): TemplateResult {
    const words = this.text.staff;
    const heir = this.heirs.get(one.id) ?? '';
    const other = this.others.get(one.id);
    const work = this.work.get(one.cell);
    return html`<li data-assignment=${one.id}>
      ${choices(`heir-${one.id}`, `${one.cell_name} · ${this.place(one)}`, '', [['', words.sameHeir], ['other', words.otherHeir], ['end', words.end]] as const, heir,
        (value) => this.set({ heirs: new Map(this.heirs).set(one.id, value as Heir) }))}
      ${heir === 'other' ? html`<person-search .app=${this.app} .stats=${this.stats} .label=${other ? other.name : words.successor}
        @chosen=${(event: CustomEvent<Person>) => this.set({ others: new Map(this.others).set(one.id, event.detail) })}></person-search>` : nothing}
      ${Date.parse(one.from) > Date.now() ? html`<small>${words.since(day(this.text, one.from))}</small>` : nothing}
      ${work === undefined
        ? html`<button type="button" class="link" data-deed="open-work" @click=${() => this.look(one.cell)}>${words.seeWork}</button>`
        : html`<small class="work">${work || words.noWork}</small>`}
    </li>`;
  }

  private place({ role, layer }: Assignment): string {
    const of = this.stats.layers.find((one) => one.layer === layer);
    return [this.text.people.roles[role] ?? role, of ? this.layerName(of) : ''].filter(Boolean).join(' ');
  }

  /** What would become of each, and what would be left without anybody. */
  private outlook(moved: readonly Moved[]): TemplateResult {
    const words = this.text.staff;
    const vacant = moved.filter(({ to, assignment }) => to === null && assignment.role === 'accountable').length;
    return html`<ol class="moved">${moved.map(({ assignment, to_name }) => html`<li data-moved=${assignment.id}>${assignment.cell_name} · ${this.place(assignment)}
        <b>${to_name ? `→ ${to_name}` : words.ends}</b></li>`)}</ol>
      ${vacant ? html`<p class="warn">${words.vacantAfter(vacant)}</p>` : nothing}`;
  }

  /** What was refused; where somebody was quicker, what the person holds now. */
  private trouble(): unknown {
    const { problem, text } = this;
    if (!problem) return nothing;
    const changed = problem instanceof Problem && problem.status === 409;
    return failure(text, problem, () => {
      this.problem = null;
      if (changed) void this.held.run();
    });
  }

  /** What was previewed is no longer what would be done. */
  private set(change: Partial<Pick<MoveDialogue, 'all' | 'heirs' | 'others' | 'at'>>): void {
    Object.assign(this, change, { moved: null, problem: null });
  }

  private async look(cell: string): Promise<void> {
    try {
      const { items } = await openIn(this.app.service, cell);
      this.work = new Map(this.work).set(cell, openWork(this.text, items));
    } catch (problem) {
      this.problem = problem;
    }
  }

  private async send(list: readonly Assignment[], preview: boolean): Promise<void> {
    const missing = list.find(({ id }) => this.heirs.get(id) === 'other' && !this.others.has(id));
    if (missing) {
      this.problem = new Problem(0, this.text.staff.choose);
      return;
    }
    Object.assign(this, { busy: true, problem: null });
    try {
      const note = this.querySelector<HTMLInputElement>('[name=note]')?.value.trim();
      const each = list.flatMap(({ id }) => {
        const heir = this.heirs.get(id) ?? '';
        const other = heir === 'other' ? this.others.get(id) : undefined;
        return heir === '' ? [] : [{ assignment: id, ...(other ? { to: other.id } : {}) }];
      });
      this.moved = await move(this.app.service, {
        from: this.person.id, expected: list.map(({ id }) => id), each,
        ...(this.all ? { to: this.all.id } : {}), ...(this.at ? { at: entered(this.at) } : {}), ...(note ? { note } : {}),
      }, preview);
      this.done = !preview;
    } catch (problem) {
      Object.assign(this, { problem, moved: null });
    }
    this.busy = false;
  }

  private readonly shut = (): void => this.querySelector('dialog')?.close();

  private readonly closed = (): void => {
    this.dispatchEvent(new CustomEvent('closed'));
    if (this.done) this.dispatchEvent(new CustomEvent('staffed'));
  };
}

customElements.define('move-dialogue', MoveDialogue);
