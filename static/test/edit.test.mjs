import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { accessible, ask, clickAt, launch, look, open, screen, settled } from './browser.mjs';
import { apply, border, box, call, card, children, discard, neighbours, rested, row, store, stroke, tool, township, whole } from './draft.mjs';

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

async function editing(t, using = 'select', language = 'zh', options = {}) {
  // Tall and wide enough for everything, and no larger: every pixel is drawn without a graphics card.
  const page = await open(t, browser, `/?lang=${language}&layers=&mode=edit&parent=${town.code}&tool=${using}`, { viewport: { width: 1240, height: 760 }, ...options });
  await rested(page);
  return page;
}

/** A line across a cell, from west of it to east of it. */
function across(cell) {
  const { west, south, east, north } = box(cell);
  const middle = (south + north) / 2;
  const beyond = (east - west) / 8;
  return [[west - beyond, middle], [(west + east) / 2, middle], [east + beyond, middle]];
}

const largest = () => town.cells.reduce((a, b) => (b.properties.area_m2 > a.properties.area_m2 ? b : a));

test('the way in: a button, a click on a cell, its siblings are open', async (t) => {
  const page = await open(t, browser, '/?lang=zh&layers=');
  await page.locator('[data-mode=edit]').click();
  const cell = largest();
  const { cell: { label } } = await ask(`/v1/cells/${cell.properties.code}/summary`);
  await look(page, label, 13);
  await clickAt(page, label);
  await rested(page);
  assert.equal(await page.locator('edit-panel h2').textContent(), town.name);
  assert.equal(await page.locator('edit-panel [data-uid]').count(), town.cells.length);
  assert.equal(await row(page, cell).getAttribute('aria-pressed'), 'true');
  assert.equal(new URL(page.url()).searchParams.get('parent'), town.code);
  await page.locator('[data-mode=read]').click();
  await page.locator('overview-panel').waitFor();
});

test('splits a cell with a line; undo and redo by keys and buttons', async (t) => {
  const cell = largest();
  const page = await editing(t, 'split');
  await stroke(page, across(cell));
  await page.waitForFunction(() => window.unigrid.app.editor.preview);
  assert.ok((await card(page).locator('.quality tbody tr').count()) >= 2);
  assert.equal((await call('GET', '/v1/draft')).status, 404, 'a preview stores nothing');
  await store(page, 1);
  const now = await whole(town, town.cells);
  assert.ok(now.length > town.cells.length);
  assert.equal((await ask('/v1/draft')).undo.kind, 'split');

  await page.keyboard.press('Control+z');
  await page.waitForFunction(() => window.unigrid.app.editor.draft?.redo && !window.unigrid.app.editor.busy);
  assert.deepEqual((await children(town.code)).map(({ geometry }) => geometry), town.cells.map(({ geometry }) => geometry));
  await tool(page, 'redo');
  await page.waitForFunction(() => !window.unigrid.app.editor.draft?.redo && !window.unigrid.app.editor.busy);
  assert.deepEqual((await children(town.code)).map(({ geometry }) => geometry), now.map(({ geometry }) => geometry));
});

test('draws by keyboard alone: the crosshair, points, one taken back, Enter', async (t) => {
  const page = await editing(t);
  const cell = largest();
  const { west, south, east, north } = box(cell);
  await look(page, { lon: (west + east) / 2, lat: (south + north) / 2 }, await page.evaluate(() => window.unigrid.map.getZoom()));
  const from = await screen(page, { lon: west, lat: south });
  const to = await screen(page, { lon: east, lat: south });
  await page.locator('#map canvas').first().focus();
  await page.keyboard.press('s');
  assert.equal(await page.locator('[data-tool=split]').getAttribute('aria-pressed'), 'true');
  const steps = Math.ceil((to.x - from.x) / 2 / 40) + 1;
  const press = async (key, n) => { for (let i = 0; i < n; i++) await page.keyboard.press(key); };
  await press('ArrowLeft', steps);
  assert.ok(await page.locator('.crosshair').isVisible());
  await page.keyboard.press('Space');
  await press('ArrowRight', steps);
  await press('ArrowDown', 2);
  await page.keyboard.press('Space');
  await page.keyboard.press('Backspace');
  await press('ArrowUp', 2);
  await press('ArrowRight', steps);
  await page.keyboard.press('Space');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => window.unigrid.app.editor.preview && !window.unigrid.app.editor.busy);
  assert.equal(await page.evaluate(() => window.unigrid.app.editor.stroke.coordinates.length), 2);
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => window.unigrid.app.editor.draft?.steps.length === 1 && !window.unigrid.app.editor.busy);
  assert.ok((await whole(town, town.cells)).length > town.cells.length);
});

test('points snap to vertices that are near, and Escape drops the line', async (t) => {
  const { run } = neighbours(town.cells);
  const [lon, lat] = run[Math.floor(run.length / 2)];
  const page = await editing(t, 'split');
  await look(page, { lon, lat }, 16);
  const { x, y } = await screen(page, { lon, lat });
  await page.mouse.move(x + 40, y + 30);
  await page.mouse.move(x + 5, y + 4, { steps: 3 });
  await page.mouse.click(x + 5, y + 4);
  const first = await page.evaluate(() => window.unigrid.app.editor.stroke.coordinates[0]);
  const off = Math.hypot(first[0] - lon, first[1] - lat);
  assert.ok(off < 2e-7, `off by ${off}`);
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => !window.unigrid.app.editor.stroke);
});

test('merges neighbours that are clicked', async (t) => {
  const { one, other } = neighbours(town.cells);
  const page = await editing(t, 'merge');
  for (const cell of [one, other]) {
    const { cell: { label } } = await ask(`/v1/cells/${cell.properties.code}/summary`);
    await clickAt(page, label);
  }
  await page.waitForFunction(() => window.unigrid.app.editor.preview);
  await card(page).locator('[name=name]').fill('合并后的社区');
  await card(page).locator('.quality th', { hasText: '合并后的社区' }).waitFor();
  await store(page, 1);
  const now = await whole(town, town.cells);
  assert.equal(now.length, town.cells.length - 1);
  const merged = now.find(({ properties }) => properties.name === '合并后的社区');
  assert.ok(Math.abs(merged.properties.area_m2 - one.properties.area_m2 - other.properties.area_m2) < 1);
});

test('merging cells that do not touch is refused', async (t) => {
  const [one] = town.cells;
  const far = town.cells.find((cell) => cell !== one && border(one, cell).length === 0);
  const page = await editing(t, 'merge');
  await row(page, one).click();
  await row(page, far).click();
  await card(page).getByRole('alert').waitFor();
  assert.ok(await apply(page).isDisabled());
  assert.equal((await call('GET', '/v1/draft')).status, 404);
});

test('a shared boundary is pulled by a handle, and both sides follow', async (t) => {
  const { one, other } = neighbours(town.cells);
  const page = await editing(t, 'boundary');
  await row(page, one).click();
  await row(page, other).click();
  await settled(page);
  const handles = await page.evaluate(() => window.unigrid.map.queryRenderedFeatures({ layers: ['edit-handles'] })
    .filter(({ properties }) => !properties.end).map(({ geometry }) => geometry.coordinates));
  assert.ok(handles.length > 0);
  const [lon, lat] = handles[Math.floor(handles.length / 2)];
  const from = await screen(page, { lon, lat });
  const { west, south, east, north } = box(one);
  const middle = await screen(page, { lon: (west + east) / 2, lat: (south + north) / 2 });
  const way = Math.hypot(middle.x - from.x, middle.y - from.y);
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(from.x + ((middle.x - from.x) / way) * 22, from.y + ((middle.y - from.y) / way) * 22, { steps: 6 });
  await page.mouse.up();
  await store(page, 1);
  const now = await whole(town, town.cells);
  const grew = (cell) => now.find(({ properties }) => properties.uid === cell.properties.uid).properties.area_m2 - cell.properties.area_m2;
  assert.ok(grew(one) < -100, `${grew(one)}`);
  assert.ok(Math.abs(grew(one) + grew(other)) < 1);
  assert.equal(now.length, town.cells.length);
});

test('a new course of a shared boundary is drawn', async (t) => {
  const { one, other, run } = neighbours(town.cells);
  const page = await editing(t, 'boundary');
  await row(page, one).click();
  await row(page, other).click();
  await settled(page);
  const { west, south, east, north } = box(one);
  const third = Math.floor(run.length / 4);
  const bend = run[Math.floor(run.length / 2)];
  const inward = [bend[0] + ((west + east) / 2 - bend[0]) * 0.25, bend[1] + ((south + north) / 2 - bend[1]) * 0.25];
  await stroke(page, [run[third], inward, run[run.length - 1 - third]]);
  await store(page, 1);
  const now = await whole(town, town.cells);
  const area = ({ properties: { uid } }) => now.find(({ properties }) => properties.uid === uid).properties.area_m2;
  assert.ok(area(one) < one.properties.area_m2 && area(other) > other.properties.area_m2);
});

test('a cell drawn by hand is cut out of its neighbours', async (t) => {
  const { one, run } = neighbours(town.cells);
  const { west, south, east, north } = box(one);
  const [lon, lat] = run[Math.floor(run.length / 2)];
  const inner = [lon + ((west + east) / 2 - lon) * 0.6, lat + ((south + north) / 2 - lat) * 0.6];
  const page = await editing(t, 'hand');
  await stroke(page, [run[1], inner, run[run.length - 2]]);
  await page.waitForFunction(() => window.unigrid.app.editor.stroke?.type === 'Polygon' && !window.unigrid.app.editor.sketching);
  await card(page).locator('[name=name]').fill('手绘社区');
  await card(page).locator('.quality th', { hasText: '手绘社区' }).waitFor();
  await store(page, 1);
  const now = await whole(town, town.cells);
  const made = now.find(({ properties }) => properties.name === '手绘社区');
  const left = now.find(({ properties }) => properties.uid === one.properties.uid);
  assert.ok(made.properties.area_m2 > 1000 && left.properties.area_m2 < one.properties.area_m2);
});

test('renames a cell, and marks its boundary as statutory', async (t) => {
  const [cell] = town.cells;
  const { uid } = cell.properties;
  const page = await editing(t, 'rename');
  await row(page, cell).click();
  await card(page).locator('[name=name]').fill('新名社区');
  await store(page, 1);
  await tool(page, 'lock');
  await row(page, cell).click();
  await card(page).getByLabel('法定界线,锁定不动').check();
  await card(page).locator('[name=reason]').fill('勘界文件');
  await store(page, 2);
  const { properties } = (await children(town.code)).find((each) => each.properties.uid === uid);
  assert.equal(properties.name, '新名社区');
  assert.equal(properties.locked, true);
  assert.ok(await row(page, cell).getByText('锁定').isVisible());

  await tool(page, 'merge');
  const beside = town.cells.find((other) => other !== cell && border(cell, other).length > 3);
  assert.equal(await row(page, cell).getAttribute('aria-pressed'), 'true', 'it stays selected');
  await row(page, beside).click();
  await card(page).getByRole('alert').waitFor();
});

test('a line that does not cross is refused, with the place shown on the map', async (t) => {
  const cell = largest();
  const { cell: { label: { lon, lat } } } = await ask(`/v1/cells/${cell.properties.code}/summary`);
  const page = await editing(t, 'split');
  await look(page, { lon, lat }, 15);
  await stroke(page, [[lon - 0.0005, lat], [lon, lat + 0.0003], [lon + 0.0005, lat]]);
  await card(page).getByRole('alert').waitFor();
  await page.locator('.fault').first().waitFor();
  const mark = await page.locator('.fault').first().boundingBox();
  const { x, y } = await screen(page, { lon, lat });
  assert.ok(Math.hypot(mark.x + mark.width / 2 - x, mark.y + mark.height / 2 - y) < 900, 'the mark is near');
  assert.ok(await apply(page).isDisabled());
  assert.equal((await call('GET', '/v1/draft')).status, 404);
});

test('the second of two planners gets both versions, and overwrites nothing', async (t) => {
  const cell = largest();
  const first = await editing(t, 'rename');
  const second = await editing(t, 'split');
  await row(first, cell).click();
  await card(first).locator('[name=name]').fill('先改的社区');
  await store(first, 1);

  await stroke(second, across(cell));
  const clash = second.locator('clash-card');
  await clash.waitFor();
  assert.ok(await clash.getByText('先改的社区').isVisible());
  assert.equal(await clash.locator('.versions section').count(), 2);
  assert.equal((await ask('/v1/draft')).steps.length, 1, 'nothing was overwritten');
  await clash.locator('.plain').click();
  await store(second, 2);
  const now = await whole(town, town.cells);
  assert.ok(now.length > town.cells.length);
  assert.deepEqual((await ask('/v1/draft')).steps.map(({ kind }) => kind), ['rename', 'split']);

  await row(first, town.cells.find(({ properties }) => properties.uid !== cell.properties.uid)).click();
  await card(first).locator('[name=name]').fill('另一个社区');
  await store(first, 3);
});

test('the draft is discarded only after being asked', async (t) => {
  const page = await editing(t, 'rename');
  await row(page, town.cells[0]).click();
  await card(page).locator('[name=name]').fill('要丢弃的');
  await store(page, 1);
  await page.locator('#part-steps').click();
  await page.locator('draft-panel .steps li').waitFor();
  await page.getByRole('button', { name: '丢弃草案' }).click();
  assert.equal((await call('GET', '/v1/draft')).status, 200);
  await page.getByRole('button', { name: '确认丢弃' }).click();
  await page.locator('draft-panel').getByText('还没有草案').waitFor();
  assert.equal((await call('GET', '/v1/draft')).status, 404);
});

test('editing is accessible, by the rules of WCAG 2 A and AA', async (t) => {
  for (const language of ['zh', 'en']) {
    const page = await editing(t, 'split', language, { bypassCSP: true });
    await page.locator('[data-tool=help]').click();
    await stroke(page, across(largest()));
    await page.waitForFunction(() => window.unigrid.app.editor.preview);
    for (const part of ['cells', 'draws', 'steps']) {
      if (part !== 'cells') await page.locator(`#part-${part}`).click();
      await rested(page);
      await accessible(page, `${language} ${part}`);
    }
  }
});
