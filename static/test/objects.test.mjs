import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ask, clickAt, launch, leaf, look, open, rendered, settled } from './browser.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

test('an unlocated object gets its place by a click on the map', async (t) => {
  const { objects } = await ask('/v1/objects/unlocated');
  assert.ok(objects.length > 0, 'the demo has no unlocated object left: load it afresh');
  const object = objects[0];
  const { cell } = await leaf(() => true);
  const spot = cell.label;
  const page = await open(t, browser, '/?lang=zh&room=objects&layers=');
  await page.locator(`.list button[data-code="${object.code}"]`).click();
  await page.locator('.banner').waitFor();
  await settled(page);
  await look(page, spot, 14);
  await clickAt(page, spot);
  const confirm = page.locator('.locating[role=group]');
  await confirm.getByText(cell.name).waitFor();
  await confirm.getByRole('button', { name: '确认位置' }).click();
  await page.getByText(`「${object.name}」已定位`).waitFor();
  await page.locator(`.list button[data-code="${object.code}"]`).waitFor({ state: 'detached' });

  const now = await ask('/v1/objects/unlocated');
  assert.ok(!now.objects.some(({ kind, code }) => kind === object.kind && code === object.code));
  const { geometry } = await ask(`/collections/${object.collection}/items/${object.code}`);
  assert.ok(Math.abs(geometry.coordinates[0] - spot.lon) < 1e-4 && Math.abs(geometry.coordinates[1] - spot.lat) < 1e-4);
  await settled(page);
  await page.waitForFunction(
    ([layer, code]) => window.unigrid.map.queryRenderedFeatures({ layers: [layer] }).some((feature) => feature.properties.code === code),
    [`${object.kind}-symbol`, object.code],
  );
  assert.ok((await rendered(page, `${object.kind}-symbol`)).includes(object.code));
});
