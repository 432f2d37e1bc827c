// Cells that a list of the side column speaks of, marked on the map.
import type { GeoJSONSource, Map } from 'maplibre-gl';
import type { App } from '../app';
import { SEAL } from '../map/colours';

const SOURCE = 'lit-places';

/** From afar cells are marked by a dot, near by their area. */
export class LitCells {
  constructor(
    private readonly app: App,
    private readonly map: Map,
  ) {
    map.addSource(SOURCE, { type: 'geojson', data: { type: 'FeatureCollection', features: [] } });
    map.addLayer(
      { id: 'lit-area', type: 'fill', source: 'cells', 'source-layer': 'cells', filter: ['in', ['get', 'code'], ['literal', []]], paint: { 'fill-color': SEAL, 'fill-opacity': 0.22 } },
      'selected-area',
    );
    map.addLayer({
      id: 'lit-places',
      type: 'circle',
      source: SOURCE,
      maxzoom: 12,
      paint: { 'circle-radius': ['interpolate', ['linear'], ['zoom'], 7, 3.5, 11, 6], 'circle-color': SEAL, 'circle-stroke-color': '#fff', 'circle-stroke-width': 1.5 },
    });
    app.on('lit', () => this.show());
    this.show();
  }

  private show(): void {
    const cells = this.app.lit;
    this.map.setFilter('lit-area', ['in', ['get', 'code'], ['literal', cells.map(({ code }) => code)]]);
    this.map.getSource<GeoJSONSource>(SOURCE)?.setData({
      type: 'FeatureCollection',
      features: cells.flatMap(({ code, lon, lat }) =>
        lon === undefined || lat === undefined ? [] : [{ type: 'Feature', properties: { code }, geometry: { type: 'Point', coordinates: [lon, lat] } }]),
    });
  }
}
