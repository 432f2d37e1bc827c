// The territory's edge: beyond it the sheet is bare paper.
import type { Feature, MultiPolygon, Position } from 'geojson';
import type { LngLatBoundsLike } from 'maplibre-gl';

const WORLD: Position[] = [[-180, -85], [180, -85], [180, 85], [-180, 85], [-180, -85]];

/** Everything outside a territory: the world less it, and its holes. */
export function outside(territory: MultiPolygon): Feature<MultiPolygon> {
  const outer = territory.coordinates.flatMap((polygon) => polygon.slice(0, 1));
  const holes = territory.coordinates.flatMap((polygon) => polygon.slice(1));
  return {
    type: 'Feature',
    properties: {},
    geometry: { type: 'MultiPolygon', coordinates: [[WORLD, ...outer], ...holes.map((hole) => [hole])] },
  };
}

/** West, south, east and north of a geometry. */
export function bounds(geometry: MultiPolygon): [number, number, number, number] {
  const box: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [lon = 0, lat = 0] of geometry.coordinates.flat(2)) {
    box[0] = Math.min(box[0], lon);
    box[1] = Math.min(box[1], lat);
    box[2] = Math.max(box[2], lon);
    box[3] = Math.max(box[3], lat);
  }
  return box;
}

/** How far the map may be moved: far enough to show all of the territory on any screen. */
export function reach([west, south, east, north]: [number, number, number, number]): LngLatBoundsLike {
  const room = 3 * Math.max(east - west, north - south);
  return [west - room, Math.max(south - room, -85), east + room, Math.min(north + room, 85)];
}
