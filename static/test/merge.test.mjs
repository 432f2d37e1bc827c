import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, ask, launch, open, rendered, settled } from './browser.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const rows = (page) => page.locator('merge-list [data-conflict]');
const card = (page) => page.locator('merge-card article');
const bench = (page, read) => page.evaluate(`(() => { const { bench } = window.unigrid.app; return ${read}; })()`);

/** Waits until the workbench has read all it shows. */
export async function worked(page) {
  await page.waitForFunction(() => {
    const { bench, address } = window.unigrid.app;
    return bench.known && !bench.loading && !bench.busy && (address.merge.conflict === null || bench.open?.id === address.merge.conflict);
  });
  await settled(page);
}

test('conflicts are counted, filtered, sorted and read page by page, and a link says which', async (t) => {
  const page = await open(t, browser, '/?lang=zh');
  await page.locator('[data-mode=merge]').click();
  await worked(page);
  const run = await ask('/v1/merges/current');
  const said = await page.locator('merge-progress').textContent();
  assert.ok(said.includes(`已解决 ${run.settled.toLocaleString('zh')}/${run.total.toLocaleString('zh')}`), said);
  assert.equal(await rows(page).count(), 100);
  await page.getByRole('button', { name: '继续显示' }).click();
  await page.waitForFunction(() => document.querySelectorAll('merge-list [data-conflict]').length === 200);
  await page.locator('.by-kind summary').click();
  await page.locator('[name=kind-overlap]').click();
  await worked(page);
  const { matched } = await ask('/v1/conflicts?kind=overlap&limit=1');
  assert.ok(matched > 0);
  assert.equal(await rows(page).count(), matched);
  await page.locator('[name=kind]').selectOption('split');
  await page.locator('[name=sort]').selectOption('area');
  await worked(page);
  const { conflicts } = await ask('/v1/conflicts?kind=split&sort=area&limit=100');
  assert.deepEqual(await rows(page).evaluateAll((all) => all.map((row) => Number(row.dataset.conflict))), conflicts.map(({ id }) => id));
  const { layer } = conflicts[0];
  await page.locator('merge-list [name=layer]').selectOption(layer);
  await worked(page);
  assert.equal(await bench(page, 'bench.matched'), (await ask(`/v1/conflicts?kind=split&layer=${layer}&limit=1`)).matched);
  const link = new URL(page.url());
  assert.deepEqual([link.searchParams.get('kind'), link.searchParams.get('layer'), link.searchParams.get('sort')], ['split', layer, 'area']);
  const again = await open(t, browser, link.pathname + link.search);
  await worked(again);
  assert.equal(await rows(again).first().getAttribute('data-conflict'), await rows(page).first().getAttribute('data-conflict'));
});

test('a conflict is drawn on the map with its evidence; keys lead through the list', async (t) => {
  const page = await open(t, browser, '/?lang=zh&mode=merge&kind=split&sort=width');
  await worked(page);
  await page.keyboard.press('j');
  await worked(page);
  const first = await bench(page, 'bench.open');
  assert.equal(first.id, Number(await rows(page).first().getAttribute('data-conflict')));
  for (const layer of ['conflict-ground', 'conflict-cell', 'conflict-claimant']) {
    assert.ok((await page.evaluate((id) => window.unigrid.map.queryRenderedFeatures({ layers: [id] }).length, layer)) > 0, layer);
  }
  const text = await card(page).textContent();
  for (const said of [first.cell.name, first.cell.code, first.reason.zh, ...first.detail.cells.map(({ code }) => code)]) assert.ok(text.includes(said), said);
  assert.equal(await card(page).getByRole('radio').count(), first.alternatives.length);
  await page.keyboard.press('j');
  await worked(page);
  assert.notEqual(await bench(page, 'bench.open.id'), first.id);
  await page.keyboard.press('k');
  await worked(page);
  assert.equal(await bench(page, 'bench.open.id'), first.id);
  await page.keyboard.press('?');
  assert.ok(await card(page).getByText('采纳建议').first().isVisible());
  assert.ok(await card(page).locator('.help').isVisible());
  await page.keyboard.press('Escape');
  assert.equal(await card(page).count(), 0);
});

test('layers lie over another as strongly as wanted, beside what one side alone shows', async (t) => {
  const { layers } = await ask('/v1/stats');
  const [{ layer }] = layers;
  const page = await open(t, browser, `/?lang=zh&mode=merge&layers=${layers.map((each) => each.layer).join(',')}`);
  await worked(page);
  const strength = () => page.evaluate((id) => window.unigrid.map.getPaintProperty(id, 'fill-opacity'), `${layer}-hatch`);
  const before = await strength();
  const slider = page.locator(`[name=blend-${layer}]`);
  await slider.press('End');
  assert.ok((await strength()) > before);
  assert.equal(new URL(page.url()).searchParams.get('blend'), `${layer}.100`);
  await slider.press('Home');
  assert.equal(await strength(), 0);
  await page.locator('[name=left]').selectOption('unified');
  await page.waitForFunction(() => window.unigrid.maps.length === 2 && window.unigrid.maps[1].isStyleLoaded());
  await settled(page);
  assert.equal((await rendered(page, `${layers[1].layer}-line`)).length, 0);
  await page.waitForFunction((id) => window.unigrid.maps[1].queryRenderedFeatures({ layers: [id] }).length > 0, `${layers[1].layer}-line`);
  assert.ok(await page.getByRole('slider', { name: '左右拖动' }).isVisible());
  await page.locator('[name=left]').selectOption('');
  await page.waitForFunction(() => window.unigrid.maps.length === 1);
  await page.locator('[data-mode=read]').click();
  await settled(page);
  assert.ok((await rendered(page, `${layers[1].layer}-line`)).length > 0);
});

test('who may not decide can read; who may not read is not offered it', async (t) => {
  const reader = await open(t, browser, '/?lang=zh&mode=merge', { role: 'department' });
  await worked(reader);
  await rows(reader).first().locator('button').click();
  await worked(reader);
  assert.equal(await reader.locator('.deciding').count(), 0);
  assert.equal(await reader.locator('[name=merge]').count(), 0);
  const stranger = await open(t, browser, '/?lang=zh&mode=merge', { role: null });
  assert.equal(await stranger.locator('merge-panel').count(), 0);
  assert.equal(await stranger.locator('[data-mode=merge]').count(), 0);
});

test('the workbench is accessible, by the rules of WCAG 2 A and AA, and usable on small screens', async (t) => {
  for (const language of ['zh', 'en']) {
    const page = await open(t, browser, `/?lang=${language}&mode=merge&kind=split`, { bypassCSP: true });
    await worked(page);
    await rows(page).first().locator('button').click();
    await worked(page);
    await accessible(page, language);
    for (const [width, height] of [[1024, 768], [390, 844]]) {
      await page.setViewportSize({ width, height });
      await settled(page);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width);
    }
  }
});
