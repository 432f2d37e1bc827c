// The workbench on the map: the listed conflicts, the one that is looked at, and
// the layers over another, on both sides of a divider when there is one.
import type { GeoJSONSource, Map } from 'maplibre-gl';
import type { Feature, Geometry, Position } from 'geojson';
import type { App } from '../app';
import { SwipeDivider } from '../compare/divider';
import { label } from '../edit/shape';
import { showOverlays } from '../map/overlays';
import type { Layer } from '../service';
import { PUBLISHED, UNIFIED } from './query';
import type { Whole } from './requests';
import { layers, SOURCES } from './sheet';
import { layerName } from './words';

/** How much of their hatches layers keep while a conflict is looked at. */
const FAINT = 0.3;

export class MergeView {
  private twin: Map | null = null;
  private readonly divider = new SwipeDivider();
  /** The conflict that the map was moved to. */
  private framed: number | null = null;

  constructor(
    private readonly app: App,
    private readonly map: Map,
    private readonly container: HTMLElement,
    private readonly grids: readonly Layer[],
    private readonly makeTwin: () => Map,
  ) {
    this.prepare(map);
    map.on('move', () => this.twin?.jumpTo({ center: map.getCenter(), zoom: map.getZoom() }));
    map.on('click', 'conflict-places', ({ features }) => {
      const id = Number(features?.[0]?.properties['id']);
      if (this.working && id) app.bench.look(id);
    });
    for (const [event, cursor] of [['mouseenter', 'pointer'], ['mouseleave', '']] as const) {
      map.on(event, 'conflict-places', () => (map.getCanvas().style.cursor = cursor));
    }
    app.on('change', () => this.follow());
    app.on('merge', () => this.fill());
    this.follow();
  }

  private get working(): boolean {
    return this.app.address.mode === 'merge';
  }

  private prepare(map: Map): void {
    for (const [id, source] of Object.entries(SOURCES)) map.addSource(id, source);
    for (const layer of layers(this.grids)) map.addLayer(layer);
  }

  private follow(): void {
    const left = this.working ? this.app.address.merge.left : '';
    if (left) this.divide(left);
    else if (this.twin) this.undivide();
    this.blend(left);
    this.fill();
  }

  /** Lays the layers over the sheet as strongly as wanted. */
  private blend(left: string): void {
    if (!this.working) return;
    const { shown, merge } = this.app.address;
    const kinds = [...shown].filter((overlay) => !this.grids.some(({ layer }) => layer === overlay));
    const alone = left && left !== PUBLISHED ? new Set([...kinds, ...(left === UNIFIED ? [] : [left])]) : shown;
    const faint = merge.conflict === null ? 1 : FAINT;
    showOverlays(this.map, this.grids, alone, merge.blend, faint);
    if (this.twin?.getSource('conflict-ground')) showOverlays(this.twin, this.grids, shown, merge.blend, faint);
  }

  private divide(left: string): void {
    const { text } = this.app;
    if (!this.twin) {
      const twin = (this.twin = this.makeTwin());
      this.container.append(this.divider.element);
      this.divider.cut(twin.getContainer());
      twin.once('style.load', () => {
        this.prepare(twin);
        this.follow();
      });
    }
    const { blend } = text.merge;
    if (left === PUBLISHED) this.divider.label(text, blend.published, blend.draft);
    else this.divider.label(text, left === UNIFIED ? blend.unified : layerName(text, this.grids, left), blend.right);
  }

  private undivide(): void {
    this.twin?.remove();
    this.twin?.getContainer().remove();
    this.divider.element.remove();
    this.twin = null;
  }

  private fill(): void {
    const { bench, address } = this.app;
    const open = this.working && address.merge.view === 'conflicts' ? bench.open : null;
    const listed = this.working && address.merge.view === 'conflicts' ? bench.conflicts : [];
    const moved = bench.choice ?? open?.resolution ?? open?.proposal;
    const claimants = open?.claimants.features ?? [];
    const role = (...roles: string[]): Feature[] => claimants.filter(({ properties }) => roles.includes(properties?.['role'] as string));
    const moves = role('move').filter(({ properties }) => properties?.['resolution'] === moved);
    const ground = open?.ground ? [feature(open.ground)] : [];
    const data: Record<string, Feature[]> = {
      'conflict-places': listed.flatMap(({ id, lon, lat, state, severity }) =>
        lon == null || lat == null ? [] : [feature({ type: 'Point', coordinates: [lon, lat] }, { id, state, severity, chosen: id === address.merge.conflict })]),
      'conflict-cells': role('cell'),
      'conflict-claimants': role('layer-cell', 'base'),
      'conflict-ground': moves.length ? moves : ground,
      'conflict-names': role('layer-cell', 'base').flatMap(named),
    };
    for (const map of [this.map, ...(this.twin ? [this.twin] : [])]) {
      for (const [id, features] of Object.entries(data)) map.getSource<GeoJSONSource>(id)?.setData({ type: 'FeatureCollection', features });
    }
    this.frame(open);
  }

  /** Moves the map to what is looked at, once. */
  private frame(open: Whole | null): void {
    if (!open || open.id === this.framed) {
      if (!this.working || this.app.address.merge.conflict === null) this.framed = null;
      return;
    }
    this.framed = open.id;
    // The card beside it may just have come: the map takes its place first.
    requestAnimationFrame(() => {
      this.map.resize();
      this.go(open);
    });
  }

  private go(open: Whole): void {
    const near = [...(open.ground ? [open.ground] : []), ...open.claimants.features.filter(({ properties }) => ['cell', 'object'].includes(properties?.['role'] as string)).map(({ geometry }) => geometry)];
    const places = near.flatMap(positions);
    if (places.length > 1) this.app.frame([...extreme(places, Math.min), ...extreme(places, Math.max)]);
    else if (open.lon != null && open.lat != null) this.app.frame([open.lon - 0.01, open.lat - 0.01, open.lon + 0.01, open.lat + 0.01]);
  }
}

function named({ geometry, properties }: Feature): Feature[] {
  if (geometry.type !== 'Polygon' && geometry.type !== 'MultiPolygon') return [];
  const shape = geometry.type === 'Polygon' ? { type: 'MultiPolygon' as const, coordinates: [geometry.coordinates] } : geometry;
  return [feature({ type: 'Point', coordinates: label(shape) }, { name: properties?.['name'] ?? properties?.['code'], layer: properties?.['layer'] })];
}

function positions(geometry: Geometry): Position[] {
  switch (geometry.type) {
    case 'Point': return [geometry.coordinates];
    case 'Polygon': return geometry.coordinates.flat();
    case 'MultiPolygon': return geometry.coordinates.flat(2);
    case 'LineString': return geometry.coordinates;
    case 'MultiLineString': return geometry.coordinates.flat();
    case 'MultiPoint': return geometry.coordinates;
    case 'GeometryCollection': return geometry.geometries.flatMap(positions);
  }
}

function extreme(places: readonly Position[], pick: (a: number, b: number) => number): [number, number] {
  return [0, 1].map((n) => places.reduce((best, place) => pick(best, place[n] ?? best), places[0]?.[n] ?? 0)) as [number, number];
}

function feature(geometry: Geometry, properties: Record<string, unknown> = {}): Feature {
  return { type: 'Feature', geometry, properties };
}
