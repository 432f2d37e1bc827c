// Downloading in the browser: any collection, at any instant, as other programs want it.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { unzipSync } from 'fflate';
import { accessible, ask, launch, open } from './browser.mjs';
import { call } from './draft.mjs';
import { bring, clear, rested, section, written } from './imports.mjs';

let browser;
before(async () => {
  browser = await launch();
  await clear();
});
after(async () => {
  await clear();
  await browser.close();
});

const dialogue = (page) => page.locator('dialog.export[open]');
const field = (page, name) => dialogue(page).locator(`[name=${name}]`);

async function enter(page) {
  await page.getByRole('button', { name: /^(下载|Download)$/ }).click();
  await field(page, 'format').waitFor();
}

/** Does something that starts a download; gives the file's name, bytes and where it came from. */
async function got(page, make) {
  const asked = page.waitForRequest((request) => request.url().includes('/v1/exports/'));
  const download = page.waitForEvent('download');
  await make();
  const file = await download;
  return { name: file.suggestedFilename(), bytes: await readFile(await file.path()), url: new URL((await asked).url()) };
}

const submit = (page) => dialogue(page).locator('[type=submit]').click();
const part = (files, ending) => files[Object.keys(files).find((name) => name.endsWith(ending))];

test('by keyboard: opened, chosen, downloaded, closed; the focus is where it was', async (t) => {
  const page = await open(t, browser, '/?lang=zh', { bypassCSP: true });
  const button = page.getByRole('button', { name: '下载', exact: true });
  await button.focus();
  await page.keyboard.press('Enter');
  await field(page, 'collection').waitFor();
  await page.waitForFunction(() => document.activeElement?.closest('dialog.export'));
  await accessible(page);
  await field(page, 'tier').focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  assert.equal(await field(page, 'tier').inputValue(), '2');
  await field(page, 'encoding').focus();
  await page.keyboard.type('GBK');
  assert.equal(await field(page, 'encoding').inputValue(), 'GBK');
  const { name, bytes, url } = await got(page, async () => {
    await dialogue(page).locator('[type=submit]').focus();
    await page.keyboard.press('Enter');
  });
  assert.equal(url.pathname, '/v1/exports/cells');
  assert.deepEqual(Object.fromEntries(url.searchParams), { format: 'shp', tier: '2', crs: 'EPSG:4326', encoding: 'GBK' });
  assert.match(name, /^株洲市_统一网格_2级_.*\.zip$/);
  const files = unzipSync(bytes);
  for (const ending of ['.shp', '.shx', '.dbf', '.prj', '.cpg']) assert.ok(part(files, ending), ending);
  const text = new TextDecoder('gbk').decode(part(files, '.dbf'));
  const { children } = await ask(`/v1/cells/${(await ask('/v1/stats')).territory.code}/summary`);
  for (const child of children) assert.ok(text.includes(child.name), child.name);
  await dialogue(page).getByText(`已下载「${name}」`).waitFor();
  await page.keyboard.press('Escape');
  await dialogue(page).waitFor({ state: 'detached' });
  assert.ok(await button.evaluate((element) => element === document.activeElement));
});

test('at another instant, in another system; a format asks only what it can be', async (t) => {
  const page = await open(t, browser, '/?lang=en');
  await enter(page);
  await field(page, 'collection').selectOption('enterprises');
  assert.equal(await field(page, 'tier').count(), 0);
  await field(page, 'format').selectOption('geojson');
  assert.equal(await field(page, 'crs').count(), 0);
  assert.equal(await field(page, 'encoding').count(), 0);
  await dialogue(page).locator('[value=then]').check();
  await field(page, 'instant').fill('2001-02-03T04:05');
  const before = await got(page, () => submit(page));
  assert.equal(before.url.searchParams.get('datetime'), '2001-02-02T20:05:00.000Z'); // the office's time, UTC+8
  assert.deepEqual(JSON.parse(before.bytes).features, []);
  await dialogue(page).locator('[value=now]').check();
  const now = JSON.parse((await got(page, () => submit(page))).bytes);
  assert.equal(now.features.length, (await ask('/v1/stats')).objects.enterprises.total);

  await field(page, 'collection').selectOption('layer-cells');
  await field(page, 'layer').selectOption('environment');
  await field(page, 'format').selectOption('shp');
  await field(page, 'crs').selectOption('EPSG:4547');
  const zone = await got(page, () => submit(page));
  assert.equal(zone.url.searchParams.get('layer'), 'environment');
  assert.match(new TextDecoder().decode(part(unzipSync(zone.bytes), '.prj')), /Gauss_Kruger/);

  // No coordinates: no system and no geometry to choose.
  await field(page, 'collection').selectOption('people');
  assert.equal(await field(page, 'crs').count() + await field(page, 'original').count(), 0);
});

test('characters that an encoding lacks are listed by row, and two ways lead out', async (t) => {
  // 㙍 and 𬇙 are no characters of GBK.
  const file = await written(t, '示例僻字企业.csv', '统一社会信用代码,企业名称,经度,纬度\n91430200MA4DEM001R,示例㙍塘化工厂,113.155407,27.819337\n91430200MA4DEM002W,示例𬇙水机械公司,113.128816,27.943865\n');
  const page = await open(t, browser, '/?lang=zh&mode=import', { bypassCSP: true, acceptDownloads: true });
  await bring(page, file);
  await rested(page, 'ready');
  await section(page, 'outcome').getByRole('button', { name: '导入 2 行' }).click();
  await rested(page, 'applied');

  await enter(page);
  await field(page, 'collection').selectOption('enterprises');
  await field(page, 'format').selectOption('csv');
  await field(page, 'encoding').selectOption('GBK');
  await submit(page);
  const table = dialogue(page).getByRole('region', { name: '缺少的字所在' });
  await table.waitFor();
  assert.deepEqual(await table.locator('thead th').allTextContents(), ['行', '代码', '字段', '值', '字']);
  const rows = await table.locator('tbody tr').evaluateAll((all) => all.map((row) => [...row.cells].map((cell) => cell.textContent)));
  // In the collection's own column and in the file's.
  assert.deepEqual(rows.map(([, ...rest]) => rest.join()).sort(), [
    '91430200MA4DEM001R,name,示例㙍塘化工厂,㙍',
    '91430200MA4DEM001R,企业名称,示例㙍塘化工厂,㙍',
    '91430200MA4DEM002W,name,示例𬇙水机械公司,𬇙',
    '91430200MA4DEM002W,企业名称,示例𬇙水机械公司,𬇙',
  ]);
  assert.ok(rows.every(([row]) => Number(row) > 0));
  await dialogue(page).getByText('GBK 里没有这些字').waitFor();
  await accessible(page);
  const decoded = async (encoding, label) => {
    const { bytes, url } = await got(page, () => dialogue(page).getByRole('button', { name: `改用 ${encoding} 下载` }).click());
    assert.equal(url.searchParams.get('encoding'), encoding);
    assert.equal(await field(page, 'encoding').inputValue(), encoding);
    assert.equal(await table.count(), 0);
    return new TextDecoder(label, { ignoreBOM: true }).decode(bytes);
  };
  const whole = await decoded('GB18030', 'gb18030');
  assert.ok(whole.includes('示例㙍塘化工厂') && whole.includes('示例𬇙水机械公司') && !whole.includes('?'), 'GB18030');
  await field(page, 'encoding').selectOption('GBK');
  await submit(page);
  await table.waitFor();
  const utf8 = await decoded('UTF-8', 'utf-8');
  assert.ok(utf8.startsWith('\uFEFF') && utf8.includes('示例𬇙水机械公司'), 'UTF-8');
});

test('what the service says against it is shown with its fixes', async (t) => {
  const page = await open(t, browser, '/?lang=zh');
  await enter(page);
  // A collection that went away since the dialogue was opened.
  await page.route('**/v1/exports/cells?*', (route) => route.continue({ url: route.request().url().replace('exports/cells', 'exports/gone') }));
  await submit(page);
  const { body } = await call('GET', '/v1/exports/gone?format=shp');
  assert.equal(body.status, 404);
  await dialogue(page).getByRole('alert').waitFor();
  assert.equal(await dialogue(page).locator('.failure li').count(), body.fixes.length);
  assert.ok(body.fixes.length > 0);
});

test('on a phone the dialogue fits and can be reached', async (t) => {
  const page = await open(t, browser, '/?lang=zh', { viewport: { width: 390, height: 844 }, hasTouch: true, bypassCSP: true });
  await enter(page);
  await accessible(page);
  const box = await dialogue(page).boundingBox();
  assert.ok(box.x >= 0 && box.x + box.width <= 390 && box.height <= 844, JSON.stringify(box));
  const { name } = await got(page, () => submit(page));
  await dialogue(page).getByText(`已下载「${name}」`).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
});
