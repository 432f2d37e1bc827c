import { html, nothing, type TemplateResult } from 'lit';
import { failure, Panel } from '../panels/panel';
import { save } from '../save';

/** The ways to a cell's responsibility board, and to those of all cells below it. */
export class BoardLinks extends Panel {
  static override properties = { ...Panel.properties, code: { attribute: false }, parent: { attribute: false }, busy: { state: true }, problem: { state: true } };

  declare code: string;
  /** Whether it has cells below. */
  declare parent: boolean;
  declare busy: boolean;
  declare problem: unknown;

  constructor() {
    super();
    Object.assign(this, { busy: false, problem: null });
  }

  protected override render(): TemplateResult {
    const { text, code } = this;
    const board = `${this.app.service.base}/v1/boards/${encodeURIComponent(code)}`;
    return html`<section class="boards">
      <h3>${text.boards.heading}</h3>
      <p>
        <a class="link" href=${board} target="_blank" rel="noopener">${text.boards.a3}</a>
        <a class="link" href="${board}?paper=a4" target="_blank" rel="noopener">${text.boards.a4}</a>
        ${this.parent ? html`<button type="button" class="link" ?disabled=${this.busy} @click=${() => void this.pack()}>${this.busy ? text.loading : text.boards.below}</button>` : nothing}
      </p>
      ${this.problem ? failure(text, this.problem, () => void this.pack()) : nothing}
    </section>`;
  }

  private async pack(): Promise<void> {
    Object.assign(this, { busy: true, problem: null });
    try {
      await save(this.app.service, `/v1/boards/${encodeURIComponent(this.code)}/pages.zip?below=true`);
    } catch (error) {
      this.problem = error;
    } finally {
      this.busy = false;
    }
  }
}

customElements.define('board-links', BoardLinks);
