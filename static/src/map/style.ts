// The sheet itself: land, waters, the tiers of the unified grid, selection.
import type {
  ExpressionSpecification, FilterSpecification, LayerSpecification, SourceSpecification, StyleSpecification,
} from 'maplibre-gl';
import type { Feature, MultiPolygon } from 'geojson';
import type { Layer } from '../service';
import { INK, LAND, PAPER, SEAL, TINTS, WATER, WATER_INK } from './colours';
import { outside } from './edge';
import { BOLD_SONG, HEI, SONG } from './fonts';
import { areaOverlays, pointOverlays } from './overlays';
import { changedLines } from './sheet';

/** From which zoom each tier is drawn; as the tiles have them. */
const TIER_ZOOM: Record<number, number> = { 2: 0, 3: 8 };
const DEEPER_ZOOM = 10;

const NOTHING = { type: 'FeatureCollection' as const, features: [] };

/**
 * The style of a territory's map. base: "" or "/t/CODE"; counties: codes of the
 * cells of tier 2; tiers: those below the first, upper ones first.
 */
export function style(
  base: string,
  territory: Feature<MultiPolygon>,
  counties: readonly string[],
  tiers: readonly number[],
  layers: readonly Layer[],
): StyleSpecification {
  const upwards = [...tiers].reverse();
  const tiles = (collection: string): SourceSpecification => ({
    type: 'vector',
    url: `${location.origin}${base}/tiles/${collection}.json`,
    promoteId: 'code',
  });
  return {
    version: 8,
    sources: {
      cells: tiles('cells'),
      'layer-cells': tiles('layer-cells'),
      enterprises: tiles('enterprises'),
      monitors: tiles('monitors'),
      'water-sources': tiles('water-sources'),
      'river-reaches': tiles('river-reaches'),
      territory: { type: 'geojson', data: territory, tolerance: 0.1, buffer: 512 },
      shore: { type: 'geojson', data: territory, tolerance: 5, buffer: 512 },
      outside: { type: 'geojson', data: outside(territory.geometry), tolerance: 0.1 },
      selected: { type: 'geojson', data: NOTHING, tolerance: 0.1, buffer: 256 },
      spots: { type: 'geojson', data: NOTHING },
    },
    layers: [
      { id: 'paper', type: 'background', paint: { 'background-color': PAPER } },
      { id: 'land', type: 'fill', source: 'territory', paint: { 'fill-color': LAND } },
      tints(counties),
      ...tiers.map(hitArea),
      ...areaOverlays(layers),
      ...rivers(),
      ...upwards.map(tierLine),
      ...changedLines(),
      selectedArea(),
      ...pointOverlays(),
      riverNames(),
      ...edge(),
      ...selection(),
      ...upwards.map((tier, n) => tierName(tier, n === 0)),
    ],
  };
}

function tierIs(tier: number): FilterSpecification {
  return ['==', ['get', 'tier'], tier];
}

function tints(counties: readonly string[]): LayerSpecification {
  const colour = counties.flatMap((county, i) => [county, TINTS[i % TINTS.length] ?? LAND]);
  return {
    id: 'tints',
    type: 'fill',
    source: 'cells',
    'source-layer': 'cells',
    filter: tierIs(2),
    paint: {
      'fill-color': counties.length ? (['match', ['get', 'code'], ...colour, LAND] as unknown as ExpressionSpecification) : LAND,
      'fill-opacity': ['interpolate', ['linear'], ['zoom'], 9, 1, 13, 0.6],
    },
  };
}

/** What the pointer meets; it shows only under the pointer. */
function hitArea(tier: number): LayerSpecification {
  return {
    id: `cells-${tier}`,
    type: 'fill',
    source: 'cells',
    'source-layer': 'cells',
    minzoom: TIER_ZOOM[tier] ?? DEEPER_ZOOM,
    filter: tierIs(tier),
    paint: {
      'fill-color': INK,
      'fill-opacity': ['case', ['boolean', ['feature-state', 'hover'], false], 0.07, 0],
    },
  };
}

interface Look {
  line: ExpressionSpecification;
  colour: string;
  dashes?: number[];
  /** From where to where its names are written. */
  minzoom: number;
  maxzoom: number;
  size: ExpressionSpecification;
  font: string[];
  spacing: number;
}

const LOOKS: Record<number, Look> = {
  2: {
    line: ['interpolate', ['linear'], ['zoom'], 6, 0.8, 9, 1.8, 13, 3],
    colour: '#3d5a57',
    minzoom: 0,
    maxzoom: 12.5,
    size: ['interpolate', ['linear'], ['zoom'], 6.5, 12, 8, 17, 11, 26],
    font: BOLD_SONG,
    spacing: 0.12,
  },
  3: {
    line: ['interpolate', ['linear'], ['zoom'], 8, 0.4, 10, 0.9, 13, 1.9],
    colour: '#66827d',
    minzoom: 9,
    maxzoom: 14.5,
    size: ['interpolate', ['linear'], ['zoom'], 9, 11, 12, 16, 14, 20],
    font: SONG,
    spacing: 0.06,
  },
};

/** Tier 4 and whatever is below it. */
const DEEPER_LOOK: Look = {
  line: ['interpolate', ['linear'], ['zoom'], 10, 0.3, 12, 0.6, 15, 1.2],
  colour: '#8ba29c',
  dashes: [4, 1.5],
  minzoom: 11.2,
  maxzoom: 24,
  size: ['interpolate', ['linear'], ['zoom'], 11, 10.5, 14, 14],
  font: HEI,
  spacing: 0,
};

function tierLine(tier: number): LayerSpecification {
  const { line, colour, dashes } = LOOKS[tier] ?? DEEPER_LOOK;
  return {
    id: `lines-${tier}`,
    type: 'line',
    source: 'cells',
    'source-layer': 'cells',
    minzoom: TIER_ZOOM[tier] ?? DEEPER_ZOOM,
    filter: tierIs(tier),
    layout: { 'line-join': 'round' },
    paint: {
      'line-color': colour,
      'line-width': line,
      ...(dashes ? { 'line-dasharray': dashes } : {}),
    },
  };
}

function rivers(): LayerSpecification[] {
  const river = { type: 'line', source: 'river-reaches', 'source-layer': 'river-reaches', layout: { 'line-cap': 'round', 'line-join': 'round' } } as const;
  return [
    { ...river, id: 'river-banks', paint: { 'line-color': '#fff', 'line-opacity': 0.8, 'line-width': ['interpolate', ['exponential', 1.5], ['zoom'], 7, 3.4, 14, 13] } },
    { ...river, id: 'rivers', paint: { 'line-color': WATER, 'line-width': ['interpolate', ['exponential', 1.5], ['zoom'], 7, 2, 14, 10] } },
  ];
}

function edge(): LayerSpecification[] {
  const line = { type: 'line', source: 'territory', layout: { 'line-join': 'round' } } as const;
  return [
    { id: 'outside', type: 'fill', source: 'outside', paint: { 'fill-color': PAPER, 'fill-antialias': false } },
    { ...line, id: 'edge-shadow', source: 'shore', paint: { 'line-color': INK, 'line-opacity': 0.24, 'line-width': 18, 'line-blur': 16 } },
    { ...line, id: 'edge-band', paint: { 'line-color': '#fff', 'line-opacity': 0.9, 'line-width': ['interpolate', ['linear'], ['zoom'], 6, 4, 12, 7] } },
    { ...line, id: 'edge', paint: { 'line-color': INK, 'line-width': ['interpolate', ['linear'], ['zoom'], 6, 1.6, 12, 3] } },
  ];
}

function selectedArea(): LayerSpecification {
  return { id: 'selected-area', type: 'fill', source: 'selected', paint: { 'fill-color': SEAL, 'fill-opacity': 0.08 } };
}

function selection(): LayerSpecification[] {
  const line = { type: 'line', source: 'selected', layout: { 'line-join': 'round' } } as const;
  return [
    { ...line, id: 'selected-band', paint: { 'line-color': '#fff', 'line-width': 6, 'line-opacity': 0.9 } },
    { ...line, id: 'selected-line', paint: { 'line-color': SEAL, 'line-width': 2.6 } },
    {
      id: 'spots',
      type: 'circle',
      source: 'spots',
      paint: {
        'circle-radius': ['match', ['get', 'role'], 'conflict', 16, 6],
        'circle-color': SEAL,
        'circle-opacity': ['match', ['get', 'role'], 'conflict', 0.12, 1],
        'circle-stroke-color': ['match', ['get', 'role'], 'conflict', SEAL, '#fff'],
        'circle-stroke-width': 2.5,
      },
    },
  ];
}

/** Reaches are numbered (湘江第1河段): from afar the river's own name is enough. */
const RIVER: ExpressionSpecification = [
  'case',
  ['>', ['index-of', '第', ['get', 'name']], 0],
  ['slice', ['get', 'name'], 0, ['index-of', '第', ['get', 'name']]],
  ['get', 'name'],
];

function riverNames(): LayerSpecification {
  return {
    id: 'river-names',
    type: 'symbol',
    source: 'river-reaches',
    'source-layer': 'river-reaches',
    layout: {
      'symbol-placement': 'line',
      'symbol-spacing': 420,
      'text-padding': 1,
      'text-field': ['step', ['zoom'], RIVER, 10.5, ['get', 'name']],
      'text-font': SONG,
      'text-size': ['interpolate', ['linear'], ['zoom'], 8, 10, 12, 14],
      'text-letter-spacing': ['interpolate', ['linear'], ['zoom'], 8, 0, 12, 0.4],
      'text-max-angle': 60,
    },
    paint: { 'text-color': WATER_INK, 'text-halo-color': '#fff', 'text-halo-width': 1.6 },
  };
}

/** lowest: its names stay, however near one looks. */
function tierName(tier: number, lowest: boolean): LayerSpecification {
  const look = LOOKS[tier] ?? DEEPER_LOOK;
  return {
    id: `names-${tier}`,
    type: 'symbol',
    source: 'cells',
    'source-layer': 'labels',
    minzoom: look.minzoom,
    maxzoom: lowest ? 24 : look.maxzoom,
    filter: tierIs(tier),
    layout: {
      'text-field': ['get', 'name'],
      'text-font': look.font,
      'text-size': look.size,
      'text-letter-spacing': look.spacing,
      'text-max-width': 8,
      'text-padding': tier === 2 ? 0 : 4,
      ...(tier === 2 ? { 'text-variable-anchor': ['center', 'left', 'right', 'top', 'bottom'], 'text-radial-offset': 0.3 } : {}),
    },
    paint: {
      'text-color': look === DEEPER_LOOK ? '#46605c' : INK,
      'text-halo-color': 'rgba(255,255,255,0.92)',
      'text-halo-width': 1.5,
      ...(tier === 2 ? { 'text-opacity': ['interpolate', ['linear'], ['zoom'], 10.5, 1, 12.5, 0.35] } : {}),
    },
  };
}
