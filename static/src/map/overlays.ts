// What can be switched on over the sheet: the departments' own grids and the
// objects, each as layers of the style whose ids begin with its name.
import type { FilterSpecification, LayerSpecification, Map } from 'maplibre-gl';
import type { Kind, Overlay } from '../address';
import { HALF } from '../merge/query';
import type { Layer } from '../service';
import { layerLook, WATER_INK } from './colours';
import { HEI } from './fonts';
import { addHatches, SYMBOLS } from './symbols';

/** The collection that holds the objects of each kind. */
export const COLLECTIONS: Record<Kind, string> = {
  enterprise: 'enterprises',
  monitor: 'monitors',
  'water-source': 'water-sources',
  'river-reach': 'river-reaches',
};

/** Layers of the style that show each kind of object. */
const KIND_LAYERS: Record<Kind, string[]> = {
  enterprise: ['enterprise-symbol'],
  monitor: ['monitor-symbol'],
  'water-source': ['water-source-zone', 'water-source-symbol'],
  'river-reach': ['river-reach-line'],
};

/**
 * Shows these overlays and no others; the more grids lie over another, the fainter
 * their hatches, unless blend says how strong each is, from 0 to 1; faint: how
 * much of that the hatches get.
 */
export function showOverlays(map: Map, layers: readonly Layer[], shown: ReadonlySet<Overlay>, blend?: ReadonlyMap<string, number>, faint = 1): void {
  const show = (styleLayer: string, overlay: Overlay): void => {
    map.setLayoutProperty(styleLayer, 'visibility', shown.has(overlay) ? 'visible' : 'none');
  };
  const grids = layers.filter(({ layer }) => shown.has(layer)).length;
  for (const { layer } of layers) {
    show(`${layer}-hatch`, layer);
    show(`${layer}-line`, layer);
    const strength = blend ? blend.get(layer) ?? HALF : null;
    map.setPaintProperty(`${layer}-hatch`, 'fill-opacity', strength === null ? 0.42 / Math.max(grids, 1) ** 0.8 : 0.9 * faint * strength ** 1.5);
    map.setPaintProperty(`${layer}-line`, 'line-opacity', strength === null ? 1 : ['interpolate', ['linear'], ['zoom'], 8, 0.7 * strength, 11, Math.min(1, 1.6 * strength)]);
  }
  for (const [kind, styleLayers] of Object.entries(KIND_LAYERS)) styleLayers.forEach((id) => show(id, kind));
}

/** Overlays that lie under the lines of the unified grid. */
export function areaOverlays(layers: readonly Layer[]): LayerSpecification[] {
  const zone: LayerSpecification = {
    id: 'water-source-zone',
    type: 'fill',
    source: 'water-sources',
    'source-layer': 'water-sources',
    minzoom: 8,
    filter: ['==', ['geometry-type'], 'Polygon'],
    paint: { 'fill-color': SYMBOLS['water-source'].colour, 'fill-opacity': 0.16, 'fill-outline-color': SYMBOLS['water-source'].colour },
  };
  return [...grids(layers), zone];
}

/** Draws layers as they are now: new ones are added, others get their colours. */
export function followLayers(map: Map, layers: readonly Layer[]): void {
  addHatches(map, layers);
  for (const spec of grids(layers)) {
    if (!map.getLayer(spec.id)) map.addLayer(spec, 'water-source-zone');
    else if (spec.type === 'line') map.setPaintProperty(spec.id, 'line-color', spec.paint?.['line-color']);
  }
}

function grids(layers: readonly Layer[]): LayerSpecification[] {
  return layers.flatMap(({ layer }, n): LayerSpecification[] => {
    const filter: FilterSpecification = ['==', ['get', 'layer'], layer];
    const cells = { source: 'layer-cells', 'source-layer': 'layer-cells', filter } as const;
    return [
      {
        ...cells,
        id: `${layer}-hatch`,
        type: 'fill',
        paint: { 'fill-pattern': `hatch-${layer}` },
      },
      {
        ...cells,
        id: `${layer}-line`,
        type: 'line',
        layout: { 'line-join': 'round' },
        paint: { 'line-color': layerLook(layers, n).colour, 'line-width': ['interpolate', ['linear'], ['zoom'], 7, 1.4, 13, 3] },
      },
    ];
  });
}

/** Overlays that lie on the lines of the unified grid. */
export function pointOverlays(): LayerSpecification[] {
  return [
    {
      id: 'river-reach-line',
      type: 'line',
      source: 'river-reaches',
      'source-layer': 'river-reaches',
      paint: { 'line-color': WATER_INK, 'line-width': ['interpolate', ['linear'], ['zoom'], 7, 2.4, 14, 6], 'line-dasharray': [5, 0.6] },
    },
    symbol('water-source', 8),
    symbol('monitor', 8.5),
    symbol('enterprise', 9.5),
  ];
}

function symbol(kind: Kind, minzoom: number): LayerSpecification {
  return {
    id: `${kind}-symbol`,
    type: 'symbol',
    source: COLLECTIONS[kind],
    'source-layer': COLLECTIONS[kind],
    minzoom,
    filter: ['!=', ['geometry-type'], 'LineString'],
    layout: {
      'icon-image': `symbol-${kind}`,
      'icon-size': ['interpolate', ['linear'], ['zoom'], 9, 0.55, 13, 1],
      'icon-allow-overlap': true,
      'text-field': ['step', ['zoom'], '', 13.5, ['get', 'name']],
      'text-font': HEI,
      'text-size': 11,
      'text-anchor': 'top',
      'text-offset': [0, 0.9],
      'text-optional': true,
    },
    paint: { 'text-color': SYMBOLS[kind].colour, 'text-halo-color': '#fff', 'text-halo-width': 1.4 },
  };
}
