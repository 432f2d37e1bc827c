// Drawn points go to the boundaries' own vertices when they come near enough.
import type { Position } from 'geojson';
import type { Cell } from './draft';

/** How near, in pixels. */
export const REACH = 12;

type Project = (place: Position) => { x: number; y: number };
type Unproject = (x: number, y: number) => Position;

export class Snap {
  private vertices: Position[] = [];

  /** The cells whose vertices attract. */
  use(cells: readonly Cell[]): void {
    const seen = new Map<string, Position>();
    for (const position of cells.flatMap(({ geometry }) => geometry.coordinates.flat(2))) seen.set(position.join(), position);
    this.vertices = [...seen.values()];
  }

  /** The nearest vertex within reach of a point of the screen. */
  near({ x, y }: { x: number; y: number }, project: Project, unproject: Unproject): Position | undefined {
    const [west = 0, north = 0] = unproject(x - REACH, y - REACH);
    const [east = 0, south = 0] = unproject(x + REACH, y + REACH);
    let best: Position | undefined;
    let distance = REACH;
    for (const vertex of this.vertices) {
      const [lon = 0, lat = 0] = vertex;
      if (lon < west || lon > east || lat < south || lat > north) continue;
      const at = project(vertex);
      const far = Math.hypot(at.x - x, at.y - y);
      if (far <= distance) [best, distance] = [vertex, far];
    }
    return best;
  }
}
