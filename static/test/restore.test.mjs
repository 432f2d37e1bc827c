// Going back to an earlier edition.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, address, ask, headers, launch, open, settled } from './browser.mjs';
import { call, discard, township } from './draft.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const LONG = { timeout: 480_000 };
const one = (page, seq) => page.locator(`edition-list [data-edition="${seq}"]`);

/** Publishes an edition in which a village is called otherwise; gives the village as it was. */
async function publish(name) {
  await discard();
  const [village] = (await township()).cells;
  const { uid, etag } = village.properties;
  assert.equal((await call('POST', '/v1/draft/edits', { op: 'rename', cell: { uid, etag }, name })).status, 201);
  assert.equal((await call('PUT', '/v1/draft/decision', { document_no: '示例政发〔2026〕12号', date: '2026-03-01' })).status, 200);
  const { status, body } = await call('POST', '/v1/draft/publish', { note: '改名示例' });
  assert.equal(status, 200, JSON.stringify(body));
  return village.properties;
}

test('an earlier edition is looked at beside the newest, and published anew', async (t) => {
  const { in_force: first } = await ask('/v1/editions');
  const village = await publish('示例改名村');
  t.after(discard);
  const second = first + 1;
  const page = await open(t, browser, '/?lang=zh&layers=', { bypassCSP: true, refused: ['/v1/editions/'] });
  await one(page, second).getByText('示例政发〔2026〕12号').waitFor();
  assert.ok(await one(page, second).locator('[name=restore]').isDisabled(), 'the newest is in force');
  const report = await one(page, first).locator('a', { hasText: '变更报告' }).getAttribute('href');
  const answer = await fetch(address + report, { headers: await headers() });
  assert.equal(answer.headers.get('Content-Type'), 'application/vnd.openxmlformats-officedocument.wordprocessingml.document');
  await accessible(page, 'the editions');

  await one(page, first).locator('[name=restore]').click();
  await page.waitForFunction(() => window.unigrid.maps.length === 2 && window.unigrid.maps.every((map) => map.isStyleLoaded()));
  const change = page.locator(`compare-panel [data-code="${village.code}"]`);
  await change.waitFor();
  assert.ok((await change.textContent()).includes(`示例改名村 ${village.name}`), await change.textContent());
  assert.ok(page.url().includes(`from=${second}&to=${first}`));
  const panel = page.locator('edition-restore');
  assert.equal(await panel.locator('[name=moves]').count(), 0, 'only an administrator moves locked boundaries');

  // Without a reason nothing is asked; asked, nothing is done before it is confirmed.
  await panel.locator('[name=restore-go]').click();
  assert.equal(await panel.locator('[name=restore-yes]').count(), 0);
  await panel.locator('[name=reason]').fill('改名有误');
  await panel.locator('details summary').click();
  await panel.locator('[name=document_no]').fill('示例政发〔2026〕13号');
  await panel.locator('[name=restore-go]').click();
  await panel.getByText(`确认以第${first}版的内容发布第${second + 1}版?`).waitFor();
  await accessible(page, 'going back');
  await panel.locator('[name=restore-yes]').click();
  await panel.getByRole('alert').getByText('日期').waitFor();
  assert.equal((await ask('/v1/editions')).in_force, second, 'a number without a date is refused');
  await panel.locator('[name=date]').fill('2026-03-05');
  await panel.locator('[name=scan]').setInputFiles({ name: '决定.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7\n示例') });
  await panel.locator('[name=restore-go]').click();
  await panel.locator('[name=restore-yes]').click();
  await page.waitForFunction((seq) => document.querySelector('.title .seal')?.textContent === `第${seq}版`, second + 1, LONG);
  await one(page, second + 1).getByText(`内容同第${first}版`).waitFor();
  const { editions, in_force } = await ask('/v1/editions');
  assert.equal(in_force, second + 1);
  const { note, restores, decision } = editions.find(({ seq }) => seq === in_force);
  assert.deepEqual([note, restores, decision], ['改名有误', first, { document_no: '示例政发〔2026〕13号', date: '2026-03-05', scan: true }]);
  assert.equal((await ask(`/v1/cells/${village.code}/summary`)).cell.name, village.name);
  const scan = await one(page, in_force).locator('.paper a').getAttribute('href');
  const file = await fetch(address + scan, { headers: await headers() });
  assert.equal(Buffer.from(await file.arrayBuffer()).toString(), '%PDF-1.7\n示例');
});

test('while a draft is open nothing can be put back, and it is said why', async (t) => {
  await discard();
  t.after(discard);
  const [village] = (await township()).cells;
  const { uid, etag } = village.properties;
  assert.equal((await call('POST', '/v1/draft/edits', { op: 'rename', cell: { uid, etag }, name: '示例草案村' })).status, 201);
  const { in_force } = await ask('/v1/editions');
  const page = await open(t, browser, `/?lang=zh&layers=&mode=compare&from=${in_force}&to=${in_force - 1}`, { viewport: { width: 390, height: 844 } });
  await page.locator('edition-restore .warn', { hasText: '先发布或丢弃草案' }).waitFor();
  assert.equal(await page.locator('edition-restore form').count(), 0);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
});

test('who may not publish reads the editions and their papers', async (t) => {
  const { in_force } = await ask('/v1/editions');
  const page = await open(t, browser, '/?lang=en&layers=', { role: 'department' });
  await one(page, in_force).locator('.tag', { hasText: 'in force' }).waitFor();
  assert.equal(await page.locator('edition-list [name=restore]').count(), 0);
  await one(page, in_force).locator('[name=compare-edition]').click();
  await settled(page);
  assert.equal(await page.locator('compare-panel [name=from]').inputValue(), String(in_force - 1));
  const visitor = await open(t, browser, `/?lang=zh&layers=&mode=compare&from=${in_force}&to=${in_force - 1}`, { role: null });
  assert.equal(await visitor.locator('edition-list, edition-restore').count(), 0);
});
