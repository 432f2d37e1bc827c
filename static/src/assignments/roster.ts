import { html, nothing, type TemplateResult } from 'lit';
import { refusal, Panel } from '../panels/panel';
import { save } from '../save';
import { roster, type RosterReport } from './requests';
import { entered } from '../language/time';

/** Replaces the roster of a cell and all below it by a workbook, after a preview; when it did, closing tells the event "staffed". */
export class RosterDialogue extends Panel {
  static override properties = {
    ...Panel.properties, cell: { attribute: false }, file: { state: true }, at: { state: true }, report: { state: true }, busy: { state: true }, problem: { state: true },
  };

  declare cell: string;
  declare file: File | null;
  /** As the field of date and time has it. */
  declare at: string;
  declare report: RosterReport | null;
  declare busy: boolean;
  declare problem: unknown;

  constructor() {
    super();
    Object.assign(this, { cell: '', file: null, at: '', report: null, busy: false, problem: null });
  }

  protected override firstUpdated(): void {
    this.querySelector('dialog')?.showModal();
  }

  protected override render(): TemplateResult {
    const { report } = this;
    const words = this.text.staff;
    return html`<dialog class="export staff" aria-labelledby="roster-heading" @close=${this.closed}>
      <h2 id="roster-heading">${words.roster}</h2>
      <p class="hint">${words.rosterHint} <button type="button" class="link" @click=${this.template}>${words.template}</button></p>
      <form @submit=${(event: Event) => { event.preventDefault(); void this.send(true); }}>
        <label class="field"><span>${words.file}</span><input type="file" name="roster" accept=".xlsx,.csv" required @change=${this.choose} /></label>
        <label class="field"><span>${words.from}</span><input type="datetime-local" name="at" required .value=${this.at} @change=${this.when} /></label>
        ${this.problem ? refusal(this.text, this.problem, () => (this.problem = null)) : nothing}
        ${report ? this.show(report) : nothing}
        <p class="pair">
          <button type="submit" class="plain" ?disabled=${this.busy}>${words.preview}</button>
          ${report?.preview && !report.errors ? html`<button type="button" class="main" name="apply" ?disabled=${this.busy} @click=${() => this.send(false)}>${words.apply}</button>` : nothing}
          <button type="button" class="plain" @click=${() => this.querySelector('dialog')?.close()}>${report && !report.preview ? this.text.close : words.cancel}</button>
          <span role="status">${report && !report.preview ? words.applied : nothing}</span>
        </p>
      </form>
    </dialog>`;
  }

  private show({ succession, errors, findings }: RosterReport): TemplateResult {
    const words = this.text.staff;
    const part = (name: 'joins' | 'leaves' | 'stays', label: string): TemplateResult => html`<details open data-part=${name}>
      <summary><span>${label}</span><b>${succession[name].length}</b></summary>
      <ul>${succession[name].map((one) => html`<li>${one.name} <small>
        ${one.before.map(({ cell_name, post }) => `${cell_name} ${post}`).join('、')}
        ${name === 'leaves' ? nothing : `→ ${one.after.map(({ cell_name, post }) => `${cell_name} ${post}`).join('、')}`}
      </small></li>`)}</ul>
    </details>`;
    return html`
      ${errors ? html`<p class="warn">${words.errors(errors)}</p>` : nothing}
      ${findings.length ? html`<ul>${findings.slice(0, 50).map((each) => html`<li>${words.row(each.row)}: ${each.value} ${each.message}</li>`)}</ul>` : nothing}
      ${part('joins', words.joins)}${part('leaves', words.leaves)}${part('stays', words.stays)}
      ${succession.vacant ? html`<p class="warn">${words.vacantAfter(succession.vacant)}</p>` : nothing}`;
  }

  private readonly closed = (): void => {
    this.dispatchEvent(new CustomEvent('closed'));
    if (this.report && !this.report.preview) this.dispatchEvent(new CustomEvent('staffed'));
  };

  private readonly choose = (event: Event): void => {
    this.file = (event.target as HTMLInputElement).files?.[0] ?? null;
    this.report = null;
  };

  private readonly when = (event: Event): void => {
    this.at = (event.target as HTMLInputElement).value;
    this.report = null;
  };

  private readonly template = async (): Promise<void> => {
    try {
      await save(this.app.service, `/v1/import-templates/assignments?cell=${encodeURIComponent(this.cell)}`);
    } catch (problem) {
      this.problem = problem;
    }
  };

  private async send(preview: boolean): Promise<void> {
    if (!this.file || !this.at) return;
    this.busy = true;
    this.problem = null;
    try {
      this.report = await roster(this.app.service, this.cell, entered(this.at), this.file, preview);
    } catch (problem) {
      this.problem = problem;
    } finally {
      this.busy = false;
    }
  }
}

customElements.define('roster-dialogue', RosterDialogue);
