import { html, nothing, type TemplateResult } from 'lit';
import { Task } from '@lit/task';
import { KINDS, type Kind } from '../address';
import { area, number, percent } from '../language/text';
import { layerLook } from '../map/colours';
import { COLLECTIONS } from '../map/overlays';
import type { ChainCell, Layer, Summary } from '../service';
import { kindKey, layerKey } from './layers';
import { Panel } from './panel';
import '../administrations/list';
import { day } from '../language/time';
import '../assignments/staffing';
import '../boards/links';
import './responsible';

/** How many of a department's cells are shown before the rest is unfolded. */
const FIRST = 3;

/** The selected cell: who is accountable, the chain above, what lies in it, each layer's duty. */
export class CellsPanel extends Panel {
  private readonly summary = new Task(this, {
    task: async ([cell]: readonly [string | null], { signal }) => (cell ? this.app.service.summary(cell, signal) : null),
    args: () => [this.app.address.cell] as const,
  });

  protected override render(): TemplateResult {
    return html`<article aria-label=${this.text.cell.label}>
      <button type="button" class="close" aria-label=${this.text.close} @click=${() => this.app.go({ cell: null, spot: null })}>×</button>
      ${this.outcome(this.summary, (summary) => (summary ? this.show(summary) : nothing))}
    </article>`;
  }

  private show(summary: Summary): TemplateResult {
    const { text } = this;
    const { cell, chain, path } = summary;
    const [self, ...above] = chain;
    return html`
      <header>
        <p class="path">${path.map((link) => html`${this.link(link.code, link.name)}<span aria-hidden="true">›</span>`)}</p>
        <h2>${cell.name}</h2>
        <p class="hint">${text.tier(cell.tier)} <code>${cell.code}</code></p>
      </header>
      ${self ? this.accountable(self) : nothing}
      ${this.app.address.spot ? html`<responsible-note .app=${this.app} .stats=${this.stats} .cell=${cell.code}></responsible-note>` : nothing}
      <cell-staffing .app=${this.app} .stats=${this.stats} .cell=${cell.code} .parts=${summary.children.length > 0} @staffed=${() => void this.summary.run()}></cell-staffing>
      ${this.app.may('people.read') ? html`<section class="entrust"><h3>${text.staff.entrusted.heading}</h3>
        <administration-list .app=${this.app} .stats=${this.stats} .cell=${cell} @changed=${() => void this.summary.run()}></administration-list></section>` : nothing}
      ${above.length ? html`<section><h3>${text.cell.chain}</h3>${self ? this.administered(self) : nothing}<ol class="chain">${above.map((link) => this.above(link))}</ol></section>` : nothing}
      <section><h3>${text.cell.duties}</h3>${this.stats.layers.map((layer, n) => this.duty(layer, n, summary))}</section>
      <section><h3>${text.cell.objects}</h3>${this.objects(summary)}</section>
      ${summary.leaders?.length ? this.leaders(summary.leaders) : nothing}
      ${summary.children.length
        ? html`<section>
            <h3>${text.cell.children} <span class="count">${number(text, summary.children.length)}</span></h3>
            <p class="children">${summary.children.map((child) => html`<span>${this.link(child.code, child.name)}${child.accountable?.acting ? html` <em class="stamp">${text.cell.acting}</em>` : nothing}</span>`)}</p>
          </section>`
        : nothing}
      ${this.app.may('boards.read') ? html`<board-links .app=${this.app} .stats=${this.stats} .code=${cell.code} .parent=${summary.children.length > 0}></board-links>` : nothing}
      <section>
        <h3>${text.cell.boundary}</h3>
        <dl class="facts">
          <dt>${text.cell.boundary}</dt><dd>${provenance(text.cell.provenances, cell.provenance)}</dd>
          <dt>${text.cell.area}</dt><dd>${area(text, cell.area_m2)}</dd>
          <dt>${text.cell.edition}</dt><dd>${text.edition(summary.edition)}</dd>
        </dl>
      </section>
    `;
  }

  private link(code: string, name: string): TemplateResult {
    return html`<button type="button" class="link" @click=${() => this.app.visit(code)}>${name}</button>`;
  }

  private accountable(self: ChainCell): TemplateResult {
    const { text } = this;
    const person = self.accountable;
    if (!person) return html`<section class="accountable nobody"><h3>${text.cell.accountable}</h3><p>${text.cell.nobody}</p></section>`;
    return html`<section class="accountable ${person.acting ? 'acting' : ''}">
      <h3>${text.cell.accountable}</h3>
      <p class="person" data-person=${person.id}>
        <strong>${person.name}</strong>
        ${person.acting ? html`<em class="stamp">${text.cell.acting}</em>` : nothing}
      </p>
      <p>${person.post}${person.phone ? html`<span class="phone" aria-label=${text.cell.phone}>${person.phone}</span>` : nothing}</p>
      ${person.instead_of ? html`<p class="why">${text.staff.insteadOf(person.instead_of.name)}</p>` : nothing}
      ${person.acting && person.from ? html`<p class="why">${text.cell.actingFor(self.name, person.from.name)}</p>` : nothing}
    </section>`;
  }

  /** Under 托管: the chain goes on with the cell that administers it. */
  private administered({ administered }: ChainCell): TemplateResult | typeof nothing {
    const { text } = this;
    if (!administered) return nothing;
    const { name, unit, from } = administered;
    return html`<p class="entrusted"><em class="stamp">${text.staff.entrusted.mark}</em> ${text.staff.entrusted.chain(unit ?? name, day(text, from))}</p>`;
  }

  private above(link: ChainCell): TemplateResult {
    const { text } = this;
    const person = link.accountable;
    return html`<li>
      <span>${this.link(link.code, link.name)}${this.administered(link)}</span>
      <span>${person ? html`${person.name}<small>${person.post}</small>` : text.cell.nobody}
        ${person?.acting ? html`<em class="stamp">${text.cell.acting}</em>` : nothing}</span>
    </li>`;
  }

  private duty(layer: Layer, n: number, { chain, layer_cells }: Summary): TemplateResult {
    const { text } = this;
    const lead = chain[0]?.leads[layer.layer];
    const cells = layer_cells.filter((cell) => cell.layer === layer.layer && cell.code !== null);
    return html`<div class="duty" data-layer=${layer.layer} style="--colour:${layerLook(this.stats.layers, n).ink}">
      <h4>${layerKey(this.stats.layers, n)}${this.layerName(layer)}</h4>
      <p>${text.cell.lead} <b>${lead ? lead.name : text.none}</b></p>
      ${cells.length ? this.portions(cells.slice(0, FIRST)) : html`<p class="hint">${text.cell.noLayerCell}</p>`}
      ${cells.length > FIRST
        ? html`<details><summary>${text.more(cells.length - FIRST)}</summary>${this.portions(cells.slice(FIRST))}</details>`
        : nothing}
    </div>`;
  }

  private portions(cells: Summary['layer_cells']): TemplateResult {
    const { text } = this;
    return html`<ul>${cells.map((cell) => html`<li>
      <span>${cell.name}<small>${cell.responsible ?? text.none}</small></span>
      <span class="portion" style="--share:${cell.share_of_cell}">${percent(text, cell.share_of_cell)}</span>
    </li>`)}</ul>`;
  }

  private objects({ objects }: Summary): TemplateResult {
    const { text } = this;
    const kinds = KINDS.filter((kind) => objects[COLLECTIONS[kind]]?.count);
    if (!kinds.length) return html`<p class="hint">${text.cell.noObjects}</p>`;
    return html`${kinds.map((kind) => this.kind(kind, objects[COLLECTIONS[kind]] ?? { count: 0, items: [] }))}`;
  }

  private kind(kind: Kind, { count, items }: Summary['objects'][string]): TemplateResult {
    const { text } = this;
    return html`<details class="kind">
      <summary>${kindKey(kind)}<span>${text.kinds[kind]}</span><b>${number(text, count)}</b></summary>
      <ul>
        ${items.map((item) => html`<li>
          <span>${item.name}</span><code>${item.code}</code>
        </li>`)}
        ${count > items.length ? html`<li class="hint">… ${number(text, count - items.length)}</li>` : nothing}
      </ul>
    </details>`;
  }

  private leaders(leaders: NonNullable<Summary['leaders']>): TemplateResult {
    const { text } = this;
    return html`<section>
      <h3>${text.cell.leaders}</h3>
      <ul class="leaders">${leaders.map((leader) => html`<li>
        <span>${leader.side === 'party' || leader.side === 'government' ? text.cell.sides[leader.side] : ''}</span>
        <span>${leader.name}<small>${leader.post}</small></span>
        ${leader.accountable ? html`<small class="tag">${text.cell.accountable}</small>` : nothing}
      </li>`)}</ul>
    </section>`;
  }
}

function provenance(names: Record<string, string>, value: string): string {
  return names[value] ?? value;
}

customElements.define('cells-panel', CellsPanel);
