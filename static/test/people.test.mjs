// The roster in the browser: found by pinyin, edited by one and by many, telephone numbers for a reason.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, address, ask, headers, launch, open } from './browser.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const marked = `示例${Date.now() % 1e6}`;

async function send(method, path, body, role = 'planner') {
  const answer = await fetch(address + path, { method, headers: { 'Content-Type': 'application/json', ...(await headers(role)) }, body: body === undefined ? undefined : JSON.stringify(body) });
  const text = await answer.text();
  return { status: answer.status, body: text ? JSON.parse(text) : null };
}

/** People of a unit made for one test, gone after it. */
async function made(t, names) {
  const unit = (await send('POST', '/v1/units', { name: `${marked}办${Math.random().toString().slice(2, 8)}`, kind: 'department' })).body;
  const people = [];
  for (const name of names) people.push((await send('POST', '/v1/people', { name, unit: unit.id, phone: '13812345678', posts: [{ title: '干事' }] })).body);
  t.after(async () => {
    for (const { id } of people) await send('DELETE', `/v1/people/${id}`);
    await send('DELETE', `/v1/units/${unit.id}`);
  });
  return { unit, people };
}

const row = (page, id) => page.locator(`tr[data-person="${id}"]`);
const form = (page) => page.locator('person-form form').first();

test('somebody is found while typing pinyin, opened and edited; the address says so', async (t) => {
  const { people: [person], unit } = await made(t, ['曾晓单']);
  const page = await open(t, browser, '/?lang=zh', { bypassCSP: true });
  await page.locator('[data-mode=people]').click();
  for (const typed of ['cengxiaodan', 'zxs', '曾晓', 'zeng xiao shan']) {
    await page.locator('[name=q]').fill(typed);
    await row(page, person.id).waitFor();
  }
  await page.locator('[name=q]').fill('nobody here');
  await page.getByText('没有符合条件的人').waitFor();
  await page.locator('[name=q]').fill('cxs');
  await row(page, person.id).getByRole('button', { name: '曾晓单' }).click();
  await form(page).waitFor();
  assert.match(page.url(), new RegExp(`mode=people.*q=cxs.*person=${person.id}`));
  await accessible(page, 'the roster with a form');
  await form(page).locator('[name=name]').fill('曾晓旦');
  await page.locator('[name=post-add]').click();
  const post = page.locator('.held').nth(1);
  await post.locator('[name=title]').fill('安全员');
  await post.locator('[name=from]').fill('2024-03-01');
  await form(page).locator('[name=layer-environment]').selectOption('home');
  await form(page).locator('[name=layer-safety]').selectOption('supports');
  await form(page).locator('[type=submit]').click();
  await page.getByText('已保存').waitFor();
  const now = await ask(`/v1/people/${person.id}`);
  assert.equal(now.name, '曾晓旦');
  assert.deepEqual(now.posts.map(({ title, from }) => [title, from]), [['干事', null], ['安全员', '2024-03-01T00:00:00Z']]);
  assert.deepEqual(now.layers, [{ layer: 'environment', home: true }, { layer: 'safety', home: false }]);
  assert.equal(now.unit, unit.id);
  await row(page, person.id).getByText('安全员').waitFor();
});

test('who edits what somebody else has changed meanwhile is told, and keeps nothing half done', async (t) => {
  const { people: [person] } = await made(t, ['王二小']);
  const page = await open(t, browser, `/?lang=en&mode=people&q=wangerxiao&person=${person.id}`);
  await form(page).locator('[name=name]').fill('王三小');
  await send('PATCH', `/v1/people/${person.id}`, { name: '王四小' });
  await form(page).locator('[type=submit]').click();
  await page.getByText('Somebody else has changed this person').waitFor();
  await page.getByText(/It is now: 王四小/).waitFor();
  assert.equal((await ask(`/v1/people/${person.id}`)).name, '王四小');
  await page.locator('[name=take]').click();
  assert.equal(await form(page).locator('[name=name]').inputValue(), '王四小');
  await form(page).locator('[name=name]').fill('王五小');
  await form(page).locator('[type=submit]').click();
  await page.getByText('Saved').waitFor();
});

test('several are moved to a unit and a layer at once; a stale row keeps all as they were', async (t) => {
  const { people, unit } = await made(t, ['赵一甲', '赵一乙', '赵一丙']);
  const other = (await send('POST', '/v1/units', { name: `${marked}站`, kind: 'department', parent: unit.id })).body;
  t.after(() => send('DELETE', `/v1/units/${other.id}`));
  const page = await open(t, browser, `/?lang=zh&mode=people&q=zhaoyi&unit=${unit.id}`, { bypassCSP: true });
  for (const { id } of people) await row(page, id).getByRole('checkbox').check();
  await page.getByText('已选 3 人').first().waitFor();
  // A unit is found by a part of its name, with the keyboard alone.
  const unitField = page.locator('[name=set-unit]');
  await unitField.fill(`${marked}站`);
  await page.locator(`unit-search [data-unit="${other.id}"]`).waitFor();
  assert.equal(await page.locator('unit-search [role=option]').count(), 1);
  await accessible(page, 'choosing a unit');
  await unitField.press('ArrowDown');
  await unitField.press('Enter');
  assert.equal(await unitField.inputValue(), other.label);
  await page.locator('unit-search .found').waitFor({ state: 'detached' });
  await page.locator('[name=set-layer]').selectOption('safety');
  await send('PATCH', `/v1/people/${people[1].id}`, { name: '赵一丁' });
  await page.locator('.many [type=submit]').click();
  await page.getByText('赵一乙: 此后已被他人修改').waitFor();
  assert.equal((await ask(`/v1/people/${people[0].id}`)).unit, unit.id);
  await page.getByRole('button', { name: '重新读取' }).click();
  await row(page, people[1].id).getByText('赵一丁').waitFor();
  await page.locator('.many [type=submit]').click();
  await page.getByText('已修改 3 人').waitFor();
  for (const { id } of people) {
    const now = await ask(`/v1/people/${id}`);
    assert.deepEqual([now.unit, now.layers, now.posts[0].unit], [other.id, [{ layer: 'safety', home: true }], other.id]);
  }
  await page.locator(`.tree [data-unit="${other.id}"]`).click();
  assert.match(page.url(), new RegExp(`unit=${other.id}`));
  await row(page, people[2].id).waitFor();
});

test('a telephone number is shown for a reason, and that is recorded', async (t) => {
  const { people: [person] } = await made(t, ['钱电话']);
  const page = await open(t, browser, `/?lang=zh&mode=people&q=qdh&person=${person.id}`);
  const shown = page.locator('[name=phone-shown]');
  await page.locator('[name=reveal]').click();
  assert.equal(await shown.textContent(), '138****5678');
  assert.equal(await page.locator('[name=show]').isDisabled(), true);
  await page.locator('[name=reason]').fill('防汛值班通知');
  await page.locator('[name=show]').click();
  await page.getByText('13812345678').waitFor();
  assert.ok(!(await row(page, person.id).textContent()).includes('13812345678'));
  const refused = await send('POST', `/v1/people/${person.id}/phone`, { reason: '想看看' }, 'gis');
  assert.equal(refused.status, 403);
});

test('a phone shows the roster below its search, the form over it', async (t) => {
  const { people: [person] } = await made(t, ['孙小屏']);
  const page = await open(t, browser, '/?lang=zh&mode=people&q=sunxiaoping', { viewport: { width: 390, height: 844 }, bypassCSP: true });
  await row(page, person.id).getByRole('button', { name: '孙小屏' }).click();
  await form(page).locator('[name=name]').waitFor();
  await accessible(page, 'the form on a phone');
  const box = await page.locator('person-form').boundingBox();
  assert.ok(box.width <= 390 && box.x === 0);
  await page.locator('.shut').click();
  await page.locator('person-form').waitFor({ state: 'detached' });
});
