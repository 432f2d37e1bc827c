// Figures on the map in degrees: what touches what, what lies where.
import type { LineString, MultiPolygon, Polygon, Position } from 'geojson';

/** What is drawn by hand. */
export type Stroke = LineString | Polygon;

type Ring = readonly Position[];

/** Whether a place lies in a shape. */
export function contains({ coordinates }: Pick<MultiPolygon, 'coordinates'>, place: Position): boolean {
  return coordinates.some(([outer = [], ...holes]) => inRing(outer, place) && !holes.some((hole) => inRing(hole, place)));
}

function inRing(ring: Ring, [x = 0, y = 0]: Position): boolean {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [ax = 0, ay = 0] = ring[i] ?? [];
    const [bx = 0, by = 0] = ring[j] ?? [];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

/** Places along a line, evenly spread over its segments. */
export function along(line: readonly Position[], perSegment = 12): Position[] {
  return line.slice(1).flatMap((end, i) => {
    const start = line[i] ?? end;
    return Array.from({ length: perSegment }, (_, k) => between(start, end, (k + 0.5) / perSegment));
  });
}

function between([ax = 0, ay = 0]: Position, [bx = 0, by = 0]: Position, share: number): Position {
  return [ax + (bx - ax) * share, ay + (by - ay) * share];
}

const key = ([x = 0, y = 0]: Position): string => `${x.toFixed(7)},${y.toFixed(7)}`;
const edge = (a: Position, b: Position): string => [key(a), key(b)].sort().join(' ');

/** The boundary that two cells share, as lines along it; none when they don't touch. */
export function shared(one: MultiPolygon, other: MultiPolygon): Position[][] {
  const edges = new Set(other.coordinates.flat().flatMap((ring) => ring.slice(1).map((end, i) => edge(ring[i] ?? end, end))));
  return one.coordinates.flat().flatMap((ring) => runs(ring, (a, b) => edges.has(edge(a, b))));
}

/** The longest runs of a ring's edges for which keep is true. */
function runs(ring: Ring, keep: (a: Position, b: Position) => boolean): Position[][] {
  const open = ring.slice(0, -1);
  const at = (i: number): Position => open[i % open.length] ?? [0, 0];
  const start = open.findIndex((_, i) => !keep(at(i), at(i + 1)));
  if (start < 0) return [[...ring]];
  const found: Position[][] = [];
  let run: Position[] = [];
  for (let i = start + 1; i <= start + open.length; i++) {
    if (keep(at(i), at(i + 1))) {
      if (!run.length) run.push(at(i));
      run.push(at(i + 1));
    } else if (run.length) {
      found.push(run);
      run = [];
    }
  }
  return run.length ? [...found, run] : found;
}

/** A place well inside a shape, for its name. */
export function label({ coordinates }: MultiPolygon): Position {
  const outers = coordinates.map(([outer = []]) => outer);
  const ring = outers.reduce((a, b) => (size(b) > size(a) ? b : a), outers[0] ?? []);
  const ys = ring.map(([, y = 0]) => y);
  const low = Math.min(...ys);
  const high = Math.max(...ys);
  let best: { width: number; place: Position } = { width: -1, place: ring[0] ?? [0, 0] };
  for (const share of [0.5, 0.42, 0.58, 0.33, 0.67]) {
    const y = low + (high - low) * share;
    const crossings = crossed(ring, y);
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      const [west = 0, east = 0] = [crossings[i], crossings[i + 1]];
      if (east - west > best.width) best = { width: east - west, place: [(west + east) / 2, y] };
    }
  }
  return best.place;
}

function crossed(ring: Ring, y: number): number[] {
  const found: number[] = [];
  for (let i = 1; i < ring.length; i++) {
    const [ax = 0, ay = 0] = ring[i - 1] ?? [];
    const [bx = 0, by = 0] = ring[i] ?? [];
    if (ay > y !== by > y) found.push(((bx - ax) * (y - ay)) / (by - ay) + ax);
  }
  return found.sort((a, b) => a - b);
}

function size(ring: Ring): number {
  let twice = 0;
  for (let i = 1; i < ring.length; i++) {
    const [ax = 0, ay = 0] = ring[i - 1] ?? [];
    const [bx = 0, by = 0] = ring[i] ?? [];
    twice += ax * by - bx * ay;
  }
  return Math.abs(twice) / 2;
}

/** Whether two boxes meet: west, south, east, north. */
export function meet([w, s, e, n]: readonly [number, number, number, number], [W, S, E, N]: readonly [number, number, number, number]): boolean {
  return w <= E && W <= e && s <= N && S <= n;
}
