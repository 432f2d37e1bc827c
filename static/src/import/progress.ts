import { html, nothing } from 'lit';
import { bytes, duration, number, percent } from '../language/text';
import { ImportPanel } from '../panels/panel';
import { rests } from './imports';

/** How far reading, checking or applying has come. */
export class ImportProgress extends ImportPanel {
  protected override render(): unknown {
    const { text } = this;
    const { current } = this.app.importer;
    if (!current || rests(current)) return nothing;
    const { state, progress } = current;
    const { rows, rows_total, rows_per_s, remaining_s, bytes_total } = progress;
    const share = rows_total ? rows / rows_total : bytes_total ? progress.bytes / bytes_total : null;
    const stage = text.import.states[state] ?? state;
    return html`<section class="progress" aria-label=${text.import.progress}>
      <h3>${stage}…</h3>
      <progress max="1" .value=${share ?? 0} ?data-unknown=${share === null} aria-label=${stage}>${share === null ? '' : percent(text, share)}</progress>
      <p class="hint" role="status">${[
        bytes_total ? text.import.bytes(bytes(text, progress.bytes), bytes(text, bytes_total)) : '',
        rows_total ? text.import.rowsOf(number(text, rows), number(text, rows_total)) : rows ? text.import.rowsRead(number(text, rows)) : '',
        rows_per_s ? text.import.rate(number(text, rows_per_s)) : '',
        remaining_s ? text.import.remaining(duration(text, remaining_s)) : '',
      ].filter(Boolean).join(' · ')}</p>
    </section>`;
  }
}

customElements.define('import-progress', ImportProgress);
