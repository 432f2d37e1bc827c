// Which state of the unified grid the sheet shows: the edition in force, or the
// open draft where it is worked on.
import type { FilterSpecification, LayerSpecification, Map, VectorTileSource } from 'maplibre-gl';
import type { App } from '../app';
import { PUBLISHED } from '../merge/query';
import { CHANGED, INK } from './colours';

/** What tells one state of the draft from another, where a map shows the draft; "": it shows the edition in force. over: the map right of the divider. */
export function draftShown({ address, editor }: Pick<App, 'address' | 'editor'>, over = false): string {
  const { draft } = editor;
  const { mode, merge } = address;
  if (!draft || (mode !== 'edit' && mode !== 'merge')) return '';
  if (mode === 'merge' && (merge.sheet === PUBLISHED || (merge.left === PUBLISHED && !over))) return '';
  return [draft.edition, draft.undo?.step, draft.steps.length, draft.steps.at(-1)?.at].join(' ');
}

export class Sheet {
  private readonly shown = new WeakMap<Map, string>();

  /** maps: the map, and the one right of the divider while there is one. */
  constructor(private readonly app: App, private readonly maps: readonly Map[]) {
    for (const event of ['change', 'edit'] as const) app.on(event, () => this.follow());
    this.follow();
  }

  follow(): void {
    this.maps.forEach((map, n) => this.show(map, draftShown(this.app, n > 0)));
  }

  private show(map: Map, state: string): void {
    const source = map.getSource<VectorTileSource>('cells');
    if (!source || (this.shown.get(map) ?? '') === state) return;
    this.shown.set(map, state);
    source.setUrl(`${location.origin}${this.app.service.base}${state ? '/v1/draft/tiles' : '/tiles/cells.json'}`);
  }
}

/** Boundaries that the draft changes. */
export function changedLines(): LayerSpecification[] {
  const filter: FilterSpecification = ['==', ['get', 'changed'], true];
  const line = { type: 'line', source: 'cells', 'source-layer': 'cells', filter, layout: { 'line-join': 'round' } } as const;
  return [
    { ...line, id: 'changed-band', paint: { 'line-color': CHANGED, 'line-opacity': 0.85, 'line-width': ['interpolate', ['linear'], ['zoom'], 8, 4, 13, 9] } },
    { ...line, id: 'changed-line', paint: { 'line-color': INK, 'line-width': ['interpolate', ['linear'], ['zoom'], 8, 1, 13, 2] } },
  ];
}
