// Requests about imports: files that come in, what is said of them, what became of them.
import type { components } from '../api-types';
import type { Service } from '../service';

type Schemas = components['schemas'];
export type Target = Schemas['Target'];
export type Source = Schemas['ImportSource'];
export type Candidate = Source['crs_candidates'][number];
export type Import = Schemas['Import'];
export type Column = Schemas['ImportColumn'];
export type Change = Schemas['ImportChange'];
export type NewImport = Schemas['NewImport'];
export type TargetFields = Schemas['ImportTargets']['targets'][number];
export type Field = TargetFields['fields'][number];
export type Profile = Schemas['ImportProfile'];
export type Rows = Schemas['ImportRows'];
export type Row = Rows['rows'][number];
export type Features = Schemas['ImportFeatures'];
export type Finding = Schemas['Finding'];
export type Findings = Schemas['ImportFindings'];
export type Differences = Schemas['ImportDifferences'];
export type Difference = Differences['differences'][number];
export type Severity = NonNullable<Finding['severity']>;

export const TARGETS: readonly Target[] = ['cells', 'layer-cells', 'enterprises', 'monitors', 'water-sources', 'river-reaches', 'people', 'assignments'];
export const SEVERITIES: readonly Severity[] = ['error', 'warning', 'repair'];

/** States in which nothing more happens until a person says something. */
export function rests({ state, error }: Import): boolean {
  return ['ready', 'applied', 'failed', 'undone'].includes(state) || (state === 'read' && error !== null);
}

/** Whether the rows of the file can be looked at. */
export function staged({ state, source }: Import): boolean {
  return !['received', 'reading'].includes(state) && source.columns.length > 0;
}

/** Whether anything can still be said about the file. */
export function open({ state }: Import): boolean {
  return ['read', 'ready', 'failed', 'undone'].includes(state);
}

export class Imports {
  constructor(private readonly service: Service) {}

  /** An address of the import that a link can lead to. */
  address(id: number, part: 'events' | 'rejects' | 'report.csv'): string {
    return `${this.service.base}${path(id)}/${part}`;
  }

  async list(signal: AbortSignal): Promise<Import[]> {
    return (await this.service.get<Schemas['Imports']>('/v1/imports', signal)).imports;
  }

  find(id: number, signal: AbortSignal): Promise<Import> {
    return this.service.get(path(id), signal);
  }

  async targets(signal: AbortSignal): Promise<TargetFields[]> {
    return (await this.service.get<Schemas['ImportTargets']>('/v1/import-targets', signal)).targets;
  }

  async profiles(signal?: AbortSignal): Promise<Profile[]> {
    return (await this.service.get<Schemas['ImportProfiles']>('/v1/import-profiles', signal)).profiles;
  }

  async keepProfile(name: string, id: number): Promise<void> {
    await this.service.send('PUT', `/v1/import-profiles/${encodeURIComponent(name)}`, { import: id });
  }

  async dropProfile(name: string): Promise<void> {
    await this.service.send('DELETE', `/v1/import-profiles/${encodeURIComponent(name)}`);
  }

  create(body: NewImport): Promise<Import> {
    return this.answered('POST', '/v1/imports', body);
  }

  change(id: number, change: Change): Promise<Import> {
    return this.answered('PATCH', path(id), change);
  }

  apply(id: number): Promise<Import> {
    return this.answered('POST', `${path(id)}/apply`);
  }

  undo(id: number): Promise<Import> {
    return this.answered('POST', `${path(id)}/undo`);
  }

  async drop(id: number): Promise<void> {
    await this.service.send('DELETE', path(id));
  }

  rows(id: number, offset: number, limit: number, signal: AbortSignal): Promise<Rows> {
    return this.service.get(`${path(id)}/rows?offset=${offset}&limit=${limit}`, signal);
  }

  features(id: number, box: readonly number[] | null, limit: number, signal: AbortSignal): Promise<Features> {
    const query = new URLSearchParams({ limit: String(limit), ...(box ? { bbox: box.map((side) => side.toFixed(7)).join(',') } : {}) });
    return this.service.get(`${path(id)}/features?${query}`, signal);
  }

  findings(id: number, wanted: { severity: string; kind: string }, offset: number, limit: number, signal?: AbortSignal): Promise<Findings> {
    const query = new URLSearchParams({ offset: String(offset), limit: String(limit) });
    if (wanted.severity) query.set('severity', wanted.severity);
    if (wanted.kind) query.set('kind', wanted.kind);
    return this.service.get(`${path(id)}/findings?${query}`, signal);
  }

  differences(id: number, offset: number, limit: number, signal: AbortSignal): Promise<Differences> {
    return this.service.get(`${path(id)}/differences?offset=${offset}&limit=${limit}`, signal);
  }

  private async answered(method: 'PATCH' | 'POST', to: string, body?: unknown): Promise<Import> {
    const answer = await this.service.send<Import>(method, to, body);
    if (!answer) throw new Error(`${method} ${to}: no answer`);
    return answer;
  }
}

function path(id: number): string {
  return `/v1/imports/${id}`;
}
