// The pen: terra-draw for lines and polygons, with our snapping, and keys for
// those who draw without a pointer.
import type { Map } from 'maplibre-gl';
import type { Position } from 'geojson';
import { TerraDraw, TerraDrawLineStringMode, TerraDrawModeUndoRedo, TerraDrawPolygonMode, TerraDrawRenderMode } from 'terra-draw';
import { TerraDrawMapLibreGLAdapter } from 'terra-draw-maplibre-gl-adapter';
import { SEAL } from '../map/colours';
import type { Stroke } from './shape';
import type { Snap } from './snap';

export type Kind = 'line' | 'polygon';

/** Digits of a degree that the grid's lattice keeps. */
const PRECISION = 7;

export class Pen {
  private readonly draw: TerraDraw;
  private kind: Kind | null = null;
  private last = '';

  /** heard: gets what is drawn so far, null when it is dropped, and whether it is finished. */
  constructor(
    private readonly map: Map,
    snap: Snap,
    private readonly heard: (stroke: Stroke | null, done: boolean) => void,
  ) {
    const points = {
      closingPointColor: SEAL, closingPointWidth: 5, closingPointOutlineColor: '#ffffff', closingPointOutlineWidth: 2,
      snappingPointColor: '#ffffff', snappingPointWidth: 6, snappingPointOutlineColor: SEAL, snappingPointOutlineWidth: 3,
      coordinatePointColor: SEAL, coordinatePointWidth: 4, coordinatePointOutlineColor: '#ffffff', coordinatePointOutlineWidth: 1.5,
    } as const;
    const options = {
      keyEvents: null,
      pointerDistance: 10,
      showCoordinatePoints: true,
      cursors: { start: 'crosshair', close: 'crosshair' },
      snapping: {
        toCustom: (event: { containerX: number; containerY: number }) =>
          snap.near({ x: event.containerX, y: event.containerY }, ([lon = 0, lat = 0]) => map.project([lon, lat]), (x, y) => map.unproject([x, y]).toArray()),
      },
    } as const;
    this.draw = new TerraDraw({
      adapter: new TerraDrawMapLibreGLAdapter({ map, coordinatePrecision: PRECISION, prefixId: 'pen' }),
      modes: [
        new TerraDrawRenderMode({ modeName: 'rest', styles: {} }),
        new TerraDrawLineStringMode({ ...options, styles: { ...points, lineStringColor: SEAL, lineStringWidth: 2.5 } }),
        new TerraDrawPolygonMode({ ...options, styles: { ...points, fillColor: SEAL, fillOpacity: 0.1, outlineColor: SEAL, outlineWidth: 2.5 } }),
      ],
      undoRedo: { modeLevel: new TerraDrawModeUndoRedo() },
    });
    this.draw.start();
    this.draw.setMode('rest');
    this.draw.on('change', () => this.told());
    this.draw.on('finish', () => this.finished());
  }

  /** The points that are set so far. */
  get points(): Position[] {
    const drawn = this.draw.getSnapshot().find(({ geometry, properties }) => properties['mode'] !== 'rest' && geometry.type !== 'Point');
    if (drawn?.geometry.type === 'LineString') return drawn.geometry.coordinates.slice(0, drawn.properties['currentlyDrawing'] ? -1 : undefined);
    if (drawn?.geometry.type === 'Polygon') {
      const set = drawn.properties['committedCoordinateCount'];
      return (drawn.geometry.coordinates[0] ?? []).slice(0, typeof set === 'number' ? set : -1);
    }
    return [];
  }

  use(kind: Kind | null): void {
    if (kind === this.kind) return;
    this.kind = kind;
    this.reset();
  }

  /** Sets a point in the middle of the map, as a click there would. */
  press(): void {
    this.hover();
    for (const type of ['pointerdown', 'pointerup']) this.point(type);
    this.hover();
  }

  /** Moves the loose end of what is drawn to the middle of the map. */
  hover(): void {
    this.point('pointermove');
  }

  back(): void {
    if (this.points.length > 1) this.draw.undo();
    else this.cancel();
  }

  cancel(): void {
    this.reset();
    this.heard(null, false);
  }

  finish(): void {
    const stroke = this.stroke(this.points);
    if (stroke) this.finished();
  }

  private point(type: string): void {
    const canvas = this.map.getCanvas();
    const box = canvas.getBoundingClientRect();
    const { x, y } = this.map.project(this.map.getCenter());
    const at = { clientX: box.left + x, clientY: box.top + y, button: type === 'pointermove' ? -1 : 0, isPrimary: true, bubbles: true };
    canvas.dispatchEvent(new PointerEvent(type, at));
  }

  private reset(): void {
    this.last = '';
    this.draw.clear();
    this.draw.setMode(this.kind === 'line' ? 'linestring' : this.kind === 'polygon' ? 'polygon' : 'rest');
  }

  private stroke(points: Position[]): Stroke | null {
    const [first] = points;
    if (this.kind === 'line' && points.length > 1) return { type: 'LineString', coordinates: points };
    if (this.kind === 'polygon' && first && points.length > 2) return { type: 'Polygon', coordinates: [[...points, first]] };
    return null;
  }

  /** Tells of each point that is set. */
  private told(): void {
    const { points } = this;
    const now = JSON.stringify(points);
    if (now === this.last || !points.length) return;
    this.last = now;
    this.heard(this.stroke(points) ?? { type: 'LineString', coordinates: points }, false);
  }

  private finished(): void {
    const stroke = this.stroke(this.points);
    this.reset();
    if (stroke) this.heard(stroke, true);
  }
}
