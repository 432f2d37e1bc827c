import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { number } from '../language/text';
import { ImportPanel } from '../panels/panel';
import { rests, type Import } from './imports';

/** Where what an error is about is said. */
const SECTIONS: Record<string, string> = {
  crs: 'import-crs', encoding: 'import-encoding', map: 'import-mapping', as: 'import-target', tier: 'import-target', layer: 'import-target', sheet: 'import-target', profile: 'import-profile',
};

/** What may be said of cells that a fix names. */
const OPTIONS = [['retire_missing', 'retireMissing'], ['replace_parents', 'replaceParents']] as const;

/** What applying will do in numbers, or has done; and the way on, back or out. */
export class ImportOutcome extends ImportPanel {
  static override properties = { ...ImportPanel.properties, sure: { state: true } };

  /** Whether deleting was asked for and is to be confirmed. */
  declare sure: boolean;

  constructor() {
    super();
    this.sure = false;
  }

  protected override render(): unknown {
    const { text } = this;
    const { current } = this.app.importer;
    if (!current || !rests(current) || (this.app.importer.busy && current.state === 'read')) return nothing;
    const { state, report, error } = current;
    const applied = state === 'applied';
    return html`<section class="outcome" data-state=${state}>
      <h3>${applied || state === 'undone' ? text.import.states[state] : error ? text.import.notYet : text.import.outcome}</h3>
      ${error ? this.trouble(error) : nothing}
      ${report ? this.figures(report, applied ? text.import.did : text.import.will) : nothing}
      ${state === 'ready' ? this.apply(current) : nothing}
      ${applied ? this.applied(current) : nothing}
      <p class="pair downloads">
        ${report?.rejected ? html`<a class="plain" href=${this.app.importer.imports.address(current.id, 'rejects')} download title=${text.import.rejectsHint}>${text.import.rejects}</a>` : nothing}
        ${report ? html`<a class="plain" href=${this.app.importer.imports.address(current.id, 'report.csv')} download>${text.import.report}</a>` : nothing}
      </p>
      ${this.drop()}
    </section>`;
  }

  /** Why it can't go on, and what to do: in the section that it is about, where there is one. */
  private trouble({ title, detail, fix, field }: NonNullable<Import['error']>): TemplateResult {
    const { text } = this;
    const section = SECTIONS[field];
    const { importer } = this.app;
    const option = OPTIONS.find(([name]) => fix.replaceAll('-', '_').includes(name) && !importer.current?.[name]);
    return html`<div class="failure" role="alert">
      <strong>${detail || title}</strong>
      ${section
        ? html`<p><button type="button" class="plain" name="mend" @click=${() => this.lead(section)}>${text.import.mend} ↓</button></p>`
        : fix ? html`<p>${fix}</p>` : nothing}
      ${option ? html`<p><button type="button" class="plain" name=${option[0]} ?disabled=${importer.busy} @click=${() => void importer.change({ [option[0]]: true })}>${text.import[option[1]]}</button></p>` : nothing}
    </div>`;
  }

  private lead(section: string): void {
    const element = this.closest('import-workspace')?.querySelector<HTMLElement>(section);
    element?.scrollIntoView({ block: 'start' });
    element?.querySelector<HTMLElement>('[aria-invalid=true], input, select')?.focus({ preventScroll: true });
  }

  private figures(report: NonNullable<Import['report']>, words: Record<'created' | 'changed' | 'retired' | 'unchanged' | 'rejected', string>): TemplateResult {
    const { text } = this;
    const { importer } = this.app;
    return html`
      <dl class="counts">${(['created', 'changed', 'retired', 'unchanged', 'rejected'] as const).filter((each) => each !== 'retired' || report.retired).map((each) => html`<div data-count=${each} class=${each === 'rejected' && report.rejected ? 'bad' : ''}>
        <dt>${words[each]}</dt><dd>${number(text, report[each])}</dd></div>`)}</dl>
      <p class="pair">${([['errors', 'error'], ['warnings', 'warning'], ['repairs', 'repair']] as const).filter(([key]) => report[key]).map(([key, severity]) => html`<button
        type="button" class="link" @click=${() => importer.look('findings', { severity })}>${text.import.severities[severity]} ${number(text, report[key])}</button>`)}</p>`;
  }

  private apply(current: Import): TemplateResult {
    const { text } = this;
    const { importer } = this.app;
    const { report, strict, target } = current;
    const n = report?.applied ?? 0;
    return html`
      <label class="check"><input type="checkbox" name="strict" .checked=${live(strict)} ?disabled=${importer.busy} @change=${(event: Event) =>
        void importer.change({ strict: (event.target as HTMLInputElement).checked })} />${text.import.strict}</label>
      <p class="pair"><button type="button" class="main" name="apply" ?disabled=${importer.busy || !n} @click=${() => void importer.apply()}>${n ? text.import.applyN(number(text, n)) : text.import.applyNothing}</button></p>
      ${target === 'cells' ? html`<p class="hint">${text.import.applyDraft}</p>` : nothing}`;
  }

  private applied({ target, undo }: Import): TemplateResult {
    const { text } = this;
    const { importer } = this.app;
    return html`<p class="pair">
      ${undo.possible
        ? html`<button type="button" class="plain" name="undo" ?disabled=${importer.busy} title=${text.import.undoHint} @click=${() => void importer.undo()}>↶ ${text.import.undo}</button>`
        : undo.why ? html`<small>${text.import.undoNot(undo.why)}</small>` : nothing}
      ${target === 'cells'
        ? html`<button type="button" class="plain" @click=${() => this.app.go({ mode: 'edit', part: 'steps', parent: null })}>${text.import.seeDraft}</button>`
        : html`<button type="button" class="plain" @click=${() => this.app.go({ mode: 'read' })}>${text.import.seeMap}</button>`}
    </p>`;
  }

  private drop(): TemplateResult {
    const { text } = this;
    const { importer } = this.app;
    if (!this.sure) return html`<button type="button" class="link" @click=${() => (this.sure = true)}>${text.import.drop}</button>`;
    return html`<div class="failure" role="alert">
      <p>${text.import.dropSure}</p>
      <p class="pair"><button type="button" class="main" ?disabled=${importer.busy} @click=${() => void importer.drop()}>${text.import.dropYes}</button>
      <button type="button" class="plain" @click=${() => (this.sure = false)}>${text.edit.cancel}</button></p>
    </div>`;
  }
}

customElements.define('import-outcome', ImportOutcome);
