import { html, nothing, type TemplateResult } from 'lit';
import { Task } from '@lit/task';
import { area, number, said } from '../language/text';
import { instant } from '../language/time';
import { choices } from '../panels/choices';
import { BenchPanel, refusal } from '../panels/panel';
import type { Schemas } from '../service';
import { layerName } from './words';

type Team = Schemas['Team'];
type Member = Schemas['TeamMember'];
type Workload = Schemas['TeamWorkload'];

const STATES = ['unplaced', 'accountable', 'lead', 'officer', 'confirmed'] as const;
const PAGE = 100;
/** How many cells of a person are named before the rest is unfolded. */
const FEW = 2;

/** In place of the map: the one team of the merge, person by person before and after; who has no place (待安置) comes first. */
export class TeamBoard extends BenchPanel {
  static override properties = { ...BenchPanel.properties, state: { state: true }, limit: { state: true }, placing: { state: true }, busy: { state: true }, problem: { state: true }, again: { state: true } };

  declare state: string;
  declare limit: number;
  /** Number of the person whose place is being confirmed. */
  declare placing: number;
  declare busy: boolean;
  declare problem: unknown;
  declare again: number;

  /** The team; null where nothing was merged. */
  private readonly team = new Task(this, {
    task: ([state, limit]: readonly [string, number, number, unknown], { signal }) =>
      this.app.service.find<Team>(`/v1/team?${new URLSearchParams({ limit: String(limit), ...(state ? { state } : {}) })}`, signal),
    args: () => [this.state, this.limit, this.again, this.app.bench.run?.run] as const,
  });

  private readonly roles = new Task(this, {
    task: async (_, { signal }) => (await this.app.service.get<Schemas['Roles']>('/v1/roles', signal)).roles,
    args: () => [],
  });

  constructor() {
    super();
    Object.assign(this, { state: '', limit: PAGE, placing: 0, busy: false, problem: null, again: 0 });
  }

  protected override render(): TemplateResult {
    const { text } = this;
    return html`<div class="scroll boarded" tabindex="0" role="region" aria-label=${text.merge.views.team}>
      ${this.kept(this.team, (team) => (team ? this.show(team) : html`<p class="hint">${text.merge.none}</p>`))}
    </div>`;
  }

  private show(team: Team): TemplateResult {
    const { text } = this;
    const { staff } = text.merge;
    const most = Math.max(1, ...team.members.flatMap(({ before, after }) => [before.count, after.count]));
    return html`<header class="ruling">
        <div><h2>${staff.heading}</h2>
          <p class="hint">${team.draft ? staff.draft : staff.published(text.edition(team.edition))}</p></div>
        <div class="pair">${choices('team-state', text.merge.filters.state, '', [['', staff.everybody], ...STATES.map((state) => [state, staff.states[state] ?? state] as const)], this.state, (state) => Object.assign(this, { state, limit: PAGE }))}
          <b role="status">${staff.count(number(text, team.matched))}</b></div>
      </header>
      ${this.problem ? refusal(text, this.problem, () => (this.problem = null)) : nothing}
      <div class="wide-table"><table class="rows team-table">
        <thead><tr>${staff.columns.map((column) => html`<th scope="col">${column}</th>`)}</tr></thead>
        <tbody>${team.members.map((member) => html`${this.row(member, most)}${this.placing === member.person ? this.form(member) : nothing}`)}</tbody>
      </table></div>
      ${team.matched > team.members.length ? html`<button type="button" class="plain" name="more-people" @click=${() => (this.limit += PAGE)}>${text.merge.more}</button>` : nothing}`;
  }

  private row(member: Member, most: number): TemplateResult {
    const { text } = this;
    const { staff } = text.merge;
    const { person, name, staff_no, unit, state, before, after, confirmed_at, confirmed_by, outcome, reason } = member;
    const asks = member.may_place;
    return html`<tr data-person=${person} class=${state}>
      <th scope="row">${name}<code>${staff_no}</code></th>
      <td>${unit}</td>
      <td><em class="standing">${staff.states[state] ?? state}</em>
        ${outcome ? html`<small>${staff.outcomes[outcome] ?? outcome}</small>` : nothing}
        ${confirmed_at ? html`<small>${text.merge.by(confirmed_by ?? '', instant(text, confirmed_at))}</small>` : nothing}
        ${reason ? html`<small>${reason}</small>` : nothing}</td>
      ${[before, after].map((load) => html`<td>${this.load(load, most)}</td>`)}
      <td>${asks ? html`<button type="button" class="plain" name="place" aria-expanded=${this.placing === person} @click=${() => (this.placing = this.placing === person ? 0 : person)}>${staff.place}</button>` : nothing}</td>
    </tr>`;
  }

  private load({ count, area_m2, enterprises, cells }: Workload, most: number): TemplateResult {
    const { text, stats } = this;
    const { staff } = text.merge;
    if (!count) return html`<span class="hint">${text.none}</span>`;
    const cell = ({ name, as, layer }: Workload['cells'][number]): TemplateResult => html`<li>${name} <small>${this.roleName(as)}${layer ? ` · ${layerName(text, stats.layers, layer)}` : nothing}</small></li>`;
    return html`<div class="workload" style="--share:${count / most}"><b>${staff.cells(number(text, count))}</b>
      <small>${[...(area_m2 ? [area(text, area_m2)] : []), ...(enterprises ? [staff.enterprises(number(text, enterprises))] : [])].join(' · ')}</small></div>
      <ul>${cells.slice(0, FEW).map(cell)}</ul>
      ${cells.length > FEW ? html`<details><summary>${staff.further(number(text, count - FEW))}</summary><ul>${cells.slice(FEW).map(cell)}</ul></details>` : nothing}`;
  }

  private roleName(code: string): string {
    const { text } = this;
    const role = this.roles.value?.find((each) => each.code === code);
    return role ? said(text, role.name.en, role.name.zh) : code;
  }

  /** What becomes of somebody who lost their place. */
  private form({ person }: Member): TemplateResult {
    const { text, stats } = this;
    const { staff } = text.merge;
    return html`<tr class="placing"><td colspan="6"><form class="pair" @submit=${(event: SubmitEvent) => {
      event.preventDefault();
      const form = new FormData(event.target as HTMLFormElement);
      const word = (name: string): string => String(form.get(name) ?? '').trim();
      void this.place(person, Object.fromEntries(['as', 'cell', 'layer', 'reason'].map((name) => [name, word(name)]).filter(([, value]) => value)));
    }}>
      <label class="field"><span>${staff.as}</span><select name="as">
        <option value="stay">${staff.stay}</option>
        ${(this.roles.value ?? []).map(({ code }) => html`<option value=${code}>${this.roleName(code)}</option>`)}
        <option value="leave">${staff.leave}</option></select></label>
      <label class="field"><span>${staff.cell}</span><input type="text" name="cell" placeholder=${staff.cellHint} /></label>
      <label class="field"><span>${text.merge.filters.layer}</span><select name="layer"><option value="">${text.none}</option>${stats.layers.map((layer) => html`<option value=${layer.layer}>${this.layerName(layer)}</option>`)}</select></label>
      <label class="field"><span>${text.merge.reason}</span><input type="text" name="reason" maxlength="500" /></label>
      <button type="submit" class="main" name="confirm-place" ?disabled=${this.busy}>${staff.confirm}</button>
    </form></td></tr>`;
  }

  private async place(person: number, body: Record<string, string>): Promise<void> {
    Object.assign(this, { busy: true, problem: null });
    try {
      await this.app.service.send('POST', `/v1/team/${person}/place`, body);
      this.placing = 0;
      this.again += 1;
    } catch (problem) {
      this.problem = problem;
    }
    this.busy = false;
  }
}

customElements.define('team-board', TeamBoard);
