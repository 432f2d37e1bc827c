import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { choices } from '../panels/choices';
import { failure, RosterPanel } from '../panels/panel';
import { number } from '../language/text';
import { Problem } from '../service';
import type { Person, PersonEdit } from './roster';
import './unit-search';
import './form';

/** The roster in place of the map: a table of people, changes of many at once, the form of one. */
export class PeopleBoard extends RosterPanel {
  static override properties = { ...RosterPanel.properties, unit: { state: true }, layer: { state: true }, busy: { state: true }, trouble: { state: true } };

  /** What a change of many gives: a unit, a layer at home; "" stays as it is. */
  declare unit: string;
  declare layer: string;
  declare busy: boolean;
  declare trouble: unknown;

  constructor() {
    super();
    Object.assign(this, { unit: '', layer: '', busy: false, trouble: null });
  }

  protected override render(): TemplateResult {
    const { text } = this;
    const { roster, address } = this.app;
    const { people, chosen } = roster;
    const all = people.length > 0 && chosen.size === people.length;
    return html`
      <div class="team">
        ${chosen.size && this.app.may('people.edit') ? this.many(chosen.size) : html`<p class="banded hint" role="status">${roster.done || text.people.tableHint}</p>`}
        ${roster.problem ? failure(text, roster.problem, () => void roster.read()) : nothing}
        <div class="scroll" tabindex="0" role="region" aria-label=${text.people.heading}>
          <table class="rows people">
            <thead><tr>
              <th class="pick"><input type="checkbox" aria-label=${text.people.chooseAll} .checked=${live(all)} .indeterminate=${live(chosen.size > 0 && !all)} @change=${(event: Event) => roster.chooseAll((event.target as HTMLInputElement).checked)} /></th>
              <th>${text.people.columns.name}</th><th>${text.people.columns.unit}</th><th>${text.people.columns.posts}</th><th>${text.people.columns.layers}</th><th>${text.people.columns.phone}</th><th>${text.people.columns.cells}</th>
            </tr></thead>
            <tbody>${people.map((person) => this.row(person, address.people.person === person.id))}</tbody>
          </table>
          ${!people.length && !roster.loading && !roster.problem ? html`<p class="empty hint">${text.people.nobody}</p>` : nothing}
          ${roster.next !== null ? html`<p class="empty"><button type="button" class="plain" name="more" ?disabled=${roster.loading} @click=${() => void roster.more()}>${text.people.more(number(text, roster.matched - people.length))}</button></p>` : nothing}
        </div>
      </div>
      ${address.people.person !== null ? html`<person-form .app=${this.app} .stats=${this.stats}></person-form>` : nothing}`;
  }

  private row(person: Person, open: boolean): TemplateResult {
    const { text } = this;
    const { roster } = this.app;
    const now = person.posts.filter(({ state }) => state === 'current');
    return html`<tr data-person=${person.id} aria-current=${open ? 'true' : nothing}>
      <td class="pick"><input type="checkbox" aria-label=${text.people.choose(person.name)} .checked=${live(roster.chosen.has(person.id))} @change=${(event: Event) => roster.choose(person.id, (event.target as HTMLInputElement).checked)} /></td>
      <th scope="row"><button type="button" @click=${() => roster.ask({ person: open ? null : person.id })}>${person.name}</button><code>${person.staff_no}</code></th>
      <td>${person.unit_label || html`<span class="hint">${text.none}</span>`}</td>
      <td>${now.map((post) => html`<span class="post">${post.unit === person.unit || !post.unit_label ? nothing : html`<small>${post.unit_label}</small> `}${post.title}${post.side ? html` <i class="side">${text.people.sides[post.side]}</i>` : nothing}</span>`)}</td>
      <td>${person.layers.map(({ layer, home }) => html`<span class="layer ${home ? 'home' : ''}" title=${home ? text.people.home : text.people.supported}>${this.named(layer)}</span>`)}</td>
      <td class="numeric">${person.phone_masked}</td>
      <td class="numeric">${person.cell_count || html`<span class="hint">0</span>`}</td>
    </tr>`;
  }

  /** What a layer of this code is called. */
  private named(code: string): string {
    const layer = this.stats.layers.find((one) => one.layer === code);
    return layer ? this.layerName(layer) : code;
  }

  private many(count: number): TemplateResult {
    const { text, stats } = this;
    const { roster } = this.app;
    return html`<form class="banded many" aria-label=${text.people.many(number(text, count))} @submit=${(event: Event) => { event.preventDefault(); void this.save(); }}>
      <strong role="status">${text.people.many(number(text, count))}</strong>
      <unit-search .app=${this.app} .stats=${this.stats} .label=${text.people.setUnit} .name=${'set-unit'} .units=${roster.units} .besides=${[['', text.people.asItIs], ['0', text.people.noUnit]]} .value=${this.unit} @chosen=${(event: CustomEvent<string>) => (this.unit = event.detail)}></unit-search>
      ${choices('set-layer', text.people.setLayer, '', [['', text.people.asItIs], ...stats.layers.map((one) => [one.layer, this.layerName(one)] as const)], this.layer, (layer) => (this.layer = layer))}
      <button type="submit" class="main" ?disabled=${this.busy || (!this.unit && !this.layer)}>${text.people.apply}</button>
      <button type="button" class="plain" @click=${() => roster.chooseAll(false)}>${text.people.cancel}</button>
      ${this.trouble ? this.refused(this.trouble) : nothing}
    </form>`;
  }

  /** Names each person who kept the others from being changed. */
  private refused(trouble: unknown): TemplateResult {
    const { text } = this;
    if (!(trouble instanceof Problem) || !trouble.refused.length) return failure(text, trouble, () => void this.save());
    const names = new Map(this.app.roster.people.map(({ id, name }) => [id, name]));
    return html`<div class="failure" role="alert"><strong>${trouble.message}</strong>
      <ul>${trouble.refused.map(({ id, message }) => html`<li>${names.get(id) ?? id}: ${message}</li>`)}</ul>
      <button type="button" class="plain" @click=${() => { this.trouble = null; void this.app.roster.read(); }}>${text.people.reread}</button></div>`;
  }

  private async save(): Promise<void> {
    const { unit, layer, text } = this;
    this.busy = true;
    this.trouble = null;
    try {
      const count = await this.app.roster.saveChosen((person): PersonEdit => ({
        ...(unit ? { unit: Number(unit) } : {}),
        ...(layer ? { layers: [{ layer, home: true }, ...person.layers.filter((one) => one.layer !== layer && !one.home)] } : {}),
      }));
      Object.assign(this, { unit: '', layer: '' });
      this.app.roster.said(text.people.changed(number(text, count)));
    } catch (trouble) {
      this.trouble = trouble;
    }
    this.busy = false;
  }
}

customElements.define('people-board', PeopleBoard);
