import { html, nothing, type TemplateResult } from 'lit';
import { choices } from '../panels/choices';
import { refusal, Panel } from '../panels/panel';
import { Problem } from '../service';
import type { Assignment, Person, Staff } from './requests';
import './search';
import { entered } from '../language/time';

/** What is to be done: somebody named, or something done with an assignment. */
export type Deed = { kind: 'assign' } | { kind: 'handover' | 'end' | 'leave'; of: Assignment };

/** The dialogue that assigns, hands over, ends or records a leave; tells the event "staffed" when it did. */
export class StaffForm extends Panel {
  static override properties = {
    ...Panel.properties, staff: { attribute: false }, deed: { attribute: false }, person: { state: true }, role: { state: true }, layer: { state: true },
    busy: { state: true }, problem: { state: true },
  };

  declare staff: Staff;
  declare deed: Deed;
  declare person: Person | null;
  declare role: string;
  declare layer: string;
  declare busy: boolean;
  declare problem: unknown;

  constructor() {
    super();
    Object.assign(this, { person: null, role: 'accountable', layer: '', busy: false, problem: null });
  }

  protected override firstUpdated(): void {
    this.querySelector('dialog')?.showModal();
  }

  protected override render(): TemplateResult {
    const { text, deed } = this;
    const words = text.staff;
    const title = { assign: words.assign, handover: words.handover, end: words.end, leave: words.leave }[deed.kind];
    return html`<dialog class="export staff" aria-labelledby="staff-heading" @close=${() => this.dispatchEvent(new CustomEvent('closed'))}>
      <h2 id="staff-heading">${title}</h2>
      ${deed.kind === 'assign' ? nothing : html`<p class="hint">${deed.of.cell_name} · ${this.roleName(deed.of.role)} · ${deed.of.name} ${deed.of.post}</p>`}
      <form @submit=${this.submit}>
        ${deed.kind === 'assign' ? this.place() : nothing}
        ${deed.kind === 'end' ? nothing : html`<person-search .app=${this.app} .stats=${this.stats}
          .label=${deed.kind === 'handover' ? words.successor : deed.kind === 'leave' ? words.standIn : words.person}
          @chosen=${(event: CustomEvent<Person>) => (this.person = event.detail)}></person-search>`}
        ${deed.kind === 'assign' || deed.kind === 'leave' ? html`${this.time('from', words.fromNow)}${this.time('to', words.to)}` : this.time('at', words.at)}
        ${deed.kind === 'assign' ? this.line('post', words.post) : nothing}
        ${this.line('note', deed.kind === 'handover' ? words.note : words.reason)}
        ${this.trouble()}
        <p class="pair">
          <button type="submit" class="main" ?disabled=${this.busy}>${words.confirm}</button>
          <button type="button" class="plain" @click=${() => this.querySelector('dialog')?.close()}>${words.cancel}</button>
        </p>
      </form>
    </dialog>`;
  }

  private place(): TemplateResult {
    const { text, staff } = this;
    const role = staff.roles.find(({ code }) => code === this.role);
    return html`
      ${choices('role', text.staff.role, '', staff.roles.map(({ code }) => [code, this.roleName(code)] as const), this.role, (value) => Object.assign(this, { role: value, layer: '' }))}
      ${role && role.layers !== 'all'
        ? choices('layer', text.staff.layer, role.layers === 'one' ? text.staff.layer : text.export.everyLayer,
          this.stats.layers.map((layer) => [layer.layer, this.layerName(layer)] as const), this.layer, (value) => (this.layer = value))
        : nothing}`;
  }

  private roleName(code: string): string {
    const role = this.staff.roles.find((one) => one.code === code);
    return role?.name[this.app.address.language] ?? code;
  }

  private time(name: string, label: string): TemplateResult {
    return html`<label class="field"><span>${label}</span><input type="datetime-local" name=${name} /></label>`;
  }

  private line(name: string, label: string): TemplateResult {
    return html`<label class="field"><span>${label}</span><input type="text" name=${name} maxlength="200" /></label>`;
  }

  /** What was refused; where somebody was quicker, who holds it now. */
  private trouble(): unknown {
    const { problem, text } = this;
    if (!problem) return nothing;
    const holders = problem instanceof Problem ? problem.holders : [];
    return html`${refusal(text, problem, () => (this.problem = null))}
      ${holders.length ? html`<p class="hint">${text.staff.changed}</p><ul>${holders.map((one) => html`<li><b>${one.name}</b> ${this.roleName(one.role)}</li>`)}</ul>` : nothing}`;
  }

  private readonly submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const { deed, person, staff } = this;
    const said = new FormData(event.target as HTMLFormElement);
    const value = (name: string): string | undefined => (said.get(name) as string | null)?.trim() || undefined;
    const time = (name: string): string | undefined => {
      const local = value(name);
      return local ? entered(local) : undefined;
    };
    if (deed.kind !== 'end' && !person) {
      this.problem = new Problem(0, this.text.staff.choose);
      return;
    }
    this.busy = true;
    this.problem = null;
    try {
      const { service } = this.app;
      switch (deed.kind) {
        case 'assign':
          await service.send('POST', '/v1/assignments', {
            cell: staff.cell, person: person?.id, role: this.role, layer: this.layer || undefined, from: time('from'), to: time('to'), post: value('post'), reason: value('note'),
          });
          break;
        case 'handover':
          await service.send('POST', `/v1/assignments/${deed.of.id}/handover`, { from: deed.of.person, to: person?.id, at: time('at'), note: value('note') });
          break;
        case 'end':
          await service.send('POST', `/v1/assignments/${deed.of.id}/end`, { at: time('at'), reason: value('note') });
          break;
        case 'leave':
          await service.send('POST', '/v1/leaves', { person: deed.of.person, stand_in: person?.id, from: time('from'), to: time('to'), reason: value('note') });
      }
      this.dispatchEvent(new CustomEvent('staffed'));
      this.querySelector('dialog')?.close();
    } catch (problem) {
      this.problem = problem;
    } finally {
      this.busy = false;
    }
  };
}

customElements.define('staff-form', StaffForm);
