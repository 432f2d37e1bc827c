import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { number } from '../language/text';
import { ImportPanel } from '../panels/panel';
import { open, type Column, type Field, type Import } from './imports';
import './personal';

const SAMPLES = 3;

/** Which column of the file feeds which field, and what becomes of the others. */
export class ImportMapping extends ImportPanel {
  protected override render(): unknown {
    const { text } = this;
    const { importer } = this.app;
    const { current } = importer;
    if (!current?.source.columns.length) return nothing;
    const fields = importer.targets.find(({ target }) => target === current.target)?.fields ?? [];
    const off = !open(current) || importer.busy;
    const missing = fields.filter((field) => this.lacks(field, current));
    const used = new Set(Object.values(current.mapping));
    const extra = current.source.columns.filter(({ name, sensitive }) => !used.has(name) && !sensitive);
    return html`<section>
      <h3>${text.import.fields}</h3>
      <p class="hint">${text.import.fieldsHint}</p>
      ${missing.length ? html`<p class="why" role="alert">${text.import.missing(missing.map((field) => this.name(field)).join(text.language === 'zh' ? '、' : ', '))}</p>` : nothing}
      <table class="mapping">
        <thead><tr><th scope="col">${text.import.field}</th><th scope="col">${text.import.column}</th></tr></thead>
        <tbody>${fields.map((field) => this.row(field, fields, current, off))}</tbody>
      </table>
      <import-personal .app=${this.app} .stats=${this.stats}></import-personal>
      ${extra.length ? this.extra(extra, current, off) : nothing}
    </section>`;
  }

  private name({ label }: Field): string {
    return label[this.app.address.language];
  }

  private lacks({ name, required, instead }: Field, { mapping }: Import): boolean {
    return required && !mapping[name] && !(instead && mapping[instead]);
  }

  private row(field: Field, fields: readonly Field[], current: Import, off: boolean): TemplateResult {
    const { text } = this;
    const chosen = current.mapping[field.name] ?? '';
    const column = current.source.columns.find(({ name }) => name === chosen);
    const lacks = this.lacks(field, current);
    const instead = fields.find(({ name }) => name === field.instead);
    return html`<tr data-field=${field.name} class=${lacks ? 'lacking' : ''}>
      <th scope="row"><label for="map-${field.name}">${this.name(field)}</label>
        ${field.required ? html`<small>${instead ? text.import.insteadOf(this.name(instead)) : text.import.required}</small>` : nothing}</th>
      <td>
        <select id="map-${field.name}" name=${field.name} ?disabled=${off} aria-invalid=${lacks} @change=${(event: Event) => this.choose(field.name, (event.target as HTMLSelectElement).value)}>
          <option value="" .selected=${live(chosen === '')}>${text.import.noColumn}</option>
          ${current.source.columns.map(({ name }) => html`<option value=${name} .selected=${live(name === chosen)}>${name}</option>`)}
        </select>
        ${column ? this.samples(column, current) : nothing}
      </td>
    </tr>`;
  }

  private samples({ samples, filled }: Column, { source }: Import): TemplateResult {
    const { text } = this;
    return html`<small class="samples">${samples.slice(0, SAMPLES).map((each) => html`<span>${each}</span>`)}
      ${filled < source.rows ? html`<em>${text.import.filled(number(text, filled), number(text, source.rows))}</em>` : nothing}</small>`;
  }

  private choose(field: string, column: string): void {
    const { current } = this.app.importer;
    if (!current) return;
    // A column feeds one field: it leaves the one it fed.
    const others = Object.entries(current.mapping).filter(([name, other]) => column && other === column && name !== field);
    void this.app.importer.change({ map: { ...current.map, ...Object.fromEntries(others.map(([name]) => [name, ''])), [field]: column } });
  }

  private extra(columns: readonly Column[], { publish }: Import, off: boolean): TemplateResult {
    const { text } = this;
    return html`<fieldset class="extra">
      <legend>${text.import.extra}</legend>
      <p class="hint">${text.import.extraHint}</p>
      ${columns.map(({ name, samples }) => html`<label>
        <input type="checkbox" name="publish" value=${name} .checked=${live(publish.includes(name))} ?disabled=${off} aria-label="${text.import.publish} ${name}" @change=${(event: Event) => {
          const on = (event.target as HTMLInputElement).checked;
          void this.app.importer.change({ publish: on ? [...publish, name] : publish.filter((other) => other !== name) });
        }} />
        <span><b>${name}</b><small>${samples.slice(0, SAMPLES).join(' · ')}</small></span>
      </label>`)}
    </fieldset>`;
  }
}

customElements.define('import-mapping', ImportMapping);
