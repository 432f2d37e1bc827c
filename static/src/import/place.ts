// At which page of the table a row stands.
import type { Rows } from './imports';

const STEPS = 12;

/**
 * The offset of the page that holds a row. Rows are numbered as the person
 * sees them: in order, but with gaps, so their place has to be looked for.
 */
export async function pageOf(row: number, size: number, fetch: (offset: number) => Promise<Rows>): Promise<number> {
  let low = 0;
  let high = Infinity;
  let offset = 0;
  for (let step = 0; step < STEPS; step++) {
    const { rows, total } = await fetch(offset);
    const first = rows[0]?.row;
    const last = rows.at(-1)?.row;
    if (first === undefined || last === undefined || (row >= first && row <= last)) break;
    const end = Math.max(0, Math.floor((Math.min(total, high) - 1) / size) * size);
    if (row > last) low = offset + size;
    else high = offset;
    const guess = Math.floor((offset + row - first) / size) * size;
    const next = Math.min(Math.max(guess, low), end);
    if (next === offset || low >= high) break;
    offset = next;
  }
  return offset;
}
