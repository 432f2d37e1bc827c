import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { ask, launch, open } from './browser.mjs';
import { apply, at, box, call, card, children, discard, rested, township } from './draft.mjs';

let browser;
let town;
before(async () => {
  browser = await launch();
  await discard();
  town = await township();
});
beforeEach(discard);
after(async () => {
  await discard();
  await browser.close();
});

async function form(t) {
  const page = await open(t, browser, `/?lang=zh&layers=&mode=edit&part=draws&parent=${town.code}`);
  await rested(page);
  return page;
}

const previewed = (page) => page.waitForFunction(() => (window.unigrid.app.editor.preview || window.unigrid.app.editor.problem) && !window.unigrid.app.editor.busy);
const sum = (cells) => cells.reduce((all, { properties }) => all + properties.area_m2, 0);

test('a balanced draw is looked at first, then stored; undo brings the old cells back', async (t) => {
  const page = await form(t);
  await page.locator('[name=into]').fill('5');
  await page.locator('[name=replace]').check();
  await page.getByRole('button', { name: '预览' }).click();
  await previewed(page);
  assert.equal(await card(page).locator('.quality tbody tr').count(), 5);
  assert.equal((await call('GET', '/v1/draft')).status, 404, 'a preview stores nothing');
  await apply(page).click();
  await page.waitForFunction(() => window.unigrid.app.editor.draft?.steps.length && !window.unigrid.app.editor.busy);
  const now = await children(town.code);
  assert.equal(now.length, 5);
  assert.ok(Math.abs(sum(now) - sum(town.cells)) < 1);
  const mean = sum(now) / 5;
  for (const { properties } of now) assert.ok(Math.abs(properties.area_m2 / mean - 1) < 0.1, `${properties.code}: ${properties.area_m2} of ${mean}`);
  assert.equal((await ask('/v1/draft')).undo.kind, 'draw');
  await page.locator('[data-tool=undo]').click();
  await page.waitForFunction(() => window.unigrid.app.editor.draft?.redo && !window.unigrid.app.editor.busy);
  assert.deepEqual((await children(town.code)).map(({ geometry }) => geometry), town.cells.map(({ geometry }) => geometry));
});

test('a draw over cells that are there needs to be told to replace them', async (t) => {
  const page = await form(t);
  await page.getByRole('button', { name: '预览' }).click();
  await card(page).getByRole('alert').waitFor();
  assert.ok(await apply(page).isDisabled());
});

test('a nearest draw from written posts; a line that cannot be read is named', async (t) => {
  const { west, south, east, north } = box({ geometry: { coordinates: town.cells.map(({ geometry }) => geometry.coordinates.flat()) } });
  const post = (name, x, y) => `${name}, ${(west + (east - west) * x).toFixed(6)}, ${(south + (north - south) * y).toFixed(6)}`;
  const page = await form(t);
  await page.locator('[value=nearest]').check();
  await page.locator('[name=replace]').check();
  await page.locator('[name=points]').fill(`${post('东站', 0.6, 0.5)}\n西站`);
  await page.getByRole('button', { name: '预览' }).click();
  await page.locator('draws-panel').getByText('第 2 行').waitFor();
  await page.locator('[name=points]').fill([post('东站', 0.6, 0.5), post('西站', 0.35, 0.5), post('南站', 0.5, 0.35)].join('\n'));
  await page.getByRole('button', { name: '预览' }).click();
  await previewed(page);
  await apply(page).click();
  await page.waitForFunction(() => window.unigrid.app.editor.draft?.steps.length && !window.unigrid.app.editor.busy);
  const now = await children(town.code);
  assert.equal(now.length, 3);
  // Cells that go on keep their names; each post has one of its own.
  const posts = [[0.6, 0.5], [0.35, 0.5], [0.5, 0.35]].map(([x, y]) => [west + (east - west) * x, south + (north - south) * y]);
  assert.equal(new Set(posts.map((place) => at(now, place).properties.uid)).size, 3);
  assert.ok(Math.abs(sum(now) - sum(town.cells)) < 1);
});
