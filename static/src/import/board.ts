import { html, nothing, type TemplateResult } from 'lit';
import { number } from '../language/text';
import { ImportPanel } from '../panels/panel';
import { rests, staged } from './imports';
import { VIEWS, type View } from './importer';
import './differences';
import './findings';
import './rows';

/** Under the map: the open file as a table, what is wrong with it, what it changes. */
export class ImportBoard extends ImportPanel {
  protected override render(): unknown {
    const { text } = this;
    const { importer } = this.app;
    const { current, view } = importer;
    if (!current || !staged(current)) return html`<p class="hint empty">${current && !rests(current) ? text.loading : text.import.noRows}</p>`;
    return html`
      <div class="rooms" role="tablist" aria-label=${text.import.viewsLabel} @keydown=${this.key}>
        ${VIEWS.map((each) => html`<button
          type="button"
          role="tab"
          id="view-${each}"
          aria-selected=${each === view}
          aria-controls="view"
          tabindex=${each === view ? 0 : -1}
          @click=${() => importer.look(each)}
        >${text.import.views[each]}${this.count(each)}</button>`)}
      </div>
      <div id="view" role="tabpanel" aria-labelledby="view-${view}">${this.show(view)}</div>`;
  }

  private count(view: View): TemplateResult | typeof nothing {
    const { current } = this.app.importer;
    const { report, source } = current ?? {};
    const n = { rows: source?.rows, findings: report ? report.errors + report.warnings + report.repairs : undefined, differences: report ? report.created + report.changed + report.retired : undefined }[view];
    return n === undefined ? nothing : html` <span class="count">${number(this.text, n)}</span>`;
  }

  private show(view: View): TemplateResult {
    const { app, stats } = this;
    switch (view) {
      case 'rows': return html`<import-rows .app=${app} .stats=${stats}></import-rows>`;
      case 'findings': return html`<import-findings .app=${app} .stats=${stats}></import-findings>`;
      case 'differences': return html`<import-differences .app=${app} .stats=${stats}></import-differences>`;
    }
  }

  private async key(event: KeyboardEvent): Promise<void> {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const { importer } = this.app;
    const view = step && VIEWS[(VIEWS.indexOf(importer.view) + step + VIEWS.length) % VIEWS.length];
    if (!view) return;
    importer.look(view);
    await this.updateComplete;
    this.querySelector<HTMLElement>(`#view-${view}`)?.focus();
  }
}

customElements.define('import-board', ImportBoard);
