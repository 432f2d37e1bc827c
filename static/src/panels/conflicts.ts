import { html, nothing, type TemplateResult } from 'lit';
import { Task } from '@lit/task';
import type { Conflict } from '../service';
import { area, number } from '../language/text';
import { layerLook } from '../map/colours';
import { Panel } from './panel';

const PAGE = 40;

/** Where the layers disagree, by kind. */
export class ConflictsPanel extends Panel {
  static override properties = { ...Panel.properties, open: { state: true } };

  /** The kinds that were unfolded. */
  declare open: ReadonlySet<string>;

  constructor() {
    super();
    this.open = new Set();
  }

  protected override render(): TemplateResult {
    const { text, stats } = this;
    const { total, open, blocking_open, by_kind } = stats.conflicts;
    return html`<section>
      <h2>${text.rooms.conflicts}</h2>
      <p class="hint">${text.conflicts.hint}</p>
      <p class="tally">
        ${total === 0 ? text.conflicts.nothing : text.conflicts.settled(number(text, total - open))}
        ${open ? html`<b class="warn">${text.conflicts.open(number(text, open))}</b>` : nothing}
        ${blocking_open ? html`<em class="stamp">${text.conflicts.blocking} ${number(text, blocking_open)}</em>` : nothing}
      </p>
      ${Object.entries(by_kind).map(([kind, count]) => html`<details
        class="kind"
        @toggle=${() => (this.open = new Set([...this.open, kind]))}
      >
        <summary>
          <span>${text.conflicts.kinds[kind] ?? kind}</span>
          <b>${number(text, count)}</b>
        </summary>
        ${this.open.has(kind) ? html`<conflict-list .app=${this.app} .stats=${stats} .kind=${kind}></conflict-list>` : nothing}
      </details>`)}
    </section>`;
  }
}

/** The conflicts of one kind. */
class ConflictList extends Panel {
  static override properties = { ...Panel.properties, kind: { attribute: false }, shown: { state: true } };

  declare kind: string;
  /** How many are shown. */
  declare shown: number;

  private readonly conflicts = new Task(this, {
    task: ([kind]: readonly [string], { signal }) => this.app.service.conflicts(kind, signal),
    args: () => [this.kind] as const,
  });

  constructor() {
    super();
    this.shown = PAGE;
  }

  protected override render(): unknown {
    return this.outcome(this.conflicts, (conflicts) => {
      const rest = conflicts.length - this.shown;
      return html`
        <ul class="list">${conflicts.slice(0, this.shown).map((conflict) => this.row(conflict))}</ul>
        ${rest > 0
          ? html`<button type="button" class="plain" @click=${() => (this.shown += PAGE)}>${this.text.more(Math.min(rest, PAGE))}</button>`
          : nothing}
      `;
    });
  }

  private row(conflict: Conflict): TemplateResult {
    const { text } = this;
    const { resolutions, states } = text.conflicts;
    const decision = conflict.resolution ?? conflict.proposal;
    return html`<li>
      <button type="button" ?disabled=${conflict.lon == null} @click=${() => this.visit(conflict)}>
        <span>
          <span class="head">
            <b>${conflict.cell?.name ?? conflict.reason}</b>
            ${this.stats.layers.map((layer, n) => layer.layer === conflict.layer
              ? html`<i style="color:${layerLook(n).colour}">${this.layerName(layer)}</i>`
              : nothing)}
            ${conflict.blocking && conflict.state === 'open' ? html`<em class="stamp">${text.conflicts.blocking}</em>` : nothing}
          </span>
          <small>${states[conflict.state] ?? conflict.state}: ${resolutions[decision] ?? decision}</small>
          ${conflict.settled_by ? html`<small>${text.conflicts.by(conflict.settled_by)}</small>` : nothing}
          <small>${conflict.area_m2 ? area(text, conflict.area_m2) : nothing}${conflict.touches ? html` · ${text.conflicts.touches(number(text, conflict.touches))}` : nothing}</small>
        </span>
      </button>
    </li>`;
  }

  private visit({ lon, lat, layer, cell }: Conflict): void {
    if (lon == null || lat == null) return;
    const shown = layer ? new Set([...this.app.address.shown, layer]) : this.app.address.shown;
    this.app.go({ shown, cell: cell?.code ?? null, spot: null }, { lon, lat });
  }
}

customElements.define('conflicts-panel', ConflictsPanel);
customElements.define('conflict-list', ConflictList);
