import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { Task } from '@lit/task';
import { number, said } from '../language/text';
import { ImportPanel } from '../panels/panel';
import { choices } from '../panels/choices';
import { kindName } from './kinds';
import { SEVERITIES, type Finding, type Findings, type Severity } from './imports';
import './problem';

const PAGE = 200;

/** What is wrong with rows, to be gone through one by one: in a list, with the row beside it and its place on the map. */
export class ImportFindings extends ImportPanel {
  static override properties = { ...ImportPanel.properties, list: { state: true }, at: { state: true } };

  declare list: readonly Finding[];
  /** Which of them is looked at. */
  declare at: number;
  private found: Findings | null = null;

  private readonly first = new Task(this, {
    task: async ([id, , severity, kind]: readonly [number | null, number, string, string], { signal }) => {
      if (id === null) return null;
      this.found = await this.app.importer.imports.findings(id, { severity, kind }, 0, PAGE, signal);
      [this.list, this.at] = [this.found.findings, -1];
      return this.found;
    },
    args: () => {
      const { version, wanted } = this.app.importer;
      return [this.app.address.import, version, wanted.severity, wanted.kind] as const;
    },
  });

  constructor() {
    super();
    this.list = [];
    this.at = -1;
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has('at')) this.querySelector('.findings [aria-current]')?.scrollIntoView({ block: 'nearest' });
  }

  protected override render(): unknown {
    const { text } = this;
    const { current, wanted } = this.app.importer;
    return html`
      <div class="sifter">
        <div class="chips" role="group" aria-label=${text.import.severity}>${(['', ...SEVERITIES] as const).map((each) => html`<button type="button" class="chip" data-severity=${each} aria-pressed=${wanted.severity === each}
          @click=${() => this.app.importer.look('findings', { severity: each })}>${text.import.severities[each]}${this.count(each)}</button>`)}</div>
        ${choices('kind', text.import.kind, '', [['', text.import.everyKind], ...Object.entries(this.found?.kinds ?? {}).map(([kind, n]): [string, string] => [kind, `${kindName(text, kind)} ${number(text, n)}`])], wanted.kind, (kind) => this.app.importer.look('findings', { ...wanted, kind }))}
        ${this.steps()}
      </div>
      ${this.outcome(this.first, () => this.list.length
        ? html`<div class="beside">
            <ol class="findings" aria-label=${text.import.views.findings} @keydown=${this.key}>
              ${this.list.map((finding, n) => this.row(finding, n))}
              ${this.list.length < (this.found?.total ?? 0) ? html`<li><button type="button" class="plain" @click=${() => void this.more()}>${text.more(Math.min(PAGE, (this.found?.total ?? 0) - this.list.length))}</button></li>` : nothing}
            </ol>
            <import-problem .app=${this.app} .stats=${this.stats} .finding=${this.list[this.at] ?? null}></import-problem>
          </div>`
        : html`<p class="hint empty">${current?.report ? text.import.noFindings : text.import.noRows}</p>`)}`;
  }

  private count(severity: Severity | ''): TemplateResult | typeof nothing {
    const { report } = this.app.importer.current ?? {};
    if (!report) return nothing;
    const n = { '': report.errors + report.warnings + report.repairs, error: report.errors, warning: report.warnings, repair: report.repairs }[severity];
    return html` <b>${number(this.text, n)}</b>`;
  }

  private steps(): TemplateResult {
    const { text } = this;
    const total = this.found?.total ?? 0;
    const { importer } = this.app;
    return html`<div class="stepper">
      ${importer.answers.size ? html`<button type="button" class="main" name="recheck" ?disabled=${importer.busy} @click=${() => void importer.sendAnswers()}>${text.import.recheck(number(text, importer.answers.size))}</button>` : nothing}
      <button type="button" class="plain" name="previous" ?disabled=${this.at <= 0} @click=${() => this.step(-1)}>↑ ${text.import.previous}</button>
      <span role="status">${this.at >= 0 ? text.import.of(number(text, this.at + 1), number(text, total)) : nothing}</span>
      <button type="button" class="plain" name="next" ?disabled=${this.at >= total - 1} @click=${() => this.step(1)}>↓ ${text.import.next}</button>
    </div>`;
  }

  private row({ severity = 'warning', kind, row, message, message_zh, field, value }: Finding, n: number): TemplateResult {
    const { text } = this;
    return html`<li><button type="button" data-severity=${severity} aria-current=${n === this.at ? 'true' : nothing} tabindex=${n === Math.max(this.at, 0) ? 0 : -1} @click=${() => this.visit(n)}>
      <span class="head"><em>${text.import.severe[severity]}</em><b>${kindName(text, kind)}</b>${row ? html`<code>${text.import.rowNo(String(row))}</code>` : nothing}
        ${row && this.app.importer.answerOf(row) ? html`<i>✓</i>` : nothing}</span>
      <small>${field ? html`${field}${value ? html`: <q>${value}</q>` : nothing} · ` : nothing}${said(text, message, message_zh)}</small>
    </button></li>`;
  }

  private visit(n: number): void {
    const finding = this.list[n];
    if (!finding) return;
    this.at = n;
    this.app.importer.visit(finding.row ?? 0, finding);
  }

  private async step(by: number): Promise<void> {
    const next = this.at + by;
    if (next >= this.list.length) await this.more();
    this.visit(Math.max(0, next));
  }

  private async more(): Promise<void> {
    const { import: id } = this.app.address;
    if (id === null || this.list.length >= (this.found?.total ?? 0)) return;
    const { findings } = await this.app.importer.imports.findings(id, this.app.importer.wanted, this.list.length, PAGE);
    this.list = [...this.list, ...findings];
  }

  private async key(event: KeyboardEvent): Promise<void> {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    await this.step(by);
    await this.updateComplete;
    this.querySelector<HTMLElement>('.findings [aria-current]')?.focus({ preventScroll: true });
  }
}

customElements.define('import-findings', ImportFindings);
