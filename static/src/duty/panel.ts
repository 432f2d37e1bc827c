import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { Task } from '@lit/task';
import { FIGURES, type Figure } from '../address';
import { area, number } from '../language/text';
import { instant } from '../language/time';
import { Panel } from '../panels/panel';
import { figures, rows, type Duty, type DutyCell, type Row } from './figures';
import './settings';
import './suggestion';

const PAGE = 50;
/** Ages of vacancies in days that end each group but the last. */
const OLDEST = 180;

/** Where duty is not covered: each figure opens to its rows, which the map marks. */
export class DutyPanel extends Panel {
  static override properties = { ...Panel.properties, again: { state: true } };

  /** Counts up when figures have to be asked for again. */
  declare again: number;

  private readonly figures = new Task(this, {
    task: ([below]: readonly [string | null, number], { signal }) => figures(this.app.service, below, signal),
    args: () => [this.app.address.below, this.again] as const,
  });

  constructor() {
    super();
    this.again = 0;
  }

  override disconnectedCallback(): void {
    this.app.light([]);
    super.disconnectedCallback();
  }

  protected override render(): TemplateResult {
    const { text } = this;
    return html`<section>
      <h2>${text.duty.heading}</h2>
      ${this.outcome(this.figures, (duty) => this.show(duty))}
      <duty-suggestion .app=${this.app} .stats=${this.stats} @accepted=${() => (this.again += 1)}></duty-suggestion>
      <duty-settings .app=${this.app} .stats=${this.stats} .code=${this.app.address.below ?? this.stats.territory.code} @changed=${() => (this.again += 1)}></duty-settings>
    </section>`;
  }

  private show(duty: Duty): TemplateResult {
    const { text, app } = this;
    const { cell, below } = app.address;
    return html`
      <p class="reach">
        <b>${duty.cell.name}</b>
        ${below ? html`<button type="button" class="plain" data-reach="all" @click=${() => app.go({ below: null })}>${text.duty.all}</button>` : nothing}
        ${cell && cell !== duty.cell.code ? html`<button type="button" class="plain" data-reach="cell" @click=${() => app.go({ below: cell })}>${text.duty.here}</button>` : nothing}
      </p>
      <table class="tiers">
        <thead><tr>${[text.overview.tier, text.overview.cells, text.overview.own, text.overview.acting].map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
        <tbody>${duty.tiers.map((tier) => html`<tr>
          <th scope="row">${text.tier(tier.tier)}</th>
          <td>${number(text, tier.cells)}</td><td>${number(text, tier.own)}</td><td>${number(text, tier.acting)}</td>
        </tr>`)}</tbody>
      </table>
      <div class="duties" role="list">${FIGURES.map((figure) => this.figure(figure, duty))}</div>
    `;
  }

  private figure(figure: Figure, duty: Duty): TemplateResult {
    const { text, app } = this;
    const count = figure === 'workload' ? duty.people.count : duty[figure].count;
    const open = app.address.figure === figure;
    return html`<div role="listitem" class=${figure} data-figure=${figure}>
      <button type="button" class="figure" aria-expanded=${open} @click=${() => this.toggle(figure, open)}>
        <span>${text.duty.figures[figure]}<small>${this.note(figure, duty)}</small></span>
        <b class=${count && figure !== 'workload' ? 'warn' : ''}>${number(text, count)}</b>
      </button>
      ${open ? html`<duty-rows .app=${app} .stats=${this.stats} .figure=${figure} .again=${this.again}></duty-rows>` : nothing}
    </div>`;
  }

  private toggle(figure: Figure, open: boolean): void {
    if (open) this.app.light([]);
    this.app.go({ figure: open ? null : figure });
  }

  /** What a figure says besides its count. */
  private note(figure: Figure, { vacancies, acting, limits, people }: Duty): string {
    const { text } = this;
    switch (figure) {
      case 'vacancies':
        return vacancies.ages.filter(({ count }) => count).map(({ days, count }) =>
          days == null ? text.duty.older(number(text, OLDEST), number(text, count)) : text.duty.younger(number(text, days), number(text, count))).join(text.duty.join);
      case 'acting':
        return acting.far ? text.duty.far(number(text, acting.far)) : text.duty.near;
      case 'overloaded':
        return text.duty.most(number(text, limits.most_cells), number(text, limits.most_rounds));
      case 'understaffed':
        return text.duty.least(number(text, limits.least_officers));
      case 'workload':
        return text.duty.each(number(text, people.cells_each ?? 0, 2), number(text, people.most));
      case 'idle':
        return '';
    }
  }
}

/** The rows behind a figure, the worst first. */
class DutyRows extends Panel {
  static override properties = { ...Panel.properties, figure: { attribute: false }, again: { attribute: false }, limit: { state: true } };

  declare figure: Figure;
  declare again: number;
  declare limit: number;

  private readonly rows = new Task(this, {
    task: async ([figure, below, limit]: readonly [Figure, string | null, number, number], { signal }) => {
      const found = await rows(this.app.service, figure, below, limit, signal);
      this.app.light(found.rows.flatMap(({ cell, load }): DutyCell[] => (cell ? [cell] : load?.held ?? [])));
      return found;
    },
    args: () => [this.figure, this.app.address.below, this.limit, this.again] as const,
  });

  constructor() {
    super();
    this.limit = PAGE;
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('figure')) this.limit = PAGE;
  }

  protected override render(): unknown {
    const { text } = this;
    return this.outcome(this.rows, (found) => html`
      ${found.matched ? nothing : html`<p class="hint">${text.duty.nothing}</p>`}
      ${this.figure === 'workload' || this.figure === 'overloaded'
        ? this.loads(found.rows)
        : html`<ul class="list">${found.rows.map((row) => html`<li>${this.row(row)}</li>`)}</ul>`}
      ${found.matched > found.rows.length
        ? html`<button type="button" class="plain" @click=${() => (this.limit += PAGE)}>${text.more(Math.min(PAGE, found.matched - found.rows.length))}</button>`
        : nothing}`);
  }

  private row({ cell, person, since, days, steps, officers }: Row): TemplateResult {
    const { text } = this;
    if (!cell) return html`<p class="party"><span><b>${person?.name}</b> <small>${person?.post}</small></span><small>${person?.unit}</small></p>`;
    return html`<button type="button" data-code=${cell.code} @click=${() => this.app.visit(cell.code)}>
      <span>
        <span class="head"><b>${cell.name}</b>${steps !== undefined && steps >= 2 ? html`<em class="stamp">${text.duty.steps(number(text, steps))}</em>` : nothing}</span>
        ${officers === undefined ? nothing : html`<small>${text.duty.officers(number(text, officers))}</small>`}
        ${since ? html`<small>${text.duty.since(number(text, days ?? 0), instant(text, since))}</small>` : nothing}
        ${person ? html`<small>${text.duty.by(person.name, person.post)}</small>` : nothing}
      </span>
    </button>`;
  }

  private loads(list: readonly Row[]): TemplateResult {
    const { text } = this;
    const columns = text.duty.columns;
    return html`<div class="loads" tabindex="0" role="region" aria-label=${text.duty.figures[this.figure]}><table>
      <thead><tr>${[columns.person, columns.cells, columns.enterprises, columns.risks, columns.area].map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
      <tbody>${list.map(({ person, load }) => html`<tr>
        <th scope="row">
          ${load?.held.length === 1 && load.held[0] ? html`<button type="button" class="link" @click=${() => this.app.visit(load.held[0]!.code)}>${person?.name}</button>` : person?.name}
          <small>${person?.post}</small>
        </th>
        <td>${number(text, (load?.cells ?? 0) + (load?.rounds ?? 0))}${load?.acting ? html`<small>${text.duty.plus(number(text, load.acting))}</small>` : nothing}</td>
        <td>${number(text, load?.enterprises ?? 0)}</td>
        <td><small>${Object.entries(load?.risks ?? {}).map(([risk, n]) => html`<span>${risk} ${number(text, n)}</span>`)}</small></td>
        <td>${area(text, load?.area_m2 ?? 0)}</td>
      </tr>`)}</tbody>
    </table></div>`;
  }
}

customElements.define('duty-panel', DutyPanel);
customElements.define('duty-rows', DutyRows);
