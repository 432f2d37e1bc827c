// What the tests of drawing share: the draft as the API tells it, a township to
// draw in, and a hand that draws.
import assert from 'node:assert/strict';
import { address, ask, headers, screen, settled } from './browser.mjs';

const JSON_TYPES = { Accept: 'application/json, application/geo+json, application/problem+json' };

/** What the API answers, whatever its status. */
export async function call(method, path, body) {
  const answer = await fetch(address + path, {
    method,
    headers: { ...JSON_TYPES, ...(await headers()), ...(body ? { 'Content-Type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await answer.text();
  return { status: answer.status, body: text ? JSON.parse(text) : null };
}

/** Throws the open draft away, so that the next test finds the demo as it was. */
export async function discard() {
  const { status } = await call('DELETE', '/v1/draft');
  assert.ok([204, 404].includes(status), `discarding: ${status}`);
}

/** The cells below one, as the draft has them. */
export async function children(parent) {
  return (await ask(`/v1/draft/cells?parent=${parent}`)).features;
}

/** The nth township with enough cells below it to draw in. */
export async function township(n = 0, least = 8) {
  const { features } = await ask('/v1/draft/cells?tier=3&limit=300');
  let found = 0;
  for (const { properties } of features) {
    const cells = await children(properties.code);
    if (cells.length >= least && cells.every((cell) => cell.properties.leaf && !cell.properties.locked) && found++ === n) return { ...properties, cells };
  }
  assert.fail('no such township');
}

export function box({ geometry }) {
  const places = geometry.coordinates.flat(2);
  const side = (i, pick) => places.reduce((a, place) => pick(a, place[i]), places[0][i]);
  return { west: side(0, Math.min), south: side(1, Math.min), east: side(0, Math.max), north: side(1, Math.max) };
}

/** The cell that a place lies in. */
export function at(cells, [x, y]) {
  const inside = (ring) => ring.slice(1).reduce((odd, [bx, by], i) => {
    const [ax, ay] = ring[i];
    return ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax ? !odd : odd;
  }, false);
  const found = cells.find(({ geometry }) => geometry.coordinates.some(([outer, ...holes]) => inside(outer) && !holes.some(inside)));
  assert.ok(found, `no cell at ${x}, ${y}`);
  return found;
}

/** The longest run of vertices that two cells share. */
export function border(one, other) {
  const theirs = new Set(other.geometry.coordinates.flat(2).map(String));
  const ring = one.geometry.coordinates[0][0].slice(0, -1);
  const start = ring.findIndex((place) => !theirs.has(String(place)));
  let best = [];
  let run = [];
  for (let i = 0; i <= ring.length; i++) {
    const place = ring[(start + i) % ring.length];
    if (theirs.has(String(place))) run.push(place);
    else {
      if (run.length > best.length) best = run;
      run = [];
    }
  }
  return best;
}

/** Two of the cells with the longest common border. */
export function neighbours(cells) {
  let best = { run: [] };
  for (const one of cells) {
    for (const other of cells) {
      const run = one === other ? [] : border(one, other);
      if (run.length > best.run.length) best = { one, other, run };
    }
  }
  assert.ok(best.run.length > 3, 'no neighbours');
  return best;
}

/** Waits until the editor has nothing left to do. */
export async function rested(page) {
  await page.waitForFunction(() => window.unigrid?.app.editor.parent && !window.unigrid.app.editor.busy);
  await settled(page);
}

export const tool = (page, name) => page.locator(`edit-tools [data-tool=${name}]`).click();
export const row = (page, cell) => page.locator(`edit-panel [data-uid="${cell.properties.uid}"]`);
export const card = (page) => page.locator('change-card');
export const apply = (page) => card(page).locator('.main');

/** Draws through places of the map with the mouse; a double-click ends it. */
export async function stroke(page, places) {
  for (const [i, [lon, lat]] of places.entries()) {
    const { x, y } = await screen(page, { lon, lat });
    await page.mouse.move(x, y, { steps: 2 });
    if (i < places.length - 1) await page.mouse.click(x, y);
    else await page.mouse.dblclick(x, y);
  }
}

/** Applies what is previewed, and waits until it is stored. */
export async function store(page, steps) {
  await page.waitForFunction(() => window.unigrid.app.editor.preview && !window.unigrid.app.editor.busy);
  await apply(page).click();
  await page.waitForFunction((n) => window.unigrid.app.editor.draft?.steps.filter(({ undone }) => !undone).length === n && !window.unigrid.app.editor.busy, steps);
}

/** That the children of a cell fill it to the square metre, and nothing is in two of them. */
export async function whole(parent, cells) {
  const now = await children(parent.code);
  const sum = now.reduce((all, { properties }) => all + properties.area_m2, 0);
  const before = cells.reduce((all, { properties }) => all + properties.area_m2, 0);
  assert.ok(Math.abs(sum - before) < 1, `area ${before} became ${sum}`);
  return now;
}
