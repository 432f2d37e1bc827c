import { html, nothing, type TemplateResult } from 'lit';
import { failure, RosterPanel } from '../panels/panel';
import { choices } from '../panels/choices';
import type { Unit } from './roster';
import './unit-search';
import './posts';

/** What is being said of a unit; id null: of a new one. */
interface Draft {
  id: number | null;
  name: string;
  kind: string;
  parent: number;
  division: string;
  known?: number;
}

/** The tree of units: choosing one narrows the roster; units are added, renamed, moved and retired here. */
export class UnitTree extends RosterPanel {
  static override properties = { ...RosterPanel.properties, draft: { state: true }, problem: { state: true }, closed: { state: true } };

  declare draft: Draft | null;
  declare problem: unknown;
  /** Units whose lower ones are not shown. */
  declare closed: ReadonlySet<number>;

  constructor() {
    super();
    Object.assign(this, { draft: null, problem: null, closed: new Set() });
  }

  protected override render(): TemplateResult {
    const { text } = this;
    const { roster, address } = this.app;
    const { unit } = address.people;
    const below = new Map<number | null, Unit[]>();
    for (const one of roster.units) below.set(one.parent, [...(below.get(one.parent) ?? []), one]);
    const chosen = roster.units.find(({ id }) => id === unit);
    return html`<section class="units">
      <h3>${text.people.units}</h3>
      ${this.app.may('people.edit') ? html`<p class="acts">
        <button type="button" class="plain" name="unit-new" @click=${() => this.begin(null)}>${text.people.unitNew}</button>
        ${chosen ? html`<button type="button" class="plain" name="unit-edit" @click=${() => this.begin(chosen)}>${text.people.unitEdit}</button>` : nothing}
      </p>` : nothing}
      ${this.draft ? this.form(this.draft, chosen) : nothing}
      ${chosen && this.app.may('people.edit') ? html`<unit-posts .app=${this.app} .stats=${this.stats} .unit=${chosen.id}></unit-posts>` : nothing}
      ${this.problem ? failure(text, this.problem, () => void this.save()) : nothing}
      <ul class="tree" role="list">
        <li><div><button type="button" aria-pressed=${unit === 0} data-unit="0" @click=${() => roster.ask({ unit: unit === 0 ? null : 0 })}>${text.people.noUnit}</button></div></li>
        ${this.branch(below, null, 0)}
      </ul>
    </section>`;
  }

  private branch(below: ReadonlyMap<number | null, Unit[]>, parent: number | null, depth: number): TemplateResult[] {
    const { roster, address } = this.app;
    return (below.get(parent) ?? []).map((unit) => {
      const lower = below.get(unit.id) ?? [];
      const shut = this.closed.has(unit.id);
      return html`<li>
        <div style="--depth:${depth}">
          ${lower.length ? html`<button type="button" class="twist" aria-expanded=${!shut} aria-label=${unit.name} @click=${() => this.twist(unit.id)}>›</button>` : nothing}
          <button type="button" aria-pressed=${address.people.unit === unit.id} data-unit=${unit.id}
            @click=${() => roster.ask({ unit: address.people.unit === unit.id ? null : unit.id })}><span>${unit.name}</span><small>${unit.people || ''}</small></button>
        </div>
        ${lower.length && !shut ? html`<ul role="list">${this.branch(below, unit.id, depth + 1)}</ul>` : nothing}
      </li>`;
    });
  }

  private twist(id: number): void {
    const closed = new Set(this.closed);
    if (!closed.delete(id)) closed.add(id);
    this.closed = closed;
  }

  private begin(unit: Unit | null): void {
    this.problem = null;
    const above = this.app.address.people.unit;
    this.draft = unit
      ? { id: unit.id, name: unit.name, kind: unit.kind, parent: unit.parent ?? 0, division: unit.division, known: unit.version }
      : { id: null, name: '', kind: 'department', parent: above ?? 0, division: this.app.roster.units.find(({ id }) => id === above)?.division ?? '' };
  }

  private form(draft: Draft, chosen: Unit | undefined): TemplateResult {
    const { text } = this;
    const { roster } = this.app;
    const set = (change: Partial<Draft>) => (this.draft = { ...draft, ...change });
    const typed = (event: Event) => (event.target as HTMLInputElement).value;
    return html`<form class="unit-form" @submit=${(event: Event) => { event.preventDefault(); void this.save(); }}>
      <label class="field"><span>${text.people.unitName}</span><input name="unit-name" required maxlength="100" .value=${draft.name} @input=${(event: Event) => set({ name: typed(event) })} /></label>
      ${choices('kind', text.people.kind, '', roster.kinds.map(({ code, name }) => [code, text.language === 'en' ? name.en : name.zh] as const), draft.kind, (kind) => set({ kind }))}
      <unit-search .app=${this.app} .stats=${this.stats} .label=${text.people.parent} .name=${'parent'} .units=${roster.units.filter(({ id }) => id !== draft.id)} .besides=${[['0', text.none]]} .value=${String(draft.parent)} @chosen=${(event: CustomEvent<string>) => set({ parent: Number(event.detail) })}></unit-search>
      <label class="field"><span>${text.people.division}</span><input name="division" inputmode="numeric" placeholder=${text.people.divisionHint} .value=${draft.division} @input=${(event: Event) => set({ division: typed(event).trim() })} /></label>
      <p class="acts">
        <button type="submit" class="main">${text.people.save}</button>
        <button type="button" class="plain" @click=${() => { this.draft = null; this.problem = null; }}>${text.people.cancel}</button>
        ${draft.id !== null && chosen ? html`<button type="button" class="plain danger" @click=${() => void this.retire(chosen)}>${text.people.unitRetire}</button>` : nothing}
      </p>
    </form>`;
  }

  private async save(): Promise<void> {
    const { draft } = this;
    if (!draft) return;
    const { id, ...edit } = draft;
    this.problem = null;
    try {
      await this.app.roster.saveUnit(id, edit);
      this.draft = null;
    } catch (problem) {
      this.problem = problem;
    }
  }

  private async retire(unit: Unit): Promise<void> {
    this.problem = null;
    try {
      await this.app.roster.retireUnit(unit);
      this.draft = null;
    } catch (problem) {
      this.problem = problem;
    }
  }
}

customElements.define('unit-tree', UnitTree);
