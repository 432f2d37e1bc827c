import { html, nothing, type TemplateResult } from 'lit';
import { number } from '../language/text';
import { instant } from '../language/time';
import { BenchPanel, failure } from '../panels/panel';
import { VIEWS, type View } from './query';
import type { Run } from './requests';
import './list';
import './progress';

/** The side column of the workbench: how far the merge has come, its parts, and the conflicts. */
export class MergePanel extends BenchPanel {
  protected override render(): TemplateResult {
    const { text } = this;
    const { bench, address } = this.app;
    const { view } = address.merge;
    return html`
      <header class="editing merging">
        <h2>${text.merge.heading}</h2>
        ${bench.run ? this.state(bench.run) : bench.known ? html`<p class="hint">${text.merge.none}</p>` : nothing}
        ${this.deeds()}
      </header>
      <div class="rooms" role="tablist" aria-label=${text.merge.viewsLabel} @keydown=${this.key}>
        ${VIEWS.map((each) => html`<button
          type="button"
          role="tab"
          id="view-${each}"
          aria-selected=${each === view}
          aria-controls="merge-view"
          tabindex=${each === view ? 0 : -1}
          @click=${() => bench.enter(each)}
        >${text.merge.views[each]}</button>`)}
      </div>
      <div id="merge-view" class="part" role="tabpanel" aria-labelledby="view-${view}" tabindex="-1">
        ${bench.problem ? failure(text, bench.problem, () => void bench.refresh()) : nothing}
        ${view === 'conflicts' ? html`<merge-list .app=${this.app} .stats=${this.stats}></merge-list>` : nothing}
      </div>`;
  }

  private state(run: Run): TemplateResult {
    const { text } = this;
    const edition = run.draft ? text.merge.draftRun(text.edition(run.edition)) : text.edition(run.edition);
    return html`
      <p class="hint">${text.merge.run(edition, instant(text, run.created_at), run.created_by)}</p>
      <merge-progress .app=${this.app} .stats=${this.stats}></merge-progress>
      ${run.draft ? nothing : html`<p class="hint">${text.merge.published(text.edition(run.edition))}</p>`}
      ${run.has_changed ? html`<p class="warn">${text.merge.stale}</p>` : nothing}`;
  }

  /** Merging again, drawing what was decided. */
  private deeds(): unknown {
    const { text } = this;
    const { bench } = this.app;
    if (!this.app.may('conflicts.settle')) return html`<p class="hint">${text.merge.readOnly}</p>`;
    const { run, busy } = bench;
    return html`<p class="pair">
      <button type="button" class="plain" name="merge" ?disabled=${busy !== null} @click=${() => bench.merge()}>${busy === 'merging' ? text.merge.merging : run ? text.merge.again : text.merge.begin}</button>
      ${run?.draft && run.to_draw ? html`<button type="button" class="plain" name="draw" ?disabled=${busy !== null} @click=${() => bench.draw()}>${busy === 'drawing' ? text.merge.drawing : text.merge.draw(number(text, run.to_draw))}</button>` : nothing}
      </p>
    ${bench.trouble ? failure(text, bench.trouble, () => void bench.refresh()) : nothing}`;
  }

  private async key(event: KeyboardEvent): Promise<void> {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const view: View | undefined = VIEWS[(VIEWS.indexOf(this.app.address.merge.view) + step + VIEWS.length) % VIEWS.length];
    if (!view) return;
    this.app.bench.enter(view);
    await this.updateComplete;
    this.querySelector<HTMLElement>(`#view-${view}`)?.focus();
  }
}

customElements.define('merge-panel', MergePanel);
