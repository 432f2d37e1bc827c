import { html, nothing, type TemplateResult } from 'lit';
import { FormPanel } from './form';
import { Problem } from '../service';

/** Signing in: name and password, then the second factor where the account has one. */
export class SignInForm extends FormPanel {
  static override properties = { ...FormPanel.properties, second: { state: true } };

  /** Whether a code of the second factor is wanted. */
  declare second: boolean;

  constructor() {
    super();
    this.second = false;
  }

  protected override render(): TemplateResult {
    const { text, second } = this;
    const t = text.account;
    return html`<form class="sign" @submit=${this.submit(this.enter)}>
        ${this.field('name', t.name, { complete: 'username' })}
        ${this.field('password', t.password, { type: 'password', complete: 'current-password' })}
        ${second ? html`<label class="field"><span>${t.code}</span>
          <input name="code" inputmode="numeric" autocomplete="one-time-code" maxlength="8" required /><small>${t.codeHint}</small></label>` : nothing}
        <p class="pair"><button type="submit" class="main" ?disabled=${this.busy}>${this.busy ? t.entering : t.enter}</button></p>
      </form>
      ${this.result()}
      ${this.app.me.oidc ? html`<p class="other"><a class="plain" href=${`${this.app.service.base}/v1/oidc/begin?back=${encodeURIComponent(location.pathname + location.search + location.hash)}`}>${t.oidc}</a></p>` : nothing}`;
  }

  private readonly enter = async (fields: Record<string, string>): Promise<void> => {
    try {
      await this.app.service.send('POST', '/v1/session', fields);
    } catch (error) {
      if (error instanceof Problem && error.kind === 'second-factor') {
        this.second = true;
        await this.updateComplete;
        this.querySelector<HTMLInputElement>('[name=code]')?.focus();
        if (!fields.code) {
          this.done = false;
          return;
        }
      }
      throw error;
    }
    location.reload(); // all that was read was read as somebody else
  };

  /** Asking for the code is no result. */
  protected override result(): unknown {
    return this.second && !this.trouble ? nothing : super.result();
  }
}

customElements.define('sign-in-form', SignInForm);
