import { html, nothing, type TemplateResult } from 'lit';
import { failure, ImportPanel } from '../panels/panel';
import { choices } from './choices';
import { save } from './save';
import { systems } from './systems';

const COLLECTIONS = ['cells', 'layer-cells', 'enterprises', 'monitors', 'water-sources', 'river-reaches', 'crosswalk'] as const;
const FORMATS = ['shp', 'gpkg', 'geojson', 'csv', 'xlsx'] as const;
/** Formats whose text may be in another encoding than UTF-8. */
const ENCODED: readonly string[] = ['shp', 'csv'];

/** A collection as a file, for other programs. */
export class ExportForm extends ImportPanel {
  static override properties = { ...ImportPanel.properties, wish: { state: true }, busy: { state: true }, problem: { state: true } };

  declare wish: { collection: string; format: string; crs: string; encoding: string; tier: string; layer: string; datetime: string; original: boolean };
  declare busy: boolean;
  declare problem: unknown;

  constructor() {
    super();
    this.wish = { collection: 'cells', format: 'shp', crs: 'EPSG:4490', encoding: 'utf-8', tier: '', layer: '', datetime: '', original: false };
    this.busy = false;
    this.problem = null;
  }

  protected override render(): unknown {
    const { text, wish } = this;
    return html`
      <section>
        <h3>${text.import.exports}</h3>
        <p class="hint">${text.import.exportHint}</p>
        <button type="button" class="plain wide" @click=${() => this.dialog?.showModal()}>${text.import.exports}…</button>
      </section>
      <dialog class="export" aria-labelledby="export-heading" @close=${() => (this.problem = null)}>
        <form @submit=${this.get}>
          <h2 id="export-heading">${text.import.exports}</h2>
          ${this.choose('collection', text.import.collection, COLLECTIONS.map((each) => [each, text.import.collections[each] ?? each]))}
          ${wish.collection === 'cells' ? this.choose('tier', text.import.tier, [['', text.import.everyTier], ...this.stats.tiers.map(({ tier }): [string, string] => [String(tier), text.tier(tier)])]) : nothing}
          ${['layer-cells', 'crosswalk'].includes(wish.collection) ? this.choose('layer', text.import.layer, [['', text.import.everyLayer], ...this.stats.layers.map((each): [string, string] => [each.layer, this.layerName(each)])]) : nothing}
          ${this.choose('format', text.import.format, FORMATS.map((each) => [each, text.import.fileFormats[each] ?? each]))}
          ${this.choose('crs', text.import.crs, systems(text, this.app.box).map(([code, name]) => [code, `${code} ${name}`]))}
          ${ENCODED.includes(wish.format) ? this.choose('encoding', text.import.encoding, [['utf-8', 'UTF-8'], ['gbk', 'GBK'], ['gb18030', 'GB18030']]) : nothing}
          <label class="field"><span>${text.import.instant}</span>
            <input type="datetime-local" name="datetime" .value=${wish.datetime} title=${text.import.instantHint} @change=${(event: Event) => this.set({ datetime: (event.target as HTMLInputElement).value })} /></label>
          <label class="check"><input type="checkbox" name="original" .checked=${wish.original} @change=${(event: Event) => this.set({ original: (event.target as HTMLInputElement).checked })} />${text.import.original}</label>
          ${this.problem ? failure(text, this.problem, () => void this.get()) : nothing}
          <p class="pair">
            <button type="submit" class="main" ?disabled=${this.busy}>${this.busy ? text.import.preparing : text.import.download}</button>
            <button type="button" class="plain" @click=${() => this.dialog?.close()}>${text.close}</button>
          </p>
        </form>
      </dialog>`;
  }

  private get dialog(): HTMLDialogElement | null {
    return this.querySelector('dialog');
  }

  private choose(key: 'collection' | 'tier' | 'layer' | 'format' | 'crs' | 'encoding', label: string, options: readonly (readonly [string, string])[]): TemplateResult {
    return choices(key, label, '', options, this.wish[key], (value) => this.set({ [key]: value }));
  }

  private set(change: Partial<ExportForm['wish']>): void {
    this.wish = { ...this.wish, ...change };
  }

  private async get(event?: Event): Promise<void> {
    event?.preventDefault();
    const { collection, format, crs, encoding, tier, layer, datetime, original } = this.wish;
    const query = new URLSearchParams({ format, crs });
    if (ENCODED.includes(format)) query.set('encoding', encoding);
    if (collection === 'cells' && tier) query.set('tier', tier);
    if (['layer-cells', 'crosswalk'].includes(collection) && layer) query.set('layer', layer);
    if (datetime) query.set('datetime', new Date(datetime).toISOString());
    if (original) query.set('original', 'true');
    [this.busy, this.problem] = [true, null];
    try {
      await save(this.app.service, `/v1/exports/${collection}?${query}`);
    } catch (problem) {
      this.problem = problem;
    }
    this.busy = false;
  }
}

customElements.define('export-form', ExportForm);
