// The map of the territory: follows the page's address, and tells it where
// people look and click.
import { Map, NavigationControl, ScaleControl, setWorkerUrl, type GeoJSONSource, type MapGeoJSONFeature, type PointLike, type StyleSpecification } from 'maplibre-gl';
import type { Feature, MultiPolygon, Point } from 'geojson';
import type { App, Flight } from '../app';
import type { Spot } from '../address';
import { Comparing } from '../compare/swipe';
import { LitCells } from '../duty/lit';
import { EditView } from '../edit/view';
import { ImportView } from '../import/view';
import { followClaims } from '../merge/sheet';
import { MergeView } from '../merge/view';
import type { Layer, Stats } from '../service';
import { bounds, reach } from './edge';
import { COLLECTIONS, followLayers, showOverlays } from './overlays';
import { Sheet } from './sheet';
import { style } from './style';
import { addSymbols } from './symbols';

/** Address of the map's worker script, put in by the build. */
declare const MAP_WORKER: string;

/** What a territory's map is drawn from. */
export interface Ground {
  stats: Stats;
  /** The cell of tier 1. */
  territory: Feature<MultiPolygon>;
  /** Codes of the cells of tier 2. */
  counties: string[];
}

export class GridMap {
  readonly map: Map;
  /** The map, and while two editions are compared the one of the later. */
  readonly maps: Map[] = [];
  private readonly box: [number, number, number, number];
  private readonly hitLayers: string[];
  /** The departments' layers as they are now; the views share it. */
  private readonly layers: Layer[];
  private readonly plain: () => StyleSpecification;
  private sheet: Sheet | null = null;
  private hovered: string | null = null;
  private selected: string | null = null;
  private loading = new AbortController();
  private fresh = false;

  /** readout: where the name of the cell under the pointer is written. */
  constructor(
    private readonly app: App,
    container: HTMLElement,
    private readonly readout: HTMLElement,
    { stats, territory, counties }: Ground,
  ) {
    const tiers = stats.tiers.map(({ tier }) => tier).filter((tier) => tier > 1);
    this.layers = [...stats.layers];
    this.hitLayers = tiers.map((tier) => `cells-${tier}`);
    setWorkerUrl(MAP_WORKER);
    this.box = bounds(territory.geometry);
    const { camera } = app.address;
    this.plain = () => style(app.service.base, territory, counties, tiers, this.layers);
    this.map = new Map({
      container,
      style: this.plain(),
      ...(camera ? { center: [camera.lon, camera.lat], zoom: camera.zoom } : { bounds: this.box, fitBoundsOptions: { padding: this.margin() } }),
      maxBounds: reach(this.box),
      maxZoom: 18,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      fadeDuration: 0,
      canvasContextAttributes: { preserveDrawingBuffer: true },
      locale: this.locale(),
      transformRequest: (url, type) => (this.fresh && type === 'Tile' ? { url, cache: 'reload' } : { url }),
    });
    this.maps.push(this.map);
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
    this.map.addControl(new NavigationControl({ showCompass: false }), 'bottom-right');
    this.map.addControl(new ScaleControl({ unit: 'metric' }), 'bottom-right');
    addSymbols(this.map, this.layers);
    this.map.once('style.load', () => {
      this.sheet = new Sheet(app, this.maps);
      this.follow(camera ? 'stay' : 'cell');
      new EditView(app, this.map, tiers, readout);
      new ImportView(app, this.map, readout);
      new LitCells(app, this.map);
      new Comparing(app, this.map, container, tiers, this.layers, () => this.twin(container));
      new MergeView(app, this.map, container, this.layers, () => this.twin(container));
      app.editor.follow();
    });
    this.map.on('moveend', () => this.looked());
    this.map.on('mousemove', (event) => this.hover(event.point));
    this.map.on('mouseout', () => this.hover(null));
    this.map.on('click', (event) => this.pick(event.point));
    this.map.getCanvas().addEventListener('keydown', (event) => {
      if (event.key === 'Enter') this.pick(this.map.project(this.map.getCenter()));
    });
    app.on('change', (event) => this.follow(event.detail));
    app.on('objects', () => this.reload());
    app.on('box', ({ detail: [west = 0, south = 0, east = 0, north = 0] }) => {
      this.map.fitBounds([west, south, east, north], { padding: this.margin(), maxZoom: 15.5 });
    });
  }

  /** A second map of the same sheet over this one, which goes where this one goes and takes no pointer. */
  private twin(container: HTMLElement): Map {
    const over = document.createElement('div');
    over.className = 'twin';
    container.append(over);
    const twin = new Map({
      container: over,
      style: this.plain(),
      center: this.map.getCenter(),
      zoom: this.map.getZoom(),
      maxZoom: 18,
      interactive: false,
      attributionControl: false,
      fadeDuration: 0,
      canvasContextAttributes: { preserveDrawingBuffer: true },
    });
    this.maps.push(twin);
    twin.on('remove', () => this.maps.pop());
    twin.once('style.load', () => this.sheet?.follow());
    addSymbols(twin, this.layers);
    // The other map says what it is, and this one can't be reached by keys.
    twin.getCanvas().removeAttribute('role');
    twin.getCanvas().setAttribute('aria-hidden', 'true');
    twin.getCanvas().tabIndex = -1;
    return twin;
  }

  /** Draws the departments' layers as they are now, new ones too. */
  relayer(layers: readonly Layer[]): void {
    this.layers.splice(0, this.layers.length, ...layers);
    for (const map of this.maps) {
      followLayers(map, this.layers);
      followClaims(map, this.layers);
    }
    this.reload();
    this.follow('stay');
  }

  /** Shows the whole territory. */
  whole(): void {
    this.map.fitBounds(this.box, { padding: this.margin() });
  }

  private locale(): Record<string, string> {
    const { controls, map } = this.app.text;
    return { 'NavigationControl.ZoomIn': controls.in, 'NavigationControl.ZoomOut': controls.out, 'Map.Title': map };
  }

  /** Room that panels leave around the view, in pixels. */
  private margin(): { top: number; right: number; bottom: number; left: number } {
    const narrow = matchMedia('(max-width: 760px)').matches;
    if (narrow) return { top: 72, right: 16, bottom: this.app.address.cell ? innerHeight * 0.45 : 40, left: 64 };
    if (this.app.address.mode === 'import') return { top: 70, right: 60, bottom: 40, left: 60 };
    const detail = this.app.address.cell || this.app.address.mode === 'edit' ? 400 : 0;
    if (this.app.address.mode === 'edit') return { top: this.app.address.language === 'en' ? 190 : 110, right: 40 + detail, bottom: 60, left: 110 };
    return { top: 40, right: 60 + detail, bottom: 60, left: 110 };
  }

  private follow(flight: Flight): void {
    // What lies over another at the workbench, its view says.
    if (this.app.address.mode !== 'merge') showOverlays(this.map, this.layers, this.app.address.shown);
    this.map.getCanvas().setAttribute('aria-label', this.app.text.map);
    this.map.getCanvas().classList.toggle('locating', this.app.locating !== null);
    this.markSpots(typeof flight === 'object' ? flight : null);
    void this.select(flight === 'cell');
    const { camera } = this.app.address;
    if (flight === 'camera' && camera) this.map.jumpTo({ center: [camera.lon, camera.lat], zoom: camera.zoom });
    if (flight === 'camera' && !camera) this.whole();
    if (typeof flight === 'object') this.map.flyTo({ center: [flight.lon, flight.lat], zoom: Math.max(this.map.getZoom(), 13.5) });
  }

  private looked(): void {
    const { lng, lat } = this.map.getCenter();
    this.app.looked({ lon: lng, lat, zoom: this.map.getZoom() });
  }

  /** The cell of the lowest tier drawn at a point. */
  private cellAt(point: PointLike): MapGeoJSONFeature | null {
    const found = this.map.queryRenderedFeatures(point, { layers: this.hitLayers });
    return found.reduce<MapGeoJSONFeature | null>(
      (best, cell) => (best && best.properties['tier'] >= cell.properties['tier'] ? best : cell),
      null,
    );
  }

  private hover(point: { x: number; y: number } | null): void {
    if (this.app.address.mode === 'edit' && this.app.editor.parent) point = null;
    const cell = point && this.cellAt([point.x, point.y]);
    const code = cell ? String(cell.properties['code']) : null;
    if (point || this.hovered) this.readout.hidden = !cell;
    if (cell && point) {
      this.readout.textContent = String(cell.properties['name']);
      this.readout.style.transform = `translate(${Math.round(point.x) + 14}px, ${Math.round(point.y) + 18}px)`;
    }
    if (code === this.hovered) return;
    if (this.hovered) this.hoverState(this.hovered, false);
    if (code) this.hoverState(code, true);
    this.hovered = code;
  }

  private hoverState(code: string, hover: boolean): void {
    this.map.setFeatureState({ source: 'cells', sourceLayer: 'cells', id: code }, { hover });
  }

  private pick(point: { x: number; y: number }): void {
    const cell = this.cellAt([point.x, point.y]);
    if (!cell) return;
    const { lng, lat } = this.map.unproject([point.x, point.y]);
    const spot = { lon: lng, lat };
    const { locating, address } = this.app;
    if (address.mode === 'import' || address.mode === 'merge' || (address.mode === 'edit' && address.parent)) return;
    if (address.mode === 'edit') void this.app.editor.pick(String(cell.properties['code']));
    else if (locating) this.app.locate({ ...locating, spot });
    else this.app.go({ cell: String(cell.properties['code']), spot });
  }

  private async select(fly: boolean): Promise<void> {
    const { cell } = this.app.address;
    if (cell === this.selected && !fly) return;
    this.selected = cell;
    this.loading.abort();
    this.loading = new AbortController();
    const { signal } = this.loading;
    // What is wrong with a cell that isn't there, its panel says.
    const boundary = cell ? await this.app.service.boundary(cell, signal).catch(() => null) : null;
    if (signal.aborted) return;
    this.source('selected').setData(boundary ?? { type: 'FeatureCollection', features: [] });
    if (boundary && fly) this.map.fitBounds(bounds(boundary.geometry), { padding: this.margin(), maxZoom: 14.5 });
  }

  private markSpots(conflict: Spot | null): void {
    const { address, locating } = this.app;
    const mark = (spot: Spot | null | undefined, role: string): Feature<Point>[] =>
      spot ? [{ type: 'Feature', properties: { role }, geometry: { type: 'Point', coordinates: [spot.lon, spot.lat] } }] : [];
    const features = [...mark(conflict, 'conflict'), ...mark(locating ? locating.spot : address.spot, 'spot')];
    this.source('spots').setData({ type: 'FeatureCollection', features });
  }

  private source(id: string): GeoJSONSource {
    const source = this.map.getSource<GeoJSONSource>(id);
    if (!source) throw new Error(`no source ${id}`);
    return source;
  }

  /** Asks for the tiles of objects and layers again, past every cache. */
  private reload(): void {
    this.fresh = true;
    for (const collection of [...Object.values(COLLECTIONS), 'layer-cells']) this.map.refreshTiles(collection);
  }
}
