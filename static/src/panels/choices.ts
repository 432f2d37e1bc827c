import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';

/** A labelled list to choose from; none: what stands there while nothing is chosen, "" where there always is something. */
export function choices(
  name: string,
  label: string,
  none: string,
  options: readonly (readonly [string, string])[],
  value: string,
  choose: (value: string) => void,
  disabled = false,
): TemplateResult {
  return html`<label class="field"><span>${label}</span>
    <select name=${name} ?disabled=${disabled} @change=${(event: Event) => choose((event.target as HTMLSelectElement).value)}>
      ${none ? html`<option value="" .selected=${live(value === '')} ?disabled=${value !== ''}>${none}</option>` : nothing}
      ${options.map(([each, words]) => html`<option value=${each} .selected=${live(each === value)}>${words}</option>`)}
    </select></label>`;
}
