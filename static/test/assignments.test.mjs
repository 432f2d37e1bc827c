import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, address, ask, headers, launch, open } from './browser.mjs';

let browser;
let village;
before(async () => {
  browser = await launch();
  // a village with an accountable person of its own, in a township of several
  const { assignments } = await ask('/v1/assignments?role=accountable&when=current&limit=10000');
  village = assignments.filter(({ tier, to }) => tier === 4 && !to)[7];
  assert.ok(village, 'the demo has a village with an accountable person');
});
after(() => browser.close());

const holders = async (cell) => (await ask(`/v1/assignments?role=accountable&when=current&cell=${cell}`)).assignments;
const form = (page) => page.locator('staff-form dialog');

/** Finds a person in the open dialogue and chooses them. */
async function choose(page, staff) {
  await form(page).locator('input[type=search]').fill(staff);
  await form(page).locator(`[data-person="${staff}"]`).click();
}

async function save(page) {
  await form(page).locator('button[type=submit]').click();
  await form(page).waitFor({ state: 'detached' });
}

/** Asks until what is answered is as wanted. */
async function until(get, wanted) {
  for (let n = 0; ; n++) {
    const answer = await get();
    if (wanted(answer) || n > 100) return answer;
    await new Promise((done) => setTimeout(done, 100));
  }
}

test('from a cell: hand over, leave and back, assign, end; who comes too late is told who holds it', async (t) => {
  const page = await open(t, browser, `/?lang=zh&layers=&cell=${village.cell}`, { bypassCSP: true });
  const row = (id) => page.locator(`[data-assignment="${id}"]`);
  await row(village.id).waitFor();
  await accessible(page, 'the panel');
  const { people } = await ask('/v1/people?limit=40');
  const [next, other] = people.filter(({ id }) => id !== village.person).slice(-2);

  await row(village.id).locator('[data-deed=handover]').click();
  await choose(page, next.staff_no);
  await form(page).locator('[name=note]').fill('换届交接');
  await accessible(page, 'the dialogue');
  await save(page);
  const [held] = await holders(village.cell);
  assert.equal(held.person, next.id);
  await row(held.id).waitFor();
  await page.locator(`.accountable [data-person="${next.id}"]`).waitFor();
  const { handovers } = await ask(`/v1/handovers?cell=${village.cell}`);
  assert.equal(handovers[0].note, '换届交接');

  await row(held.id).locator('[data-deed=leave]').click();
  await choose(page, other.staff_no);
  await save(page);
  await page.locator('.accountable.acting').waitFor();
  assert.match(await page.locator('.accountable .why').textContent(), new RegExp(next.name));
  await row(held.id).locator('[data-deed=back]').click();
  await page.locator('.accountable:not(.acting)').waitFor();

  await page.locator('.staffing [data-deed=assign]').click();
  await form(page).locator('select[name=role]').selectOption('technical');
  await choose(page, other.staff_no);
  await save(page);
  const technical = page.locator('.staffing li[data-assignment]', { hasText: '技术员' });
  await technical.locator('[data-deed=end]').click();
  await save(page);
  await technical.waitFor({ state: 'detached' });

  // somebody else is quicker
  await row(held.id).locator('[data-deed=handover]').click();
  const quick = await fetch(`${address}/v1/assignments/${held.id}/handover`, {
    method: 'POST', headers: { 'Content-Type': 'application/json', ...(await headers()) }, body: JSON.stringify({ to: village.person }),
  });
  assert.equal(quick.status, 201);
  await choose(page, other.staff_no);
  await form(page).locator('button[type=submit]').click();
  await form(page).locator('li b', { hasText: village.name }).waitFor();
  assert.equal((await holders(village.cell))[0].person, village.person);
});

test('a township: vacancies below, a new roster previewed and recorded', async (t) => {
  const town = village.cell.slice(0, 9) + '000';
  // whoever reads it far away reads and enters the office's time
  const page = await open(t, browser, `/?lang=en&layers=&cell=${town}`, { timezoneId: 'America/Los_Angeles' });
  await page.locator('.staffing [data-deed=vacancies]').click();
  await page.locator('.staffing .tally').waitFor();
  const { matched } = await ask(`/v1/vacancies?cell=${town}`);
  assert.match(await page.locator('.staffing .tally').textContent(), new RegExp(`^${matched} `));

  // everybody stays but one
  const team = (await ask(`/v1/assignments?cell=${town}&below=true&role=accountable&when=current&limit=10000`)).assignments;
  const { people } = await ask('/v1/people?limit=100');
  const next = people.find(({ id }) => team.every(({ person }) => person !== id));
  const rows = team.map(({ cell, staff_no }) => `${cell === village.cell ? next.staff_no : staff_no},${cell},责任人\n`);
  await page.locator('.staffing [data-deed=roster]').click();
  const dialogue = page.locator('roster-dialogue dialog');
  await dialogue.locator('input[type=file]').setInputFiles({
    name: 'roster.csv', mimeType: 'text/csv', buffer: Buffer.from(`工号,网格代码,角色\n${rows.join('')}`),
  });
  await dialogue.locator('input[name=at]').fill('2099-01-01T08:00');
  await dialogue.locator('button[type=submit]').click();
  await dialogue.locator('[data-part=joins] li', { hasText: next.name }).waitFor();
  await dialogue.locator('[data-part=leaves] li', { hasText: village.name }).waitFor();
  assert.equal(await dialogue.locator('[data-part=joins] li').count(), 1);
  assert.equal(await dialogue.locator('[data-part=leaves] li').count(), 1);
  const planning = async () => (await ask(`/v1/assignments?cell=${town}&below=true&role=accountable&when=planned`)).assignments;
  assert.deepEqual(await planning(), [], 'a preview changes nothing');
  await dialogue.locator('button[name=apply]').click();
  await dialogue.locator('[role=status]', { hasText: 'recorded' }).waitFor();
  assert.deepEqual((await planning()).map(({ person, cell, from }) => [person, cell, new Date(from).toISOString()]), [[next.id, village.cell, '2099-01-01T00:00:00.000Z']]);
  await dialogue.locator('button', { hasText: 'Close' }).click();
  await page.locator('.staffing').waitFor();
  // as it was
  const { imports: [last] } = await ask('/v1/imports?limit=1');
  const undone = await fetch(`${address}/v1/imports/${last.id}/undo`, { method: 'POST', headers: await headers() });
  assert.equal(undone.status, 200);
  assert.deepEqual(await planning(), []);
});

test('somebody moves on: all handed over at once after a preview, and the record tells of it; posts get their rank', async (t) => {
  const send = async (method, path, body) => {
    const answer = await fetch(address + path, { method, headers: { 'Content-Type': 'application/json', ...(await headers()) }, body: JSON.stringify(body) });
    assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
    return answer.status === 204 ? null : answer.json();
  };
  const marked = `示例${Date.now() % 1e6}`;
  const unit = await send('POST', '/v1/units', { name: `${marked}办`, kind: 'department' });
  const [leaving, next, other] = await Promise.all(['离一', '接二', '接三'].map((name) => send('POST', '/v1/people', { name: marked + name, unit: unit.id, posts: [{ title: '干事' }] })));
  t.after(async () => {
    for (const { id } of [leaving, next, other]) {
      await fetch(`${address}/v1/handovers`, { method: 'POST', headers: { 'Content-Type': 'application/json', ...(await headers()) }, body: JSON.stringify({ from: id }) });
      await fetch(`${address}/v1/people/${id}`, { method: 'DELETE', headers: await headers() });
    }
    await fetch(`${address}/v1/units/${unit.id}`, { method: 'DELETE', headers: await headers() });
  });
  const held = [];
  for (const role of ['technical', 'liaison', 'supervisor']) held.push(await send('POST', '/v1/assignments', { cell: village.cell, person: leaving.id, role }));

  const page = await open(t, browser, `/?lang=zh&mode=people&unit=${unit.id}&person=${leaving.id}`, { bypassCSP: true, refused: ['/v1/handovers'] });
  const dialogue = page.locator('move-dialogue dialog');
  const pick = async (within, { staff_no }) => {
    await within.locator('input[type=search]').fill(staff_no);
    await within.locator(`[data-person="${staff_no}"]`).click();
  };
  await page.locator('[name=move]').click();
  await dialogue.locator(`li[data-assignment="${held[0].id}"]`).waitFor();
  await accessible(page, 'the bulk handover');
  await pick(dialogue.locator('person-search').first(), next);
  await dialogue.locator(`select[name="heir-${held[1].id}"]`).selectOption('other');
  await pick(dialogue.locator(`li[data-assignment="${held[1].id}"] person-search`), other);
  await dialogue.locator(`select[name="heir-${held[2].id}"]`).selectOption('end');
  await dialogue.locator(`li[data-assignment="${held[0].id}"] [data-deed=open-work]`).click();
  await dialogue.locator(`li[data-assignment="${held[0].id}"] .work`).waitFor();
  await dialogue.locator('[name=note]').fill('调离');
  await dialogue.locator('button[type=submit]').click();
  const said = async (n) => (await dialogue.locator(`[data-moved="${held[n].id}"] b`).textContent()).trim();
  await dialogue.locator('.moved').waitFor();
  assert.deepEqual([await said(0), await said(1), await said(2)], [`→ ${next.name}`, `→ ${other.name}`, '结束任职']);
  assert.equal((await ask(`/v1/handovers?person=${leaving.id}`)).handovers.length, 0, 'a preview changes nothing');

  // somebody else changes it meanwhile: nothing is handed over
  const more = await send('POST', '/v1/assignments', { cell: village.cell, person: leaving.id, role: 'officer' });
  await dialogue.locator('[name=apply]').click();
  await dialogue.locator('.failure', { hasText: '重新预览' }).waitFor();
  assert.equal((await ask(`/v1/handovers?person=${leaving.id}`)).handovers.length, 0);
  await dialogue.locator('.failure button').click();
  await dialogue.locator(`li[data-assignment="${more.id}"]`).waitFor();
  await dialogue.locator('button[type=submit]').click();
  await dialogue.locator('[name=apply]').click();
  await dialogue.locator('[role=status]', { hasText: '已移交' }).waitFor();
  await dialogue.locator('[name=shut]').click();
  await page.locator('person-form .hint', { hasText: '没有负责的网格' }).waitFor();
  const now = async ({ id }) => (await ask(`/v1/assignments?when=current&person=${id}`)).assignments.map(({ role }) => role).sort();
  assert.deepEqual([await now(leaving), await now(next), await now(other)], [[], ['officer', 'technical'], ['liaison']]);

  await page.locator('[name=record]').click();
  const record = page.locator('person-record dialog');
  await record.locator('li', { hasText: `${leaving.name} → ${next.name} 调离` }).first().waitFor();
  await accessible(page, 'the record');
  assert.match(page.url(), /record=true/);
  assert.equal(await record.locator('.terms li').count(), 4);
  await record.locator('.shut').click();
  await record.waitFor({ state: 'detached' });
  assert.doesNotMatch(page.url(), /record=true/);

  await page.locator('.unit-posts summary').click();
  const post = page.locator('.unit-posts li').first();
  await post.locator('[name=rank]').fill('7');
  await post.locator('[name=rank]').press('Tab');
  const [kept] = await until(() => ask(`/v1/posts?unit=${unit.id}`).then(({ posts }) => posts), ([{ rank }]) => rank === 7);
  await post.locator('[name=side]').selectOption('party');
  await until(() => ask(`/v1/posts?unit=${unit.id}`).then(({ posts }) => posts), ([{ side }]) => side === 'party');
  assert.equal(kept.title, '干事');
  await page.locator(`tr[data-person="${next.id}"] .side`, { hasText: '党委' }).waitFor();
});
