import { midnight } from '../language/time';

// What is searched in the log of changes, as the address says it.

/** The log of the territory, or that of accounts and the system. */
export const LOGS = ['territory', 'system'] as const;
export type Log = (typeof LOGS)[number];

export interface Query {
  log: Log;
  /** Who made the change: a name, or the number of an account. */
  who: string;
  /** Table, or schema. */
  noun: string;
  /** Key of the row. */
  key: string;
  /** Number of the person it is about. */
  person: string;
  /** Days, the last one included. */
  since: string;
  until: string;
  words: string;
  /** Entries before this one; 0: the newest. */
  before: number;
}

export const EVERYTHING: Query = { log: 'territory', who: '', noun: '', key: '', person: '', since: '', until: '', words: '', before: 0 };

const WORDS = ['who', 'noun', 'key', 'person', 'since', 'until', 'words'] as const;

export function parseQuery(query: URLSearchParams): Query {
  const day = (name: string): string => (/^\d{4}-\d\d-\d\d$/.test(query.get(name) ?? '') ? query.get(name)! : '');
  const number = (name: string): string => (/^[1-9]\d{0,14}$/.test(query.get(name) ?? '') ? query.get(name)! : '');
  return {
    log: LOGS.find((log) => log === query.get('log')) ?? 'territory',
    who: query.get('who') ?? '',
    noun: query.get('noun') ?? '',
    key: query.get('key') ?? '',
    person: number('person'),
    since: day('since'),
    until: day('until'),
    words: query.get('words') ?? '',
    before: Number(number('before')),
  };
}

export function formatQuery(wanted: Query, query: URLSearchParams): void {
  if (wanted.log !== 'territory') query.set('log', wanted.log);
  for (const word of WORDS) if (wanted[word]) query.set(word, wanted[word]);
  if (wanted.before) query.set('before', String(wanted.before));
}

/** The request for a page of entries. */
export function pathOf(wanted: Query, limit: number): string {
  const query = new URLSearchParams({ of: wanted.log, limit: String(limit) });
  const set = (name: string, value: string): void => {
    if (value) query.set(name, value);
  };
  set('name', wanted.who);
  set('noun', wanted.noun);
  set('key', wanted.key);
  set('person', wanted.person);
  set('q', wanted.words);
  if (wanted.since) query.set('from', midnight(wanted.since));
  if (wanted.until) query.set('to', midnight(wanted.until, 1));
  if (wanted.before) query.set('before', String(wanted.before));
  return `/v1/audit?${query.toString()}`;
}
