import { html, nothing, type TemplateResult } from 'lit';
import { Panel } from '../panels/panel';
import { Problem } from '../service';

/** A part of the account dialogue that sends something and says what came of it. */
export abstract class FormPanel extends Panel {
  static override properties: Record<string, object> = { ...Panel.properties, busy: { state: true }, trouble: { state: true }, done: { state: true } };

  declare busy: boolean;
  declare trouble: unknown;
  declare done: boolean;

  constructor() {
    super();
    Object.assign(this, { busy: false, trouble: null, done: false });
  }

  /** Runs what sends; tells whether it worked. */
  protected async attempt(work: () => Promise<unknown>): Promise<boolean> {
    Object.assign(this, { busy: true, trouble: null, done: false });
    try {
      await work();
      this.done = true;
      return true;
    } catch (error) {
      this.trouble = error;
      return false;
    } finally {
      this.busy = false;
    }
  }

  /** Sends a form's fields. */
  protected submit(work: (fields: Record<string, string>, form: HTMLFormElement) => Promise<unknown>): (event: SubmitEvent) => void {
    return (event) => {
      event.preventDefault();
      const form = event.target as HTMLFormElement;
      const fields = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]));
      void this.attempt(() => work(fields, form));
    };
  }

  /** What came of the last attempt. */
  protected result(): unknown {
    const { text, trouble } = this;
    if (!trouble) return this.done ? html`<p class="done" role="status">${text.account.done}</p>` : nothing;
    const known = trouble instanceof Problem ? trouble : null;
    return html`<div class="failure" role="alert"><strong>${text.account.failed}</strong><p>${known?.message ?? text.offline}</p>
      ${known?.fixes.length ? html`<ul>${known.fixes.map((fix) => html`<li>${fix}</li>`)}</ul>` : nothing}</div>`;
  }

  protected field(name: string, label: string, attributes: { type?: string; complete?: AutoFill; value?: string; hint?: string; optional?: boolean } = {}): TemplateResult {
    return html`<label class="field"><span>${label}</span>
      <input name=${name} type=${attributes.type ?? 'text'} autocomplete=${attributes.complete ?? 'off'} .value=${attributes.value ?? ''} ?required=${!attributes.optional} />
      ${attributes.hint ? html`<small>${attributes.hint}</small>` : nothing}</label>`;
  }
}
