import { html, nothing, svg, type TemplateResult } from 'lit';
import type { MultiPolygon } from 'geojson';
import type { Cell } from '../edit/draft';
import { bounds } from '../map/edge';
import { area } from '../language/text';
import { EditorPanel } from './panel';

const SIZE = 150;

type Box = readonly [number, number, number, number];

/** Two planners changed the same cell: both versions side by side, and a choice. */
export class ClashCard extends EditorPanel {
  protected override render(): unknown {
    const { text } = this;
    const { editor } = this.app;
    const { clash } = editor;
    if (!clash) return nothing;
    const mine = clash.mine?.features.features.filter(({ properties }) => properties.uid !== editor.parent?.properties.uid) ?? [];
    const theirs = clash.conflicts.flatMap(({ current }) => (current ? [current] : []));
    const basis = clash.basis.filter(({ properties }) => clash.conflicts.some(({ uid }) => uid === properties.uid));
    const all = [...mine, ...theirs, ...basis];
    const box = frame(all.map(({ geometry }) => geometry));
    return html`<article class="clash" role="alertdialog" aria-label=${text.clash.heading}>
      <h2>${text.clash.heading}</h2>
      <p class="hint">${text.clash.hint}</p>
      <div class="versions">
        ${this.version('mine', text.clash.mine, mine.length ? mine : basis, basis, box)}
        ${this.version('theirs', text.clash.theirs, theirs, basis, box)}
      </div>
      ${clash.conflicts.filter(({ current }) => !current).map(({ code }) => html`<p class="warn"><code>${code}</code> ${text.clash.gone}</p>`)}
      <p class="pair">
        <button type="button" class="main" @click=${() => editor.yield(false)}>${text.clash.take}</button>
        <button type="button" class="plain" @click=${() => editor.yield(true)}>${text.clash.again}</button>
      </p>
    </article>`;
  }

  private version(whose: string, title: string, cells: readonly Cell[], basis: readonly Cell[], box: Box): TemplateResult {
    const { text } = this;
    const { stroke } = this.app.editor;
    return html`<section class=${whose}>
      <h3>${title}</h3>
      <svg viewBox="0 0 ${SIZE} ${SIZE}" role="img" aria-label=${title}>
        ${cells.map(({ geometry }, n) => svg`<path class="now n${n % 3}" d=${path(geometry, box)} fill-rule="evenodd" />`)}
        ${basis.map(({ geometry }) => svg`<path class="before" d=${path(geometry, box)} />`)}
        ${whose === 'mine' && stroke?.type === 'LineString' ? svg`<path class="stroke" d=${path({ coordinates: [[stroke.coordinates]] }, box, '')} />` : nothing}
      </svg>
      <ul>${cells.map(({ properties }) => html`<li><b>${properties.name}</b><code>${properties.code}</code><small>${area(text, properties.area_m2)}</small></li>`)}</ul>
    </section>`;
  }
}

function frame(shapes: readonly MultiPolygon[]): Box {
  const boxes = shapes.map(bounds);
  return [
    Math.min(...boxes.map(([west]) => west)), Math.min(...boxes.map(([, south]) => south)),
    Math.max(...boxes.map(([, , east]) => east)), Math.max(...boxes.map(([, , , north]) => north)),
  ];
}

/** A shape as SVG path data, drawn as the map would, in a square of SIZE. */
function path({ coordinates }: Pick<MultiPolygon, 'coordinates'>, [west, south, east, north]: Box, close = 'Z'): string {
  const narrower = Math.cos((((south + north) / 2) * Math.PI) / 180);
  const scale = (SIZE - 8) / Math.max((east - west) * narrower, north - south);
  const x = (lon: number): string => (SIZE / 2 + (lon - (west + east) / 2) * narrower * scale).toFixed(1);
  const y = (lat: number): string => (SIZE / 2 - (lat - (south + north) / 2) * scale).toFixed(1);
  return coordinates.flat().map((ring) => `M${ring.map(([lon = 0, lat = 0]) => `${x(lon)} ${y(lat)}`).join('L')}${close}`).join('');
}

customElements.define('clash-card', ClashCard);
