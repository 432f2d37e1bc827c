import { html, nothing, type TemplateResult } from 'lit';
import type { Cell, Edited, Quality } from '../edit/draft';
import { area, number, percent } from '../language/text';
import { Problem } from '../service';
import { EditorPanel } from './panel';
import './clash';

/** What is being changed: what is selected, what to fill in, what it would make, and the word to do it. */
export class ChangeCard extends EditorPanel {
  protected override render(): unknown {
    const { text } = this;
    const { editor, address } = this.app;
    if (!editor.parent) return nothing;
    if (editor.clash) return html`<clash-card .app=${this.app} .stats=${this.stats}></clash-card>`;
    const { preview, chosen, problem } = editor;
    const idle = !preview && !problem && !editor.busy;
    if (idle && (address.part !== 'cells' || !chosen.length)) return nothing;
    if (address.part === 'steps') return nothing;
    const heading = editor.proposal ? text.edit.kinds['draw'] : text.edit.tools[editor.tool];
    return html`<article aria-label=${heading}>
      <h2>${heading}</h2>
      ${editor.proposal ? nothing : this.selection(chosen)}
      ${editor.proposal ? nothing : this.form(chosen)}
      ${editor.busy === 'previewing' && !preview ? html`<p class="working" role="status">${text.edit.previewing}</p>` : nothing}
      ${problem ? this.refusal(problem) : nothing}
      ${preview ? this.preview(preview) : nothing}
      ${editor.stroke || preview || problem ? html`<p class="pair">
        <button type="button" class="main" ?disabled=${!editor.ready} @click=${() => editor.apply()}>${editor.proposal ? text.draws.apply : text.edit.apply}</button>
        <button type="button" class="plain" @click=${() => editor.cancel()}>${text.edit.cancel}</button>
      </p>` : nothing}
    </article>`;
  }

  private selection(chosen: readonly Cell[]): TemplateResult {
    const { text } = this;
    const { tool } = this.app.editor;
    if (!chosen.length) return tool === 'hand' ? html`` : html`<p class="hint">${text.edit.nothingSelected}</p>`;
    if (tool !== 'select') return html`<ul class="chosen">${chosen.map(({ properties }) => html`<li><b>${properties.name}</b><span>${area(text, properties.area_m2)}</span></li>`)}</ul>`;
    return html`${chosen.slice(0, 6).map(({ properties }) => html`<section>
      <h3>${properties.name} <code>${properties.code}</code></h3>
      <dl class="facts">
        <dt>${text.edit.area}</dt><dd>${area(text, properties.area_m2)}</dd>
        <dt>${text.edit.share}</dt><dd>${percent(text, properties.load)}</dd>
        <dt>${text.edit.compact}</dt><dd>${number(text, properties.compactness, 2)}</dd>
        <dt>${text.edit.objects}</dt><dd>${number(text, properties.objects)}</dd>
      </dl>
    </section>`)}${chosen.length > 6 ? html`<p class="hint">${text.edit.selected(number(text, chosen.length))}</p>` : nothing}`;
  }

  private form(chosen: readonly Cell[]): unknown {
    const { text } = this;
    const { editor } = this.app;
    const { tool, form } = editor;
    const [cell] = chosen;
    const field = (key: 'code' | 'name' | 'reason', label: string, now: string): TemplateResult => html`<label class="field"><span>${label}</span>
      <input type="text" name=${key} .value=${form[key] ?? now} placeholder=${text.edit.auto} @input=${(event: Event) => editor.fill({ [key]: (event.target as HTMLInputElement).value.trim() })} /></label>`;
    const check = (key: 'locked' | 'disputed', now: boolean): TemplateResult => html`<label class="check">
      <input type="checkbox" name=${key} .checked=${form[key] ?? now} @change=${(event: Event) => editor.fill({ [key]: (event.target as HTMLInputElement).checked })} /><span>${text.edit[key]}</span></label>`;
    switch (tool) {
      case 'rename':
        return cell ? html`<div class="fields">${field('code', text.edit.code, cell.properties.code)}${field('name', text.edit.name, cell.properties.name)}</div>` : nothing;
      case 'lock':
        return cell ? html`<div class="fields">${check('locked', cell.properties.locked)}${check('disputed', cell.properties.disputed)}${field('reason', text.edit.reason, '')}</div>` : nothing;
      case 'hand':
        return editor.stroke ? html`<div class="fields">${field('code', text.edit.code, '')}${field('name', text.edit.name, '')}</div>` : nothing;
      case 'merge':
        return chosen.length > 1 ? html`<div class="fields">
          <label class="field"><span>${text.edit.keep}</span><select name="keep" @change=${(event: Event) => editor.fill({ keep: (event.target as HTMLSelectElement).value })}>
            <option value="">${text.edit.keepAuto}</option>
            ${chosen.map(({ properties }) => html`<option value=${properties.uid} ?selected=${form.keep === properties.uid}>${properties.name}</option>`)}
          </select></label>
          ${field('name', text.edit.name, '')}</div>` : nothing;
      default:
        return nothing;
    }
  }

  private preview({ features, removed, quality }: Edited): TemplateResult {
    const { text } = this;
    const { editor } = this.app;
    const parent = editor.parent?.properties.uid;
    const made = features.features.filter(({ properties }) => properties.uid !== parent);
    const of = new Map(quality.map((each) => [each.code, each]));
    const widest = Math.max(0.05, ...quality.map(({ deviation }) => Math.abs(deviation)));
    return html`<section class="preview" aria-live="polite">
      <h3>${text.edit.preview} <span class="count">${text.edit.made(number(text, made.length))}${removed.length ? html` · ${text.edit.removed(number(text, removed.length))}` : nothing}</span></h3>
      <div class="scroll" tabindex="0" role="region" aria-label=${text.edit.preview}><table class="quality">
        <thead><tr><th scope="col">${text.edit.cell}</th><th scope="col">${text.edit.area}</th><th scope="col">${text.edit.deviation}</th><th scope="col">${text.edit.compact}</th></tr></thead>
        <tbody>${made.map((cell) => this.line(cell, of.get(cell.properties.code), widest))}</tbody>
      </table></div>
    </section>`;
  }

  private line({ properties }: Cell, quality: Quality | undefined, widest: number): TemplateResult {
    const { text } = this;
    const { name, code, area_m2, compactness } = properties;
    const before = this.app.editor.cells.find((cell) => cell.properties.uid === properties.uid)?.properties.area_m2;
    const change = before === undefined ? 0 : area_m2 - before;
    const exact = quality?.deviation ?? 0;
    const deviation = Math.abs(exact) < 0.0005 ? 0 : exact;
    return html`<tr>
      <th scope="row">${name}<code>${code}</code>
        ${(quality?.parts ?? 1) > 1 ? html`<small>${text.edit.parts2} ${number(text, quality?.parts ?? 1)}</small>` : nothing}
        ${quality?.barriers_crossed ? html`<small>${text.edit.crossed} ${number(text, quality.barriers_crossed)}</small>` : nothing}</th>
      <td>${area(text, area_m2)}${Math.abs(change) > 1 ? html`<small class=${change > 0 ? 'more' : 'less'}>${change > 0 ? '+' : '−'}${area(text, Math.abs(change))}</small>` : nothing}</td>
      <td><span class="deviation ${deviation < 0 ? 'under' : ''}" style="--share:${Math.abs(deviation) / widest}">${deviation > 0 ? '+' : ''}${percent(text, deviation)}</span></td>
      <td><span class="compact" style="--share:${compactness}">${number(text, quality?.compactness ?? compactness, 2)}</span></td>
    </tr>`;
  }

  /** What is wrong, where, and what to do about it. */
  private refusal(problem: unknown): TemplateResult {
    const { text } = this;
    const known = problem instanceof Problem ? problem : null;
    const [place] = known?.places ?? [];
    return html`<div class="failure" role="alert">
      <strong>${text.edit.refused}</strong>
      <p>${known ? known.message : text.offline}</p>
      ${known?.fixes.length ? html`<ul>${known.fixes.map((fix) => html`<li>${fix}</li>`)}</ul>` : nothing}
      ${place ? html`<button type="button" class="plain" @click=${() => this.app.go({}, place)}>${text.edit.goThere}</button>` : nothing}
    </div>`;
  }
}

customElements.define('change-card', ChangeCard);
