import { html, nothing, type TemplateResult } from 'lit';
import { Task } from '@lit/task';
import type { components } from '../api-types';
import { refusal, Panel } from '../panels/panel';

type Settings = components['schemas']['DutySettings'];
type Change = components['schemas']['DutySettingsChange'];

const LIMITS = ['most_cells', 'most_rounds', 'least_officers', 'balance_m', 'handover_m'] as const;

/** What counts as too much or too little, and what boards say besides people: read when it is opened, changed by whoever may. */
export class DutySettings extends Panel {
  static override properties = { ...Panel.properties, code: { attribute: false }, opened: { state: true }, busy: { state: true }, problem: { state: true }, saved: { state: true } };

  /** Of the cell whose telephone is shown. */
  declare code: string;
  declare opened: boolean;
  declare busy: boolean;
  declare problem: unknown;
  declare saved: boolean;

  private readonly settings = new Task(this, {
    task: ([opened]: readonly [boolean], { signal }): Promise<Settings | null> => (opened ? this.app.service.get<Settings>('/v1/duty/settings', signal) : Promise.resolve(null)),
    args: () => [this.opened] as const,
  });

  constructor() {
    super();
    Object.assign(this, { opened: false, busy: false, problem: null, saved: false });
  }

  protected override render(): TemplateResult {
    const { text } = this;
    return html`<details class="kind duty-settings" @toggle=${(event: Event) => (this.opened = (event.target as HTMLDetailsElement).open)}>
      <summary><span>${text.duty.settings.heading}</span></summary>
      ${this.outcome(this.settings, (settings) => (settings ? this.form(settings) : nothing))}
      ${this.problem ? refusal(text, this.problem, () => (this.problem = null)) : nothing}
      ${this.saved ? html`<p class="done" role="status">${text.duty.settings.saved}</p>` : nothing}
    </details>`;
  }

  private form(settings: Settings): TemplateResult {
    const words = this.text.duty.settings;
    const own = settings.hotlines.find(({ code }) => code === this.code);
    return html`<form @submit=${(event: SubmitEvent) => void this.save(event, settings)}>
      <fieldset>
        <legend>${words.limits}</legend>
        ${LIMITS.map((limit) => html`<label>${words.limit[limit]}<input type="number" required min=${limit.startsWith('most') ? 1 : 0} name=${limit} .value=${String(settings.limits[limit])}></label>`)}
      </fieldset>
      <fieldset>
        <legend>${words.boards}</legend>
        <label>${words.phone}<input name="phone" maxlength="24" placeholder="12345" .value=${own?.phone ?? ''}></label>
        <label>${words.answers}<input name="answers_zh" lang="zh" maxlength="60" .value=${own?.name?.zh ?? ''}></label>
        <label>${words.answersEn}<input name="answers_en" lang="en" maxlength="120" .value=${own?.name?.en ?? ''}></label>
        ${this.app.may('territories.edit') ? html`<label>${words.mapNumber}<input name="map_number" maxlength="60" .value=${settings.map_number}></label>` : nothing}
      </fieldset>
      ${settings.texts.map(({ layer, name, text, own }) => html`<fieldset>
        <legend>${this.app.address.language === 'en' ? name.en : name.zh} <small>${own ? words.own : words.usual}</small></legend>
        <label>${words.chinese}<textarea name="zh:${layer}" lang="zh" rows="2" maxlength="200" .value=${text.zh}></textarea></label>
        <label>${words.english}<textarea name="en:${layer}" lang="en" rows="2" maxlength="400" .value=${text.en}></textarea></label>
      </fieldset>`)}
      ${this.app.may('boards.edit')
        ? html`<p class="hint">${words.hint}</p><button type="submit" class="main" ?disabled=${this.busy}>${words.save}</button>`
        : nothing}
    </form>`;
  }

  /** Sends what was changed; a text that was emptied is the usual one again. */
  private async save(event: SubmitEvent, before: Settings): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const said = (name: string): string => String(form.get(name) ?? '').trim();
    const change: Change = {};
    const limits = Object.fromEntries(LIMITS.map((limit) => [limit, Number(said(limit))])) as Settings['limits'];
    if (LIMITS.some((limit) => limits[limit] !== before.limits[limit])) change.limits = limits;
    if (form.has('map_number') && said('map_number') !== before.map_number) change.map_number = said('map_number');
    const own = before.hotlines.find(({ code }) => code === this.code);
    const hotline = { code: this.code, phone: said('phone'), name: { zh: said('answers_zh'), en: said('answers_en') } };
    if (hotline.phone !== (own?.phone ?? '') || hotline.name.zh !== (own?.name?.zh ?? '') || hotline.name.en !== (own?.name?.en ?? '')) change.hotlines = [hotline];
    const texts = before.texts.flatMap(({ layer, text }) => {
      const [zh, en] = [said(`zh:${layer}`), said(`en:${layer}`)];
      if (zh === text.zh && en === text.en) return [];
      return [{ layer, text: zh && en ? { zh, en } : null }];
    });
    if (texts.length) change.texts = texts;
    Object.assign(this, { busy: true, problem: null, saved: false });
    try {
      await this.app.service.send('PATCH', '/v1/duty/settings', change);
      this.saved = true;
      void this.settings.run();
      this.dispatchEvent(new CustomEvent('changed'));
    } catch (error) {
      this.problem = error;
    } finally {
      this.busy = false;
    }
  }
}

customElements.define('duty-settings', DutySettings);
