import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, address, ask, headers, launch, open, rendered, settled } from './browser.mjs';

const FIGURES = ['vacancies', 'acting', 'overloaded', 'understaffed', 'idle', 'workload'];

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

const shown = async (page, figure) => Number((await page.locator(`[data-figure=${figure}] .figure b`).innerText()).replace(/\D/g, ''));

test('every figure is that of the service, and opens to its rows', async (t) => {
  const page = await open(t, browser, '/?lang=zh&room=duty&layers=');
  await page.locator('[data-figure=vacancies]').waitFor();
  const duty = await ask('/v1/duty');
  for (const figure of FIGURES) {
    assert.equal(await shown(page, figure), figure === 'workload' ? duty.people.count : duty[figure].count, figure);
    const { rows, matched } = await ask(`/v1/duty/${figure}?limit=50`);
    await page.locator(`[data-figure=${figure}] .figure`).click();
    await page.locator(`[data-figure=${figure}] duty-rows`).waitFor();
    await settled(page);
    assert.equal(matched, await shown(page, figure), figure);
    assert.equal(await page.locator('duty-rows').count(), 1);
    assert.equal(await page.locator('duty-rows li, duty-rows tbody tr').count(), rows.length, figure);
    assert.ok(page.url().includes(`figure=${figure}`));
  }
});

test('the cells of a figure are marked on the map, and a row leads to its cell', async (t) => {
  const page = await open(t, browser, '/?lang=zh&room=duty&figure=vacancies&layers=');
  await page.locator('duty-rows li').first().waitFor();
  await settled(page);
  const { rows } = await ask('/v1/duty/vacancies?limit=50');
  const marked = new Set(await rendered(page, 'lit-places'));
  assert.ok(marked.size > 10 && rows.filter(({ cell }) => marked.has(cell.code)).length === marked.size, `${marked.size} of ${rows.length}`);
  await page.locator('duty-rows li button').first().click();
  await settled(page);
  assert.ok(page.url().includes(`cell=${rows[0].cell.code}`));
  assert.deepEqual([...new Set(await rendered(page, 'lit-area'))].includes(rows[0].cell.code), true);
  // only what is selected
  await page.locator('[data-reach=cell]').click();
  await page.waitForFunction((code) => new URL(location.href).searchParams.get('below') === code, rows[0].cell.code);
  await page.locator('[data-figure=vacancies]').waitFor();
  await settled(page);
  assert.equal(await shown(page, 'vacancies'), 1);
  // the marks go with the room
  await page.locator('#tab-overview').click();
  await settled(page);
  assert.deepEqual(await rendered(page, 'lit-area'), []);
});

test('a suggestion is shown with what it mends, and may be accepted', async (t) => {
  const { rows } = await ask('/v1/duty/vacancies?limit=1000');
  const township = rows.find(({ cell }) => cell.tier === 4).cell.code.slice(0, 9) + '000';
  const before = await ask(`/v1/duty?cell=${township}`);
  const page = await open(t, browser, `/?lang=zh&room=duty&below=${township}&layers=`);
  await page.locator('[data-ask]').click();
  await page.locator('.measure').waitFor();
  const [vacant, after] = await page.locator('.measure tbody tr').first().locator('td').allInnerTexts();
  assert.equal(Number(vacant), before.vacancies.count);
  assert.ok(Number(after) < Number(vacant), `${after} of ${vacant}`);
  assert.ok((await page.locator('.suggestion .changes li').count()) > 0);
  await page.locator('[data-accept]').click();
  await page.locator('.suggestion .done').waitFor();
  await settled(page);
  const now = await ask(`/v1/duty?cell=${township}`);
  assert.equal(now.vacancies.count, Number(after));
  assert.equal(await shown(page, 'vacancies'), Number(after));
});

test('limits, texts and telephones are changed where they count, and mobile numbers are refused', async (t) => {
  const { rows: [{ cell }] } = await ask('/v1/duty/understaffed?limit=1');
  const page = await open(t, browser, `/?lang=zh&room=duty&below=${cell.code}&layers=`);
  await page.locator('.duty-settings summary').click();
  const field = (name) => page.locator(`.duty-settings [name="${name}"]`);
  const save = () => page.locator('.duty-settings [type=submit]').click();
  const [usual] = (await ask('/v1/duty/settings')).texts;
  const restore = async () => {
    await field('least_officers').fill('1');
    await field('phone').fill('');
    await field(`zh:${usual.layer}`).fill('');
    await save();
    await page.locator('.duty-settings .done').waitFor();
  };
  await field('least_officers').fill('0');
  await field('phone').fill('0731-28681234');
  await field(`zh:${usual.layer}`).fill('查得勤,报得快');
  await save();
  await page.locator('.duty-settings .done').waitFor();
  await settled(page);
  assert.equal(await shown(page, 'understaffed'), 0);
  const board = await (await fetch(`${address}/v1/boards/${cell.code}`, { headers: await headers() })).text();
  for (const words of ['0731-28681234', '查得勤,报得快']) assert.ok(board.includes(words), words);
  await field('phone').fill('138-0013-8000');
  await save();
  await page.locator('.duty-settings .failure').waitFor();
  assert.match(await page.locator('.duty-settings .failure').innerText(), /手机号/);
  await restore();
  const after = await ask('/v1/duty/settings');
  assert.deepEqual([after.texts[0].text, after.hotlines, after.limits.least_officers], [usual.text, [], 1]);
});

test('the panel is accessible, by the rules of WCAG 2 A and AA', async (t) => {
  for (const [language, figure] of [['zh', 'acting'], ['en', 'workload']]) {
    const page = await open(t, browser, `/?lang=${language}&room=duty&figure=${figure}&layers=`, { bypassCSP: true });
    await page.locator('duty-rows li, duty-rows tr').first().waitFor();
    await page.locator('.duty-settings summary').click();
    await page.locator('.duty-settings form').waitFor();
    await accessible(page, language);
  }
});
