// Handles on the boundary of two neighbours: a drag pulls the course between
// the handles beside it along, less the farther away.
import type { Position } from 'geojson';

/** How far handles are apart on the screen, in pixels. */
const APART = 46;

export interface Handle {
  place: Position;
  /** Which run of the boundary, and which of its vertices. */
  run: number;
  vertex: number;
  /** The vertices between which it pulls. */
  from: number;
  to: number;
  /** An end of the run: others meet there, it stays. */
  end: boolean;
}

/** Handles along the runs of a boundary. */
export function handles(runs: readonly Position[][], project: (place: Position) => { x: number; y: number }): Handle[] {
  return runs.flatMap((run, n) => {
    const picked = pick(run, project);
    return picked.map((vertex, i): Handle => ({
      place: run[vertex] ?? [0, 0],
      run: n,
      vertex,
      from: picked[i - 1] ?? 0,
      to: picked[i + 1] ?? run.length - 1,
      end: i === 0 || i === picked.length - 1,
    }));
  });
}

/** The first vertex, the last, and some between that are far enough apart. */
function pick(run: readonly Position[], project: (place: Position) => { x: number; y: number }): number[] {
  const picked = [0];
  let way = 0;
  let before = project(run[0] ?? [0, 0]);
  for (let i = 1; i < run.length - 1; i++) {
    const at = project(run[i] ?? [0, 0]);
    way += Math.hypot(at.x - before.x, at.y - before.y);
    before = at;
    if (way < APART) continue;
    picked.push(i);
    way = 0;
  }
  if (picked.length > 1 && way < APART / 2) picked.pop();
  if (picked.length === 1 && run.length > 2) picked.push(Math.floor(run.length / 2));
  return [...picked, run.length - 1];
}

/** The run after a handle was pulled to a place. */
export function pull(run: readonly Position[], { vertex, from, to }: Handle, [lon = 0, lat = 0]: Position): Position[] {
  const [x = 0, y = 0] = run[vertex] ?? [];
  return run.map((position, i) => {
    if (i <= from || i >= to) return position;
    const share = i <= vertex ? (i - from) / (vertex - from) : (to - i) / (to - vertex);
    const [px = 0, py = 0] = position;
    return [px + (lon - x) * share, py + (lat - y) * share];
  });
}

/** What differs between two courses of a run, with the unchanged vertex on either side. */
export function changed(before: readonly Position[], after: readonly Position[]): Position[] {
  const differs = after.flatMap((position, i) => (position === before[i] ? [] : [i]));
  const [first] = differs;
  const last = differs.at(-1);
  return first === undefined || last === undefined ? [] : after.slice(Math.max(first - 1, 0), last + 2);
}
