// How conflicts look on the map: the listed ones as dots, the one that is looked
// at with its ground, its cell and the cells of layers that claim it.
import type { ExpressionSpecification, LayerSpecification, Map, SourceSpecification } from 'maplibre-gl';
import { layerLook, INK, SEAL } from '../map/colours';
import { HEI } from '../map/fonts';
import type { Layer } from '../service';

const NOTHING = { type: 'FeatureCollection' as const, features: [] };
const source: SourceSpecification = { type: 'geojson', data: NOTHING, tolerance: 0.1, buffer: 256 };

export const SOURCES: Record<string, SourceSpecification> = {
  'conflict-places': source,
  'conflict-cells': source,
  'conflict-claimants': source,
  'conflict-ground': source,
  'conflict-names': source,
};

const round = { 'line-join': 'round', 'line-cap': 'round' } as const;

/** The colour of the layer that a feature is of. */
function layerColour(grids: readonly Layer[], of: 'colour' | 'ink'): ExpressionSpecification {
  const colours = grids.flatMap(({ layer }, n) => [layer, layerLook(grids, n)[of]]);
  return (colours.length ? ['match', ['get', 'layer'], ...colours, INK] : INK) as unknown as ExpressionSpecification;
}

/** Gives the claims of layers the colours that these have now. */
export function followClaims(map: Map, grids: readonly Layer[]): void {
  if (!map.getLayer('conflict-claimed')) return;
  map.setPaintProperty('conflict-claimed', 'fill-color', layerColour(grids, 'colour'));
  map.setPaintProperty('conflict-claimant', 'line-color', layerColour(grids, 'colour'));
  map.setPaintProperty('conflict-names', 'text-color', layerColour(grids, 'ink'));
}

export function layers(grids: readonly Layer[]): LayerSpecification[] {
  const colour = layerColour(grids, 'colour');
  return [
    { id: 'conflict-claimed', type: 'fill', source: 'conflict-claimants', paint: { 'fill-color': colour, 'fill-opacity': 0.1 } },
    { id: 'conflict-ground', type: 'fill', source: 'conflict-ground', filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': SEAL, 'fill-opacity': 0.42 } },
    { id: 'conflict-cell-band', type: 'line', source: 'conflict-cells', layout: round, paint: { 'line-color': '#fff', 'line-width': 6, 'line-opacity': 0.9 } },
    { id: 'conflict-claimant-band', type: 'line', source: 'conflict-claimants', layout: round, paint: { 'line-color': '#fff', 'line-width': 5, 'line-opacity': 0.85 } },
    { id: 'conflict-claimant', type: 'line', source: 'conflict-claimants', layout: round, paint: { 'line-color': colour, 'line-width': 2.6 } },
    { id: 'conflict-cell', type: 'line', source: 'conflict-cells', layout: round, paint: { 'line-color': INK, 'line-width': 2.6, 'line-dasharray': [3, 1.6] } },
    { id: 'conflict-ground-line', type: 'line', source: 'conflict-ground', layout: round, paint: { 'line-color': SEAL, 'line-width': 1.6 } },
    {
      id: 'conflict-places',
      type: 'circle',
      source: 'conflict-places',
      paint: {
        'circle-radius': ['interpolate', ['linear'], ['zoom'], 7, 3.5, 12, 6],
        'circle-color': ['match', ['get', 'state'], 'settled', '#5f7f6d', 'deferred', '#8a6a00', ['match', ['get', 'severity'], 'high', SEAL, 'medium', '#c4701a', '#4c6360']],
        'circle-opacity': ['case', ['get', 'chosen'], 0, 0.9],
        'circle-stroke-color': ['case', ['get', 'chosen'], SEAL, '#fff'],
        'circle-stroke-width': ['case', ['get', 'chosen'], 3, 1.5],
      },
    },
    {
      id: 'conflict-names',
      type: 'symbol',
      source: 'conflict-names',
      layout: { 'text-field': ['get', 'name'], 'text-font': HEI, 'text-size': 12.5, 'text-max-width': 9, 'text-padding': 3 },
      paint: { 'text-color': layerColour(grids, 'ink'), 'text-halo-color': 'rgba(255,255,255,0.95)', 'text-halo-width': 1.8 },
    },
  ];
}
