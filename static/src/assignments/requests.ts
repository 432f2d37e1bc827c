// What the panels of assignments ask of the service.
import type { components } from '../api-types';
import type { Service } from '../service';

type Schemas = components['schemas'];
export type Assignment = Schemas['Assignment'];
export type Handover = Schemas['Handover'];
export type Leave = Schemas['Leave'];
export type Vacancy = Schemas['Vacancy'];
export type Role = Schemas['Role'];
export type OpenItem = Schemas['OpenItem'];
export type Alarm = Schemas['Alarm'];
export type Moved = Schemas['Moved'];
export type Person = Schemas['Person'];
export type Question = Schemas['Question'];
export type RosterReport = Schemas['RosterReport'];

/** All that is known of a cell's people. */
export interface Staff {
  cell: string;
  roles: Role[];
  assignments: Assignment[];
  handovers: Handover[];
  leaves: Leave[];
  /** Whether the reader may change them. */
  edits: boolean;
}

/** A cell's people; null to whom they are not shown. */
export async function staff(service: Service, cell: string, signal: AbortSignal): Promise<Staff | null> {
  const { may } = await service.get<Schemas['WhoAmI']>('/v1/session', signal);
  if (!may.includes('people.read')) return null;
  const code = encodeURIComponent(cell);
  const [{ roles }, { assignments }, { handovers }, { leaves }] = await Promise.all([
    service.get<Schemas['Roles']>('/v1/roles', signal),
    service.get<Schemas['Assignments']>(`/v1/assignments?cell=${code}`, signal),
    service.get<Schemas['Handovers']>(`/v1/handovers?cell=${code}`, signal),
    service.get<Schemas['Leaves']>('/v1/leaves?when=current', signal),
  ]);
  const holders = new Set(assignments.map(({ person }) => person));
  return { cell, roles, assignments, handovers, leaves: leaves.filter(({ person }) => holders.has(person)), edits: may.includes('assignments.edit') };
}

export function vacancies(service: Service, cell: string, signal: AbortSignal): Promise<Schemas['VacantCells']> {
  return service.get(`/v1/vacancies?limit=50&cell=${encodeURIComponent(cell)}`, signal);
}

/** Open alarms of a cell and all below it. */
export async function alarms(service: Service, cell: string, signal: AbortSignal): Promise<Alarm[]> {
  return (await service.get<Schemas['Alarms']>(`/v1/alarms?cell=${encodeURIComponent(cell)}`, signal)).alarms;
}

/** What a person holds, now or later. */
export async function held(service: Service, person: number, signal: AbortSignal): Promise<Assignment[]> {
  const { assignments } = await service.get<Schemas['Assignments']>(`/v1/assignments?limit=1000&person=${person}`, signal);
  return assignments.filter(({ to }) => !to || Date.parse(to) > Date.now());
}

/** What is open in a cell and below it. */
export function openIn(service: Service, cell: string): Promise<Schemas['OpenWork']> {
  return service.get(`/v1/cells/${encodeURIComponent(cell)}/open-work`);
}

/** Hands over all that a person holds; a preview changes nothing. */
export async function move(service: Service, wanted: Schemas['NewMove'], preview: boolean): Promise<Moved[]> {
  return (await service.send<Schemas['Moves']>('POST', `/v1/handovers?preview=${preview}`, wanted))?.moved ?? [];
}

/** What could not be decided about a cell and those below it when cells were split or merged. */
export function questions(service: Service, cell: string, signal: AbortSignal): Promise<Schemas['Questions']> {
  return service.get(`/v1/questions?limit=200&cell=${encodeURIComponent(cell)}`, signal);
}

export async function people(service: Service, words: string, signal: AbortSignal): Promise<Person[]> {
  return (await service.get<Schemas['People']>(`/v1/people?limit=12&q=${encodeURIComponent(words)}`, signal)).people;
}

/** Sends a roster; a preview changes nothing. */
export function roster(service: Service, cell: string, at: string, file: File, preview: boolean): Promise<RosterReport> {
  return service.put<RosterReport>(`/v1/rosters?cell=${encodeURIComponent(cell)}&at=${encodeURIComponent(at)}&preview=${preview}`, file,
    'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet');
}
