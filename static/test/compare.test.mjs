import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, ask, launch, open, settled } from './browser.mjs';
import { call, discard, neighbours, township } from './draft.mjs';

const DEMO = '演示数据·非真实人员和企业';
const LINES = '网格界线仅用于监管责任划分,不作为行政区域界线和土地权属依据';

let browser;
let town;
before(async () => {
  browser = await launch();
  await discard();
  town = await township();
  const { one, other } = neighbours(town.cells);
  const spare = town.cells.find((cell) => cell !== one && cell !== other);
  const base = ({ properties: { uid, etag } }) => ({ uid, etag });
  for (const edit of [{ op: 'merge', cells: [one, other].map(base), name: '对比社区' }, { op: 'rename', cell: base(spare), name: '改名社区' }]) {
    const { status, body } = await call('POST', '/v1/draft/edits', edit);
    assert.equal(status, 201, JSON.stringify(body));
  }
});
after(async () => {
  await discard();
  await browser.close();
});

const compared = async (page) => {
  await page.waitForFunction(() => window.unigrid?.app.comparison && document.querySelector('.divider'));
  await settled(page);
};

test('lists what the draft changes, and leads there', async (t) => {
  const page = await open(t, browser, '/?lang=zh&layers=');
  await page.locator('[data-mode=compare]').click();
  await compared(page);
  const { from, changes, totals } = await ask(`/v1/editions/compare?from=${(await ask('/v1/editions')).in_force}&to=draft`);
  assert.equal(await page.locator('[name=from]').inputValue(), String(from));
  assert.equal(await page.locator('.changes li').count(), Math.min(changes.length, 60));
  assert.ok(changes.some(({ op }) => op === 'renamed'));
  assert.ok(totals.merged + totals.retired > 0);
  const renamed = page.locator('.changes [data-op=renamed]').first();
  await renamed.click();
  await settled(page);
  const change = changes.find(({ op }) => op === 'renamed');
  const { lng, lat } = await page.evaluate(() => window.unigrid.map.getCenter());
  const [west, south, east, north] = change.bbox;
  const room = Math.max(east - west, north - south);
  assert.ok(lng > west - room && lng < east + room && lat > south - room && lat < north + room, 'the map shows it');
  assert.ok(await page.locator('.changes').getByText('改名社区').isVisible());
});

test('swipes between the editions by mouse and by keys, and every map says what its lines mean', async (t) => {
  const page = await open(t, browser, '/?lang=zh&layers=&mode=compare&to=draft');
  await compared(page);
  const grip = page.getByRole('slider');
  const clip = () => page.locator('.twin').evaluate((element) => element.style.clipPath);
  const at = async () => Number(await grip.getAttribute('aria-valuenow'));
  const { x, y, width, height } = await grip.boundingBox();
  await page.mouse.move(x + width / 2, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x - 150, y + height / 2, { steps: 5 });
  await page.mouse.up();
  const dragged = await at();
  assert.ok(dragged < 45, `${dragged}`);
  const cut = await clip();
  await grip.press('ArrowRight');
  assert.ok((await at()) > dragged);
  assert.notEqual(await clip(), cut);
  await grip.press('End');
  assert.equal(await at(), 100);
  await grip.press('Home');
  assert.equal(await at(), 0);
  for (const text of [DEMO, LINES]) assert.ok(await page.getByText(text).isVisible(), text);
  const count = (side) => page.evaluate((n) => window.unigrid.maps[n].querySourceFeatures('compared-cells').length, side);
  await page.waitForFunction(() => window.unigrid.maps.every((map) => map.getSource('compared-cells') && map.querySourceFeatures('compared-cells').length > 0));
  assert.ok((await count(0)) > 0 && (await count(1)) > 0);
  await page.locator('#map canvas').first().focus();
  await page.keyboard.press('+');
  await settled(page);
  const views = await page.evaluate(() => window.unigrid.maps.map((map) => ({ ...map.getCenter(), zoom: map.getZoom() })));
  assert.ok(Math.abs(views[0].zoom - views[1].zoom) < 1e-6 && Math.abs(views[0].lng - views[1].lng) < 1e-9);
});

test('a link restores the comparison; leaving it gives the sheet back', async (t) => {
  const page = await open(t, browser, '/?lang=en&layers=&mode=compare&from=1&to=draft');
  await compared(page);
  assert.equal(await page.locator('[name=to]').inputValue(), 'draft');
  await page.locator('[data-mode=read]').click();
  await settled(page);
  assert.equal(await page.locator('.twin').count(), 0);
  assert.equal(await page.locator('.divider').count(), 0);
  assert.ok(await page.locator('overview-panel').isVisible());
});

test('the comparison is accessible, by the rules of WCAG 2 A and AA', async (t) => {
  for (const language of ['zh', 'en']) {
    const page = await open(t, browser, `/?lang=${language}&layers=&mode=compare&from=1&to=draft`, { bypassCSP: true });
    await compared(page);
    await accessible(page, language);
  }
});
