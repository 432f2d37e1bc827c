// What can be downloaded, and what is wished for.
import type { components } from '../api-types';
import type { Service } from '../service';
import { entered } from '../language/time';

type Schemas = components['schemas'];
export type Choices = Schemas['ExportChoices'];
export type Collection = Choices['collections'][number];
export type Format = Choices['formats'][number];

/** What a person wants of a collection; "": whatever there is. */
export interface Wish {
  collection: string;
  tier: string;
  layer: string;
  format: string;
  /** In the person's own time, as an input gives it; "": now. */
  instant: string;
  crs: string;
  encoding: string;
  /** The geometry as it was sent. */
  original: boolean;
}

export const WGS84 = 'EPSG:4326';

export function choices(service: Service, signal: AbortSignal): Promise<Choices> {
  return service.get('/v1/export-choices', signal);
}

/** The parts of the choices that a wish speaks of, where there are any. */
export function chosen({ collections, formats }: Choices, wish: Wish): { collection: Collection | undefined; format: Format | undefined } {
  return {
    collection: collections.find(({ name }) => name === wish.collection) ?? collections[0],
    format: formats.find(({ format }) => format === wish.format) ?? formats[0],
  };
}

/** Where the file is; what a collection or a format doesn't know is left out. */
export function path(choices: Choices, wish: Wish): string {
  const { collection, format } = chosen(choices, wish);
  const query = new URLSearchParams({ format: format?.format ?? wish.format });
  if (wish.tier && collection?.tiers.includes(Number(wish.tier))) query.set('tier', wish.tier);
  if (wish.layer && collection?.layers.includes(wish.layer)) query.set('layer', wish.layer);
  if (wish.instant) query.set('datetime', entered(wish.instant));
  if (collection?.geometry !== 'none') {
    if (format?.crs) query.set('crs', wish.crs);
    if (wish.original) query.set('original', 'true');
  }
  const encoding = encodingOf(format, wish);
  if (encoding) query.set('encoding', encoding);
  return `/v1/exports/${encodeURIComponent(collection?.name ?? wish.collection)}?${query}`;
}

/** The encoding that a file will have; "" where its format knows one only. */
export function encodingOf(format: Format | undefined, { encoding }: Wish): string {
  return format?.encodings.find((each) => each === encoding) ?? format?.encodings[0] ?? '';
}
