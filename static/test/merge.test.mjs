import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, ask, launch, open, rendered, settled } from './browser.mjs';
import { call, discard, neighbours, township } from './draft.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const rows = (page) => page.locator('merge-list [data-conflict]');
const card = (page) => page.locator('merge-card article');
const bench = (page, read) => page.evaluate(`(() => { const { bench } = window.unigrid.app; return ${read}; })()`);

/** Merging again and publishing take their time. */
const LONG = { timeout: 480_000 };

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

/** Makes one cell of two neighbours, in each of the first townships. */
async function change(towns) {
  const base = ({ properties: { uid, etag } }) => ({ uid, etag });
  for (let n = 0; n < towns; n++) {
    const { one, other } = neighbours((await township(n)).cells);
    const { status, body } = await call('POST', '/v1/draft/edits', { op: 'merge', cells: [one, other].map(base), name: `融合示例社区${n + 1}` });
    assert.equal(status, 201, JSON.stringify(body));
  }
}

/** Waits until a figure of the merge is as many as expected. */
const counted = (page, name, count) => page.waitForFunction(([name, count]) => window.unigrid.app.bench.run?.[name] === count && !window.unigrid.app.bench.busy, [name, count], LONG);

/** Looks at an open conflict of the list. */
async function pick(page, find) {
  const id = await page.evaluate((source) => window.unigrid.app.bench.conflicts.find(new Function('c', `return ${source}`))?.id, find);
  assert.ok(id, `no conflict: ${find}`);
  await page.locator(`[data-conflict="${id}"] > button`).click();
  await worked(page);
  return id;
}

test('rules, opinions, team and publishing are accessible and fit the screen', async (t) => {
  for (const [view, language] of [['rules', 'zh'], ['circulation', 'en'], ['team', 'en'], ['publish', 'zh']]) {
    const page = await open(t, browser, `/?lang=${language}&mode=merge&view=${view}`, { bypassCSP: true, viewport: { width: 1024, height: 768 } });
    await worked(page);
    await page.locator(`${view}-board .boarded`).waitFor();
    await accessible(page, view);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 1024);
  }
});

test('a whole merge: a change, the merge, decisions by hand and by rule, the edition', async (t) => {
  await discard();
  t.after(discard);
  const { in_force: before } = await ask('/v1/editions');
  await change(3);
  const page = await open(t, browser, '/?lang=zh&mode=merge', { refused: ['/v1/editions/'] });
  await worked(page);
  await page.locator('[name=merge]').click();
  await page.waitForFunction(() => window.unigrid.app.bench.done?.did === 'merged', null, LONG);
  await worked(page);
  const start = await ask('/v1/merges/current');
  assert.ok(start.draft && start.open > 5, `${start.open} open`);
  await page.locator('merge-progress [name=open]').click();
  await worked(page);
  assert.equal(await rows(page).count(), Math.min(start.open, 100));

  // One as proposed, by a key.
  await page.keyboard.press('j');
  await worked(page);
  const accepted = await bench(page, 'bench.open.id');
  await page.keyboard.press('a');
  await counted(page, 'settled', start.settled + 1);
  assert.ok((await page.locator('merge-progress').textContent()).includes(`已解决 ${(start.settled + 1).toLocaleString('zh')}/`));
  await worked(page);

  // One otherwise, with the reason.
  const otherwise = await pick(page, "c.state === 'open' && c.kind === 'two-accountable' && c.alternatives.length > 1");
  const { alternatives, proposal } = await ask(`/v1/conflicts/${otherwise}`);
  const other = alternatives.findIndex(({ resolution }) => resolution !== proposal);
  await page.keyboard.press(String(other + 1));
  await page.keyboard.press('Enter');
  assert.equal((await ask(`/v1/conflicts/${otherwise}`)).state, 'open', 'without a reason nothing is decided');
  await page.keyboard.type('该同志熟悉情况');
  await page.keyboard.press('Enter');
  await counted(page, 'settled', start.settled + 2);
  await worked(page);

  // One put off, then taken up again.
  const later = await pick(page, "c.state === 'open'");
  await page.keyboard.press('d');
  await page.keyboard.type('等部门答复');
  await page.keyboard.press('Enter');
  await counted(page, 'deferred', 1);
  await page.locator('[name=state]').selectOption('deferred');
  await worked(page);
  assert.equal(await rows(page).count(), 1);
  await page.keyboard.press('j');
  await worked(page);
  await page.keyboard.press('o');
  await page.keyboard.type('部门已答复');
  await page.keyboard.press('Enter');
  await counted(page, 'deferred', 0);

  // Somebody else is faster: who it was is said, and nothing is lost.
  await page.locator('[name=state]').selectOption('open');
  await worked(page);
  const clash = await pick(page, "c.state === 'open' && c.kind !== 'two-accountable'");
  const { version } = await ask(`/v1/conflicts/${clash}`);
  assert.equal((await call('POST', `/v1/conflicts/${clash}/defer`, { reason: '另一人先暂缓', version })).status, 200);
  await page.keyboard.press('a');
  await card(page).getByRole('alert').getByText('demo-planner').waitFor();
  await card(page).locator('[name=take]').click();
  await worked(page);
  assert.equal(await bench(page, 'bench.open.state'), 'deferred');

  // The chosen ones together, what it comes to looked at first.
  await page.locator('[name=state]').selectOption('open');
  await page.locator('merge-list [name=kind]').selectOption('two-accountable');
  await worked(page);
  const people = await bench(page, 'bench.matched');
  if (people) {
    await page.locator('[name=many]').click();
    await page.locator('many-card [role=radio]').first().click();
    assert.ok((await page.locator('[name=settle-many]').textContent()).includes(String(people)));
    await page.locator('many-card [name=reason]').fill('按名册');
    await page.locator('[name=settle-many]').click();
    await page.waitForFunction(() => window.unigrid.app.bench.done?.did === 'many', null, LONG);
  }

  // The rest by rules, after the preview.
  const { open: rest, settled: soFar } = await ask('/v1/merges/current');
  assert.ok(rest > 0, 'something is left for the rules');
  await page.locator('#view-rules').click();
  await page.locator('rules-board [name=preview]').click();
  await page.locator('.foreseen').first().waitFor();
  const foreseen = await page.locator('.foreseen b').evaluateAll((all) => all.reduce((sum, each) => sum + Number(each.textContent), 0));
  assert.equal(foreseen, rest);
  assert.equal((await ask('/v1/merges/current')).open, rest, 'a preview stores nothing');
  await page.locator('rules-board [name=apply]').click();
  await counted(page, 'open', 0);
  assert.equal((await ask('/v1/merges/current')).settled, soFar + rest);

  // The gate, and the edition.
  await page.locator('#view-publish').click();
  await page.locator('[data-check=conflicts].met').waitFor(LONG);
  assert.equal(await page.locator('.gate .lacking').count(), 0, await page.locator('.gate').textContent());
  await page.locator('publish-board [name=note]').fill('融合示例');
  await page.locator('publish-board .main', { hasText: '发布' }).click();
  await page.waitForFunction((seq) => document.querySelector('.title .seal')?.textContent === `第${seq}版`, start.edition, LONG);
  const { in_force, editions } = await ask('/v1/editions');
  assert.equal(in_force, start.edition);
  assert.ok(in_force > before);
  assert.equal(editions.find(({ seq }) => seq === in_force).note, '融合示例');

  // Who decided what and why is kept.
  const { history, state } = await ask(`/v1/conflicts/${otherwise}`);
  assert.equal(state, 'settled');
  const decision = history.findLast(({ did }) => did === 'settled');
  assert.deepEqual([decision.by, decision.resolution, decision.reason.zh], ['demo-planner', alternatives[other].resolution, '该同志熟悉情况']);
  assert.ok((await ask(`/v1/conflicts/${accepted}`)).history.some(({ by, did }) => by === 'demo-planner' && did === 'settled'));
  assert.deepEqual((await ask(`/v1/conflicts/${later}`)).history.filter(({ by }) => by === 'demo-planner').map(({ did }) => did).slice(0, 2), ['deferred', 'reopened']);
});
