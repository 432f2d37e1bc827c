import { html, nothing, type TemplateResult } from 'lit';
import { Task } from '@lit/task';
import { day } from '../language/time';
import { refusal, Panel } from '../panels/panel';
import type { Schemas } from '../service';
import './form';

type Administration = Schemas['Administration'];

/** A cell as this part speaks of it. */
export interface Place {
  code: string;
  name: string;
}

/**
 * Cells that another than their parent administers (托管): all of them, or those
 * of one cell on either side. They are recorded and ended here; tells the event
 * "changed" when one was.
 */
export class AdministrationList extends Panel {
  static override properties = {
    ...Panel.properties, cell: { attribute: false }, adding: { state: true }, busy: { state: true }, problem: { state: true }, done: { state: true },
  };

  /** Of which cell; null: all. */
  declare cell: Place | null;
  declare adding: boolean;
  declare busy: boolean;
  declare problem: unknown;
  declare done: string;

  private readonly list = new Task(this, {
    task: async ([code]: readonly [string | undefined], { signal }) => {
      const { administrations } = await this.app.service.get<Schemas['Administrations']>(`/v1/administrations${code ? `?cell=${encodeURIComponent(code)}` : ''}`, signal);
      // The service has the cell's whole subtree on either side.
      return code ? administrations.filter(({ cell, by }) => cell === code || by === code) : administrations;
    },
    args: () => [this.cell?.code] as const,
  });

  constructor() {
    super();
    Object.assign(this, { cell: null, adding: false, busy: false, problem: null, done: '' });
  }

  /** Why one may not record or end them; "": one may, where both cells are within reach. */
  private get barred(): string {
    const { app } = this;
    if (!app.may('assignments.edit')) return '-';
    return app.me.layers.length ? this.text.staff.entrusted.layered : '';
  }

  private reaches(...codes: string[]): boolean {
    const { within } = this.app.me;
    return !within.length || codes.every((code) => within.some((prefix) => code.startsWith(prefix)));
  }

  protected override render(): unknown {
    const { text, barred } = this;
    const words = text.staff.entrusted;
    const outside = this.cell !== null && !this.reaches(this.cell.code);
    const why = barred || (outside ? words.reach : '');
    return html`
      ${this.outcome(this.list, (all) => this.show(all))}
      ${this.problem ? refusal(text, this.problem, () => (this.problem = null)) : nothing}
      ${this.done ? html`<p class="done" role="status">${this.done}</p>` : nothing}
      ${this.adding ? html`<administration-form .app=${this.app} .stats=${this.stats} .cell=${this.cell} @recorded=${this.recorded} @closed=${() => (this.adding = false)}></administration-form>`
        : barred === '-' ? nothing
        : html`<p class="acts"><button type="button" class="plain" name="entrust" ?disabled=${why !== ''} title=${why || nothing} @click=${() => Object.assign(this, { adding: true, done: '' })}>${this.cell ? words.addHere : words.add}</button>
          ${why ? html`<span class="hint">${why}</span>` : nothing}</p>`}`;
  }

  private show(all: readonly Administration[]): TemplateResult {
    const words = this.text.staff.entrusted;
    const now = Date.now();
    const [past, rest] = [all.filter(({ to }) => to !== null && Date.parse(to) <= now), all.filter(({ to }) => to === null || Date.parse(to) > now)];
    return html`
      ${rest.length ? html`<ul class="entrusting">${rest.map((one) => this.row(one, now))}</ul>` : html`<p class="hint">${words.none}</p>`}
      ${past.length ? html`<details><summary>${words.past(past.length)}</summary><ul class="entrusting">${past.map((one) => this.row(one, now))}</ul></details>` : nothing}`;
  }

  private row(one: Administration, now: number): TemplateResult {
    const { text, cell, barred } = this;
    const words = text.staff.entrusted;
    const { from, to, reason, unit_name, recorded_by } = one;
    const ended = to !== null && Date.parse(to) <= now;
    const coming = Date.parse(from) > now;
    const mine = this.reaches(one.cell, one.by);
    const link = (code: string, name: string): TemplateResult => html`<button type="button" class="link" @click=${() => this.app.go({ mode: 'read', cell: code, spot: null }, 'cell')}>${name}</button>`;
    return html`<li data-administration=${one.id}>
      <p class="head">${cell?.code === one.by ? html`<small>${words.cell}</small>` : nothing}
        ${cell?.code === one.cell ? nothing : link(one.cell, one.cell_name)}
        ${cell?.code === one.by ? nothing : html`<small>${words.manager}</small>${link(one.by, one.by_name)}`}
        ${unit_name ? html`<span>${unit_name}</span>` : nothing}
        ${coming ? html`<em class="stamp">${words.planned}</em>` : nothing}</p>
      <p><small>${text.staff.since(day(text, from))} ${to ? text.staff.until(day(text, to)) : nothing}${reason ? html` · ${reason}` : nothing} · ${recorded_by}</small>
        ${ended || barred ? nothing : html`<button type="button" class="link" name="entrust-end" ?disabled=${this.busy || !mine} title=${mine ? nothing : words.reach} @click=${() => void this.end(one)}>${coming ? words.takeBack : words.end}</button>`}</p>
    </li>`;
  }

  private async end({ id, by_name }: Administration): Promise<void> {
    Object.assign(this, { busy: true, problem: null, done: '' });
    try {
      await this.app.service.send('POST', `/v1/administrations/${id}/end`, {});
      this.changed(this.text.staff.entrusted.ended(by_name));
    } catch (problem) {
      this.problem = problem;
    }
    this.busy = false;
  }

  private readonly recorded = (): void => {
    this.adding = false;
    this.changed(this.text.staff.entrusted.added);
  };

  private changed(done: string): void {
    this.done = done;
    void this.list.run();
    this.dispatchEvent(new CustomEvent('changed'));
  }
}

customElements.define('administration-list', AdministrationList);
