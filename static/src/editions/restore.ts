import { html, nothing, type TemplateResult } from 'lit';
import { Task } from '@lit/task';
import { bytes } from '../language/text';
import { refusal, Panel } from '../panels/panel';
import type { Schemas } from '../service';
import { sendScan } from './scan';

/** Publishes an earlier edition anew (rollback): why, by which document, and once more whether one is sure. Stands above what it would change. */
export class EditionRestore extends Panel {
  static override properties = {
    ...Panel.properties, of: { attribute: false }, newest: { attribute: false }, draft: { attribute: false }, same: { attribute: false }, moves: { state: true },
    sure: { state: true }, busy: { state: true }, problem: { state: true }, sent: { state: true },
  };

  /** The edition that is to be in force again. */
  declare of: number;
  declare newest: number;
  /** Whether a draft is open: then nothing can be restored. */
  declare draft: boolean;
  /** Whether it is known that nothing would change. */
  declare same: boolean;
  /** Whether locked or disputed boundaries may move. */
  declare moves: boolean;
  /** What is to be sent, once it is confirmed. */
  declare sure: FormData | null;
  declare busy: boolean;
  declare problem: unknown;
  /** How much of the scan has arrived. */
  declare sent: number;

  /** What publishing asks for. */
  private readonly settings = new Task(this, {
    task: (_, { signal }) => this.app.service.get<Schemas['PublicationSettings']>('/v1/publication-settings', signal),
    args: () => [],
  });

  constructor() {
    super();
    Object.assign(this, { of: 0, newest: 0, draft: false, same: false, moves: false, sure: null, busy: false, problem: null, sent: 0 });
  }

  protected override render(): TemplateResult {
    const { text } = this;
    const words = text.editions.back;
    const { from } = this.app.address;
    return html`<section class="restoring">
      <p class="hint">${words.preview(text.edition(from ?? this.newest), text.edition(this.of))}</p>
      <p><button type="button" class="link" name="restore-leave" @click=${() => this.app.go({ mode: 'read', room: 'overview', from: null, to: null })}>${words.leave}</button></p>
      ${!this.app.may('draft.publish') || from !== this.newest || this.same ? nothing
        : this.draft ? html`<p class="warn">${words.draftOpen}</p>`
        : this.outcome(this.settings, (settings) => this.form(settings))}
    </section>`;
  }

  private form({ decision, scan }: Schemas['PublicationSettings']): TemplateResult {
    const { text } = this;
    const words = text.editions.back;
    const [next, of] = [text.edition(this.newest + 1), text.edition(this.of)];
    return html`<form @submit=${this.ask} @input=${() => (this.sure = null)}>
      <p>${words.effect(next, of)}</p>
      <label class="field"><span>${words.reason}</span><input type="text" name="reason" required maxlength="1000" /></label>
      <details class="kind" ?open=${decision || scan}><summary><span>${words.paper}</span></summary>
        ${decision || scan ? html`<p class="hint">${words.paperWanted}</p>` : nothing}
        <label class="field"><span>${words.number}</span><input type="text" name="document_no" maxlength="100" ?required=${decision || scan} /></label>
        <label class="field"><span>${words.date}</span><input type="date" name="date" ?required=${decision || scan} /></label>
        <label class="field"><span>${words.scan}</span><input type="file" name="scan" accept=".pdf,.jpg,.jpeg,.png" ?required=${scan} /></label>
      </details>
      ${this.app.may('boundaries.unlock') ? html`<label class="tick"><input type="checkbox" name="moves" .checked=${this.moves} @change=${(event: Event) => (this.moves = (event.target as HTMLInputElement).checked)} />${words.unlock}</label>
        ${this.moves ? html`<label class="field"><span>${words.unlockWhy}</span><input type="text" name="unlock" required maxlength="1000" /></label>` : nothing}`
      : html`<p class="hint">${words.unlockBarred}</p>`}
      ${this.problem ? refusal(text, this.problem, () => (this.problem = null)) : nothing}
      ${this.sure
        ? html`<div class="failure" role="alert"><p>${words.sure(next, of)}</p>
            <p class="pair"><button type="button" class="main" name="restore-yes" ?disabled=${this.busy} @click=${this.restore}>${words.yes}</button>
            <button type="button" class="plain" @click=${() => (this.sure = null)}>${words.cancel}</button>
            ${this.busy && this.sent ? html`<span class="hint" role="status">${bytes(text, this.sent)}</span>` : nothing}</p></div>`
        : html`<p class="pair"><button type="submit" class="main" name="restore-go">${words.go}</button></p>`}
    </form>`;
  }

  private readonly ask = (event: SubmitEvent): void => {
    event.preventDefault();
    Object.assign(this, { sure: new FormData(event.target as HTMLFormElement), problem: null });
  };

  private readonly restore = async (): Promise<void> => {
    const { sure, app } = this;
    if (!sure) return;
    const value = (name: string): string | undefined => String(sure.get(name) ?? '').trim() || undefined;
    const file = sure.get('scan');
    Object.assign(this, { busy: true, problem: null, sent: 0 });
    try {
      const upload = file instanceof File && file.size ? await sendScan(app, file, (sent) => (this.sent = sent)) : undefined;
      await app.service.send('POST', `/v1/editions/${this.of}/restore`, {
        reason: value('reason'), document_no: value('document_no'), date: value('date'), unlock: value('unlock'), upload,
      });
      app.go({ mode: 'read', room: 'overview', from: null, to: null });
      location.reload();
    } catch (problem) {
      Object.assign(this, { problem, sure: null });
    }
    this.busy = false;
  };
}

customElements.define('edition-restore', EditionRestore);
