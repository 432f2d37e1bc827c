// The roster: people as the page shows them, and what is done to them.
import type { components } from '../api-types';
import type { App } from '../app';
import { asked, EVERYBODY, type Query } from './query';

type Schemas = components['schemas'];
export type Person = Schemas['Person'];
export type Unit = Schemas['Unit'];
export type UnitKind = Schemas['UnitKind'];
export type Post = Schemas['Post'];
export type PersonEdit = Schemas['PersonEdit'];
export type Refusal = Schemas['PersonRefusal'];

const PAUSE_MS = 200;

export class Roster {
  people: readonly Person[] = [];
  /** How many there are in all pages. */
  matched = 0;
  /** Staff number after which the next page begins; null: this is all. */
  next: string | null = null;
  units: readonly Unit[] = [];
  kinds: readonly UnitKind[] = [];
  /** The person whose form is open, as the service has it. */
  open: Person | null = null;
  /** Numbers of those chosen for a change of many. */
  chosen: ReadonlySet<number> = new Set();
  loading = false;
  problem: unknown = null;
  /** What was done last, in words. */
  done = '';

  private shown = '';
  private person: Query['person'] = null;
  private reading = new AbortController();
  private timer = 0;

  constructor(private readonly app: App) {
    app.on('change', () => this.follow());
  }

  /** Shows what the address says, once it is known that one may see it. */
  follow(): void {
    const { mode, people } = this.app.address;
    if (mode !== 'people' || !this.app.may('people.read')) {
      this.shown = '';
      this.person = null;
      return;
    }
    if (this.shown === '') void this.readUnits();
    const shown = `${this.app.address.language} ${asked(people, null)}`;
    if (shown !== this.shown) {
      const typed = this.shown !== '';
      this.shown = shown;
      this.loading = true;
      clearTimeout(this.timer);
      this.timer = window.setTimeout(() => void this.read(), typed ? PAUSE_MS : 0);
    }
    if (people.person !== this.person) {
      this.person = people.person;
      this.open = this.people.find(({ id }) => id === people.person) ?? null;
      if (typeof people.person === 'number') void this.readOne(people.person);
    }
  }

  /** Changes whom the roster shows. */
  ask(change: Partial<Query>): void {
    this.done = '';
    if (!('person' in change || 'record' in change)) this.chosen = new Set();
    this.app.go({ people: { ...this.app.address.people, record: false, ...change } });
  }

  everybody(): void {
    this.ask({ ...EVERYBODY, person: this.app.address.people.person });
  }

  choose(id: number, on: boolean): void {
    const chosen = new Set(this.chosen);
    if (on) chosen.add(id);
    else chosen.delete(id);
    this.chosen = chosen;
    this.tell();
  }

  chooseAll(on: boolean): void {
    this.chosen = new Set(on ? this.people.map(({ id }) => id) : []);
    this.tell();
  }

  /** Reads the first page anew. */
  read(): Promise<void> {
    this.reading.abort();
    this.problem = null;
    return this.readPage(null);
  }

  async more(): Promise<void> {
    if (this.next !== null && !this.loading) await this.readPage(this.next);
  }

  /** Reads the page after a staff number; null: the first, in place of all that is shown. */
  private async readPage(after: string | null): Promise<void> {
    const { signal } = (this.reading = new AbortController());
    this.loading = true;
    this.tell();
    try {
      const page = await this.app.service.get<Schemas['People']>(`/v1/people?${asked(this.app.address.people, after)}`, signal);
      this.people = after === null ? page.people : [...this.people, ...page.people];
      if (after === null) this.matched = page.matched ?? page.people.length;
      this.next = page.next ?? null;
    } catch (problem) {
      if (signal.aborted) return;
      this.problem = problem;
    }
    this.loading = false;
    this.tell();
  }

  async readUnits(): Promise<void> {
    try {
      const { units, kinds } = await this.app.service.get<Schemas['Units']>('/v1/units');
      this.units = units;
      this.kinds = kinds;
    } catch (problem) {
      this.problem = problem;
    }
    this.tell();
  }

  /** Reads anew whoever is open, and the page with them. */
  async readAgain(): Promise<void> {
    await Promise.all([this.read(), typeof this.person === 'number' ? this.readOne(this.person) : undefined]);
  }

  private async readOne(id: number): Promise<void> {
    try {
      const person = await this.app.service.get<Person>(`/v1/people/${id}`);
      if (this.person === id) this.open = person;
    } catch (problem) {
      this.problem = problem;
    }
    this.tell();
  }

  /** Titles of the posts of a unit, in protocol order. */
  async posts(unit: number): Promise<Post[]> {
    return (await this.app.service.get<Schemas['Posts']>(`/v1/posts?unit=${unit}`)).posts;
  }

  /** Stores a person, new or known; a problem is thrown. */
  async save(id: number | 'new', edit: PersonEdit): Promise<Person> {
    const saved = id === 'new'
      ? await this.app.service.send<Person>('POST', '/v1/people', edit)
      : await this.app.service.send<Person>('PATCH', `/v1/people/${id}`, edit);
    if (!saved) throw new Error('nothing was answered');
    this.put([saved]);
    this.open = saved;
    if (id === 'new') {
      this.people = [saved, ...this.people.filter((one) => one.id !== saved.id)];
      this.matched++;
    }
    void this.readUnits();
    return saved;
  }

  /** Changes all who are chosen alike, or nobody; a problem is thrown. */
  async saveChosen(edit: (person: Person) => PersonEdit): Promise<number> {
    const people = this.people.filter(({ id }) => this.chosen.has(id));
    const answer = await this.app.service.send<Schemas['Persons']>('PATCH', '/v1/people', {
      people: people.map((person) => ({ id: person.id, known: person.version, ...edit(person) })),
    });
    this.put(answer?.people ?? []);
    this.chosen = new Set();
    void this.readUnits();
    return people.length;
  }

  async retire({ id, version }: Person): Promise<void> {
    await this.app.service.send('DELETE', `/v1/people/${id}`, undefined, undefined, { 'If-Match': `"${version}"` });
    this.people = this.people.filter((one) => one.id !== id);
    this.matched--;
    this.ask({ person: null });
    void this.readUnits();
  }

  /** A telephone number in full; that it was shown is recorded. */
  async phone(id: number, reason: string): Promise<string> {
    return (await this.app.service.send<Schemas['Phone']>('POST', `/v1/people/${id}/phone`, { reason }))?.phone ?? '';
  }

  async saveUnit(id: number | null, edit: Schemas['UnitEdit']): Promise<void> {
    if (id === null) await this.app.service.send('POST', '/v1/units', edit);
    else await this.app.service.send('PATCH', `/v1/units/${id}`, edit);
    await Promise.all([this.readUnits(), this.read()]);
  }

  async retireUnit(unit: Unit): Promise<void> {
    await this.app.service.send('DELETE', `/v1/units/${unit.id}`);
    if (this.app.address.people.unit === unit.id) this.ask({ unit: null });
    await this.readUnits();
  }

  said(done: string): void {
    this.done = done;
    this.tell();
  }

  private put(people: readonly Person[]): void {
    const now = new Map(people.map((person) => [person.id, person]));
    this.people = this.people.map((person) => now.get(person.id) ?? person);
  }

  private tell(): void {
    this.app.listed();
  }
}
