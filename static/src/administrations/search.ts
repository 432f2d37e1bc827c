import { html, nothing, type TemplateResult } from 'lit';
import { Task } from '@lit/task';
import { Panel } from '../panels/panel';
import type { Place } from './list';

const PAUSE_MS = 200;
const SHOWN = 8;

/** Finds a cell by name or code; says which as the event "chosen". */
export class CellSearch extends Panel {
  static override properties = { ...Panel.properties, label: { attribute: false }, name: { attribute: false }, words: { state: true }, chosen: { state: true } };

  declare label: string;
  declare name: string;
  declare words: string;
  declare chosen: Place | null;
  private wait = 0;

  private readonly found = new Task(this, {
    task: async ([words]: readonly [string], { signal }) =>
      words ? (await this.app.service.search(words, signal)).filter(({ kind }) => kind === 'cell').slice(0, SHOWN) : [],
    args: () => [this.words] as const,
  });

  constructor() {
    super();
    Object.assign(this, { label: '', name: 'cell', words: '', chosen: null });
  }

  protected override render(): TemplateResult {
    const { text, chosen } = this;
    const words = text.staff.entrusted;
    return html`<fieldset class="who">
      <legend>${this.label}</legend>
      <input type="search" name=${this.name} autocomplete="off" spellcheck="false" aria-label=${this.label} placeholder=${words.search} @input=${this.type} />
      ${chosen ? html`<p class="tally"><b>${chosen.name}</b> <code>${chosen.code}</code></p>` : nothing}
      ${this.found.render({
        error: () => nothing,
        complete: (list) => html`<ul class="list">${list.filter(({ code }) => code !== chosen?.code).map((one) => html`<li>
          <button type="button" data-cell=${one.code} @click=${() => this.choose(one)}><span>${one.name} <small>${one.parent_name ?? ''}</small></span><code>${one.code}</code></button>
        </li>`)}</ul>
        ${this.words && !list.length ? html`<p class="hint">${words.noCell}</p>` : nothing}`,
      })}
    </fieldset>`;
  }

  private readonly type = (event: Event): void => {
    const { value } = event.target as HTMLInputElement;
    clearTimeout(this.wait);
    this.wait = window.setTimeout(() => (this.words = value.trim()), PAUSE_MS);
  };

  private choose({ code, name }: Place): void {
    this.chosen = { code, name };
    this.words = '';
    this.dispatchEvent(new CustomEvent('chosen', { detail: this.chosen }));
  }
}

customElements.define('cell-search', CellSearch);
