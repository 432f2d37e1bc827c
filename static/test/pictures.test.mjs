// Pictures for people to look at, in out/: city, county, village, layers, editing, draws, the draft's steps,
// two editions compared, an import looked at, a download chosen, each in both languages.
import assert from 'node:assert/strict';
import { mkdir, stat } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ask, launch, leaf, open, settled } from './browser.mjs';
import { bring, clear, fixture, tab } from './imports.mjs';
import { apply, call, card, discard, neighbours, rested, row, township } from './draft.mjs';

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

/** The views of a draft in which two cells were merged and one was renamed. */
async function drafted() {
  await discard();
  const town = await township();
  const { one, other } = neighbours(town.cells);
  const spare = town.cells.find((cell) => cell !== one && cell !== other);
  const base = ({ properties: { uid, etag } }) => ({ uid, etag });
  for (const edit of [{ op: 'merge', cells: [one, other].map(base) }, { op: 'rename', cell: base(spare), name: '示例新名社区' }]) {
    assert.equal((await call('POST', '/v1/draft/edits', edit)).status, 201);
  }
  const { in_force } = await ask('/v1/editions');
  return {
    spare,
    views: {
      edit: `mode=edit&parent=${town.code}`,
      draws: `mode=edit&part=draws&parent=${town.code}`,
      steps: `mode=edit&part=steps&parent=${town.code}`,
      compare: `mode=compare&from=${in_force}&to=draft`,
    },
  };
}

for (const language of ['zh', 'en']) {
  test(`pictures of a draft in ${language}`, async (t) => {
    t.after(discard);
    const { spare, views: all } = await drafted();
    for (const [name, view] of Object.entries(all)) {
      const page = await open(t, browser, `/?lang=${language}&layers=&${view}`, { viewport: { width: 1600, height: 1000 } });
      if (name === 'compare') await page.waitForFunction(() => window.unigrid.maps.length === 2 && window.unigrid.maps.every((map) => map.isStyleLoaded()));
      else await rested(page);
      if (name === 'edit') await row(page, spare).click();
      if (name === 'draws') {
        await page.locator('[name=replace]').check();
        await page.locator('form.draws [type=submit]').click();
        await card(page).locator('.quality').waitFor();
        await page.waitForFunction(() => !window.unigrid.app.editor.busy);
        assert.ok(await apply(page).isEnabled());
      }
      await settled(page);
      const path = `${out}${name}.${language}.png`;
      await page.screenshot({ path });
      assert.ok((await stat(path)).size > 20_000);
    }
  });
}

for (const language of ['zh', 'en']) {
  test(`pictures of an import in ${language}`, async (t) => {
    t.after(clear);
    await clear();
    const page = await open(t, browser, `/?lang=${language}&mode=import`, { viewport: { width: 1600, height: 1000 } });
    const shoot = async (name) => {
      await settled(page);
      const path = `${out}${name}.${language}.png`;
      await page.screenshot({ path });
      assert.ok((await stat(path)).size > 20_000);
    };
    await shoot('imports');
    await bring(page, fixture('示例污染源.zip'));
    await shoot('import-system');
    await page.locator('[data-mode=read]').click();
    await page.locator('[data-mode=import]').click();
    await bring(page, fixture('示例无坐标企业.xlsx'));
    await tab(page, 'findings').click();
    await page.locator('.findings button').first().click();
    await page.locator('import-problem [name=answer]').first().waitFor();
    await shoot('import-question');
    await page.locator('[data-mode=read]').click();
    await page.getByRole('button', { name: /^(下载|Download)$/ }).click();
    await page.locator('dialog.export [name=format]').waitFor();
    await shoot('export');
  });
}
