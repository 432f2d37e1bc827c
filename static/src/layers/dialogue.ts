import { html, nothing, type TemplateResult } from 'lit';
import { Task } from '@lit/task';
import { day } from '../language/time';
import { number, said } from '../language/text';
import { usualColour } from '../map/colours';
import { choices } from '../panels/choices';
import { layerKey } from '../panels/layers';
import { refusal, Panel } from '../panels/panel';
import type { Schemas } from '../service';

type Layer = Schemas['Layer'];
const GEOMETRIES = ['areas', 'reaches', 'both'] as const;

/** What is being said of a layer; of null: a new one. */
interface Draft {
  of: Layer | null;
  geometry: string;
  /** Whether it has a colour of its own. */
  own: boolean;
}

/** The departments' layers (条线): what each is called and was called, whose it is, how it looks; new ones are added here. */
export class LayersDialogue extends Panel {
  static override properties = { ...Panel.properties, opened: { state: true }, draft: { state: true }, busy: { state: true }, problem: { state: true }, done: { state: true } };

  declare opened: boolean;
  declare draft: Draft | null;
  declare busy: boolean;
  declare problem: unknown;
  /** What was done last; added: a layer without cells. */
  declare done: { added: boolean; name: string } | null;

  private readonly layers = new Task(this, {
    task: async ([opened]: readonly [boolean], { signal }) => (opened ? (await this.app.service.get<{ layers: Layer[] }>('/v1/layers', signal)).layers : null),
    args: () => [this.opened] as const,
  });

  constructor() {
    super();
    Object.assign(this, { opened: false, draft: null, busy: false, problem: null, done: null });
  }

  protected override render(): TemplateResult {
    const { text } = this;
    const words = text.setup;
    return html`<p class="acts"><button type="button" class="plain" name="layers-open" aria-haspopup="dialog" @click=${this.open}>${words.open}</button></p>
      <dialog class="export layered" aria-labelledby="layers-heading" @close=${() => Object.assign(this, { opened: false, draft: null, problem: null, done: null })}>
        ${this.opened ? html`
          <h2 id="layers-heading">${words.heading}</h2>
          <p class="hint">${words.hint}</p>
          ${this.outcome(this.layers, (layers) => (layers ? this.show(layers) : nothing))}
          <button type="button" class="plain shut" @click=${() => this.dialog?.close()}>${text.close}</button>` : nothing}
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

  /** Why one may not change a layer (null: add one); "": one may. */
  private barred(code: string | null): string {
    const { app } = this;
    const words = this.text.setup;
    if (!app.may('layers.edit')) return words.readOnly;
    const { layers } = app.me;
    return layers.length && (code === null || !layers.includes(code)) ? words.notYours(layers.join(', ')) : '';
  }

  private show(layers: readonly Layer[]): TemplateResult {
    const { text, draft, done } = this;
    const words = text.setup;
    const barred = this.barred(null);
    return html`
      ${this.app.may('layers.edit') ? nothing : html`<p class="warn">${words.readOnly}</p>`}
      <ul class="layer-list">${layers.map((layer, n) => html`<li data-layer=${layer.code}>
        <p class="head">${layerKey(layers, n)}<b>${this.name(layer)}</b><code>${layer.code}</code>
          ${this.app.may('layers.edit') ? html`<button type="button" class="plain" name="layer-edit" ?disabled=${this.barred(layer.code) !== ''} title=${this.barred(layer.code) || nothing}
            @click=${() => this.begin(layer)}>${words.edit}</button>` : nothing}</p>
        <p class="hint">${[said(text, layer.department_en, layer.department), words.geometries[layer.geometry] ?? layer.geometry, `${words.columns.cells} ${number(text, layer.cells)}`].filter(Boolean).join(' · ')}</p>
        ${layer.before.length ? html`<details><summary>${words.before} ${layer.before.length}</summary>
          <ul>${layer.before.map(({ name, department, department_en, until }) => html`<li>${words.until(said(text, name.en, name.zh), said(text, department_en, department), day(text, until))}</li>`)}</ul></details>` : nothing}
        ${draft?.of?.code === layer.code ? this.form(draft, layers.indexOf(layer)) : nothing}
      </li>`)}</ul>
      ${done ? html`<p class="done" role="status">${done.added ? words.added(done.name) : words.changed(done.name)}
        ${done.added && this.app.may('imports.make') ? html`<button type="button" class="link" name="layer-import" @click=${this.toImport}>${words.toImport}</button>` : nothing}</p>` : nothing}
      ${draft && !draft.of ? this.form(draft, layers.length)
        : this.app.may('layers.edit') ? html`<p class="pair"><button type="button" class="plain" name="layer-add" ?disabled=${barred !== ''} @click=${() => this.begin(null)}>${words.add}</button>
          ${barred ? html`<span class="hint">${barred}</span>` : nothing}</p>` : nothing}`;
  }

  private name({ name }: Layer): string {
    return said(this.text, name.en, name.zh);
  }

  private begin(of: Layer | null): void {
    Object.assign(this, { draft: { of, geometry: of?.geometry ?? 'areas', own: !!of?.colour }, problem: null, done: null });
  }

  /** n: the layer's place among all, by which the map colours it. */
  private form(draft: Draft, n: number): TemplateResult {
    const { text } = this;
    const words = text.setup;
    const { of } = draft;
    const line = (name: string, label: string, value: string, more: { required?: boolean; lang?: string } = {}): TemplateResult =>
      html`<label class="field"><span>${label}</span><input type="text" name=${name} maxlength="100" lang=${more.lang ?? nothing} ?required=${more.required} .value=${value} /></label>`;
    return html`<form @submit=${(event: SubmitEvent) => void this.save(event, draft)}>
      ${of ? nothing : html`<label class="field"><span>${words.code}</span><input type="text" name="code" required maxlength="40" pattern="[a-z][a-z0-9\\-]*" spellcheck="false" autocapitalize="off" /></label>`}
      ${line('zh', words.zh, of?.name.zh ?? '', { required: true, lang: 'zh' })}
      ${line('en', words.en, of?.name.en ?? '', { required: true, lang: 'en' })}
      ${line('department', words.department, of?.department ?? '', { lang: 'zh' })}
      ${line('department_en', words.departmentEn, of?.department_en ?? '', { lang: 'en' })}
      ${choices('geometry', words.geometry, '', GEOMETRIES.map((each) => [each, words.geometries[each] ?? each] as const), draft.geometry, (geometry) => (this.draft = { ...draft, geometry }))}
      <label class="field"><span>${words.rank}</span><input type="number" name="rank" min="0" max="10000" required .value=${String(of?.rank ?? n + 1)} /></label>
      <p class="field"><label class="tick"><input type="checkbox" name="own" .checked=${draft.own} @change=${(event: Event) => (this.draft = { ...draft, own: (event.target as HTMLInputElement).checked })} />${words.own}</label>
        ${draft.own ? html`<input type="color" name="colour" aria-label=${words.colour} .value=${of?.colour || usualColour(n)} />` : html`<span class="hint">${words.usual}</span>`}</p>
      ${this.problem ? refusal(text, this.problem, () => (this.problem = null)) : nothing}
      <p class="pair"><button type="submit" class="main" name="layer-save" ?disabled=${this.busy}>${words.save}</button>
        <button type="button" class="plain" @click=${() => Object.assign(this, { draft: null, problem: null })}>${words.cancel}</button></p>
    </form>`;
  }

  private async save(event: SubmitEvent, { of, geometry, own }: Draft): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const value = (name: string): string => String(form.get(name) ?? '').trim();
    const change: Schemas['LayerChange'] = {
      name: { zh: value('zh'), en: value('en') }, department: value('department'), department_en: value('department_en'), geometry: geometry as Layer['geometry'], rank: Number(value('rank')), colour: own ? value('colour') : '',
    };
    Object.assign(this, { busy: true, problem: null });
    try {
      const { service } = this.app;
      const saved = of
        ? await service.send<Layer>('PATCH', `/v1/layers/${of.code}`, change)
        : await service.send<Layer>('POST', '/v1/layers', { ...change, code: value('code') });
      Object.assign(this, { draft: null, done: { added: !of, name: saved ? this.name(saved) : value('zh') } });
      await this.layers.run();
      this.app.relayered();
    } catch (problem) {
      this.problem = problem;
    }
    this.busy = false;
  }

  private toImport(): void {
    this.dialog?.close();
    this.app.go({ mode: 'import', import: null, cell: null, spot: null });
  }
}

customElements.define('layers-dialogue', LayersDialogue);
