import { html, nothing, type TemplateResult } from 'lit';
import { Task } from '@lit/task';
import { failure, refusal, Panel } from '../panels/panel';
import { day } from '../language/time';
import { alarms, type Alarm } from './requests';

/** Alarms of a cell and all below it: vacant cells for which somebody acts from afar. Nothing while there are none. */
export class CellAlarms extends Panel {
  static override properties = { ...Panel.properties, cell: { attribute: false }, problem: { state: true } };

  declare cell: string;
  declare problem: unknown;

  private readonly open = new Task(this, {
    task: ([cell]: readonly [string], { signal }) => alarms(this.app.service, cell, signal),
    args: () => [this.cell] as const,
  });

  constructor() {
    super();
    Object.assign(this, { cell: '', problem: null });
  }

  protected override render(): unknown {
    const words = this.text.staff;
    return this.open.render({
      error: (problem) => failure(this.text, problem, () => void this.open.run()),
      complete: (list) => (list.length ? html`<details class="alarms"><summary>${words.alarms} <b>${list.length}</b>
          <small>· ${words.unseen(list.filter(({ seen_at }) => !seen_at).length)}</small></summary>
        ${this.problem ? refusal(this.text, this.problem, () => (this.problem = null)) : nothing}
        <ul class="leaders">${list.map((one) => this.alarm(one))}</ul></details>` : nothing),
    });
  }

  private alarm(one: Alarm): TemplateResult {
    const { text } = this;
    const words = text.staff;
    return html`<li data-alarm=${one.id}>
      <span><button type="button" class="link" @click=${() => this.app.visit(one.cell)}>${one.cell_name}</button></span>
      <span>${words.vacantSince(day(text, one.since))}
        ${one.seen_at
          ? html`<small>${words.seenBy(one.seen_by ?? '', day(text, one.seen_at))} ${one.note}</small>`
          : this.app.may('assignments.edit') ? html`<form @submit=${(event: Event) => this.see(event, one)}>
            <input name="note" maxlength="200" aria-label=${words.note} placeholder=${words.seenHint} /><button type="submit" class="plain">${words.see}</button></form>` : nothing}</span>
    </li>`;
  }

  private async see(event: Event, { id }: Alarm): Promise<void> {
    event.preventDefault();
    this.problem = null;
    try {
      await this.app.service.send('POST', `/v1/alarms/${id}/seen`, { note: String(new FormData(event.target as HTMLFormElement).get('note')).trim() });
      void this.open.run();
    } catch (problem) {
      this.problem = problem;
    }
  }
}

customElements.define('cell-alarms', CellAlarms);
