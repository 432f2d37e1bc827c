-- A gap or an overlap in part of a leaf, along a statutory or disputed line (of
-- the leaf, a neighbour or a cell above, for more than it is wide: what merely
-- ends at the line doesn't count): no rule of area gives it to anybody. $2 edition,
-- $3 the instant.
WITH fixed AS MATERIALIZED (
  SELECT cell_id, geom, ST_Boundary(geom) AS line, disputed FROM cells.of($1, $2) WHERE locked OR disputed
), near AS MATERIALIZED (
  SELECT c.id, c.cell_id, c.width_m, c.geom AS ground, f.line, f.disputed
  FROM merge_found c
  JOIN fixed f ON f.geom && ST_Expand(c.geom, 1e-7)
  WHERE c.kind IN ('gap', 'overlap') AND c.layer IS NOT NULL AND c.cell_id IS NOT NULL
    AND (c.detail ->> 'max_share')::float8 > 0
), along AS MATERIALIZED (
  SELECT n.id, n.cell_id, CASE WHEN bool_or(n.disputed) THEN 'disputed' ELSE 'statutory' END AS line
  FROM near n
  CROSS JOIN (SELECT epsg FROM cells.territory WHERE id = $1) t
  WHERE ST_Length(ST_Transform(ST_Intersection(n.line, ST_Buffer(n.ground, 1e-7, 'join=mitre')), t.epsg)) > 1.1 * n.width_m
  GROUP BY n.id, n.cell_id
), person AS MATERIALIZED (
  SELECT a.cell_id, jsonb_build_object('staff_no', p.staff_no, 'name', p.name) AS person
  FROM people.accountables($1, $2, $3) a JOIN people.person p ON p.territory_id = $1 AND p.id = a.person_id
  WHERE EXISTS (SELECT FROM along)
)
UPDATE merge_found c
SET pending = true, proposal = 'interim-accountable', reason = c.kind || '-pending',
  detail = c.detail || jsonb_build_object('line', f.line, 'interim', w.person)
FROM along f
LEFT JOIN person w ON w.cell_id = f.cell_id
WHERE c.id = f.id
