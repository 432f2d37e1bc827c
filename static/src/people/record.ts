import { html, nothing, type TemplateResult } from 'lit';
import { Task } from '@lit/task';
import { handover, timeline } from '../assignments/history';
import { day } from '../language/time';
import { number } from '../language/text';
import { Panel } from '../panels/panel';
import type { Schemas } from '../service';

type Held = Schemas['Assignment'];
type Away = Schemas['Leave'];

/** All that was ever known of what a person holds and held (履历); tells the event "closed". */
export class PersonRecord extends Panel {
  static override properties = { ...Panel.properties, person: { attribute: false } };

  declare person: number;

  private readonly record = new Task(this, {
    task: ([person]: readonly [number], { signal }) => this.app.service.get<Schemas['PersonRecord']>(`/v1/people/${person}/record`, signal),
    args: () => [this.person] as const,
  });

  constructor() {
    super();
    this.person = 0;
  }

  protected override firstUpdated(): void {
    this.querySelector('dialog')?.showModal();
  }

  protected override render(): TemplateResult {
    const { text } = this;
    return html`<dialog class="export record" aria-label=${text.people.record} @close=${() => this.dispatchEvent(new CustomEvent('closed'))}>
      <button type="button" class="plain shut" @click=${() => this.querySelector('dialog')?.close()}>${text.close}</button>
      ${this.outcome(this.record, (record) => this.show(record))}
    </dialog>`;
  }

  private show(record: Schemas['PersonRecord']): TemplateResult {
    const { text } = this;
    const words = text.people;
    const part = (title: string, list: readonly unknown[], body: () => unknown, open = true): TemplateResult | typeof nothing =>
      list.length ? html`<details ?open=${open}><summary><h3>${title} <small>${number(text, list.length)}</small></h3></summary>${body()}</details>` : nothing;
    return html`
      <h2>${words.recordOf(record.name)}</h2>
      <p class="hint">${[record.staff_no, record.unit, record.post].filter(Boolean).join(' · ')}</p>
      ${record.assignments.length + record.before.length + record.leaves.length + record.acted.length ? nothing : html`<p class="hint">${words.recordEmpty}</p>`}
      ${part(words.recordCells, record.cells, () => html`<table class="rows"><tbody>${record.cells.map((one) => html`<tr>
        <th scope="row"><button type="button" class="link" @click=${() => this.app.go({ mode: 'read', cell: one.cell, spot: null, people: { ...this.app.address.people, record: false } }, 'cell')}>${one.cell_name}</button></th>
        <td>${one.now ? words.recordNow : nothing}</td><td class="numeric">${one.days === null ? nothing : words.days(number(text, Math.floor(one.days)))}</td></tr>`)}</tbody></table>`)}
      ${part(words.recordAssignments, record.assignments, () => timeline(text, record.assignments.map((one) => ({ ...one, what: this.what(one) }))))}
      ${part(words.recordHandovers, record.handovers, () => html`<ul>${record.handovers.map((one) => handover(text, one, true))}</ul>`)}
      ${part(words.recordLeaves, record.leaves, () => html`<ul>${record.leaves.map((one) => this.leave(one, words.stoodIn(one.stand_in_name)))}</ul>`)}
      ${part(words.recordActed, record.acted, () => html`<ul>${record.acted.map((one) => this.leave(one, words.actedFor(one.name)))}</ul>`)}
      ${part(words.recordBefore, record.before, () => html`<p class="hint">${words.recordBeforeHint}</p>
        <ul>${record.before.map((one) => html`<li>${this.what(one)} <small>${text.staff.since(day(text, one.from))} ${one.to ? text.staff.until(day(text, one.to)) : nothing}
          · ${words.knownUntil(one.known_until ? day(text, one.known_until) : '', one.recorded_by)}</small></li>`)}</ul>`, false)}`;
  }

  private what({ cell_name, role, layer, post }: Held): TemplateResult {
    const of = this.stats.layers.find((one) => one.layer === layer);
    return html`${cell_name} <b>${this.text.people.roles[role] ?? role}${of ? ` ${this.layerName(of)}` : nothing}</b> ${post}`;
  }

  private leave({ from, to, reason }: Away, who: string): TemplateResult {
    const { text } = this;
    return html`<li>${text.staff.since(day(text, from))} ${to ? text.staff.until(day(text, to)) : nothing} ${who} ${reason}</li>`;
  }
}

customElements.define('person-record', PersonRecord);
