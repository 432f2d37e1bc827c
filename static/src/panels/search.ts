import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { Task } from '@lit/task';
import { KINDS } from '../address';
import type { Found } from '../service';
import { failure, Panel } from './panel';

const PAUSE_MS = 180;

/** Finds cells and objects by name or code: a combobox with a list of what was found. */
export class SearchBox extends Panel {
  static override properties = {
    ...Panel.properties,
    words: { state: true },
    open: { state: true },
    active: { state: true },
  };

  declare words: string;
  declare open: boolean;
  declare active: number;

  private readonly found = new Task(this, {
    task: async ([words]: readonly [string], { signal }) => {
      await new Promise((done) => setTimeout(done, PAUSE_MS));
      signal.throwIfAborted();
      return this.app.service.search(words, signal);
    },
    autoRun: false,
  });

  constructor() {
    super();
    this.words = '';
    this.open = false;
    this.active = -1;
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has('active')) this.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  }

  protected override render(): TemplateResult {
    const { text, open, active } = this;
    return html`<div class="search" role="search">
      <input
        id="search"
        type="text"
        role="combobox"
        autocomplete="off"
        spellcheck="false"
        aria-label=${text.search.label}
        aria-autocomplete="list"
        aria-expanded=${open}
        aria-controls="found"
        aria-activedescendant=${active >= 0 ? `found-${active}` : nothing}
        placeholder=${`${text.search.label} · ${text.search.placeholder}`}
        .value=${this.words}
        @input=${(event: Event) => this.type((event.target as HTMLInputElement).value)}
        @keydown=${this.key}
        @blur=${() => (this.open = false)}
      />
      ${open ? html`<div class="found">${this.list()}</div>` : nothing}
    </div>`;
  }

  private list(): unknown {
    const { text } = this;
    return this.found.render({
      pending: () => html`<p class="loading" role="status">${text.loading}</p>`,
      error: (error) => failure(text, error, () => void this.found.run([this.words])),
      complete: (found) => found.length === 0
        ? html`<p class="hint" role="status">${text.search.nothing}</p>`
        : html`
          <p class="unseen" role="status">${text.search.count(found.length)}</p>
          <ul id="found" role="listbox" aria-label=${text.search.label}>
            ${found.map((item, i) => html`<li
              id="found-${i}"
              role="option"
              aria-selected=${i === this.active}
              @mousedown=${(event: Event) => event.preventDefault()}
              @click=${() => this.choose(item)}
            >
              <b>${item.name}</b>
              <span>${this.what(item)}${item.parent_name ? ` · ${item.parent_name}` : ''}</span>
              <code>${item.code}</code>
            </li>`)}
          </ul>`,
    });
  }

  private type(words: string): void {
    this.words = words;
    this.active = -1;
    this.open = words.trim() !== '';
    if (this.open) void this.found.run([words.trim()]);
  }

  private key(event: KeyboardEvent): void {
    const found = this.found.value ?? [];
    if (event.isComposing) return;
    if (event.key === 'Escape') {
      this.open = false;
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      this.open = this.words.trim() !== '';
      const step = event.key === 'ArrowDown' ? 1 : -1;
      if (found.length) this.active = (this.active + step + found.length) % found.length;
    } else if (event.key === 'Enter') {
      const item = found[Math.max(this.active, 0)];
      if (this.open && item) this.choose(item);
    }
  }

  private choose(item: Found): void {
    this.words = item.name;
    this.open = false;
    this.active = -1;
    const { lon, lat, kind } = item;
    if (kind === 'cell' && this.app.address.mode === 'edit') void this.app.editor.pick(item.code);
    else if (kind === 'cell') this.app.visit(item.code);
    else if (lon != null && lat != null) this.app.go({ shown: new Set([...this.app.address.shown, kind]) }, { lon, lat });
    else this.app.go({ room: 'objects' });
  }

  private what({ kind, tier }: Found): string {
    const object = KINDS.find((k) => k === kind);
    return object ? this.text.kinds[object] : this.text.tier(tier ?? 0);
  }
}

customElements.define('search-box', SearchBox);
