import { html, nothing, type TemplateResult } from 'lit';
import { Task } from '@lit/task';
import { instant } from '../language/time';
import { choices } from '../panels/choices';
import { failure, Panel } from '../panels/panel';
import type { Schemas } from '../service';

type SignOffs = Schemas['SignOffs'];
type SignOff = Schemas['SignOff'];
type Party = Schemas['Party'];

/** Who has to sign the draft off (会签), who did and for which state of it; signing for one's own. */
export class DraftSigning extends Panel {
  static override properties = { ...Panel.properties, required: { attribute: false }, party: { state: true }, note: { state: true }, problem: { state: true } };

  /** Whether the territory asks for sign-offs. */
  declare required: boolean;
  /** For whom one signs, as key() has it. */
  declare party: string;
  declare note: string;
  declare problem: unknown;

  private readonly signed = new Task(this, {
    task: ([language]: readonly [string], { signal }) => (language ? this.app.service.get<SignOffs>('/v1/draft/sign-offs', signal) : null),
    args: () => [this.app.address.language] as const,
  });

  constructor() {
    super();
    Object.assign(this, { required: false, party: '', note: '', problem: null });
  }

  protected override render(): unknown {
    const { text } = this;
    return this.kept(this.signed, (signed) => (signed && (this.required || signed.required.length || signed.sign_offs.length) ? html`
      <h2>${text.merge.signing.heading}</h2>
      <p class="hint">${text.merge.signing.hint}</p>
      <ul class="signed">${signed.required.map((party) => this.row(party, signed))}</ul>
      ${this.app.may('draft.sign') && signed.required.length ? this.form(signed) : nothing}
      ${this.problem ? failure(text, this.problem, () => void this.signed.run()) : nothing}` : nothing));
  }

  private row(party: Party, { sign_offs }: SignOffs): TemplateResult {
    const { text } = this;
    const theirs = sign_offs.filter((each) => key(each.party) === key(party));
    const valid = theirs.find(({ stale, withdrawn_at }) => !stale && !withdrawn_at);
    return html`<li class=${valid ? 'met' : 'lacking'}>
      <b>${party.name}</b> <em>${valid ? text.merge.signing.signed : text.merge.signing.missing}</em>
      ${theirs.map((each) => this.sign(each))}
    </li>`;
  }

  private sign({ id, by, at, note, stale, withdrawn_at, withdrawn_by, withdrawn_reason }: SignOff): TemplateResult {
    const { text } = this;
    const signing = text.merge.signing;
    return html`<p><small>${text.merge.by(by, instant(text, at))}${note ? ` · ${note}` : ''}
      ${withdrawn_at ? ` · ${signing.withdrawn(withdrawn_by ?? '', withdrawn_reason ?? '')}` : stale ? ` · ${signing.stale}` : nothing}
      ${!withdrawn_at && this.app.may('draft.sign') ? html`<button type="button" class="link" @click=${() => void this.withdraw(id)} ?disabled=${!this.note.trim()} title=${signing.withdrawHint}>${signing.withdraw}</button>` : nothing}</small></p>`;
  }

  private form({ required, state }: SignOffs): TemplateResult {
    const { text } = this;
    const party = required.find((each) => key(each) === this.party) ?? required[0];
    return html`<div class="fields">
      ${choices('party', text.merge.signing.party, '', required.map((each) => [key(each), each.name] as const), party ? key(party) : '', (value) => (this.party = value))}
      <label class="field"><span>${text.merge.signing.note}</span><input type="text" name="sign-note" maxlength="500" .value=${this.note} @input=${(event: Event) => (this.note = (event.target as HTMLInputElement).value)} /></label>
      <p class="pair"><button type="button" class="plain" name="sign" @click=${() => party && void this.send(party, state)}>${text.merge.signing.sign}</button></p>
    </div>`;
  }

  private send({ unit, layer, role }: Party, state: string): Promise<void> {
    const party = { ...(unit ? { unit } : {}), ...(layer ? { layer } : {}), ...(role ? { role } : {}) };
    return this.change(() => this.app.service.send('POST', '/v1/draft/sign-offs', { party, state, ...(this.note.trim() ? { note: this.note.trim() } : {}) }));
  }

  private withdraw(id: number): Promise<void> {
    return this.change(() => this.app.service.send('DELETE', `/v1/draft/sign-offs?id=${id}&reason=${encodeURIComponent(this.note.trim())}`));
  }

  private async change(make: () => Promise<unknown>): Promise<void> {
    try {
      await make();
      Object.assign(this, { problem: null, note: '' });
      await this.signed.run();
      this.dispatchEvent(new CustomEvent('signed'));
    } catch (problem) {
      this.problem = problem;
    }
  }
}

function key({ unit, layer, role }: Party): string {
  return `${unit ?? ''} ${layer ?? ''} ${role ?? ''}`;
}

customElements.define('draft-signing', DraftSigning);
