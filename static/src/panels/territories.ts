import { html, nothing, type TemplateResult } from 'lit';
import { Task } from '@lit/task';
import { Panel } from './panel';

/** Links to the other territories; nothing where there is but one. */
export class TerritorySwitch extends Panel {
  private readonly territories = new Task(this, {
    task: (_, { signal }) => this.app.service.territories(signal),
    args: () => [],
  });

  protected override render(): unknown {
    return this.outcome(this.territories, (territories): TemplateResult | typeof nothing =>
      territories.length < 2
        ? nothing
        : html`<nav class="territories" aria-label=${this.text.territories}>
            ${territories.map(({ code, name }) => html`<a
              href="/t/${code}/?lang=${this.text.language}"
              aria-current=${code === this.stats.territory?.code ? 'page' : nothing}
            >${name}</a>`)}
          </nav>`,
    );
  }
}

customElements.define('territory-switch', TerritorySwitch);
