// The cells of an edition, published or still a draft, within a box.
import type { Feature, MultiPolygon } from 'geojson';
import type { EditionName } from '../address';
import type { Service } from '../service';

/** From which zoom the tiers below the first are compared. */
const ZOOMS = [0, 8.5, 10.5] as const;

/** The tier that reads best at a zoom. */
export function tierAt(zoom: number, tiers: readonly number[]): number {
  const sorted = [...tiers].sort((a, b) => a - b);
  const below = sorted.filter((_, n) => zoom >= (ZOOMS[n] ?? ZOOMS[2]));
  return below.at(-1) ?? sorted[0] ?? 1;
}

export async function cellsOf(
  service: Service,
  edition: EditionName,
  tier: number,
  box: readonly number[],
  signal: AbortSignal,
): Promise<Feature<MultiPolygon>[]> {
  const query = new URLSearchParams({ tier: String(tier), bbox: box.map((value) => value.toFixed(6)).join(','), limit: '2000' });
  if (edition !== 'draft') query.set('edition', String(edition));
  const path = edition === 'draft' ? '/v1/draft/cells' : '/collections/cells/items';
  return (await service.get<{ features: Feature<MultiPolygon>[] }>(`${path}?${query}`, signal)).features;
}
