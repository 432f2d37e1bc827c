import { html, nothing, type TemplateResult } from 'lit';
import { number } from '../language/text';
import { BenchPanel } from '../panels/panel';
import type { Counts } from './requests';

/** How far the merge has come: all of it, and by kind. A figure leads to the conflicts behind it. */
export class MergeProgress extends BenchPanel {
  protected override render(): unknown {
    const { text } = this;
    const { bench } = this.app;
    const { run } = bench;
    if (!run) return nothing;
    const figure = (name: 'open' | 'deferred' | 'blocking', count: number, ask: Parameters<typeof bench.ask>[0]): TemplateResult | typeof nothing =>
      count ? html`<button type="button" class="link ${name}" name=${name} @click=${() => bench.ask({ ...ask, view: 'conflicts' })}>${number(text, count)} ${text.merge.tally[name]}</button>` : nothing;
    return html`
      <p class="progressed" role="status"><b>${text.merge.progress(number(text, run.settled), number(text, run.total))}</b>
        ${figure('open', run.open, { state: 'open', blocking: false })}
        ${figure('deferred', run.deferred, { state: 'deferred', blocking: false })}
        ${figure('blocking', run.blocking_open, { state: '', blocking: true })}</p>
      ${bar(run)}
      <details class="by-kind" ?open=${this.app.address.merge.view !== 'conflicts'}>
        <summary>${text.merge.byKind}</summary>
        <ul>${run.by_kind.map((each) => html`<li><button type="button" name="kind-${each.kind}" @click=${() => bench.ask({ kind: each.kind, state: '', blocking: false, view: 'conflicts' })}>
          <span>${text.merge.kinds[each.kind] ?? each.kind}</span>
          <span>${number(text, each.settled)}/${number(text, each.total)}</span>
          ${bar(each)}
        </button></li>`)}</ul>
      </details>`;
  }
}

/** Settled, deferred, open, of which blocking, as one bar. */
function bar({ total, settled, deferred }: Counts): TemplateResult {
  const share = (count: number): string => `${total ? (count / total) * 100 : 0}%`;
  return html`<span class="advance" aria-hidden="true" style="--settled:${share(settled)};--deferred:${share(settled + deferred)}"></span>`;
}

customElements.define('merge-progress', MergeProgress);
