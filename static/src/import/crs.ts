import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { said } from '../language/text';
import { ImportPanel } from '../panels/panel';
import { CRS_DOUBTS } from './doubts';
import { open, type Candidate, type Import } from './imports';
import { lies, systems } from '../systems';

/** In which coordinate system the file is: as found, as offered with evidence, or as a person says. */
export class ImportCrs extends ImportPanel {
  static override properties = { ...ImportPanel.properties, code: { state: true } };

  /** What is written as another EPSG code. */
  declare code: string;

  constructor() {
    super();
    this.code = '';
  }

  protected override render(): unknown {
    const { text } = this;
    const { importer } = this.app;
    const { current } = importer;
    if (!current) return nothing;
    const { source, crs } = current;
    const off = !open(current) || importer.busy;
    return html`<section>
      <h3>${text.import.crs}</h3>
      ${source.geometry === 'none' && !source.epsg && !importer.candidates.length
        ? html`<p>${text.import.crsNone}</p><p class="hint">${text.import.crsNoneHint}</p>`
        : html`
          ${source.epsg
            ? html`<p><b>EPSG:${source.epsg}</b> ${this.name(`EPSG:${source.epsg}`)} <small>${crs ? text.import.said : said(text, source.crs_how, source.crs_how_zh)}</small></p>`
            : html`<p class="why" role="alert">${text.import.crsUnknown}</p>`}
          ${this.extent(current)}
          <import-doubts .app=${this.app} .stats=${this.stats} .kinds=${CRS_DOUBTS}></import-doubts>
          ${importer.candidates.length && open(current) ? this.candidates(current, off) : nothing}
          <label class="check"><input type="checkbox" name="swap_axes" .checked=${live(current.swap_axes)} ?disabled=${off} @change=${(event: Event) =>
            void importer.change({ swap_axes: (event.target as HTMLInputElement).checked })} />${text.import.swapAxes}</label>
          ${off ? nothing : this.other(current)}`}
    </section>`;
  }

  private name(code: string): string {
    const candidate = this.app.importer.candidates.find(({ epsg }) => `EPSG:${epsg}` === code);
    return systems(this.text, this.app.box).find(([each]) => each === code)?.[1] ?? candidate?.name ?? '';
  }

  private extent({ source }: Import): TemplateResult | typeof nothing {
    const { text } = this;
    const { extent } = source;
    if (!extent) return nothing;
    const how = lies(extent, this.app.box);
    const words = { in: text.import.extentIn, partly: text.import.extentPartly, out: text.import.extentOut }[how];
    return html`<p class=${how === 'in' ? 'hint' : 'why'} role=${how === 'out' ? 'alert' : nothing} data-extent=${how}>${words}
      <button type="button" class="link" @click=${() => this.app.frame(extent)}>${text.import.showExtent}</button></p>`;
  }

  private candidates(current: Import, off: boolean): TemplateResult {
    const { text } = this;
    const chosen = current.crs || (current.source.epsg ? `EPSG:${current.source.epsg}` : '');
    return html`<fieldset class="candidates">
      <legend>${text.import.crsOffers}</legend>
      ${this.app.importer.candidates.map((candidate) => this.candidate(candidate, chosen === `EPSG:${candidate.epsg}` && candidate.swapped === current.swap_axes, off))}
    </fieldset>`;
  }

  private candidate({ epsg, why, swapped }: Candidate, chosen: boolean, off: boolean): TemplateResult {
    const { text } = this;
    const crs = `EPSG:${epsg}`;
    return html`<label>
      <input type="radio" name="crs" value=${swapped ? `${crs} yx` : crs} .checked=${live(chosen)} ?disabled=${off} @change=${() => void this.app.importer.change({ crs, swap_axes: swapped })} />
      <span><b>${crs}</b>${swapped ? html` <em>${text.import.swapped}</em>` : nothing} ${this.name(crs)}<small>${why}</small></span>
    </label>`;
  }

  private other({ crs }: Import): TemplateResult {
    const { text } = this;
    const wrong = this.code !== '' && !/^(EPSG:)?\d{4,6}$/i.test(this.code);
    return html`<form class="other" @submit=${this.say}>
      <label class="field"><span>${text.import.crsOther}</span>
        <input type="text" name="epsg" list="systems" autocomplete="off" .value=${this.code} aria-invalid=${wrong} @input=${(event: Event) => (this.code = (event.target as HTMLInputElement).value.trim())} /></label>
      <datalist id="systems">${systems(text, this.app.box).map(([code, name]) => html`<option value=${code}>${name}</option>`)}</datalist>
      <button type="submit" class="plain" ?disabled=${!this.code || wrong}>${text.import.crsUse}</button>
      ${crs ? html`<button type="button" class="link" @click=${() => void this.app.importer.change({ crs: '' })}>${text.import.crsAsFile}</button>` : nothing}
      ${wrong ? html`<p class="why" role="alert">${text.import.crsWrong('4547')}</p>` : nothing}
    </form>`;
  }

  private say(event: Event): void {
    event.preventDefault();
    const [digits] = /\d{4,6}/.exec(this.code) ?? [];
    if (!digits) return;
    this.code = '';
    void this.app.importer.change({ crs: `EPSG:${digits}` });
  }
}

customElements.define('import-crs', ImportCrs);
