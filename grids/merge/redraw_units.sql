-- The unit cells to draw below leaves: the pieces of the layer cells that nest
-- there, and with each what is left over that has most border with it. A leaf
-- whose own line moves is left for the next round. $1 territory, $2 run, $3
-- edition.
WITH decided AS MATERIALIZED (
  SELECT DISTINCT ON (c.cell_id) c.id, c.cell_id, v.tier, v.provenance, v.geom
  FROM merge.conflict c
  JOIN layers.layer y ON y.territory_id = $1 AND y.code = c.layer
  JOIN cells.of($1, $3) v ON v.cell_id = c.cell_id
  WHERE c.territory_id = $1 AND c.run_id = $2 AND c.state = 'settled' AND c.resolution = 'draw-unit-cells' AND NOT (c.cell_id = ANY ($4::bigint[]))
  ORDER BY c.cell_id, y.rank, y.code, c.id
), unit AS MATERIALIZED (
  SELECT d.cell_id, m.layer_cell_id, m.geom
  FROM decided d JOIN merge.move m ON m.territory_id = $1 AND m.run_id = $2 AND m.conflict_id = d.id AND m.resolution = 'draw-unit-cells'
), rest AS MATERIALIZED (
  SELECT d.cell_id, r.geom
  FROM decided d
  CROSS JOIN LATERAL (SELECT array_agg(u.geom) AS geoms FROM unit u WHERE u.cell_id = d.cell_id) u
  CROSS JOIN LATERAL ST_Dump(merge.rest(d.geom, u.geoms)) r
), given AS (
  SELECT r.cell_id, r.geom, n.layer_cell_id
  FROM rest r
  CROSS JOIN LATERAL (
    SELECT u.layer_cell_id FROM unit u WHERE u.cell_id = r.cell_id
    ORDER BY ST_Length(ST_Intersection(ST_Boundary(u.geom), ST_Buffer(r.geom, 1e-8, 'join=mitre'))) DESC, u.layer_cell_id LIMIT 1
  ) n
)
SELECT d.cell_id, d.tier + 1, '', coalesce(nullif(c.name, c.code), ''), CASE d.provenance WHEN 'demo' THEN 'demo' ELSE 'drawn' END,
  ST_AsEWKB(ST_Multi(ST_CollectionExtract(CASE WHEN g.geom IS NULL THEN u.geom ELSE ST_UnaryUnion(ST_Collect(u.geom, g.geom)) END, 3)))
FROM unit u
JOIN decided d ON d.cell_id = u.cell_id
JOIN layers.cell c ON c.territory_id = $1 AND c.id = u.layer_cell_id
LEFT JOIN LATERAL (SELECT ST_Union(geom) AS geom FROM given g WHERE g.cell_id = u.cell_id AND g.layer_cell_id = u.layer_cell_id) g ON true
