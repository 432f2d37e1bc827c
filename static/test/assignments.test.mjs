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
  const page = await open(t, browser, `/?lang=en&layers=&cell=${town}`);
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
  assert.deepEqual((await planning()).map(({ person, cell }) => [person, cell]), [[next.id, village.cell]]);
  await dialogue.locator('button', { hasText: 'Close' }).click();
  await page.locator('.staffing').waitFor();
  // as it was
  const { imports: [last] } = await ask('/v1/imports?limit=1');
  const undone = await fetch(`${address}/v1/imports/${last.id}/undo`, { method: 'POST', headers: await headers() });
  assert.equal(undone.status, 200);
  assert.deepEqual(await planning(), []);
});
