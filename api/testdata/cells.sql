-- $1 territory, $2 code prefix, $3 west, $4 south, $5 villages per town, $6 name.
WITH plan AS (
  SELECT 1 AS tier, $2 || '00000000' AS code, NULL AS parent, $6 AS name, 0.0 AS west, 0.4 AS wide
  UNION ALL
  SELECT 2, $2 || to_char(2 + c, 'FM00') || '000000', $2 || '00000000', '示例县' || c, c * 0.2, 0.2 FROM generate_series(0, 1) c
  UNION ALL
  SELECT 3, $2 || to_char(2 + c, 'FM00') || to_char(1 + n, 'FM000') || '000', $2 || to_char(2 + c, 'FM00') || '000000',
         '示例镇' || (c * 2 + n), c * 0.2 + n * 0.1, 0.1
  FROM generate_series(0, 1) c, generate_series(0, 1) n
  UNION ALL
  SELECT 4, $2 || to_char(2 + c, 'FM00') || to_char(1 + n, 'FM000') || to_char(1 + v, 'FM000'),
         $2 || to_char(2 + c, 'FM00') || to_char(1 + n, 'FM000') || '000',
         '示例村' || (c * 2 + n) || '-' || v, c * 0.2 + n * 0.1 + v * 0.1 / $5, 0.1 / $5
  FROM generate_series(0, 1) c, generate_series(0, 1) n, generate_series(0, $5::int - 1) v
), made AS (
  INSERT INTO cells.cell (territory_id) SELECT $1 FROM plan RETURNING id
), numbered AS (
  SELECT p.*, m.id
  FROM (SELECT plan.*, row_number() OVER (ORDER BY tier, code) AS n FROM plan) p
  JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n FROM made) m ON m.n = p.n
)
INSERT INTO cells.version (territory_id, cell_id, from_edition, code, name, tier, parent_id, geom, area_m2, label, provenance)
SELECT $1, n.id, 1, n.code, n.name, n.tier, p.id, ST_Multi(g.geom),
       CASE n.tier WHEN 4 THEN 45 ELSE 45.5 END, ST_Centroid(g.geom), 'demo'
FROM numbered n
LEFT JOIN numbered p ON p.code = n.parent
CROSS JOIN LATERAL (SELECT ST_MakeEnvelope(round(($3::numeric + n.west::numeric), 7)::float8, $4::float8,
  round(($3::numeric + n.west::numeric + n.wide::numeric), 7)::float8, ($4::numeric + 0.2)::float8, 4326) AS geom) g
