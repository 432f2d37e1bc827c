import { html, nothing, type TemplateResult } from 'lit';
import { Task } from '@lit/task';
import type { components } from '../api-types';
import { number } from '../language/text';
import { Panel } from '../panels/panel';
import { differences, type Field } from './difference';
import { EVERYTHING, pathOf, type Query } from './query';
import { second } from '../language/time';

type Entry = components['schemas']['AuditEntry'];
type Audit = components['schemas']['Audit'];

const PAGE = 50;
/** Fields of an entry that are shown before it is opened. */
const FEW = 6;

/** The log of changes as a table, newest first. */
export class AuditBoard extends Panel {
  private readonly entries = new Task(this, {
    task: async ([path]: readonly [string, string], { signal }) => {
      const found = await this.app.service.get<Audit>(path, signal);
      const scroll = this.querySelector('.scroll');
      if (scroll) scroll.scrollTop = 0;
      return found;
    },
    args: () => [pathOf(this.app.address.audit, PAGE), this.app.address.language] as const,
  });

  protected override render(): unknown {
    const { text } = this;
    return this.outcome(this.entries, ({ entries, next }) => html`
      <div class="scroll" tabindex="0" role="region" aria-label=${text.audit.heading}>
        ${entries.length ? html`<table class="rows differences">
          <thead><tr>${text.audit.columns.map((column) => html`<th scope="col">${column}</th>`)}</tr></thead>
          <tbody>${entries.map((entry) => this.row(entry))}</tbody>
        </table>` : html`<p class="hint empty" role="status">${text.audit.nothing}</p>`}
      </div>
      ${this.pager(next)}`);
  }

  private pager(next: number | undefined): TemplateResult | typeof nothing {
    const { text } = this;
    const { before } = this.app.address.audit;
    if (!next && !before) return nothing;
    return html`<nav class="pager" aria-label=${text.audit.pages}>
      <button type="button" class="plain" ?disabled=${!before} @click=${() => this.go({ before: 0 })}>${text.audit.newest}</button>
      <button type="button" class="plain" ?disabled=${!next} @click=${() => this.go({ before: next ?? 0 })}>${text.audit.older}</button>
    </nav>`;
  }

  private row(entry: Entry): TemplateResult {
    const { text } = this;
    const what = text.audit.nouns[entry.noun] ?? entry.noun;
    return html`<tr data-seq=${entry.seq}>
      <th scope="row" title=${entry.hash}>${number(text, entry.seq)}</th>
      <td>${second(text, entry.at)}</td>
      <td>
        <button type="button" class="link" @click=${() => this.go({ who: entry.account ? String(entry.account) : entry.name })}>${entry.name}</button>
        <small>${text.audit.roles[entry.role] ?? entry.role}${entry.from ? html` · ${entry.from}` : nothing}</small>
      </td>
      <td>
        <em class="op ${tone(entry.op)}">${text.audit.ops[entry.op] ?? entry.op}</em>
        ${entry.key ? html`<button type="button" class="link" title=${text.audit.history} @click=${() => this.go({ noun: entry.noun, key: entry.key })}>${what} ${entry.key}</button>` : what}
        ${entry.rows > 1 ? html` ${text.audit.rows(number(text, entry.rows))}` : nothing}
        <small>${entry.label}${entry.person && entry.noun !== 'people.person' ? html` <button type="button" class="link" @click=${() => this.go({ person: String(entry.person) })}>${text.audit.about(entry.person)}</button>` : nothing}</small>
      </td>
      <td class="fields">${this.fields(entry)}</td>
    </tr>`;
  }

  private fields(entry: Entry): TemplateResult {
    const { text } = this;
    const fields = differences(entry.before, entry.after).filter(({ name, was, is }) => was !== is && name !== 'territory_id' && (name !== 'id' || is !== entry.key && was !== entry.key));
    fields.sort((a, b) => Number(digest(a)) - Number(digest(b)));
    const few = fields.length > FEW + 1 ? FEW : fields.length;
    return html`
      ${entry.erased ? html`<p class="erased">${text.audit.erased}</p>` : nothing}
      ${this.list(fields.slice(0, few))}
      ${few < fields.length ? html`<details><summary>${text.audit.more(number(text, fields.length - few))}</summary>${this.list(fields.slice(few))}</details>` : nothing}`;
  }

  private list(fields: readonly Field[]): TemplateResult {
    const { names } = this.text.audit;
    return html`<dl>${fields.map(({ name, was, is }) => html`<div><dt>${names[name] ?? name}</dt><dd>
      ${was === null ? nothing : html`<span class="was" title=${was}>${this.value(was)}</span>`}
      ${was !== null && is !== null ? ' → ' : nothing}
      ${is === null ? nothing : html`<span class="is" title=${is}>${this.value(is)}</span>`}
    </dd></div>`)}</dl>`;
  }

  /** Periods in the reader's own time, digests by their beginning. */
  private value(value: string): string {
    const period = /^[[(]"?([^",]*)"?,"?([^",)]*)"?\)$/.exec(value);
    if (period) return period.slice(1).map((at) => (at && !at.endsWith('infinity') ? second(this.text, at.replace(' ', 'T').replace(/\+00$/, 'Z')) : '…')).join(' – ');
    return /^[0-9a-f]{64}$/.test(value) ? `${value.slice(0, 12)}…` : value;
  }

  private go(change: Partial<Query>): void {
    const { log } = this.app.address.audit;
    this.app.go({ audit: 'before' in change ? { ...this.app.address.audit, ...change } : { ...EVERYTHING, log, ...change } });
  }
}

function digest({ name }: Field): boolean {
  return /(^|\.)sha256$/.test(name);
}

function tone(op: Entry['op']): string {
  return { insert: 'created', delete: 'retired', truncate: 'retired', forget: 'retired', disclose: 'retired' }[op as string] ?? '';
}

customElements.define('audit-board', AuditBoard);
