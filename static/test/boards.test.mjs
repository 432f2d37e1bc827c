import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { inflateRawSync } from 'node:zlib';
import { address, ask, headers, launch, leaf, open, settled } from './browser.mjs';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** The sheets of a PDF: width and height in points. */
function sheets(pdf) {
  const text = pdf.toString('latin1');
  const boxes = [...text.matchAll(/\/Type\s*\/Page\b[^]*?\/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]/g)];
  return boxes.map(([, wide, high]) => [Math.round(wide), Math.round(high)]);
}

/** Opens a board as the planner and watches it as any other page. */
async function board(t, path) {
  const page = await open(t, browser, '/?lang=zh');
  await page.goto(address + path);
  return page;
}

test('a board prints on one sheet, across, with nothing cut off', async (t) => {
  const { tiers } = await ask('/v1/stats');
  const page = await board(t, '/v1/boards/430200000000');
  const codes = await Promise.all(tiers.map(async ({ tier }) => (await ask(`/collections/cells/items?tier=${tier}&limit=1`)).features[0].properties.code));
  const vacant = await leaf(({ accountable }) => accountable.acting);
  const staffed = await leaf(({ officers, accountable }) => !accountable.acting);
  for (const code of new Set([...codes, vacant.cell.code, staffed.cell.code])) {
    for (const [paper, size] of [['a3', [1191, 842]], ['a4', [842, 595]]]) {
      await page.goto(`${address}/v1/boards/${code}?paper=${paper}`);
      const printed = sheets(await page.pdf({ preferCSSPageSize: true, printBackground: true }));
      assert.equal(printed.length, 1, `${code} on ${paper}: ${printed.length} sheets`);
      for (const side of [0, 1]) assert.ok(Math.abs(printed[0][side] - size[side]) <= 2, `${code} on ${paper}: ${printed[0]}`);
      const cut = await page.evaluate(() => [...document.querySelectorAll('.board, .chain, .duties, .duties article, aside, header, figure')]
        .filter((part) => part.scrollHeight > part.clientHeight + 1 || part.scrollWidth > part.clientWidth + 1).map((part) => part.className || part.tagName));
      assert.deepEqual(cut, [], `${code} on ${paper} is cut off`);
    }
  }
});

test('a board names the chain of people, says what is vacant, and shows no telephone of a person', async (t) => {
  const vacant = await leaf(({ accountable }) => accountable.acting);
  const page = await board(t, `/v1/boards/${vacant.cell.code}`);
  const own = await page.locator('.chain .own').innerText();
  assert.match(own, /空缺\(由上级网格代管\)/);
  assert.ok(!own.includes(vacant.chain[0].accountable.name), 'the stand-in is not named');
  const text = await page.locator('.board').innerText();
  for (const link of vacant.chain.slice(1)) if (!link.accountable.acting) assert.ok(text.includes(link.accountable.name), link.name);
  for (const words of ['演示数据', '网格界线仅用于监管责任划分', '12345']) assert.ok(text.includes(words), words);
  assert.ok(!/000-|\*\*\*\*/.test(text), 'a telephone');
});

test('the panel of a cell leads to its board, and to the archive of those below', async (t) => {
  const { features: [{ properties: { code } }] } = await ask('/collections/cells/items?tier=3&limit=1');
  const page = await open(t, browser, `/?lang=zh&cell=${code}`);
  await settled(page);
  assert.equal(await page.locator('board-links a').first().getAttribute('href'), `/v1/boards/${code}`);
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('board-links button').click()]);
  assert.match(download.suggestedFilename(), /网格公示牌\.zip$/);
});

test('the static pages work from any folder', async () => {
  const { features: [{ properties: { code } }] } = await ask('/collections/cells/items?tier=3&limit=1');
  const answer = await fetch(`${address}/v1/boards/${code}/pages.zip?below=true`, { headers: await headers() });
  const files = unzip(Buffer.from(await answer.arrayBuffer()));
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.route('**/*', (route) => {
    const file = files.get(decodeURIComponent(new URL(route.request().url()).pathname.replace('/some/where/', '')));
    return file === undefined ? route.abort() : route.fulfill({ body: file, contentType: route.request().url().endsWith('.css') ? 'text/css' : 'text/html' });
  });
  const failed = [];
  page.on('requestfailed', (request) => failed.push(request.url()));
  await page.goto('http://example.invalid/some/where/index.html');
  assert.equal(await page.locator('li a').count(), files.size - 2);
  await page.locator('li a').first().click();
  await page.locator('.board').waitFor();
  const wide = await page.locator('.board').evaluate((element) => element.clientWidth);
  assert.ok(wide > 1500, `the style is there: ${wide}`);
  await page.locator('nav a').click();
  await page.locator('.index').waitFor();
  assert.deepEqual(failed, []);
  await context.close();
});

/** The files of an archive by name. */
function unzip(bytes) {
  const files = new Map();
  let at = bytes.readUInt32LE(bytes.lastIndexOf(Buffer.from('PK\x05\x06')) + 16);
  while (bytes.readUInt32LE(at) === 0x02014b50) {
    const [packed, name, extra, comment, offset] = [bytes.readUInt32LE(at + 20), bytes.readUInt16LE(at + 28), bytes.readUInt16LE(at + 30), bytes.readUInt16LE(at + 32), bytes.readUInt32LE(at + 42)];
    const from = offset + 30 + bytes.readUInt16LE(offset + 26) + bytes.readUInt16LE(offset + 28);
    files.set(bytes.toString('utf8', at + 46, at + 46 + name), inflateRawSync(bytes.subarray(from, from + packed)));
    at += 46 + name + extra + comment;
  }
  return files;
}
