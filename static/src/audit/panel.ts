import { html, nothing, type TemplateResult } from 'lit';
import { Task } from '@lit/task';
import type { components } from '../api-types';
import { number } from '../language/text';
import { Panel } from '../panels/panel';
import { EVERYTHING, LOGS, type Query } from './query';

type Audit = components['schemas']['Audit'];

/** The side column of the log: what is searched, and where the log ends. */
export class AuditPanel extends Panel {
  private readonly head = new Task(this, {
    task: ([log]: readonly [string], { signal }) => this.app.service.get<Audit>(`/v1/audit?limit=1&of=${log}`, signal),
    args: () => [this.app.address.audit.log] as const,
  });

  protected override render(): TemplateResult {
    const { text, app } = this;
    const wanted = app.address.audit;
    const nouns = this.head.value?.nouns ?? [];
    const row = (name: 'who' | 'key' | 'person' | 'since' | 'until' | 'words', type: string): TemplateResult =>
      html`<label class="field"><span>${text.audit.fields[name]}</span><input name=${name} type=${type} .value=${wanted[name]} maxlength="100" inputmode=${name === 'person' ? 'numeric' : nothing} pattern=${name === 'person' ? '[1-9][0-9]*' : nothing} /></label>`;
    return html`
      <header class="editing"><h2>${text.audit.heading}</h2><p class="hint">${text.audit.hint}</p></header>
      <form class="part auditing" @submit=${this.search}>
        <div class="chips" role="group" aria-label=${text.audit.log}>
          ${LOGS.map((log) => html`<button type="button" class="chip" aria-pressed=${log === wanted.log} @click=${() => this.go({ ...EVERYTHING, log })}>${text.audit.logs[log]}</button>`)}
        </div>
        ${row('words', 'search')}
        ${row('who', 'text')}
        <label class="field"><span>${text.audit.fields.noun}</span><select name="noun">
          <option value="">${text.audit.anything}</option>
          ${[...new Set([...nouns, ...(wanted.noun ? [wanted.noun] : [])])].map((noun) => html`<option value=${noun} ?selected=${noun === wanted.noun}>${text.audit.nouns[noun] ?? noun}</option>`)}
        </select></label>
        ${row('key', 'text')}
        ${row('person', 'text')}
        ${row('since', 'date')}
        ${row('until', 'date')}
        <p class="buttons">
          <button type="submit" class="main">${text.audit.search}</button>
          <button type="button" class="plain" @click=${() => this.go({ ...EVERYTHING, log: wanted.log })}>${text.audit.everything}</button>
        </p>
        ${this.outcome(this.head, ({ head }) => html`<section class="head">
          <h3>${text.audit.head(number(text, head.seq))}</h3>
          <code>${head.hash}</code>
          <p class="hint">${text.audit.headHint}</p>
        </section>`)}
      </form>`;
  }

  private search(event: SubmitEvent): void {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const word = (name: string): string => String(form.get(name) ?? '').trim();
    this.go({
      ...EVERYTHING, log: this.app.address.audit.log, who: word('who'), noun: word('noun'), key: word('key'), person: word('person'), since: word('since'), until: word('until'), words: word('words'),
    });
  }

  private go(audit: Query): void {
    this.app.go({ audit });
  }
}

customElements.define('audit-panel', AuditPanel);
