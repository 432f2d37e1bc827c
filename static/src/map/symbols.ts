// Hatches and symbols, drawn here so that no sprite need be fetched.
import type { Map } from 'maplibre-gl';
import type { Kind } from '../address';
import type { Layer } from '../service';
import { layerLook, WATER_INK, type Hatch } from './colours';

const RATIO = 2;

/** How each kind of object is drawn: SVG path data in a square of 24. */
export const SYMBOLS: Record<Kind, { path: string; colour: string }> = {
  enterprise: { path: 'M4 20V10l6 3.5V10l6 3.5V4h4v16z', colour: '#4a4a55' },
  monitor: { path: 'M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18zm0 5.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7z', colour: '#0c7a78' },
  'water-source': { path: 'M12 2.5c4 5.2 6.5 8 6.5 11.6a6.5 6.5 0 0 1-13 0C5.5 10.5 8 7.7 12 2.5z', colour: '#1b66a8' },
  'river-reach': { path: 'M3 9c3-3.5 6-3.5 9 0s6 3.5 9 0v5c-3 3.5-6 3.5-9 0s-6-3.5-9 0z', colour: WATER_INK },
};

/** Adds what the style refers to by name: "hatch-LAYER" and "symbol-KIND". */
export function addSymbols(map: Map, layers: readonly Layer[]): void {
  addHatches(map, layers);
  for (const [kind, symbol] of Object.entries(SYMBOLS)) {
    map.addImage(`symbol-${kind}`, point(symbol.path, symbol.colour), { pixelRatio: RATIO });
  }
}

/** Adds the hatches of layers, or draws them anew. */
export function addHatches(map: Map, layers: readonly Layer[]): void {
  for (const [n, { layer }] of layers.entries()) {
    const look = layerLook(layers, n);
    const image = hatch(look.hatch, look.colour);
    if (map.hasImage(`hatch-${layer}`)) map.updateImage(`hatch-${layer}`, image);
    else map.addImage(`hatch-${layer}`, image, { pixelRatio: RATIO });
  }
}

function hatch(direction: Hatch, colour: string): ImageData {
  const size = 14 * RATIO;
  return draw(size, (pen) => {
    pen.strokeStyle = colour;
    pen.lineWidth = 1.1 * RATIO;
    pen.beginPath();
    for (const shift of [-size, 0, size]) {
      if (direction === '/') pen.moveTo(shift, size), pen.lineTo(shift + size, 0);
      if (direction === '\\') pen.moveTo(shift, 0), pen.lineTo(shift + size, size);
      if (direction === '-') pen.moveTo(0, size / 2), pen.lineTo(size, size / 2);
      if (direction === '|') pen.moveTo(size / 2, 0), pen.lineTo(size / 2, size);
    }
    pen.stroke();
  });
}

function point(path: string, colour: string): ImageData {
  const size = 18 * RATIO;
  return draw(size, (pen) => {
    pen.scale(size / 28, size / 28);
    pen.translate(2, 2);
    const shape = new Path2D(path);
    pen.strokeStyle = '#fff';
    pen.lineWidth = 4;
    pen.lineJoin = 'round';
    pen.stroke(shape);
    pen.fillStyle = colour;
    pen.fill(shape, 'evenodd');
  });
}

function draw(size: number, paint: (pen: CanvasRenderingContext2D) => void): ImageData {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = size;
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  if (!pen) throw new Error('no canvas');
  paint(pen);
  return pen.getImageData(0, 0, size, size);
}
