import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { Task } from '@lit/task';
import { number, said } from '../language/text';
import { ImportPanel } from '../panels/panel';
import type { Finding, Row } from './imports';
import { kindName } from './kinds';
import { pageOf } from './place';

/** How many findings of a kind are looked through for the same question. */
const ALIKE = 1000;
const PAGE = 100;

/** One finding: what is wrong, the whole row, and what may be meant. */
export class ImportProblem extends ImportPanel {
  static override properties = { ...ImportPanel.properties, finding: { attribute: false }, alike: { state: true } };

  declare finding: Finding | null;
  /** Whether the same question of other rows is to be answered alike. */
  declare alike: boolean;

  private readonly row = new Task(this, {
    task: async ([id, row]: readonly [number | null, number, number], { signal }): Promise<Row | null> => {
      if (id === null || !row) return null;
      const { imports } = this.app.importer;
      const offset = await pageOf(row, PAGE, (from) => imports.rows(id, from, PAGE, signal));
      return (await imports.rows(id, offset, PAGE, signal)).rows.find((each) => each.row === row) ?? null;
    },
    args: () => [this.app.address.import, this.finding?.row ?? 0, this.app.importer.version] as const,
  });

  /** Rows that ask the same: the same kind, field and value. */
  private readonly same = new Task(this, {
    task: async ([id, finding]: readonly [number | null, Finding | null, number], { signal }): Promise<number[]> => {
      if (id === null || !finding?.candidates?.length) return [];
      const { findings } = await this.app.importer.imports.findings(id, { severity: '', kind: finding.kind }, 0, ALIKE, signal);
      const codes = (each: Finding): string => (each.candidates ?? []).map(({ code }) => code).join();
      return findings
        .filter((each) => each.row !== finding.row && each.field === finding.field && each.value === finding.value && codes(each) === codes(finding))
        .flatMap(({ row }) => row ?? []);
    },
    args: () => [this.app.address.import, this.finding, this.app.importer.version] as const,
  });

  constructor() {
    super();
    this.finding = null;
    this.alike = false;
  }

  protected override render(): TemplateResult {
    const { text, finding } = this;
    if (!finding) return html`<p class="hint empty">${text.import.steps}</p>`;
    const { row = 0, kind, message, message_zh, field, value, severity = 'warning' } = finding;
    return html`<article data-severity=${severity}>
      <h4><em>${text.import.severe[severity]}</em> ${kindName(text, kind)}${row ? html` <code>${text.import.rowNo(String(row))}</code>` : nothing}</h4>
      <p>${said(text, message, message_zh)}</p>
      ${field ? html`<p class="hint">${field}${value ? html`: <q>${value}</q>` : nothing}</p>` : nothing}
      ${finding.candidates?.length && row ? this.question(finding, row) : nothing}
      ${this.app.importer.nowhere ? html`<p class="hint">${text.import.nowhere}</p>` : nothing}
      ${row ? html`<button type="button" class="link" @click=${() => this.app.importer.look('rows')}>${text.import.inTable}</button>` : nothing}
      ${this.row.value ? this.values(this.row.value, field) : nothing}
    </article>`;
  }

  private values({ values }: Row, field: string | undefined): TemplateResult {
    return html`<dl class="values">${Object.entries(values).map(([name, value]) => html`<dt class=${name === field ? 'wrong' : ''}>${name}</dt><dd class=${name === field ? 'wrong' : ''}>${value}</dd>`)}</dl>`;
  }

  private question({ candidates = [] }: Finding, row: number): TemplateResult {
    const { text } = this;
    const { importer } = this.app;
    const { current } = importer;
    const others = this.same.value ?? [];
    const chosen = importer.answerOf(row);
    const off = importer.busy || current?.state === 'applied' || current?.state === 'applying';
    const people = current?.target === 'people';
    const say = (code: string): void => importer.answer([row, ...(this.alike ? others : [])], code);
    return html`<fieldset class="question">
      <legend>${text.import.question}</legend>
      ${others.length ? html`<label class="check"><input type="checkbox" name="alike" .checked=${this.alike} ?disabled=${off} @change=${(event: Event) => {
        this.alike = (event.target as HTMLInputElement).checked;
        if (chosen && this.alike) say(chosen);
      }} />${text.import.questionAll(number(text, others.length))}</label>` : nothing}
      ${candidates.map(({ code, name, path }) => html`<label>
        <input type="radio" name="answer" value=${code} .checked=${live(chosen === code)} ?disabled=${off} @change=${() => say(code)} />
        <span><b>${name}</b> <code>${code}</code><small>${path}</small></span></label>`)}
      ${people ? html`<label><input type="radio" name="answer" value="new" .checked=${live(chosen === 'new')} ?disabled=${off} @change=${() => say('new')} /><span>${text.import.answerNew}</span></label>` : nothing}
      ${chosen ? html`<p class="hint">${text.import.answerHint} <button type="button" class="link" ?disabled=${off} @click=${() => say('')}>${text.import.takeBack}</button></p>` : nothing}
    </fieldset>`;
  }
}

customElements.define('import-problem', ImportProblem);
