import { html, nothing, type TemplateResult } from 'lit';
import { Task } from '@lit/task';
import { choices } from '../panels/choices';
import { refusal, Panel } from '../panels/panel';
import { Problem } from '../service';
import { questions, type Person, type Question, type Role } from './requests';
import './search';

/** What the rule could not decide in a cell and below it when cells were split or merged; nothing where all is decided. Tells the event "staffed". */
export class CellQuestions extends Panel {
  static override properties = { ...Panel.properties, cell: { attribute: false }, roles: { attribute: false }, edits: { attribute: false }, open: { state: true } };

  declare cell: string;
  declare roles: Role[];
  declare edits: boolean;
  declare open: Question | null;

  private readonly list = new Task(this, {
    task: ([cell]: readonly [string], { signal }) => questions(this.app.service, cell, signal),
    args: () => [this.cell] as const,
  });

  constructor() {
    super();
    Object.assign(this, { cell: '', roles: [], edits: false, open: null });
  }

  protected override render(): unknown {
    const words = this.text.staff;
    return this.list.render({
      complete: ({ questions: list, matched }) => (matched === 0 ? nothing : html`<details open data-part="questions">
        <summary>${words.questions} <b>${matched}</b></summary>
        <ul class="leaders">${list.map((one) => html`<li data-question=${one.id}>
          <span>${this.roleOf(one)}</span>
          <span>${one.ruled_name ?? nothing}<small>${one.cell === this.cell ? one.cell_name : html`<button type="button" class="link" @click=${() => this.app.visit(one.cell)}>${one.cell_name}</button>`}</small>
            <small class="line">${words.questionKinds[one.kind] ?? one.kind}</small>
            ${one.candidates.map(({ name, cell_name, share }) => html`<small class="line">${name} · ${cell_name}${share ? ` ${percent(this.text.language, share)}` : nothing}</small>`)}
            ${this.edits ? html`<small class="deeds"><button type="button" class="link" data-deed="answer" @click=${() => (this.open = one)}>${words.answer}</button></small>` : nothing}</span>
        </li>`)}</ul>
        ${this.open ? html`<question-form .app=${this.app} .stats=${this.stats} .question=${this.open} .heading=${`${this.open.cell_name} · ${this.roleOf(this.open)}`}
          @answered=${this.answered} @closed=${() => (this.open = null)}></question-form>` : nothing}
      </details>`),
    });
  }

  private roleOf({ role, layer }: Question): string {
    const name = this.roles.find(({ code }) => code === role)?.name[this.app.address.language] ?? role;
    const of = this.stats.layers.find((one) => one.layer === layer);
    return of ? `${name} ${this.layerName(of)}` : name;
  }

  private readonly answered = (): void => {
    void this.list.run();
    this.dispatchEvent(new CustomEvent('staffed'));
  };
}

/** The dialogue that answers a question: as the rule did, one of the candidates, or another person. Tells the events "answered" and "closed". */
export class QuestionForm extends Panel {
  static override properties = {
    ...Panel.properties, question: { attribute: false }, heading: { attribute: false }, choice: { state: true }, person: { state: true }, busy: { state: true }, problem: { state: true },
  };

  declare question: Question;
  declare heading: string;
  /** '' as ruled, 'another', or the number of a candidate. */
  declare choice: string;
  declare person: Person | null;
  declare busy: boolean;
  declare problem: unknown;

  constructor() {
    super();
    Object.assign(this, { heading: '', choice: '', person: null, busy: false, problem: null });
  }

  protected override firstUpdated(): void {
    this.querySelector('dialog')?.showModal();
  }

  protected override render(): TemplateResult {
    const { text, question } = this;
    const words = text.staff;
    const others = question.candidates.filter(({ person }) => person !== question.ruled);
    return html`<dialog class="export staff" aria-labelledby="question-heading" @close=${() => this.dispatchEvent(new CustomEvent('closed'))}>
      <h2 id="question-heading">${words.answer}</h2>
      <p class="hint">${this.heading} · ${words.questionKinds[question.kind] ?? question.kind}</p>
      <form @submit=${this.submit}>
        ${choices('choice', words.person, '', [
          ['', question.ruled_name ? words.asRuled(question.ruled_name) : words.asRuledNobody] as const,
          ...others.map((one) => [String(one.person), `${one.name} ${one.post} · ${one.cell_name}${one.share ? ` · ${words.share(percent(text.language, one.share))}` : ''}`] as const),
          ['another', words.another] as const,
        ], this.choice, (value) => (this.choice = value))}
        ${this.choice === 'another' ? html`<person-search .app=${this.app} .stats=${this.stats} .label=${words.successor}
          @chosen=${(event: CustomEvent<Person>) => (this.person = event.detail)}></person-search>` : nothing}
        <label class="field"><span>${words.reason}</span><input type="text" name="reason" maxlength="200" /></label>
        ${this.problem ? refusal(text, this.problem, () => (this.problem = null)) : nothing}
        <p class="pair">
          <button type="submit" class="main" ?disabled=${this.busy}>${words.confirm}</button>
          <button type="button" class="plain" @click=${() => this.querySelector('dialog')?.close()}>${words.cancel}</button>
        </p>
      </form>
    </dialog>`;
  }

  private readonly submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const reason = ((new FormData(event.target as HTMLFormElement).get('reason') as string | null) ?? '').trim();
    if (this.choice === 'another' && !this.person) {
      this.problem = new Problem(0, this.text.staff.choose);
      return;
    }
    const person = this.choice === 'another' ? this.person?.id : this.choice ? Number(this.choice) : undefined;
    this.busy = true;
    this.problem = null;
    try {
      await this.app.service.send('POST', `/v1/questions/${this.question.id}/answer`, { person, reason });
      this.dispatchEvent(new CustomEvent('answered'));
      this.querySelector('dialog')?.close();
    } catch (problem) {
      this.problem = problem;
    } finally {
      this.busy = false;
    }
  };
}

function percent(language: string, share: number): string {
  return new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 0 }).format(share);
}

customElements.define('cell-questions', CellQuestions);
customElements.define('question-form', QuestionForm);
