// Two editions on one sheet: the earlier one left of the divider, the later one
// right of it, and what changed hands on both.
import type { GeoJSONSource, LayerSpecification, Map } from 'maplibre-gl';
import type { Feature } from 'geojson';
import type { EditionName } from '../address';
import type { App } from '../app';
import { label } from '../edit/shape';
import { CHANGE, INK, SEAL } from '../map/colours';
import { HEI, SONG } from '../map/fonts';
import { showOverlays } from '../map/overlays';
import type { Layer } from '../service';
import { cellsOf, tierAt } from './cells';
import { SwipeDivider } from './divider';

const NOTHING = { type: 'FeatureCollection' as const, features: [] };
const PAUSE_MS = 200;

export class Comparing {
  private twin: Map | null = null;
  private readonly divider = new SwipeDivider();
  private asking = new AbortController();
  private waiting = 0;

  constructor(
    private readonly app: App,
    private readonly map: Map,
    private readonly container: HTMLElement,
    private readonly tiers: readonly number[],
    private readonly grids: readonly Layer[],
    private readonly makeTwin: () => Map,
  ) {
    this.prepare(map);
    map.on('move', () => this.twin?.jumpTo({ center: map.getCenter(), zoom: map.getZoom() }));
    map.on('moveend', () => this.later());
    app.on('compared', () => this.show());
    app.on('change', () => this.label());
  }

  private prepare(map: Map): void {
    for (const id of ['compared-cells', 'compared-names', 'compared-areas']) {
      map.addSource(id, { type: 'geojson', data: NOTHING, tolerance: 0.2 });
    }
    for (const layer of layers()) map.addLayer(layer);
  }

  private show(): void {
    if (!this.app.comparison) {
      this.asking.abort();
      this.twin?.remove();
      this.twin?.getContainer().remove();
      this.divider.element.remove();
      this.twin = null;
      for (const id of ['compared-cells', 'compared-names', 'compared-areas']) this.source(this.map, id)?.setData(NOTHING);
      return;
    }
    if (!this.twin) {
      const twin = (this.twin = this.makeTwin());
      this.container.append(this.divider.element);
      this.divider.cut(twin.getContainer());
      twin.once('style.load', () => {
        this.prepare(twin);
        this.fill();
      });
    }
    this.label();
    this.fill();
  }

  private label(): void {
    const { comparison, text } = this.app;
    if (!comparison) return;
    this.divider.label(text, text.edition(comparison.from), comparison.draft ? text.compare.draft : text.edition(comparison.to));
  }

  /** The cells of both editions where the map looks, once it rests. */
  private later(): void {
    clearTimeout(this.waiting);
    if (this.app.comparison) this.waiting = setTimeout(() => this.fill(), PAUSE_MS);
  }

  private fill(): void {
    const { comparison } = this.app;
    const { twin } = this;
    if (!comparison || !twin) return;
    this.asking.abort();
    const { signal } = (this.asking = new AbortController());
    const to: EditionName = comparison.draft ? 'draft' : comparison.to;
    const [[west = 0, south = 0], [east = 0, north = 0]] = this.map.getBounds().toArray() as [number[], number[]];
    const tier = tierAt(this.map.getZoom(), this.tiers);
    for (const [map, edition] of [[this.map, comparison.from], [twin, to]] as const) {
      if (!map.getSource('compared-cells')) continue;
      showOverlays(map, this.grids, this.app.address.shown);
      for (const each of this.tiers) {
        for (const kind of ['lines', 'names']) map.setLayoutProperty(`${kind}-${each}`, 'visibility', each < tier ? 'visible' : 'none');
      }
      this.source(map, 'compared-areas')?.setData(comparison.areas as never);
      void cellsOf(this.app.service, edition, tier, [west, south, east, north], signal).then((cells) => {
        if (signal.aborted) return;
        this.source(map, 'compared-cells')?.setData({ type: 'FeatureCollection', features: cells });
        this.source(map, 'compared-names')?.setData({
          type: 'FeatureCollection',
          features: cells.map((cell): Feature => ({ type: 'Feature', properties: { name: cell.properties?.['name'] }, geometry: { type: 'Point', coordinates: label(cell.geometry) } })),
        });
      }, (error: unknown) => {
        if (!signal.aborted) throw error;
      });
    }
  }

  private source(map: Map, id: string): GeoJSONSource | undefined {
    return map.getSource<GeoJSONSource>(id);
  }
}

function layers(): LayerSpecification[] {
  return [
    { id: 'compared-areas', type: 'fill', source: 'compared-areas', paint: { 'fill-color': SEAL, 'fill-opacity': 0.22 } },
    { id: 'compared-line', type: 'line', source: 'compared-cells', layout: { 'line-join': 'round' }, paint: { 'line-color': INK, 'line-width': ['interpolate', ['linear'], ['zoom'], 8, 0.7, 14, 1.8] } },
    { id: 'compared-areas-line', type: 'line', source: 'compared-areas', paint: { 'line-color': CHANGE, 'line-width': 1.6, 'line-dasharray': [2, 1.5] } },
    {
      id: 'compared-names',
      type: 'symbol',
      source: 'compared-names',
      layout: { 'text-field': ['get', 'name'], 'text-font': ['step', ['zoom'], ['literal', SONG], 11, ['literal', HEI]], 'text-size': 12, 'text-max-width': 8 },
      paint: { 'text-color': INK, 'text-halo-color': 'rgba(255,255,255,0.92)', 'text-halo-width': 1.5 },
    },
  ];
}
