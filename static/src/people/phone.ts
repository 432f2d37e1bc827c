import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { failure, Panel } from '../panels/panel';
import type { Person } from './roster';

/** A telephone number, masked until somebody says why it is needed; that it was shown is recorded. */
export class PhoneReveal extends Panel {
  static override properties = { ...Panel.properties, person: { attribute: false }, asking: { state: true }, reason: { state: true }, number: { state: true }, problem: { state: true } };

  declare person: Person | null;
  declare asking: boolean;
  declare reason: string;
  declare number: string | null;
  declare problem: unknown;

  constructor() {
    super();
    Object.assign(this, { person: null, asking: false, reason: '', number: null, problem: null });
  }

  /** What was shown of one person isn't shown of another. */
  protected override willUpdate(changed: PropertyValues): void {
    const before = changed.get('person') as Person | null | undefined;
    if (changed.has('person') && before?.id !== this.person?.id) Object.assign(this, { asking: false, reason: '', number: null, problem: null });
  }

  protected override render(): TemplateResult {
    const { text, person } = this;
    if (!person) return html``;
    return html`<p class="number"><output name="phone-shown">${this.number ?? (person.phone_masked || text.none)}</output>
      ${this.number === null && person.phone_masked && !this.asking && this.app.may('phones.read') ? html`<button type="button" class="plain" name="reveal" @click=${() => (this.asking = true)}>${text.people.reveal}</button>` : nothing}</p>
      ${this.asking ? html`<div class="why">
        <label class="field"><span>${text.people.reason}</span><input name="reason" maxlength="200" placeholder=${text.people.reasonHint} .value=${this.reason}
          @input=${(event: Event) => (this.reason = (event.target as HTMLInputElement).value)}
          @keydown=${(event: KeyboardEvent) => { if (event.key === 'Enter') { event.preventDefault(); void this.show(); } }} /></label>
        <p class="hint">${text.people.recorded}</p>
        <button type="button" class="main" name="show" ?disabled=${this.reason.trim().length < 2} @click=${() => void this.show()}>${text.people.show}</button>
      </div>` : nothing}
      ${this.problem ? failure(text, this.problem, () => void this.show()) : nothing}`;
  }

  private async show(): Promise<void> {
    const { person, reason } = this;
    if (!person || reason.trim().length < 2) return;
    this.problem = null;
    try {
      const number = await this.app.roster.phone(person.id, reason.trim());
      if (this.person?.id === person.id) Object.assign(this, { number, asking: false });
    } catch (problem) {
      this.problem = problem;
    }
  }
}

customElements.define('phone-reveal', PhoneReveal);
