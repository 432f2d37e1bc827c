import { html, nothing, type TemplateResult } from 'lit';
import { Task } from '@lit/task';
import { entered, instant } from '../language/time';
import { said } from '../language/text';
import { choices } from '../panels/choices';
import { refusal, Panel } from '../panels/panel';
import '../people/unit-search';
import type { Schemas } from '../service';

type Settings = Schemas['PublicationSettings'];
type Party = Schemas['Party'];
type Kind = 'unit' | 'layer' | 'role';

const FLAGS = ['decision', 'scan', 'assigned'] as const;
const LETTERHEAD = ['office', 'addressee'] as const;
const LANGUAGES = ['zh', 'en'] as const;

/** What the territory asks for before a draft is published (会签 and papers): everybody who reads drafts sees it, an administrator sets it. Tells the event "changed". */
export class PublicationSettings extends Panel {
  static override properties = {
    ...Panel.properties, wanted: { state: true }, kind: { state: true }, which: { state: true }, busy: { state: true }, problem: { state: true }, done: { state: true },
  };

  /** Who is to sign, while it is being changed; null: it isn't. */
  declare wanted: readonly Party[] | null;
  /** The party that is about to be added. */
  declare kind: Kind;
  declare which: string;
  declare busy: boolean;
  declare problem: unknown;
  /** What was done last; "": nothing. */
  declare done: string;

  private readonly settings = new Task(this, {
    task: ([language]: readonly [string], { signal }) => (language ? this.app.service.get<Settings>('/v1/publication-settings', signal) : null),
    args: () => [this.app.address.language] as const,
  });

  private readonly units = new Task(this, {
    task: async ([changing]: readonly [boolean], { signal }) => (changing ? (await this.app.service.get<Schemas['Units']>('/v1/units', signal)).units : []),
    args: () => [this.wanted !== null] as const,
  });

  constructor() {
    super();
    Object.assign(this, { wanted: null, kind: 'unit', which: '', busy: false, problem: null, done: '' });
  }

  protected override render(): TemplateResult {
    const words = this.text.editions.settings;
    return html`<section class="asked">
      <h2>${words.heading}</h2>
      <p class="hint">${words.hint}</p>
      ${this.outcome(this.settings, (settings) => (settings ? (this.wanted ? this.form(settings, this.wanted) : this.show(settings)) : nothing))}
      ${this.done ? html`<p class="done" role="status">${this.done}</p>` : nothing}
    </section>`;
  }

  private show(settings: Settings): TemplateResult {
    const { text } = this;
    const words = text.editions.settings;
    const may = this.app.may('territories.edit');
    return html`
      <p class="hint">${settings.since ? words.since(instant(text, settings.since), settings.set_by) : words.none}</p>
      ${this.facts(settings)}
      ${(settings.next ?? []).map((next) => this.planned(next, may))}
      ${this.problem ? refusal(text, this.problem, () => (this.problem = null)) : nothing}
      <p class="pair"><button type="button" class="plain" name="settings-change" ?disabled=${!may} @click=${() => Object.assign(this, { wanted: settings.sign_offs, kind: 'unit', which: '', problem: null, done: '' })}>${words.change}</button>
        ${may ? nothing : html`<span class="hint">${words.barred}</span>`}</p>`;
  }

  private planned(next: Settings, may: boolean): TemplateResult {
    const words = this.text.editions.settings;
    const when = next.since ? instant(this.text, next.since) : '';
    return html`<div class="next"><p><b>${words.planned(when, next.set_by)}</b></p>${this.facts(next)}
      ${may ? html`<p class="pair"><button type="button" class="plain" name="settings-withdraw" ?disabled=${this.busy} @click=${() => void this.withdraw(next.since ?? '', when)}>${words.withdraw}</button></p>` : nothing}</div>`;
  }

  private facts(settings: Settings): TemplateResult {
    const words = this.text.editions.settings;
    return html`<dl class="facts">
      <dt>${words.signOffs}</dt><dd>${settings.sign_offs.map(({ name }) => name).join(' · ') || words.nobody}</dd>
      ${FLAGS.map((flag) => html`<dt>${words[flag]}</dt><dd data-flag=${flag}>${settings[flag] ? html`<b>${words.wanted}</b>` : words.waived}</dd>`)}
      ${LETTERHEAD.map((head) => html`<dt>${words[head]}</dt><dd data-head=${head}>${said(this.text, settings[head].en, settings[head].zh) || words.unset}</dd>`)}
    </dl>`;
  }

  private form(settings: Settings, wanted: readonly Party[]): TemplateResult {
    const { text } = this;
    const words = text.editions.settings;
    const offered = this.offered().filter(([value]) => !wanted.some((party) => keyOf(party) === `${this.kind}:${value}`));
    const units = offered.map(([value, label]) => ({ id: Number(value), label }));
    const which = offered.find(([value]) => value === this.which);
    return html`<form @submit=${(event: SubmitEvent) => void this.save(event, wanted)}>
      <fieldset><legend>${words.signOffs}</legend>
        ${wanted.length ? html`<ul class="parties-wanted">${wanted.map((party) => html`<li data-party=${keyOf(party)}><span>${party.name}</span>
          <button type="button" class="plain" aria-label=${words.remove(party.name)} @click=${() => (this.wanted = wanted.filter((each) => each !== party))}>×</button></li>`)}</ul>` : html`<p class="hint">${words.nobody}</p>`}
        ${choices('party-kind', words.party, '', (['unit', 'layer', 'role'] as const).map((kind) => [kind, words.kinds[kind] ?? kind] as const), this.kind, (kind) => Object.assign(this, { kind, which: '' }))}
        ${this.kind === 'unit'
          ? html`<unit-search .app=${this.app} .stats=${this.stats} .label=${words.which} .name=${'party-which'} .units=${units} .value=${which ? this.which : ''} @chosen=${(event: CustomEvent<string>) => (this.which = event.detail)}></unit-search>`
          : choices('party-which', words.which, '—', offered, which ? this.which : '', (value) => (this.which = value))}
        <p class="pair"><button type="button" class="plain" name="party-add" ?disabled=${!which} @click=${() => which && this.add(wanted, which)}>${words.add}</button></p>
      </fieldset>
      ${FLAGS.map((flag) => html`<label class="tick"><input type="checkbox" name=${flag} .checked=${settings[flag]} />${words[flag]}</label>`)}
      ${LETTERHEAD.map((head) => html`<fieldset><legend>${words[head]}</legend>${LANGUAGES.map((language) => html`<label class="field"><span>${words.languages[language]}</span>
        <input type="text" name="${head}-${language}" lang=${language} maxlength="200" .value=${settings[head][language]} /></label>`)}</fieldset>`)}
      <label class="field"><span>${words.from}</span><input type="datetime-local" name="since" /></label>
      ${this.problem ? refusal(text, this.problem, () => (this.problem = null)) : nothing}
      <p class="pair"><button type="submit" class="main" name="settings-save" ?disabled=${this.busy}>${words.save}</button>
        <button type="button" class="plain" @click=${() => (this.wanted = null)}>${words.cancel}</button></p>
    </form>`;
  }

  /** What there is of the kind of party that is about to be added: value and name. */
  private offered(): (readonly [string, string])[] {
    const { text, stats } = this;
    switch (this.kind) {
      case 'unit': return (this.units.value ?? []).map(({ id, label }) => [String(id), label] as const);
      case 'layer': return stats.layers.map((layer) => [layer.layer, this.layerName(layer)] as const);
      case 'role': return Object.entries(text.editions.settings.roles);
    }
  }

  private add(wanted: readonly Party[], [value, name]: readonly [string, string]): void {
    this.wanted = [...wanted, { name, ...(this.kind === 'unit' ? { unit: Number(value) } : { [this.kind]: value }) }];
    this.which = '';
  }

  private async save(event: SubmitEvent, wanted: readonly Party[]): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const since = String(form.get('since') ?? '');
    await this.change(async () => {
      await this.app.service.send('PUT', '/v1/publication-settings', {
        sign_offs: wanted.map(({ name: _, ...party }) => party),
        ...Object.fromEntries(FLAGS.map((flag) => [flag, form.has(flag)])),
        ...Object.fromEntries(LETTERHEAD.map((head) => [head, Object.fromEntries(LANGUAGES.map((language) => [language, String(form.get(`${head}-${language}`) ?? '').trim()]))])),
        ...(since ? { since: entered(since) } : {}),
      });
      this.wanted = null;
      return this.text.editions.settings.saved;
    });
  }

  /** Takes back what was planned. */
  private async withdraw(since: string, when: string): Promise<void> {
    await this.change(async () => {
      await this.app.service.send('DELETE', `/v1/publication-settings?since=${encodeURIComponent(since)}`);
      return this.text.editions.settings.withdrawn(when);
    });
  }

  /** Does what may be refused, and says what it says once that is to be seen. */
  private async change(make: () => Promise<string>): Promise<void> {
    Object.assign(this, { busy: true, problem: null, done: '' });
    try {
      const done = await make();
      await this.settings.run();
      this.done = done;
      this.dispatchEvent(new CustomEvent('changed'));
    } catch (problem) {
      this.problem = problem;
    }
    this.busy = false;
  }
}

function keyOf({ unit, layer, role }: Party): string {
  return unit ? `unit:${unit}` : layer ? `layer:${layer}` : `role:${role ?? ''}`;
}

customElements.define('publication-settings', PublicationSettings);
