-- What layer cells hold outside every leaf: listed, no leaf is in dispute. $3
-- layers, $4 tolerated share of the layer cell, $5 tolerated square metres.
WITH root AS (
  SELECT array_agg(geom) AS geoms FROM cells.of($1, $2) WHERE tier = 1
), reach AS (
  SELECT c.id, greatest(0, 1 - coalesce(p.deg, 0) / ST_Area(c.geom)) AS share
  FROM layers.cell c
  LEFT JOIN (SELECT layer_cell_id, sum(claimed) AS deg FROM merge_piece GROUP BY layer_cell_id) p ON p.layer_cell_id = c.id
  WHERE c.territory_id = $1 AND c.layer = ANY ($3::text[])
)
INSERT INTO merge_found (kind, layer, detail, place, geom, area_m2, blocking, proposal, reason)
SELECT 'gap', c.layer,
  jsonb_build_object('outside', true, 'share', round(r.share::numeric, 6),
    'cells', jsonb_build_array(jsonb_build_object('code', c.code, 'name', c.name))),
  ST_PointOnSurface(g.geom), g.geom, r.share * c.area_m2, false, 'keep-base-boundary', 'gap-outside'
FROM reach r
JOIN layers.cell c ON c.territory_id = $1 AND c.id = r.id
CROSS JOIN root
CROSS JOIN LATERAL (SELECT merge.rest(c.geom, root.geoms) AS geom OFFSET 0) g
WHERE r.share > $4 OR r.share * c.area_m2 > $5
ORDER BY c.layer, c.code
