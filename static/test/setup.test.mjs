// What a territory is set to: its layers, and what publishing asks for. A layer is
// there for good, so the name of this file keeps it the last.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, address, ask, headers, launch, look, open } from './browser.mjs';
import { call, discard, township } from './draft.mjs';
import { rested, section, written } from './imports.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const dialogue = (page) => page.locator('dialog.layered');
const row = (page, code) => dialogue(page).locator(`[data-layer="${code}"]`);
const colours = (page, code) => page.evaluate((code) => {
  const { maps } = window.unigrid;
  return maps.map((map) => map.getPaintProperty(`${code}-line`, 'line-color'));
}, code);

/** The colour that a layer's hatch is drawn in. */
const hatched = (page, code) => page.evaluate((code) => {
  const { data } = window.unigrid.map.getImage(`hatch-${code}`);
  for (let n = 0; n < data.data.length; n += 4) if (data.data[n + 3] === 255) return `#${[0, 1, 2].map((k) => data.data[n + k].toString(16).padStart(2, '0')).join('')}`;
  return null;
}, code);

async function openLayers(page) {
  await page.locator('[name=layers-open]').click();
  await dialogue(page).locator('[data-layer]').first().waitFor();
}

/** Chooses a colour as a person does. */
const colour = (page, value) => dialogue(page).locator('[name=colour]').evaluate((input, value) => {
  input.value = value;
  input.dispatchEvent(new Event('input', { bubbles: true }));
}, value);

test('a fifth layer is added, gets cells, and lies on the map in its own colour', async (t) => {
  const code = `market-${Date.now()}`;
  const page = await open(t, browser, '/?lang=zh&room=layers&layers=', { bypassCSP: true, refused: ['/v1/layers'] });
  await openLayers(page);
  assert.equal(await dialogue(page).locator('[data-layer]').count(), (await ask('/v1/layers')).layers.length);
  await dialogue(page).locator('[name=layer-add]').click();
  const field = (name) => dialogue(page).locator(`form [name=${name}]`);
  await field('code').fill('environment');
  await field('zh').fill('市场监管');
  await field('en').fill('Market regulation');
  await field('department').fill('市场监督管理局');
  await field('department_en').fill('Market regulation bureau');
  await field('geometry').selectOption('both');
  await field('own').check();
  await colour(page, '#ffd000');
  await field('layer-save').click();
  await dialogue(page).getByRole('alert').getByText('条线 environment 已存在').waitFor();
  await accessible(page, 'adding a layer');
  await field('code').fill(code);
  await field('layer-save').click();
  await row(page, code).getByText('市场监督管理局 · 片区和河段').waitFor();
  const { layers } = await ask('/v1/layers');
  const { name, colour: own, geometry, department_en } = layers.find((layer) => layer.code === code);
  assert.deepEqual([name, own, geometry, department_en], [{ zh: '市场监管', en: 'Market regulation' }, '#ffd000', 'both', 'Market regulation bureau']);

  // Its cells are imported like those of any other.
  await dialogue(page).locator('[name=layer-import]').click();
  const { territory } = await ask('/v1/stats');
  const { children: [county] } = await ask(`/v1/cells/${territory.code}/summary`);
  const { geometry: shape } = await ask(`/collections/cells/items/${county.code}`);
  const { cell: { label } } = await ask(`/v1/cells/${county.code}/summary`);
  await page.locator('import-sending input[type=file]').setInputFiles(await written(t, '示例条线.geojson', JSON.stringify({
    type: 'FeatureCollection', features: [{ type: 'Feature', geometry: shape, properties: { 代码: `${code}-1`, 名称: '示例市场网格' } }],
  })));
  await page.locator('import-sending [name^=layer-]').selectOption(code);
  await page.waitForURL(/import=\d/);
  await rested(page, 'ready');
  await section(page, 'outcome').getByRole('button', { name: '导入 1 行' }).click();
  await rested(page, 'applied');

  // It lies on the map, in the legend and at the workbench as the others do.
  await page.locator('[data-mode=read]').click();
  await page.locator('#tab-layers').click();
  await page.locator(`layers-panel [name="${code}"]`).check();
  await look(page, label, 11);
  await page.waitForFunction((id) => window.unigrid.map.queryRenderedFeatures({ layers: [id] }).length > 0, `${code}-line`);
  assert.deepEqual(await colours(page, code), ['#ffd000']);
  assert.equal(await hatched(page, code), '#ffd000');
  const key = (within) => page.locator(within).evaluate((key) => key.style.getPropertyValue('--colour'));
  assert.equal(await key('map-legend li:last-child .key'), '#ffd000');
  await page.locator('[data-mode=merge]').click();
  assert.equal(await key('layer-blend li:last-child .key'), '#ffd000');

  // Changed on the map at once; what it was called is kept.
  await page.locator('[data-mode=read]').click();
  await page.locator('#tab-layers').click();
  await openLayers(page);
  await row(page, code).locator('[name=layer-edit]').click();
  await field('zh').fill('市场监督');
  await field('department').fill('市场监管局');
  await colour(page, '#0a5f38');
  await field('layer-save').click();
  await row(page, code).locator('summary', { hasText: '曾用名' }).click();
  await row(page, code).getByText('市场监管(市场监督管理局),至 ').waitFor();
  await page.waitForFunction((code) => window.unigrid.map.getPaintProperty(`${code}-line`, 'line-color') === '#0a5f38', code);
  assert.equal(await hatched(page, code), '#0a5f38');
  await accessible(page, 'layers');
  await dialogue(page).locator('.shut').click();
  assert.equal(await key('map-legend li:last-child .key'), '#0a5f38');
  assert.ok((await page.locator('map-legend li').last().textContent()).includes('市场监督'));
});

test('a layer that the demo has is given a colour, and the map chooses again when it is taken away', async (t) => {
  const { layers: [first] } = await ask('/v1/layers');
  t.after(() => call('PATCH', `/v1/layers/${first.code}`, { colour: '' }));
  const page = await open(t, browser, `/?lang=en&room=layers&layers=${first.code}`, { viewport: { width: 390, height: 844 } });
  const [usual] = await colours(page, first.code);
  await page.locator('.handle').click();
  await openLayers(page);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
  await row(page, first.code).locator('[name=layer-edit]').click();
  await dialogue(page).locator('[name=own]').check();
  await colour(page, '#1457d9');
  await dialogue(page).locator('[name=layer-save]').click();
  await page.waitForFunction((code) => window.unigrid.map.getPaintProperty(`${code}-line`, 'line-color') === '#1457d9', first.code);
  await row(page, first.code).locator('[name=layer-edit]').click();
  await dialogue(page).locator('[name=own]').uncheck();
  await dialogue(page).locator('[name=layer-save]').click();
  await page.waitForFunction(([code, usual]) => window.unigrid.map.getPaintProperty(`${code}-line`, 'line-color') === usual, [first.code, usual]);
});

test('who may not change layers sees why', async (t) => {
  const officer = await open(t, browser, '/?lang=zh&room=layers&layers=', { role: 'officer' });
  await openLayers(officer);
  await dialogue(officer).getByText('您的角色不能修改条线').waitFor();
  assert.equal(await dialogue(officer).locator('[name=layer-edit], [name=layer-add]').count(), 0);
  const visitor = await open(t, browser, '/?lang=zh&room=layers&layers=', { role: null });
  assert.equal(await visitor.locator('layers-dialogue').count(), 0);
});

test('a department changes its own layer only', async (t) => {
  const { layers } = await ask('/v1/layers');
  const page = await open(t, browser, '/?lang=zh&room=layers&layers=', { role: 'department' });
  const own = await page.evaluate(() => window.unigrid.app.me.layers);
  assert.ok(own.length, 'the demo\'s department is of a layer');
  await openLayers(page);
  for (const { code } of layers) {
    const edit = row(page, code).locator('[name=layer-edit]');
    assert.equal(await edit.isEnabled(), own.includes(code), code);
    if (!own.includes(code)) assert.match(await edit.getAttribute('title'), /您的账号只管/);
  }
  assert.ok(await dialogue(page).locator('[name=layer-add]').isDisabled());
  await dialogue(page).locator('.hint', { hasText: '您的账号只管' }).waitFor();
});

test('an administrator says what publishing asks for, now and later; a planner reads it and the gate', async (t) => {
  const send = async (body) => assert.equal((await fetch(`${address}/v1/publication-settings`, {
    method: 'PUT', headers: { 'Content-Type': 'application/json', ...(await headers('admin')) }, body: JSON.stringify(body),
  })).status, 200);
  t.after(discard);
  t.after(() => send({}));
  await discard();
  const [village] = (await township()).cells;
  const { uid, etag } = village.properties;
  assert.equal((await call('POST', '/v1/draft/edits', { op: 'rename', cell: { uid, etag }, name: '示例草案村' })).status, 201);

  const page = await open(t, browser, '/?lang=zh&mode=merge&view=publish', { role: 'admin', bypassCSP: true, refused: ['/v1/publication-settings', '/v1/editions/'] });
  const panel = page.locator('publication-settings');
  const add = async (kind, which) => {
    await panel.locator('[name=party-kind]').selectOption(kind);
    if (kind === 'unit') {
      await panel.locator('[name=party-which]').click();
      await panel.locator(`unit-search [data-unit="${which}"]`).click();
    } else await panel.locator('[name=party-which]').selectOption(which);
    await panel.locator('[name=party-add]').click();
  };
  await panel.locator('[name=settings-change]').click();
  const { units: [unit] } = await ask('/v1/units');
  await add('unit', String(unit.id));
  await add('layer', 'environment');
  await add('role', 'planner');
  await panel.locator('[data-party="role:planner"] button').click();
  await add('role', 'admin');
  await panel.locator('[name=decision]').check();
  await panel.locator('[name=office-zh]').fill('示例网格办');
  await accessible(page, 'changing what is asked for');
  await panel.locator('[name=since]').fill('2020-01-01T08:00');
  await panel.locator('[name=settings-save]').click();
  await panel.getByRole('alert').getByText('生效时间不能在过去').waitFor();
  await panel.locator('[name=since]').fill('');
  await panel.locator('[name=settings-save]').click();
  await panel.getByRole('status').getByText('已保存').waitFor();
  const asked = await ask('/v1/publication-settings');
  assert.deepEqual(asked.sign_offs.map(({ unit, layer, role }) => unit ?? layer ?? role), [unit.id, 'environment', 'admin']);
  assert.equal(asked.office.zh, '示例网格办');
  assert.deepEqual([asked.decision, asked.scan, asked.assigned], [true, false, false]);
  for (const name of [unit.label, '生态环境条线', '系统管理员']) assert.ok((await panel.textContent()).includes(name), name);
  for (const check of ['sign-offs', 'decision']) await page.locator(`[data-check=${check}].lacking`).waitFor();

  // Set for later, it is shown beside what holds.
  await send({ since: new Date(Date.now() + 365 * 86_400_000).toISOString(), assigned: true });
  const planner = await open(t, browser, '/?lang=en&mode=merge&view=publish', { viewport: { width: 390, height: 844 }, bypassCSP: true, refused: ['/v1/editions/'] });
  const read = planner.locator('publication-settings');
  await read.locator('.next', { hasText: 'set by demo-admin' }).waitFor();
  assert.equal(await read.locator('.next [data-flag=assigned]').textContent(), 'asked for');
  assert.equal(await read.locator('[data-flag=decision]').first().textContent(), 'asked for');
  assert.ok(await read.locator('[name=settings-change]').isDisabled());
  await read.getByText('The system administrator sets it').waitFor();
  assert.equal(await planner.evaluate(() => document.documentElement.scrollWidth), 390);
  await accessible(planner, 'what is asked for');

  // Until it holds it can be taken back, which only who sets it is offered.
  assert.equal(await read.locator('[name=settings-withdraw]').count(), 0);
  await page.reload();
  await panel.locator('.next').waitFor();
  await panel.locator('[name=settings-withdraw]').click();
  await panel.getByRole('status').getByText('已撤回').waitFor();
  assert.equal(await panel.locator('.next').count(), 0);
  // Changing one thing leaves the others as they were.
  await panel.locator('[name=settings-change]').click();
  await panel.locator('[name=scan]').check();
  await panel.locator('[name=settings-save]').click();
  await panel.getByRole('status').getByText('已保存').waitFor();
  const { next, office, scan } = await ask('/v1/publication-settings');
  assert.deepEqual([next, office.zh, scan], [[], '示例网格办', true]);
});
