// The open draft as the service keeps it: its cells with their etags, its
// steps, and what can be done to it.
import type { components } from '../api-types';
import type { EditionName } from '../address';
import { Problem, type Comparison, type Service } from '../service';

type Schemas = components['schemas'];
export type Draft = Schemas['Draft'];
export type Step = Schemas['Step'];
export type Cell = Schemas['DraftFeature'];
export type Edit = Schemas['Edit'];
export type Draw = Schemas['Draw'];
export type Edited = Schemas['Edited'];
export type Quality = Schemas['CellQuality'];
export type CellConflict = Schemas['CellConflict'];

/** The version of a cell that an edit is based on. */
export function base(cell: Cell): Schemas['Base'] {
  return { uid: cell.properties.uid, etag: cell.properties.etag };
}

export class Drafts {
  constructor(private readonly service: Service) {}

  /** The open draft; null when there is none. */
  open(signal?: AbortSignal): Promise<Draft | null> {
    return this.service.find('/v1/draft', signal);
  }

  async children(parent: string, signal?: AbortSignal): Promise<Cell[]> {
    return this.cells({ parent, limit: '10000' }, signal);
  }

  async tier(tier: number, box: readonly number[], signal?: AbortSignal): Promise<Cell[]> {
    return this.cells({ tier: String(tier), bbox: box.map((value) => value.toFixed(7)).join(','), limit: '10000' }, signal);
  }

  /** The cell of a code, whatever edition it is of; null when there is none. */
  async cell(code: string, children: readonly Cell[], signal: AbortSignal): Promise<Cell | null> {
    const [child] = children;
    if (child) {
      const [lon = 0, lat = 0] = child.geometry.coordinates[0]?.[0]?.[0] ?? [];
      const near = await this.tier(child.properties.tier - 1, [lon, lat, lon, lat], signal);
      return near.find(({ properties }) => properties.uid === child.properties.parent_uid) ?? null;
    }
    const { cell } = await this.service.summary(code, signal);
    const { lon, lat } = cell.label;
    return (await this.tier(cell.tier, [lon, lat, lon, lat], signal)).find(({ properties }) => properties.code === code) ?? null;
  }

  preview(edit: Edit, signal: AbortSignal): Promise<Edited> {
    return this.post('/v1/draft/edits?preview=true', edit, signal);
  }

  apply(edit: Edit): Promise<Edited> {
    return this.post('/v1/draft/edits', edit);
  }

  previewDraw(draw: Draw, signal: AbortSignal): Promise<Edited> {
    return this.post('/v1/draft/draws?preview=true', draw, signal);
  }

  draw(draw: Draw): Promise<Edited> {
    return this.post('/v1/draft/draws', draw);
  }

  undo(): Promise<Edited> {
    return this.post('/v1/draft/undo');
  }

  redo(): Promise<Edited> {
    return this.post('/v1/draft/redo');
  }

  publish(note: string): Promise<Schemas['Published']> {
    return this.post('/v1/draft/publish', note ? { note } : {});
  }

  async discard(): Promise<void> {
    await this.service.send('DELETE', '/v1/draft');
  }

  compare(from: number, to: EditionName, signal: AbortSignal): Promise<Comparison> {
    return this.service.get(`/v1/editions/compare?from=${from}&to=${to}`, signal);
  }

  private async cells(query: Record<string, string>, signal?: AbortSignal): Promise<Cell[]> {
    return (await this.service.get<Schemas['DraftCells']>(`/v1/draft/cells?${new URLSearchParams(query)}`, signal)).features;
  }

  private async post<T>(path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
    const answer = await this.service.send<T>('POST', path, body, signal);
    if (!answer) throw new Problem(502, `${path}: empty answer`);
    return answer;
  }
}
