// The editor on the map: shows its state, and tells it what hand and keys do there.
import { Marker, type GeoJSONSource, type Map, type MapMouseEvent } from 'maplibre-gl';
import type { Feature, Geometry, Position } from 'geojson';
import type { App } from '../app';
import { area } from '../language/text';
import { outside } from '../map/edge';
import { Problem } from '../service';
import { changed, handles, pull, type Handle } from './boundary';
import type { Cell } from './draft';
import { Keys } from './keys';
import { Pen } from './pen';
import { label } from './shape';
import { LAYERS, SOURCES } from './sheet';
import { Snap } from './snap';

/** Layers of the sheet below which nothing of a tier is shown while its cells are open. */
const TIER_LAYERS = ['lines', 'names'] as const;

export class EditView {
  readonly pen: Pen;
  private readonly snap = new Snap();
  private readonly keys: Keys;
  private markers: Marker[] = [];
  private hovered: string | null = null;
  private shownCells: readonly Cell[] | null = null;
  private runs: Position[][] = [];
  private pulled: Position[][] = [];
  private pair = '';
  /** What each source has, so that it isn't given the same again. */
  private readonly data = new globalThis.Map<string, Feature[]>();
  private veil: { parent: Cell; feature: Feature } | null = null;

  constructor(
    private readonly app: App,
    private readonly map: Map,
    private readonly tiers: readonly number[],
    readout: HTMLElement,
  ) {
    for (const [id, source] of Object.entries(SOURCES)) map.addSource(id, source);
    for (const layer of LAYERS) map.addLayer(layer);
    this.pen = new Pen(map, this.snap, (stroke, done) => app.editor.draw(stroke, done));
    this.keys = new Keys(app, map, this.pen, (place, more) => this.select(map.project([place.lon, place.lat]), more));
    map.on('click', (event) => this.clicked(event));
    map.on('mousemove', (event) => this.hover(event, readout));
    map.on('mouseout', () => this.light(null));
    map.on('mousedown', 'edit-handles', (event) => this.drag(event));
    map.on('zoomend', () => this.boundary());
    app.on('edit', () => this.show());
    app.on('change', () => this.show());
    this.show();
  }

  private get open(): boolean {
    return this.app.address.mode === 'edit' && this.app.editor.parent !== null;
  }

  private show(): void {
    const { editor, address } = this.app;
    const { parent, cells, preview, stroke, selected } = editor;
    const tier = this.open && parent ? parent.properties.tier + 1 : Infinity;
    for (const each of this.tiers) {
      const visibility = address.mode === 'compare' || each >= tier ? 'none' : 'visible';
      for (const kind of TIER_LAYERS) this.map.setLayoutProperty(`${kind}-${each}`, 'visibility', visibility);
    }
    if (parent && this.veil?.parent !== parent) this.veil = { parent, feature: outside(parent.geometry) };
    this.set('edit-veil', this.open && this.veil ? [this.veil.feature] : []);
    const shown = this.open ? (cells.length || !parent ? cells : [parent]) : [];
    const gone = new Set([...(preview?.removed ?? []), ...(preview?.features.features ?? []).map(({ properties }) => properties.uid)]);
    this.set('edit-cells', shown.map((cell) => this.cell(cell, selected.includes(cell.properties.uid), gone.has(cell.properties.uid))));
    this.set('edit-names', shown.filter(({ properties }) => !gone.has(properties.uid)).map((cell) => this.name(cell, selected.includes(cell.properties.uid))));
    this.set('edit-ghost', this.open && preview ? cells.filter(({ properties }) => gone.has(properties.uid)).map(({ geometry }) => feature(geometry)) : []);
    const made = this.open && preview ? preview.features.features.filter(({ properties }) => properties.uid !== parent?.properties.uid) : [];
    const lowest = Math.max(...made.map(({ properties }) => properties.tier));
    const pieces = made.filter(({ properties }) => properties.tier === lowest);
    this.set('edit-preview', pieces.map((cell, n) => feature(cell.geometry, { n })));
    this.set('edit-preview-names', pieces.map((cell) => this.name(cell, false)));
    this.set('edit-stroke', this.open && stroke && (!editor.sketching || !this.pen.points.length) ? [feature(stroke)] : []);
    if (shown !== this.shownCells) this.snap.use((this.shownCells = shown));
    this.pen.use(this.open ? editor.draws : null);
    this.map.getCanvas().classList.toggle('picking', this.open && !editor.draws);
    this.keys.show(this.open);
    this.boundary();
    this.mark();
  }

  /** gone: the preview shows something else in its place. */
  private cell(cell: Cell, chosen: boolean, gone: boolean): Feature {
    const { uid, locked, disputed } = cell.properties;
    return feature(cell.geometry, { uid, locked, disputed, chosen: chosen && !gone, gone });
  }

  private name(cell: Cell, chosen: boolean): Feature {
    const { name, area_m2, locked } = cell.properties;
    return feature({ type: 'Point', coordinates: label(cell.geometry) }, { name, note: `${locked ? '▣ ' : ''}${area(this.app.text, area_m2)}`, chosen });
  }

  private set(id: string, features: Feature[]): void {
    const before = this.data.get(id) ?? [];
    if (same(before, features)) return;
    this.data.set(id, features);
    const source = this.map.getSource<GeoJSONSource>(id);
    source?.setData({ type: 'FeatureCollection', features });
  }

  /** Shows the course of the shared boundary, with handles to pull it by. */
  private boundary(): void {
    const { editor } = this.app;
    const runs = this.open ? editor.boundary : [];
    const pair = runs.length ? JSON.stringify([editor.selected, editor.chosen.map(({ properties }) => properties.etag), editor.stroke === null]) : '';
    if (pair !== this.pair) {
      this.pair = pair;
      if (!editor.stroke || !runs.length) [this.runs, this.pulled] = [runs, runs];
    }
    const drawn = editor.stroke !== null && this.pulled === this.runs;
    this.set('edit-boundary', this.pulled.map((coordinates) => feature({ type: 'LineString', coordinates })));
    this.set('edit-handles', drawn ? [] : this.handles.map(({ place, end }, n) => feature({ type: 'Point', coordinates: place }, { n, end })));
  }

  private get handles(): Handle[] {
    return handles(this.pulled, ([lon = 0, lat = 0]) => this.map.project([lon, lat]));
  }

  private drag(event: MapMouseEvent & { features?: { properties: Record<string, unknown> }[] }): void {
    const handle = this.handles[Number(event.features?.[0]?.properties['n'])];
    const run = handle && this.pulled[handle.run];
    const before = handle && this.runs[handle.run];
    if (!handle || !run || !before || handle.end || this.pen.points.length) return;
    event.preventDefault();
    const move = ({ lngLat }: MapMouseEvent): void => {
      const course = pull(run, handle, lngLat.toArray());
      this.pulled = this.pulled.map((other, n) => (n === handle.run ? course : other));
      this.app.editor.draw({ type: 'LineString', coordinates: changed(before, course) }, false);
    };
    this.map.on('mousemove', move);
    this.map.once('mouseup', () => {
      this.map.off('mousemove', move);
      const { editor } = this.app;
      if (editor.stroke) editor.draw(editor.stroke, true);
    });
  }

  private clicked(event: MapMouseEvent): void {
    if (this.app.address.mode === 'edit') this.select(event.point, event.originalEvent.shiftKey);
  }

  private select(point: { x: number; y: number }, more: boolean): void {
    const { editor } = this.app;
    if (!this.open || editor.draws || editor.clash) return;
    const uid = this.at(point);
    const cell = editor.cells.find(({ properties }) => properties.uid === uid);
    if (cell) editor.toggle(cell.properties.uid, more);
  }

  private at({ x, y }: { x: number; y: number }): string | null {
    const [found] = this.map.queryRenderedFeatures([x, y], { layers: ['edit-fill'] });
    return found ? String(found.properties['uid']) : null;
  }

  private hover({ point }: MapMouseEvent, readout: HTMLElement): void {
    if (!this.open) return;
    const uid = this.at(point);
    const cell = this.app.editor.cells.find(({ properties }) => properties.uid === uid);
    readout.hidden = !cell;
    if (cell) {
      readout.textContent = `${cell.properties.name} · ${area(this.app.text, cell.properties.area_m2)}`;
      readout.style.transform = `translate(${Math.round(point.x) + 14}px, ${Math.round(point.y) + 18}px)`;
    }
    this.light(this.app.editor.draws ? null : uid);
  }

  private light(uid: string | null): void {
    if (uid === this.hovered) return;
    if (this.hovered) this.map.setFeatureState({ source: 'edit-cells', id: this.hovered }, { hover: false });
    if (uid) this.map.setFeatureState({ source: 'edit-cells', id: uid }, { hover: true });
    this.hovered = uid;
  }

  /** Marks the places of what is wrong, with the words that say so. */
  private mark(): void {
    for (const marker of this.markers) marker.remove();
    const { problem } = this.app.editor;
    const places = this.open && problem instanceof Problem ? problem.places : [];
    this.markers = places.map(({ lon, lat }, n) => {
      const element = document.createElement('div');
      element.className = 'fault';
      element.setAttribute('role', 'img');
      element.setAttribute('aria-label', this.app.text.edit.fault);
      if (n === 0 && problem instanceof Problem) {
        const words = document.createElement('p');
        words.textContent = problem.message;
        element.append(words);
      }
      return new Marker({ element }).setLngLat([lon, lat]).addTo(this.map);
    });
  }
}

function same(before: readonly Feature[], now: readonly Feature[]): boolean {
  return before.length === now.length && now.every(({ geometry, properties }, n) => {
    const old = before[n];
    if (JSON.stringify(old?.properties) !== JSON.stringify(properties)) return false;
    return old?.geometry === geometry || (geometry.type === 'Point' && JSON.stringify(old?.geometry) === JSON.stringify(geometry));
  });
}

function feature(geometry: Geometry, properties: Record<string, unknown> = {}): Feature {
  return { type: 'Feature', geometry, properties };
}
