import { html, nothing, type TemplateResult } from 'lit';
import { Task } from '@lit/task';
import { number } from '../language/text';
import { BenchPanel, refusal } from '../panels/panel';
import type { Schemas } from '../service';
import '../panels/draft';
import './decision';
import './signing';
import '../editions/settings';

type Condition = Schemas['GateCondition'];
type Vacancies = Schemas['DraftVacancies']['vacancies'];

/** In place of the map: what the draft lacks to be published, the papers, and the word that publishes it. */
export class PublishBoard extends BenchPanel {
  static override properties = { ...BenchPanel.properties, problem: { state: true }, reason: { state: true } };

  declare problem: unknown;
  /** Why vacancies are accepted. */
  declare reason: string;

  /** The conditions; null where there is no draft. */
  private readonly gate = new Task(this, {
    task: async ([run]: readonly [unknown, string], { signal }) => {
      await this.app.editor.load(false);
      return run !== undefined && this.app.editor.draft ? this.app.service.get<Condition[]>('/v1/draft/gate', signal) : null;
    },
    args: () => [this.app.bench.run?.run, this.app.address.language] as const,
  });

  private readonly vacancies = new Task(this, {
    task: async ([gate]: readonly [readonly Condition[] | null | undefined], { signal }): Promise<Vacancies> =>
      gate?.some(({ check, met, required }) => check === 'assigned' && required && !met) ? (await this.app.service.get<Schemas['DraftVacancies']>('/v1/draft/vacancies', signal)).vacancies : [],
    args: () => [this.gate.value] as const,
  });

  constructor() {
    super();
    Object.assign(this, { problem: null, reason: '' });
  }

  protected override render(): TemplateResult {
    const { text } = this;
    return html`<div class="scroll boarded" tabindex="0" role="region" aria-label=${text.merge.views.publish}>
      ${this.kept(this.gate, (gate) => (gate ? html`
        <section class="gate">
          <h2>${text.merge.gate.heading}</h2>
          <p class="hint">${text.merge.gate.hint}</p>
          <ul>${gate.map((condition) => this.condition(condition))}</ul>
          <button type="button" class="plain" name="look-again" @click=${() => void this.gate.run()}>${text.merge.gate.again}</button>
        </section>
        <div class="issuing">
          <section class="papers">
            <draft-signing .app=${this.app} .stats=${this.stats} .required=${needs(gate, 'sign-offs')} @signed=${() => void this.gate.run()}></draft-signing>
            <draft-decision .app=${this.app} .stats=${this.stats} @recorded=${() => void this.gate.run()}></draft-decision>
          </section>
          <section class="publishing"><draft-panel .app=${this.app} .stats=${this.stats}></draft-panel></section>
        </div>`
      : html`<p class="hint">${text.edit.noDraft}</p>`))}
      <publication-settings .app=${this.app} .stats=${this.stats} @changed=${() => void this.gate.run()}></publication-settings>
    </div>`;
  }

  private condition({ check, met, required, detail, fix, count, places }: Condition): TemplateResult {
    const { text } = this;
    const open = required && !met;
    return html`<li class=${met ? 'met' : open ? 'lacking' : 'waived'} data-check=${check}>
      <span class="sign" aria-hidden="true">${met ? '✓' : open ? '!' : '–'}</span>
      <div><b>${text.merge.gate.checks[check] ?? check}</b>
        <em>${met ? text.merge.gate.met : open ? text.merge.gate.lacking : text.merge.gate.waived}</em>
        <p>${detail}</p>
        ${open && fix ? html`<p class="fix">${fix}</p>` : nothing}
        ${open && places.length ? html`<p class="places">${places.map((code) => html`<button type="button" class="link" @click=${() => this.app.go({ mode: 'read', cell: code, spot: null }, 'cell')}>${code}</button> `)}${count > places.length ? '…' : nothing}</p>` : nothing}
        ${open ? this.remedy(check) : nothing}</div>
    </li>`;
  }

  /** The way to do something about it. */
  private remedy(check: Condition['check']): TemplateResult | typeof nothing {
    const { text } = this;
    const { bench } = this.app;
    const button = (name: string, label: string, act: () => void): TemplateResult => html`<button type="button" class="plain" name="remedy-${name}" ?disabled=${bench.busy !== null} @click=${act}>${label}</button>`;
    switch (check) {
      case 'conflicts': return button(check, text.merge.gate.toConflicts, () => bench.ask({ view: 'conflicts', blocking: true, state: '', kind: '', layer: '', severity: '', within: '' }));
      case 'circulation': return button(check, text.merge.gate.toCirculation, () => bench.enter('circulation'));
      case 'merge': return this.app.may('conflicts.settle') ? button(check, text.merge.again, () => void bench.merge()) : nothing;
      case 'lines': return this.app.may('conflicts.settle') ? button(check, text.merge.draw(number(text, bench.run?.to_draw ?? 0)), () => void bench.draw()) : nothing;
      case 'assigned': return this.assigned();
      default: return nothing;
    }
  }

  /** Vacancies, accepted by name. */
  private assigned(): TemplateResult | typeof nothing {
    const { text } = this;
    const vacant = this.vacancies.value ?? [];
    if (!vacant.length || !this.app.may('conflicts.settle')) return nothing;
    return html`<details><summary>${text.merge.gate.vacancies(number(text, vacant.length))}</summary>
      <p class="places">${vacant.slice(0, 200).map(({ code, name }) => html`<span title=${code}>${name}</span> `)}${vacant.length > 200 ? '…' : nothing}</p>
      <label class="field"><span>${text.merge.reason}</span><input type="text" name="vacancies-reason" maxlength="500" .value=${this.reason} @input=${(event: Event) => (this.reason = (event.target as HTMLInputElement).value)} /></label>
      <button type="button" class="plain" name="accept-vacancies" ?disabled=${!this.reason.trim()} @click=${() => void this.accept(vacant)}>${text.merge.gate.acceptVacancies(number(text, vacant.length))}</button>
      ${this.problem ? refusal(text, this.problem, () => (this.problem = null)) : nothing}
    </details>`;
  }

  private async accept(vacant: Vacancies): Promise<void> {
    try {
      await this.app.service.send('POST', '/v1/draft/vacancies', { cells: vacant.map(({ code }) => code), reason: this.reason.trim() });
      this.problem = null;
      this.reason = '';
      await this.gate.run();
    } catch (problem) {
      this.problem = problem;
    }
  }
}

function needs(gate: readonly Condition[], check: Condition['check']): boolean {
  return gate.some((condition) => condition.check === check && condition.required);
}

customElements.define('publish-board', PublishBoard);
