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

/** The departments' colours, in the order of their layers; deep enough to be read as text on white. */
const LAYER_COLOURS = ['#2c7a4b', '#b3590c', '#1d6ca5', '#7a4796', '#8a6a00', '#9c2f6b'] as const;

/** The direction of their hatches, so that several laid over another stay apart. */
const HATCHES = ['/', '\\', '-', '|'] as const;
export type Hatch = (typeof HATCHES)[number];

/** How the n-th layer looks. */
export function layerLook(n: number): { colour: string; hatch: Hatch } {
  return {
    colour: LAYER_COLOURS[n % LAYER_COLOURS.length] ?? INK,
    hatch: HATCHES[n % HATCHES.length] ?? '/',
  };
}
