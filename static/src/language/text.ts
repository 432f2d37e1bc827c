import type { Language } from '../address';
import { en } from './en';
import { zh, type Text } from './zh';

export type { Text };

/** The catalogue of a language. */
export function textOf(language: Language): Text {
  return language === 'en' ? en : zh;
}

/** What the service says in both languages, in the text's own; where that is missing, in the other. */
export function said(text: Text, en: string | undefined, zh: string | undefined): string {
  return (text.language === 'en' ? en || zh : zh || en) ?? '';
}

/** A number with the separators of the text's language. */
export function number(text: Text, value: number, digits = 0): string {
  return new Intl.NumberFormat(text.language, { maximumFractionDigits: digits }).format(value);
}

/** A share of 1 as a percentage; what rounds to nothing is "<0.1 %". */
export function percent(text: Text, share: number): string {
  const format = new Intl.NumberFormat(text.language, { style: 'percent', maximumFractionDigits: 1 });
  return share > 0 && share < 0.001 ? `<${format.format(0.001)}` : format.format(share);
}

/** Square metres as km², hectares or m², whichever reads best. */
export function area(text: Text, m2: number): string {
  if (m2 >= 1e6) return `${number(text, m2 / 1e6, m2 >= 1e8 ? 0 : 2)} km²`;
  if (m2 >= 1e4) return `${number(text, m2 / 1e4, 1)} ha`;
  return `${number(text, m2)} m²`;
}

const BYTES = ['B', 'KB', 'MB', 'GB'] as const;

/** A number of bytes in the unit that reads best. */
export function bytes(text: Text, value: number): string {
  const unit = Math.min(Math.max(Math.floor(Math.log2(Math.max(value, 1)) / 10), 0), BYTES.length - 1);
  return `${number(text, value / 1024 ** unit, unit > 1 ? 1 : 0)} ${BYTES[unit]}`;
}

/** A time to wait in seconds, or minutes where it is long. */
export function duration(text: Text, seconds: number): string {
  return seconds < 90 ? text.import.seconds(number(text, Math.ceil(seconds))) : text.import.minutes(number(text, Math.round(seconds / 60)));
}
