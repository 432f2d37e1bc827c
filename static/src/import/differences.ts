import { html, nothing, type TemplateResult } from 'lit';
import { Task } from '@lit/task';
import { number, type Text } from '../language/text';
import { ImportPanel } from '../panels/panel';
import type { Difference, Differences } from './imports';

const PAGE = 100;

/** What applying changes in what there is: before and after. */
export class ImportDifferences extends ImportPanel {
  static override properties = { ...ImportPanel.properties, offset: { state: true } };

  declare offset: number;

  private readonly page = new Task(this, {
    task: async ([id, , offset]: readonly [number | null, number, number], { signal }): Promise<Differences | null> =>
      id === null ? null : this.app.importer.imports.differences(id, offset, PAGE, signal),
    args: () => [this.app.address.import, this.app.importer.version, this.offset] as const,
  });

  constructor() {
    super();
    this.offset = 0;
  }

  protected override render(): unknown {
    return this.outcome(this.page, (page) => (page?.differences.length ? this.table(page) : html`<p class="hint empty">${this.app.importer.current?.report ? this.text.import.differencesNone : this.text.import.noRows}</p>`));
  }

  private table({ differences, total, created, changed, retired, unchanged }: Differences): TemplateResult {
    const { text, offset } = this;
    return html`
      <p class="sifter">${([['created', created], ['changed', changed], ['retired', retired], ['unchanged', unchanged]] as const).filter(([key, n]) => n > 0 || key !== 'retired').map(([key, n]) => html`<span class="tell"><b>${number(text, n)}</b> ${text.import.will[key]}</span>`)}
        ${total < created + changed + retired ? html`<span class="hint">${text.import.differencesFirst(number(text, total), number(text, created + changed + retired))}</span>` : nothing}</p>
      <div class="scroll" tabindex="0" role="region" aria-label=${text.import.views.differences}>
        <table class="rows differences">
          <thead><tr><th scope="col">${text.import.row}</th><th scope="col">${text.import.views.differences}</th><th scope="col">${text.import.field}</th><th scope="col">${text.import.before}</th><th scope="col">${text.import.after}</th></tr></thead>
          ${differences.map((each) => this.group(each))}
        </table>
      </div>
      ${total > PAGE ? html`<p class="pager">
        <button type="button" class="plain" ?disabled=${offset === 0} @click=${() => (this.offset = Math.max(0, offset - PAGE))}>‹ ${text.import.previousPage}</button>
        <span role="status">${text.import.page(number(text, offset + 1), number(text, offset + differences.length), number(text, total))}</span>
        <button type="button" class="plain" ?disabled=${offset + differences.length >= total} @click=${() => (this.offset = offset + PAGE)}>${text.import.nextPage} ›</button>
      </p>` : nothing}`;
  }

  private group({ row = 0, op, code, name, before = {}, after = {} }: Difference): TemplateResult {
    const { text } = this;
    const { importer } = this.app;
    const labels = importer.targets.find(({ target }) => target === importer.current?.target)?.fields ?? [];
    const label = (field: string): string => labels.find((each) => each.name === field)?.label[this.app.address.language] ?? text.import.otherFields[field] ?? field;
    const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    const head = html`
      <th scope="rowgroup" rowspan=${Math.max(fields.length, 1)}>${row ? html`<button type="button" aria-label=${text.import.rowNo(String(row))} @click=${() => importer.visit(row)}>${row}</button>` : nothing}</th>
      <td rowspan=${Math.max(fields.length, 1)}><em class="op ${op}">${text.import.ops[op] ?? op}</em> <b>${name}</b> <code>${code}</code></td>`;
    return html`<tbody data-op=${op} aria-current=${importer.focus?.row === row && row ? 'true' : nothing}>
      ${fields.length
        ? fields.map((field, n) => html`<tr>${n === 0 ? head : nothing}<td>${label(field)}</td><td class="was">${words(text, field, before[field])}</td><td class="is">${words(text, field, after[field])}</td></tr>`)
        : html`<tr>${head}<td></td><td></td><td></td></tr>`}
    </tbody>`;
  }
}

/** A value of a difference as people call it, where the service has a word of its own for it. */
function words(text: Text, field: string, value = ''): string {
  switch (field) {
    case 'provenance': return (text.cell.provenances as Record<string, string>)[value] ?? value;
    case 'locked': return text.import.truth[value] ?? value;
    case 'geometry': return value.replace(/^(place removed|[a-z]+)/, (word) => text.import.shapes[word] ?? word);
    default: return value;
  }
}

customElements.define('import-differences', ImportDifferences);
