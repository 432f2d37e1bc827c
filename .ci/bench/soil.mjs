// Writes a dirty GeoJSON file of about n cells: a clean coverage with bent
// borders, in which every cell has one defect with the given share (overlap,
// gap, T-junction, spike, bow tie, moved corner, hole) and all vertices noise of
// the given metres. The same for the same seed.
// usage: node soil.mjs CELLS SHARE NOISE SEED > FILE
const [cells, share, noise, seed] = process.argv.slice(2).map(Number);
let state = seed >>> 0;
const random = () => { // mulberry32
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
};
const side = Math.ceil(Math.sqrt(cells)), bends = 12, step = 0.01, metre = 1 / 111320;
const points = new Map();
const at = (x, y) => {
  const key = x * 100000 + y;
  if (!points.has(key)) points.set(key, [113 + (x + (random() - 0.5) * 0.6) * step / bends, 26 + (y + (random() - 0.5) * 0.6) * step / bends]);
  return [...points.get(key)];
};
const features = [];
for (let y = 0; y < side; y++) for (let x = 0; x < side && features.length < cells; x++) {
  const ring = [];
  const [x1, y1, x2, y2] = [x * bends, y * bends, (x + 1) * bends, (y + 1) * bends];
  for (let i = x1; i < x2; i++) ring.push(at(i, y1));
  for (let i = y1; i < y2; i++) ring.push(at(x2, i));
  for (let i = x2; i > x1; i--) ring.push(at(i, y2));
  for (let i = y2; i > y1; i--) ring.push(at(x1, i));
  for (const p of ring) { p[0] += (random() - 0.5) * 2 * noise * metre; p[1] += (random() - 0.5) * 2 * noise * metre; }
  const rings = [ring], n = Math.floor(random() * ring.length), m = (n + 1) % ring.length;
  if (random() < share) switch (Math.floor(random() * 7)) {
    case 0: ring.splice(n, 1); break;
    case 1: { const by = 0.99 + random() * 0.02, cx = 113 + (x + 0.5) * step, cy = 26 + (y + 0.5) * step;
      for (const p of ring) { p[0] = cx + (p[0] - cx) * by; p[1] = cy + (p[1] - cy) * by; } break; }
    case 2: ring.splice(n + 1, 0, [ring[n][0] + 90 * metre, ring[n][1] + 60 * metre], [...ring[n]]); break;
    case 3: [ring[n], ring[m]] = [ring[m], ring[n]]; break;
    case 4: ring[n][0] += (random() - 0.5) * 60 * metre; ring[n][1] += (random() - 0.5) * 60 * metre; break;
    case 5: ring.splice(n + 1, 0, [ring[n][0] + 80 * metre, ring[n][1] + 50 * metre], [ring[n][0] + 0.05 * metre, ring[n][1]]); break;
    case 6: { const cx = 113 + (x + 0.5) * step, cy = 26 + (y + 0.5) * step, r = 10 * metre;
      rings.push([[cx - r, cy], [cx, cy + r], [cx + r, cy], [cx - r, cy]]); }
  }
  ring.push(ring[0]);
  const id = features.length + 1;
  features.push(JSON.stringify({ type: "Feature", properties: { code: String(id).padStart(6, "0"), fid_in: id }, geometry: { type: "Polygon", coordinates: rings } }));
}
process.stdout.write('{"type":"FeatureCollection","features":[\n' + features.join(",\n") + "\n]}\n");
