import { html, nothing } from 'lit';
import { failure, ImportPanel } from '../panels/panel';
import { choices } from '../panels/choices';
import { TARGETS, type Target } from './imports';
import { save } from '../save';

/** Workbooks to fill in. */
export class ImportTemplates extends ImportPanel {
  static override properties = { ...ImportPanel.properties, target: { state: true }, tier: { state: true }, layer: { state: true }, busy: { state: true }, problem: { state: true } };

  declare target: Target;
  declare tier: string;
  declare layer: string;
  declare busy: boolean;
  declare problem: unknown;

  constructor() {
    super();
    this.target = 'enterprises';
    this.tier = '';
    this.layer = '';
    this.busy = false;
    this.problem = null;
  }

  protected override render(): unknown {
    const { text, stats, target } = this;
    return html`<section>
      <h3>${text.import.templates}</h3>
      <p class="hint">${text.import.templatesHint}</p>
      <form @submit=${this.get}>
        ${choices('template', text.import.becomes, '', TARGETS.map((each) => [each, this.app.importer.label(each) || each]), target, (value) => (this.target = value as Target))}
        ${target === 'cells' ? choices('template-tier', text.import.tier, '', stats.tiers.map(({ tier }) => [String(tier), text.tier(tier)]), this.tier || String(stats.tiers.at(-1)?.tier ?? ''), (value) => (this.tier = value)) : nothing}
        ${target === 'layer-cells' ? choices('template-layer', text.import.layer, '', stats.layers.map((each) => [each.layer, this.layerName(each)]), this.layer || (stats.layers[0]?.layer ?? ''), (value) => (this.layer = value)) : nothing}
        <button type="submit" class="plain wide" ?disabled=${this.busy}>${this.busy ? text.import.preparing : text.import.download}</button>
      </form>
      ${this.problem ? failure(text, this.problem, () => void this.get()) : nothing}
    </section>`;
  }

  private async get(event?: Event): Promise<void> {
    event?.preventDefault();
    const { target, stats } = this;
    const query = new URLSearchParams();
    if (target === 'cells') query.set('tier', this.tier || String(stats.tiers.at(-1)?.tier ?? ''));
    if (target === 'layer-cells') query.set('layer', this.layer || (stats.layers[0]?.layer ?? ''));
    [this.busy, this.problem] = [true, null];
    try {
      await save(this.app.service, `/v1/import-templates/${target}?${query}`);
    } catch (problem) {
      this.problem = problem;
    }
    this.busy = false;
  }
}

customElements.define('import-templates', ImportTemplates);
