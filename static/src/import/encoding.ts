import { html, nothing } from 'lit';
import { said } from '../language/text';
import { ImportPanel } from '../panels/panel';
import { choices } from '../panels/choices';
import { ENCODING_DOUBTS } from './doubts';
import { open, type Column } from './imports';

const ENCODINGS = ['', 'utf-8', 'gb18030', 'big5', 'latin1'] as const;
/** What stands where bytes are no text of the encoding, or of no script that people write: private use. */
const UNREADABLE = /[\uFFFD\uE000-\uF8FF\u0080-\u009F]/;
const SAMPLES = 6;
/** Formats whose text is Unicode by their own rules: there is nothing to doubt. */
const UNICODE = /^(Excel|GeoPackage|GeoJSON|KML|KMZ|FlatGeobuf)/;

/** In which encoding the file's text is, with what it reads as. */
export class ImportEncoding extends ImportPanel {
  protected override render(): unknown {
    const { text } = this;
    const { importer } = this.app;
    const { current } = importer;
    if (!current?.source.encoding || (UNICODE.test(current.source.format) && !current.encoding)) return nothing;
    const { encoding, source } = current;
    const words = samples(source.columns);
    const doubt = words.some((each) => UNREADABLE.test(each)) || source.columns.some(({ name }) => UNREADABLE.test(name));
    return html`<section>
      <h3>${text.import.encoding}</h3>
      ${choices('encoding', text.import.encoding, '', ENCODINGS.map((each) => [each, text.import.encodings[each] ?? each]), known(encoding), (value) =>
        void importer.change({ encoding: value }), !open(current) || importer.busy)}
      <p class="hint"><b>${source.encoding}</b> · ${said(text, source.encoding_how, source.encoding_how_zh)}</p>
      ${words.length ? html`<p class="sample" aria-label=${text.import.encodingSample}>${words.map((each) => html`<span class=${UNREADABLE.test(each) ? 'broken' : ''}>${each}</span>`)}</p>` : nothing}
      <import-doubts .app=${this.app} .stats=${this.stats} .kinds=${ENCODING_DOUBTS}></import-doubts>
      ${doubt ? html`<p class="why" role="alert">${text.import.encodingDoubt}</p>` : nothing}
    </section>`;
  }
}

function known(encoding: string): string {
  const name = encoding.toLowerCase();
  return name === 'gbk' ? 'gb18030' : ENCODINGS.find((each) => each === name) ?? '';
}

/** Values and headings that aren't plain ASCII: those in which a wrong encoding shows. */
function samples(columns: readonly Column[]): string[] {
  const all = columns.flatMap(({ name, samples: some }) => [name, ...some]);
  return [...new Set(all)].filter((each) => /[^\x20-\x7e]/.test(each)).slice(0, SAMPLES);
}

customElements.define('import-encoding', ImportEncoding);
