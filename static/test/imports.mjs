// What the tests of importing share.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ask, settled } from './browser.mjs';
import { call } from './draft.mjs';

export const fixture = (name) => fileURLToPath(new URL(`testdata/${name}`, import.meta.url));

/** A file that is there for a test only. */
export async function written(t, name, text) {
  const folder = await mkdtemp(join(tmpdir(), 'unigrid-'));
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, name), text);
  return join(folder, name);
}

/** Undoes and drops what tests left, so that the next finds the demo as it was. */
export async function clear() {
  const { imports } = await ask('/v1/imports');
  for (const { id, file, state } of imports) {
    if (!file.startsWith('示例')) continue;
    if (state === 'applied') await call('POST', `/v1/imports/${id}/undo`);
    await call('DELETE', `/v1/imports/${id}`);
  }
  for (const { name } of (await ask('/v1/import-profiles')).profiles) {
    if (name.startsWith('示例')) await call('DELETE', `/v1/import-profiles/${encodeURIComponent(name)}`);
  }
}

/** Chooses files and waits until the import made of them rests. */
export async function bring(page, ...files) {
  await page.locator('import-sending input[type=file]').setInputFiles(files);
  await page.waitForFunction(() => new URLSearchParams(location.search).get('import'));
  await rested(page);
  return Number(new URL(page.url()).searchParams.get('import'));
}

/** Waits until an import has nothing more to do: until a person says something. */
export async function rested(page, state) {
  await page.waitForFunction((wanted) => {
    const { current, busy } = window.unigrid.app.importer;
    if (!current || busy) return false;
    if (wanted) return current.state === wanted;
    return ['ready', 'applied', 'failed', 'undone'].includes(current.state) || (current.state === 'read' && current.error);
  }, state ?? null);
  await settled(page);
}

/** Does something that makes the service read or check again, and waits until it has. */
export async function changes(page, make) {
  const answered = page.waitForResponse((answer) => answer.request().method() === 'PATCH' && answer.url().includes('/v1/imports/'));
  await make();
  const answer = await answered;
  assert.equal(answer.status(), 202, await answer.text());
  await rested(page);
}

/** Where the features that the map shows lie: west, south, east, north. */
export const extent = (page) => page.evaluate(async () => {
  const { features } = await window.unigrid.map.getSource('import').getData();
  const places = features.map(({ geometry }) => geometry.coordinates);
  const [lon, lat] = [0, 1].map((n) => places.map((place) => place[n]));
  return [Math.min(...lon), Math.min(...lat), Math.max(...lon), Math.max(...lat)];
});

export const section = (page, name) => page.locator(`import-${name}`);
export const tab = (page, name) => page.locator(`#view-${name}`);
