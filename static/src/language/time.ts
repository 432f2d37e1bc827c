import type { Text } from './text';

/**
 * Times are read and entered as the office's clocks have them, wherever the reader
 * is: a legal time limit ends at midnight there, and the papers say the same.
 */
const ZONE = { timeZone: 'Asia/Shanghai' } as const;
const OFFSET = '+08:00';

/** An instant in words. */
export function instant(text: Text, value: string): string {
  return new Intl.DateTimeFormat(text.language, { dateStyle: 'long', timeStyle: 'short', ...ZONE }).format(new Date(value));
}

/** The day of an instant, in words. */
export function day(text: Text, value: string): string {
  return new Intl.DateTimeFormat(text.language, { dateStyle: 'medium', ...ZONE }).format(new Date(value));
}

/** An instant to the second, for what follows one another closely. */
export function second(text: Text, value: string): string {
  return new Intl.DateTimeFormat(text.language, { dateStyle: 'short', timeStyle: 'medium', hourCycle: 'h23', ...ZONE }).format(new Date(value));
}

/** The instant that a field of date and time has. */
export function entered(field: string): string {
  return new Date(field + OFFSET).toISOString();
}

/** When a day (YYYY-MM-DD) begins, or some days later. */
export function midnight(date: string, later = 0): string {
  const at = new Date(`${date}T00:00:00${OFFSET}`);
  at.setUTCDate(at.getUTCDate() + later);
  return at.toISOString();
}
