// A real Chromium on the running service at UNIGRID_URL.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

export const address = process.env.UNIGRID_URL?.replace(/\/$/, '');
if (!address) throw new Error('set UNIGRID_URL to the address of a running unigrid with the demo territory, e.g. http://127.0.0.1:8080');

const data = process.env.UNIGRID_DATA;
if (!data) throw new Error('set UNIGRID_DATA to the data folder of that service, where it keeps the passwords of the demo\'s accounts');
/** The demo's accounts by role and by name: name and password, or key. */
export const accounts = Object.fromEntries(JSON.parse(readFileSync(`${data}/demo-accounts.json`, 'utf8')).flatMap((one) => [[one.role, one], [one.name, one]]));

/** Makes an account on the machine itself, as an administrator would; flags say what it may. */
export function makeAccount(name, ...flags) {
  const password = randomBytes(9).toString('base64url');
  execFileSync(fileURLToPath(new URL('../../bin/unigrid', import.meta.url)), ['--data', data, 'user', 'add', name, '--password-stdin', ...flags], { input: `${password}\n` });
  accounts[name] = { name, password };
}

const host = new URL(address).host;
const PATIENCE_MS = 90_000;

/** Starts a browser with a profile of its own, which can reach no other host. */
export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--use-gl=angle',
      '--use-angle=swiftshader',
      '--enable-unsafe-swiftshader',
      '--disable-background-networking',
      `--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE ${new URL(address).hostname}`,
    ],
  });
}

/** What the console says of an answer that refuses: what the page makes of it is tested. */
const REFUSED = /status of (400|401|404|409|412|422) /;
const REFUSING = ['/v1/assignments/', '/v1/circulations/current', '/v1/conflicts/', '/v1/draft', '/v1/duty/settings', '/v1/exports/', '/v1/people'];

const sessions = new Map();

/** The cookie of a session of the demo's account of a role; one per role and run. */
export function cookie(role) {
  if (!sessions.has(role)) sessions.set(role, signIn(role));
  return sessions.get(role);
}

async function signIn(role) {
  const { name, password } = accounts[role];
  const answer = await fetch(`${address}/v1/session`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ name, password }) });
  assert.equal(answer.status, 201, `signing in as ${name}: ${answer.status}`);
  const [, cookieName, value] = /^([^=]+)=([^;]+)/.exec(answer.headers.get('Set-Cookie'));
  return { name: cookieName, value };
}

/**
 * Opens a page for a test, signed in as the demo's account of a role (null:
 * nobody), and waits for the map. After the test it fails on any
 * message of an error on the console, but of refusals, and on any
 * request to another host.
 */
export async function open(t, browser, path, { role = 'planner', refused = [], hosts = [], ...options } = {}) {
  const context = await browser.newContext({ locale: 'zh-CN', viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce', ...options });
  if (role) await context.addCookies([{ ...(await cookie(role)), url: address, httpOnly: true, sameSite: 'Lax' }]);
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const errors = [];
  const foreign = [];
  page.on('console', (message) => {
    const { url } = message.location();
    if (url && hosts.includes(new URL(url).host)) return; // another's page
    const refusal = REFUSED.test(message.text()) && [...REFUSING, ...refused].some((path) => url.startsWith(address + path));
    if (['error', 'warning'].includes(message.type()) && !refusal) errors.push(`${message.text()} ${url}`.trim());
  });
  page.on('pageerror', (error) => errors.push(String(error.stack)));
  context.on('request', (request) => {
    const url = new URL(request.url());
    if (!['data:', 'blob:'].includes(url.protocol) && url.host !== host && !hosts.includes(url.host)) foreign.push(request.url());
  });
  t.after(async () => {
    await context.close();
    assert.deepEqual(errors, [], 'errors on the console');
    assert.deepEqual(foreign, [], 'requests to other hosts');
  });
  await page.goto(address + path);
  await settled(page);
  return page;
}

/** Waits until the map has drawn all it has to, and no panel is loading. */
export async function settled(page) {
  await page.waitForFunction(() => window.unigrid && !document.querySelector('.loading'));
  await page.evaluate(() => new Promise((done) => {
    const { map } = window.unigrid;
    const check = () => (map.loaded() && !map.isMoving() ? done() : map.once('idle', check));
    map.once('idle', check);
    map.triggerRepaint();
  }));
}

/** Fails on what breaks the rules of WCAG 2 A and AA; the page must have been opened with bypassCSP, for its policy keeps out scripts such as the checker. */
export async function accessible(page, message) {
  await page.addScriptTag({ path: axe });
  const { violations } = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] }));
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`), [], message);
}

/** Headers with which the test itself asks as the demo's account of a role. */
export async function headers(role = 'planner') {
  const { name, value } = await cookie(role);
  return { Cookie: `${name}=${value}` };
}

/** What the API answers to the planner; fails on anything but 200. */
export async function ask(path) {
  const answer = await fetch(address + path, { headers: { Accept: 'application/json, application/geo+json', ...(await headers()) } });
  assert.equal(answer.status, 200, `${path}: ${answer.status}`);
  return answer.json();
}

/** Codes of what a layer of the map's style shows. */
export function rendered(page, styleLayer) {
  return page.evaluate(
    (layer) => window.unigrid.map.queryRenderedFeatures({ layers: [layer] }).map((feature) => feature.properties.code),
    styleLayer,
  );
}

/** Moves the map and waits. */
export async function look(page, { lon, lat }, zoom) {
  await page.evaluate((to) => window.unigrid.map.jumpTo(to), { center: [lon, lat], zoom });
  await settled(page);
}

/** Where a place of the map is on the screen. */
export function screen(page, { lon, lat }) {
  return page.evaluate((at) => {
    const { map } = window.unigrid;
    const box = map.getCanvas().getBoundingClientRect();
    const point = map.project(at);
    return { x: box.left + point.x, y: box.top + point.y };
  }, [lon, lat]);
}

/** Clicks a place on the map, as a person would. */
export async function clickAt(page, place) {
  const { x, y } = await screen(page, place);
  await page.mouse.click(x, y);
}

let leaves;

/** A leaf of the lowest tier for which find is true, with its summary. */
export async function leaf(find) {
  const { tiers } = await ask('/v1/stats');
  leaves ??= ask(`/collections/cells/items?tier=${Math.max(...tiers.map(({ tier }) => tier))}&limit=2000`);
  const { features } = await leaves;
  const found = features.find(({ properties }) => find(properties));
  assert.ok(found, 'no such cell');
  return ask(`/v1/cells/${found.properties.code}/summary`);
}
