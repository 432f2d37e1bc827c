// What the workbench shows, as the address says it.

/** The parts of the workbench. */
export const VIEWS = ['conflicts', 'rules', 'circulation', 'team', 'publish'] as const;
export type View = (typeof VIEWS)[number];

export const KINDS = [
  'split', 'nested', 'boundary-mismatch', 'gap', 'overlap', 'two-accountable', 'none-accountable', 'over-capacity', 'code-clash', 'object-unplaced',
] as const;
export const STATES = ['open', 'deferred', 'settled'] as const;
export type State = (typeof STATES)[number];
export const SEVERITIES = ['high', 'medium', 'low'] as const;
export const SORTS = ['severity', 'area', 'width', 'touches', 'cell'] as const;
export type Sort = (typeof SORTS)[number];

/** Which conflicts are meant; "" asks nothing. */
export interface Filter {
  kind: string;
  layer: string;
  state: State | '';
  severity: string;
  blocking: boolean;
  /** Code of the cell in whose subtree they lie. */
  within: string;
}

export interface Query extends Filter {
  view: View;
  sort: Sort;
  /** The conflict that is looked at. */
  conflict: number | null;
  /** How strongly each layer is laid over the sheet, 0 to 1, where it isn't HALF. */
  blend: ReadonlyMap<string, number>;
  /** What alone is seen left of a divider: a layer, unified, or the edition in force; "": there is no divider. */
  left: string;
  /** Whether the sheet shows the edition in force while a draft is open; "": it shows the draft. */
  sheet: typeof PUBLISHED | '';
}

export const HALF = 0.5;
export const UNIFIED = 'unified';
export const PUBLISHED = 'published';

export const ALL: Filter = { kind: '', layer: '', state: '', severity: '', blocking: false, within: '' };
export const AT_FIRST: Query = { ...ALL, view: 'conflicts', sort: 'severity', conflict: null, blend: new Map(), left: '', sheet: '' };

export function parseQuery(query: URLSearchParams): Query {
  const one = <T extends string>(name: string, all: readonly T[]): T | undefined => all.find((each) => each === query.get(name));
  const conflict = query.get('conflict') ?? '';
  return {
    view: one('view', VIEWS) ?? 'conflicts',
    kind: one('kind', KINDS) ?? '',
    layer: query.get('layer') ?? '',
    state: one('state', STATES) ?? '',
    severity: one('severity', SEVERITIES) ?? '',
    blocking: query.get('blocking') === 'yes',
    within: query.get('within') ?? '',
    sort: one('sort', SORTS) ?? 'severity',
    conflict: /^[1-9]\d{0,14}$/.test(conflict) ? Number(conflict) : null,
    blend: parseBlend(query.get('blend') ?? ''),
    left: query.get('left') ?? '',
    sheet: query.get('sheet') === PUBLISHED ? PUBLISHED : '',
  };
}

export function formatQuery(wanted: Query, query: URLSearchParams): void {
  if (wanted.view !== 'conflicts') query.set('view', wanted.view);
  for (const name of ['kind', 'layer', 'state', 'severity', 'within', 'left', 'sheet'] as const) if (wanted[name]) query.set(name, wanted[name]);
  if (wanted.blocking) query.set('blocking', 'yes');
  if (wanted.sort !== 'severity') query.set('sort', wanted.sort);
  if (wanted.conflict !== null) query.set('conflict', String(wanted.conflict));
  const blend = [...wanted.blend].filter(([, share]) => share !== HALF).map(([layer, share]) => `${layer}.${Math.round(share * 100)}`);
  if (blend.length) query.set('blend', blend.sort().join(','));
}

/** "environment.30,safety.80". */
function parseBlend(value: string): Map<string, number> {
  const blend = new Map<string, number>();
  for (const part of value.split(',')) {
    const [, layer, share] = /^(.+)\.(\d{1,3})$/.exec(part) ?? [];
    if (layer) blend.set(layer, Math.min(Number(share), 100) / 100);
  }
  return blend;
}

/** The part of a request that says which conflicts are meant. */
export function asked({ kind, layer, state, severity, blocking, within }: Filter): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ kind, layer, state, severity, within })) if (value) query.set(name, value);
  if (blocking) query.set('blocking', 'true');
  return query;
}
