import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { Panel } from '../panels/panel';
import './accounts';
import './own';
import './sign';

/** Who one is, in the top bar, and the dialogue behind it: signing in, one's own account, accounts of others. */
export class AccountMenu extends Panel {
  static override properties = { ...Panel.properties, opened: { state: true }, page: { state: true } };

  declare opened: boolean;
  declare page: 'own' | 'accounts';

  constructor() {
    super();
    Object.assign(this, { opened: false, page: 'own' });
  }

  /** A password that another has set is changed first. */
  protected override firstUpdated(_: PropertyValues): void {
    if (this.app.me.must_change) void this.open();
  }

  protected override render(): TemplateResult {
    const { text, page } = this;
    const { me } = this.app;
    const t = text.account;
    return html`
      <button type="button" class="plain me" aria-haspopup="dialog" @click=${this.open}>${me.name ?? t.open}</button>
      <dialog class="account" aria-labelledby="account-heading" @close=${() => (this.opened = false)}>
        ${this.opened ? html`
          <h2 id="account-heading">${me.name ? t.mine : t.heading}</h2>
          <button type="button" class="plain shut" @click=${() => this.dialog?.close()}>${text.close}</button>
          ${me.name ? html`
            <p class="pair">
              ${this.app.may('accounts.read') ? html`
                <button type="button" class="plain" aria-pressed=${page === 'own'} @click=${() => (this.page = 'own')}>${t.mine}</button>
                <button type="button" class="plain" aria-pressed=${page === 'accounts'} @click=${() => (this.page = 'accounts')}>${t.admin}</button>` : nothing}
              <button type="button" class="plain" @click=${this.leave}>${t.signOut}</button>
            </p>
            ${page === 'own' ? html`<own-account .app=${this.app} .stats=${this.stats}></own-account>` : html`<accounts-panel .app=${this.app} .stats=${this.stats}></accounts-panel>`}`
          : html`<sign-in-form .app=${this.app}></sign-in-form>`}` : nothing}
      </dialog>`;
  }

  private get dialog(): HTMLDialogElement | null {
    return this.querySelector('dialog');
  }

  private async open(): Promise<void> {
    this.opened = true;
    await this.updateComplete;
    this.dialog?.showModal();
  }

  private async leave(): Promise<void> {
    await this.app.service.send('DELETE', '/v1/session');
    location.reload();
  }
}

customElements.define('account-menu', AccountMenu);
