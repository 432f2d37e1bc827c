import { html, nothing, type TemplateResult } from 'lit';
import { Task } from '@lit/task';
import { refusal, Panel } from '../panels/panel';
import { Problem, type Schemas } from '../service';
import type { Place } from './list';
import '../people/unit-search';
import './search';
import { entered } from '../language/time';

/** Gives a cell to another to administer, by its cell or a unit. Tells the events "recorded" and "closed". */
export class AdministrationForm extends Panel {
  static override properties = {
    ...Panel.properties, cell: { attribute: false }, given: { state: true }, by: { state: true }, unit: { state: true }, busy: { state: true }, problem: { state: true },
  };

  /** The cell that is given; null: it is chosen here. */
  declare cell: Place | null;
  declare given: Place | null;
  declare by: Place | null;
  declare unit: string;
  declare busy: boolean;
  declare problem: unknown;

  private readonly units = new Task(this, {
    task: async (_, { signal }) => (await this.app.service.get<Schemas['Units']>('/v1/units', signal)).units,
    args: () => [],
  });

  constructor() {
    super();
    Object.assign(this, { cell: null, given: null, by: null, unit: '', busy: false, problem: null });
  }

  protected override render(): TemplateResult {
    const { text } = this;
    const words = text.staff.entrusted;
    const time = (name: string, label: string): TemplateResult => html`<label class="field"><span>${label}</span><input type="datetime-local" name=${name} /></label>`;
    return html`<form class="entrust-form" @submit=${this.submit}>
      ${this.cell ? nothing : html`<cell-search .app=${this.app} .stats=${this.stats} .label=${words.cell} .name=${'entrusted'} @chosen=${(event: CustomEvent<Place>) => (this.given = event.detail)}></cell-search>`}
      <cell-search .app=${this.app} .stats=${this.stats} .label=${words.manager} .name=${'manager'} @chosen=${(event: CustomEvent<Place>) => (this.by = event.detail)}></cell-search>
      <unit-search .app=${this.app} .stats=${this.stats} .label=${words.unit} .units=${this.units.value ?? []} .besides=${[['', words.noUnit]]} .value=${this.unit} @chosen=${(event: CustomEvent<string>) => (this.unit = event.detail)}></unit-search>
      ${this.unit && !this.by ? html`<p class="hint">${words.managerHint}</p>` : nothing}
      ${time('from', text.staff.fromNow)}${time('to', text.staff.to)}
      <label class="field"><span>${words.reason}</span><input type="text" name="reason" maxlength="500" /></label>
      ${this.problem ? refusal(text, this.problem, () => (this.problem = null)) : nothing}
      <p class="pair"><button type="submit" class="main" name="entrust-save" ?disabled=${this.busy}>${text.staff.confirm}</button>
        <button type="button" class="plain" @click=${() => this.dispatchEvent(new CustomEvent('closed'))}>${text.staff.cancel}</button></p>
    </form>`;
  }

  private readonly submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const words = this.text.staff.entrusted;
    const form = new FormData(event.target as HTMLFormElement);
    const value = (name: string): string | undefined => String(form.get(name) ?? '').trim() || undefined;
    const time = (name: string): string | undefined => {
      const local = value(name);
      return local && entered(local);
    };
    const cell = this.cell ?? this.given;
    this.problem = cell ? (this.by || this.unit ? null : new Problem(0, words.chooseBy)) : new Problem(0, words.chooseCell);
    if (this.problem || !cell) return;
    this.busy = true;
    try {
      await this.app.service.send('POST', '/v1/administrations', {
        cell: cell.code, by: this.by?.code, unit: this.unit ? Number(this.unit) : undefined, from: time('from'), to: time('to'), reason: value('reason'),
      });
      this.dispatchEvent(new CustomEvent('recorded'));
    } catch (problem) {
      this.problem = problem;
    }
    this.busy = false;
  };
}

customElements.define('administration-form', AdministrationForm);
