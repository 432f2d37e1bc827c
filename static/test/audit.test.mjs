import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, address, headers, launch, open } from './browser.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

/** A change by the planner, for the log. */
async function change(method, path, body) {
  const answer = await fetch(address + path, { method, headers: { 'Content-Type': 'application/json', Origin: address, ...(await headers('planner')) }, body: JSON.stringify(body) });
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${await answer.clone().text()}`);
  return answer.json();
}

const rows = (page) => page.locator('audit-board tbody tr');

test('the auditor finds who changed what, and sees before and after', async (t) => {
  const name = `审计示例办 ${Date.now()}`;
  const unit = await change('POST', '/v1/units', { name, kind: 'department' });
  await change('PATCH', `/v1/units/${unit.id}`, { name: `${name}乙` });
  const page = await open(t, browser, '/?lang=zh', { role: 'auditor', bypassCSP: true });
  await page.getByRole('button', { name: '审计', exact: true }).click();
  await rows(page).first().waitFor();
  await page.getByLabel('内容').fill(name);
  await page.getByRole('button', { name: '查询' }).click();
  await page.waitForFunction(() => document.querySelectorAll('audit-board tbody tr').length === 2);
  const changed = rows(page).first();
  assert.equal(await changed.locator('.was').textContent(), name);
  assert.equal(await changed.locator('.is').textContent(), `${name}乙`);
  for (const said of ['修改', '单位', 'demo-planner', '规划人员', '127.0.0.1']) assert.ok((await changed.textContent()).includes(said), said);
  assert.equal(new URL(page.url()).searchParams.get('words'), name);
  await accessible(page, 'the log');

  await changed.getByRole('button', { name: `单位 ${unit.id}` }).click();
  await page.waitForFunction(() => new URL(location.href).searchParams.get('noun') === 'people.unit' && document.querySelectorAll('audit-board tbody tr').length === 2);
  await page.goBack();
  assert.equal(await page.getByLabel('内容').inputValue(), name);
});

test('the log goes on page by page, and says in English what it shows', async (t) => {
  const page = await open(t, browser, '/?lang=en&mode=audit&noun=people.assignment', { role: 'auditor' });
  await rows(page).first().waitFor();
  const first = await rows(page).first().getAttribute('data-seq');
  assert.equal(await rows(page).count(), 50);
  await page.getByRole('button', { name: 'Older' }).click();
  await page.waitForFunction((seq) => document.querySelector('audit-board tbody tr')?.dataset.seq !== seq, first);
  const before = Number(new URL(page.url()).searchParams.get('before'));
  assert.ok(Number(await rows(page).first().getAttribute('data-seq')) < before);
  await page.getByRole('button', { name: 'Newest' }).click();
  await page.waitForFunction((seq) => document.querySelector('audit-board tbody tr')?.dataset.seq === seq, first);
  assert.ok((await rows(page).first().textContent()).includes('assignment'));
});

test('what is personal is shown to the auditor', async (t) => {
  const person = await change('POST', '/v1/people', { name: '示例人员审计', phone: '000-0000-7777', posts: [], layers: [] });
  const page = await open(t, browser, `/?lang=zh&mode=audit&person=${person.id}`, { role: 'auditor' });
  await rows(page).first().waitFor();
  const shown = await page.locator('audit-board').textContent();
  for (const said of ['示例人员审计', '000-0000-7777']) assert.ok(shown.includes(said), said);
});
