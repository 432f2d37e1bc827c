import { html, nothing, type TemplateResult } from 'lit';
import { Task } from '@lit/task';
import { bytes, duration, percent } from '../language/text';
import { instant } from '../language/time';
import { ImportPanel } from '../panels/panel';
import { choices } from '../panels/choices';
import { TARGETS, type Target } from './imports';
import type { Item, Unfinished } from './uploads';

/** Where files are chosen, and how far those that were have come. */
export class ImportSending extends ImportPanel {
  private readonly earlier = new Task(this, {
    task: () => this.app.importer.uploads.unfinished(),
    args: () => [this.app.importer.uploads.items.length] as const,
  });

  protected override render(): TemplateResult {
    const { text } = this;
    const { uploads } = this.app.importer;
    const before = this.earlier.value ?? [];
    return html`
      <section class="bring">
        <label class="main choose">${text.import.choose}
          <input type="file" class="unseen" multiple @change=${this.chosen} /></label>
        <p class="hint">${text.import.chooseHint}</p>
        <p class="hint">${text.import.formats}</p>
      </section>
      ${uploads.items.length ? html`<section>
        <h3>${text.import.uploads}</h3>
        <ul class="sending">${uploads.items.map((item) => this.item(item))}</ul>
      </section>` : nothing}
      ${before.length ? html`<section>
        <h3>${text.import.unfinished}</h3>
        <p class="hint">${text.import.unfinishedHint}</p>
        <ul class="sending">${before.map((each) => this.unfinished(each))}</ul>
      </section>` : nothing}`;
  }

  private chosen(event: Event): void {
    const input = event.target as HTMLInputElement;
    const files = [...(input.files ?? [])];
    input.value = '';
    if (files.length) void this.app.importer.bring(files);
  }

  private item(item: Item): TemplateResult {
    const { text } = this;
    const { uploads } = this.app.importer;
    const { file, state, error } = item;
    const share = file.size ? item.bytes / file.size : 1;
    const left = item.rate > 0 ? (file.size - item.bytes) / item.rate : 0;
    return html`<li data-file=${file.name} data-state=${state}>
      <b>${file.name}</b>
      <progress max="1" .value=${share} aria-label="${text.import.uploads} ${file.name}">${percent(text, share)}</progress>
      <small role="status">${state === 'sent' ? (item.purpose.target ? text.import.sentMaking : text.import.sent) : html`${text.import.of(bytes(text, item.bytes), bytes(text, file.size))}
        ${state === 'paused' ? html` · ${text.import.paused}` : nothing}
        ${state === 'sending' && left >= 1 ? html` · ${text.import.remaining(duration(text, left))}` : nothing}`}</small>
      ${state === 'failed' ? html`<p class="why" role="alert">${text.import.sendFailed}${error ? `: ${error}` : ''}</p>` : nothing}
      ${this.purpose(item)}
      <p class="pair">
        ${state === 'sending' ? html`<button type="button" class="plain" @click=${() => uploads.pause(item)}>${text.import.pause}</button>` : nothing}
        ${state === 'paused' || state === 'failed' ? html`<button type="button" class="plain" @click=${() => uploads.resume(item)}>${text.import.resume}</button>` : nothing}
        <button type="button" class="link" @click=${() => uploads.cancel(item)}>${text.import.cancel}</button>
      </p>
    </li>`;
  }

  private purpose(item: Item): TemplateResult {
    const { text, stats } = this;
    const { target, tier, layer } = item.purpose;
    const say = (change: Partial<Item['purpose']>): void => {
      this.app.importer.uploads.assign(item.key, change);
      void this.app.importer.arrived(item);
    };
    const name = (each: Target): string => this.app.importer.label(each) || each;
    return html`<div class="purpose">
      ${choices(`target-${item.key}`, text.import.becomes, text.import.becomesNone, TARGETS.map((each) => [each, name(each)]), target ?? '', (value) => say({ target: value as Target }))}
      ${target === 'cells'
        ? choices(`tier-${item.key}`, text.import.tier, text.import.tierNone, stats.tiers.map((each) => [String(each.tier), text.tier(each.tier)]), tier === null ? '' : String(tier), (value) => say({ tier: Number(value) }))
        : nothing}
      ${target === 'layer-cells'
        ? choices(`layer-${item.key}`, text.import.layer, text.import.layerNone, stats.layers.map((each) => [each.layer, this.layerName(each)]), layer ?? '', (value) => say({ layer: value }))
        : nothing}
    </div>`;
  }

  private unfinished({ name, size, begun, key }: Unfinished): TemplateResult {
    const { text } = this;
    return html`<li>
      <b>${name}</b>
      <small>${bytes(text, size)} · ${instant(text, begun)}</small>
      <p class="pair"><button type="button" class="link" @click=${async () => {
        await this.app.importer.uploads.dismiss(key);
        void this.earlier.run();
      }}>${text.import.dismiss}</button></p>
    </li>`;
  }
}

customElements.define('import-sending', ImportSending);
