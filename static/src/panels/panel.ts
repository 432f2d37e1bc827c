import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { TaskStatus, type Task } from '@lit/task';
import type { App } from '../app';
import type { Text } from '../language/text';
import { Problem, type Layer, type Stats } from '../service';

/** A part of the page: draws itself again whenever the page's state changes. */
export abstract class Panel extends LitElement {
  static override properties: Record<string, object> = { app: { attribute: false }, stats: { attribute: false } };

  declare app: App;
  declare stats: Stats;

  private readonly refresh = (): void => this.requestUpdate();

  /** Panels share the page's one style sheet. */
  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.app.on('change', this.refresh);
  }

  override disconnectedCallback(): void {
    this.app.off('change', this.refresh);
    super.disconnectedCallback();
  }

  protected get text(): Text {
    return this.app.text;
  }

  /** What a layer is called. */
  protected layerName({ name }: Layer): string {
    return this.app.address.language === 'en' ? name.en : name.zh;
  }

  /** What a request shows while it runs, when it fails, and when it is done. */
  protected outcome<T>(task: Task<readonly unknown[], T>, complete: (value: T) => unknown): unknown {
    return task.render({
      pending: () => html`<p class="loading" role="status">${this.text.loading}</p>`,
      error: (error) => failure(this.text, error, () => void task.run()),
      complete,
    });
  }

  /** As outcome; while it is asked again what there was stays, with all that somebody is writing in it. */
  protected kept<T>(task: Task<readonly unknown[], T>, complete: (value: T) => unknown): unknown {
    const { status, value, error } = task;
    return html`${status === TaskStatus.ERROR ? failure(this.text, error, () => void task.run()) : value === undefined ? nothing : complete(value)}
      ${status === TaskStatus.PENDING ? html`<p class="loading" role="status">${this.text.loading}</p>` : nothing}`;
  }
}

/** A panel that also draws itself again when the editor's state changes. */
export abstract class EditorPanel extends Panel {
  private readonly edited = (): void => this.requestUpdate();

  override connectedCallback(): void {
    super.connectedCallback();
    this.app.on('edit', this.edited);
  }

  override disconnectedCallback(): void {
    this.app.off('edit', this.edited);
    super.disconnectedCallback();
  }
}

/** A panel that also draws itself again when imports change. */
export abstract class ImportPanel extends Panel {
  private readonly imported = (): void => this.requestUpdate();

  override connectedCallback(): void {
    super.connectedCallback();
    this.app.on('import', this.imported);
  }

  override disconnectedCallback(): void {
    this.app.off('import', this.imported);
    super.disconnectedCallback();
  }
}

/** A panel that also draws itself again when the roster changes. */
export abstract class RosterPanel extends Panel {
  private readonly listed = (): void => this.requestUpdate();

  override connectedCallback(): void {
    super.connectedCallback();
    this.app.on('people', this.listed);
  }

  override disconnectedCallback(): void {
    this.app.off('people', this.listed);
    super.disconnectedCallback();
  }
}

/** A panel that also draws itself again when the workbench of the merge changes. */
export abstract class BenchPanel extends Panel {
  private readonly worked = (): void => this.requestUpdate();

  override connectedCallback(): void {
    super.connectedCallback();
    this.app.on('merge', this.worked);
  }

  override disconnectedCallback(): void {
    this.app.off('merge', this.worked);
    super.disconnectedCallback();
  }
}

/** What went wrong, what can be done about it, and a way to try again. */
export function failure(text: Text, error: unknown, again: () => void): TemplateResult {
  return told(text, error, text.again, again);
}

/** What was not done and why, to be read and closed. */
export function refusal(text: Text, error: unknown, close: () => void): TemplateResult {
  return told(text, error, text.close, close);
}

function told(text: Text, error: unknown, label: string, then: () => void): TemplateResult {
  const fixes = error instanceof Problem ? error.fixes : [];
  const detail = error instanceof Problem ? error.message : text.offline;
  return html`<div class="failure" role="alert">
    <strong>${error instanceof Problem && !error.reading ? text.refused : text.failed}</strong>
    <p>${detail}</p>
    ${fixes.length ? html`<ul>${fixes.map((fix) => html`<li>${fix}</li>`)}</ul>` : null}
    <button type="button" class="plain" @click=${then}>${label}</button>
  </div>`;
}
