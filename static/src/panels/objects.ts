import { html, nothing, type TemplateResult } from 'lit';
import { Task } from '@lit/task';
import { KINDS, type Spot } from '../address';
import type { Locating } from '../app';
import type { MappedObject } from '../service';
import { kindKey } from './layers';
import { failure, Panel } from './panel';

/** Objects without coordinates, to be finished by a click on the map, and those outside the territory. */
export class ObjectsPanel extends Panel {
  static override properties = { ...Panel.properties, done: { state: true } };

  /** Name of the object that was located last. */
  declare done: string | null;

  private readonly unlocated = new Task(this, {
    task: (_, { signal }) => this.app.service.unlocated(signal),
    args: () => [],
  });

  private readonly outside = new Task(this, {
    task: (_, { signal }) => this.app.service.outside(signal),
    args: () => [],
  });

  private readonly there = new Task(this, {
    task: async ([spot]: readonly [Spot | null], { signal }) => (spot ? this.app.service.responsible(spot, signal) : null),
    args: () => [this.app.locating?.spot ?? null] as const,
  });

  private readonly saving = new Task(this, {
    task: async ([object, spot]: readonly [MappedObject, Spot]) => {
      await this.app.service.locate(object, spot);
      this.done = object.name;
      this.app.locate(null);
      this.app.go({ shown: new Set([...this.app.address.shown, object.kind]) });
      this.app.moved();
      await this.unlocated.run();
    },
    autoRun: false,
  });

  constructor() {
    super();
    this.done = null;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    if (this.app.locating) this.app.locate(null);
  }

  protected override render(): TemplateResult {
    const { text } = this;
    const { locating } = this.app;
    return html`
      <section>
        <h2>${text.objects.unlocated}</h2>
        ${this.done ? html`<p class="done" role="status">${text.objects.done(this.done)}</p>` : nothing}
        ${locating ? this.locating(locating) : html`<p class="hint">${text.objects.hint}</p>`}
        ${this.outcome(this.unlocated, (objects) => objects.length
          ? html`<ul class="list">${objects.map((object) => this.row(object))}</ul>`
          : html`<p class="hint">${text.objects.nothing}</p>`)}
      </section>
      <section>
        <h2>${text.objects.outside}</h2>
        ${this.outcome(this.outside, (objects) => objects.length
          ? html`<ul class="list plain">${objects.map((object) => html`<li>${KINDS.filter((kind) => kind === object.kind).map(kindKey)}<span>${object.name}<code>${object.code}</code></span></li>`)}</ul>`
          : html`<p class="hint">${text.objects.outsideNone}</p>`)}
      </section>
    `;
  }

  private row(object: MappedObject): TemplateResult {
    const { text } = this;
    const chosen = this.app.locating?.object.code === object.code && this.app.locating.object.kind === object.kind;
    return html`<li>
      <button type="button" aria-pressed=${chosen} data-code=${object.code} @click=${() => this.choose(object)}>
        ${KINDS.filter((kind) => kind === object.kind).map(kindKey)}
        <span>${object.name}<code>${object.code}</code>
          ${object.hint ? html`<small>${text.objects.hintCell(object.hint.name)}</small>` : nothing}</span>
      </button>
    </li>`;
  }

  private choose(object: MappedObject): void {
    this.done = null;
    this.app.locate({ object, spot: null });
    if (object.hint) this.app.visit(object.hint.code);
    else if (this.app.address.cell) this.app.go({ cell: null, spot: null });
  }

  private locating({ object, spot }: Locating): TemplateResult {
    const { text } = this;
    return html`<div class="locating" role="group" aria-label=${object.name}>
      <p>${text.objects.pick(object.name)}</p>
      ${spot
        ? this.outcome(this.there, (answer) => html`
            <p class="spot"><code>${spot.lon.toFixed(6)}, ${spot.lat.toFixed(6)}</code></p>
            <p>${text.objects.confirm(answer?.chain[0]?.name ?? '')} <span class="hint">${text.objects.repick}</span></p>
            <button type="button" class="main" @click=${() => this.saving.run([object, spot])}>${text.objects.yes}</button>`)
        : nothing}
      <button type="button" class="plain" @click=${() => this.app.locate(null)}>${text.objects.cancel}</button>
      ${this.saving.render({
        error: (error) => (spot ? failure(text, error, () => void this.saving.run([object, spot])) : nothing),
      })}
    </div>`;
  }
}

customElements.define('objects-panel', ObjectsPanel);
