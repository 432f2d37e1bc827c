import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { Task } from '@lit/task';
import { choices as select } from '../panels/choices';
import { failure, Panel } from '../panels/panel';
import { save } from '../save';
import { Problem } from '../service';
import { systems } from '../systems';
import { choices, chosen, encodingOf, path, WGS84, type Choices, type Format, type Wish } from './exports';
import { lacking } from './lacking';

/** Encodings that have every character. */
const WHOLE: readonly string[] = ['UTF-8', 'GB18030'];

/** What a person may download, for other programs: any collection, at any instant, as a file of the wanted kind. */
export class ExportDialogue extends Panel {
  static override properties = { ...Panel.properties, wish: { state: true }, opened: { state: true }, busy: { state: true }, problem: { state: true }, got: { state: true }, past: { state: true } };

  declare wish: Wish;
  /** Whether it is open: what there is to choose from is asked for then. */
  declare opened: boolean;
  declare busy: AbortController | null;
  declare problem: unknown;
  /** The name of the file that came last. */
  declare got: string;
  /** Whether another instant than now is wanted. */
  declare past: boolean;

  private readonly choices = new Task(this, {
    task: async ([opened]: readonly [boolean], { signal }): Promise<Choices | null> => (opened ? choices(this.app.service, signal) : null),
    args: () => [this.opened] as const,
  });

  constructor() {
    super();
    this.wish = { collection: '', tier: '', layer: '', format: '', instant: '', crs: WGS84, encoding: '', original: false };
    Object.assign(this, { opened: false, busy: null, problem: null, got: '', past: false });
  }

  override disconnectedCallback(): void {
    this.busy?.abort();
    super.disconnectedCallback();
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has('problem') && this.problem) this.querySelector('.failure')?.scrollIntoView({ block: 'nearest' });
  }

  protected override render(): TemplateResult {
    const { text } = this;
    return html`
      <button type="button" class="plain" aria-haspopup="dialog" @click=${this.open}>${text.export.open}</button>
      <dialog class="export" aria-labelledby="export-heading" @close=${this.closed}>
        ${this.opened ? html`
          <h2 id="export-heading">${text.export.heading}</h2>
          <p class="hint">${text.export.hint}</p>
          ${this.outcome(this.choices, (all) => (all ? this.form(all) : nothing))}
          <p class="licence">${text.disclaimer}</p>
          <button type="button" class="plain shut" @click=${() => this.dialog?.close()}>${text.close}</button>` : nothing}
      </dialog>`;
  }

  private get dialog(): HTMLDialogElement | null {
    return this.querySelector('dialog');
  }

  /** The browser puts the focus on the first choice, so that it has to be there. */
  private async open(): Promise<void> {
    this.opened = true;
    await this.updateComplete;
    this.dialog?.showModal();
  }

  private closed(): void {
    this.busy?.abort();
    Object.assign(this, { opened: false, problem: null, got: '' });
  }

  private form(all: Choices): TemplateResult {
    const { text, wish } = this;
    const { language } = this.app.address;
    const { collection, format } = chosen(all, wish);
    const located = collection?.geometry !== 'none';
    const known = new Map(systems(text, this.app.box));
    return html`<form @submit=${(event: Event) => {
      event.preventDefault();
      void this.get(all);
    }}>
      ${this.choose('collection', text.export.collection, all.collections.map(({ name, title }) => [name, title[language]]), collection?.name ?? '')}
      ${collection?.tiers.length ? this.choose('tier', text.export.tier, [['', text.export.everyTier], ...collection.tiers.map((tier): [string, string] => [String(tier), text.tier(tier)])], wish.tier) : nothing}
      ${collection?.layers.length ? this.choose('layer', text.export.layer, [['', text.export.everyLayer], ...collection.layers.map((layer): [string, string] => [layer, this.layer(layer)])], wish.layer) : nothing}
      ${this.instant()}
      ${this.choose('format', text.export.format, all.formats.map((each) => [each.format, each.title[language]]), format?.format ?? '')}
      ${located && format?.crs ? this.choose('crs', text.export.crs, all.crs.map(({ epsg, name }) => [`EPSG:${epsg}`, `EPSG:${epsg} · ${known.get(`EPSG:${epsg}`) ?? name}`]), wish.crs) : nothing}
      ${located && format && !format.crs ? html`<p class="field"><span>${text.export.crs}</span><small>${text.export.degrees}</small></p>` : nothing}
      ${format?.encodings.length ? this.choose('encoding', text.export.encoding, format.encodings.map((each) => [each, each]), encodingOf(format, wish)) : nothing}
      ${located ? html`<label class="check"><input type="checkbox" name="original" .checked=${live(wish.original)} @change=${(event: Event) => this.set({ original: (event.target as HTMLInputElement).checked })} />${text.export.original}</label>` : nothing}
      ${this.trouble(all, format)}
      <p class="pair">
        <button type="submit" class="main" ?disabled=${this.busy !== null}>${this.busy ? text.export.preparing : text.export.download}</button>
        ${this.busy ? html`<button type="button" class="plain" @click=${() => this.busy?.abort()}>${text.export.cancel}</button>` : nothing}
        <span role="status">${this.got ? text.export.got(this.got) : nothing}</span>
      </p>
    </form>`;
  }

  private layer(code: string): string {
    const layer = this.stats.layers.find((each) => each.layer === code);
    return layer ? this.layerName(layer) : code;
  }

  private instant(): TemplateResult {
    const { text, past, wish } = this;
    const say = (then: boolean): void => {
      this.past = then;
      if (!then) this.set({ instant: '' });
    };
    return html`<fieldset class="instant">
      <legend>${text.export.instant}</legend>
      <label><input type="radio" name="when" value="now" .checked=${live(!past)} @change=${() => say(false)} />${text.export.now}</label>
      <label><input type="radio" name="when" value="then" .checked=${live(past)} @change=${() => say(true)} />${text.export.then}</label>
      ${past ? html`<input type="datetime-local" name="instant" required aria-label=${text.export.instant} .value=${live(wish.instant)} @change=${(event: Event) => this.set({ instant: (event.target as HTMLInputElement).value })} />` : nothing}
    </fieldset>`;
  }

  private choose(key: Exclude<keyof Wish, 'instant' | 'original'>, label: string, options: readonly (readonly [string, string])[], value: string): TemplateResult {
    return select(key, label, '', options, value, (chosen) => this.set({ [key]: chosen }));
  }

  private set(change: Partial<Wish>): void {
    this.wish = { ...this.wish, ...change };
    Object.assign(this, { problem: null, got: '' });
  }

  private trouble(all: Choices, format: Format | undefined): TemplateResult | typeof nothing {
    const { text, problem, wish } = this;
    if (!problem) return nothing;
    if (!(problem instanceof Problem) || !problem.lacking.length) return failure(text, problem, () => void this.get(all));
    const encoding = encodingOf(format, wish);
    const others = format?.encodings.filter((each) => each !== encoding && WHOLE.includes(each)) ?? [];
    return lacking(text, problem, encoding, others, (other) => {
      this.set({ encoding: other });
      void this.get(all);
    });
  }

  private async get(all: Choices): Promise<void> {
    if (this.busy) return;
    const busy = new AbortController();
    Object.assign(this, { busy, problem: null, got: '' });
    try {
      this.got = await save(this.app.service, path(all, this.wish), busy.signal);
    } catch (problem) {
      if (!busy.signal.aborted) this.problem = problem;
    }
    this.busy = null;
  }
}

customElements.define('export-dialogue', ExportDialogue);
