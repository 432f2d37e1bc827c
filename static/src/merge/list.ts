import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { Task } from '@lit/task';
import { area, number } from '../language/text';
import { layerLook } from '../map/colours';
import { choices } from '../panels/choices';
import { BenchPanel } from '../panels/panel';
import type { Done } from './bench';
import { ALL, KINDS, SEVERITIES, SORTS, STATES, type Query, type Sort } from './query';
import type { Conflict } from './requests';
import { layerName, place, resolution } from './words';

/** The conflicts that the filters choose, page by page. */
export class MergeList extends BenchPanel {
  /** The conflict to which the list was scrolled. */
  private scrolled: number | null = null;

  private readonly counties = new Task(this, {
    task: async (_, { signal }) => (await this.app.service.summary(this.stats.territory.code, signal)).children,
    args: () => [],
  });

  protected override updated(_: PropertyValues): void {
    const { conflict } = this.app.address.merge;
    const row = this.querySelector(`[data-conflict="${conflict}"]`);
    if (conflict === this.scrolled || !row) return;
    this.scrolled = conflict;
    row.scrollIntoView({ block: 'nearest' });
  }

  protected override render(): TemplateResult {
    const { text } = this;
    const { bench, address } = this.app;
    const { merge } = address;
    const { conflicts, matched, chosen } = bench;
    const narrowed = (Object.keys(ALL) as (keyof typeof ALL)[]).some((name) => merge[name] !== ALL[name]);
    const all = conflicts.length > 0 && conflicts.every(({ id }) => chosen.has(id));
    return html`
      ${this.filters(merge)}
      <p class="found-row">
        ${bench.decides && conflicts.length ? html`<input type="checkbox" name="all" aria-label=${text.merge.chooseAll} title=${text.merge.chooseAll} .checked=${live(all)} .indeterminate=${live(chosen.size > 0 && !all)} @change=${(event: Event) => bench.chooseAll((event.target as HTMLInputElement).checked)} />` : nothing}
        <b role="status">${bench.loading && !conflicts.length ? text.loading : chosen.size ? text.merge.chosen(number(text, chosen.size)) : text.merge.found(number(text, matched))}</b>
        ${narrowed ? html`<button type="button" class="link" @click=${() => bench.ask(ALL)}>${text.merge.clear}</button>` : nothing}
        ${bench.decides && matched ? html`<button type="button" class="link together" name="many" @click=${() => bench.gather()}>${chosen.size ? text.merge.many : text.merge.manyFilter(number(text, matched))}</button>` : nothing}
      </p>
      ${bench.done ? html`<p class="said" role="status">${this.said(bench.done)}</p>` : nothing}
      ${!bench.loading && !conflicts.length && !bench.problem ? html`<p class="hint">${text.merge.nothing}</p>` : nothing}
      <ul class="conflicts" aria-label=${text.merge.list}>${conflicts.map((conflict) => this.row(conflict))}</ul>
      ${bench.next === null ? nothing : html`<button type="button" class="plain wide" name="more" ?disabled=${bench.loading} @click=${() => bench.more()}>${text.merge.more}</button>`}`;
  }

  private filters(merge: Query): TemplateResult {
    const { text, stats } = this;
    const { bench } = this.app;
    const { filters, any } = text.merge;
    const counties = this.counties.value ?? [];
    return html`<div class="sieve">
      ${choices('kind', filters.kind, '', [['', any.kind], ...KINDS.map((kind) => [kind, text.merge.kinds[kind] ?? kind] as const)], merge.kind, (kind) => bench.ask({ kind }))}
      ${choices('state', filters.state, '', [['', any.state], ...STATES.map((state) => [state, text.merge.states[state] ?? state] as const)], merge.state, (value) => bench.ask({ state: STATES.find((state) => state === value) ?? '' }))}
      ${choices('layer', filters.layer, '', [['', any.layer], ...stats.layers.map((layer) => [layer.layer, this.layerName(layer)] as const)], merge.layer, (layer) => bench.ask({ layer }))}
      ${choices('severity', filters.severity, '', [['', any.severity], ...SEVERITIES.map((severity) => [severity, text.merge.severities[severity] ?? severity] as const)], merge.severity, (severity) => bench.ask({ severity }))}
      ${choices('within', filters.within, '', [['', any.within], ...counties.map(({ code, name }) => [code, name] as const)], merge.within, (within) => bench.ask({ within }))}
      ${choices('sort', filters.sort, '', SORTS.map((sort) => [sort, text.merge.sorts[sort]] as const), merge.sort, (value) => bench.ask({ sort: SORTS.find((sort): sort is Sort => sort === value) ?? 'severity' }))}
      ${merge.blocking ? html`<button type="button" class="chip" aria-pressed="true" @click=${() => bench.ask({ blocking: false })}>${text.merge.blocking} ×</button>` : nothing}
    </div>`;
  }

  /** What was done last. */
  private said(done: Done): string {
    const { text, stats } = this;
    switch (done.did) {
      case 'settle': return text.merge.settledNow(place(done.conflict), resolution(text, stats.layers, done.resolution, done.conflict.detail));
      case 'defer': return text.merge.deferredNow(place(done.conflict));
      case 'reopen': return text.merge.reopenedNow(place(done.conflict));
      case 'many': return text.merge.manyNow(number(text, done.settled), number(text, done.skipped.length));
      case 'merged': return text.merge.mergedNow;
      case 'drawn': return text.merge.drawnNow;
    }
  }

  private row(conflict: Conflict): TemplateResult {
    const { text, stats } = this;
    const { bench, address } = this.app;
    const { id, kind, layer, severity, state, blocking, area_m2, width_m } = conflict;
    const what = place(conflict);
    const n = stats.layers.findIndex((each) => each.layer === layer);
    const measure = [...(width_m ? [text.merge.metres(number(text, width_m, width_m < 10 ? 1 : 0))] : []), ...(area_m2 && !kind.endsWith('accountable') ? [area(text, area_m2)] : [])];
    return html`<li class="${severity} ${state}" data-conflict=${id}>
      ${bench.decides ? html`<input type="checkbox" name="choose" aria-label=${text.merge.chooseOne(what)} .checked=${live(bench.chosen.has(id))} @change=${(event: Event) => bench.choose(id, (event.target as HTMLInputElement).checked)} />` : nothing}
      <button type="button" aria-current=${id === address.merge.conflict ? 'true' : nothing} @click=${() => bench.look(id)}>
        <span class="head"><b>${what}</b>${layer && n >= 0 ? html`<i style="color:${layerLook(stats.layers, n).ink}">${layerName(text, stats.layers, layer)}</i>` : nothing}
          ${blocking && state !== 'settled' ? html`<em class="stamp" title=${text.merge.blocking}>!<span class="unseen">${text.merge.blocking}</span></em>` : nothing}
          <small class="measures">${measure.join(' · ')}</small></span>
        <span class="tail"><small><span class="unseen">${text.merge.severityLabel(text.merge.severities[severity] ?? severity)}</span>${text.merge.kinds[kind] ?? kind}</small>
          <small class="now">${state === 'settled' && conflict.resolution ? resolution(text, stats.layers, conflict.resolution, conflict.detail) : text.merge.states[state]}</small></span>
      </button>
    </li>`;
  }
}

customElements.define('merge-list', MergeList);
