// How the open cells, what is drawn and what it would make look on the map.
import type { FilterSpecification, LayerSpecification, SourceSpecification } from 'maplibre-gl';
import { CHANGE, INK, LAND, PAPER, SEAL } from '../map/colours';
import { HEI, SONG } from '../map/fonts';

const NOTHING = { type: 'FeatureCollection' as const, features: [] };
const source = (extra: object = {}): SourceSpecification => ({ type: 'geojson', data: NOTHING, tolerance: 0, buffer: 256, ...extra });

export const SOURCES: Record<string, SourceSpecification> = {
  'edit-veil': source(),
  'edit-cells': source({ promoteId: 'uid' }),
  'edit-names': source(),
  'edit-ghost': source(),
  'edit-preview': source(),
  'edit-preview-names': source(),
  'edit-boundary': source(),
  'edit-handles': source(),
  'edit-stroke': source(),
};

const chosen: FilterSpecification = ['==', ['get', 'chosen'], true];
const round = { 'line-join': 'round', 'line-cap': 'round' } as const;

export const LAYERS: LayerSpecification[] = [
  { id: 'edit-veil', type: 'fill', source: 'edit-veil', paint: { 'fill-color': PAPER, 'fill-opacity': 0.68, 'fill-antialias': false } },
  {
    id: 'edit-fill',
    type: 'fill',
    source: 'edit-cells',
    paint: {
      'fill-color': ['case', ['boolean', ['feature-state', 'hover'], false], INK, LAND],
      'fill-opacity': ['case', ['boolean', ['feature-state', 'hover'], false], 0.1, 0.3],
    },
  },
  { id: 'edit-chosen', type: 'fill', source: 'edit-cells', filter: chosen, paint: { 'fill-color': SEAL, 'fill-opacity': 0.13 } },
  { id: 'edit-preview-fill', type: 'fill', source: 'edit-preview', paint: { 'fill-color': ['match', ['%', ['get', 'n'], 3], 0, '#3b9dbd', 1, '#e3a53d', '#7cb064'], 'fill-opacity': 0.34 } },
  { id: 'edit-band', type: 'line', source: 'edit-cells', layout: round, paint: { 'line-color': '#fff', 'line-width': 5, 'line-opacity': 0.85 } },
  { id: 'edit-line', type: 'line', source: 'edit-cells', layout: round, paint: { 'line-color': INK, 'line-width': ['case', ['get', 'locked'], 3.4, 1.5], 'line-opacity': ['case', ['get', 'gone'], 0, 1] } },
  { id: 'edit-disputed', type: 'line', source: 'edit-cells', filter: ['==', ['get', 'disputed'], true], paint: { 'line-color': SEAL, 'line-width': 2.4, 'line-dasharray': [2, 2] } },
  { id: 'edit-chosen-band', type: 'line', source: 'edit-cells', filter: chosen, layout: round, paint: { 'line-color': '#fff', 'line-width': 6 } },
  { id: 'edit-chosen-line', type: 'line', source: 'edit-cells', filter: chosen, layout: round, paint: { 'line-color': SEAL, 'line-width': 2.6 } },
  { id: 'edit-preview-band', type: 'line', source: 'edit-preview', layout: round, paint: { 'line-color': '#fff', 'line-width': 6.5 } },
  { id: 'edit-preview-line', type: 'line', source: 'edit-preview', layout: round, paint: { 'line-color': CHANGE, 'line-width': 3 } },
  { id: 'edit-ghost', type: 'line', source: 'edit-ghost', paint: { 'line-color': INK, 'line-width': 1.6, 'line-opacity': 0.75, 'line-dasharray': [1.5, 2.5] } },
  { id: 'edit-vertices', type: 'circle', source: 'edit-cells', minzoom: 14, paint: { 'circle-radius': 1.8, 'circle-color': INK, 'circle-opacity': 0.55 } },
  { id: 'edit-boundary', type: 'line', source: 'edit-boundary', layout: round, paint: { 'line-color': CHANGE, 'line-width': 5, 'line-opacity': 0.9 } },
  { id: 'edit-stroke-band', type: 'line', source: 'edit-stroke', layout: round, paint: { 'line-color': '#fff', 'line-width': 6 } },
  { id: 'edit-stroke', type: 'line', source: 'edit-stroke', layout: round, paint: { 'line-color': SEAL, 'line-width': 2.5 } },
  {
    id: 'edit-handles',
    type: 'circle',
    source: 'edit-handles',
    paint: { 'circle-radius': ['case', ['get', 'end'], 3, 6], 'circle-color': ['case', ['get', 'end'], CHANGE, '#fff'], 'circle-stroke-color': CHANGE, 'circle-stroke-width': 2.5 },
  },
  {
    id: 'edit-names',
    type: 'symbol',
    source: 'edit-names',
    layout: {
      'text-field': ['format', ['get', 'name'], { 'text-font': ['literal', SONG] }, '\n', {}, ['get', 'note'], { 'font-scale': 0.8, 'text-font': ['literal', HEI] }],
      'text-font': SONG,
      'text-size': ['interpolate', ['linear'], ['zoom'], 9, 11, 13, 15],
      'text-padding': 3,
      'text-max-width': 9,
    },
    paint: { 'text-color': ['case', ['get', 'chosen'], SEAL, INK], 'text-halo-color': 'rgba(255,255,255,0.95)', 'text-halo-width': 1.6 },
  },
  {
    id: 'edit-preview-names',
    type: 'symbol',
    source: 'edit-preview-names',
    layout: {
      'text-field': ['format', ['get', 'name'], { 'text-font': ['literal', SONG] }, '\n', {}, ['get', 'note'], { 'font-scale': 0.8, 'text-font': ['literal', HEI] }],
      'text-font': SONG,
      'text-size': ['interpolate', ['linear'], ['zoom'], 9, 12, 13, 16],
      'text-allow-overlap': true,
      'text-max-width': 9,
    },
    paint: { 'text-color': '#0f4a5f', 'text-halo-color': 'rgba(255,255,255,0.95)', 'text-halo-width': 1.8 },
  },
];
