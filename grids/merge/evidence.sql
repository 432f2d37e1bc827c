-- What a conflict is about, on the map: its ground (null: the whole cell, or a
-- point), and the cells that claim it as the run saw them.
WITH c AS (
  SELECT c.*, r.edition, r.base, r.created_at FROM merge.conflict c
  JOIN merge.run r ON r.territory_id = c.territory_id AND r.id = c.run_id
  WHERE c.territory_id = $1 AND c.run_id = $2 AND c.id = $3
), wanted AS (
  SELECT 'layer-cell' AS role, c.layer, w.n ->> 'code' AS code, (w.n ->> 'share')::float8 AS share, NULL AS person
  FROM c, jsonb_array_elements(c.detail -> 'cells') AS w (n) WHERE c.layer IS NOT NULL
  UNION ALL
  SELECT 'layer-cell', w.n ->> 'layer', w.n ->> 'layer_cell', (w.n ->> 'share')::float8, w.n ->> 'name'
  FROM c, jsonb_array_elements(c.detail -> 'named') AS w (n)
  UNION ALL
  SELECT 'base', c.base, c.detail -> 'base_cell' ->> 'code', NULL, NULL FROM c WHERE c.detail ? 'base_cell'
), claimant AS (
  SELECT 1 AS rank, 'cell' AS role, NULL AS layer, v.code, v.name, NULL::float8 AS share, NULL AS person, NULL AS resolution, NULL AS to_cell, NULL::float8 AS area_m2, v.geom
  FROM c JOIN cells.version v ON v.territory_id = $1 AND v.from_edition <= c.edition AND (v.to_edition IS NULL OR v.to_edition > c.edition)
    AND (v.cell_id = c.cell_id OR c.kind = 'over-capacity' AND v.code IN (SELECT n ->> 'code' FROM jsonb_array_elements(c.detail -> 'cells') AS n))
  UNION ALL
  SELECT 2, w.role, w.layer, w.code, y.name, w.share, w.person, NULL, NULL, NULL, y.geom
  FROM wanted w CROSS JOIN c
  JOIN layers.version y ON y.territory_id = $1 AND y.layer = w.layer AND y.code = w.code AND y.during @> c.created_at
  UNION ALL
  SELECT 3, 'move', c.layer, y.code, y.name, NULL, NULL, m.resolution, v.code, m.area_m2, m.geom
  FROM c JOIN merge.move m ON m.territory_id = $1 AND m.run_id = $2 AND m.conflict_id = $3
  LEFT JOIN layers.seen($1, m.layer_cell_id, c.created_at) y ON true
  LEFT JOIN cells.version v ON v.territory_id = $1 AND v.cell_id = m.to_cell_id AND v.from_edition <= c.edition AND (v.to_edition IS NULL OR v.to_edition > c.edition)
  UNION ALL
  SELECT 4, 'object', NULL, o.code, o.name, NULL, NULL, NULL, NULL, NULL, o.geom
  FROM c JOIN objects.object o ON o.territory_id = $1 AND o.id = (c.detail -> 'object' ->> 'id')::bigint
)
SELECT coalesce((SELECT ST_AsGeoJSON(ST_ForcePolygonCCW(c.geom), 7, 0)::jsonb FROM c), 'null'),
  jsonb_build_object('type', 'FeatureCollection', 'features', coalesce(jsonb_agg(jsonb_build_object('type', 'Feature',
    'geometry', ST_AsGeoJSON(CASE WHEN ST_Dimension(geom) = 2 THEN ST_ForcePolygonCCW(geom) ELSE geom END, 7, 0)::jsonb,
    'properties', jsonb_strip_nulls(jsonb_build_object('role', role, 'layer', layer, 'code', code, 'name', name, 'share', share, 'person', person,
      'resolution', resolution, 'to_cell', to_cell, 'area_m2', area_m2))) ORDER BY rank, layer, code, resolution), '[]'))
FROM claimant
