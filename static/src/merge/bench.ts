// The workbench of the merge: its conflicts as the page shows them, and what is
// decided of them.
import type { App } from '../app';
import { said } from '../language/text';
import { Problem } from '../service';
import { asked, type Filter, type Query, type View } from './query';
import { chosenBy, current, every, page, settleMany, whole, type Conflict, type Run, type Skipped, type Whole } from './requests';

/** What a decision can be. */
export type Intent = 'settle' | 'defer' | 'reopen';

/** Conflicts that are to be decided alike: the chosen ones, or all that the filters choose. */
export interface Gathered {
  ids: readonly number[] | null;
  filter: Filter;
  conflicts: readonly Conflict[];
}

/** What was done last. */
export type Done =
  | { did: Intent; conflict: Conflict; resolution: string }
  | { did: 'many'; settled: number; skipped: readonly Skipped[] }
  | { did: 'merged' | 'drawn' };

export class Bench {
  /** The newest merge; null: there was none, or it isn't known yet. */
  run: Run | null = null;
  /** Whether it is known which merge there is. */
  known = false;
  conflicts: readonly Conflict[] = [];
  /** How many there are in all pages. */
  matched = 0;
  /** After which the next page begins; null: this is all. */
  next: number | null = null;
  /** The conflict that is looked at. */
  open: Whole | null = null;
  /** The way to settle it that is considered; null: what is proposed. */
  choice: string | null = null;
  /** Why, in the words of who decides, and what these words are for. */
  reason = '';
  intent: Intent = 'settle';
  /** Those chosen to be decided alike. */
  chosen: ReadonlySet<number> = new Set();
  /** Conflicts that are about to be decided alike; null: it is about one. */
  gathered: Gathered | null = null;
  loading = false;
  busy: 'merging' | 'drawing' | 'deciding' | null = null;
  /** Why nothing could be read. */
  problem: unknown = null;
  /** Why a merge failed. */
  trouble: unknown = null;
  /** Why the last decision was not taken. */
  refusal: unknown = null;
  done: Done | null = null;

  private listed = '';
  private shown: number | null = null;
  private listing = new AbortController();
  private reading = new AbortController();
  private counting = new AbortController();

  constructor(private readonly app: App) {
    app.on('change', () => this.follow());
  }

  /** Whether one may decide, and the merge is of a draft. */
  get decides(): boolean {
    return this.app.may('conflicts.settle') && this.run?.draft === true;
  }

  /** Shows what the address says, once it is known that one may see it. */
  follow(): void {
    const { mode, merge, language } = this.app.address;
    if (mode !== 'merge' || !this.app.may('conflicts.read')) {
      this.listed = '';
      this.shown = null;
      this.open = null;
      this.gathered = null;
      return;
    }
    if (this.listed === '') {
      void this.readRun();
      void this.readDraft();
    }
    const listed = `${language} ${merge.sort} ${asked(merge)}`;
    if (listed !== this.listed) {
      this.listed = listed;
      void this.read();
    }
    if (merge.conflict !== this.shown) this.show(merge.conflict);
  }

  /** Changes which conflicts are shown. */
  ask(change: Partial<Query>): void {
    this.done = null;
    this.chosen = new Set();
    this.gathered = null;
    this.app.go({ merge: { ...this.app.address.merge, conflict: null, ...change } });
  }

  /** Opens another part of the workbench. */
  enter(view: View): void {
    this.gathered = null;
    this.app.go({ merge: { ...this.app.address.merge, view } });
  }

  /** Looks at a conflict; null: at none. */
  look(id: number | null): void {
    this.gathered = null;
    this.app.go({ merge: { ...this.app.address.merge, conflict: id } });
  }

  /** Looks at the next conflict of the list, or the one before. */
  async step(by: 1 | -1): Promise<void> {
    const at = this.conflicts.findIndex(({ id }) => id === this.app.address.merge.conflict);
    if (by === 1 && at === this.conflicts.length - 1) await this.more();
    const to = this.conflicts[at < 0 ? 0 : at + by];
    if (to) this.look(to.id);
  }

  choose(id: number, on: boolean): void {
    const chosen = new Set(this.chosen);
    if (on) chosen.add(id);
    else chosen.delete(id);
    this.chosen = chosen;
    this.tell();
  }

  chooseAll(on: boolean): void {
    this.chosen = new Set(on ? this.conflicts.map(({ id }) => id) : []);
    this.tell();
  }

  /** Considers a way to settle the open conflict; null: what is proposed. */
  consider(choice: string | null): void {
    this.choice = choice;
    this.intend('settle');
  }

  intend(intent: Intent): void {
    this.intent = intent;
    this.tell();
  }

  say(reason: string): void {
    this.reason = reason;
    this.tell();
  }

  /** Whether what is intended needs words that aren't there. */
  get wordless(): boolean {
    const { open, choice, intent } = this;
    const other = choice !== null && choice !== open?.proposal;
    return !this.reason.trim() && (intent !== 'settle' || other || open?.state === 'settled');
  }

  /** Decides the open conflict as is intended, by the proposal's reason if there are no other words, and goes on to the next. */
  async decide(): Promise<void> {
    const { open, intent } = this;
    if (!open || !this.decides || this.busy || this.wordless || (intent === 'settle' && !open.alternatives.length)) return;
    const reason = this.reason.trim();
    const resolution = this.choice ?? open.proposal;
    await this.change('deciding', async () => {
      await this.app.service.send('POST', `/v1/conflicts/${open.id}/${intent}`, {
        version: open.version, reason: reason || said(this.app.text, open.reason.en, open.reason.zh), ...(intent === 'settle' ? { resolution } : {}),
      });
      this.done = { did: intent, conflict: open, resolution };
      const at = this.conflicts.findIndex(({ id }) => id === open.id);
      const state = { settle: 'settled', defer: 'deferred', reopen: 'open' }[intent] as Conflict['state'];
      // It stays in its place until the list is asked for again.
      this.conflicts = this.conflicts.map((one) => (one.id === open.id ? { ...one, state, resolution: intent === 'settle' ? resolution : null } : one));
      const next = this.conflicts.slice(at + 1).find((one) => one.state === 'open');
      if (intent !== 'reopen' && next) this.look(next.id);
      else this.show(open.id);
      await this.readRun();
    });
  }

  /** Says something about the open conflict. */
  async comment(text: string): Promise<void> {
    const { open } = this;
    if (!open || this.busy) return;
    await this.change('deciding', async () => {
      await this.app.service.send('POST', `/v1/conflicts/${open.id}/comments`, { text });
      this.show(open.id);
    });
  }

  /** Looks at the chosen conflicts together, or at all that the filters choose. */
  async gather(): Promise<void> {
    const { merge } = this.app.address;
    const ids = this.chosen.size ? [...this.chosen] : null;
    this.refusal = null;
    this.reason = '';
    await this.change('deciding', async () => {
      const conflicts = ids ? this.conflicts.filter(({ id }) => this.chosen.has(id)) : await every(this.app.service, merge, this.listing.signal);
      const { kind, layer, severity, blocking, within } = merge;
      const state = merge.state === 'deferred' ? merge.state : 'open';
      this.gathered = { ids, filter: { kind, layer, state, severity, blocking, within }, conflicts };
    });
  }

  /** Settles those that are gathered; what can't be settled so is told. */
  async decideMany(resolution: string): Promise<void> {
    const { gathered } = this;
    const reason = this.reason.trim();
    if (!gathered || !this.decides || this.busy || !reason) return;
    await this.change('deciding', async () => {
      const answer = await settleMany(this.app.service, gathered.ids ? { ids: gathered.ids } : { filter: chosenBy(gathered.filter) }, resolution, reason);
      await this.refresh();
      this.done = { did: 'many', ...answer };
    });
  }

  scatter(): void {
    this.gathered = null;
    this.refusal = null;
    this.reason = '';
    this.tell();
  }

  /** Merges the layers with the draft again; opens a draft where there is none. */
  async merge(): Promise<void> {
    await this.work('merging', 'merged', '/v1/merges');
  }

  /** Draws the decided lines in the draft, and merges again. */
  async draw(): Promise<void> {
    await this.work('drawing', 'drawn', '/v1/merges/draw');
  }

  private async work(busy: 'merging' | 'drawing', did: 'merged' | 'drawn', path: string): Promise<void> {
    if (this.busy) return;
    this.busy = busy;
    this.trouble = null;
    this.done = null;
    this.tell();
    try {
      await this.app.service.send('POST', path, {});
      this.done = { did };
      this.busy = null;
      await this.refresh();
    } catch (problem) {
      this.trouble = problem;
    }
    this.busy = null;
    this.tell();
  }

  /** Does what may be refused. */
  private async change(busy: 'deciding', make: () => Promise<void>): Promise<void> {
    this.busy = busy;
    this.refusal = null;
    this.tell();
    try {
      await make();
    } catch (problem) {
      this.refusal = problem;
    }
    this.busy = null;
    this.tell();
  }

  /** Reads all that is shown anew. */
  async refresh(): Promise<void> {
    this.chosen = new Set();
    this.gathered = null;
    if (this.shown !== null) this.show(this.shown);
    await Promise.all([this.readRun(), this.read(), this.readDraft()]);
  }

  /** The open draft, which the map shows. */
  private async readDraft(): Promise<void> {
    if (this.app.may('draft.read')) await this.app.editor.load(false);
  }

  private async readRun(): Promise<void> {
    this.counting.abort();
    const { signal } = (this.counting = new AbortController());
    await this.attempt(signal, async () => {
      const run = await current(this.app.service, signal);
      signal.throwIfAborted();
      this.run = run;
      this.known = true;
    });
  }

  private async read(): Promise<void> {
    this.listing.abort();
    const { signal } = (this.listing = new AbortController());
    this.loading = true;
    this.problem = null;
    this.tell();
    await this.attempt(signal, async () => {
      const found = await page(this.app.service, this.app.address.merge, null, signal);
      this.conflicts = found.conflicts;
      this.matched = found.matched;
      this.next = found.next ?? null;
    });
  }

  async more(): Promise<void> {
    if (this.next === null || this.loading) return;
    const { signal } = this.listing;
    this.loading = true;
    this.tell();
    await this.attempt(signal, async () => {
      const found = await page(this.app.service, this.app.address.merge, this.next, signal);
      this.conflicts = [...this.conflicts, ...found.conflicts];
      this.next = found.next ?? null;
    });
  }

  private show(id: number | null): void {
    this.shown = id;
    this.reading.abort();
    this.choice = null;
    this.reason = '';
    this.intent = 'settle';
    this.refusal = null;
    if (this.open?.id !== id) this.open = null;
    this.tell();
    if (id === null) return;
    const { signal } = (this.reading = new AbortController());
    void this.attempt(signal, async () => {
      const open = await whole(this.app.service, id, signal).catch((problem: unknown) => {
        // What was looked at when its lines were drawn is gone, as it should be.
        if (problem instanceof Problem && problem.status === 410 && this.open?.id === id && !signal.aborted) return null;
        throw problem;
      });
      signal.throwIfAborted();
      if (open) this.open = open;
      else this.look(null);
    });
  }

  private async attempt(signal: AbortSignal, ask: () => Promise<void>): Promise<void> {
    try {
      await ask();
    } catch (problem) {
      if (signal.aborted) return;
      this.problem = problem;
    }
    if (signal === this.listing.signal) this.loading = false;
    this.tell();
  }

  private tell(): void {
    this.app.merged();
  }
}
