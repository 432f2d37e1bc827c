import { html, nothing, type TemplateResult } from 'lit';
import { PARTS, type Part } from '../address';
import type { Cell } from '../edit/draft';
import { area, number, percent } from '../language/text';
import { EditorPanel, failure } from './panel';
import './draft';
import './draws';

/** The side column while editing: the open cells, draws, the draft's steps. */
export class EditPanel extends EditorPanel {
  protected override render(): TemplateResult {
    const { text } = this;
    const { editor, address } = this.app;
    const { parent, busy, problem } = editor;
    return html`
      <header class="editing">
        <p class="hint">${editor.draft ? html`${text.edit.draft(editor.draft.edition)} · ${text.edit.steps(number(text, editor.draft.steps.filter(({ undone }) => !undone).length))}` : text.edit.parent}</p>
        <h2>${parent ? parent.properties.name : text.edit.open}</h2>
        ${parent
          ? html`<p class="hint"><code>${parent.properties.code}</code>
              <button type="button" class="link" @click=${() => this.app.go({ parent: null, tool: 'select' })}>${text.edit.other}</button></p>`
          : nothing}
      </header>
      ${!address.parent ? html`<p class="part">${text.edit.choose}</p>` : nothing}
      ${busy === 'loading' && !parent ? html`<p class="loading part" role="status">${text.loading}</p>` : nothing}
      ${!parent && problem ? html`<div class="part">${failure(text, problem, () => void editor.load(true))}</div>` : nothing}
      ${parent || editor.draft ? this.parts() : nothing}
    `;
  }

  private parts(): TemplateResult {
    const { text } = this;
    const { address, editor } = this.app;
    const offered = editor.parent ? PARTS : PARTS.filter((part) => part === 'steps');
    const shown = editor.parent ? address.part : 'steps';
    return html`
      <div class="rooms" role="tablist" aria-label=${text.edit.partsLabel} @keydown=${this.key}>
        ${offered.map((part) => html`<button
          type="button"
          role="tab"
          id="part-${part}"
          aria-selected=${part === shown}
          aria-controls="part"
          tabindex=${part === shown ? 0 : -1}
          @click=${() => this.enter(part)}
        >${text.edit.parts[part]}</button>`)}
      </div>
      <div id="part" class="part" role="tabpanel" aria-labelledby="part-${shown}" tabindex="0">
        ${shown === 'cells' ? this.cells() : shown === 'draws'
          ? html`<draws-panel .app=${this.app} .stats=${this.stats}></draws-panel>`
          : html`<draft-panel .app=${this.app} .stats=${this.stats}></draft-panel>`}
      </div>`;
  }

  private enter(part: Part): void {
    const { editor } = this.app;
    editor.clear();
    this.app.go({ part, tool: 'select' });
    this.app.edited();
  }

  private async key(event: KeyboardEvent): Promise<void> {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step || !this.app.editor.parent) return;
    const part = PARTS[(PARTS.indexOf(this.app.address.part) + step + PARTS.length) % PARTS.length];
    if (!part) return;
    this.enter(part);
    await this.updateComplete;
    this.querySelector<HTMLElement>(`#part-${part}`)?.focus();
  }

  private cells(): TemplateResult {
    const { text } = this;
    const { cells } = this.app.editor;
    if (!cells.length) return html`<p class="hint">${text.edit.leafParent}</p>`;
    return html`
      <p class="hint">${text.edit.cells(number(text, cells.length))}</p>
      <ul class="list open">${cells.map((cell) => this.row(cell))}</ul>
    `;
  }

  private row({ properties }: Cell): TemplateResult {
    const { text } = this;
    const { editor } = this.app;
    const { uid, code, name, leaf, area_m2, load, compactness, locked, disputed } = properties;
    return html`<li>
      <button
        type="button"
        data-uid=${uid}
        data-code=${code}
        aria-pressed=${editor.selected.includes(uid)}
        @click=${(event: MouseEvent) => editor.toggle(uid, event.shiftKey || event.ctrlKey)}
      >
        <span>
          <span class="head"><b>${name}</b>
            ${locked ? html`<em class="tag">${text.edit.lockedMark}</em>` : nothing}
            ${disputed ? html`<em class="stamp">${text.edit.disputedMark}</em>` : nothing}</span>
          <code>${code}</code>
        </span>
        <span class="measure" style="--share:${load}">
          ${area(text, area_m2)}
          <small><span class="unseen">${text.edit.share}</span>${percent(text, load)} · <span class="unseen">${text.edit.compact}</span>${number(text, compactness, 2)}</small>
        </span>
      </button>
      ${leaf ? nothing : html`<button type="button" class="into" aria-label=${text.edit.goInto(name)} @click=${() => editor.enter(code)}>›</button>`}
    </li>`;
  }
}

customElements.define('edit-panel', EditPanel);
