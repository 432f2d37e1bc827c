import { html, nothing, type TemplateResult } from 'lit';
import { Task } from '@lit/task';
import { number } from '../language/text';
import { instant } from '../language/time';
import { Panel } from '../panels/panel';
import type { Edition } from '../service';

/** How many are shown at first, and with each "more". */
const PAGE = 20;

/** The editions, newest first: report, document of decision, what came before; an earlier one can be put back in force. */
export class EditionList extends Panel {
  static override properties = { ...Panel.properties, shown: { state: true } };

  declare shown: number;

  private readonly editions = new Task(this, {
    task: (_, { signal }) => this.app.service.editions(signal),
    args: () => [],
  });

  constructor() {
    super();
    this.shown = PAGE;
  }

  protected override render(): unknown {
    const { text } = this;
    return this.outcome(this.editions, (editions) => {
      const published = editions.filter(({ state }) => state === 'published').map(({ seq }) => seq);
      return html`<ol class="editions">${editions.slice(0, this.shown).map((edition) => this.row(edition, published))}</ol>
        ${editions.length > this.shown ? html`<button type="button" class="plain" @click=${() => (this.shown += PAGE)}>${text.editions.more(number(text, Math.min(PAGE, editions.length - this.shown)))}</button>` : nothing}`;
    });
  }

  /** published: numbers of those that are, the newest first. */
  private row({ seq, state, effective, note, restores, decision }: Edition, published: readonly number[]): TemplateResult {
    const { text, app, stats } = this;
    const words = text.editions;
    const path = `${app.service.base}/v1/editions/${seq}`;
    const now = seq === stats.edition ? words.inForce : state !== 'published' ? words.draft : seq > stats.edition ? words.coming : '';
    const before = published.find((each) => each < seq);
    const newest = published[0] ?? 0;
    return html`<li data-edition=${seq}>
      <b>${text.edition(seq)}</b>
      <span>${now ? html`<em class="tag">${now}</em> ` : nothing}${note}${restores ? html` <small>${words.restores(text.edition(restores))}</small>` : nothing}</span>
      ${effective ? html`<time datetime=${effective}>${instant(text, effective)}</time>` : nothing}
      ${decision ? html`<span class="paper"><b>${decision.document_no}</b> ${decision.date}
        ${decision.scan && app.may('draft.read') ? html`<a class="link" href="${path}/decision/scan">${words.scan}</a>` : nothing}</span>` : nothing}
      ${state === 'published' ? html`<p class="deeds">
        <a class="link" href="${path}/report.docx?lang=${text.language}">${words.report}</a>
        ${before && app.may('draft.read') ? html`<button type="button" class="link" name="compare-edition" @click=${() => app.go({ mode: 'compare', from: before, to: seq, cell: null, spot: null })}>${words.compare}</button>` : nothing}
        ${app.may('draft.publish') && published.length > 1 ? html`<button type="button" class="link" name="restore" ?disabled=${seq === newest} title=${seq === newest ? words.newest : nothing}
          @click=${() => app.go({ mode: 'compare', from: newest, to: seq, cell: null, spot: null })}>${words.restore}</button>` : nothing}
      </p>` : nothing}
    </li>`;
  }
}

customElements.define('edition-list', EditionList);
