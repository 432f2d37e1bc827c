import { html, nothing, type TemplateResult } from 'lit';
import { Task } from '@lit/task';
import { instant } from '../language/time';
import type { Schemas } from '../service';
import { FormPanel } from './form';

/** One's own account: password, second factor, sessions. */
export class OwnAccount extends FormPanel {
  static override properties = { ...FormPanel.properties, factor: { state: true }, codes: { state: true } };

  /** The second factor that is being set up. */
  declare factor: Schemas['SecondFactor'] | null;

  /** Recovery codes that were just made; they are shown once. */
  declare codes: readonly string[];

  private readonly sessions = new Task(this, {
    task: (_, { signal }) => this.app.service.get<Schemas['Sessions']>('/v1/sessions', signal),
    args: () => [],
  });

  constructor() {
    super();
    this.factor = null;
    this.codes = [];
  }

  protected override render(): TemplateResult {
    const { text } = this;
    const { me, service } = this.app;
    const t = text.account;
    const layers = me.layers.map((code) => this.stats?.layers.find(({ layer }) => layer === code)).map((layer) => (layer ? this.layerName(layer) : ''));
    return html`
      <dl class="who">
        <div><dt>${t.name}</dt><dd>${me.name}${me.label ? html` · ${me.label}` : nothing}</dd></div>
        <div><dt>${t.role}</dt><dd>${t.roles[me.role] ?? me.role}</dd></div>
        ${me.role === 'public' ? nothing : html`
          <div><dt>${t.where}</dt><dd>${me.within.join(' ') || t.everywhere}</dd></div>
          <div><dt>${t.layers}</dt><dd>${me.layers.length ? layers.join(' ') || me.layers.join(' ') : t.everyLayer}</dd></div>`}
        ${me.expires ? html`<div><dt>${t.expires}</dt><dd>${instant(text, me.expires)}</dd></div>` : nothing}
      </dl>
      ${this.result()}
      ${me.must_change ? html`<p class="failure" role="alert">${t.mustChange}</p>` : nothing}
      ${me.local ? html`<details ?open=${me.must_change}><summary>${t.change}</summary>
        <form @submit=${this.submit(async ({ old, password }, form) => {
          await service.send('PUT', '/v1/account/password', { old, password });
          form.reset();
          if (me.must_change) location.reload();
        })}>
          ${this.field('old', t.old, { type: 'password', complete: 'current-password' })}
          ${this.field('password', t.fresh, { type: 'password', complete: 'new-password', hint: t.rule })}
          <p class="pair"><button type="submit" class="main" ?disabled=${this.busy}>${t.change}</button></p>
        </form></details>` : nothing}
      ${me.local && !me.must_change ? html`<details><summary>${t.factor}</summary>${this.second()}</details>` : nothing}
      <details><summary>${t.sessions}</summary>${this.outcome(this.sessions, ({ sessions }) => html`<ul class="rows">${sessions.map((one) => html`<li>
        <span>${one.address} <small>${one.agent}</small></span>
        <small>${t.seen(instant(text, one.seen))}</small>
        ${one.current ? html`<em>${t.current}</em>` : html`<button type="button" class="plain" @click=${() => this.attempt(async () => {
          await service.send('DELETE', `/v1/sessions/${one.id}`);
          await this.sessions.run();
        })}>${t.end}</button>`}</li>`)}</ul>`)}</details>`;
  }

  private second(): TemplateResult {
    const { app, factor } = this;
    const t = this.text.account;
    if (app.me.second_factor) {
      return html`<p>${t.factorOn}</p>
        ${this.codes.length ? html`<p class="warn">${t.codesOnce}</p><ul class="codes">${this.codes.map((code) => html`<li><code>${code}</code></li>`)}</ul>` : nothing}
        <p>${t.codesLeft(app.me.recovery_left ?? 0)}</p>
        <form @submit=${this.submit(async ({ password }, form) => {
          this.codes = (await app.service.send<Schemas['RecoveryCodes']>('POST', '/v1/account/second-factor/recovery', { password }))?.codes ?? [];
          form.reset();
          await app.identifyAgain();
        })}>${this.field('password', t.password, { type: 'password', complete: 'current-password' })}
        <p class="pair"><button type="submit" class="plain" name="codes">${t.codesNew}</button></p></form>
        <form @submit=${this.submit(async ({ password }) => {
          await app.service.send('POST', '/v1/account/second-factor/end', { password });
          await app.identifyAgain();
        })}>${this.field('password', t.password, { type: 'password', complete: 'current-password' })}
        <p class="pair"><button type="submit" class="plain">${t.factorEnd}</button></p></form>`;
    }
    if (!factor) {
      return html`<p>${t.factorOff}</p><p class="pair"><button type="button" class="main" @click=${() => this.attempt(async () => {
        this.factor = (await app.service.send<Schemas['SecondFactor']>('POST', '/v1/account/second-factor')) ?? null;
      }).then(() => (this.done = false))}>${t.factorBegin}</button></p>`;
    }
    return html`<p>${t.factorScan}</p><p><img src=${factor.image} width="200" height="200" alt=${factor.url} /></p><p><code>${factor.secret}</code></p>
      <form @submit=${this.submit(async ({ code }) => {
        this.codes = (await app.service.send<Schemas['RecoveryCodes']>('PUT', '/v1/account/second-factor', { code }))?.codes ?? [];
        this.factor = null;
        await app.identifyAgain();
      })}>${this.field('code', t.code, { complete: 'one-time-code', hint: t.codeHint })}
      <p class="pair"><button type="submit" class="main">${t.factorConfirm}</button></p></form>`;
  }
}

customElements.define('own-account', OwnAccount);
