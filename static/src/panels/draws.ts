import { html, nothing, type TemplateResult } from 'lit';
import type { Position } from 'geojson';
import { base, type Draw } from '../edit/draft';
import { EditorPanel } from './panel';

const METHODS = ['balanced', 'nearest', 'split'] as const;
type Method = (typeof METHODS)[number];
const LOADS = ['area', 'enterprises', 'monitors'] as const;

/** A form for drawing all cells below one at once; the preview is shown on the map before it is stored. */
export class DrawsPanel extends EditorPanel {
  static override properties = {
    ...EditorPanel.properties,
    method: { state: true },
    points: { state: true },
    lines: { state: true },
    wrong: { state: true },
  };

  declare method: Method;
  /** Posts as they are written, one a line. */
  declare points: string;
  declare lines: string;
  /** The first line that can't be read. */
  declare wrong: number | null;

  constructor() {
    super();
    this.method = 'balanced';
    this.points = '';
    this.lines = '';
    this.wrong = null;
  }

  protected override render(): unknown {
    const { text, method } = this;
    const { editor } = this.app;
    const { parent, cells } = editor;
    if (!parent) return nothing;
    return html`<form class="draws" @submit=${this.submit}>
      <p class="hint">${text.draws.hint(parent.properties.name)}</p>
      <fieldset class="choice">
        <legend>${text.draws.method}</legend>
        ${METHODS.map((each) => html`<label><input type="radio" name="method" value=${each} .checked=${each === method} @change=${() => (this.method = each)} /><span>${text.draws.methods[each]}</span></label>`)}
      </fieldset>
      <p class="hint">${text.draws.methodHints[method]}</p>
      ${method === 'balanced' ? this.balanced(parent.properties.tier) : method === 'nearest' ? this.nearest() : this.cut()}
      ${cells.length ? html`
        <label class="check"><input type="checkbox" name="replace" /><span>${text.draws.replace}</span></label>
        <label class="check"><input type="checkbox" name="keep_locked" checked /><span>${text.draws.keepLocked}</span></label>` : nothing}
      <button type="submit" class="plain wide" ?disabled=${editor.busy !== null}>${text.draws.preview}</button>
    </form>`;
  }

  private balanced(tier: number): TemplateResult {
    const { text } = this;
    const deeper = this.stats.tiers.filter((each) => each.tier > tier);
    return html`
      <label class="field"><span>${text.draws.into}</span><input type="number" name="into" min="2" max="10000" value="4" required /></label>
      <fieldset class="weights">
        <legend>${text.draws.load}</legend>
        ${LOADS.map((load) => html`<label class="field"><span>${text.draws.loads[load]}</span><input type="number" name="load-${load}" min="0" max="100" step="0.1" value=${load === 'area' ? 1 : 0} /></label>`)}
      </fieldset>
      <label class="check"><input type="checkbox" name="barriers" checked /><span>${text.draws.barriers}</span></label>
      <label class="field"><span>${text.draws.atoms}</span><select name="atoms">
        <option value="">${text.draws.atomsNone}</option>
        ${deeper.map((each) => html`<option value=${each.tier}>${text.tier(each.tier)}</option>`)}
      </select></label>
      <label class="field"><span>${text.draws.seed}</span><input type="number" name="seed" min="0" step="1" value="1" /></label>`;
  }

  private nearest(): TemplateResult {
    const { text } = this;
    return html`<label class="field tall"><span>${text.draws.points}</span>
        <textarea name="points" rows="5" spellcheck="false" .value=${this.points} @input=${(event: Event) => (this.points = (event.target as HTMLTextAreaElement).value)}></textarea></label>
      <p class="hint">${text.draws.pointsHint}</p>
      ${this.complaint()}
      <button type="button" class="plain" @click=${this.here}>${text.draws.pointsMap}</button>`;
  }

  private cut(): TemplateResult {
    const { text } = this;
    return html`<label class="field tall"><span>${text.draws.lines}</span>
        <textarea name="lines" rows="4" spellcheck="false" .value=${this.lines} @input=${(event: Event) => (this.lines = (event.target as HTMLTextAreaElement).value)}></textarea></label>
      <p class="hint">${text.draws.linesHint}</p>
      ${this.complaint()}`;
  }

  private complaint(): unknown {
    return this.wrong === null ? nothing : html`<p class="warn" role="alert">${this.text.draws.pointsWrong(this.wrong)}</p>`;
  }

  /** Adds a post where the map looks. */
  private here(): void {
    const { camera } = this.app.address;
    if (!camera) return;
    const lines = this.points.split('\n').filter((line) => line.trim());
    this.points = [...lines, `${this.text.draws.points}${lines.length + 1}, ${camera.lon.toFixed(7)}, ${camera.lat.toFixed(7)}`].join('\n');
  }

  private submit(event: SubmitEvent): void {
    event.preventDefault();
    const draw = this.draw(new FormData(event.target as HTMLFormElement));
    if (draw) void this.app.editor.propose(draw);
  }

  /** What the form says; null when a line can't be read. */
  private draw(form: FormData): Draw | null {
    const { parent } = this.app.editor;
    if (!parent) return null;
    const { method } = this;
    const number = (name: string): number => Number(form.get(name) ?? 0);
    const common: Draw = {
      parent: base(parent),
      method,
      ...(form.get('replace') ? { replace: true } : {}),
      ...(form.get('keep_locked') ? { keep_locked: true } : {}),
    };
    this.wrong = null;
    if (method === 'balanced') {
      const load = Object.fromEntries(LOADS.map((each) => [each, number(`load-${each}`)] as const).filter(([, weight]) => weight > 0));
      return {
        ...common,
        into: number('into'),
        load,
        barriers: form.get('barriers') !== null,
        seed: number('seed'),
        ...(form.get('atoms') ? { atoms: number('atoms') } : {}),
      };
    }
    if (method === 'nearest') {
      const features = this.read(this.points, post);
      return features && { ...common, points: { type: 'FeatureCollection', features } };
    }
    const features = this.read(this.lines, line);
    return features && { ...common, lines: { type: 'FeatureCollection', features } };
  }

  /** What is written, line by line; null when a line can't be read, which is noted then. */
  private read<T>(written: string, parse: (line: string) => T | null): T[] | null {
    const lines = written.split('\n').filter((each) => each.trim());
    const found = lines.flatMap((each) => parse(each) ?? []);
    if (found.length && found.length === lines.length) return found;
    this.wrong = lines.findIndex((each) => parse(each) === null) + 1 || 1;
    return null;
  }
}

/** "name, longitude, latitude". */
function post(written: string): NonNullable<Draw['points']>['features'][number] | null {
  const [name = '', ...place] = written.split(/[,,\t]/).map((part) => part.trim());
  const at = numbers(place);
  return name && at ? { type: 'Feature', geometry: { type: 'Point', coordinates: at }, properties: { name } } : null;
}

/** "lon lat, lon lat, …". */
function line(written: string): NonNullable<Draw['lines']>['features'][number] | null {
  const places = written.split(/[,,;;]/).map((part) => numbers(part.trim().split(/\s+/)));
  const coordinates = places.filter((place): place is Position => place !== null);
  if (coordinates.length < 2 || coordinates.length < places.length) return null;
  return { type: 'Feature', geometry: { type: 'LineString', coordinates }, properties: null };
}

function numbers(parts: string[]): Position | null {
  const found = parts.map(Number);
  return parts.length === 2 && parts.every(Boolean) && found.every(Number.isFinite) ? found : null;
}

customElements.define('draws-panel', DrawsPanel);
