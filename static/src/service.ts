// Requests to the service of the page's territory.
import type { Feature, MultiPolygon } from 'geojson';
import type { components } from './api-types';
import type { Language, Spot } from './address';

export type Schemas = components['schemas'];
/** The service fills all of them, whatever is optional in other answers. */
export type Stats = Required<Schemas['Stats']>;
export type Layer = Stats['layers'][number];
export type Territory = Schemas['Territory'];
export type Edition = Schemas['Editions']['editions'][number];
export type Summary = Schemas['Summary'];
export type ChainCell = Schemas['ChainCell'];
export type Responsible = Schemas['Responsible'];
export type Found = Schemas['SearchResults']['results'][number];
export type Comparison = Schemas['Comparison'];
export type Lacking = Schemas['LackingValue'];
export type MappedObject = Schemas['Objects']['objects'][number];

/** What the service says when it can't answer (RFC 9457), with what to do about it. */
export class Problem extends Error {
  /** What kind of problem it is, such as unsigned or second-factor. */
  readonly kind: string;
  readonly fixes: readonly string[];
  /** Where on the map it is. */
  readonly places: readonly Spot[];
  /** Cells that somebody else changed meanwhile. */
  readonly conflicts: readonly Schemas['CellConflict'][];
  /** What stands in the way of publishing. */
  readonly blocking: readonly Schemas['Block'][];
  /** Who holds the role that was to change. */
  readonly holders: readonly Schemas['Assignment'][];
  /** Values with a character that the wanted encoding lacks. */
  readonly lacking: readonly Lacking[];
  /** Changes of people that can't be made. */
  readonly refused: readonly Schemas['PersonRefusal'][];

  constructor(
    readonly status: number,
    detail: string,
    { type, fixes, place, places, conflicts, blocking, lacking, refused, holders }: Partial<Schemas['Problem']> = {},
    /** It was asked for something; else something was to be done. */
    readonly reading = false,
  ) {
    super(detail);
    this.kind = type?.replace('urn:unigrid:problem:', '') ?? '';
    this.fixes = fixes ?? [];
    this.places = places?.length ? places : place ? [place] : [];
    this.conflicts = conflicts ?? [];
    this.blocking = blocking ?? [];
    this.lacking = lacking ?? [];
    this.refused = refused ?? [];
    this.holders = holders ?? [];
  }
}

export class Service {
  /** base: "" or "/t/CODE"; language: in which texts of problems are wanted. */
  constructor(
    readonly base: string,
    private readonly language: () => Language,
  ) {}

  stats(signal?: AbortSignal): Promise<Stats> {
    return this.get('/v1/stats', signal);
  }

  async territories(signal: AbortSignal): Promise<Territory[]> {
    return (await this.get<Schemas['Territories']>('/v1/territories', signal)).territories;
  }

  async editions(signal: AbortSignal): Promise<Edition[]> {
    return (await this.get<Schemas['Editions']>('/v1/editions', signal)).editions;
  }

  summary(cell: string, signal: AbortSignal): Promise<Summary> {
    return this.get(`/v1/cells/${encodeURIComponent(cell)}/summary`, signal);
  }

  /** The exact boundary of a cell. */
  boundary(cell: string, signal: AbortSignal): Promise<Feature<MultiPolygon>> {
    return this.get(`/collections/cells/items/${encodeURIComponent(cell)}`, signal);
  }

  responsible(spot: Spot, signal: AbortSignal): Promise<Responsible> {
    return this.get(`/v1/responsible?lon=${spot.lon}&lat=${spot.lat}`, signal);
  }

  async search(words: string, signal: AbortSignal): Promise<Found[]> {
    return (await this.get<Schemas['SearchResults']>(`/v1/search?q=${encodeURIComponent(words)}`, signal)).results;
  }

  async unlocated(signal: AbortSignal): Promise<MappedObject[]> {
    return (await this.get<Schemas['Objects']>('/v1/objects/unlocated', signal)).objects;
  }

  async outside(signal: AbortSignal): Promise<MappedObject[]> {
    return (await this.get<Schemas['Objects']>('/v1/objects/outside', signal)).objects;
  }

  /** Says where an object is, as pointed at by hand. */
  async locate(object: MappedObject, spot: Spot): Promise<void> {
    const path = `/v1/objects/${object.collection}/${encodeURIComponent(object.code)}/location`;
    await this.send('PUT', path, { lon: spot.lon, lat: spot.lat, by: 'hand' });
  }

  async get<T>(path: string, signal?: AbortSignal): Promise<T> {
    return (await (await this.request(path, signal ? { signal } : {})).json()) as T;
  }

  /** What there may be; null when the service has none. */
  async find<T>(path: string, signal?: AbortSignal): Promise<T | null> {
    try {
      return await this.get<T>(path, signal);
    } catch (error) {
      if (error instanceof Problem && error.status === 404) return null;
      throw error;
    }
  }

  /** Sends a body, and gives what is answered; undefined when there is nothing. */
  async send<T>(method: 'DELETE' | 'PATCH' | 'POST' | 'PUT', path: string, body?: unknown, signal?: AbortSignal, further: Record<string, string> = {}): Promise<T | undefined> {
    const answer = await this.request(path, {
      method,
      headers: { ...further, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
    const text = await answer.text();
    return text ? (JSON.parse(text) as T) : undefined;
  }

  /** Sends a file as the whole body of a request, and gives what is answered. */
  async put<T>(path: string, file: File, type: string): Promise<T> {
    return (await (await this.request(path, { method: 'POST', headers: { 'Content-Type': type }, body: file })).json()) as T;
  }

  /** A file, with the name that the service gives it. */
  async file(path: string, signal?: AbortSignal): Promise<File> {
    const answer = await this.request(path, signal ? { signal } : {});
    const disposition = answer.headers.get('Content-Disposition') ?? '';
    const encoded = /filename\*=UTF-8''([^;]+)/i.exec(disposition)?.[1];
    const plain = /filename="?([^";]+)"?/i.exec(disposition)?.[1];
    return new File([await answer.blob()], encoded ? decodeURIComponent(encoded) : plain ?? 'download');
  }

  private async request(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set('Accept', 'application/json, application/geo+json, application/problem+json, */*;q=0.5');
    headers.set('Accept-Language', this.language());
    const answer = await fetch(this.base + path, { ...init, headers });
    if (!answer.ok) throw await problem(answer, !init.method);
    return answer;
  }
}

async function problem(answer: Response, reading: boolean): Promise<Problem> {
  if (!answer.headers.get('Content-Type')?.includes('json')) {
    return new Problem(answer.status, `${answer.status} ${answer.statusText}`, {}, reading);
  }
  const body = (await answer.json()) as Schemas['Problem'];
  return new Problem(answer.status, body.detail ?? body.title, body, reading);
}
