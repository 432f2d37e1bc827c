import { html, nothing, type TemplateResult } from 'lit';
import { KINDS } from '../address';
import { kindKey, layerKey } from './layers';
import { Panel } from './panel';

/**
 * What the signs on the map mean: the tiers' lines and whatever is switched on. While
 * merging, the box that lays the layers over each other has theirs.
 */
export class MapLegend extends Panel {
  protected override render(): TemplateResult {
    const { text } = this;
    const { shown, mode } = this.app.address;
    const kinds = KINDS.filter((kind) => shown.has(kind));
    return html`<details class="legend" open>
      <summary>${text.legend.heading}</summary>
      <ul>
        ${this.stats.tiers.map(({ tier }) => html`<li><span class="key line tier-${tier}" aria-hidden="true"></span>${text.tier(tier)}</li>`)}
        <li><span class="key line river" aria-hidden="true"></span>${text.legend.water}</li>
        ${kinds.map((kind) => html`<li>${kindKey(kind)}${text.kinds[kind]}</li>`)}
        ${this.stats.layers.map((layer, n) => mode !== 'merge' && shown.has(layer.layer) ? html`<li>${layerKey(this.stats.layers, n)}${this.layerName(layer)}</li>` : nothing)}
      </ul>
    </details>`;
  }
}

customElements.define('map-legend', MapLegend);
