import { html, type TemplateResult } from 'lit';
import { textOf } from '../language/text';
import { Panel } from './panel';

/** What every map must say: what its lines mean, in both languages, and that a demo is one. */
export class MapNotice extends Panel {
  protected override render(): TemplateResult {
    const { text } = this;
    const other = textOf(text.other.code === 'en' ? 'en' : 'zh');
    return html`
      ${this.stats.demo
        ? html`<p class="demo"><strong>${text.demo}</strong><span>${text.sketch}</span></p>`
        : null}
      <p class="disclaimer">
        <span>${text.disclaimer}</span>
        <span lang=${other.language}>${other.disclaimer}</span>
      </p>
    `;
  }
}

customElements.define('map-notice', MapNotice);
