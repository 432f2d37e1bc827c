import { html, svg, type TemplateResult } from 'lit';
import { KINDS, type Kind, type Overlay } from '../address';
import '../layers/dialogue';
import { layerLook } from '../map/colours';
import { SYMBOLS } from '../map/symbols';
import { Panel } from './panel';

/** Switches for the departments' own grids and for the objects. */
export class LayersPanel extends Panel {
  protected override render(): TemplateResult {
    const { text, stats } = this;
    return html`
      <fieldset>
        <legend>${text.layers.heading}</legend>
        <p class="hint">${text.layers.hint}</p>
        ${stats.layers.map((layer, n) => this.toggle(layer.layer, this.layerName(layer), layerKey(stats.layers, n)))}
        ${this.app.may('editions.read') ? html`<layers-dialogue .app=${this.app} .stats=${stats}></layers-dialogue>` : ''}
      </fieldset>
      <fieldset>
        <legend>${text.layers.objects}</legend>
        <p class="hint">${text.layers.objectsHint}</p>
        ${KINDS.map((kind) => this.toggle(kind, text.kinds[kind], kindKey(kind)))}
      </fieldset>
    `;
  }

  private toggle(overlay: Overlay, name: string, key: TemplateResult): TemplateResult {
    return html`<label class="toggle">
      <input
        type="checkbox"
        role="switch"
        name=${overlay}
        .checked=${this.app.address.shown.has(overlay)}
        @change=${(event: Event) => this.app.show(overlay, (event.target as HTMLInputElement).checked)}
      />
      ${key}<span>${name}</span>
    </label>`;
  }
}

const ANGLES = { '/': '135deg', '\\': '45deg', '-': '0deg', '|': '90deg' } as const;

/** How the n-th of the departments' grids looks on the map. */
export function layerKey(layers: readonly { colour: string }[], n: number): TemplateResult {
  const { colour, hatch } = layerLook(layers, n);
  return html`<span class="key hatch" style="--colour:${colour};--angle:${ANGLES[hatch]}" aria-hidden="true"></span>`;
}

/** How a kind of object looks on the map. */
export function kindKey(kind: Kind): TemplateResult {
  const { path, colour } = SYMBOLS[kind];
  return html`<svg class="key" viewBox="0 0 24 24" aria-hidden="true">${svg`<path d=${path} fill=${colour} fill-rule="evenodd" />`}</svg>`;
}

customElements.define('layers-panel', LayersPanel);
