// A merge as two planners walk it, each by their own account. A picture of each
// step goes to the folder that UNIGRID_PICTURES names.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { address, ask, launch, look, makeAccount, open, settled } from './browser.mjs';
import { call, discard, neighbours, township } from './draft.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

/** Merging again and publishing take their time. */
const LONG = { timeout: 480_000 };

const bench = (page, read) => page.evaluate(`(() => { const { bench } = window.unigrid.app; return ${read}; })()`);
const card = (page) => page.locator('merge-card article');
const choose = (page, name, option) => page.getByRole('combobox', { name, exact: true }).selectOption(option);

async function worked(page) {
  await page.waitForFunction(() => {
    const { bench, editor, address } = window.unigrid.app;
    return bench.known && !bench.loading && !bench.busy && editor.busy !== 'loading' && (address.merge.conflict === null || bench.open?.id === address.merge.conflict);
  }, null, LONG);
  await settled(page);
}

let pictured = 0;
async function picture(page, name) {
  const folder = process.env.UNIGRID_PICTURES;
  if (!folder) return;
  await settled(page);
  await page.screenshot({ path: `${folder}/${String(++pictured).padStart(2, '0')}-${name}.png` });
}

/** Opens the workbench as a person of a role does. */
async function enter(t, role) {
  const page = await open(t, browser, '/?lang=zh', { role });
  await page.getByRole('button', { name: '融合', exact: true }).click();
  await worked(page);
  return page;
}

test('two planners walk a merge from the first line to the last decision', async (t) => {
  await discard();
  t.after(discard);
  const { in_force: before } = await ask('/v1/editions');
  makeAccount('walk-planner', '--role', 'planner');
  // Two villages are one, so that there is something new to decide.
  const town = await township();
  const { one, other } = neighbours(town.cells);
  const base = ({ properties: { uid, etag } }) => ({ uid, etag });
  assert.equal((await call('POST', '/v1/draft/edits', { op: 'merge', cells: [one, other].map(base), name: '示例合并村' })).status, 201);
  const page = await enter(t, 'planner');
  const line = (text) => page.getByRole('status').getByText(text);
  const changed = () => page.evaluate(() => window.unigrid.map.queryRenderedFeatures({ layers: ['changed-line'] }).map(({ properties }) => properties.code));

  // What comes after a step that failed could only fail, too.
  let failed = false;
  const step = (name, walk) => t.test(name, { skip: failed }, async (t) => {
    failed = true;
    await walk(t);
    failed = false;
  });

  await step('a planner merges, and moves a line as a department has it', async () => {
    await page.getByRole('button', { name: '再次融合' }).click();
    await line('已融合').waitFor(LONG);
    await worked(page);
    await choose(page, '类别', { label: '一格被分割' });
    await choose(page, '县市区', { label: '荷塘区' });
    await choose(page, '排序', { label: '宽的在前' });
    await worked(page);
    await picture(page, 'list');
    await page.getByRole('list', { name: '冲突列表' }).getByRole('button').first().click();
    await worked(page);
    const { id, cell, lon, lat } = await bench(page, 'bench.open');
    await card(page).getByRole('radio', { name: '采用条线边界' }).click();
    await card(page).getByLabel('理由').fill('河湖网格的界线沿河,以它为准');
    await picture(page, 'considered');
    await card(page).getByRole('button', { name: '就这样定' }).click();
    await page.getByRole('button', { name: '画出已定界线(1)' }).click(LONG);
    await line('已画入草稿').waitFor(LONG);
    await page.waitForFunction((id) => window.unigrid.app.address.merge.conflict !== id, id); // what was drawn is not looked at any more
    await worked(page);
    await page.keyboard.press('Escape');
    await card(page).waitFor({ state: 'detached' });
    await look(page, { lon, lat }, 13);
    assert.equal(await page.locator('merge-panel').getByRole('alert').count(), 0);
    await picture(page, 'drawn');
    assert.ok((await changed()).includes(cell.code), 'the map shows the line that the draft moved');
  });

  await step('the map shows before and after', async () => {
    assert.ok(await page.locator('.title .seal').getByText('草稿').isVisible());
    await page.getByLabel('统一网格显示').selectOption({ label: `现行版本 (第${before}版)` });
    await settled(page);
    assert.deepEqual(await changed(), []);
    assert.ok(await page.locator('.title .seal').getByText(`第${before}版`, { exact: true }).isVisible());
    await page.getByLabel('统一网格显示').selectOption({ label: `第${before + 1}版草稿` });
    await choose(page, '左侧只看', { label: '现行版本' });
    await page.waitForFunction(() => window.unigrid.maps[1]?.getLayer('changed-line') && window.unigrid.maps[1].queryRenderedFeatures({ layers: ['changed-line'] }).length > 0);
    await settled(page);
    assert.deepEqual(await changed(), []);
    await picture(page, 'before-after');
    await choose(page, '左侧只看', { label: '不分左右' });
    await page.waitForFunction(() => window.unigrid.maps.length === 1);
    const stranger = await fetch(`${address}/v1/draft/tiles/0/0/0`);
    assert.equal(stranger.status, 401, 'drafts are not for everybody');
  });

  await step('two planners decide at once: the slower one is told; keys lead through the rest', async (t) => {
    await page.getByRole('button', { name: '清空条件' }).click();
    await choose(page, '排序', { label: '重要的在前' });
    await choose(page, '状态', { label: '待解决' });
    await worked(page);
    const second = await enter(t, 'walk-planner');
    await choose(second, '状态', { label: '待解决' });
    await worked(second);
    for (const each of [page, second]) {
      await each.keyboard.press('j');
      await worked(each);
    }
    const { id } = await bench(page, 'bench.open');
    assert.equal(await bench(second, 'bench.open.id'), id);
    await second.keyboard.press('a');
    await second.waitForFunction((id) => window.unigrid.app.bench.conflicts.find((one) => one.id === id)?.state === 'settled', id);
    await page.keyboard.press('a');
    await card(page).getByRole('alert').getByText('walk-planner').waitFor();
    await picture(page, 'told');
    await card(page).getByRole('button', { name: '看现在的' }).click();
    await worked(page);
    assert.equal((await ask(`/v1/conflicts/${id}`)).settled_by, 'walk-planner');
    // The rest, one after the other, as proposed.
    await page.keyboard.press('Escape');
    await page.keyboard.press('j');
    await worked(page);
    for (let left = await bench(page, 'bench.run.open'); left > 0; left = await bench(page, 'bench.run.open')) {
      await page.keyboard.press('a');
      await page.waitForFunction((left) => !window.unigrid.app.bench.busy && window.unigrid.app.bench.run.open < left, left);
      await worked(page);
    }
    assert.equal((await ask('/v1/merges/current')).open, 0);
    await picture(page, 'settled');
  });
});
