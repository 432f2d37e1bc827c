// What the workbench asks of the service.
import type { FeatureCollection, Geometry } from 'geojson';
import type { Schemas, Service } from '../service';
import { asked, type Filter, type Query } from './query';

const PAGE = 100;
/** More than there are in any list that is decided together. */
const ALL = 10_000;

/** A merge of the layers, and how far its conflicts have come. */
export type Run = Schemas['Merge'];
export type Counts = Schemas['ConflictCount'];
export type Alternative = Schemas['Alternative'];
export type Happened = Schemas['ConflictEvent'];
export type Conflict = Omit<Schemas['Conflict'], 'detail'> & { detail: Detail };
/** A conflict with its place on the map and all that became of it. */
export type Whole = Conflict & Omit<Schemas['ConflictShown'], 'detail' | 'ground' | 'claimants'> & { ground: Geometry | null; claimants: FeatureCollection };

interface Person {
  staff_no: string;
  name: string;
}

/** What a conflict is about; which of it there is depends on the kind. */
export interface Detail {
  max_share?: number;
  share?: number;
  outside?: boolean;
  cells?: { code: string; name?: string; share?: number; own?: boolean }[];
  base_cell?: { code: string; name?: string } | null;
  own?: Person | null;
  acting?: Person | null;
  named?: (Person & { layer?: string; layer_cell?: string; share?: number })[];
  code?: string;
  cell_name?: string;
  object?: { code: string; name: string } | null;
  person?: Person | null;
  places?: number;
  capacity?: number;
  line?: string;
  interim?: Person | null;
}

export interface Page {
  conflicts: Conflict[];
  matched: number;
  next?: number;
}

/** The newest merge; null when there was none. */
export function current(service: Service, signal: AbortSignal): Promise<Run | null> {
  return service.find('/v1/merges/current', signal);
}

export function page(service: Service, query: Query, after: number | null, signal: AbortSignal): Promise<Page> {
  const wanted = asked(query);
  wanted.set('sort', query.sort);
  wanted.set('limit', String(PAGE));
  if (after !== null) wanted.set('after', String(after));
  return service.get(`/v1/conflicts?${wanted}`, signal);
}

/** All conflicts that a filter chooses. */
export async function every(service: Service, filter: Filter, signal: AbortSignal): Promise<Conflict[]> {
  const wanted = asked(filter);
  wanted.set('limit', String(ALL));
  return (await service.get<Page>(`/v1/conflicts?${wanted}`, signal)).conflicts;
}

export function whole(service: Service, id: number, signal: AbortSignal): Promise<Whole> {
  return service.get(`/v1/conflicts/${id}`, signal);
}

/** A conflict that was not settled with the others, and why. */
export interface Skipped {
  id: number;
  why: Schemas['Text'];
}

/** A filter as the body of a request has it. */
export function chosenBy(filter: Filter): Record<string, unknown> {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== '' && value !== false));
}

/** Settles many conflicts alike. */
export async function settleMany(
  service: Service, which: { ids: readonly number[] } | { filter: Record<string, unknown> }, resolution: string, reason: string,
): Promise<{ settled: number; skipped: Skipped[] }> {
  const answer = await service.send<{ settled: number; skipped: Skipped[] }>('POST', '/v1/conflicts/settle', { ...which, resolution, reason });
  return answer ?? { settled: 0, skipped: [] };
}

/** Settles conflicts of a kind that meet its conditions; the first that fits decides. */
export type Rule = Schemas['MergeRule'];
/** The territory's rules. */
export type Rules = Schemas['MergeRules'];
/** What rules would decide. */
export type Foreseen = Schemas['RulesPreview'];
