import { html, type TemplateResult } from 'lit';
import { KINDS } from '../address';
import { COLLECTIONS } from '../map/overlays';
import type { Stats } from '../service';
import { number, percent } from '../language/text';
import { Panel } from './panel';
import '../editions/list';

/** The territory in figures: cells by tier, who answers for them, objects, editions. */
export class OverviewPanel extends Panel {
  protected override render(): TemplateResult {
    const { text, stats } = this;
    return html`
      <section>
        <h2>${text.overview.tiers}</h2>
        <table class="tiers">
          <thead>
            <tr>
              <th scope="col">${text.overview.tier}</th>
              <th scope="col">${text.overview.cells}</th>
              <th scope="col">${text.overview.own}</th>
              <th scope="col">${text.overview.acting}</th>
            </tr>
          </thead>
          <tbody>
            ${stats.tiers.map((tier) => this.tier(tier))}
          </tbody>
        </table>
      </section>
      <section>
        <h2>${text.overview.objects}</h2>
        <dl class="figures">
          ${KINDS.map((kind) => html`<div><dt>${text.kinds[kind]}</dt><dd>${number(text, stats.objects[COLLECTIONS[kind]]?.total ?? 0)}</dd></div>`)}
        </dl>
      </section>
      ${this.app.may('editions.read') ? html`<section>
        <h2>${text.overview.editions}</h2>
        <edition-list .app=${this.app} .stats=${stats}></edition-list>
      </section>` : null}
    `;
  }

  private tier({ tier, cells, own, acting, none }: Stats['tiers'][number]): TemplateResult {
    const { text } = this;
    const share = cells ? own / cells : 0;
    return html`
      <tr>
        <th scope="row">${text.tier(tier)}</th>
        <td>${number(text, cells)}</td>
        <td>${number(text, own)}</td>
        <td>${number(text, acting)}</td>
      </tr>
      <tr class="bar">
        <td colspan="4">
          <span class="share" style="--share:${share}">
            ${text.overview.own} ${percent(text, share)}
            ${acting ? html` · ${text.overview.acting} ${percent(text, acting / cells)}` : null}
            ${none ? html` · ${text.overview.without} ${number(text, none)}` : null}
          </span>
        </td>
      </tr>
    `;
  }
}

customElements.define('overview-panel', OverviewPanel);
