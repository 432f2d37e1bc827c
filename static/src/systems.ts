// Coordinate systems that offices of a territory are likely to use.
import type { Text } from './language/text';

/** EPSG codes and names: degrees, the CGCS2000 3-degree zones about the territory, Web Mercator. */
export function systems(text: Text, [west, , east]: readonly [number, number, number, number]): [string, string][] {
  const first = Math.round(west / 3) * 3;
  const last = Math.round(east / 3) * 3;
  const zones: [string, string][] = [];
  for (let meridian = first; meridian <= last; meridian += 3) {
    // 4534 is the zone about 75° without its number before the easting.
    if (meridian >= 75 && meridian <= 135) zones.push([`EPSG:${4534 + (meridian - 75) / 3}`, text.import.zone(meridian)]);
  }
  const degrees = (['EPSG:4490', 'EPSG:4326'] as const).map((code): [string, string] => [code, text.import.crsNames[code] ?? code]);
  return [...degrees, ...zones, ['EPSG:3857', text.import.crsNames['EPSG:3857'] ?? 'EPSG:3857']];
}

/** How a box lies to the territory's. */
export function lies(extent: readonly number[], [west, south, east, north]: readonly number[]): 'in' | 'partly' | 'out' {
  const [w = 0, s = 0, e = 0, n = 0] = extent;
  if (e < (west ?? 0) || w > (east ?? 0) || n < (south ?? 0) || s > (north ?? 0)) return 'out';
  // A tenth of the territory beyond it is no reason to doubt.
  const slack = 0.1 * Math.max((east ?? 0) - (west ?? 0), (north ?? 0) - (south ?? 0));
  const within = w > (west ?? 0) - slack && e < (east ?? 0) + slack && s > (south ?? 0) - slack && n < (north ?? 0) + slack;
  return within ? 'in' : 'partly';
}
