import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { area, number } from '../language/text';
import { BenchPanel, failure } from '../panels/panel';
import type { Gathered } from './bench';
import type { Conflict } from './requests';
import { consequences, resolution } from './words';

/** Whether a way finds a person in each conflict, so that what it comes to isn't known here. */
function byName(way: string): boolean {
  return ['roster-first', 'most-named', 'accept-acting'].includes(way) || way.startsWith('layer:');
}

/** Many conflicts at once: what each way to settle them would come to, looked at first. */
export class ManyCard extends BenchPanel {
  static override properties = { ...BenchPanel.properties, way: { state: true } };

  declare way: string;

  constructor() {
    super();
    this.way = '';
  }

  protected override render(): unknown {
    const { gathered } = this.app.bench;
    return gathered ? this.show(gathered) : nothing;
  }

  private show(gathered: Gathered): TemplateResult {
    const { text, stats } = this;
    const { bench } = this.app;
    const undecided = gathered.conflicts.filter((conflict) => open(gathered, conflict));
    const ways = sums(gathered);
    const chosen = ways.find(({ resolution: way }) => way === this.way);
    return html`<article aria-label=${text.merge.many}>
      <nav><span>${text.merge.many}</span>
        <button type="button" class="plain" name="shut" aria-label=${text.close} title="${text.close} (Esc)" @click=${() => bench.scatter()}>×</button></nav>
      <div class="scroll" tabindex="-1">
        <header><h2>${text.merge.found(number(text, gathered.conflicts.length))}</h2>
          <p class="hint">${text.merge.undecided(number(text, undecided.length))}</p></header>
        <section class="ways">
          <h3>${text.merge.ways}</h3>
          <div role="radiogroup" aria-label=${text.merge.ways}>${ways.map((way) => html`<div>
            <button type="button" role="radio" aria-checked=${way.resolution === this.way} data-resolution=${way.resolution} @click=${() => (this.way = way.resolution)}>
              <span><b>${resolution(text, stats.layers, way.resolution)}</b>
                <small>${text.merge.fits(number(text, way.fits), number(text, undecided.length))}</small>
                ${byName(way.resolution) ? nothing : html`<small>${[...consequences(text, way), ...(way.area_m2 ? [area(text, way.area_m2)] : [])].join(' · ')}</small>`}</span>
            </button></div>`)}</div>
        </section>
      </div>
      <footer class="deciding">
        ${bench.refusal ? failure(text, bench.refusal, () => void bench.gather()) : nothing}
        <label><span class="unseen">${text.merge.reason}</span>
          <textarea name="reason" rows="2" maxlength="1000" placeholder=${text.merge.reasonMany} .value=${live(bench.reason)} @input=${(event: Event) => bench.say((event.target as HTMLTextAreaElement).value)}></textarea></label>
        <p class="pair"><button type="button" class="main" name="settle-many" ?disabled=${bench.busy !== null || !chosen || !bench.reason.trim()} @click=${() => void bench.decideMany(this.way)}>
          ${text.merge.decideMany(number(text, chosen?.fits ?? 0))}</button></p>
      </footer>
    </article>`;
  }
}

interface Sum {
  resolution: string;
  fits: number;
  cells: number;
  objects: number;
  people: number;
  area_m2: number;
}

/** Whether it is decided with the others: what somebody put off only where that was asked for. */
function open({ ids, filter }: Gathered, { state }: Conflict): boolean {
  return state === 'open' || (state === 'deferred' && ids === null && filter.state === 'deferred');
}

/** What each way comes to over all that are undecided, the one that fits most first. */
function sums(gathered: Gathered): Sum[] {
  const ways = new Map<string, Sum>();
  const add = (way: string, { cells, objects, people, area_m2 }: Omit<Sum, 'resolution' | 'fits'>): void => {
    const sum = ways.get(way) ?? { resolution: way, fits: 0, cells: 0, objects: 0, people: 0, area_m2: 0 };
    ways.set(way, { resolution: way, fits: sum.fits + 1, cells: sum.cells + cells, objects: sum.objects + objects, people: sum.people + people, area_m2: sum.area_m2 + area_m2 });
  };
  const nothing = { cells: 0, objects: 0, people: 0, area_m2: 0 };
  for (const conflict of gathered.conflicts) {
    const { kind, detail, alternatives, proposal } = conflict;
    if (!open(gathered, conflict)) continue;
    const proposed = alternatives.find(({ resolution: way }) => way === proposal);
    if (proposed) add('proposal', proposed);
    for (const way of alternatives) if (!/^(accountable|interim):/.test(way.resolution)) add(way.resolution, way);
    if (kind !== 'two-accountable' && kind !== 'none-accountable') continue;
    if (detail.own) add('roster-first', nothing);
    if (detail.named?.length) add('most-named', nothing);
    for (const layer of new Set(detail.named?.flatMap(({ layer: each }) => (each ? [each] : [])))) add(`layer:${layer}`, nothing);
  }
  return [...ways.values()].sort((a, b) => b.fits - a.fits);
}

customElements.define('many-card', ManyCard);
