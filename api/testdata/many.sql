-- $1 territory: 40,000 more villages in 100 towns of 10 counties under its city.
WITH plan AS (
  SELECT 2 AS tier, '4302' || (10 + c) || '000000' AS code, NULL AS parent, c * 40 AS x, 0 AS y, 40 AS wide, 100 AS high FROM generate_series(0, 9) c
  UNION ALL
  SELECT 3, '4302' || (10 + c) || to_char(1 + n, 'FM000') || '000', '4302' || (10 + c) || '000000', c * 40, n * 10, 40, 10
  FROM generate_series(0, 9) c, generate_series(0, 9) n
  UNION ALL
  SELECT 4, '4302' || (10 + c) || to_char(1 + n, 'FM000') || to_char(1 + v, 'FM000'), '4302' || (10 + c) || to_char(1 + n, 'FM000') || '000',
         c * 40 + v % 40, n * 10 + v / 40, 1, 1
  FROM generate_series(0, 9) c, generate_series(0, 9) n, generate_series(0, 399) v
), made AS (
  INSERT INTO cells.cell (territory_id) SELECT $1 FROM plan RETURNING id
), numbered AS (
  SELECT p.*, m.id
  FROM (SELECT plan.*, row_number() OVER (ORDER BY tier, code) AS n FROM plan) p
  JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n FROM made) m ON m.n = p.n
)
INSERT INTO cells.version (territory_id, cell_id, from_edition, code, name, tier, parent_id, geom, area_m2, label, provenance)
SELECT $1, n.id, 1, n.code, '示例' || n.code, n.tier, coalesce(p.id, root.cell_id), ST_Multi(g.geom), 45.5, ST_Centroid(g.geom), 'demo'
FROM numbered n
LEFT JOIN numbered p ON p.code = n.parent
JOIN cells.version root ON root.territory_id = $1 AND root.tier = 1
CROSS JOIN LATERAL (SELECT ST_MakeEnvelope(113.5 + n.x * 0.001, 27.5 + n.y * 0.002, 113.5 + (n.x + n.wide) * 0.001, 27.5 + (n.y + n.high) * 0.002, 4326) AS geom) g
