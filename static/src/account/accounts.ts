import { html, nothing, type TemplateResult } from 'lit';
import { Task } from '@lit/task';
import { instant } from '../language/time';
import type { Schemas } from '../service';
import { FormPanel } from './form';

type Account = Schemas['Account'];

/** Accounts: made and closed by the system administrator, given rights and keys by the security administrator. */
export class AccountsPanel extends FormPanel {
  static override properties = { ...FormPanel.properties, secret: { state: true } };

  /** A key that was just made. */
  declare secret: string;

  private readonly all = new Task(this, {
    task: async (_, { signal }) => {
      const { service } = this.app;
      const [accounts, keys, sessions] = await Promise.all([
        service.get<Schemas['Accounts']>('/v1/accounts', signal),
        service.get<Schemas['Keys']>('/v1/keys', signal),
        service.get<Schemas['Sessions']>('/v1/sessions?all=true', signal),
      ]);
      return { ...accounts, ...keys, ...sessions };
    },
    args: () => [],
  });

  constructor() {
    super();
    this.secret = '';
  }

  private act(work: () => Promise<unknown>): Promise<boolean> {
    return this.attempt(async () => {
      await work();
      await this.all.run();
    });
  }

  protected override render(): TemplateResult {
    const t = this.text.account;
    return html`${this.result()}
      ${this.secret ? html`<p class="secret" role="status">${t.secret}<code>${this.secret}</code></p>` : nothing}
      ${this.app.may('accounts.edit') ? this.create() : nothing}
      ${this.outcome(this.all, ({ accounts, roles, keys, sessions }) => html`
        <ul class="rows accounts">${accounts.map((account) => this.row(account, roles, keys.filter((key) => key.account === account.id), sessions.filter((one) => one.account === account.id)))}</ul>`)}`;
  }

  private create(): TemplateResult {
    const t = this.text.account;
    return html`<details class="new"><summary>${t.create}</summary>
      <form @submit=${this.submit(async (fields, form) => {
        const sent = Object.fromEntries(Object.entries(fields).filter(([, value]) => value));
        await this.app.service.send('POST', '/v1/accounts', sent);
        form.reset();
        await this.all.run();
      })}>
        ${this.field('name', t.name)}${this.field('label', t.label, { optional: true })}
        <label class="field"><span>${t.kind}</span><select name="kind">${Object.entries(t.kinds).map(([kind, name]) => html`<option value=${kind}>${name}</option>`)}</select></label>
        ${this.field('email', t.email, { type: 'email', optional: true })}
        ${this.field('password', t.first, { complete: 'new-password', hint: t.rule, optional: true })}
        <p class="pair"><button type="submit" class="main" ?disabled=${this.busy}>${t.create}</button></p>
      </form></details>`;
  }

  private row(account: Account, roles: string[], keys: Schemas['Key'][], sessions: Schemas['Session'][]): TemplateResult {
    const { text, app } = this;
    const t = text.account;
    const here = account.grants.find(({ territory }) => territory === app.me.territory) ?? account.grants.find(({ territory }) => !territory);
    const own = account.name === app.me.name;
    const path = `/v1/accounts/${account.id}`;
    return html`<li data-account=${account.name}><details>
      <summary><b>${account.name}</b> <span>${account.label}</span>
        <em>${here ? t.roles[here.role] ?? here.role : t.none}</em>
        ${account.disabled ? html`<em class="off">${t.closed}</em>` : nothing}
        ${account.second_factor ? html`<small>${t.twoStep}</small>` : nothing}
        ${account.must_change ? html`<small>${t.pending}</small>` : nothing}
      </summary>
      <p class="hint">${t.kinds[account.kind]}${here?.within.length ? html` · ${here.within.join(' ')}` : nothing}${here?.layers.length ? html` · ${here.layers.join(' ')}` : nothing}
        ${account.seen ? html` · ${t.seen(instant(text, account.seen))}` : nothing}</p>
      ${own ? html`<p class="hint">${t.own}</p>` : html`
        ${app.may('accounts.edit') ? html`<p class="pair">
          <button type="button" class="plain" @click=${() => this.act(() => app.service.send('PATCH', path, { disabled: !account.disabled }))}>${account.disabled ? t.reopen : t.close}</button>
          ${account.second_factor ? html`<button type="button" class="plain" @click=${() => this.act(() => app.service.send('DELETE', `${path}/second-factor`))}>${t.resetFactor}</button>` : nothing}</p>
          ${account.kind === 'person' ? html`<form class="line" @submit=${this.submit(async ({ password }, form) => {
            await app.service.send('PUT', `${path}/password`, { password });
            form.reset();
            await this.all.run();
          })}>${this.field('password', t.first, { complete: 'new-password' })}<button type="submit" class="plain">${t.reset}</button></form>` : nothing}` : nothing}
        ${app.may('grants.edit') ? this.rights(here, roles, path) : nothing}`}
      ${account.kind === 'service' ? this.keys(account, keys) : nothing}
      ${app.may('grants.edit') && sessions.length ? html`<ul class="rows">${sessions.map((one) => html`<li><span>${one.address} <small>${one.agent}</small></span><small>${t.seen(instant(text, one.seen))}</small>
        ${one.current ? html`<em>${t.current}</em>` : html`<button type="button" class="plain" @click=${() => this.act(() => app.service.send('DELETE', `/v1/sessions/${one.id}`))}>${t.end}</button>`}</li>`)}</ul>` : nothing}
    </details></li>`;
  }

  private rights(here: Schemas['Grant'] | undefined, roles: string[], path: string): TemplateResult {
    const { app } = this;
    const t = this.text.account;
    return html`<form class="rights" @submit=${this.submit(async (fields, form) => {
      const layers = [...form.querySelectorAll<HTMLInputElement>('[name=layer]:checked')].map(({ value }) => value);
      await app.service.send('PUT', `${path}/grant`, { role: fields.role, within: (fields.within ?? '').split(/\s+/).filter(Boolean), layers });
      await this.all.run();
    })}>
      <label class="field"><span>${t.role}</span><select name="role">${roles.map((role) => html`<option value=${role} ?selected=${role === here?.role}>${t.roles[role] ?? role}</option>`)}</select></label>
      ${this.field('within', t.within, { value: here?.within.join(' ') ?? '', hint: t.withinHint, optional: true })}
      ${this.stats ? html`<fieldset class="checks"><legend>${t.layers}</legend>${this.stats.layers.map((layer) => html`<label class="check"><input type="checkbox" name="layer" value=${layer.layer} ?checked=${here?.layers.includes(layer.layer)} />${this.layerName(layer)}</label>`)}<small>${t.layersHint}</small></fieldset>` : nothing}
      <p class="pair"><button type="submit" class="main" ?disabled=${this.busy}>${t.give}</button>
      ${here?.territory ? html`<button type="button" class="plain" @click=${() => this.act(() => app.service.send('DELETE', `${path}/grant`))}>${t.take}</button>` : nothing}</p>
    </form>`;
  }

  private keys(account: Account, keys: Schemas['Key'][]): TemplateResult {
    const { app, text } = this;
    const t = text.account;
    return html`<h3>${t.keys}</h3><ul class="rows">${keys.map((key) => html`<li><span>${key.label} <code>ug_${key.prefix}…</code></span>
        <small>${t.until(instant(text, key.expires))} · ${key.used ? t.used(instant(text, key.used)) : t.unused}</small>
        ${key.revoked ? html`<em class="off">${t.ended}</em>` : app.may('grants.edit') ? html`<button type="button" class="plain" @click=${() => this.act(() => app.service.send('DELETE', `/v1/keys/${key.id}`))}>${t.end}</button>` : nothing}</li>`)}</ul>
      ${app.may('grants.edit') ? html`<form class="line" @submit=${this.submit(async ({ label, days, rate }, form) => {
        const made = await app.service.send<{ secret: string }>('POST', '/v1/keys', { account: account.id, label, days: Number(days), per_minute: Number(rate) });
        this.secret = made?.secret ?? '';
        form.reset();
        await this.all.run();
      })}>${this.field('label', t.label)}${this.field('days', t.days, { type: 'number', value: '180' })}${this.field('rate', t.rate, { type: 'number', value: '600' })}
        <button type="submit" class="plain">${t.newKey}</button></form>` : nothing}`;
  }
}

customElements.define('accounts-panel', AccountsPanel);
