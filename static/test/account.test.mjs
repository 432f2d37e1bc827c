// Signing in and accounts, in a real browser.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, accounts, address, ask, headers, launch, open, settled } from './browser.mjs';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

const dialogue = (page) => page.getByRole('dialog');
const me = (page) => page.locator('account-menu > button');

async function enter(page, name, password) {
  await me(page).click();
  await dialogue(page).getByLabel('账号').fill(name);
  await dialogue(page).getByLabel('密码').fill(password);
  await dialogue(page).getByRole('button', { name: '登录' }).click();
}

test('the public reads the demo, and is not offered what it may not do', async (t) => {
  const page = await open(t, browser, '/?lang=zh&mode=merge&room=objects', { role: null, bypassCSP: true });
  await me(page).waitFor();
  assert.equal(await me(page).textContent(), '登录');
  assert.equal(await page.locator('[data-mode=edit], [data-mode=import], [data-mode=compare], export-dialogue, edit-tools').count(), 0);
  assert.deepEqual(await page.locator('[role=tab]').allTextContents(), ['概览', '图层']);
  await me(page).click();
  await dialogue(page).getByLabel('密码').waitFor();
  await accessible(page, 'signing in');
});

test('signs in, says who one is, and signs out', async (t) => {
  const page = await open(t, browser, '/?lang=zh', { role: null, refused: ['/v1/session'] });
  await enter(page, 'demo-planner', 'not the password');
  await dialogue(page).getByRole('alert').getByText('账号、密码或验证码不对').waitFor();
  await dialogue(page).getByLabel('密码').fill(accounts.planner.password);
  await dialogue(page).getByRole('button', { name: '登录' }).click();
  await page.locator('[data-mode=edit]').waitFor();
  await settled(page);
  assert.equal(await me(page).textContent(), 'demo-planner');
  await me(page).click();
  assert.match(await dialogue(page).textContent(), /网格规划/);
  await dialogue(page).getByText('登录记录').click();
  await dialogue(page).getByText('本次', { exact: true }).waitFor();
  assert.equal(await dialogue(page).getByRole('button', { name: '账号管理' }).count(), 0);
  await dialogue(page).getByRole('button', { name: '退出登录' }).click();
  await page.waitForFunction(() => document.querySelector('account-menu > button')?.textContent === '登录');
  await settled(page);
});

test('the administrator makes an account, the security administrator gives it rights', async (t) => {
  const name = `test-${Date.now()}`;
  const admin = await open(t, browser, '/?lang=zh', { role: 'admin', bypassCSP: true });
  await me(admin).click();
  await dialogue(admin).getByRole('button', { name: '账号管理' }).click();
  await dialogue(admin).getByText('新建账号').first().click();
  const form = dialogue(admin).locator('.new form');
  await form.getByLabel('账号').fill(name);
  await form.getByLabel('初始密码').fill('an initial phrase');
  await form.getByRole('button').click();
  const row = (page) => dialogue(page).locator(`[data-account=${name}]`);
  await row(admin).waitFor();
  await row(admin).locator('summary').click();
  assert.equal(await row(admin).locator('.rights').count(), 0, 'the administrator gives no rights');
  await accessible(admin, 'accounts');

  const security = await open(t, browser, '/?lang=zh', { role: 'security' });
  await me(security).click();
  await dialogue(security).getByRole('button', { name: '账号管理' }).click();
  await row(security).locator('summary').click();
  assert.equal(await dialogue(security).locator('.new').count(), 0, 'security makes no account');
  await row(security).getByLabel('角色').selectOption('officer');
  await row(security).getByLabel('区划代码').fill('430202');
  await row(security).getByRole('button', { name: '授予' }).click();
  await row(security).locator('em', { hasText: '网格员' }).waitFor();

  const page = await open(t, browser, '/?lang=zh', { role: null });
  await enter(page, name, 'an initial phrase');
  await page.getByRole('dialog').getByText('密码由管理员设置').waitFor();
  await dialogue(page).getByLabel('原密码').fill('an initial phrase');
  await dialogue(page).getByLabel('新密码').fill('a phrase of my own');
  await dialogue(page).getByRole('button', { name: '修改密码' }).click();
  await page.waitForFunction(() => window.unigrid?.app.me.may.includes('people.read'));
  await settled(page);
  const { accounts: all } = await (await fetch(`${address}/v1/accounts`, { headers: await headers('admin') })).json();
  const { id } = all.find((one) => one.name === name);
  const closed = await fetch(`${address}/v1/accounts/${id}`, { method: 'PATCH', headers: { ...(await headers('admin')), 'Content-Type': 'application/json' }, body: '{"disabled":true}' });
  assert.equal(closed.status, 200);
  assert.equal(await page.evaluate(() => fetch('/v1/session').then((answer) => answer.json()).then(({ role }) => role)), 'public', 'a closed account is signed out at once');
});

test('a key of an agency reads and does not edit', async () => {
  const by = (method, path) => fetch(address + path, { method, headers: { 'X-Api-Key': accounts.agency.key, Accept: 'application/json' } });
  assert.equal((await by('GET', '/collections/cells/items?limit=1')).status, 200);
  assert.equal((await by('GET', '/v1/editions')).status, 200);
  assert.equal((await by('DELETE', '/v1/draft')).status, 403);
  const wrong = await fetch(`${address}/v1/editions`, { headers: { Authorization: `Bearer ${accounts.agency.key}x` } });
  assert.equal(wrong.status, 401);
  assert.match(wrong.headers.get('WWW-Authenticate'), /invalid_token/);
  assert.ok((await ask('/v1/editions')).editions.length);
});

test('signs in at the identity service', async (t) => {
  const { oidc } = await (await fetch(`${address}/v1/session`)).json();
  if (!oidc) return t.skip('the service has no --oidc-issuer; .ci/browser gives it one');
  const json = async (role) => ({ ...(await headers(role)), 'Content-Type': 'application/json' });
  const made = await fetch(`${address}/v1/accounts`, { method: 'POST', headers: await json('admin'), body: JSON.stringify({ name: 'zhang', kind: 'oidc' }) });
  assert.ok([201, 409].includes(made.status), `${made.status}`);
  const { accounts: all } = await (await fetch(`${address}/v1/accounts`, { headers: await headers('admin') })).json();
  const { id } = all.find(({ name }) => name === 'zhang');
  assert.equal((await fetch(`${address}/v1/accounts/${id}/grant`, { method: 'PUT', headers: await json('security'), body: '{"role":"gis"}' })).status, 204);
  const begun = await fetch(`${address}/v1/oidc/begin`, { redirect: 'manual' });
  const page = await open(t, browser, '/?lang=zh&room=layers', { role: null, hosts: [new URL(begun.headers.get('Location')).host] });
  await me(page).click();
  await dialogue(page).getByRole('link', { name: '用统一身份认证登录' }).click();
  await page.locator('[name=username]').fill('zhang');
  await page.locator('[name=password]').fill('verysecure');
  await page.locator('[type=submit]').click();
  await page.locator('[data-mode=edit]').waitFor();
  await settled(page);
  assert.equal(await me(page).textContent(), 'zhang');
  assert.equal(new URL(page.url()).searchParams.get('room'), 'layers');
});
