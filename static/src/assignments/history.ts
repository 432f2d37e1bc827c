// What was held and handed over, as cells and persons show it alike.
import { html, nothing, type TemplateResult } from 'lit';
import { number, type Text } from '../language/text';
import type { Handover, OpenItem } from './requests';
import { day } from '../language/time';

const DAY_MS = 86_400_000;
const LONGEST_MS = 20 * 365 * DAY_MS;

/** A time in which something was held; to null: for good. */
export interface Term {
  what: TemplateResult;
  from: string;
  to: string | null;
}

/** A bar for each term, from the first that began to a year from now. */
export function timeline(text: Text, list: readonly Term[]): TemplateResult {
  const end = Date.now() + 365 * DAY_MS;
  const begin = Math.min(...list.map(({ from }) => Math.max(Date.parse(from), end - LONGEST_MS)));
  const part = (at: number): number => ((Math.min(Math.max(at, begin), end) - begin) / (end - begin)) * 100;
  return html`<ol class="terms">${list.map(({ what, from, to }) => {
    const left = part(Date.parse(from));
    const right = to ? part(Date.parse(to)) : 100;
    return html`<li><span>${what} <small>${text.staff.since(day(text, from))} ${to ? text.staff.until(day(text, to)) : nothing}</small></span>
      <i style="margin-left:${left}%;width:${Math.max(right - left, 1)}%"></i></li>`;
  })}</ol>`;
}

/** How much is open, kind by kind. */
export function openWork(text: Text, items: readonly OpenItem[]): string {
  const kinds = new Map<string, number>();
  for (const { kind, count } of items) kinds.set(kind, (kinds.get(kind) ?? 0) + (count ?? 1));
  return [...kinds].map(([kind, count]) => `${text.staff.items[kind] ?? kind} ${number(text, count)}`).join(' · ');
}

/** One handover with what was open then. */
export function handover(text: Text, one: Handover, where = false): TemplateResult {
  return html`<li>${day(text, one.at)} ${where ? `${one.cell_name} ` : nothing}${one.from_name} → ${one.to_name} ${one.note}
    ${one.open_work.length ? html`<small>${text.staff.openWork(one.open_work.length)}: ${openWork(text, one.open_work)}</small>` : nothing}</li>`;
}
