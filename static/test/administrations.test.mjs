// Cells that another than their parent administers (托管).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, ask, launch, leaf, open, settled } from './browser.mjs';
import { call } from './draft.mjs';

let browser;
let village;
let zone;
before(async () => {
  browser = await launch();
  const { cell, path } = await leaf(() => true);
  village = { ...cell, county: path[1] };
  const { children } = await ask(`/v1/cells/${path[0].code}/summary`);
  zone = children.find(({ code }) => code !== village.county.code);
});
after(() => browser.close());

/** Ends what is not ended, so that the next test finds the demo as it was. */
async function clear() {
  for (const { id, to } of (await ask('/v1/administrations')).administrations) if (!to) await call('POST', `/v1/administrations/${id}/end`, {});
}

const list = (page) => page.locator('cells-panel administration-list');
const row = (page) => page.locator('cells-panel administration-list > .entrusting > [data-administration]');

/** Chooses a cell in one of the form's fields. */
async function choose(form, field, { code }) {
  await form.locator(`[name=${field}]`).fill(code);
  await form.locator(`[data-cell="${code}"]`).click();
}

test('from a cell: it is given to another, the chain says so, and it is ended', async (t) => {
  t.after(clear);
  const page = await open(t, browser, `/?lang=zh&layers=&cell=${village.code}`, { bypassCSP: true, refused: ['/v1/administrations'] });
  const above = () => page.locator('cells-panel .chain .link').allTextContents();
  const before = await above();
  assert.equal(await page.locator('.entrusted').count(), 0);
  await list(page).locator('[name=entrust]').click();
  const form = list(page).locator('form');
  await form.locator('[name=entrust-save]').click();
  await form.getByRole('alert').getByText('请选定管理的网格或单位').waitFor();

  // What the service refuses is said in its words.
  await choose(form, 'manager', village);
  await form.locator('[name=entrust-save]').click();
  await form.getByRole('alert').getByText('网格不能由自己或其下级托管').waitFor();
  await accessible(page, 'the form');

  await choose(form, 'manager', zone);
  await form.locator('[name=reason]').fill('示例政发〔2026〕7号');
  await form.locator('[name=entrust-save]').click();
  await row(page).waitFor();
  assert.match(await row(page).textContent(), new RegExp(`${zone.name}[^]*示例政发〔2026〕7号[^]*demo-planner`));
  await page.locator('.entrusted', { hasText: `由${zone.name}管理` }).waitFor();
  const { chain, path } = await ask(`/v1/cells/${village.code}/summary`);
  assert.deepEqual(await above(), chain.slice(1).map(({ name }) => name));
  assert.equal((await above())[0], zone.name);
  assert.deepEqual(await page.locator('.path .link').allTextContents(), path.map(({ name }) => name), 'on the map it lies where it lay');
  await accessible(page, 'the panel');

  // The other side says it, too, and leads there.
  await row(page).getByRole('button', { name: zone.name }).click();
  await page.locator('cells-panel h2', { hasText: zone.name }).waitFor();
  await row(page).getByRole('button', { name: village.name }).click();
  await page.locator('cells-panel h2', { hasText: village.name }).waitFor();

  await row(page).locator('[name=entrust-end]').click();
  await page.locator('.entrusted').waitFor({ state: 'detached' });
  await settled(page);
  assert.deepEqual(await above(), before);
  await list(page).locator('summary', { hasText: '已结束' }).waitFor();
});

test('from the roster: all of them, one by a unit and from later on, which is taken back', async (t) => {
  const { status, body: unit } = await call('POST', '/v1/units', { name: `示例开发区管委会 ${Date.now()}`, kind: 'other', division: zone.code });
  assert.equal(status, 201, JSON.stringify(unit));
  t.after(() => call('DELETE', `/v1/units/${unit.id}`));
  t.after(clear);
  for (const viewport of [{ width: 1440, height: 900 }, { width: 390, height: 844 }]) {
    const page = await open(t, browser, '/?lang=en&mode=people', { bypassCSP: true, viewport });
    const panel = page.locator('people-panel administration-list');
    await page.locator('people-panel details.entrust > summary').click();
    await panel.locator('[name=entrust]').click();
    const form = panel.locator('form');
    await choose(form, 'entrusted', village);
    await form.locator('[name=unit]').fill(unit.name.slice(3));
    await form.locator(`[data-unit="${unit.id}"]`).click();
    assert.equal(await form.locator('[name=unit]').inputValue(), unit.name);
    const later = new Date(Date.now() + 40 * 86_400_000);
    await form.locator('[name=from]').fill(`${later.toISOString().slice(0, 10)}T08:00`);
    await form.locator('[name=entrust-save]').click();
    const one = panel.locator(':scope > .entrusting > [data-administration]');
    await one.locator('.stamp', { hasText: 'to come' }).waitFor();
    const text = await one.textContent();
    for (const said of [village.name, zone.name, unit.name]) assert.ok(text.includes(said), said);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), viewport.width);
    await accessible(page, 'the list');
    await one.locator('[name=entrust-end]').click();
    await panel.getByRole('status').getByText(`${zone.name} runs it no more`).waitFor();
    await one.waitFor({ state: 'detached' });
  }
});

test('who may not record it reads it; who may not read people sees the chain', async (t) => {
  t.after(clear);
  const { status } = await call('POST', '/v1/administrations', { cell: village.code, by: zone.code });
  assert.equal(status, 201);
  const officer = await open(t, browser, `/?lang=zh&layers=&cell=${village.code}`, { role: 'officer' });
  await row(officer).waitFor();
  assert.equal(await list(officer).locator('button[name]').count(), 0);
  const visitor = await open(t, browser, `/?lang=zh&layers=&cell=${village.code}`, { role: null });
  await visitor.locator('.entrusted', { hasText: `由${zone.name}管理` }).waitFor();
  assert.equal(await visitor.locator('administration-list').count(), 0);
});
