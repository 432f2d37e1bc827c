// Whom the roster shows, as the page's address says it.

export interface Query {
  /** What was typed: characters, pinyin, initials, a staff number. */
  q: string;
  /** Number of a unit; 0: people without one; null: all. */
  unit: number | null;
  /** Code of a layer; "": all. */
  layer: string;
  /** Only people who hold nothing in any cell. */
  idle: boolean;
  /** The person whose form is open: a number, or a new one. */
  person: number | 'new' | null;
  /** Whether that person's whole record is shown. */
  record: boolean;
}

export const EVERYBODY: Query = { q: '', unit: null, layer: '', idle: false, person: null, record: false };

export function parseQuery(query: URLSearchParams): Query {
  const unit = query.get('unit');
  const person = query.get('person');
  return {
    q: query.get('q') ?? '',
    unit: unit !== null && /^\d{1,15}$/.test(unit) ? Number(unit) : null,
    layer: query.get('layer') ?? '',
    idle: query.get('idle') === 'true',
    person: person === 'new' ? 'new' : person !== null && /^[1-9]\d{0,14}$/.test(person) ? Number(person) : null,
    record: query.get('record') === 'true',
  };
}

export function formatQuery({ q, unit, layer, idle, person, record }: Query, query: URLSearchParams): void {
  if (q) query.set('q', q);
  if (unit !== null) query.set('unit', String(unit));
  if (layer) query.set('layer', layer);
  if (idle) query.set('idle', 'true');
  if (person !== null) query.set('person', String(person));
  if (record) query.set('record', 'true');
}

/** The parameters of the service for a page of people. */
export function asked({ q, unit, layer, idle }: Query, after: string | null): string {
  const query = new URLSearchParams({ limit: '100' });
  if (q) query.set('q', q);
  if (unit !== null) query.set('unit', String(unit));
  if (layer) query.set('layer', layer);
  if (idle) query.set('without_cell', 'true');
  if (after !== null) query.set('after', after);
  return query.toString();
}
