import { html, nothing, type TemplateResult } from 'lit';
import type { Draft, Step } from '../edit/draft';
import { number } from '../language/text';
import { instant } from '../language/time';
import { Problem } from '../service';
import { EditorPanel, failure } from './panel';

/** The open draft: its steps, back and forth, and what becomes of it. */
export class DraftPanel extends EditorPanel {
  static override properties = { ...EditorPanel.properties, sure: { state: true }, note: { state: true } };

  /** Whether discarding was asked for and is to be confirmed. */
  declare sure: boolean;
  declare note: string;

  constructor() {
    super();
    this.sure = false;
    this.note = '';
  }

  protected override render(): TemplateResult {
    const { text } = this;
    const { draft } = this.app.editor;
    return draft ? this.show(draft) : html`<p class="hint">${text.edit.noDraft}</p>`;
  }

  private show(draft: Draft): TemplateResult {
    const { text } = this;
    const { editor } = this.app;
    const busy = editor.busy === 'applying';
    return html`
      <section>
        <h3>${text.edit.draft(draft.edition)}</h3>
        <p class="hint">${text.edit.base(draft.base)}</p>
        <p class="pair">
          <button type="button" class="plain" ?disabled=${busy || !draft.undo} @click=${() => editor.undo()}>↶ ${text.edit.undo}</button>
          <button type="button" class="plain" ?disabled=${busy || !draft.redo} @click=${() => editor.redo()}>↷ ${text.edit.redo}</button>
        </p>
        <ol class="steps">${[...draft.steps].reverse().map((step) => this.step(step))}</ol>
      </section>
      <section>
        <button type="button" class="plain" ?disabled=${draft.base < 1} @click=${() => this.app.go({ mode: 'compare', from: draft.base, to: 'draft' })}>${text.edit.compare}</button>
      </section>
      <section>
        <h3>${text.edit.publish}</h3>
        <label class="field"><span>${text.edit.note}</span>
          <input type="text" name="note" maxlength="1000" .value=${this.note} @input=${(event: Event) => (this.note = (event.target as HTMLInputElement).value)} /></label>
        <p class="hint">${text.edit.publishHint}</p>
        <button type="button" class="main" ?disabled=${busy} @click=${() => editor.publish(this.note)}>${text.edit.publish}</button>
        ${this.trouble()}
      </section>
      <section>
        ${this.sure
          ? html`<div class="failure" role="alert">
              <p>${text.edit.discardSure}</p>
              <p class="pair"><button type="button" class="main" ?disabled=${busy} @click=${this.discard}>${text.edit.discardYes}</button>
              <button type="button" class="plain" @click=${() => (this.sure = false)}>${text.edit.cancel}</button></p>
            </div>`
          : html`<button type="button" class="link" @click=${() => (this.sure = true)}>${text.edit.discard}</button>`}
      </section>
    `;
  }

  private step({ step, kind, cells, by, at, undone }: Step): TemplateResult {
    const { text } = this;
    return html`<li class=${undone ? 'undone' : ''}>
      <b>${number(text, step)}</b>
      <span>${text.edit.kinds[kind] ?? kind} ${undone ? html`<em>${text.edit.undone}</em>` : nothing}
        <code>${cells.slice(0, 3).join(' ')}${cells.length > 3 ? ' …' : ''}</code>
        <small>${by} · <time datetime=${at}>${instant(text, at)}</time></small></span>
    </li>`;
  }

  private trouble(): unknown {
    const { text } = this;
    const { problem } = this.app.editor;
    if (!problem) return nothing;
    const blocking = problem instanceof Problem ? problem.blocking : [];
    return html`${failure(text, problem, () => void this.app.editor.load(false))}
      ${blocking.length
        ? html`<h4>${text.edit.blocking}</h4><ul class="list">${blocking.map(({ message, code, lon, lat }) => html`<li>
            <button type="button" ?disabled=${lon == null || lat == null} @click=${() => lon != null && lat != null && this.app.go({}, { lon, lat })}>
              <span>${message}${code ? html`<code>${code}</code>` : nothing}</span></button></li>`)}</ul>`
        : nothing}`;
  }

  private async discard(): Promise<void> {
    await this.app.editor.discard();
    this.sure = false;
  }
}

customElements.define('draft-panel', DraftPanel);
