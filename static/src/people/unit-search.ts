import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { number } from '../language/text';
import { Panel } from '../panels/panel';

const SHOWN = 8;
let made = 0;

/** A unit as one chooses it: its number and what it is called. */
export interface Choice {
  id: number;
  label: string;
}

/**
 * A field to choose a unit by a part of its name: a combobox with the units found,
 * and above them what may be chosen besides. Says the choice as the event "chosen":
 * the number of a unit, or the value of what stands besides.
 */
export class UnitSearch extends Panel {
  static override properties = {
    ...Panel.properties, label: { attribute: false }, name: { attribute: false }, units: { attribute: false }, besides: { attribute: false }, value: { attribute: false },
    typed: { state: true }, open: { state: true }, active: { state: true },
  };

  declare label: string;
  declare name: string;
  declare units: readonly Choice[];
  /** What may be chosen besides, as value and words. */
  declare besides: readonly (readonly [string, string])[];
  declare value: string;
  /** What is looked for; null: what is chosen stands in the field. */
  declare typed: string | null;
  declare open: boolean;
  declare active: number;
  private readonly list = `units-${++made}`;

  constructor() {
    super();
    Object.assign(this, { label: '', name: 'unit', units: [], besides: [], value: '', typed: null, open: false, active: -1 });
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has('active')) this.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  }

  protected override render(): TemplateResult {
    const { open, active, list } = this;
    return html`<label class="field"><span>${this.label}</span>
      <input type="text" role="combobox" name=${this.name} autocomplete="off" spellcheck="false" placeholder=${this.text.people.unitSearch}
        aria-autocomplete="list" aria-expanded=${open} aria-controls=${list} aria-activedescendant=${active >= 0 ? `${list}-${active}` : nothing}
        .value=${live(this.typed ?? this.chosen)} @focus=${this.enter} @click=${() => (this.open = true)} @input=${this.type} @keydown=${this.key} @blur=${this.shut} /></label>
      ${open ? html`<div class="found">${this.found()}</div>` : nothing}`;
  }

  private get chosen(): string {
    return this.besides.find(([value]) => value === this.value)?.[1] ?? this.units.find(({ id }) => String(id) === this.value)?.label ?? '';
  }

  /** All that fits what is typed, each as value and words. */
  private get fitting(): readonly (readonly [string, string])[] {
    const wanted = (this.typed ?? '').trim().toLowerCase();
    return [...this.besides, ...this.units.map(({ id, label }) => [String(id), label] as const)].filter(([, words]) => words.toLowerCase().includes(wanted));
  }

  private found(): TemplateResult {
    const { text, fitting } = this;
    const rest = fitting.length - SHOWN;
    return html`
      <ul id=${this.list} role="listbox" aria-label=${this.label}>${fitting.slice(0, SHOWN).map(([value, words], n) => html`<li id="${this.list}-${n}" role="option" data-unit=${value}
        aria-selected=${n === this.active} @mousedown=${(event: Event) => event.preventDefault()} @click=${() => this.choose(value)}>${words}</li>`)}</ul>
      ${rest > 0 ? html`<p class="hint" role="status">${text.people.unitRest(number(text, rest))}</p>` : fitting.length ? nothing : html`<p class="hint" role="status">${text.people.unitNone}</p>`}`;
  }

  private readonly enter = (event: Event): void => {
    (event.target as HTMLInputElement).select();
  };

  private readonly type = (event: Event): void => {
    Object.assign(this, { typed: (event.target as HTMLInputElement).value, open: true, active: -1 });
  };

  private readonly shut = (): void => {
    Object.assign(this, { typed: null, open: false, active: -1 });
  };

  private readonly key = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    const shown = this.fitting.slice(0, SHOWN);
    if (event.key === 'Escape' && this.open) {
      event.preventDefault();
      event.stopPropagation();
      this.shut();
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      const step = event.key === 'ArrowDown' ? 1 : -1;
      if (shown.length) Object.assign(this, { open: true, active: (this.active + step + shown.length) % shown.length });
    } else if (event.key === 'Enter' && this.open) {
      event.preventDefault();
      const one = shown[Math.max(this.active, 0)];
      if (one) this.choose(one[0]);
    }
  };

  private choose(value: string): void {
    this.value = value;
    this.shut();
    this.dispatchEvent(new CustomEvent('chosen', { detail: value }));
  }
}

customElements.define('unit-search', UnitSearch);
