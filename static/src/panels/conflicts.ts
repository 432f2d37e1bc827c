import { html, nothing, type TemplateResult } from 'lit';
import { Task } from '@lit/task';
import type { Conflict } from '../service';
import { area, number, percent } from '../language/text';
import { layerLook } from '../map/colours';
import { Panel } from './panel';

const PAGE = 40;

/** What the service tells of a conflict besides; which of it depends on the kind. */
interface Detail {
  cells?: { code: string; name: string; share: number }[];
  own?: { name: string; staff_no: string } | null;
  named?: { name: string; staff_no: string; layer: string; share: number }[];
}

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
    const { cells = [], named = [] } = (conflict.detail ?? {}) as Detail;
    return html`<li>
      <button type="button" ?disabled=${conflict.lon == null} @click=${() => this.visit(conflict)}>
        <span>
          <span class="head">
            <b>${conflict.cell?.name ?? text.conflicts.kinds[conflict.kind] ?? conflict.kind}</b>
            ${this.stats.layers.map((layer, n) => layer.layer === conflict.layer
              ? html`<i style="color:${layerLook(n).colour}">${this.layerName(layer)}</i>`
              : nothing)}
            ${conflict.blocking && conflict.state === 'open' ? html`<em class="stamp">${text.conflicts.blocking}</em>` : nothing}
          </span>
          ${cells.map((cell) => html`<small class="party"><span>${cell.name}</span>${percent(text, cell.share)}</small>`)}
          ${named.map((person) => html`<small class="party">
            <span>${this.stats.layers.filter(({ layer }) => layer === person.layer).map((layer) => this.layerName(layer))} ${person.name}</span>
            ${percent(text, person.share)}
          </small>`)}
          <strong>${text.conflicts.states[conflict.state] ?? conflict.state}: ${this.decision(conflict)}</strong>
          ${conflict.settled_by ? html`<small>${this.authority(conflict.settled_by)}</small>` : nothing}
          <small>${conflict.area_m2 ? area(text, conflict.area_m2) : nothing}${conflict.touches ? html` · ${text.conflicts.touches(number(text, conflict.touches))}` : nothing}</small>
        </span>
      </button>
    </li>`;
  }

  /** The resolution, or what is proposed until there is one. */
  private decision({ resolution, proposal, detail }: Conflict): string {
    const { text } = this;
    const decision = resolution ?? proposal;
    const [, staff] = /^accountable:(.*)$/.exec(decision) ?? [];
    if (!staff) return text.conflicts.resolutions[decision] ?? decision;
    const { own, named = [] } = (detail ?? {}) as Detail;
    const person = [own, ...named].find((p) => p?.staff_no === staff);
    return text.conflicts.accountable(person?.name ?? staff);
  }

  /** The rule or the person that settled it. */
  private authority(by: string): string {
    const { text } = this;
    const [, number, rule] = /^rule (\d+): (.*)$/.exec(by) ?? [];
    return text.conflicts.by(number && rule ? text.conflicts.rule(number, text.conflicts.resolutions[rule] ?? rule) : by);
  }

  private visit({ lon, lat, layer, cell }: Conflict): void {
    if (lon == null || lat == null) return;
    const shown = layer ? new Set([...this.app.address.shown, layer]) : this.app.address.shown;
    this.app.go({ shown, cell: cell?.code ?? null, spot: null }, { lon, lat });
  }
}

customElements.define('conflicts-panel', ConflictsPanel);
customElements.define('conflict-list', ConflictList);
