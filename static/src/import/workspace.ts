import { html, nothing, type TemplateResult } from 'lit';
import { failure, ImportPanel } from '../panels/panel';
import { number } from '../language/text';
import { instant } from '../language/time';
import { open, type Import } from './imports';
import './crs';
import './encoding';
import './mapping';
import './outcome';
import './past';
import './profile';
import './progress';
import './sending';
import './target';
import './templates';

/** The side column while importing: files on their way and those that came, or all that is said of one. */
export class ImportWorkspace extends ImportPanel {
  protected override render(): TemplateResult {
    const { text } = this;
    const { current, problem } = this.app.importer;
    const id = this.app.address.import;
    return html`
      <header class="editing">
        ${id === null
          ? html`<h2>${text.import.heading}</h2>`
          : html`<p class="hint"><button type="button" class="back" @click=${() => this.app.go({ import: null })}>‹ ${text.import.all}</button></p>
            <h2 class="filename">${current?.file ?? ''}</h2>
            ${current ? this.about(current) : nothing}`}
      </header>
      <div class="part importing" tabindex="-1">
        ${problem ? failure(text, problem, () => void this.app.importer.load()) : nothing}
        ${id === null ? this.start() : current ? this.one(current) : problem ? nothing : html`<p class="loading" role="status">${text.loading}</p>`}
      </div>`;
  }

  private about({ state, source, created_at, created_by }: Import): TemplateResult {
    const { text } = this;
    return html`<p class="hint">
      <em class="state" data-state=${state}>${text.import.states[state] ?? state}</em>
      ${source.format ? html`${source.format} · ${text.import.rows(number(text, source.rows))} · ` : nothing}${instant(text, created_at)}${created_by ? html` · ${text.import.by(created_by)}` : nothing}
    </p>`;
  }

  private start(): TemplateResult {
    const { app, stats } = this;
    return html`
      <import-sending .app=${app} .stats=${stats}></import-sending>
      <import-past .app=${app} .stats=${stats}></import-past>
      <import-templates .app=${app} .stats=${stats}></import-templates>`;
  }

  private one(current: Import): TemplateResult {
    const { app, stats, text } = this;
    const words = current.source.format !== '' || open(current);
    return html`
      <import-progress .app=${app} .stats=${stats}></import-progress>
      <import-outcome .app=${app} .stats=${stats}></import-outcome>
      ${words ? html`
        <import-target .app=${app} .stats=${stats}></import-target>
        <import-encoding .app=${app} .stats=${stats}></import-encoding>
        <import-crs .app=${app} .stats=${stats}></import-crs>
        <import-mapping .app=${app} .stats=${stats}></import-mapping>
        <import-profile .app=${app} .stats=${stats}></import-profile>` : nothing}
      ${current.expires_at ? html`<p class="hint">${text.import.expires(instant(text, current.expires_at))}</p>` : nothing}`;
  }
}

customElements.define('import-workspace', ImportWorkspace);
