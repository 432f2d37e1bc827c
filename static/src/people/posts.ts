import { html, nothing, type TemplateResult } from 'lit';
import { Task } from '@lit/task';
import { live } from 'lit/directives/live.js';
import { failure, Panel } from '../panels/panel';
import type { Schemas } from '../service';
import type { Post } from './roster';

/** The posts of a unit in protocol order: title, rank (排序号) and side of each, stored as they are changed. */
export class UnitPosts extends Panel {
  static override properties = { ...Panel.properties, unit: { attribute: false }, problem: { state: true } };

  declare unit: number;
  declare problem: unknown;

  private readonly posts = new Task(this, {
    task: ([unit]: readonly [number]) => this.app.roster.posts(unit),
    args: () => [this.unit] as const,
  });

  constructor() {
    super();
    Object.assign(this, { unit: 0, problem: null });
  }

  protected override render(): TemplateResult {
    const { text } = this;
    const words = text.people;
    return html`<details class="unit-posts"><summary>${words.unitPosts}</summary>
      <p class="hint">${words.rankHint}</p>
      ${this.problem ? failure(text, this.problem, () => { this.problem = null; void this.posts.run(); }) : nothing}
      ${this.outcome(this.posts, (list) => html`<ul role="list">${list.map((post) => this.row(post))}</ul>`)}
      <form @submit=${this.add}>
        <input name="post-rank" type="number" min="0" max="999999" aria-label=${words.rank} placeholder=${words.rank} />
        <input name="post-title" required maxlength="100" aria-label=${words.title} placeholder=${words.postAdd} />
        <button type="submit" class="plain" aria-label=${words.postAdd}>+</button>
      </form></details>`;
  }

  private row(post: Post): TemplateResult {
    const words = this.text.people;
    const change = (edit: (said: string) => Schemas['PostEdit']) => (event: Event) => void this.save(post, edit((event.target as HTMLInputElement).value));
    const side = post.side ?? '';
    return html`<li data-post=${post.id}>
      <input name="rank" type="number" min="0" max="999999" required aria-label=${`${words.rank} ${post.title}`} .value=${live(String(post.rank))} @change=${change((said) => ({ rank: Number(said) }))} />
      <input name="title" required maxlength="100" aria-label=${`${words.title} ${post.title}`} .value=${live(post.title)} @change=${change((title) => ({ title }))} />
      <select name="side" aria-label=${`${words.side} ${post.title}`} @change=${change((said) => ({ side: said as 'party' | 'government' | '' }))}>
        ${([['', '—'], ['party', words.sides.party], ['government', words.sides.government]] as const).map(([value, name]) => html`<option value=${value} .selected=${live(value === side)}>${name}</option>`)}
      </select>
      <button type="button" class="plain" aria-label=${words.postRemove(post.title)} title=${post.holders ? words.postHeld(post.holders) : ''} ?disabled=${post.holders > 0} @click=${() => this.retire(post)}>×</button>
    </li>`;
  }

  private async save({ id, version }: Post, edit: Schemas['PostEdit']): Promise<void> {
    await this.done(() => this.app.service.send('PATCH', `/v1/posts/${id}`, { known: version, ...edit }));
  }

  private async retire({ id, version }: Post): Promise<void> {
    await this.done(() => this.app.service.send('DELETE', `/v1/posts/${id}`, undefined, undefined, { 'If-Match': `"${version}"` }));
  }

  private readonly add = async (event: Event): Promise<void> => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const said = new FormData(form);
    const side = this.app.roster.kinds.find(({ code }) => code === this.app.roster.units.find(({ id }) => id === this.unit)?.kind)?.side ?? '';
    if (await this.done(() => this.app.service.send('POST', '/v1/posts', { unit: this.unit, title: String(said.get('post-title')).trim(), rank: Number(said.get('post-rank')), side }))) form.reset();
  };

  /** Does something, then shows what there is; whoever holds the post is shown anew, too. */
  private async done(deed: () => Promise<unknown>): Promise<boolean> {
    this.problem = null;
    try {
      await deed();
    } catch (problem) {
      this.problem = problem;
      return false;
    }
    await Promise.all([this.posts.run(), this.app.roster.read()]);
    return true;
  }
}

customElements.define('unit-posts', UnitPosts);
