// Builds the client into dist/: index.html and, under assets/, files whose
// names carry a hash of their content, so that they may be cached for good.
import { build } from 'esbuild';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('.', import.meta.url)));
await rm('dist', { recursive: true, force: true });

/** Bundles one entry point and returns the address it will be served at. */
async function bundle(entry, name, define = {}) {
  const { metafile } = await build({
    entryPoints: { [name]: entry },
    outdir: 'dist/assets',
    entryNames: '[name]-[hash]',
    bundle: true,
    minify: true,
    format: 'esm',
    target: ['chrome100', 'firefox104', 'safari15.4'],
    legalComments: 'eof',
    metafile: true,
    define,
  });
  return `/assets/${basename(Object.keys(metafile.outputs)[0])}`;
}

const worker = await bundle('node_modules/maplibre-gl/dist/maplibre-gl-worker.mjs', 'map-worker');
const script = await bundle('src/main.ts', 'unigrid', { MAP_WORKER: JSON.stringify(worker) });
const style = await bundle('src/style/index.css', 'unigrid');

const page = (await readFile('src/index.html', 'utf8')).replace('%SCRIPT%', script).replace('%STYLE%', style);
await mkdir('dist', { recursive: true });
await writeFile('dist/index.html', page);
