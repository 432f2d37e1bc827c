import { html, nothing, type TemplateResult } from 'lit';
import { Task } from '@lit/task';
import { Panel } from '../panels/panel';
import { people, type Person } from './requests';

const PAUSE_MS = 200;

/** Finds a person by name, pinyin or staff number; says whom as the event "chosen". */
export class PersonSearch extends Panel {
  static override properties = { ...Panel.properties, label: { attribute: false }, words: { state: true }, chosen: { state: true } };

  declare label: string;
  declare words: string;
  declare chosen: Person | null;
  private wait = 0;

  private readonly found = new Task(this, {
    task: async ([words]: readonly [string], { signal }) => (words ? people(this.app.service, words, signal) : []),
    args: () => [this.words] as const,
  });

  constructor() {
    super();
    Object.assign(this, { label: '', words: '', chosen: null });
  }

  protected override render(): TemplateResult {
    const { text, chosen } = this;
    return html`<fieldset class="who">
      <legend>${this.label}</legend>
      <input type="search" name="person" autocomplete="off" aria-label=${this.label} placeholder=${text.staff.search} @input=${this.type} />
      ${chosen ? html`<p class="tally"><b>${chosen.name}</b> ${this.where(chosen)}</p>` : nothing}
      ${this.found.render({
        error: () => nothing,
        complete: (list) => html`<ul class="list">${list.filter(({ id }) => id !== chosen?.id).map((one) => html`<li>
          <button type="button" data-person=${one.staff_no} @click=${() => this.choose(one)}><span>${one.name} <small>${this.where(one)}</small></span></button>
        </li>`)}</ul>
        ${this.words && !list.length ? html`<p class="hint">${text.staff.nobodyFound}</p>` : nothing}`,
      })}
    </fieldset>`;
  }

  private where({ staff_no, unit_label, cell_count }: Person): string {
    return [staff_no, unit_label, cell_count ? `×${cell_count}` : ''].filter(Boolean).join(' · ');
  }

  private readonly type = (event: Event): void => {
    const { value } = event.target as HTMLInputElement;
    clearTimeout(this.wait);
    this.wait = window.setTimeout(() => (this.words = value.trim()), PAUSE_MS);
  };

  private choose(one: Person): void {
    this.chosen = one;
    this.words = '';
    this.dispatchEvent(new CustomEvent('chosen', { detail: one }));
  }
}

customElements.define('person-search', PersonSearch);
