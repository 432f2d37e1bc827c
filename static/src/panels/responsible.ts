import { html, nothing, type TemplateResult } from 'lit';
import { Task } from '@lit/task';
import { KINDS } from '../address';
import type { Responsible } from '../service';
import { number } from '../language/text';
import { Panel } from './panel';

/** What holds at the very spot that was clicked: how near the boundary is, who is next door, what stands there. */
export class ResponsibleNote extends Panel {
  static override properties = { ...Panel.properties, cell: { attribute: false } };

  /** Code of the selected cell. */
  declare cell: string;

  private readonly responsible = new Task(this, {
    task: async ([spot]: readonly [typeof this.app.address.spot], { signal }) =>
      spot ? this.app.service.responsible(spot, signal) : null,
    args: () => [this.app.address.spot] as const,
  });

  protected override render(): unknown {
    return this.outcome(this.responsible, (answer) => (answer ? this.show(answer) : nothing));
  }

  private show({ chain, boundary_m, neighbour, beside }: Responsible): TemplateResult | typeof nothing {
    const { text } = this;
    const leaf = chain[0];
    if (leaf?.code !== this.cell && !beside.length) return nothing;
    return html`<section class="spot">
      ${leaf?.code === this.cell ? html`<p class="hint">${text.cell.distance(number(text, boundary_m))}</p>` : nothing}
      ${leaf?.code === this.cell && neighbour
        ? html`<p>
            <span>${text.cell.neighbour}</span>
            <button type="button" class="link" @click=${() => this.app.visit(neighbour.code)}>${neighbour.name}</button>
            ${neighbour.accountable ? html`<small>${neighbour.accountable.name}</small>` : nothing}
          </p>`
        : nothing}
      ${beside.length
        ? html`<p><span>${text.cell.beside}</span></p>
            <ul>${beside.map((object) => html`<li>
              ${KINDS.filter((kind) => kind === object.kind).map((kind) => text.kinds[kind])} <b>${object.name}</b>
              ${object.responsible ? html`<small>${object.responsible}</small>` : nothing}
            </li>`)}</ul>`
        : nothing}
    </section>`;
  }
}

customElements.define('responsible-note', ResponsibleNote);
