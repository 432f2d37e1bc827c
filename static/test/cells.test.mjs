import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { address, ask, clickAt, launch, leaf, look, open, settled } from './browser.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const panel = (page) => page.locator('cells-panel');

test('a click on a village tells the same person as the API', async (t) => {
  const { cell } = await leaf(({ accountable }) => !accountable.acting);
  const spot = cell.label;
  const page = await open(t, browser, '/?lang=zh');
  await look(page, spot, 13);
  await clickAt(page, spot);
  await panel(page).getByRole('heading', { name: cell.name }).waitFor();
  const { chain } = await ask(`/v1/responsible?lon=${spot.lon}&lat=${spot.lat}`);
  assert.equal(chain[0].code, cell.code);
  const person = panel(page).locator('.accountable .person');
  assert.equal(await person.getAttribute('data-person'), String(chain[0].accountable.id));
  assert.equal(await person.locator('strong').textContent(), chain[0].accountable.name);
  assert.deepEqual(await panel(page).locator('.chain .link').allTextContents(), chain.slice(1).map(({ name }) => name));
  assert.deepEqual(
    await panel(page).locator('.duty > p b').allTextContents(),
    (await ask('/v1/stats')).layers.map(({ layer }) => chain[0].leads[layer]?.name ?? '无'),
  );
  assert.equal(new URL(page.url()).searchParams.get('cell'), cell.code);
});

test('whoever acts is marked so, with the cell that stands in', async (t) => {
  const summary = await leaf(({ accountable }) => accountable.acting);
  const { accountable } = summary.chain[0];
  const page = await open(t, browser, `/?lang=zh&cell=${summary.cell.code}`);
  const card = panel(page).locator('.accountable');
  assert.equal(await card.locator('.stamp').textContent(), '代理');
  assert.match(await card.textContent(), new RegExp(`${accountable.from.name}代理`));
  assert.match(await card.textContent(), new RegExp(accountable.name));
});

test('finds a cell by name and by code, by keyboard', async (t) => {
  const { cell, chain } = await leaf(({ accountable }) => !accountable.acting);
  const town = chain[1];
  const page = await open(t, browser, '/?lang=zh');
  const box = page.getByRole('combobox');
  for (const [words, wanted] of [[town.name, town], [cell.code, cell]]) {
    await box.fill(words);
    const option = page.getByRole('option').filter({ hasText: wanted.code });
    await option.waitFor();
    while ((await option.getAttribute('aria-selected')) !== 'true') await box.press('ArrowDown');
    await box.press('Enter');
    await panel(page).getByRole('heading', { name: wanted.name, exact: true }).waitFor();
    assert.equal(new URL(page.url()).searchParams.get('cell'), wanted.code);
    await settled(page);
    const { lng, lat } = await page.evaluate(() => window.unigrid.map.getCenter());
    const [west, south, east, north] = (await ask(`/v1/cells/${wanted.code}/summary`)).cell.bbox;
    const margin = east - west;
    assert.ok(lng > west - margin && lng < east + margin && lat > south - margin && lat < north + margin, 'the map shows it');
  }
});

test('Enter on the map selects the cell in its middle', async (t) => {
  const { cell } = await leaf(() => true);
  const page = await open(t, browser, '/?lang=en');
  await look(page, cell.label, 13);
  await page.locator('#map canvas').focus();
  await page.keyboard.press('Enter');
  await panel(page).getByRole('heading', { name: cell.name }).waitFor();
});

test('says what is wrong with a cell that is not there', async (t) => {
  const page = await browser.newPage();
  t.after(() => page.close());
  await page.goto(`${address}/?lang=zh&cell=999999999999`);
  await panel(page).getByRole('alert').waitFor();
  assert.match(await panel(page).getByRole('alert').textContent(), /999999999999/);
});
