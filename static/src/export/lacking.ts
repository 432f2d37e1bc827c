import { html, nothing, type TemplateResult } from 'lit';
import { number, type Text } from '../language/text';
import type { Problem } from '../service';

/** At most so many values are listed. */
const MOST = 1000;
/** How many characters stand in the headline. */
const SHOWN = 12;

/** The characters that an encoding lacks, each where it stands, and the encodings that have them. */
export function lacking(text: Text, { lacking: list, fixes }: Problem, encoding: string, others: readonly string[], use: (encoding: string) => void): TemplateResult {
  const characters = [...new Set(list.map(({ character }) => character))];
  return html`<section class="failure lacking" role="alert">
    <strong>${text.export.lacking(encoding, characters.slice(0, SHOWN).join(' ') + (characters.length > SHOWN ? ' …' : ''))}</strong>
    <ul>${fixes.map((fix) => html`<li>${fix}</li>`)}</ul>
    <p class="pair">${others.map((other) => html`<button type="button" class="main" name="use" value=${other} @click=${() => use(other)}>${text.export.use(other)}</button>`)}</p>
    <div class="scroll" tabindex="0" role="region" aria-label=${text.export.lackingTable}>
      <table class="rows">
        <thead><tr>${(['row', 'code', 'field', 'value', 'character'] as const).map((each) => html`<th scope="col">${text.export.columns[each]}</th>`)}</tr></thead>
        <tbody>${list.map(({ row, code, field, value, character }) => html`<tr>
          <th scope="row">${row || text.export.heading0}</th><td><code>${code}</code></td><td>${field}</td><td>${value}</td><td><b>${character}</b></td></tr>`)}</tbody>
      </table>
    </div>
    ${list.length >= MOST ? html`<p class="hint">${text.export.lackingFirst(number(text, list.length))}</p>` : nothing}
  </section>`;
}
