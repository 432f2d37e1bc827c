// The colours of the sheet: porcelain and ink, water, one seal red.
export const PAPER = '#e6ebe8';
export const LAND = '#fcfcf7';
export const INK = '#1b3130';
export const WATER = '#6d9fc0';
export const WATER_INK = '#2a6489';
export const SEAL = '#a8321f';

/** What an edit would make, and what changed between two editions. */
export const CHANGE = '#1f6f8b';

/** Behind boundaries that the draft changes. */
export const CHANGED = '#f0c64a';

/** Tints of neighbouring cells of tier 2. */
export const TINTS = ['#e4efe6', '#f6eedb', '#e5ecf4', '#f5e6e1', '#edf0d8', '#ece7f1'] as const;

/** The colours of layers that have none of their own, in their order. */
const LAYER_COLOURS = ['#2c7a4b', '#b3590c', '#1d6ca5', '#7a4796', '#8a6a00', '#9c2f6b'] as const;

/** The direction of their hatches, so that several laid over another stay apart. */
const HATCHES = ['/', '\\', '-', '|'] as const;
export type Hatch = (typeof HATCHES)[number];

/** How the n-th of the layers looks: in its own colour, where it has one; ink: the same, deep enough to be read on white. */
export function layerLook(layers: readonly { colour: string }[], n: number): { colour: string; ink: string; hatch: Hatch } {
  const colour = layers[n]?.colour || usualColour(n);
  return { colour, ink: readable(colour), hatch: HATCHES[n % HATCHES.length] ?? '/' };
}

/** The colour of the n-th layer where it has none of its own. */
export function usualColour(n: number): string {
  return LAYER_COLOURS[n % LAYER_COLOURS.length] ?? INK;
}

const READABLE = 4.5;

/** A colour, darkened until it has the contrast to white that WCAG 2 AA asks of text. */
export function readable(colour: string): string {
  const parts = (colour.match(/[0-9a-f]{2}/gi) ?? []).map((part) => parseInt(part, 16));
  for (let share = 1; share > 0; share -= 0.05) {
    const darker = parts.map((part) => Math.round(part * share));
    if (1.05 / (luminance(darker) + 0.05) >= READABLE) return `#${darker.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
  }
  return INK;
}

/** Relative luminance of red, green and blue (0 to 255). */
function luminance(parts: readonly number[]): number {
  const [red = 0, green = 0, blue = 0] = parts.map((part) => (part <= 10 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
