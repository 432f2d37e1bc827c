import { html, nothing, type TemplateResult } from 'lit';
import { Task } from '@lit/task';
import { Panel } from '../panels/panel';
import type { Deed } from './form';
import { handover, timeline } from './history';
import { day } from '../language/time';
import { staff, vacancies, type Assignment, type Leave, type Staff, type Vacancy } from './requests';
import './alarms';
import './form';
import './questions';
import './roster';

/** Who holds what in a cell, now, before and to come; and what may be done about it. Tells the event "staffed" when something was. */
export class CellStaffing extends Panel {
  static override properties = { ...Panel.properties, cell: { attribute: false }, parts: { attribute: false }, deed: { state: true }, below: { state: true }, succession: { state: true } };

  declare cell: string;
  /** Whether the cell has children. */
  declare parts: boolean;
  declare deed: Deed | null;
  /** Whether the vacancies below were unfolded. */
  declare below: boolean;
  declare succession: boolean;

  private readonly staff = new Task(this, {
    task: ([cell]: readonly [string], { signal }) => staff(this.app.service, cell, signal),
    args: () => [this.cell] as const,
  });

  private readonly vacant = new Task(this, {
    task: async ([cell, below]: readonly [string, boolean], { signal }) => (below ? vacancies(this.app.service, cell, signal) : null),
    args: () => [this.cell, this.below] as const,
  });

  constructor() {
    super();
    Object.assign(this, { cell: '', parts: false, deed: null, below: false, succession: false });
  }

  protected override render(): unknown {
    return this.outcome(this.staff, (known) => (known ? this.show(known) : nothing));
  }

  private show(known: Staff): TemplateResult {
    const { text } = this;
    const words = text.staff;
    const now = Date.now();
    const holding = known.assignments.filter(({ from, to }) => Date.parse(from) <= now && (!to || Date.parse(to) > now));
    const planned = known.assignments.filter(({ from }) => Date.parse(from) > now);
    return html`<section class="staffing">
      <h3>${words.heading} ${known.edits ? html`<button type="button" class="link" data-deed="assign" @click=${() => (this.deed = { kind: 'assign' })}>${words.assign}</button>` : nothing}</h3>
      ${this.app.may('duty.read') ? html`<cell-alarms .app=${this.app} .stats=${this.stats} .cell=${this.cell}></cell-alarms>` : nothing}
      ${holding.length ? html`<ul class="leaders">${holding.map((one) => this.holder(one, known))}</ul>` : html`<p class="hint">${words.nobody}</p>`}
      ${planned.length ? html`<h4>${words.planned}</h4><ul class="leaders">${planned.map((one) => this.holder(one, known))}</ul>` : nothing}
      ${known.assignments.length ? html`<details><summary>${words.history}</summary>${timeline(text, known.assignments.map((one) => ({ ...one, what: html`${this.place(one, known)} <b>${one.name}</b>` })))}</details>` : nothing}
      ${known.handovers.length ? html`<details><summary>${words.handovers} <b>${known.handovers.length}</b></summary><ul>${known.handovers.map((one) => handover(text, one))}</ul></details>` : nothing}
      <cell-questions .app=${this.app} .stats=${this.stats} .cell=${this.cell} .roles=${known.roles} .edits=${known.edits} @staffed=${this.staffed}></cell-questions>
      ${this.parts ? html`
        <details @toggle=${(event: Event) => (this.below = (event.target as HTMLDetailsElement).open)}><summary data-deed="vacancies">${words.vacantBelow}</summary>
          ${this.outcome(this.vacant, (list) => (list ? html`<p class="tally">${words.vacancies(list.matched)}</p><ul class="leaders">${list.vacancies.map((one) => this.vacancy(one))}</ul>` : nothing))}
        </details>
        ${known.edits ? html`<p><button type="button" class="plain" data-deed="roster" @click=${() => (this.succession = true)}>${words.roster}</button></p>` : nothing}` : nothing}
      ${this.deed ? html`<staff-form .app=${this.app} .stats=${this.stats} .staff=${known} .deed=${this.deed} @staffed=${this.staffed} @closed=${() => (this.deed = null)}></staff-form>` : nothing}
      ${this.succession ? html`<roster-dialogue .app=${this.app} .stats=${this.stats} .cell=${this.cell} @staffed=${this.staffed} @closed=${() => (this.succession = false)}></roster-dialogue>` : nothing}
    </section>`;
  }

  private holder(one: Assignment, known: Staff): TemplateResult {
    const words = this.text.staff;
    const leave = known.leaves.find(({ person }) => person === one.person);
    const coming = Date.parse(one.from) > Date.now();
    return html`<li data-assignment=${one.id}>
      <span>${this.place(one, known)}</span>
      <span>${one.name}<small>${one.post}</small><small>${words.since(day(this.text, one.from))} ${one.to ? words.until(day(this.text, one.to)) : nothing}</small>
        ${leave && !coming ? html`<em class="stamp">${words.away(leave.stand_in_name, leave.to ? day(this.text, leave.to) : '')}</em>` : nothing}
        ${known.edits ? html`<small class="deeds">
          <button type="button" class="link" data-deed="handover" @click=${() => (this.deed = { kind: 'handover', of: one })}>${words.handover}</button>
          <button type="button" class="link" data-deed="end" @click=${() => (this.deed = { kind: 'end', of: one })}>${words.end}</button>
          ${coming ? nothing : leave
            ? html`<button type="button" class="link" data-deed="back" @click=${() => this.back(leave)}>${words.endLeave}</button>`
            : html`<button type="button" class="link" data-deed="leave" @click=${() => (this.deed = { kind: 'leave', of: one })}>${words.leave}</button>`}
        </small>` : nothing}</span>
    </li>`;
  }

  private place({ role, layer }: Assignment, { roles }: Staff): string {
    const name = roles.find(({ code }) => code === role)?.name[this.app.address.language] ?? role;
    const of = this.stats.layers.find((one) => one.layer === layer);
    return of ? `${name} ${this.layerName(of)}` : name;
  }

  private vacancy(one: Vacancy): TemplateResult {
    const words = this.text.staff;
    return html`<li>
      <span><button type="button" class="link" @click=${() => this.app.visit(one.cell)}>${one.cell_name}</button></span>
      <span>${words.vacantSince(day(this.text, one.since))}
        ${one.stand_in_name && one.up ? html`<small class=${one.far ? 'warn' : ''}>${words.actingUp(one.stand_in_name, one.up)}</small>` : nothing}
        ${one.next_name && one.next_from ? html`<small>${words.next(one.next_name, day(this.text, one.next_from))}</small>` : nothing}</span>
    </li>`;
  }

  private async back(leave: Leave): Promise<void> {
    await this.app.service.send('POST', `/v1/leaves/${leave.id}/end`, {});
    this.staffed();
  }

  private readonly staffed = (): void => {
    void this.staff.run();
    if (this.below) void this.vacant.run();
    this.dispatchEvent(new CustomEvent('staffed'));
  };
}

customElements.define('cell-staffing', CellStaffing);
