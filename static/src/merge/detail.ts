import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { area, number, percent, said } from '../language/text';
import { instant } from '../language/time';
import { layerLook } from '../map/colours';
import { BenchPanel, failure } from '../panels/panel';
import { Problem } from '../service';
import type { Intent } from './bench';
import type { Alternative, Happened, Whole } from './requests';
import { authority, consequences, layerName, place, resolution } from './words';
import './many';

/** Beside the map: the conflict that is looked at, with its evidence and the ways to settle it, or what decides many at once. */
export class MergeCard extends BenchPanel {
  static override properties = { ...BenchPanel.properties, help: { state: true }, words: { state: true } };

  /** Whether the keys are explained. */
  declare help: boolean;
  /** A comment that is being written. */
  declare words: string;

  private scrolled: number | null = null;

  constructor() {
    super();
    Object.assign(this, { help: false, words: '' });
  }

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener('keydown', this.key);
  }

  override disconnectedCallback(): void {
    removeEventListener('keydown', this.key);
    super.disconnectedCallback();
  }

  protected override updated(_: PropertyValues): void {
    const { bench } = this.app;
    const id = bench.open?.id ?? null;
    if (id !== this.scrolled) {
      this.scrolled = id;
      this.words = '';
      const article = this.querySelector('.scroll');
      if (article) article.scrollTop = 0;
    }
    if (bench.refusal) this.querySelector('.failure')?.scrollIntoView({ block: 'nearest' });
  }

  protected override render(): unknown {
    const { text } = this;
    const { bench, address } = this.app;
    if (address.merge.view !== 'conflicts') return nothing;
    if (bench.gathered) return html`<many-card .app=${this.app} .stats=${this.stats}></many-card>`;
    if (address.merge.conflict === null) return nothing;
    const at = bench.conflicts.findIndex(({ id }) => id === address.merge.conflict);
    return html`<article aria-label=${text.merge.evidence}>
      <nav aria-label=${text.merge.list}>
        <button type="button" class="plain" name="previous" aria-label=${text.merge.previous} title="${text.merge.previous} (K)" ?disabled=${at < 1} @click=${() => void bench.step(-1)}>‹</button>
        <button type="button" class="plain" name="next" aria-label=${text.merge.next} title="${text.merge.next} (J)" ?disabled=${at === bench.conflicts.length - 1 && bench.next === null} @click=${() => void bench.step(1)}>›</button>
        <span>${at < 0 ? nothing : text.merge.position(number(text, at + 1), number(text, bench.matched))}</span>
        <button type="button" class="plain" name="help" aria-expanded=${this.help} aria-label=${text.merge.help} title="${text.merge.help} (?)" @click=${() => (this.help = !this.help)}>?</button>
        <button type="button" class="plain" name="shut" aria-label=${text.close} title="${text.close} (Esc)" @click=${() => bench.look(null)}>×</button>
      </nav>
      ${this.help ? html`<section class="help" aria-label=${text.merge.help}><dl>${text.merge.keys.map(([keys, what]) => html`<dt>${keys}</dt><dd>${what}</dd>`)}</dl></section>` : nothing}
      ${bench.open ? this.show(bench.open) : html`<p class="loading" role="status">${text.loading}</p>`}
    </article>`;
  }

  private show(open: Whole): TemplateResult {
    const { text, stats } = this;
    const n = stats.layers.findIndex(({ layer }) => layer === open.layer);
    return html`
      <div class="scroll" tabindex="-1">
        <header>
          <p class="marks"><span>${text.merge.kinds[open.kind] ?? open.kind}</span>
            ${open.layer && n >= 0 ? html`<i style="color:${layerLook(stats.layers, n).ink}">${layerName(text, stats.layers, open.layer)}</i>` : nothing}
            <em class="severity ${open.severity}" title=${text.merge.filters.severity}>${text.merge.severities[open.severity] ?? open.severity}</em>
            ${open.blocking && open.state !== 'settled' ? html`<em class="stamp">${text.merge.blocking}</em>` : nothing}
            ${open.pending ? html`<em class="stamp">${text.merge.pending}</em>` : nothing}</p>
          <h2>${place(open)}</h2>
          ${open.cell ? html`<p class="hint"><code>${open.cell.code}</code></p>` : nothing}
        </header>
        ${this.decided(open)}
        <section class="ways">
          <h3>${text.merge.ways}</h3>
          <p class="why-so">${said(text, open.reason.en, open.reason.zh)}</p>
          ${this.ways(open)}
        </section>
        ${this.evidence(open)}
        ${this.history(open)}
      </div>
      ${this.app.bench.decides ? this.deciding(open) : nothing}`;
  }

  /** What was decided, by whom and why. */
  private decided(open: Whole): TemplateResult | typeof nothing {
    const { text, stats } = this;
    if (open.state === 'open') return nothing;
    return html`<section class="decided ${open.state}">
      <p><em>${text.merge.states[open.state]}</em> <b>${open.resolution ? resolution(text, stats.layers, open.resolution, open.detail) : nothing}</b></p>
      ${open.settled_by && open.settled_at ? html`<p class="hint">${text.merge.by(authority(text, stats.layers, open.settled_by), instant(text, open.settled_at))}</p>` : nothing}
      ${open.settled_reason ? html`<p>${said(text, open.settled_reason.en, open.settled_reason.zh)}</p>` : nothing}
    </section>`;
  }

  private ways(open: Whole): TemplateResult {
    const { text } = this;
    if (!open.alternatives.length) return html`<p><b>${resolution(text, this.stats.layers, open.proposal, open.detail)}</b></p>`;
    return html`<div role="radiogroup" aria-label=${text.merge.ways}>${open.alternatives.map((way, n) => this.way(open, way, n))}</div>`;
  }

  private way(open: Whole, way: Alternative, n: number): TemplateResult {
    const { text, stats } = this;
    const { bench } = this.app;
    const considered = (bench.choice ?? open.resolution ?? open.proposal) === way.resolution;
    const moved = way.area_m2 > 0 ? [area(text, way.area_m2)] : [];
    return html`<div>
      <button type="button" role="radio" aria-checked=${considered} data-resolution=${way.resolution} @click=${() => bench.consider(way.resolution)}>
        ${n < 9 ? html`<kbd aria-hidden="true" title=${text.merge.key(n + 1)}>${n + 1}</kbd>` : html`<kbd></kbd>`}
        <span><b>${resolution(text, stats.layers, way.resolution, open.detail)}</b>
          ${way.resolution === open.proposal ? html`<em class="tag">${text.merge.proposed}</em>` : nothing}
          <small>${[...consequences(text, way), ...moved].join(' · ')}</small></span>
      </button>
    </div>`;
  }

  private evidence(open: Whole): TemplateResult {
    const { text } = this;
    const { facts } = text.merge;
    const { detail } = open;
    const fact = (name: string, value: string | null): TemplateResult | typeof nothing => (value ? html`<dt>${name}</dt><dd>${value}</dd>` : nothing);
    return html`<section class="evidence">
      <h3>${text.merge.evidence}</h3>
      ${this.parties(open)}
      <dl class="facts">
        ${fact(facts.area, open.area_m2 ? area(text, open.area_m2) : null)}
        ${fact(facts.share, detail.share ? percent(text, detail.share) : null)}
        ${fact(facts.width, open.width_m ? text.merge.metres(number(text, open.width_m, open.width_m < 10 ? 1 : 0)) : null)}
        ${fact(facts.line, detail.outside ? text.merge.outside : detail.line ? text.merge.lines[detail.line] ?? detail.line : null)}
        ${fact(facts.base, detail.base_cell ? detail.base_cell.name ?? detail.base_cell.code : null)}
        ${fact(facts.code, detail.code ? `${detail.code} ${detail.cell_name ?? ''}` : null)}
        ${fact(facts.capacity, detail.places ? text.merge.capacity(number(text, detail.places), number(text, detail.capacity ?? 0)) : null)}
        ${fact(facts.objects, number(text, open.objects))}
        ${fact(facts.people, number(text, open.people))}
      </dl>
    </section>`;
  }

  /** Cells and people that the conflict is between. */
  private parties({ layer, detail }: Whole): TemplateResult {
    const { text, stats } = this;
    const { cells = [], own, acting, named = [], interim, person, object } = detail;
    const row = (whose: string, colour: string, name: string, note: string, share: number | undefined): TemplateResult => html`<li>
      <span class="whose" style="color:${colour}">${whose}</span><span><b>${name}</b>${note ? html`<small>${note}</small>` : nothing}</span>
      ${share === undefined ? nothing : html`<span class="portion" style="--share:${share};--colour:${colour}">${percent(text, share)}</span>`}
    </li>`;
    const colour = (code: string | null | undefined): string => layerLook(stats.layers, Math.max(0, stats.layers.findIndex((each) => each.layer === code))).ink;
    const of = (code: string | null | undefined): string => (code ? layerName(text, stats.layers, code) : '');
    const ink = 'var(--ink-soft)';
    return html`<ul class="parties">
      ${own ? row(text.merge.roster, ink, own.name, '', undefined) : nothing}
      ${acting && !own ? row(text.merge.acting, ink, acting.name, '', undefined) : nothing}
      ${interim ? row(text.merge.interim, ink, interim.name, '', undefined) : nothing}
      ${person ? row(text.merge.wanted, ink, person.name, '', undefined) : nothing}
      ${object ? row('', ink, object.name, object.code, undefined) : nothing}
      ${named.map((one) => row(of(one.layer), colour(one.layer), one.name, this.cellName(one.layer_cell), one.share))}
      ${cells.map((cell) => row(layer ? of(layer) : '', layer ? colour(layer) : ink, cell.name ?? cell.code, cell.name ? cell.code : '', cell.share))}
    </ul>`;
  }

  /** What a layer cell is called, as the map has it. */
  private cellName(code: string | undefined): string {
    const found = this.app.bench.open?.claimants.features.find(({ properties }) => code && properties?.['code'] === code);
    return String(found?.properties?.['name'] ?? code ?? '');
  }

  private history({ history }: Whole): TemplateResult {
    const { text } = this;
    return html`<section>
      <h3>${text.merge.history}</h3>
      <ol class="happened">${history.map((event) => this.event(event))}</ol>
      ${this.app.may('conflicts.comment') ? html`<form class="pair" @submit=${(event: SubmitEvent) => {
        event.preventDefault();
        if (this.words.trim()) void this.app.bench.comment(this.words.trim()).then(() => (this.words = ''));
      }}>
        <input type="text" name="comment" maxlength="2000" aria-label=${text.merge.comment} placeholder=${text.merge.comment} .value=${live(this.words)} @input=${(event: Event) => (this.words = (event.target as HTMLInputElement).value)} />
        <button type="submit" class="plain" ?disabled=${!this.words.trim()}>${text.merge.commentSend}</button>
      </form>` : nothing}
    </section>`;
  }

  private event({ at, by, did, resolution: way, reason, rule, rules_version: version, rules_file: file, text: words }: Happened): TemplateResult {
    const { text, stats } = this;
    return html`<li>
      <p><em>${text.merge.did[did] ?? did}</em> ${way ? html`<b>${resolution(text, stats.layers, way, this.app.bench.open?.detail)}</b>` : nothing}</p>
      ${words ?? reason ? html`<p>${words ?? said(text, reason?.en, reason?.zh)}</p>` : nothing}
      <p class="hint">${text.merge.by(rule ? `${by} · ${authority(text, stats.layers, rule)}${version ? text.merge.ruleVersion(version) : file ? text.merge.ruleFile(file) : ''}` : by, instant(text, at))}</p>
    </li>`;
  }

  /** The word that decides, always in sight. */
  private deciding(open: Whole): TemplateResult {
    const { text } = this;
    const { bench } = this.app;
    const { intent, choice } = bench;
    const other = choice !== null && choice !== open.proposal;
    const word = (name: Intent, label: string, key: string): TemplateResult => html`<button type="button" class=${name === intent ? 'main' : 'plain'} name=${name}
      ?disabled=${bench.busy !== null || (name === 'settle' && !open.alternatives.length)} @click=${() => this.decide(name)}>${label} ${key ? html`<kbd>${key}</kbd>` : nothing}</button>`;
    return html`<footer class="deciding">
      ${this.refusal()}
      <label><span class="unseen">${text.merge.reason}</span>
        <textarea name="reason" rows="2" maxlength="2000" placeholder=${bench.wordless ? text.merge.reasonNeeded[intent] : text.merge.reasonHint} .value=${live(bench.reason)} @input=${(event: Event) => bench.say((event.target as HTMLTextAreaElement).value)}></textarea></label>
      <p class="pair">
        ${open.state === 'open' || choice !== null ? word('settle', other ? text.merge.decide : text.merge.accept, other ? '' : 'A') : nothing}
        ${open.state === 'open' ? word('defer', text.merge.defer, 'D') : word('reopen', text.merge.reopen, 'O')}
        ${open.cell && this.app.may('draft.edit') ? html`<button type="button" class="plain" name="edit" @click=${() => this.edit(open.cell?.code ?? '')}>${text.merge.edit} <kbd>E</kbd></button>` : nothing}
      </p>
    </footer>`;
  }

  /** Decides so; where words are missing, asks for them first. */
  private decide(intent: Intent): void {
    const { bench } = this.app;
    bench.intend(intent);
    if (bench.wordless) this.focusOn('reason');
    else void bench.decide();
  }

  /** Why the decision was not taken; when somebody was faster, who. */
  private refusal(): TemplateResult | typeof nothing {
    const { text } = this;
    const { bench } = this.app;
    const { refusal } = bench;
    if (!refusal) return nothing;
    if (!(refusal instanceof Problem) || refusal.status !== 409) return failure(text, refusal, () => void bench.refresh());
    return html`<div class="failure" role="alert">
      <strong>${text.merge.clash}</strong>
      <p>${refusal.message}</p>
      ${refusal.fixes.length ? html`<ul>${refusal.fixes.map((fix) => html`<li>${fix}</li>`)}</ul>` : nothing}
      <button type="button" class="plain" name="take" @click=${() => void bench.refresh()}>${text.merge.clashTake}</button>
    </div>`;
  }

  /** Opens the cell where cells are edited. */
  private edit(code: string): void {
    this.app.go({ mode: 'edit', parent: null, tool: 'select', part: 'cells', cell: null, spot: null });
    void this.app.editor.pick(code);
  }

  private readonly key = (event: KeyboardEvent): void => {
    const { bench, address } = this.app;
    if (address.mode !== 'merge' || address.merge.view !== 'conflicts' || event.altKey || event.defaultPrevented) return;
    const target = event.target as HTMLElement;
    if (target.matches('input:not([type=checkbox]), textarea, select')) {
      if (event.key === 'Escape') target.blur();
      else if (event.key !== 'Enter' || event.shiftKey || event.isComposing || bench.gathered || !target.matches('[name=reason]')) return;
      else void bench.decide();
      event.preventDefault();
    } else if (!event.ctrlKey && !event.metaKey && !target.closest('dialog, [role=tablist], .maplibregl-canvas-container, .divider') && this.act(event.key)) {
      event.preventDefault();
    }
  };

  /** What a key does; false: nothing of ours. */
  private act(key: string): boolean {
    const { bench } = this.app;
    const { open } = bench;
    const letter = key.length === 1 ? key.toLowerCase() : key;
    switch (letter) {
      case 'j': case 'ArrowDown': void bench.step(1); return true;
      case 'k': case 'ArrowUp': void bench.step(-1); return true;
      case '?': this.help = !this.help; return true;
      case 'Escape': bench.gathered ? bench.scatter() : bench.look(null); return true;
    }
    if (!open || bench.gathered) return false;
    if (letter === 'c') return this.focusOn('comment');
    if (!bench.decides) return false;
    switch (letter) {
      case 'a':
        if (open.state !== 'open') return false;
        bench.consider(null);
        this.decide('settle');
        return true;
      case 'd':
        if (open.state === 'open') this.decide('defer');
        return true;
      case 'o':
        if (open.state !== 'open') this.decide('reopen');
        return true;
      case 'e':
        if (open.cell && this.app.may('draft.edit')) this.edit(open.cell.code);
        return true;
      case 'x':
        bench.choose(open.id, !bench.chosen.has(open.id));
        return true;
    }
    const way = /^[1-9]$/.test(key) ? open.alternatives[Number(key) - 1] : undefined;
    if (!way) return false;
    bench.consider(way.resolution);
    return this.focusOn('reason');
  }

  private focusOn(name: string): boolean {
    this.querySelector<HTMLElement>(`[name=${name}]`)?.focus();
    return true;
  }
}

customElements.define('merge-card', MergeCard);
