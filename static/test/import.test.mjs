// Importing in the browser, as a clerk without a shell does it.
import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { after, before, beforeEach, test } from 'node:test';
import { accessible, ask, launch, look, open, settled } from './browser.mjs';
import { call, discard, neighbours, township } from './draft.mjs';
import { bring, changes, clear, extent, fixture, rested, section, tab, written } from './imports.mjs';

let browser;
before(async () => {
  browser = await launch();
});
beforeEach(clear);
after(async () => {
  await clear();
  await browser.close();
});

test('a shapefile in GBK without .prj: wrong system seen, right one chosen, columns mended, a problem visited, applied, undone', async (t) => {
  const page = await open(t, browser, '/?lang=zh&mode=import', { bypassCSP: true });
  await accessible(page);
  const id = await bring(page, fixture('示例污染源.zip'));

  // Text of GBK is read as such, and what looks like telephone numbers is left out.
  await section(page, 'encoding').getByText('示例董家塅机械公司').waitFor();
  await section(page, 'personal').getByText('手机号').waitFor();
  assert.equal(await page.locator('import-rows td', { hasText: '13900000001' }).count(), 0);
  await section(page, 'outcome').getByRole('alert').waitFor();

  // A wrong zone is seen to be wrong: three degrees off, out of the territory.
  await section(page, 'crs').locator('[name=epsg]').fill('4548');
  await changes(page, () => section(page, 'crs').getByRole('button', { name: '采用', exact: true }).click());
  await section(page, 'crs').locator('[data-extent=out]').waitFor();
  await page.waitForFunction(async () => (await window.unigrid.map.getSource('import').getData()).features.length === 12);
  assert.ok((await extent(page))[0] > 115.5, `${await extent(page)}`);

  // The candidate puts all of it where it belongs.
  await changes(page, () => section(page, 'crs').locator('input[value="EPSG:4547"]').check());
  await section(page, 'crs').locator('[data-extent=in]').waitFor();
  await page.waitForFunction(async () => (await window.unigrid.map.getSource('import').getData()).features[0].geometry.coordinates[0] < 114);

  // The column of the names isn't known by its heading.
  const name = section(page, 'mapping').locator('[name=name]');
  assert.equal(await name.getAttribute('aria-invalid'), 'true');
  await changes(page, () => name.selectOption('PWDW'));
  assert.equal(await name.inputValue(), 'PWDW');
  await section(page, 'mapping').locator('[data-field=name] .samples').getByText('示例洣江化工厂').waitFor();

  // Twelve rows, one of them with a wrong check digit.
  const { report } = await ask(`/v1/imports/${id}`);
  assert.equal(report.rows, 12);
  assert.equal(report.created, 11);
  assert.equal(report.rejected, 1);
  await section(page, 'outcome').locator('[data-count=rejected].bad', { hasText: '1' }).waitFor();
  await section(page, 'outcome').getByRole('button', { name: /^错误/ }).click();
  await page.locator('.findings button').first().click();
  await page.locator('import-problem').getByText('示例渌口水泥厂').waitFor();
  await page.waitForFunction(async () => (await window.unigrid.map.getSource('import-focus').getData()).features.length > 0);
  await page.locator('import-problem').getByRole('button', { name: '在表格中看' }).click();
  await page.locator('tr.rejected[aria-current=true]', { hasText: '示例渌口水泥厂' }).waitFor();
  await accessible(page);

  await tab(page, 'differences').click();
  await page.locator('import-differences [data-op=created]').nth(10).waitFor();

  // A colleague who gets the address sees the same.
  const colleague = await open(t, browser, `/?lang=en&import=${id}`);
  await rested(colleague, 'ready');
  await colleague.getByRole('heading', { name: '示例污染源.zip' }).waitFor();
  assert.equal(await section(colleague, 'outcome').getByRole('button', { name: 'Apply 11 rows' }).count(), 1);

  await section(page, 'outcome').getByRole('button', { name: '导入 11 行' }).click();
  await rested(page, 'applied');
  const made = await ask('/collections/enterprises/items?limit=1000');
  const firms = made.features.filter(({ properties }) => properties.name?.startsWith('示例') && properties.code.startsWith('91430200MA4DEM'));
  assert.equal(firms.length, 11);
  assert.ok(firms.some(({ properties }) => properties.name === '示例董家塅机械公司'));
  const [lon, lat] = firms[0].geometry.coordinates;
  await look(page, { lon, lat }, 15);
  await page.waitForFunction((code) => window.unigrid.map.queryRenderedFeatures({ layers: ['enterprise-symbol'] }).some(({ properties }) => properties.code === code), firms[0].properties.code);

  await section(page, 'outcome').getByRole('button', { name: '撤销这次导入' }).click();
  await rested(page, 'undone');
  assert.equal((await call('GET', `/collections/enterprises/items/${firms[0].properties.code}`)).status, 404);
  await page.waitForFunction((code) => !window.unigrid.map.queryRenderedFeatures({ layers: ['enterprise-symbol'] }).some(({ properties }) => properties.code === code), firms[0].properties.code);
});

test('villages of one name: each is asked, answered together where the question is the same, never guessed', async (t) => {
  const page = await open(t, browser, '/?lang=en&mode=import');
  const id = await bring(page, fixture('示例无坐标企业.xlsx'));
  await rested(page, 'ready');
  await tab(page, 'findings').click();
  const questions = page.locator('.findings button', { hasText: '东山村' });
  await questions.first().waitFor();
  assert.equal(await questions.count(), 2);
  await questions.first().click();
  await page.locator('import-problem [name=alike]').check();
  await page.locator('import-problem [name=answer][value="430281109232"]').check();
  await page.locator('import-problem').getByRole('group', { name: 'Which one is meant?' }).waitFor();
  await changes(page, () => page.getByRole('button', { name: 'Check again with 2 answers' }).click());
  assert.deepEqual(Object.values((await ask(`/v1/imports/${id}`)).choices), ['430281109232', '430281109232']);
  await page.locator('.findings button', { hasText: '石湾村' }).waitFor();
  assert.equal(await questions.count(), 0);
});

test('what stands in the way is said in the language of the page, whatever the browser speaks', async (t) => {
  const page = await open(t, browser, '/?lang=en&mode=import');
  await bring(page, fixture('示例污染源.zip'));
  await section(page, 'outcome').getByRole('alert').getByText('is unknown').waitFor();
  await section(page, 'outcome').getByRole('button', { name: /Say it/ }).click();
  assert.ok(await page.evaluate(() => document.activeElement.closest('import-crs') !== null));
});

/** Three firms near the middle of the city in CGCS2000 / 3-degree Gauss-Kruger CM 114E, northing first. */
const exchanged = (srid = '') => `统一社会信用代码,企业名称,WKT
91430200MA4DEM001R,示例洣江化工厂,${srid}POINT(3078707.28 416784.40)
91430200MA4DEM002W,示例董家塅机械公司,${srid}POINT(3092526.39 414262.48)
91430200MA4DEM0030,示例清水塘冶炼厂,${srid}POINT(3077636.87 412240.66)
`;
const within = (page) => section(page, 'crs').locator('[data-extent=in]').waitFor();

/** Does something that says something of the import; gives what it said. */
async function said(page, make) {
  const asked = page.waitForRequest((request) => request.method() === 'PATCH');
  await changes(page, make);
  return (await asked).postDataJSON();
}

test('exchanged axes without a system: the candidate that says so, with its evidence, puts them right', async (t) => {
  const page = await open(t, browser, '/?lang=zh&mode=import', { bypassCSP: true });
  await bring(page, await written(t, '示例对调企业.csv', exchanged()));
  const candidate = section(page, 'crs').locator('.candidates label', { has: page.locator('[value="EPSG:4547 yx"]') });
  await candidate.getByText('x/y 对调').waitFor();
  const { source } = await ask(`/v1/imports/${new URL(page.url()).searchParams.get('import')}`);
  assert.ok(source.crs_candidates.find(({ epsg, swapped }) => epsg === 4547 && swapped));
  assert.match(await candidate.locator('small').textContent(), /3 行.*株洲市.*对调/);
  await accessible(page);
  assert.deepEqual(await said(page, () => candidate.locator('input').check()), { crs: 'EPSG:4547', swap_axes: true });
  await within(page);
  assert.ok(await candidate.locator('input').isChecked());
  assert.ok(await section(page, 'crs').locator('[name=swap_axes]').isChecked());
  const [west, south, east, north] = await extent(page);
  assert.ok(west > 113 && east < 113.3 && south > 27.7 && north < 28.1, `${[west, south, east, north]}`);
});

test('exchanged axes in a known system: the finding offers to exchange them, the box takes it back', async (t) => {
  const page = await open(t, browser, '/?lang=en&mode=import', { bypassCSP: true });
  await bring(page, await written(t, '示例对调企业.csv', exchanged('SRID=4547;')));
  await rested(page, 'ready');
  await section(page, 'crs').locator('[data-extent=out]').waitFor();
  const doubt = section(page, 'crs').locator('.doubts li', { hasText: '3 with x and y exchanged' });
  assert.deepEqual(await said(page, () => doubt.getByRole('button', { name: 'Exchange x and y', exact: true }).click()), { swap_axes: true });
  await within(page);
  assert.equal(await doubt.count(), 0);
  assert.deepEqual(await said(page, () => section(page, 'crs').locator('[name=swap_axes]').uncheck()), { swap_axes: false });
  await doubt.waitFor();
  await accessible(page);
});

test('longitude and latitude in each other\'s columns are exchanged by hand', async (t) => {
  const page = await open(t, browser, '/?lang=zh&mode=import');
  const id = await bring(page, await written(t, '示例经纬企业.csv', '统一社会信用代码,企业名称,经度,纬度\n91430200MA4DEM001R,示例洣江化工厂,27.819337,113.155407\n91430200MA4DEM002W,示例董家塅机械公司,27.943865,113.128816\n'));
  await rested(page, 'ready');
  assert.equal((await ask(`/v1/imports/${id}`)).source.extent, null);
  await changes(page, () => section(page, 'crs').getByLabel('对调 x 和 y').check());
  await within(page);
  assert.equal((await ask(`/v1/imports/${id}`)).report.warnings, 0);
});

test('what is found is said in the page\'s language, and in the other once that is chosen', async (t) => {
  const page = await open(t, browser, '/?lang=zh&mode=import');
  const id = await bring(page, fixture('示例无坐标企业.xlsx'));
  await rested(page, 'ready');
  const { findings: [first] } = await ask(`/v1/imports/${id}/findings?limit=1`);
  const { source } = await ask(`/v1/imports/${id}`);
  assert.match(first.message_zh, /[\u4e00-\u9fff]{4}/);
  assert.doesNotMatch(first.message, /[\u4e00-\u9fff]{4}/);
  await tab(page, 'findings').click();
  const row = page.locator('.findings button').first();
  await row.getByText(first.message_zh).waitFor();
  await row.click();
  await page.locator('import-problem').getByText(first.message_zh).waitFor();
  await page.getByRole('button', { name: 'English' }).click();
  await row.getByText(first.message).waitFor();
  await page.locator('import-problem').getByText(first.message).waitFor();
  assert.ok(source.crs_how_zh && source.crs_how_zh !== source.crs_how);
});

test('a changed file of cells: what is missing is asked for, then retired; differences before and after', async (t) => {
  await discard();
  t.after(discard);
  const town = await township();
  const { one, other } = neighbours(town.cells);
  const base = ({ properties: { uid, etag } }) => ({ uid, etag });
  const { status, body } = await call('POST', '/v1/draft/edits', { op: 'merge', cells: [one, other].map(base) });
  assert.equal(status, 201);
  await discard();
  const spare = town.cells.find((cell) => cell !== one && cell !== other);
  const feature = ({ geometry, properties: { code, name } }, change = {}) => ({ type: 'Feature', geometry, properties: { code, name, ...change } });
  const features = [
    feature({ ...one, geometry: body.features.features[0].geometry }),
    feature(spare, { name: '示例新名社区' }),
    ...town.cells.filter((cell) => ![one, other, spare].includes(cell)).map((cell) => feature(cell)),
  ];
  const page = await open(t, browser, '/?lang=zh&mode=import', { bypassCSP: true });
  await page.locator('import-sending input[type=file]').setInputFiles(await written(t, '示例网格.geojson', JSON.stringify({ type: 'FeatureCollection', features })));
  await page.locator('import-sending [name^=tier-]').selectOption('4');
  await page.waitForFunction(() => new URLSearchParams(location.search).get('import'));
  await rested(page, 'failed');
  const alert = section(page, 'outcome').getByRole('alert');
  await alert.getByText(other.properties.code).waitFor();
  assert.deepEqual(await said(page, () => alert.getByRole('button', { name: /^停用文件中没有的网格/ }).click()), { retire_missing: true });
  await rested(page, 'ready');
  assert.ok(await section(page, 'target').getByLabel(/^停用文件中没有的网格/).isChecked());
  await section(page, 'outcome').locator('[data-count=retired]', { hasText: '1' }).waitFor();
  await tab(page, 'differences').click();
  const difference = (op, code) => page.locator(`import-differences [data-op=${op}]`, { hasText: code });
  await difference('retired', other.properties.code).waitFor();
  const renamed = difference('changed', spare.properties.code);
  const name = renamed.locator('tr', { has: page.locator('.is', { hasText: /^示例新名社区$/ }) });
  assert.equal(await name.locator('.was').textContent(), spare.properties.name);
  await difference('changed', one.properties.code).locator('.is', { hasText: /^面积 .* → / }).waitFor();
  await accessible(page);
});

test('by keyboard: problems one after another, tabs by arrows', async (t) => {
  const page = await open(t, browser, '/?lang=zh&mode=import');
  await bring(page, fixture('示例无坐标企业.xlsx'));
  await rested(page, 'ready');
  await tab(page, 'rows').focus();
  await page.keyboard.press('ArrowRight');
  await page.waitForFunction(() => document.activeElement?.id === 'view-findings');
  const first = page.locator('.findings button').first();
  await first.waitFor();
  await first.focus();
  await page.keyboard.press('Enter');
  await page.locator('.findings li:first-child [aria-current]').waitFor();
  await page.keyboard.press('ArrowDown');
  await page.locator('.findings li:nth-child(2) [aria-current]').waitFor();
  assert.ok(await page.evaluate(() => document.activeElement.matches('.findings li:nth-child(2) button')));
  await page.keyboard.press('ArrowUp');
  await page.locator('.findings li:first-child [aria-current]').waitFor();
});

test('parts of a shapefile dropped together on the map become one upload', async (t) => {
  const page = await open(t, browser, '/?lang=zh');
  // A shapefile of one null shape and no attributes that anybody needs.
  const dropped = await page.evaluateHandle(() => {
    const data = new DataTransfer();
    for (const part of ['shp', 'shx', 'dbf']) data.items.add(new File([new Uint8Array(100)], `示例拖入企业.${part}`, { lastModified: 1e12 }));
    return data;
  });
  const sent = page.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith('/v1/uploads/'));
  await page.dispatchEvent('#map', 'dragenter', { dataTransfer: dropped });
  await page.getByText('松手即开始上传').waitFor();
  await page.dispatchEvent('#map', 'drop', { dataTransfer: dropped });
  const metadata = (await sent).headers()['upload-metadata'];
  assert.equal(Buffer.from(metadata.split(' ')[1], 'base64').toString(), '示例拖入企业.zip');
  // It isn't what it claims to be, and is told so.
  await page.waitForFunction(() => new URLSearchParams(location.search).get('import'));
  await rested(page, 'failed');
  await section(page, 'outcome').getByRole('alert').waitFor();
});

test('an upload can be paused, and goes on after a reload when the same file is chosen again', async (t) => {
  // Its name says nothing of what it is, so that it isn't imported at once.
  const file = await written(t, '示例大文件.csv', '甲,乙,丙,丁\n'.repeat(1_000_000));
  const { size } = await stat(file);
  const page = await open(t, browser, '/?lang=zh&mode=import');
  // A slow line, so that there is time to pause.
  const line = await page.context().newCDPSession(page);
  await line.send('Network.enable');
  const speed = (uploadThroughput) => line.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput });
  await speed(2 * 1024 * 1024);
  await page.locator('import-sending input[type=file]').setInputFiles(file);
  await page.waitForFunction(() => window.unigrid.app.importer.uploads.items[0]?.bytes > 3e6);
  await page.getByRole('button', { name: '暂停' }).click();
  await page.locator('[data-state=paused]').waitFor();
  await page.reload();
  await settled(page);
  await page.getByText('上次没有传完').waitFor();
  await speed(-1);
  const resumed = page.waitForResponse((answer) => answer.request().method() === 'HEAD' && answer.url().includes('/v1/uploads/'));
  await page.locator('import-sending input[type=file]').setInputFiles(file);
  const offset = Number((await resumed).headers()['upload-offset']);
  assert.ok(offset > 0 && offset < size, `goes on at ${offset} of ${size}`);
  await page.locator('[data-state=sent]').waitFor();
  await page.getByRole('button', { name: '取消' }).click();
  await page.locator('.sending li').waitFor({ state: 'detached' });
});

test('on a phone everything can be reached', async (t) => {
  const page = await open(t, browser, '/?lang=zh&mode=import', { viewport: { width: 390, height: 844 }, hasTouch: true });
  await page.locator('.handle').click();
  const id = await bring(page, fixture('示例无坐标企业.xlsx'));
  assert.ok(id > 0);
  await tab(page, 'findings').scrollIntoViewIfNeeded();
  await tab(page, 'findings').click();
  await page.locator('.findings button').first().click();
  await page.locator('import-problem article').waitFor();
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  assert.equal(wide, false, 'nothing lies beside the page');
});
