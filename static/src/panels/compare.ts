import { html, nothing, type TemplateResult } from 'lit';
import { Task } from '@lit/task';
import type { EditionName } from '../address';
import type { Draft } from '../edit/draft';
import { area, number, percent } from '../language/text';
import type { Comparison, Edition } from '../service';
import { Panel } from './panel';
import '../editions/restore';

const PAGE = 60;

type Change = Comparison['changes'][number];

/** What changed between two editions: figures, and a list that leads to the places. */
export class ComparePanel extends Panel {
  static override properties = { ...Panel.properties, shown: { state: true }, current: { state: true } };

  /** How many changes are listed. */
  declare shown: number;
  /** uid and kind of the change that the map shows. */
  declare current: string;

  private readonly offered = new Task(this, {
    task: async (_, { signal }) => {
      const [editions, draft] = await Promise.all([this.app.service.editions(signal), this.app.editor.drafts.open(signal)]);
      return { editions: editions.filter(({ state }) => state === 'published').sort((a, b) => a.seq - b.seq), draft };
    },
    args: () => [],
  });

  private readonly comparison = new Task(this, {
    task: async ([from, to]: readonly [number | null, EditionName | null], { signal }) => {
      this.shown = PAGE;
      const comparison = from === null || to === null ? null : await this.app.editor.drafts.compare(from, to, signal);
      this.app.compare(comparison);
      const box = comparison && around(comparison.changes);
      if (box) this.app.frame(box);
      return comparison;
    },
    args: () => [...this.pair] as const,
  });

  constructor() {
    super();
    this.shown = PAGE;
    this.current = '';
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.app.compare(null);
    this.app.edited();
  }

  /** The editions to compare: as the address says, otherwise the newest and what came before it. */
  private get pair(): [number | null, EditionName | null] {
    const offered = this.offered.value;
    const { from, to } = this.app.address;
    if (!offered) return [null, null];
    const seqs = offered.editions.map(({ seq }) => seq);
    const last: EditionName | null = offered.draft ? 'draft' : seqs.at(-1) ?? null;
    const chosen = to ?? last;
    const before = seqs.filter((seq) => chosen === 'draft' || (chosen !== null && seq < chosen));
    return [from ?? before.at(-1) ?? null, chosen];
  }

  /** The earlier edition that a later one is compared with, as what going back would change; null: the other way. */
  private get back(): number | null {
    const { from, to } = this.app.address;
    return from !== null && typeof to === 'number' && to < from ? to : null;
  }

  protected override render(): TemplateResult {
    const { text } = this;
    return html`
      <header class="editing"><h2>${this.back === null ? text.compare.heading : text.editions.back.heading(text.edition(this.back))}</h2></header>
      <div class="part">
        ${this.outcome(this.offered, ({ editions, draft }) => (this.back === null ? this.choice(editions, draft)
          : html`<edition-restore .app=${this.app} .stats=${this.stats} .of=${this.back} .newest=${editions.at(-1)?.seq ?? 0} .draft=${draft !== null} .same=${this.comparison.value?.changes.length === 0}></edition-restore>`))}
        ${this.outcome(this.comparison, (comparison) => (comparison ? this.show(comparison) : nothing))}
      </div>`;
  }

  private choice(editions: readonly Edition[], draft: Draft | null): TemplateResult {
    const { text } = this;
    const [from, to] = this.pair;
    if (from === null) return html`<p class="hint">${text.compare.none}</p>`;
    const name = (edition: EditionName): string => (edition === 'draft' ? text.compare.draft : text.edition(edition));
    const options = (chosen: EditionName | null, all: EditionName[]): TemplateResult[] =>
      all.map((edition) => html`<option value=${edition} ?selected=${edition === chosen}>${name(edition)}</option>`);
    const seqs = editions.map(({ seq }) => seq);
    const later: EditionName[] = [...seqs.filter((seq) => seq > from), ...(draft ? (['draft'] as const) : [])];
    const earlier = seqs.filter((seq) => to === 'draft' || (to !== null && seq < to));
    return html`<p class="pair versions-choice">
      <label class="field"><span>${text.compare.from}</span><select name="from" @change=${(event: Event) => this.app.go({ from: Number((event.target as HTMLSelectElement).value) })}>${options(from, earlier)}</select></label>
      <label class="field"><span>${text.compare.to}</span><select name="to" @change=${(event: Event) => {
        const { value } = event.target as HTMLSelectElement;
        this.app.go({ to: value === 'draft' ? 'draft' : Number(value) });
      }}>${options(to, later)}</select></label>
    </p>`;
  }

  private show({ totals, changes }: Comparison): TemplateResult {
    const { text } = this;
    if (!changes.length) return html`<p class="hint">${text.compare.same}</p>`;
    const counts = (['created', 'retired', 'split', 'merged', 'moved', 'renamed', 'changed'] as const).filter((op) => totals[op]);
    const rest = changes.length - this.shown;
    return html`
      <dl class="figures">
        ${counts.map((op) => html`<div><dt>${text.compare.ops[op]}</dt><dd>${number(text, totals[op])}</dd></div>`)}
      </dl>
      <dl class="facts totals">
        <dt>${text.compare.area}</dt><dd>${area(text, totals.area_m2)}</dd>
        <dt>${text.compare.objects}</dt><dd>${number(text, totals.objects)}</dd>
      </dl>
      <h3>${text.compare.changes} <span class="count">${number(text, changes.length)}</span></h3>
      <ul class="list changes">${changes.slice(0, this.shown).map((change) => this.row(change))}</ul>
      ${rest > 0 ? html`<button type="button" class="plain" @click=${() => (this.shown += PAGE)}>${text.more(Math.min(rest, PAGE))}</button>` : nothing}`;
  }

  private row(change: Change): TemplateResult {
    const { text } = this;
    const { op, uid, code, name, before, after, successors, predecessors, area_m2, objects, people, bbox } = change;
    const key = `${op} ${uid}`;
    const renamed = before && after && before.name !== after.name;
    const shares = (all: Change['successors']): string => all.map(({ code: other, share }) => `${other} ${percent(text, share)}`).join(', ');
    return html`<li><button type="button" data-code=${code} data-op=${op} aria-pressed=${key === this.current} @click=${() => {
      this.current = key;
      this.app.frame(bbox);
    }}>
      <em class="op ${op}">${text.compare.ops[op] ?? op}</em>
      <span><b>${renamed ? html`<s>${before.name}</s> ${after.name}` : name}</b><code>${code}</code>
        ${before && after && Math.abs(before.area_m2 - after.area_m2) > 1 ? html`<small>${area(text, before.area_m2)} → ${area(text, after.area_m2)}</small>` : nothing}
        ${successors.length ? html`<small>${text.compare.into(shares(successors))}</small>` : nothing}
        ${predecessors.length ? html`<small>${text.compare.outOf(shares(predecessors))}</small>` : nothing}
        ${area_m2 > 1 || people ? html`<small>${area_m2 > 1 ? `${text.compare.area} ${area(text, area_m2)}` : nothing}
          ${objects ? `${text.compare.objects} ${number(text, objects)}` : nothing} ${people ? text.compare.people(number(text, people)) : nothing}</small>` : nothing}</span>
    </button></li>`;
  }
}

/** The box around all changes; null when there is none. */
function around(changes: readonly Change[]): number[] | null {
  if (!changes.length) return null;
  const side = (n: number, pick: (...values: number[]) => number): number => pick(...changes.map(({ bbox }) => bbox[n] ?? 0));
  return [side(0, Math.min), side(1, Math.min), side(2, Math.max), side(3, Math.max)];
}

customElements.define('compare-panel', ComparePanel);
