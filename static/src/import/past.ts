import { html, nothing, type TemplateResult } from 'lit';
import { Task } from '@lit/task';
import { number } from '../language/text';
import { instant } from '../language/time';
import { ImportPanel } from '../panels/panel';
import type { Import } from './imports';

const PAGE = 8;

/** The imports so far, newest first. */
export class ImportPast extends ImportPanel {
  static override properties = { ...ImportPanel.properties, shown: { state: true } };

  declare shown: number;

  private readonly list = new Task(this, {
    task: (_, { signal }) => this.app.importer.imports.list(signal),
    args: () => [this.app.importer.made] as const,
  });

  constructor() {
    super();
    this.shown = PAGE;
  }

  protected override render(): TemplateResult {
    const { text } = this;
    return html`<section>
      <h3>${text.import.past}</h3>
      ${this.outcome(this.list, (imports) => html`
        ${imports.length ? nothing : html`<p class="hint">${text.import.pastNone}</p>`}
        <ul class="list past">${imports.slice(0, this.shown).map((each) => this.row(each))}</ul>
        ${imports.length > this.shown
          ? html`<button type="button" class="plain" @click=${() => (this.shown += PAGE)}>${text.more(Math.min(PAGE, imports.length - this.shown))}</button>`
          : nothing}`)}
    </section>`;
  }

  private row({ id, file, state, target, report, created_at, created_by }: Import): TemplateResult {
    const { text } = this;
    return html`<li><button type="button" data-import=${id} @click=${() => this.app.go({ import: id })}>
      <span>
        <span class="head"><b>${file}</b><em class="state" data-state=${state}>${text.import.states[state] ?? state}</em></span>
        <small>${this.app.importer.label(target)}${report ? html` · ${text.import.rows(number(text, report.rows))}` : nothing} · ${instant(text, created_at)}${created_by ? html` · ${created_by}` : nothing}</small>
      </span>
    </button></li>`;
  }
}

customElements.define('import-past', ImportPast);
