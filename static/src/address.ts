// What a view's address says: everything needed to send the view to a colleague.
import { formatQuery as formatPeople, parseQuery as parsePeople, type Query as PeopleQuery } from './people/query';

import { formatQuery, parseQuery, type Query } from './audit/query';
import { formatQuery as formatMerge, parseQuery as parseMerge, type Query as MergeQuery } from './merge/query';

export type Language = 'zh' | 'en';

/** Kinds of objects, in the order in which they are listed. */
export const KINDS = ['enterprise', 'monitor', 'water-source', 'river-reach'] as const;
export type Kind = (typeof KINDS)[number];

/** What can be switched on over the unified grid: a kind of object or the code of a layer. */
export type Overlay = string;
const SHOWN_AT_FIRST: readonly Overlay[] = ['enterprise', 'monitor', 'water-source'];

/** The parts of the side column. */
export const ROOMS = ['overview', 'layers', 'objects', 'duty'] as const;
export type Room = (typeof ROOMS)[number];

/** What the page is for at the moment: reading the grid, editing its draft, comparing two editions, importing files, searching the log, the roster, merging layers. */
export const MODES = ['read', 'edit', 'compare', 'import', 'audit', 'people', 'merge'] as const;
export type Mode = (typeof MODES)[number];

/** What a pointer does on the map while editing. */
export const TOOLS = ['select', 'split', 'merge', 'boundary', 'hand', 'rename', 'lock'] as const;
export type Tool = (typeof TOOLS)[number];

/** The parts of the side column while editing. */
export const PARTS = ['cells', 'draws', 'steps'] as const;
export type Part = (typeof PARTS)[number];

/** Figures of duty, in the order in which they are shown. */
export const FIGURES = ['vacancies', 'acting', 'overloaded', 'understaffed', 'idle', 'workload'] as const;
export type Figure = (typeof FIGURES)[number];

/** A published edition, or the open draft. */
export type EditionName = number | 'draft';

/** A place in degrees, WGS84. */
export interface Spot {
  lon: number;
  lat: number;
}

export interface Camera extends Spot {
  zoom: number;
}

export interface Address {
  language: Language;
  room: Room;
  /** Code of the selected cell. */
  cell: string | null;
  /** Where it was clicked. */
  spot: Spot | null;
  shown: ReadonlySet<Overlay>;
  /** Null: the whole territory. */
  camera: Camera | null;
  mode: Mode;
  /** Code of the cell whose children are edited. */
  parent: string | null;
  tool: Tool;
  part: Part;
  /** The editions that are compared; null: the newest and what came before it. */
  from: number | null;
  to: EditionName | null;
  /** The import that is open; null: their list. */
  import: number | null;
  /** What is searched in the log of changes. */
  audit: Query;
  /** The figure of duty whose rows are shown. */
  figure: Figure | null;
  /** Code of the cell whose duty is looked at, with all below it; null: all that one governs. */
  below: string | null;
  /** Whom the roster shows. */
  people: PeopleQuery;
  /** What the workbench of the merge shows. */
  merge: MergeQuery;
}

/** "" for the default territory, "/t/CODE" for a named one. */
export function basePath(path: string): string {
  return /^\/t\/[^/]+/.exec(path)?.[0] ?? '';
}

export function parseAddress(url: URL, browserLanguage: string): Address {
  const query = url.searchParams;
  const language = query.get('lang') ?? browserLanguage.toLowerCase().slice(0, 2);
  const room = query.get('room');
  const layers = query.get('layers');
  return {
    language: language === 'en' ? 'en' : 'zh',
    room: ROOMS.find((r) => r === room) ?? 'overview',
    cell: query.get('cell'),
    spot: parseSpot(query.get('spot')),
    shown: new Set(layers === null ? SHOWN_AT_FIRST : layers.split(',').filter(Boolean)),
    camera: parseCamera(url.hash),
    mode: seq(query.get('import')) ? 'import' : MODES.find((mode) => mode === query.get('mode')) ?? 'read',
    parent: query.get('parent'),
    tool: TOOLS.find((tool) => tool === query.get('tool')) ?? 'select',
    part: PARTS.find((part) => part === query.get('part')) ?? 'cells',
    from: seq(query.get('from')),
    to: query.get('to') === 'draft' ? 'draft' : seq(query.get('to')),
    import: seq(query.get('import')),
    audit: parseQuery(query),
    figure: FIGURES.find((figure) => figure === query.get('figure')) ?? null,
    below: query.get('below'),
    people: parsePeople(query),
    merge: parseMerge(query),
  };
}

export function formatAddress(address: Address, path: string): string {
  const query = new URLSearchParams({ lang: address.language });
  if (address.room !== 'overview') query.set('room', address.room);
  if (address.room === 'duty' && address.figure) query.set('figure', address.figure);
  if (address.room === 'duty' && address.below) query.set('below', address.below);
  if (address.cell) query.set('cell', address.cell);
  if (address.spot) query.set('spot', `${address.spot.lon.toFixed(6)},${address.spot.lat.toFixed(6)}`);
  const shown = [...address.shown].sort().join(',');
  if (shown !== SHOWN_AT_FIRST.join(',')) query.set('layers', shown);
  const { camera, mode } = address;
  if (mode === 'import' && address.import !== null) query.set('import', String(address.import));
  else if (mode !== 'read') query.set('mode', mode);
  if (mode === 'edit') {
    if (address.parent) query.set('parent', address.parent);
    if (address.tool !== 'select') query.set('tool', address.tool);
    if (address.part !== 'cells') query.set('part', address.part);
  }
  if (mode === 'compare') {
    if (address.from !== null) query.set('from', String(address.from));
    if (address.to !== null) query.set('to', String(address.to));
  }
  if (mode === 'audit') formatQuery(address.audit, query);
  if (mode === 'people') formatPeople(address.people, query);
  if (mode === 'merge') formatMerge(address.merge, query);
  const hash = camera ? `#${camera.zoom.toFixed(2)}/${camera.lat.toFixed(5)}/${camera.lon.toFixed(5)}` : '';
  return `${path}?${query.toString().replaceAll('%2C', ',')}${hash}`;
}

function parseSpot(value: string | null): Spot | null {
  const [lon, lat] = numbers(value ?? '', ',');
  return lon === undefined || lat === undefined ? null : { lon, lat };
}

function seq(value: string | null): number | null {
  return value && /^[1-9]\d{0,8}$/.test(value) ? Number(value) : null;
}

function parseCamera(hash: string): Camera | null {
  const [zoom, lat, lon] = numbers(hash.slice(1), '/');
  return zoom === undefined || lat === undefined || lon === undefined ? null : { zoom, lat, lon };
}

function numbers(value: string, separator: string): number[] {
  const parts = value.split(separator);
  const found = parts.filter((part) => part.trim() !== '').map(Number);
  return found.length === parts.length && found.every(Number.isFinite) ? found : [];
}
