import { html, nothing, type TemplateResult } from 'lit';
import { Task } from '@lit/task';
import { bytes } from '../language/text';
import { instant } from '../language/time';
import { sendScan } from '../editions/scan';
import { refusal, Panel } from '../panels/panel';
import type { Schemas } from '../service';

type Decision = Schemas['Decision'];

/** By which document the draft is issued: number (文号), date and scan. */
export class DraftDecision extends Panel {
  static override properties = { ...Panel.properties, busy: { state: true }, problem: { state: true }, sent: { state: true } };

  declare busy: boolean;
  declare problem: unknown;
  /** How much of the scan has arrived. */
  declare sent: number;

  private readonly decision = new Task(this, {
    task: async ([edition]: readonly [number | undefined], { signal }) =>
      edition ? this.app.service.find<Decision>(`/v1/editions/${edition}/decision`, signal) : null,
    args: () => [this.app.editor.draft?.edition] as const,
  });

  constructor() {
    super();
    Object.assign(this, { busy: false, problem: null, sent: 0 });
  }

  protected override render(): unknown {
    const { text } = this;
    return this.kept(this.decision, (decision) => html`
      <h2>${text.merge.decided.heading}</h2>
      ${decision ? html`<p><b>${decision.document_no}</b> ${decision.date}${decision.scan ? html` · ${decision.scan.name} (${bytes(text, decision.scan.size)})` : nothing}</p>
        <p class="hint">${text.merge.by(decision.by, instant(text, decision.at))}</p>` : html`<p class="hint">${text.merge.decided.none}</p>`}
      ${this.app.may('draft.publish') ? this.form(decision) : nothing}
      ${this.problem ? refusal(text, this.problem, () => (this.problem = null)) : nothing}`);
  }

  private form(decision: Decision | null): TemplateResult {
    const { text } = this;
    const { decided } = text.merge;
    return html`<form class="fields" @submit=${this.record}>
      <label class="field"><span>${decided.number}</span><input type="text" name="document_no" required maxlength="100" placeholder=${decided.numberHint} .value=${decision?.document_no ?? ''} /></label>
      <label class="field"><span>${decided.date}</span><input type="date" name="date" required .value=${decision?.date ?? ''} /></label>
      <label class="field"><span>${decided.scan}</span><input type="file" name="scan" accept=".pdf,.jpg,.jpeg,.png" /></label>
      <p class="pair"><button type="submit" class="plain" ?disabled=${this.busy}>${decided.record}</button>
        ${this.busy && this.sent ? html`<span class="hint" role="status">${bytes(text, this.sent)}</span>` : nothing}</p>
    </form>`;
  }

  private async record(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const file = form.get('scan');
    this.busy = true;
    this.problem = null;
    try {
      const upload = file instanceof File && file.size ? await sendScan(this.app, file, (sent) => (this.sent = sent)) : null;
      await this.app.service.send('PUT', '/v1/draft/decision', { document_no: String(form.get('document_no')).trim(), date: String(form.get('date')), ...(upload ? { upload } : {}) });
      await this.decision.run();
      this.dispatchEvent(new CustomEvent('recorded'));
    } catch (problem) {
      this.problem = problem;
    }
    this.busy = false;
  }
}

customElements.define('draft-decision', DraftDecision);
