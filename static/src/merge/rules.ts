import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { repeat } from 'lit/directives/repeat.js';
import { number, percent } from '../language/text';
import { instant } from '../language/time';
import { choices } from '../panels/choices';
import { BenchPanel, failure } from '../panels/panel';
import { KINDS } from './query';
import type { Foreseen, Rule, Rules } from './requests';
import { layerName, resolution } from './words';

/** A rule that is being edited, with a key that stays when it moves. */
interface Edited {
  key: number;
  rule: Rule;
}

type Condition = NonNullable<Rule['when']>;

/** Conditions that are numbers, and what their inputs count in: shares are written in per cent. */
const NUMBERS = [['max_share_from', '%'], ['max_share_below', '%'], ['width_m_below', 'm'], ['area_m2_below', 'm²'], ['touches_below', ''], ['enterprises_from', '']] as const;
/** Conditions of which one of several words is enough. */
const WORDS = ['within', 'cell_names'] as const;
/** Conditions that are so or not. */
const FACTS = ['pending', 'outside', 'has_own'] as const;

/** In place of the map: the territory's rules, first to last; what they would decide is looked at before they are applied. */
export class RulesBoard extends BenchPanel {
  static override properties = {
    ...BenchPanel.properties, rules: { state: true }, saved: { state: true }, foreseen: { state: true }, problem: { state: true }, busy: { state: true }, done: { state: true },
  };

  declare rules: readonly Edited[];
  /** The rules as the service has them; null: not read yet. */
  declare saved: Rules | null;
  /** What each rule would decide; null: not looked at since the last change. */
  declare foreseen: Foreseen | null;
  declare problem: unknown;
  declare busy: boolean;
  declare done: string;

  private keys = 0;

  constructor() {
    super();
    Object.assign(this, { rules: [], saved: null, foreseen: null, problem: null, busy: false, done: '' });
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.read();
  }

  private get changed(): boolean {
    return JSON.stringify(this.rules.map(({ rule }) => rule)) !== JSON.stringify(this.saved?.rules ?? []);
  }

  protected override render(): TemplateResult {
    const { text, saved, busy, rules } = this;
    const { bench } = this.app;
    const edits = this.app.may('conflicts.settle');
    return html`<div class="scroll boarded" tabindex="0" role="region" aria-label=${text.merge.views.rules}>
      <header class="ruling">
        <div><h2>${text.merge.rules.heading}</h2>
          <p class="hint">${text.merge.rules.hint}</p>
          ${saved ? html`<p class="hint">${saved.saved_at ? text.merge.rules.since(number(text, saved.version), saved.saved_by ?? '', instant(text, saved.saved_at)) : text.merge.rules.example}</p>` : nothing}</div>
        ${edits ? html`<p class="pair">
          <button type="button" class="plain" name="add" ?disabled=${busy || !saved} @click=${() => this.add()}>${text.merge.rules.add}</button>
          <button type="button" class="plain" name="preview" ?disabled=${busy || !saved || !bench.run} @click=${() => void this.preview()}>${text.merge.rules.preview}</button>
          <button type="button" class="plain" name="save" ?disabled=${busy || !this.changed} @click=${() => void this.save()}>${text.merge.rules.save}</button>
          <button type="button" class="main" name="apply" ?disabled=${busy || !bench.decides || this.changed || !this.foreseen || this.foreseen.open === this.foreseen.left} title=${text.merge.rules.applyHint} @click=${() => void this.apply()}>${this.foreseen ? text.merge.rules.applyTo(number(text, this.foreseen.open - this.foreseen.left)) : text.merge.rules.apply}</button>
        </p>` : nothing}
      </header>
      ${this.done ? html`<p class="said" role="status">${this.done}</p>` : nothing}
      ${this.problem ? failure(text, this.problem, () => void this.read()) : nothing}
      ${this.foreseen ? html`<p class="hint" role="status">${text.merge.rules.left(number(text, this.foreseen.open), number(text, this.foreseen.left))}</p>` : nothing}
      ${saved || this.problem ? nothing : html`<p class="loading" role="status">${text.loading}</p>`}
      <ol class="rule-list">${repeat(rules, ({ key }) => key, (edited, n) => this.rule(edited, n, edits))}</ol>
    </div>`;
  }

  private rule({ key, rule }: Edited, n: number, edits: boolean): TemplateResult {
    const { text, stats } = this;
    const foreseen = this.foreseen?.rules[n];
    const { rules } = text.merge;
    return html`<li data-rule=${n + 1}>
      <details>
        <summary>
          <b class="nth">${number(text, n + 1)}</b>
          <span class="sentence"><b>${text.merge.kinds[rule.kind] ?? rule.kind}</b>
            <span>${rule.layer && rule.layer !== '*' ? layerName(text, stats.layers, rule.layer) : text.merge.any.layer}</span>
            ${this.conditions(rule.when ?? {}).map((said) => html`<span>${said}</span>`)}
            <span class="then">→ ${resolution(text, stats.layers, rule.resolution)}</span>
            <small>${text.language === 'en' ? rule.reason.en : rule.reason.zh}</small></span>
          ${foreseen ? html`<span class="foreseen"><b>${number(text, foreseen.decides)}</b><small>${rules.decides}</small><small>${rules.fits(number(text, foreseen.fits))}</small></span>` : nothing}
        </summary>
        ${foreseen?.samples.length ? html`<p class="instances"><small>${rules.samples}</small> ${foreseen.samples.map(({ id, cell }) => html`<button type="button" class="link" @click=${() => this.visit(id)}>${cell?.name ?? id}</button> `)}</p>` : nothing}
        ${edits ? this.form(key, rule, n) : nothing}
      </details>
    </li>`;
  }

  /** Conditions in words. */
  private conditions(when: Condition): string[] {
    const { text } = this;
    const { rules } = text.merge;
    const numbers = NUMBERS.flatMap(([name, unit]) => {
      const value = when[name];
      return value === undefined ? [] : [`${rules.when[name]} ${unit === '%' ? percent(text, value) : `${number(text, value, 1)} ${unit}`.trim()}`];
    });
    const words = WORDS.flatMap((name) => (when[name]?.length ? [`${rules.when[name]} ${when[name].join(rules.or)}`] : []));
    return [...numbers, ...words, ...FACTS.flatMap((name) => (when[name] === undefined ? [] : [when[name] ? rules.facts[name].yes : rules.facts[name].no]))];
  }

  private form(key: number, rule: Rule, n: number): TemplateResult {
    const { text, stats } = this;
    const { rules } = text.merge;
    const set = (change: Partial<Rule>): void => this.set(key, { ...rule, ...change });
    const when = rule.when ?? {};
    const condition = (change: Partial<Record<keyof Condition, number | boolean | string[] | undefined>>): void => {
      const kept = Object.fromEntries(Object.entries({ ...when, ...change }).filter(([, value]) => value !== undefined));
      const { when: _before, ...rest } = rule;
      this.set(key, Object.keys(kept).length ? { ...rest, when: kept as Condition } : rest);
    };
    const ways = waysOf(rule.kind, stats.layers.map(({ layer }) => layer));
    return html`<div class="fields rule-form">
      ${choices('rule-kind', text.merge.filters.kind, '', KINDS.filter((kind) => kind !== 'object-unplaced').map((kind) => [kind, text.merge.kinds[kind] ?? kind] as const), rule.kind, (value) => {
        const kind = KINDS.find((each) => each === value) ?? rule.kind;
        const [first = ''] = waysOf(kind, []);
        set({ kind, resolution: waysOf(kind, stats.layers.map(({ layer }) => layer)).includes(rule.resolution) ? rule.resolution : first });
      })}
      ${choices('rule-layer', text.merge.filters.layer, '', [['*', text.merge.any.layer], ...stats.layers.map((layer) => [layer.layer, this.layerName(layer)] as const)], rule.layer || '*', (layer) => set({ layer }))}
      ${choices('rule-resolution', rules.then, '', ways.map((way) => [way, resolution(text, stats.layers, way)] as const), rule.resolution, (way) => set({ resolution: way }))}
      ${NUMBERS.map(([name, unit]) => html`<label class="field"><span>${rules.when[name]}${unit ? ` (${unit})` : ''}</span>
        <input type="number" name="rule-${name}" min="0" step="any" placeholder=${rules.anyValue} .value=${live(when[name] === undefined ? '' : String(unit === '%' ? +(when[name] * 100).toFixed(4) : when[name]))}
          @change=${(event: Event) => {
            const { value } = event.target as HTMLInputElement;
            condition({ [name]: value === '' ? undefined : unit === '%' ? Number(value) / 100 : Number(value) });
          }} /></label>`)}
      ${WORDS.map((name) => html`<label class="field"><span>${rules.when[name]}</span>
        <input type="text" name="rule-${name}" placeholder=${rules.wordsHint[name]} .value=${live((when[name] ?? []).join(' '))} @change=${(event: Event) => {
          const words = (event.target as HTMLInputElement).value.split(/[\s,、]+/).filter(Boolean);
          condition({ [name]: words.length ? words : undefined });
        }} /></label>`)}
      ${FACTS.map((name) => choices(`rule-${name}`, rules.facts[name].name, '', [['', rules.anyValue], ['yes', rules.facts[name].yes], ['no', rules.facts[name].no]], when[name] === undefined ? '' : when[name] ? 'yes' : 'no', (value) => condition({ [name]: value ? value === 'yes' : undefined })))}
      ${(['zh', 'en'] as const).map((language) => html`<label class="field reason"><span>${rules.reason[language]}</span>
        <input type="text" name="rule-reason-${language}" maxlength="500" .value=${live(rule.reason[language])} @change=${(event: Event) => set({ reason: { ...rule.reason, [language]: (event.target as HTMLInputElement).value.trim() } })} /></label>`)}
      <p class="pair">
        <button type="button" class="plain" name="up" ?disabled=${n === 0} @click=${() => this.move(n, n - 1)}>↑ ${rules.up}</button>
        <button type="button" class="plain" name="down" ?disabled=${n === this.rules.length - 1} @click=${() => this.move(n, n + 1)}>↓ ${rules.down}</button>
        <button type="button" class="plain danger" name="remove" @click=${() => this.change(this.rules.filter((each) => each.key !== key))}>${rules.remove}</button>
      </p>
    </div>`;
  }

  private visit(id: number): void {
    this.app.go({ merge: { ...this.app.address.merge, view: 'conflicts', conflict: id } });
  }

  private add(): void {
    const rule: Rule = { kind: 'boundary-mismatch', layer: '*', when: { width_m_below: 20 }, resolution: 'keep-base-boundary', reason: { zh: '', en: '' } };
    this.change([{ key: this.keys++, rule }, ...this.rules]);
    void this.updateComplete.then(() => {
      const first = this.querySelector<HTMLDetailsElement>('[data-rule="1"] details');
      if (first) first.open = true;
    });
  }

  private move(from: number, to: number): void {
    const rules = [...this.rules];
    rules.splice(to, 0, ...rules.splice(from, 1));
    this.change(rules);
  }

  private set(key: number, rule: Rule): void {
    this.change(this.rules.map((edited) => (edited.key === key ? { key, rule } : edited)));
  }

  private change(rules: readonly Edited[]): void {
    Object.assign(this, { rules, foreseen: null, done: '' });
  }

  private read(): Promise<void> {
    return this.attempt(async () => this.took(await this.app.service.get<Rules>('/v1/merges/rules')));
  }

  private took(saved: Rules): void {
    this.saved = saved;
    this.change(saved.rules.map((rule) => ({ key: this.keys++, rule })));
  }

  private preview(): Promise<void> {
    return this.attempt(async () => {
      const foreseen = await this.app.service.send<Foreseen>('POST', '/v1/merges/rules/preview', { rules: this.rules.map(({ rule }) => rule) });
      this.foreseen = foreseen ?? null;
    });
  }

  private save(): Promise<void> {
    return this.attempt(async () => {
      const { foreseen } = this;
      const saved = await this.app.service.send<Rules>('PUT', '/v1/merges/rules', { rules: this.rules.map(({ rule }) => rule), version: this.saved?.version ?? 0 });
      if (saved) this.took(saved);
      Object.assign(this, { foreseen, done: this.text.merge.rules.savedNow });
    });
  }

  private apply(): Promise<void> {
    return this.attempt(async () => {
      const answer = await this.app.service.send<{ settled: number }>('POST', '/v1/merges/rules/apply', { version: this.saved?.version ?? 0 });
      this.foreseen = null;
      this.done = this.text.merge.rules.appliedNow(number(this.text, answer?.settled ?? 0));
      await this.app.bench.refresh();
    });
  }

  private async attempt(make: () => Promise<void>): Promise<void> {
    Object.assign(this, { busy: true, problem: null, done: '' });
    try {
      await make();
    } catch (problem) {
      this.problem = problem;
    }
    this.busy = false;
  }
}

/** What a rule can do about a kind. */
function waysOf(kind: Rule['kind'], layers: readonly string[]): string[] {
  switch (kind) {
    case 'split': case 'boundary-mismatch': return ['keep-base-boundary', 'adopt-layer-boundary', 'split-leaf'];
    case 'gap': case 'overlap': return ['keep-base-boundary', 'split-leaf', 'interim-accountable'];
    case 'two-accountable': case 'none-accountable': return ['roster-first', 'most-named', 'accept-acting', ...layers.map((layer) => `layer:${layer}`)];
    case 'nested': return ['draw-unit-cells', 'keep-base-boundary'];
    case 'over-capacity': return ['accept-load'];
    case 'code-clash': return ['keep-unified-code'];
    default: return [];
  }
}

customElements.define('rules-board', RulesBoard);
