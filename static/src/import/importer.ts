// Importing: the files on their way, the import that is open, the row that is
// looked at.
import type { App } from '../app';
import { guess } from './guess';
import { Imports, rests, type Change, type Finding, type Import, type Profile, type Severity, type Source, type Target, type TargetFields } from './imports';
import { dropped, together } from './parts';
import { purposeful, Uploads, type Item } from './uploads';

/** The parts of the table beside the map. */
export const VIEWS = ['rows', 'findings', 'differences'] as const;
export type View = (typeof VIEWS)[number];

/** Which findings are listed; "": all. */
export interface Wanted {
  severity: Severity | '';
  kind: string;
}

/** A row that is looked at, and what is said of it. */
export interface Focus {
  row: number;
  finding: Finding | null;
}

export class Importer {
  readonly imports: Imports;
  readonly uploads: Uploads;
  /** The open import; null while it is fetched, and where none is open. */
  current: Import | null = null;
  targets: readonly TargetFields[] = [];
  profiles: readonly Profile[] = [];
  focus: Focus | null = null;
  /** Grows whenever rows, findings and differences may have become others. */
  version = 0;
  /** What went wrong with the last word or wish. */
  problem: unknown = null;
  /** How many imports this page has made. */
  made = 0;
  view: View = 'rows';
  /** Which findings are listed. */
  wanted: Wanted = { severity: '', kind: '' };
  /** Answers to ambiguous rows that aren't sent yet: row: code. */
  answers: ReadonlyMap<number, string> = new Map();
  /** Whether files hang over the page. */
  dragging = false;

  /** The coordinate systems that were offered for the open file. */
  candidates: Source['crs_candidates'] = [];
  /** Whether the row that is looked at has no place on the map. */
  nowhere = false;

  private acting = false;
  private id: number | null = null;
  private loading = new AbortController();
  private events: EventSource | null = null;
  private settled = '';
  /** Whether the import has changed since it is followed. */
  private worked = false;

  constructor(private readonly app: App) {
    this.imports = new Imports(app.service);
    this.uploads = new Uploads(app.service.base, () => app.address.language, () => app.imported(), (item) => void this.arrived(item));
    app.on('change', () => this.follow());
    this.follow();
  }

  /** Whether the service is at work on the open import, or about to be: nothing else can be said meanwhile. */
  get busy(): boolean {
    return this.acting || this.events !== null;
  }

  /** Opens what the address says; also after somebody went back or forward. */
  follow(): void {
    const { mode, import: id } = this.app.address;
    const wanted = mode === 'import' ? id : null;
    if (mode === 'import' && !this.targets.length) void this.words();
    if (wanted === this.id) return;
    this.id = wanted;
    this.stop();
    Object.assign(this, { current: null, focus: null, nowhere: false, candidates: [], problem: null, view: 'rows', wanted: { severity: '', kind: '' }, answers: new Map(), settled: '' });
    this.version++;
    if (wanted !== null) void this.load();
    this.app.imported();
  }

  async load(): Promise<void> {
    const { id } = this;
    if (id === null) return;
    const { signal } = (this.loading = new AbortController());
    this.problem = null;
    try {
      this.take(await this.imports.find(id, signal));
      // Work may wait that its state doesn't show.
      this.listen(id);
    } catch (problem) {
      if (!signal.aborted) this.fail(problem);
    }
  }

  /** What a target is called. */
  label(target: Target): string {
    const { language } = this.app.address;
    return this.targets.find((each) => each.target === target)?.label[language] ?? '';
  }

  /** What is known of targets and profiles. */
  private async words(): Promise<void> {
    try {
      const { signal } = new AbortController();
      [this.targets, this.profiles] = await Promise.all([this.imports.targets(signal), this.imports.profiles(signal)]);
      this.app.imported();
    } catch (problem) {
      this.fail(problem);
    }
  }

  /** Starts to upload files: dropped on the map or chosen. */
  async bring(source: DataTransfer | readonly File[]): Promise<void> {
    if (this.app.address.mode !== 'import' || this.app.address.import !== null) {
      this.app.go({ mode: 'import', import: null, cell: null, spot: null });
    }
    try {
      const files = await together(source instanceof DataTransfer ? await dropped(source) : source);
      for (const file of files) void this.uploads.add(file, { target: guess(file.name), tier: null, layer: null });
    } catch (problem) {
      this.fail(problem);
    }
  }

  /** Makes the import of an upload that has arrived, once it is said what it becomes. */
  async arrived(item: Item): Promise<void> {
    const { target, tier, layer } = item.purpose;
    if (item.state !== 'sent' || !target || !purposeful(item.purpose) || this.acting) return;
    await this.act(async () => {
      const made = await this.imports.create({
        upload: item.name,
        file: item.file.name,
        target,
        ...(target === 'cells' && tier ? { tier } : {}),
        ...(target === 'layer-cells' && layer ? { layer } : {}),
      });
      this.made++;
      this.uploads.forget(item.key);
      // Several at once: the list shows them all.
      if (this.uploads.items.length === 0 && this.app.address.mode === 'import' && this.app.address.import === null) this.app.go({ import: made.id });
      return null;
    });
    const waiting = this.uploads.items.find(({ state, purpose }) => state === 'sent' && purposeful(purpose));
    if (waiting && !this.problem) await this.arrived(waiting);
  }

  /** Says something else about the open import. */
  async change(change: Change): Promise<void> {
    const before = this.current;
    if (this.busy || !before) return;
    this.current = foreseen(before, change);
    await this.act((id) => this.imports.change(id, change), true);
    if (this.problem && this.current?.id === before.id) this.current = before;
    this.app.imported();
  }

  /** Answers what rows mean; "" takes an answer back. Nothing is sent before all that a person wants to say is said. */
  answer(rows: readonly number[], code: string): void {
    const answers = new Map(this.answers);
    for (const row of rows) {
      if (code || this.current?.choices[row]) answers.set(row, code);
      else answers.delete(row);
    }
    this.answers = answers;
    this.app.imported();
  }

  /** The answer to a row, sent or not; "": none. */
  answerOf(row: number): string {
    return this.answers.get(row) ?? this.current?.choices[row] ?? '';
  }

  async sendAnswers(): Promise<void> {
    await this.change({ choices: Object.fromEntries(this.answers) });
    if (this.problem) return;
    this.answers = new Map();
    this.app.imported();
  }

  apply(): Promise<void> {
    return this.act((id) => this.imports.apply(id), true);
  }

  undo(): Promise<void> {
    return this.act(async (id) => {
      const undone = await this.imports.undo(id);
      this.app.moved();
      return undone;
    });
  }

  async drop(): Promise<void> {
    await this.act(async (id) => {
      await this.imports.drop(id);
      this.app.go({ import: null });
      return null;
    });
  }

  async keepProfile(name: string): Promise<void> {
    await this.act(async (id) => {
      await this.imports.keepProfile(name, id);
      this.profiles = await this.imports.profiles();
      return null;
    });
  }

  async dropProfile(name: string): Promise<void> {
    await this.act(async () => {
      await this.imports.dropProfile(name);
      this.profiles = await this.imports.profiles();
      return null;
    });
  }

  look(view: View, wanted: Partial<Wanted> = {}): void {
    this.view = view;
    this.wanted = { severity: '', kind: '', ...wanted };
    this.app.imported();
  }

  /** Looks at a row, in the table and on the map. */
  visit(row: number, finding: Finding | null = null): void {
    this.focus = { row, finding };
    this.app.imported();
  }

  place(nowhere: boolean): void {
    if (nowhere === this.nowhere) return;
    this.nowhere = nowhere;
    this.app.imported();
  }

  hover(dragging: boolean): void {
    if (dragging === this.dragging) return;
    this.dragging = dragging;
    this.app.imported();
  }

  /** works: afterwards the service is at work on it. */
  private async act(make: (id: number) => Promise<Import | null>, works = false): Promise<void> {
    if (this.acting) return;
    const { id } = this;
    Object.assign(this, { acting: true, problem: null });
    this.app.imported();
    try {
      const answer = await make(id ?? 0);
      if (answer && this.id === answer.id) {
        this.take(answer);
        if (works) this.listen(answer.id);
      }
    } catch (problem) {
      this.problem = problem;
    }
    this.acting = false;
    this.app.imported();
  }

  private take(now: Import): void {
    const before = this.current;
    // Once one is chosen the service offers no others; a person may still want another.
    if (now.source.crs_candidates.length) this.candidates = now.source.crs_candidates;
    this.current = now;
    if (now.state === 'applied' && before && before.state !== 'applied') this.app.moved();
    // Rows and findings are others once a stage has ended, not while it runs.
    const mark = ['received', 'reading', 'checking', 'applying'].includes(now.state) ? '' : `${now.id} ${now.state}`;
    if (mark && mark !== this.settled) this.version++;
    this.settled = mark;
    this.app.imported();
  }

  /** Follows the open import until the service has no more work on it. */
  private listen(id: number): void {
    this.events?.close();
    const events = new EventSource(this.imports.address(id, 'events'));
    this.events = events;
    let last = '';
    events.addEventListener('import', (event) => {
      if (this.events !== events) return;
      const { data } = event as MessageEvent<string>;
      if (last && data !== last) this.worked = true;
      last = data;
      this.take(JSON.parse(data) as Import);
    });
    // The stream has ended, or broke: then the browser asks again.
    events.addEventListener('error', () => {
      if (this.events === events && this.current && rests(this.current)) void this.end(id, events);
    });
  }

  /** Asks once more when nothing more seems to happen: a stream knows the browser's language only, not the page's. */
  private async end(id: number, events: EventSource): Promise<void> {
    events.close();
    try {
      const now = await this.imports.find(id, this.loading.signal);
      if (this.events !== events) return;
      this.events = null;
      if (this.worked) this.version++;
      this.worked = false;
      this.take(now);
      if (!rests(now)) this.listen(id);
    } catch (problem) {
      if (this.events !== events) return;
      this.events = null;
      this.fail(problem);
    }
  }

  private stop(): void {
    this.loading.abort();
    this.events?.close();
    this.events = null;
  }

  private fail(problem: unknown): void {
    this.problem = problem;
    this.app.imported();
  }
}

/** An import as it will be once a change of its words is taken, for as long as that isn't known. */
function foreseen(now: Import, { map, profile, personal, sheet, choices: _, ...words }: Change): Import {
  return {
    ...now,
    ...words,
    ...(profile === undefined ? {} : { profile: profile || null }),
    ...(personal === undefined ? {} : { personal }),
    mapping: { ...now.mapping, ...map },
    source: { ...now.source, ...(sheet ? { layer: sheet } : {}) },
  };
}
