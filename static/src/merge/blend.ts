import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { layerKey } from '../panels/layers';
import { draftShown } from '../map/sheet';
import { EditorPanel } from '../panels/panel';
import { HALF, PUBLISHED, UNIFIED } from './query';

/** Over the map: which layers lie on the sheet, how strongly, and what alone is seen left of a divider. */
export class LayerBlend extends EditorPanel {
  protected override render(): TemplateResult {
    const { text, app, stats } = this;
    const { blend } = text.merge;
    const { shown, merge } = app.address;
    const { draft } = app.editor;
    return html`<details class="blend" ?open=${!matchMedia('(max-width: 1180px)').matches}>
      <summary>${blend.heading}</summary>
      ${draft ? html`<label class="left"><span>${blend.sheet}</span>
        <select name="sheet" ?disabled=${merge.left === PUBLISHED} @change=${(event: Event) => app.go({ merge: { ...merge, sheet: (event.target as HTMLSelectElement).value === PUBLISHED ? PUBLISHED : '' } })}>
          ${(['', PUBLISHED] as const).map((value) => html`<option value=${value} .selected=${live(value === merge.sheet)}>${value ? `${blend.published} (${text.edition(draft.base)})` : text.edit.draft(draft.edition)}</option>`)}
        </select></label>
        ${draftShown(app, true) ? html`<p class="hint changed-key">${blend.changed}</p>` : nothing}` : nothing}
      <ul>${stats.layers.map((layer, n) => {
        const on = shown.has(layer.layer);
        const name = this.layerName(layer);
        return html`<li>
          <label><input type="checkbox" name=${layer.layer} .checked=${live(on)} @change=${(event: Event) => app.show(layer.layer, (event.target as HTMLInputElement).checked)} />${layerKey(stats.layers, n)}<span>${name}</span></label>
          <input type="range" name="blend-${layer.layer}" min="0" max="100" step="5" aria-label=${blend.strength(name)} title=${blend.hint} ?disabled=${!on}
            .value=${live(String(Math.round((merge.blend.get(layer.layer) ?? HALF) * 100)))}
            @input=${(event: Event) => app.peek({ merge: this.blended(layer.layer, event) })}
            @change=${(event: Event) => app.go({ merge: this.blended(layer.layer, event) })} />
        </li>`;
      })}</ul>
      <label class="left"><span>${blend.left}</span>
        <select name="left" @change=${(event: Event) => this.divide((event.target as HTMLSelectElement).value)}>
          ${[['', blend.noSwipe], ...(draft ? [[PUBLISHED, blend.published]] : []), [UNIFIED, blend.unified], ...stats.layers.map((layer) => [layer.layer, this.layerName(layer)])].map(([value, name]) => html`<option value=${value ?? ''} .selected=${live(value === merge.left)}>${name}</option>`)}
        </select></label>
      ${merge.left ? html`<p class="hint">${blend.swipe}</p>` : nothing}
    </details>`;
  }

  /** Left of the divider the edition in force is seen beside the draft, never beside itself. */
  private divide(left: string): void {
    const { merge } = this.app.address;
    this.app.go({ merge: { ...merge, left, ...(left === PUBLISHED ? { sheet: '' } : {}) } });
  }

  private blended(layer: string, event: Event): typeof this.app.address.merge {
    const { merge } = this.app.address;
    return { ...merge, blend: new Map([...merge.blend, [layer, Number((event.target as HTMLInputElement).value) / 100]]) };
  }
}

customElements.define('layer-blend', LayerBlend);
