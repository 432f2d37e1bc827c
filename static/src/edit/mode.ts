// Editing the draft: which cells are open, what is selected and drawn, what it
// would make, and what came of it.
import type { Position } from 'geojson';
import type { Tool } from '../address';
import type { App } from '../app';
import { bounds } from '../map/edge';
import { Problem } from '../service';
import { base, Drafts, type Cell, type CellConflict, type Draft, type Draw, type Edited } from './draft';
import { request, type Form } from './request';
import { along, contains, shared, type Stroke } from './shape';

const PAUSE_MS = 250;

/** An edit that another planner was faster with: both versions. */
export interface Clash {
  conflicts: readonly CellConflict[];
  /** What mine would have made; null when it was never previewed. */
  mine: Edited | null;
  /** The cells that mine was based on. */
  basis: readonly Cell[];
}

export type Busy = 'loading' | 'previewing' | 'applying' | null;

export class Editor {
  readonly drafts: Drafts;
  draft: Draft | null = null;
  /** The cell whose children are edited. */
  parent: Cell | null = null;
  cells: readonly Cell[] = [];
  /** uids, in the order of selecting. */
  selected: readonly string[] = [];
  /** What was drawn by hand and isn't applied. */
  stroke: Stroke | null = null;
  /** Whether it is still being drawn. */
  sketching = false;
  form: Form = {};
  /** A draw that is being considered instead of an edit by hand. */
  proposal: Draw | null = null;
  preview: Edited | null = null;
  problem: unknown = null;
  clash: Clash | null = null;
  busy: Busy = null;
  /** The last thing that was done, for the page to tell. */
  done: { kind: string; undone?: boolean } | null = null;

  private wanted: string | null = null;
  private loading = new AbortController();
  private previewing = new AbortController();
  private waiting = 0;

  constructor(private readonly app: App) {
    this.drafts = new Drafts(app.service);
    app.on('change', () => this.follow());
  }

  get tool(): Tool {
    return this.app.address.tool;
  }

  get chosen(): Cell[] {
    return this.selected.flatMap((uid) => this.cells.filter((cell) => cell.properties.uid === uid));
  }

  /** The course of the boundary between the two selected cells. */
  get boundary(): Position[][] {
    const [one, other] = this.chosen;
    return this.tool === 'boundary' && one && other ? shared(one.geometry, other.geometry) : [];
  }

  /** Whether a pointer draws: otherwise it selects. */
  get draws(): 'line' | 'polygon' | null {
    if (!this.parent || this.busy === 'loading' || this.busy === 'applying' || this.clash) return null;
    if (this.app.address.part === 'draws') return null;
    if (this.tool === 'split') return 'line';
    if (this.tool === 'boundary') return this.selected.length === 2 ? 'line' : null;
    return this.tool === 'hand' ? 'polygon' : null;
  }

  /** Starts on what the address says; also after somebody went back or forward. */
  follow(): void {
    const { mode, parent } = this.app.address;
    const wanted = mode === 'edit' ? parent : null;
    if (mode === 'edit' && !this.draft && this.wanted === null && wanted === null) void this.reopen();
    if (wanted === this.wanted) return;
    this.wanted = wanted;
    this.forget();
    this.parent = null;
    this.cells = [];
    if (wanted) void this.load(true);
    else this.app.edited();
  }

  /** Opens the cells below a cell; select: the code of one of them. */
  enter(parent: string, select?: string): void {
    this.form = {};
    this.done = null;
    this.app.go({ mode: 'edit', parent, cell: null, spot: null, tool: 'select', part: 'cells' });
    if (select) this.choosing = select;
  }

  private choosing: string | null = null;

  /** Opens a cell that was pointed at: itself when it has cells below, otherwise the one above. */
  async pick(code: string): Promise<void> {
    try {
      const { children, chain } = await this.app.service.summary(code, new AbortController().signal);
      const above = chain[1]?.code;
      if (children.length || !above) this.enter(code);
      else this.enter(above, code);
    } catch (problem) {
      this.set({ problem });
    }
  }

  use(tool: Tool): void {
    const keep = tool === 'boundary' ? this.selected.slice(0, 2) : ['rename', 'lock', 'split'].includes(tool) ? this.selected.slice(0, 1) : this.selected;
    this.forget();
    this.selected = tool === 'hand' ? [] : keep;
    this.done = null;
    this.app.go({ tool, part: 'cells' });
    this.app.edited();
    this.later();
  }

  /** Selects a cell; more: besides the others. */
  toggle(uid: string, more: boolean): void {
    const several = this.tool === 'merge' || this.tool === 'boundary' || (more && this.tool === 'select');
    const on = this.selected.includes(uid);
    const rest = this.selected.filter((other) => other !== uid);
    const limit = this.tool === 'boundary' ? 2 : Infinity;
    this.done = null;
    this.forget();
    this.selected = several ? (on ? rest : [...rest, uid].slice(-limit)) : on && this.selected.length === 1 ? [] : [uid];
    this.app.edited();
    this.later();
  }

  clear(): void {
    this.forget();
    this.app.edited();
  }

  /** What a hand is drawing; done: it is finished. */
  draw(stroke: Stroke | null, done: boolean): void {
    this.stroke = stroke;
    this.sketching = stroke !== null && !done;
    this.problem = null;
    this.done = null;
    if (!stroke) this.preview = null;
    if (stroke?.type === 'LineString' && this.tool === 'split' && !this.selected.length) this.aim(stroke.coordinates);
    this.app.edited();
    this.later();
  }

  /** Selects the cell that most of a line runs through. */
  private aim(line: readonly Position[]): void {
    const hits = this.cells.map((cell) => ({ cell, hits: along(line).filter((place) => contains(cell.geometry, place)).length }));
    const best = hits.filter(({ cell }) => cell.properties.leaf).reduce((a, b) => (b.hits > a.hits ? b : a), { cell: null as Cell | null, hits: 0 });
    if (best.cell && !this.sketching) this.selected = [best.cell.properties.uid];
  }

  fill(form: Form): void {
    this.form = { ...this.form, ...form };
    this.app.edited();
    this.later();
  }

  /** Considers a draw: shows what it would make. */
  async propose(draw: Draw): Promise<void> {
    this.forget(true);
    this.proposal = draw;
    await this.look();
  }

  /** Drops what is drawn, filled in or considered. */
  cancel(): void {
    const { selected } = this;
    this.forget();
    this.selected = this.tool === 'split' || this.tool === 'hand' ? [] : selected;
    this.app.edited();
  }

  get ready(): boolean {
    return !this.sketching && !this.busy && this.preview !== null;
  }

  async apply(): Promise<void> {
    const { proposal } = this;
    const edit = proposal ? null : request(this);
    if (!proposal && !edit) return;
    const touched = proposal ? [proposal.parent.uid] : edit ? uids(edit) : [];
    const basis = [this.parent, ...this.cells].filter((cell): cell is Cell => cell !== null && touched.includes(cell.properties.uid));
    const mine = this.preview;
    await this.change(async () => {
      try {
        return proposal ? await this.drafts.draw(proposal) : edit ? await this.drafts.apply(edit) : null;
      } catch (error) {
        if (error instanceof Problem && error.conflicts.length) this.clash = { conflicts: error.conflicts, mine, basis };
        throw error;
      }
    });
  }

  undo(): Promise<void> {
    return this.change(() => this.drafts.undo(), true);
  }

  redo(): Promise<void> {
    return this.change(() => this.drafts.redo());
  }

  async publish(note: string): Promise<void> {
    await this.change(async () => {
      await this.drafts.publish(note);
      location.reload();
      return null;
    });
  }

  async discard(): Promise<void> {
    await this.change(async () => {
      await this.drafts.discard();
      return null;
    });
  }

  /** After a clash: goes on from the other planner's version, with or without what was drawn. */
  async yield(again: boolean): Promise<void> {
    const { stroke, form, proposal, selected } = this;
    this.clash = null;
    this.forget();
    await this.load(false);
    if (!again) return;
    const there = selected.filter((uid) => this.cells.some((cell) => cell.properties.uid === uid));
    this.selected = there;
    this.stroke = stroke;
    this.form = form;
    if (proposal && this.parent) this.proposal = { ...proposal, parent: base(this.parent) };
    if (stroke?.type === 'LineString' && this.tool === 'split' && !there.length) this.aim(stroke.coordinates);
    this.app.edited();
    await this.look();
  }

  /** Asks the service for the draft and the open cells. */
  async load(frame: boolean): Promise<void> {
    const code = this.wanted;
    this.loading.abort();
    const { signal } = (this.loading = new AbortController());
    this.set({ busy: 'loading' });
    try {
      const draft = await this.drafts.open(signal);
      const cells = code ? await this.drafts.children(code, signal) : [];
      const parent = code ? await this.drafts.cell(code, cells, signal) : null;
      this.cells = cells.sort((a, b) => a.properties.code.localeCompare(b.properties.code));
      const there = this.selected.filter((uid) => cells.some((cell) => cell.properties.uid === uid));
      const choose = cells.filter((cell) => cell.properties.code === this.choosing).map((cell) => cell.properties.uid);
      this.choosing = null;
      this.selected = choose.length ? choose : there;
      this.set({ draft, parent, busy: null });
      if (frame && parent) this.app.frame(bounds(parent.geometry));
    } catch (problem) {
      if (!signal.aborted) this.set({ problem, busy: null });
    }
  }

  private async reopen(): Promise<void> {
    this.wanted = null;
    try {
      this.draft = await this.drafts.open();
    } catch (problem) {
      this.problem = problem;
    }
    this.app.edited();
  }

  /** Changes the draft, then shows what became of it. */
  private async change(make: () => Promise<Edited | null>, undone = false): Promise<void> {
    if (this.busy === 'applying') return;
    this.previewing.abort();
    clearTimeout(this.waiting);
    this.set({ busy: 'applying', problem: null, done: null });
    try {
      const edited = await make();
      this.forget();
      await this.load(false);
      if (edited?.step) {
        const made = edited.features.features.map(({ properties }) => properties.uid);
        this.selected = this.cells.map(({ properties }) => properties.uid).filter((uid) => made.includes(uid));
        if (this.tool !== 'select' && this.tool !== 'rename' && this.tool !== 'lock') this.selected = [];
        this.done = { kind: edited.step.kind, undone };
      }
    } catch (problem) {
      this.problem = problem;
    }
    this.set({ busy: null });
  }

  private forget(keepSelection = false): void {
    this.previewing.abort();
    clearTimeout(this.waiting);
    this.stroke = null;
    this.sketching = false;
    this.proposal = null;
    this.preview = null;
    this.problem = null;
    this.form = {};
    if (this.busy === 'previewing') this.busy = null;
    if (!keepSelection) this.selected = [];
  }

  /** Looks what it would make, once hand and keys rest. */
  private later(): void {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => void this.look(), PAUSE_MS);
  }

  private async look(): Promise<void> {
    this.previewing.abort();
    const { signal } = (this.previewing = new AbortController());
    const { proposal, sketching } = this;
    const edit = proposal ? null : request(this);
    if (!proposal && !edit) {
      if (this.preview) this.set({ preview: null });
      return;
    }
    this.set({ busy: 'previewing', problem: null });
    try {
      const preview = proposal ? await this.drafts.previewDraw(proposal, signal) : edit ? await this.drafts.preview(edit, signal) : null;
      if (!signal.aborted) this.set({ preview, busy: null });
    } catch (problem) {
      if (signal.aborted) return;
      const conflicts = problem instanceof Problem ? problem.conflicts : [];
      if (conflicts.length) this.clash = { conflicts, mine: this.preview, basis: this.chosen };
      // What is half drawn may well be wrong: it isn't blamed yet.
      this.set({ preview: null, busy: null, problem: sketching ? null : problem });
    }
  }

  private set(change: Partial<Pick<Editor, 'draft' | 'parent' | 'preview' | 'problem' | 'busy' | 'done'>>): void {
    Object.assign(this, change);
    this.app.edited();
  }
}

function uids(edit: NonNullable<ReturnType<typeof request>>): string[] {
  return [edit.cell, edit.parent, ...(edit.cells ?? []), ...(edit.siblings ?? [])].flatMap((cell) => (cell ? [cell.uid] : []));
}
