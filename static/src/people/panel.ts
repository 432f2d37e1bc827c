import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { choices } from '../panels/choices';
import { RosterPanel } from '../panels/panel';
import { number } from '../language/text';
import '../administrations/list';
import './units';

/** The side column of the roster: search, filters, the tree of units. */
export class PeoplePanel extends RosterPanel {
  protected override render(): TemplateResult {
    const { text, stats } = this;
    const { roster, address } = this.app;
    const { q, layer, idle, unit } = address.people;
    const narrowed = q || layer || idle || unit !== null;
    return html`
      <header class="editing">
        <h2>${text.people.heading}</h2>
        <p class="hint" role="status">${roster.loading ? text.loading : text.people.count(number(text, roster.matched))}
          ${narrowed ? html`<button type="button" class="link" @click=${() => roster.everybody()}>${text.people.everybody}</button>` : nothing}</p>
      </header>
      <div class="part" tabindex="-1">
        <label class="field lookup"><span>${text.people.search}</span>
          <input type="search" name="q" autocomplete="off" spellcheck="false" placeholder=${text.people.searchHint} .value=${live(q)}
            @input=${(event: Event) => roster.ask({ q: (event.target as HTMLInputElement).value })} /></label>
        ${choices('layer', text.people.layer, '', [['', text.people.anyLayer], ...stats.layers.map((one) => [one.layer, this.layerName(one)] as const)], layer, (value) => roster.ask({ layer: value }))}
        <label class="tick"><input type="checkbox" name="idle" .checked=${live(idle)} @change=${(event: Event) => roster.ask({ idle: (event.target as HTMLInputElement).checked })} />${text.people.idle}</label>
        ${this.app.may('people.edit') ? html`<p class="acts"><button type="button" class="main" name="add" @click=${() => roster.ask({ person: 'new' })}>${text.people.add}</button></p>` : nothing}
        <details class="kind entrust"><summary><span>${text.staff.entrusted.heading}</span></summary>
          <p class="hint">${text.staff.entrusted.hint}</p>
          <administration-list .app=${this.app} .stats=${stats}></administration-list></details>
        <unit-tree .app=${this.app} .stats=${stats}></unit-tree>
      </div>`;
  }
}

customElements.define('people-panel', PeoplePanel);
