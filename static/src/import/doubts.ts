import { html, nothing } from 'lit';
import { Task } from '@lit/task';
import { number, said } from '../language/text';
import { ImportPanel } from '../panels/panel';
import { open, staged, type Change, type Finding } from './imports';
import { kindName } from './kinds';

/** Kinds that speak of the whole file's encoding, and of its coordinate system. */
export const ENCODING_DOUBTS: readonly string[] = ['encoding-doubt'];
export const CRS_DOUBTS: readonly string[] = [
  'axes-swapped', 'central-meridian', 'datum-suspected', 'far-outside', 'gk-utm-suspected', 'inexact-shift', 'not-degrees', 'null-island', 'other-crs', 'outside-world', 'same-ordinates', 'zone-prefix',
];

interface Doubt {
  kind: string;
  n: number;
  first: Finding;
}

/** What the service finds doubtful of some kinds, with its evidence. */
export class ImportDoubts extends ImportPanel {
  static override properties = { ...ImportPanel.properties, kinds: { attribute: false } };

  declare kinds: readonly string[];

  private readonly doubts = new Task(this, {
    task: async ([id, , kinds]: readonly [number | null, number, readonly string[]], { signal }): Promise<Doubt[]> => {
      const { current } = this.app.importer;
      if (id === null || !current || !staged(current)) return [];
      const { imports } = this.app.importer;
      const all = await imports.findings(id, { severity: '', kind: '' }, 0, 1, signal);
      const present = Object.entries(all.kinds).filter(([kind]) => kinds.includes(kind));
      return (await Promise.all(present.map(async ([kind, n]) => {
        const { findings: [first] } = await imports.findings(id, { severity: '', kind }, 0, 1, signal);
        return first ? [{ kind, n, first }] : [];
      }))).flat();
    },
    args: () => [this.app.address.import, this.app.importer.version, this.kinds] as const,
  });

  protected override render(): unknown {
    const { text } = this;
    const doubts = this.doubts.value ?? [];
    if (!doubts.length) return nothing;
    const { current } = this.app.importer;
    // Some doubts name the system that would do, or that it would do with the axes exchanged.
    const better = ({ kind, value = '' }: Finding): { words: string; change: Change } | null => {
      if (!current || !open(current)) return null;
      const system = value === (current.crs || `EPSG:${current.source.epsg}`) || !/^EPSG:\d{4,6}$/.test(value) ? {} : { crs: value };
      if (kind === 'axes-swapped') return { words: [current.swap_axes ? text.import.swapBack : text.import.swap, system.crs].filter(Boolean).join(' · '), change: { ...system, swap_axes: !current.swap_axes } };
      return system.crs ? { words: `${text.import.crsUse} ${value}`, change: system } : null;
    };
    return html`<ul class="doubts">${doubts.map(({ kind, n, first }) => {
      const use = better(first);
      return html`<li>
        <b>${kindName(text, kind)}</b> ${said(text, first.message, first.message_zh)}
        ${use ? html`<button type="button" class="plain" name="use" ?disabled=${this.app.importer.busy} @click=${() => void this.app.importer.change(use.change)}>${use.words}</button>` : nothing}
        <button type="button" class="link" @click=${() => this.app.importer.look('findings', { kind })}>${text.import.views.findings} ${number(text, n)}</button>
      </li>`;
    })}</ul>`;
  }
}

customElements.define('import-doubts', ImportDoubts);
