import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, ask, clickAt, launch, leaf, look, open, rendered, settled } from './browser.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const SAID = {
  zh: ['网格界线仅用于监管责任划分,不作为行政区域界线和土地权属依据', '演示数据·非真实人员和企业', '示意边界,非测绘成果'],
  en: [
    'Grid lines divide supervision duties only; they are not administrative boundaries or evidence of land rights',
    'Demo data: no real people or firms',
    'Sketched boundaries, not surveyed',
  ],
};

test('switches language, and says in both what its lines mean and that it is a demo', async (t) => {
  const page = await open(t, browser, '/');
  for (const [language, next] of [['zh', 'English'], ['en', '中文']]) {
    assert.equal(await page.locator('html').getAttribute('lang'), language);
    for (const text of SAID[language]) assert.ok(await page.getByText(text).isVisible(), text);
    await page.getByRole('button', { name: next }).click();
    await settled(page);
  }
  assert.equal(new URL(page.url()).searchParams.get('lang'), 'zh');
});

test('shows the figures of the territory', async (t) => {
  const page = await open(t, browser, '/?lang=en');
  const { tiers, edition, territory } = await ask('/v1/stats');
  const cells = await page.locator('.tiers tr:not(.bar) td:nth-child(2)').allTextContents();
  assert.deepEqual(cells, tiers.map((tier) => tier.cells.toLocaleString('en')));
  assert.ok(await page.getByRole('heading', { level: 1 }).filter({ hasText: territory.name }).isVisible());
  assert.equal(await page.locator('.title .seal').textContent(), `Ed. ${edition}`);
});

test('tiers come with the zoom', async (t) => {
  const { cell } = await leaf(() => true);
  const page = await open(t, browser, '/?lang=zh');
  assert.ok((await rendered(page, 'names-2')).length > 0);
  assert.equal((await rendered(page, 'lines-4')).length, 0);
  await look(page, cell.label, 9.4);
  assert.ok((await rendered(page, 'names-3')).length > 0);
  assert.equal((await rendered(page, 'lines-4')).length, 0);
  await look(page, cell.label, 12);
  assert.ok((await rendered(page, 'lines-4')).includes(cell.code));
  assert.ok((await rendered(page, 'names-4')).length > 0);
});

test('layer switches change what the map shows and its legend', async (t) => {
  const { layers } = await ask('/v1/stats');
  assert.equal(layers.length, 4);
  const page = await open(t, browser, '/?lang=zh&room=layers&layers=');
  for (const { layer, name } of layers) {
    assert.equal((await rendered(page, `${layer}-line`)).length, 0);
    await page.getByRole('switch', { name: name.zh }).check();
    await settled(page);
    assert.ok((await rendered(page, `${layer}-line`)).length > 0, layer);
    assert.ok((await rendered(page, `${layer}-hatch`)).length > 0, layer);
    assert.ok(await page.locator('map-legend').getByText(name.zh).isVisible());
    await page.getByRole('switch', { name: name.zh }).uncheck();
    await settled(page);
    assert.equal((await rendered(page, `${layer}-line`)).length, 0);
  }
  const { features } = await ask('/collections/enterprises/items?limit=50');
  // Tiles end at the territory's edge.
  const enterprise = features.find(({ geometry, properties }) => geometry?.type === 'Point' && properties.cell);
  const [lon, lat] = enterprise.geometry.coordinates;
  await look(page, { lon, lat }, 13);
  assert.equal((await rendered(page, 'enterprise-symbol')).length, 0);
  await page.getByRole('switch', { name: '企业' }).check();
  await settled(page);
  assert.ok((await rendered(page, 'enterprise-symbol')).includes(enterprise.properties.code));
});

test('a link restores the view; back and forward go through it', async (t) => {
  const { cell } = await leaf(() => true);
  const { layers } = await ask('/v1/stats');
  const link = `/?lang=en&room=layers&cell=${cell.code}&layers=${layers[0].layer},monitor#12.50/${cell.label.lat.toFixed(5)}/${cell.label.lon.toFixed(5)}`;
  const page = await open(t, browser, link);
  const view = async () => ({
    zoom: await page.evaluate(() => window.unigrid.map.getZoom()),
    language: await page.locator('html').getAttribute('lang'),
    cell: (await page.locator('cells-panel h2').count()) ? await page.locator('cells-panel h2').textContent() : null,
    switches: await page.getByRole('switch', { checked: true }).count(),
    room: await page.getByRole('tab', { selected: true }).getAttribute('id'),
  });
  const first = await view();
  assert.deepEqual(first, { zoom: 12.5, language: 'en', cell: cell.name, switches: 2, room: 'tab-layers' });
  assert.ok((await rendered(page, 'selected-line')).length > 0);
  await page.locator('cells-panel .close').click();
  await look(page, cell.label, 11);
  await page.goBack();
  await settled(page);
  assert.deepEqual(await view(), first);
  await page.goForward();
  await settled(page);
  assert.deepEqual(await view(), { ...first, zoom: 11, cell: null });
});

test('on a phone the panel is a sheet from below', async (t) => {
  const { cell } = await leaf(() => true);
  const page = await open(t, browser, '/?lang=zh', { viewport: { width: 390, height: 844 }, hasTouch: true });
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
  for (const text of SAID.zh) assert.ok(await page.getByText(text).isVisible(), text);
  await look(page, cell.label, 13);
  await clickAt(page, cell.label);
  await page.locator('cells-panel').getByRole('heading', { name: cell.name }).waitFor();
  await page.waitForFunction(() => document.querySelector('.sheet').getBoundingClientRect().top < 400);
  const box = await page.locator('cells-panel').boundingBox();
  assert.equal(box.width, 390);
  await page.getByRole('button', { name: '收起面板' }).click();
  await page.waitForFunction(() => document.querySelector('.sheet').getBoundingClientRect().top > 600);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
});

test('is accessible, by the rules of WCAG 2 A and AA', async (t) => {
  const { cell } = await leaf(({ accountable }) => accountable.acting);
  for (const path of ['/?lang=zh', `/?lang=en&cell=${cell.code}&room=layers`, '/?lang=zh&room=objects']) {
    await accessible(await open(t, browser, path, { bypassCSP: true }), path);
  }
});
