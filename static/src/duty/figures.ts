// Requests about duty: figures, the rows behind them, suggestions.
import type { components } from '../api-types';
import type { Figure } from '../address';
import type { Service } from '../service';

type Schemas = components['schemas'];
export type Duty = Schemas['Duty'];
export type Row = Schemas['DutyRows']['rows'][number];
export type DutyCell = Schemas['DutyCell'];
export type Suggestion = Schemas['DutySuggestion'];
export type Role = Schemas['DutyQuestion']['role'];

/** below: code of the cell that is looked at with all below it; null: all that the caller governs. */
export function figures(service: Service, below: string | null, signal: AbortSignal): Promise<Duty> {
  return service.get(`/v1/duty${query({ cell: below })}`, signal);
}

export function rows(service: Service, figure: Figure, below: string | null, limit: number, signal: AbortSignal): Promise<Schemas['DutyRows']> {
  return service.get(`/v1/duty/${figure}${query({ cell: below, limit: String(limit) })}`, signal);
}

export async function suggest(service: Service, below: string | null, role: Role, signal: AbortSignal): Promise<Suggestion> {
  const question = below ? { cell: below, role } : { role };
  const suggestion = await service.send<Suggestion>('POST', '/v1/duty/suggestions', question, signal);
  if (!suggestion) throw new Error('no suggestion');
  return suggestion;
}

/** Makes the changes of a suggestion true, all of them or none. */
export async function accept(service: Service, { role, changes }: Suggestion, reason: string): Promise<void> {
  await service.send('POST', '/v1/duty/suggestions/accept', {
    role,
    reason,
    changes: changes.map(({ cell, to, replaces }) => ({ cell: cell.code, person: to.id, replaces: replaces ?? null })),
  });
}

function query(parameters: Record<string, string | null>): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value !== null) given.set(name, value);
  return given.size ? `?${given.toString()}` : '';
}
