import { html, nothing, svg, type TemplateResult } from 'lit';
import { TOOLS, type Tool } from '../address';
import { TOOL_KEYS } from '../edit/keys';
import { EditorPanel } from './panel';

/** SVG path data in a square of 20. */
const ICONS: Record<Tool | 'undo' | 'redo', string> = {
  select: 'M5 3l10 7-4.6.8L13 16l-2 .9-2.4-5.1L5 15z',
  split: 'M3 4h14v12H3zM8 2l4 16',
  merge: 'M3 4h6v12H3zM11 4h6v12h-6zM6 10h8M12 8l2 2-2 2M8 8l-2 2 2 2',
  boundary: 'M3 4h14v12H3zM10 4c-3 4 3 8 0 12M13 10h3M14.7 8.5L16.2 10l-1.5 1.5M7 10H4M5.3 8.5L3.8 10l1.5 1.5',
  hand: 'M4 14L3 7l7-4 7 5-2 8-6 1z',
  rename: 'M3 17h14M5 13l8.5-8.5 2 2L7 15H5z',
  lock: 'M5 9h10v8H5zM7 9V6.5a3 3 0 0 1 6 0V9',
  undo: 'M7 4L3 8l4 4M3.5 8H12a4.5 4.5 0 0 1 0 9H8',
  redo: 'M13 4l4 4-4 4M16.5 8H8a4.5 4.5 0 0 0 0 9h4',
};

/** The strip of tools above the map. */
export class EditTools extends EditorPanel {
  static override properties = { ...EditorPanel.properties, help: { state: true } };

  declare help: boolean;

  constructor() {
    super();
    this.help = false;
  }

  protected override render(): unknown {
    const { text } = this;
    const { editor } = this.app;
    if (!editor.parent) return nothing;
    const busy = editor.busy === 'applying';
    return html`
      <div class="strip" role="toolbar" aria-label=${text.edit.toolsLabel} @keydown=${this.key}>
        ${TOOLS.map((tool) => html`<button
          type="button"
          data-tool=${tool}
          aria-pressed=${tool === editor.tool}
          tabindex=${tool === editor.tool ? 0 : -1}
          title="${text.edit.tools[tool]} (${TOOL_KEYS[tool].toUpperCase()})"
          @click=${() => editor.use(tool)}
        >${icon(tool)}<span>${text.edit.tools[tool]}</span></button>`)}
        <i class="bar" aria-hidden="true"></i>
        <button type="button" data-tool="undo" tabindex="-1" title="${text.edit.undo} (Ctrl+Z)" ?disabled=${busy || !editor.draft?.undo} @click=${() => editor.undo()}>${icon('undo')}<span>${text.edit.undo}</span></button>
        <button type="button" data-tool="redo" tabindex="-1" title="${text.edit.redo} (Ctrl+Shift+Z)" ?disabled=${busy || !editor.draft?.redo} @click=${() => editor.redo()}>${icon('redo')}<span>${text.edit.redo}</span></button>
        <button type="button" data-tool="help" tabindex="-1" aria-expanded=${this.help} aria-label=${text.edit.help} title=${text.edit.help} @click=${() => (this.help = !this.help)}><b>?</b></button>
      </div>
      ${this.help ? html`<div class="help" role="region" aria-label=${text.edit.help}>
        <dl>${text.edit.keys.map(([keys, what]) => html`<dt>${keys}</dt><dd>${what}</dd>`)}</dl>
      </div>` : nothing}
      <p class="cue" role="status">${this.cue()}</p>
    `;
  }

  /** What can be done now, or what was done. */
  private cue(): string {
    const { text } = this;
    const { editor } = this.app;
    if (editor.busy === 'applying') return text.edit.applying;
    if (editor.done) {
      const done = text.edit.done[editor.done.kind] ?? text.edit.doneOther;
      return editor.done.undone ? text.edit.undoneNow(text.edit.kinds[editor.done.kind] ?? done) : done;
    }
    if (this.app.address.part === 'draws') return text.draws.hint(editor.parent?.properties.name ?? '');
    return editor.tool === 'boundary' && editor.selected.length < 2 ? text.edit.hints.boundaryPick : text.edit.hints[editor.tool];
  }

  private key(event: KeyboardEvent): void {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (event.key === 'Escape') this.help = false;
    if (!step) return;
    const buttons = [...this.querySelectorAll<HTMLButtonElement>('.strip button:enabled')];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    event.preventDefault();
    buttons[(at + step + buttons.length) % buttons.length]?.focus();
  }
}

function icon(name: keyof typeof ICONS): TemplateResult {
  return html`<svg viewBox="0 0 20 20" aria-hidden="true">${svg`<path d=${ICONS[name]} fill="none" stroke="currentColor" stroke-width="1.5" stroke-linejoin="round" stroke-linecap="round" />`}</svg>`;
}

customElements.define('edit-tools', EditTools);
