// The open file on the map: its features, those that stay out in red, the row
// that is looked at.
import type { GeoJSONSource, LayerSpecification, Map } from 'maplibre-gl';
import type { Feature, FeatureCollection, Geometry, Position } from 'geojson';
import type { App } from '../app';
import { CHANGE, SEAL } from '../map/colours';
import type { Focus } from './importer';
import { staged, type Features } from './imports';
import { lies } from '../systems';

const SOURCE = 'import';
const FOCUS = 'import-focus';
const LIMIT = 5000;
/** A place without a shape, with room about it, in degrees. */
const ROOM = 0.004;

const NOTHING: FeatureCollection = { type: 'FeatureCollection', features: [] };
const colour = ['case', ['get', 'rejected'], SEAL, CHANGE] as unknown as string;
const round = { 'line-join': 'round', 'line-cap': 'round' } as const;

const LAYERS: LayerSpecification[] = [
  { id: 'import-fill', type: 'fill', source: SOURCE, filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': colour, 'fill-opacity': ['case', ['get', 'rejected'], 0.3, 0.12] } },
  { id: 'import-band', type: 'line', source: SOURCE, filter: ['!=', ['geometry-type'], 'Point'], layout: round, paint: { 'line-color': '#fff', 'line-width': 4, 'line-opacity': 0.8 } },
  { id: 'import-line', type: 'line', source: SOURCE, filter: ['!=', ['geometry-type'], 'Point'], layout: round, paint: { 'line-color': colour, 'line-width': ['case', ['get', 'rejected'], 2.6, 1.6] } },
  { id: 'import-point', type: 'circle', source: SOURCE, filter: ['==', ['geometry-type'], 'Point'], paint: { 'circle-radius': ['interpolate', ['linear'], ['zoom'], 8, 3.5, 14, 6.5], 'circle-color': colour, 'circle-stroke-color': '#fff', 'circle-stroke-width': 1.5 } },
  { id: 'import-focus-band', type: 'line', source: FOCUS, filter: ['!=', ['geometry-type'], 'Point'], layout: round, paint: { 'line-color': '#fff', 'line-width': 8 } },
  { id: 'import-focus-line', type: 'line', source: FOCUS, filter: ['!=', ['geometry-type'], 'Point'], layout: round, paint: { 'line-color': SEAL, 'line-width': 4 } },
  { id: 'import-focus-point', type: 'circle', source: FOCUS, filter: ['==', ['geometry-type'], 'Point'], paint: { 'circle-radius': 13, 'circle-color': SEAL, 'circle-opacity': 0.15, 'circle-stroke-color': SEAL, 'circle-stroke-width': 3.5 } },
];
/** Those that a pointer finds rows at. */
const HIT = ['import-point', 'import-line', 'import-fill'];

export class ImportView {
  private loading = new AbortController();
  /** Import and version that the map shows. */
  private shown = '';
  private features: Features | null = null;
  private focus: Focus | null = null;

  constructor(
    private readonly app: App,
    private readonly map: Map,
    private readonly readout: HTMLElement,
  ) {
    map.addSource(SOURCE, { type: 'geojson', data: NOTHING, tolerance: 0.2, buffer: 128 });
    map.addSource(FOCUS, { type: 'geojson', data: NOTHING, tolerance: 0 });
    for (const layer of LAYERS) map.addLayer(layer);
    map.on('click', ({ point }) => this.clicked([point.x, point.y]));
    map.on('mousemove', ({ point }) => this.hover([point.x, point.y]));
    map.on('moveend', () => void this.refill());
    app.on('import', () => this.show());
    app.on('change', () => this.show());
    this.show();
  }

  private get open(): boolean {
    return this.app.address.mode === 'import' && this.app.address.import !== null;
  }

  private show(): void {
    const { importer, address } = this.app;
    const wanted = this.open && importer.current && staged(importer.current) ? `${address.import} ${importer.version}` : '';
    // While it is read again, what was read before stays.
    if (wanted !== this.shown && (wanted || !this.open || importer.current?.id !== Number(this.shown.split(' ')[0]))) {
      const another = wanted.split(' ')[0] !== this.shown.split(' ')[0];
      this.shown = wanted;
      void this.load(another);
    }
    if (importer.focus !== this.focus) {
      this.focus = importer.focus;
      void this.aim();
    }
  }

  /** Shows the file's features; another: it is another file, or what was shown lay elsewhere. */
  private async load(another: boolean): Promise<void> {
    this.loading.abort();
    const { signal } = (this.loading = new AbortController());
    const { import: id } = this.app.address;
    const before = this.features;
    this.features = null;
    if (!this.shown || id === null) {
      this.fill(SOURCE, []);
      this.fill(FOCUS, []);
      return;
    }
    try {
      const features = await this.app.importer.imports.features(id, null, LIMIT, signal);
      this.features = features;
      this.fill(SOURCE, features.features as Feature[]);
      const { extent } = this.app.importer.current?.source ?? {};
      const box = extent ? this.beside(extent) : around(features.features.map(({ geometry }) => geometry as Geometry));
      const moved = JSON.stringify(extent) !== this.extent || !before;
      this.extent = JSON.stringify(extent);
      if (box && (another || moved)) this.app.frame(box);
    } catch (problem) {
      if (!signal.aborted) this.fill(SOURCE, []);
    }
  }

  private extent: string | undefined;

  /** A file outside the territory is shown together with it: so that one sees how far off it is. */
  private beside(extent: readonly number[]): readonly number[] {
    const { box } = this.app;
    if (lies(extent, box) !== 'out') return extent;
    return extent.map((side, n) => (n < 2 ? Math.min(side, box[n] ?? side) : Math.max(side, box[n] ?? side)));
  }

  /** Of a file with more features than are fetched at once: those in view. */
  private async refill(): Promise<void> {
    const { import: id } = this.app.address;
    if (!this.features?.more || !this.open || id === null) return;
    this.loading.abort();
    const { signal } = (this.loading = new AbortController());
    const box = this.map.getBounds().toArray().flat();
    try {
      const { features } = await this.app.importer.imports.features(id, box, LIMIT, signal);
      this.fill(SOURCE, features as Feature[]);
    } catch {
      // What was there stays; the next move asks again.
    }
  }

  /** Marks the row that is looked at, and goes there. */
  private async aim(): Promise<void> {
    const { focus } = this;
    const { importer } = this.app;
    const { lon, lat } = focus?.finding ?? {};
    const features = (this.features?.features ?? []) as unknown as Feature[];
    const feature = focus && features.find(({ properties }) => properties?.['row'] === focus.row);
    const spot: Feature[] = lon != null && lat != null ? [{ type: 'Feature', properties: {}, geometry: { type: 'Point', coordinates: [lon, lat] } }] : [];
    this.fill(FOCUS, [...(feature ? [feature] : []), ...spot]);
    const box = spot.length && lon != null && lat != null ? [lon, lat, lon, lat] : feature ? around([feature.geometry]) : null;
    importer.place(focus !== null && focus.row > 0 && box === null);
    if (!box) return;
    const [west = 0, south = 0, east = 0, north = 0] = box;
    const room = west === east && south === north ? ROOM : 0;
    this.app.frame([west - room, south - room, east + room, north + room]);
  }

  private rowAt(point: [number, number]): { row: number; name: string } | null {
    if (!this.open) return null;
    const [x, y] = point;
    const [found] = this.map.queryRenderedFeatures([[x - 4, y - 4], [x + 4, y + 4]], { layers: HIT });
    return found ? { row: Number(found.properties['row']), name: String(found.properties['name'] ?? '') } : null;
  }

  private clicked(point: [number, number]): void {
    const at = this.rowAt(point);
    if (at) this.app.importer.visit(at.row);
  }

  private hover(point: [number, number]): void {
    if (!this.open) return;
    const at = this.rowAt(point);
    this.map.getCanvas().classList.toggle('picking', at !== null);
    if (at) this.readout.textContent = `${this.app.text.import.rowNo(String(at.row))} ${at.name}`;
  }

  private fill(source: string, features: Feature[]): void {
    this.map.getSource<GeoJSONSource>(source)?.setData({ type: 'FeatureCollection', features });
  }
}

/** West, south, east and north of geometries; null where there are none. */
function around(geometries: readonly (Geometry | null)[]): [number, number, number, number] | null {
  const box: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity];
  const walk = (part: unknown): void => {
    if (!Array.isArray(part)) return;
    if (typeof part[0] !== 'number') return part.forEach(walk);
    const [lon = 0, lat = 0] = part as Position;
    box[0] = Math.min(box[0], lon);
    box[1] = Math.min(box[1], lat);
    box[2] = Math.max(box[2], lon);
    box[3] = Math.max(box[3], lat);
  };
  for (const geometry of geometries) if (geometry && 'coordinates' in geometry) walk(geometry.coordinates);
  return Number.isFinite(box[0]) ? box : null;
}
