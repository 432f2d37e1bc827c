import { html, nothing } from 'lit';
import { ImportPanel } from '../panels/panel';

/** Takes files that are dropped anywhere on the page. */
export class ImportDrop extends ImportPanel {
  /** How many elements the files hang over: entering one comes before leaving another. */
  private depth = 0;

  private readonly enter = (event: DragEvent): void => this.hang(event, 1);
  private readonly leave = (event: DragEvent): void => this.hang(event, -1);
  private readonly over = (event: DragEvent): void => {
    if (files(event)) event.preventDefault();
  };
  private readonly drop = (event: DragEvent): void => {
    this.depth = 0;
    this.app.importer.hover(false);
    if (!files(event) || !event.dataTransfer) return;
    event.preventDefault();
    void this.app.importer.bring(event.dataTransfer);
  };

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener('dragenter', this.enter);
    addEventListener('dragleave', this.leave);
    addEventListener('dragover', this.over);
    addEventListener('drop', this.drop);
  }

  override disconnectedCallback(): void {
    removeEventListener('dragenter', this.enter);
    removeEventListener('dragleave', this.leave);
    removeEventListener('dragover', this.over);
    removeEventListener('drop', this.drop);
    super.disconnectedCallback();
  }

  private hang(event: DragEvent, by: number): void {
    if (!files(event)) return;
    this.depth = Math.max(0, this.depth + by);
    this.app.importer.hover(this.depth > 0);
  }

  protected override render(): unknown {
    return this.app.importer.dragging ? html`<p class="banner">${this.text.import.hang}</p>` : nothing;
  }
}

function files(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') ?? false;
}

customElements.define('import-drop', ImportDrop);
