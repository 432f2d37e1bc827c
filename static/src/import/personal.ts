import { html, nothing, type TemplateResult } from 'lit';
import { number } from '../language/text';
import { ImportPanel } from '../panels/panel';
import { open, type Column } from './imports';

const LEAST_REASON = 4;

/** The columns that look like personal data: left out, unless somebody says why not. */
export class ImportPersonal extends ImportPanel {
  static override properties = { ...ImportPanel.properties, chosen: { state: true }, reason: { state: true } };

  declare chosen: ReadonlySet<string>;
  declare reason: string;

  constructor() {
    super();
    this.chosen = new Set();
    this.reason = '';
  }

  protected override render(): unknown {
    const { text } = this;
    const { importer } = this.app;
    const { current } = importer;
    const used = new Set(Object.values(current?.mapping ?? {}));
    const columns = current?.source.columns.filter(({ name, sensitive }) => sensitive && !used.has(name)) ?? [];
    if (!current || !columns.length) return nothing;
    const off = !open(current) || importer.busy;
    const { personal } = current;
    return html`<fieldset class="personal">
      <legend>${text.import.personal}</legend>
      <p class="hint">${text.import.personalHint}</p>
      ${columns.map((column) => this.column(column, personal?.columns ?? [], off))}
      ${personal
        ? html`<p class="done">${text.import.personalTaken(personal.reason)}
            <button type="button" class="link" ?disabled=${off} @click=${() => void importer.change({ personal: null })}>${text.import.personalBack}</button></p>`
        : this.chosen.size ? html`
          <label class="field"><span>${text.import.personalReason}</span>
            <input type="text" name="reason" required minlength=${LEAST_REASON} maxlength="1000" .value=${this.reason} @input=${(event: Event) => (this.reason = (event.target as HTMLInputElement).value)} /></label>
          <button type="button" class="plain" ?disabled=${off || this.reason.trim().length < LEAST_REASON} @click=${this.take}>${text.import.personalTake}</button>` : nothing}
    </fieldset>`;
  }

  private column({ name, samples, sensitive }: Column, taken: readonly string[], off: boolean): TemplateResult {
    const { text } = this;
    const { kind = '', by = '', count = 0 } = sensitive ?? {};
    return html`<label>
      <input type="checkbox" name="personal" value=${name} .checked=${taken.includes(name) || this.chosen.has(name)} ?disabled=${off || taken.length > 0} @change=${(event: Event) => {
        const chosen = new Set(this.chosen);
        if ((event.target as HTMLInputElement).checked) chosen.add(name);
        else chosen.delete(name);
        this.chosen = chosen;
      }} />
      <span><b>${name}</b> <em>${text.import.personalKinds[kind] ?? kind}</em>
        <small>${text.import.personalBy[by] ?? by}${count ? ` · ${text.import.personalCount(number(text, count))}` : ''}${samples[0] ? ` · ${samples[0]}` : ''}</small></span>
    </label>`;
  }

  private async take(): Promise<void> {
    const { chosen, reason } = this;
    await this.app.importer.change({ personal: { columns: [...chosen], reason: reason.trim() } });
    if (this.app.importer.problem) return;
    this.chosen = new Set();
    this.reason = '';
  }
}

customElements.define('import-personal', ImportPersonal);
