import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { ImportPanel } from '../panels/panel';
import { choices } from '../panels/choices';
import { open, TARGETS, type Target } from './imports';

/** What the rows of the open file become, and which sheet or layer of it. */
export class ImportTarget extends ImportPanel {
  protected override render(): unknown {
    const { text, stats } = this;
    const { importer } = this.app;
    const { current } = importer;
    if (!current) return nothing;
    const { target, tier, layer, source, replace_parents, retire_missing } = current;
    const off = !open(current) || importer.busy;
    return html`<section>
      <h3>${text.import.becomes}</h3>
      ${choices('target', text.import.becomes, '', TARGETS.map((each) => [each, importer.label(each) || each]), target, (value) => this.become(value as Target), off)}
      ${target === 'cells'
        ? choices('tier', text.import.tier, text.import.tierNone, stats.tiers.map((each) => [String(each.tier), text.tier(each.tier)]), tier ? String(tier) : '', (value) => void importer.change({ tier: Number(value) }), off)
        : nothing}
      ${target === 'layer-cells'
        ? choices('layer', text.import.layer, text.import.layerNone, stats.layers.map((each) => [each.layer, this.layerName(each)]), layer ?? '', (value) => void importer.change({ layer: value }), off)
        : nothing}
      ${target === 'layer-cells' ? this.check('retire_missing', text.import.wholeGrid, retire_missing, off) : nothing}
      ${source.layers.length > 1
        ? choices('sheet', text.import.sheet, '', source.layers.map((each) => [each, each]), source.layer, (value) => void importer.change({ sheet: value }), off)
        : nothing}
      ${target === 'cells'
        ? html`${this.check('replace_parents', text.import.replaceParents, replace_parents, off)}${this.check('retire_missing', text.import.retireMissing, retire_missing, off)}`
        : nothing}
    </section>`;
  }

  private check(name: 'replace_parents' | 'retire_missing', label: string, on: boolean, off: boolean): TemplateResult {
    return html`<label class="check"><input type="checkbox" name=${name} .checked=${live(on)} ?disabled=${off} @change=${(event: Event) =>
      void this.app.importer.change({ [name]: (event.target as HTMLInputElement).checked })} />${label}</label>`;
  }

  /** Another target has other fields: what was said of the columns goes. */
  private become(target: Target): void {
    const { stats } = this;
    const lowest = Math.max(...stats.tiers.map(({ tier }) => tier));
    void this.app.importer.change({
      target,
      map: {},
      retire_missing: false,
      tier: target === 'cells' ? lowest : 0,
      layer: target === 'layer-cells' ? stats.layers[0]?.layer ?? '' : '',
    });
  }
}

customElements.define('import-target', ImportTarget);
