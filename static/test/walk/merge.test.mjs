// A whole merge as people walk it, each by their own account: two planners, a
// department, a county and the rest. A picture of each step goes to the folder
// that UNIGRID_PICTURES names.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { strFromU8, unzipSync } from 'fflate';
import { address, ask, headers, launch, look as lookAt, makeAccount, open, settled } from '../browser.mjs';
import { call, discard, neighbours, township } from '../draft.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

/** Merging again and publishing take their time. */
const LONG = { timeout: 480_000 };

const bench = (page, read) => page.evaluate(`(() => { const { bench } = window.unigrid.app; return ${read}; })()`);
const card = (page) => page.locator('merge-card article');
const choose = (page, name, option) => page.getByRole('combobox', { name, exact: true }).selectOption(option);
const tab = (page, name) => page.getByRole('tab', { name }).click();

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
async function enter(t, role, options = {}) {
  const page = await open(t, browser, '/?lang=zh', { role, ...options });
  await page.getByRole('button', { name: '融合', exact: true }).click();
  await worked(page);
  return page;
}

/** Saves what a click downloads, and unpacks it. */
async function downloaded(page, click) {
  const [download] = await Promise.all([page.waitForEvent('download'), click()]);
  const parts = unzipSync(await readFile(await download.path()));
  return { name: download.suggestedFilename(), text: Object.entries(parts).filter(([name]) => name.endsWith('.xml')).map(([, bytes]) => strFromU8(bytes)).join('\n') };
}

/** What publishing here takes, said by the administrator. */
async function demand(settings) {
  const answer = await fetch(`${address}/v1/publication-settings`, { method: 'PUT', headers: { 'Content-Type': 'application/json', ...(await headers('admin')) }, body: JSON.stringify(settings) });
  assert.equal(answer.status, 200, await answer.text());
}

/** Looks at a part of the workbench anew. */
async function look(page, name) {
  await tab(page, '冲突');
  await tab(page, name);
  await page.locator('.boarded').waitFor();
  await worked(page);
}

/** Waits until a party has said something about all that it is shown. */
async function answered(page) {
  await page.waitForFunction(() => document.querySelector('circulation-board .standings') && !document.querySelector('circulation-board .standings .pending'));
  await settled(page);
}

/** The row of a party in a round's table: how many conflicts, accepted, commented, silent. */
async function figures(page, party) {
  const cells = await page.getByRole('row').filter({ has: page.getByRole('button', { name: party, exact: true }) }).getByRole('cell').allTextContents();
  return cells.slice(0, 4).map((figure) => Number(figure.replaceAll(',', '')));
}

test('a merge is walked from the first line to the edition, by everybody who has a part in it', async (t) => {
  await discard();
  t.after(discard);
  await demand({ sign_offs: [{ layer: 'environment' }, { role: 'planner' }], decision: true, scan: true, assigned: true });
  t.after(() => demand({ sign_offs: [], decision: false, scan: false, assigned: false }));
  const { in_force: before } = await ask('/v1/editions');
  const { territory } = await ask('/v1/stats');
  const { children: counties } = await ask(`/v1/cells/${territory.code}/summary`);
  makeAccount('walk-planner', '--role', 'planner');
  makeAccount('walk-departments', '--role', 'department', '--layers', 'safety,river-chief,social-order');
  makeAccount('walk-counties', '--role', 'department', '--within', counties.map(({ code }) => code.slice(0, 6)).filter((code) => code !== '430202').join(','));
  // Two villages are one, so that one of two people loses their place.
  const town = await township();
  const { one, other } = neighbours(town.cells);
  const base = ({ properties: { uid, etag } }) => ({ uid, etag });
  assert.equal((await call('POST', '/v1/draft/edits', { op: 'merge', cells: [one, other].map(base), name: '示例合并村' })).status, 201);
  const page = await enter(t, 'planner', { refused: ['/v1/circulations', '/v1/editions/'], acceptDownloads: true });
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
    await choose(page, '类别', { label: '网格被分割' });
    await choose(page, '县市区', { label: '荷塘区' });
    await choose(page, '排序', { label: '宽的在前' });
    await worked(page);
    await picture(page, 'list');
    await page.getByRole('list', { name: '冲突列表' }).getByRole('button').first().click();
    await worked(page);
    const { id, cell, lon, lat } = await bench(page, 'bench.open');
    await card(page).getByRole('radio', { name: '采用条线界线' }).click();
    await card(page).getByLabel('理由').fill('河湖网格的界线沿河,以它为准');
    await picture(page, 'considered');
    await card(page).getByRole('button', { name: '就这样定' }).click();
    await page.getByRole('button', { name: '画出已定界线(1)' }).click(LONG);
    await line('已画入草案').waitFor(LONG);
    await page.waitForFunction((id) => window.unigrid.app.address.merge.conflict !== id, id); // what was drawn is not looked at any more
    await worked(page);
    await page.keyboard.press('Escape');
    await card(page).waitFor({ state: 'detached' });
    await lookAt(page, { lon, lat }, 13);
    assert.equal(await page.locator('merge-panel').getByRole('alert').count(), 0);
    await picture(page, 'drawn');
    assert.ok((await changed()).includes(cell.code), 'the map shows the line that the draft moved');
  });

  await step('the map shows before and after', async () => {
    assert.ok(await page.locator('.title .seal').getByText('草案').isVisible());
    await page.getByLabel('统一网格显示').selectOption({ label: `现行版本 (第${before}版)` });
    await settled(page);
    assert.deepEqual(await changed(), []);
    assert.ok(await page.locator('.title .seal').getByText(`第${before}版`, { exact: true }).isVisible());
    await page.getByLabel('统一网格显示').selectOption({ label: `第${before + 1}版草案` });
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

  await step('departments and counties are asked, answer, and are answered', async (t) => {
    await tab(page, '征求意见');
    await page.getByLabel('工作日').fill('3');
    await page.getByLabel('附言').fill('请重点看荷塘区的界线');
    await picture(page, 'asking');
    await page.getByRole('button', { name: '送出', exact: true }).click();
    await page.getByRole('heading', { name: `第${before + 1}版草案第 1 轮征求意见` }).waitFor();
    await picture(page, 'round');

    const department = await enter(t, 'demo-department');
    await tab(department, '征求意见');
    await department.getByRole('button', { name: '其余都同意' }).waitFor();
    await picture(department, 'department');
    const first = department.getByRole('listitem').filter({ has: department.getByLabel('意见', { exact: true }) }).first();
    await first.getByLabel('意见', { exact: true }).fill('此处环保网格已按排污口划定,请保留');
    await first.getByRole('button', { name: '提出意见' }).click();
    await department.getByText('此处环保网格已按排污口划定,请保留').waitFor();
    await department.getByRole('button', { name: '其余都同意' }).click();
    await answered(department);
    const [asked, accepted, commented, silent] = await figures(department, '生态环境局');
    assert.deepEqual([accepted, commented, silent], [asked - 1, 1, 0]);
    await picture(department, 'department-said');
    for (const role of ['demo-county', 'walk-departments', 'walk-counties']) {
      const party = await enter(t, role);
      await tab(party, '征求意见');
      await party.getByRole('button', { name: '其余都同意' }).click();
      await answered(party);
    }

    await look(page, '征求意见');
    await page.getByRole('button', { name: '办结' }).click();
    await page.getByRole('alert').waitFor();
    await picture(page, 'not-yet');
    await page.getByRole('alert').getByRole('button', { name: '关闭' }).click();
    await choose(page, '状态', { label: '有意见' });
    await page.getByText('此处环保网格已按排污口划定,请保留').waitFor();
    await choose(page, '采纳情况', { label: '部分采纳' });
    await page.getByLabel('理由').fill('界线不动,排污口由环保网格员负责');
    await picture(page, 'answering');
    await page.getByRole('button', { name: '答复' }).click();
    await page.locator('.answered').getByText('部分采纳').waitFor();
    for (const format of ['docx', 'xlsx']) {
      const { name, text } = await downloaded(page, () => page.getByRole('button', { name: `意见采纳情况表 .${format}` }).click());
      assert.ok(name.endsWith(`.${format}`), name);
      assert.ok(text.includes('此处环保网格已按排污口划定') && text.includes('界线不动,排污口由环保网格员负责'), format);
    }
    await page.getByRole('button', { name: '办结' }).click();
    await page.locator('.stamp').getByText('已办结').waitFor();
    await picture(page, 'closed');
    // One more round, begun by mistake.
    await page.getByRole('button', { name: '送出', exact: true }).click();
    await page.getByRole('heading', { name: '第 2 轮' }).waitFor();
    await page.getByRole('button', { name: '撤回', exact: true }).click();
    await page.getByLabel('理由').first().fill('送错了');
    await page.getByRole('button', { name: '确认撤回' }).click();
    await page.getByText(/撤回原因.送错了/).waitFor();
    await picture(page, 'withdrawn');
  });

  await step('the gate lists what is missing: vacancies, papers, sign-offs', async (t) => {
    await tab(page, '发布');
    const condition = (name) => page.locator('.gate').getByRole('listitem').filter({ has: page.getByText(name, { exact: true }) });
    await condition('格格有人').getByText('还缺').waitFor();
    await picture(page, 'gate');
    for (const name of ['会签', '决定文件', '决定文件扫描件']) assert.ok(await condition(name).getByText('还缺').isVisible(), name);
    await condition('格格有人').getByText('空缺的网格').click();
    await condition('格格有人').getByLabel('理由').fill('换届期间暂缺');
    await picture(page, 'vacancies');
    await condition('格格有人').getByRole('button', { name: '由上级网格代管' }).click();
    await condition('格格有人').getByText('具备').waitFor();
    await page.getByLabel('文号').fill('株政办示例〔2026〕7号');
    await page.getByLabel('日期').fill('2026-11-30');
    await page.getByLabel('扫描件').setInputFiles({ name: '决定.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n') });
    await page.getByRole('button', { name: '登记' }).click();
    await condition('决定文件扫描件').getByText('具备').waitFor();
    await page.getByText(/决定\.pdf \(/).waitFor();
    await choose(page, '代表', { index: 1 });
    await page.getByRole('button', { name: '会签', exact: true }).click();
    await page.locator('.signed').getByText('已会签').waitFor();
    const department = await enter(t, 'demo-department');
    await tab(department, '发布');
    await department.getByRole('button', { name: '会签', exact: true }).click();
    await department.locator('.signed').getByText('未会签').waitFor({ state: 'detached' });
    await picture(department, 'department-signs');
    await page.getByRole('button', { name: '重新检查' }).click();
    await condition('会签').getByText('具备').waitFor();
    assert.equal(await page.locator('.gate .lacking').count(), 0, await page.locator('.gate').textContent());
    await picture(page, 'ready');
  });

  await step('the team is looked at, and the draft published', async () => {
    await tab(page, '队伍');
    await page.getByRole('table').waitFor();
    await picture(page, 'team');
    assert.equal(await page.getByRole('row').nth(1).getByText('待安置').count(), 1, 'who loses their place comes first');
    await tab(page, '发布');
    await page.getByLabel('发布说明').fill('示例:走完一次融合');
    await page.getByRole('button', { name: '发布', exact: true }).click();
    await page.waitForFunction((seal) => document.querySelector('.title .seal')?.textContent === seal, `第${before + 1}版`, LONG);
    assert.equal((await ask('/v1/editions')).in_force, before + 1);
    await picture(page, 'published');
  });

  await step('who lost their place is placed', async (t) => {
    const placer = await enter(t, 'planner');
    await tab(placer, '队伍');
    await choose(placer, '状态', { label: '待安置' });
    await settled(placer);
    const row = placer.getByRole('row').nth(1);
    const name = await row.getByRole('rowheader').textContent();
    await row.getByRole('button', { name: '安置' }).click();
    await choose(placer, '安置为', { label: '网格员' });
    await placer.getByLabel('网格代码').fill(town.cells.find((cell) => cell !== one && cell !== other).properties.code);
    await placer.getByLabel('理由').fill('到邻村任网格员');
    await picture(placer, 'placing');
    await placer.getByRole('button', { name: '确认' }).click();
    await placer.getByRole('rowheader', { name }).waitFor({ state: 'detached' });
    await picture(placer, 'placed');
  });

  await step('the report of changes is downloaded', async () => {
    await page.getByRole('button', { name: '退出融合' }).click();
    await page.getByRole('tab', { name: '概览' }).click();
    const { name, text } = await downloaded(page, () => page.getByRole('link', { name: '变更报告' }).first().click());
    assert.ok(name.endsWith('.docx'), name);
    assert.ok(text.includes('示例合并村') && text.includes('株政办示例〔2026〕7号'));
  });
});
