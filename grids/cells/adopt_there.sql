-- What the rows of a batch are to the cells of their tier that are there: new,
-- there, or missing (a cell of a family that no row names). A family is the
-- cells below one parent; it is touched where its boundaries may change. Rows
-- that change nothing, of families that aren't touched, are left out.
-- $1 territory, $2 batch, $3 edition, $4 tier, $5 digits of a code that name its
-- parent (0: all cells are one family), $6 the file says that boundaries are
-- statutory, $7 cells that are missing are to be retired.
WITH pair AS MATERIALIZED (
  SELECT i.row, v.cell_id, i.code, left(i.code, $5) AS family,
         coalesce((v.name, v.provenance) <> (i.name, i.provenance) OR $6 AND NOT v.locked
                  OR i.sent IS NOT NULL AND i.sent IS DISTINCT FROM s.sent, false) AS other,
         -- what it was made of is sent again: cleaning gave it its shape
         v.cell_id IS NOT NULL AND coalesce(s.source_geom::bytea = i.source_geom::bytea, false) AS resent
  FROM cells.intake i
  LEFT JOIN cells.of($1, $3) v ON v.code = i.code AND v.tier = $4
  LEFT JOIN cells.sent s ON s.territory_id = $1 AND s.cell_id = v.cell_id AND s.batch = v.batch
  WHERE i.territory_id = $1 AND i.batch = $2
), judged AS MATERIALIZED (
  SELECT p.*, NOT p.resent AND (p.cell_id IS NULL OR NOT cells.same_area(v.geom, ST_CollectionExtract(ST_Force2D(i.geom), 3))) AS differs
  FROM pair p
  JOIN cells.intake i ON i.territory_id = $1 AND i.batch = $2 AND i.row = p.row
  LEFT JOIN cells.of($1, $3) v ON v.cell_id = p.cell_id
), missing AS MATERIALIZED (
  SELECT v.cell_id, v.code, v.locked OR v.disputed AS locked, left(v.code, $5) AS family
  FROM cells.of($1, $3) v
  WHERE v.tier = $4 AND left(v.code, $5) IN (SELECT family FROM pair)
    AND NOT EXISTS (SELECT FROM pair p WHERE p.cell_id = v.cell_id)
), touched AS MATERIALIZED (
  SELECT family FROM judged WHERE differs
  UNION SELECT family FROM missing WHERE $7
), told AS (
  SELECT j.row, j.cell_id, j.code, j.family, j.other, j.resent, j.differs, false AS locked,
         EXISTS (SELECT FROM touched t WHERE t.family = j.family) AS touched,
         CASE WHEN j.cell_id IS NULL THEN 'new' ELSE 'there' END AS state
  FROM judged j
  UNION ALL
  SELECT 0, m.cell_id, m.code, m.family, false, false, false, m.locked, EXISTS (SELECT FROM touched t WHERE t.family = m.family), 'missing'
  FROM missing m
)
SELECT t.row, coalesce(t.cell_id, past.cell_id, 0), t.code, t.family, t.state, t.other, t.touched, t.locked,
       -- in a touched family, one that was cleaned is compared all the same
       t.differs OR t.resent AND t.touched AND NOT EXISTS (
         SELECT FROM cells.of($1, $3) v JOIN cells.intake i ON i.territory_id = $1 AND i.batch = $2 AND i.row = t.row
         WHERE v.cell_id = t.cell_id AND cells.same_area(v.geom, ST_CollectionExtract(ST_Force2D(i.geom), 3))) AS differs,
       t.resent, EXISTS (SELECT FROM cells.of($1, $3) c WHERE c.parent_id = t.cell_id) AS below
FROM told t
LEFT JOIN LATERAL ( -- a code that was given up comes back to the cell that had it
  SELECT v.cell_id FROM cells.version v
  WHERE t.state = 'new' AND v.territory_id = $1 AND v.code = t.code AND v.tier = $4
    AND NOT EXISTS (SELECT FROM cells.of($1, $3) n WHERE n.cell_id = v.cell_id)
  ORDER BY v.from_edition DESC LIMIT 1
) past ON true
WHERE t.state <> 'there' OR t.other OR t.touched
ORDER BY t.row, t.code
