-- The children of every parent below which a leaf's line is to move, as they are
-- to be: $1 territory, $2 run, $3 edition. Of a leaf that several layers want
-- moved, the first layer's decision counts. New cells have no code yet; their
-- pieces of one layer cell and leaf are one cell.
WITH decided AS MATERIALIZED (
  SELECT DISTINCT ON (c.cell_id) c.id, c.cell_id, c.resolution, v.parent_id
  FROM merge.conflict c
  JOIN layers.layer y ON y.territory_id = $1 AND y.code = c.layer
  JOIN cells.of($1, $3) v ON v.cell_id = c.cell_id
  WHERE c.territory_id = $1 AND c.run_id = $2 AND c.state = 'settled' AND c.resolution IN ('adopt-layer-boundary', 'split-leaf')
  ORDER BY c.cell_id, y.rank, y.code, c.id
), move AS MATERIALIZED (
  SELECT d.cell_id AS from_id, m.to_cell_id, m.layer_cell_id, m.geom
  FROM decided d
  JOIN merge.move m ON m.territory_id = $1 AND m.run_id = $2 AND m.conflict_id = d.id AND m.resolution = d.resolution
), child AS (
  SELECT v.cell_id, v.parent_id, v.tier, v.code, v.name, v.provenance, v.geom FROM cells.of($1, $3) v
  WHERE v.parent_id IN (SELECT parent_id FROM decided)
)
SELECT c.parent_id, c.tier, c.code, c.name, CASE WHEN g.given IS NULL AND t.taken IS NULL OR c.provenance = 'demo' THEN c.provenance ELSE 'drawn' END,
  ST_AsEWKB(CASE WHEN t.taken IS NULL THEN k.kept ELSE ST_Multi(ST_CollectionExtract(ST_UnaryUnion(ST_Collect(k.kept, t.taken)), 3)) END)
FROM child c
LEFT JOIN LATERAL (SELECT array_agg(m.geom) AS given FROM move m WHERE m.from_id = c.cell_id) g ON true
LEFT JOIN LATERAL (SELECT ST_Union(m.geom) AS taken FROM move m WHERE m.to_cell_id = c.cell_id) t ON true
CROSS JOIN LATERAL (SELECT CASE WHEN g.given IS NULL THEN c.geom ELSE merge.rest(c.geom, g.given) END AS kept) k
UNION ALL
SELECT v.parent_id, v.tier, '', coalesce(nullif(y.name, y.code), v.name), CASE v.provenance WHEN 'demo' THEN 'demo' ELSE 'drawn' END,
  ST_AsEWKB(ST_Multi(m.geom))
FROM (SELECT from_id, layer_cell_id, ST_Union(geom) AS geom FROM move WHERE to_cell_id IS NULL GROUP BY from_id, layer_cell_id) m
JOIN cells.of($1, $3) v ON v.cell_id = m.from_id
LEFT JOIN layers.cell y ON y.territory_id = $1 AND y.id = m.layer_cell_id
