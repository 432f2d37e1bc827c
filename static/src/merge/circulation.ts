import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { Task } from '@lit/task';
import { number, said } from '../language/text';
import { instant } from '../language/time';
import { layerLook } from '../map/colours';
import { choices } from '../panels/choices';
import { BenchPanel, refusal } from '../panels/panel';
import { save } from '../save';
import type { Schemas } from '../service';
import { layerName, resolution } from './words';

type Round = Schemas['Circulation'];
type Party = Schemas['CirculationParty'];
type Circulated = Schemas['CirculationConflicts']['conflicts'][number];
type Standing = Schemas['Standing'];
type Outcome = Schemas['OpinionOutcome'];

const STANDINGS = ['commented', 'pending', 'overdue', 'accepted', 'consented'] as const;
const OUTCOMES = ['adopted', 'partly', 'not'] as const;
const PAGE = 50;

/** In place of the map: the draft before the departments and counties that it touches (征求意见), what they say and what becomes of it. */
export class CirculationBoard extends BenchPanel {
  static override properties = {
    ...BenchPanel.properties, party: { state: true }, state: { state: true }, limit: { state: true }, busy: { state: true }, problem: { state: true }, words: { state: true }, ending: { state: true }, again: { state: true },
  };

  /** Whose conflicts are listed; 0: everybody's. */
  declare party: number;
  declare state: Standing['state'] | '';
  declare limit: number;
  declare busy: boolean;
  declare problem: unknown;
  /** What is being written, by what it is about. */
  declare words: ReadonlyMap<string, string>;
  /** Whether it is asked why the round ends without an outcome. */
  declare ending: boolean;
  declare again: number;

  /** The open round, else the newest; null: there was none. */
  private readonly round = new Task(this, {
    task: (_: readonly [number, string], { signal }) => this.app.service.find<Round>('/v1/circulations/current', signal),
    args: () => [this.again, this.app.address.language] as const,
  });

  private readonly conflicts = new Task(this, {
    task: async ([round, party, state, limit]: readonly [number | undefined, number, string, number, number], { signal }) => {
      if (!round) return null;
      const query = new URLSearchParams({ limit: String(limit), ...(party ? { party: String(party) } : {}), ...(state ? { state } : {}) });
      return this.app.service.get<Schemas['CirculationConflicts']>(`/v1/circulations/${round}/conflicts?${query}`, signal);
    },
    args: () => [this.round.value?.id, this.party, this.state, this.limit, this.again] as const,
  });

  constructor() {
    super();
    Object.assign(this, { party: 0, state: '', limit: PAGE, busy: false, problem: null, words: new Map(), ending: false, again: 0 });
  }

  protected override render(): TemplateResult {
    const { text } = this;
    return html`<div class="scroll boarded" tabindex="0" role="region" aria-label=${text.merge.views.circulation}>
      ${this.problem ? refusal(text, this.problem, () => (this.problem = null)) : nothing}
      ${this.kept(this.round, (round) => html`
        ${round ? this.show(round) : html`<h2>${text.merge.rounds.heading}</h2><p class="hint">${text.merge.rounds.none}</p>`}
        ${(!round || round.state !== 'open') && this.app.may('conflicts.settle') ? this.opening() : nothing}
        ${round ? this.list(round) : nothing}`)}
    </div>`;
  }

  private show(round: Round): TemplateResult {
    const { text } = this;
    const { rounds } = text.merge;
    return html`<header class="ruling">
      <div><h2>${rounds.round(number(text, round.number), text.edition(round.edition))} <em class="stamp">${rounds.states[round.state] ?? round.state}</em>${round.state === 'open' && round.due ? html` <em class="stamp">${rounds.due}</em>` : nothing}</h2>
        <p>${rounds.deadline(instant(text, round.due_at), number(text, round.working_days))} · ${rounds.silence[round.silence]}</p>
        <p class="hint">${text.merge.by(round.opened_by, instant(text, round.opened_at))}${round.closed_at ? ` → ${text.merge.by(round.closed_by ?? '', instant(text, round.closed_at))}` : nothing}</p>
        ${round.note ? html`<p>${round.note}</p>` : nothing}
        ${round.withdrawn ? html`<p>${rounds.withdrawnBecause(round.withdrawn)}</p>` : nothing}
        ${round.calendar_known ? nothing : html`<p class="warn">${rounds.noCalendar}</p>`}
        ${round.changed ? html`<p class="hint">${rounds.changed(number(text, round.changed))}</p>` : nothing}</div>
      ${this.deeds(round)}
    </header>
    ${this.parties(round)}`;
  }

  /** Ending the round, and the table of opinions as a file. */
  private deeds(round: Round): TemplateResult {
    const { text } = this;
    const { rounds } = text.merge;
    const why = this.words.get('end') ?? '';
    return html`<div class="pair">
      ${this.tables(round)}
      ${round.state === 'open' && this.app.may('conflicts.settle') ? html`
        <button type="button" class="plain" name="close-round" ?disabled=${this.busy} @click=${() => void this.post(`/v1/circulations/${round.id}/close`, {})}>${rounds.close}</button>
        <button type="button" class="link" name="withdraw-round" @click=${() => (this.ending = !this.ending)}>${rounds.withdraw}</button>
        ${this.ending ? html`<label class="field"><span>${text.merge.reason}</span><input type="text" name="withdraw-reason" maxlength="2000" .value=${why} @input=${(event: Event) => this.write('end', event)} /></label>
          <button type="button" class="plain" ?disabled=${this.busy || !why.trim()} @click=${() => void this.post(`/v1/circulations/${round.id}/close`, { withdrawn: why.trim() })}>${rounds.withdrawYes}</button>` : nothing}` : nothing}
    </div>`;
  }

  private tables(round: Round): TemplateResult | typeof nothing {
    const { text } = this;
    if (!this.app.may('draft.read')) return nothing;
    return html`${(['docx', 'xlsx'] as const).map((format) => html`<button type="button" class="plain" name=${format} ?disabled=${this.busy}
      @click=${() => void this.attempt(async () => void (await save(this.app.service, `/v1/circulations/${round.id}/opinions.${format}`)))}>${text.merge.rounds.table} .${format}</button>`)}`;
  }

  private parties({ parties = [], state, due }: Round): TemplateResult {
    const { text } = this;
    const { rounds } = text.merge;
    const count = (n: number, tone = ''): TemplateResult => html`<td class=${n ? tone : 'nil'}>${number(text, n)}</td>`;
    return html`<div class="wide-table"><table class="rows parties-table">
      <thead><tr>${rounds.columns.map((column) => html`<th scope="col">${column}</th>`)}</tr></thead>
      <tbody>${parties.map((party) => html`<tr aria-current=${party.id === this.party ? 'true' : nothing}>
        <th scope="row"><button type="button" class="link" name="party-${party.id}" @click=${() => this.only(party.id === this.party ? 0 : party.id)}>${this.partyName(party)}</button>${party.own ? html` <em class="tag">${rounds.own}</em>` : nothing}</th>
        ${count(party.conflicts)}${count(party.accepted)}${count(party.commented)}${count(party.silent, state === 'open' && !due ? '' : 'warn')}${count(party.late)}
        <td>${number(text, party.answered)}/${number(text, party.commented)}</td>${count(party.adopted)}${count(party.partly)}${count(party.not)}
      </tr>`)}</tbody>
    </table></div>`;
  }

  private partyName({ name }: Party): string {
    return said(this.text, name.en, name.zh);
  }

  private only(party: number): void {
    Object.assign(this, { party, limit: PAGE });
  }

  /** Asking: how long, what silence means, with what words. */
  private opening(): TemplateResult {
    const { text } = this;
    const { rounds } = text.merge;
    return html`<form class="fields opening" @submit=${(event: SubmitEvent) => {
      event.preventDefault();
      const form = new FormData(event.target as HTMLFormElement);
      const note = String(form.get('note')).trim();
      void this.post('/v1/circulations', { working_days: Number(form.get('days')), silence: String(form.get('silence')), ...(note ? { note } : {}) });
    }}>
      <h3>${rounds.open}</h3>
      <p class="hint">${rounds.openHint}</p>
      <label class="field"><span>${rounds.days}</span><input type="number" name="days" min="1" max="60" required value="5" /></label>
      <label class="field"><span>${rounds.silenceLabel}</span><select name="silence">${(['overdue', 'consent'] as const).map((silence) => html`<option value=${silence}>${rounds.silence[silence]}</option>`)}</select></label>
      <label class="field"><span>${rounds.note}</span><input type="text" name="note" maxlength="2000" /></label>
      <p class="pair"><button type="submit" class="main" name="open-round" ?disabled=${this.busy}>${rounds.start}</button></p>
    </form>`;
  }

  private list(round: Round): TemplateResult {
    const { text } = this;
    const { rounds } = text.merge;
    const parties = new Map((round.parties ?? []).map((party) => [party.id, party]));
    const own = (round.parties ?? []).filter((party) => party.own);
    const gives = round.state === 'open' && this.app.may('opinions.give') && own.length > 0;
    return html`<section class="said-list">
      <div class="sifter">
        <h3>${rounds.conflicts}</h3>
        ${choices('standing', text.merge.filters.state, '', [['', text.merge.any.state], ...STANDINGS.map((state) => [state, rounds.standings[state] ?? state] as const)], this.state, (value) => Object.assign(this, { state: STANDINGS.find((state) => state === value) ?? '', limit: PAGE }))}
        ${this.party ? html`<button type="button" class="chip" aria-pressed="true" @click=${() => this.only(0)}>${parties.get(this.party) ? this.partyName(parties.get(this.party)!) : this.party} ×</button>` : nothing}
        ${gives ? html`<button type="button" class="plain" name="accept-rest" ?disabled=${this.busy} @click=${() => void this.post(`/v1/circulations/${round.id}/opinions`, { rest: true, stance: 'accept' })}>${rounds.acceptRest}</button>` : nothing}
      </div>
      ${this.kept(this.conflicts, (page) => page === null ? nothing : html`
        ${page.conflicts.length ? nothing : html`<p class="hint">${text.merge.nothing}</p>`}
        <ul>${page.conflicts.map((conflict) => this.row(round, conflict, parties, gives ? own : []))}</ul>
        ${page.next ? html`<button type="button" class="plain" @click=${() => (this.limit += 4 * PAGE)}>${text.merge.more}</button>` : nothing}`)}
    </section>`;
  }

  private row(round: Round, conflict: Circulated, parties: ReadonlyMap<number, Party>, own: readonly Party[]): TemplateResult {
    const { text, stats } = this;
    const { rounds } = text.merge;
    const n = stats.layers.findIndex(({ layer }) => layer === conflict.layer);
    const mine = conflict.standings.filter(({ party }) => own.some(({ id }) => id === party));
    const key = `give ${conflict.conflict}`;
    const words = this.words.get(key) ?? '';
    const give = (stance: 'accept' | 'comment'): void =>
      void this.post(`/v1/circulations/${round.id}/opinions`, { conflict: conflict.conflict, stance, ...(words.trim() ? { text: words.trim() } : {}) }).then(() => this.forget(key));
    return html`<li data-conflict=${conflict.conflict}>
      <p class="head"><b>${conflict.there ? html`<button type="button" class="link" @click=${() => this.app.go({ merge: { ...this.app.address.merge, view: 'conflicts', conflict: conflict.conflict } })}>${conflict.cell?.name ?? conflict.conflict}</button>` : conflict.cell?.name ?? conflict.conflict}</b>
        <span>${text.merge.kinds[conflict.kind] ?? conflict.kind}</span>
        ${conflict.layer && n >= 0 ? html`<i style="color:${layerLook(this.stats.layers, n).ink}">${layerName(text, stats.layers, conflict.layer)}</i>` : nothing}
        <span class="then">${rounds.circulatedAs[conflict.resolution ? 'settled' : 'proposed']} ${resolution(text, stats.layers, conflict.resolution ?? conflict.proposal)}</span></p>
      <ul class="standings">${conflict.standings.map((standing) => this.standing(round, standing, parties.get(standing.party)))}</ul>
      ${mine.length ? html`<div class="pair giving">
        <input type="text" name="opinion" maxlength="4000" aria-label=${rounds.opinion} placeholder=${rounds.opinionHint} .value=${live(words)} @input=${(event: Event) => this.write(key, event)} />
        <button type="button" class="plain" name="accept" ?disabled=${this.busy} @click=${() => give('accept')}>${rounds.accept}</button>
        <button type="button" class="plain" name="object" ?disabled=${this.busy || !words.trim()} @click=${() => give('comment')}>${rounds.comment}</button>
      </div>` : nothing}
    </li>`;
  }

  private standing(round: Round, standing: Standing, party: Party | undefined): TemplateResult {
    const { text } = this;
    const { rounds } = text.merge;
    return html`<li class=${standing.state}>
      <p><b>${party ? this.partyName(party) : standing.party}</b> <em>${rounds.standings[standing.state]}</em>${standing.late ? html` <em class="warn">${rounds.late}</em>` : nothing}
        ${standing.by && standing.at ? html`<small>${text.merge.by(standing.by, instant(text, standing.at))}</small>` : nothing}</p>
      ${standing.text ? html`<blockquote>${standing.text}</blockquote>` : nothing}
      ${standing.outcome ? html`<p class="answered"><em>${rounds.outcomes[standing.outcome]}</em> ${standing.reason ?? ''} ${standing.answered_by && standing.answered_at ? html`<small>${text.merge.by(standing.answered_by, instant(text, standing.answered_at))}</small>` : nothing}</p>` : nothing}
      ${standing.opinion && standing.state === 'commented' && round.state === 'open' && this.app.may('conflicts.settle') ? this.answering(standing.opinion, standing.outcome) : nothing}
    </li>`;
  }

  /** What becomes of a comment, and why. */
  private answering(opinion: number, outcome: Outcome | undefined): TemplateResult {
    const { text } = this;
    const { rounds } = text.merge;
    const key = `answer ${opinion}`;
    const words = this.words.get(key) ?? '';
    const send = (event: Event): void => {
      const chosen = (event.target as HTMLElement).closest('.answering')?.querySelector<HTMLSelectElement>('select')?.value;
      void this.post(`/v1/opinions/${opinion}/answer`, { outcome: OUTCOMES.find((each) => each === chosen) ?? 'not', reason: words.trim() }).then(() => this.forget(key));
    };
    return html`<div class="pair answering">
      <select name="outcome" aria-label=${rounds.outcome}>${OUTCOMES.map((each) => html`<option value=${each} ?selected=${each === outcome}>${rounds.outcomes[each]}</option>`)}</select>
      <input type="text" name="answer" maxlength="4000" aria-label=${text.merge.reason} placeholder=${rounds.answerHint} .value=${live(words)} @input=${(event: Event) => this.write(key, event)} />
      <button type="button" class="plain" name="send-answer" ?disabled=${this.busy || !words.trim()} @click=${send}>${rounds.answer}</button>
    </div>`;
  }

  private write(key: string, event: Event): void {
    this.words = new Map([...this.words, [key, (event.target as HTMLInputElement).value]]);
  }

  private forget(key: string): void {
    if (!this.problem) this.words = new Map([...this.words].filter(([each]) => each !== key));
  }

  private post(path: string, body: unknown): Promise<void> {
    return this.attempt(async () => {
      await this.app.service.send('POST', path, body);
      this.ending = false;
      this.again += 1;
    });
  }

  private async attempt(make: () => Promise<void>): Promise<void> {
    Object.assign(this, { busy: true, problem: null });
    try {
      await make();
    } catch (problem) {
      this.problem = problem;
    }
    this.busy = false;
  }
}

customElements.define('circulation-board', CirculationBoard);
