import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { Task } from '@lit/task';
import { number } from '../language/text';
import { ImportPanel } from '../panels/panel';
import type { Focus } from './importer';
import type { Import, Row, Rows } from './imports';
import { pageOf } from './place';

const PAGE = 100;

/** The rows of the file as they were read, a page at a time. */
export class ImportRows extends ImportPanel {
  static override properties = { ...ImportPanel.properties, offset: { state: true } };

  declare offset: number;
  private focused: Focus | null = null;
  private scrolled = '';

  private readonly page = new Task(this, {
    task: ([id, offset]: readonly [number | null, number, number], { signal }) => this.fetch(id, offset, signal),
    args: () => [this.app.address.import, this.offset, this.app.importer.version] as const,
  });

  constructor() {
    super();
    this.offset = 0;
  }

  private async fetch(id: number | null, offset: number, signal: AbortSignal): Promise<Rows> {
    return id === null ? { rows: [], total: 0 } : this.app.importer.imports.rows(id, offset, PAGE, signal);
  }

  protected override willUpdate(): void {
    const { focus } = this.app.importer;
    if (focus === this.focused) return;
    this.focused = focus;
    if (focus && !this.page.value?.rows.some(({ row }) => row === focus.row)) void this.turnTo(focus.row);
  }

  /** Opens the page that holds a row. */
  private async turnTo(row: number): Promise<void> {
    const id = this.app.address.import;
    const { signal } = new AbortController();
    this.offset = await pageOf(row, PAGE, (offset) => this.fetch(id, offset, signal));
  }

  protected override updated(_: PropertyValues): void {
    const { focus } = this.app.importer;
    const mark = focus ? `${focus.row} ${this.offset}` : '';
    const row = this.querySelector<HTMLElement>('tr[aria-current]');
    if (!row || mark === this.scrolled) return;
    this.scrolled = mark;
    row.scrollIntoView({ block: 'center', inline: 'nearest' });
  }

  protected override render(): unknown {
    const { current } = this.app.importer;
    return current ? this.outcome(this.page, ({ rows, total }) => this.table(current, rows, total)) : nothing;
  }

  private table(current: Import, rows: readonly Row[], total: number): TemplateResult {
    const { text } = this;
    if (!total) return html`<p class="hint empty">${text.import.noRows}</p>`;
    const fields = this.app.importer.targets.find(({ target }) => target === current.target)?.fields ?? [];
    const feeds = new Map(Object.entries(current.mapping).map(([field, column]) => [column, fields.find(({ name }) => name === field)?.label[this.app.address.language] ?? field]));
    const columns = current.source.columns.map(({ name }) => name).filter((name) => rows.some(({ values }) => name in values));
    return html`
      <div class="scroll" tabindex="0" role="region" aria-label=${text.import.views.rows}>
        <table class="rows">
          <thead><tr><th scope="col">${text.import.row}</th>${columns.map((name) => html`<th scope="col" class=${feeds.has(name) ? 'fed' : ''}><small>${feeds.get(name) ?? '\u00a0'}</small>${name}</th>`)}</tr></thead>
          <tbody>${rows.map((row) => this.row(row, columns))}</tbody>
        </table>
      </div>
      ${this.pager(rows, total)}`;
  }

  private row({ row, values, rejected }: Row, columns: readonly string[]): TemplateResult {
    const { text } = this;
    const { focus } = this.app.importer;
    const field = focus?.row === row ? focus.finding?.field : undefined;
    return html`<tr data-row=${row} class=${rejected ? 'rejected' : ''} aria-current=${focus?.row === row ? 'true' : nothing}>
      <th scope="row"><button type="button" aria-label=${text.import.rowNo(String(row)) + (rejected ? `, ${text.import.rejected}` : '')} @click=${() => this.app.importer.visit(row)}>${row}</button></th>
      ${columns.map((name) => html`<td class=${name === field ? 'wrong' : ''}>${values[name] ?? ''}</td>`)}
    </tr>`;
  }

  private pager(rows: readonly Row[], total: number): TemplateResult {
    const { text, offset } = this;
    return html`<p class="pager">
      <button type="button" class="plain" ?disabled=${offset === 0} @click=${() => (this.offset = Math.max(0, offset - PAGE))}>‹ ${text.import.previousPage}</button>
      <span role="status">${text.import.page(number(text, offset + 1), number(text, offset + rows.length), number(text, total))}</span>
      <button type="button" class="plain" ?disabled=${offset + rows.length >= total} @click=${() => (this.offset = offset + PAGE)}>${text.import.nextPage} ›</button>
      <label>${text.import.goRow} <input type="number" name="row" min="1" @change=${(event: Event) => {
        const row = Number((event.target as HTMLInputElement).value);
        if (row > 0) this.app.importer.visit(row);
      }} /></label>
    </p>`;
  }
}

customElements.define('import-rows', ImportRows);
