import { html, nothing, type TemplateResult } from 'lit';
import { number } from '../language/text';
import { failure, Panel } from '../panels/panel';
import { accept, suggest, type Role, type Suggestion } from './figures';

const ROLES: readonly Role[] = ['accountable', 'officer'];

/** Who could hold what is vacant or too much; a planner may accept it, all or none. */
export class DutySuggestion extends Panel {
  static override properties = { ...Panel.properties, role_: { state: true }, busy: { state: true }, found: { state: true }, problem: { state: true }, done: { state: true } };

  declare role_: Role;
  declare busy: AbortController | null;
  declare found: { below: string | null; suggestion: Suggestion } | null;
  declare problem: unknown;
  /** How many changes were made last. */
  declare done: number | null;

  constructor() {
    super();
    Object.assign(this, { role_: ROLES[0], busy: null, found: null, problem: null, done: null });
  }

  override disconnectedCallback(): void {
    this.busy?.abort();
    super.disconnectedCallback();
  }

  protected override render(): TemplateResult {
    const { text } = this;
    const found = this.found?.below === this.app.address.below ? this.found.suggestion : null;
    return html`<section class="suggestion">
      <h3>${text.duty.suggestion.heading}</h3>
      <p class="hint">${text.duty.suggestion.hint}</p>
      <p class="ask">
        <select aria-label=${text.duty.suggestion.role} @change=${(event: Event) => this.choose((event.target as HTMLSelectElement).value)}>
          ${ROLES.map((role) => html`<option value=${role} ?selected=${role === this.role_}>${text.duty.suggestion.roles[role]}</option>`)}
        </select>
        <button type="button" class="plain" data-ask ?disabled=${this.busy !== null} @click=${() => void this.ask()}>${text.duty.suggestion.ask}</button>
      </p>
      ${this.busy ? html`<p class="loading" role="status">${text.loading}</p>` : nothing}
      ${this.problem ? failure(text, this.problem, () => void this.ask()) : nothing}
      ${this.done !== null ? html`<p class="done" role="status">${text.duty.suggestion.done(number(text, this.done))}</p>` : nothing}
      ${found ? this.show(found) : nothing}
    </section>`;
  }

  private show(suggestion: Suggestion): TemplateResult {
    const { text } = this;
    const { before, after, changes, vacant } = suggestion;
    const words = text.duty.suggestion;
    const line = (name: string, was: number, is: number): TemplateResult => html`<tr><th scope="row">${name}</th><td>${number(text, was)}</td><td>${number(text, is)}</td></tr>`;
    return html`
      <table class="tiers measure">
        <thead><tr><th scope="col"><span class="unseen">${words.measure}</span></th><th scope="col">${words.before}</th><th scope="col">${words.after}</th></tr></thead>
        <tbody>
          ${line(words.vacant, before.vacant, after.vacant)}
          ${line(words.over, before.over, after.over)}
          ${line(words.distance, Math.round(before.distance_m / 1000), Math.round(after.distance_m / 1000))}
          ${line(words.handovers, before.handovers, after.handovers)}
        </tbody>
      </table>
      ${changes.length
        ? html`<ul class="list changes">${changes.map(({ cell, to, from, distance_m }) => html`<li>
              <button type="button" data-code=${cell.code} @click=${() => this.app.visit(cell.code)}>
                <span>
                  <b>${cell.name}</b>
                  <small>${words.give(to.name, to.post)}${from ? ` · ${words.take(from.name)}` : ''} · ${words.way(number(text, distance_m / 1000, 1))}</small>
                </span>
              </button>
            </li>`)}</ul>
            ${this.app.may('assignments.edit')
              ? html`<button type="button" class="main" data-accept ?disabled=${this.busy !== null} @click=${() => void this.accept(suggestion)}>${words.accept(number(text, changes.length))}</button>`
              : nothing}`
        : html`<p class="hint">${words.nothing}</p>`}
      ${vacant.length ? html`<p class="hint">${words.left(number(text, vacant.length))}</p>` : nothing}
    `;
  }

  private choose(value: string): void {
    this.role_ = ROLES.find((role) => role === value) ?? 'accountable';
    this.found = null;
  }

  private ask(): Promise<void> {
    const { below } = this.app.address;
    return this.run(async (signal) => {
      const suggestion = await suggest(this.app.service, below, this.role_, signal);
      this.found = { below, suggestion };
      this.app.light(suggestion.changes.map(({ cell }) => cell));
    });
  }

  private accept(suggestion: Suggestion): Promise<void> {
    return this.run(async () => {
      await accept(this.app.service, suggestion, this.text.duty.suggestion.reason);
      this.found = null;
      this.done = suggestion.changes.length;
      this.dispatchEvent(new CustomEvent('accepted'));
    });
  }

  private async run(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this.busy?.abort();
    const busy = new AbortController();
    Object.assign(this, { busy, problem: null, done: null });
    try {
      await work(busy.signal);
    } catch (error) {
      if (!busy.signal.aborted) this.problem = error;
    } finally {
      if (this.busy === busy) this.busy = null;
    }
  }
}

customElements.define('duty-suggestion', DutySuggestion);
