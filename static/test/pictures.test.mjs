// Pictures for people to look at, in out/: city, county, village, layers, each in both languages.
import assert from 'node:assert/strict';
import { mkdir, stat } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ask, launch, leaf, open, settled } from './browser.mjs';

const out = fileURLToPath(new URL('out/', import.meta.url));

let browser;
before(async () => {
  await mkdir(out, { recursive: true });
  browser = await launch();
});
after(() => browser.close());

async function views() {
  const { territory, layers } = await ask('/v1/stats');
  const { children } = await ask(`/v1/cells/${territory.code}/summary`);
  const { cell: village, chain } = await leaf(() => true);
  const county = chain.find(({ tier }) => tier === 2) ?? children[0];
  const counties = await Promise.all(children.map(async ({ code }) => (await ask(`/v1/cells/${code}/summary`)).cell));
  const { lon, lat } = counties.reduce((a, b) => (a.area_m2 > b.area_m2 ? a : b)).label;
  return {
    city: 'room=overview',
    county: `room=layers&cell=${county.code}`,
    village: `cell=${village.code}`,
    layers: `room=layers&layers=${layers.map(({ layer }) => layer).join(',')}#10.2/${lat.toFixed(5)}/${lon.toFixed(5)}`,
  };
}

for (const language of ['zh', 'en']) {
  test(`pictures in ${language}`, async (t) => {
    for (const [name, view] of Object.entries(await views())) {
      const page = await open(t, browser, `/?lang=${language}&${view}`, { viewport: { width: 1600, height: 1000 } });
      await settled(page);
      const path = `${out}${name}.${language}.png`;
      await page.screenshot({ path });
      assert.ok((await stat(path)).size > 20_000);
    }
  });
}
