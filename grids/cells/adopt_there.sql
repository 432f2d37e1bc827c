-- What the rows of a batch are to the cells of their tier that are there: new,
-- there, or missing (a cell of a family that no row names). A family is the
-- cells below one parent; it is touched where its boundaries may change. Rows
-- that change nothing, of families that aren't touched, are left out. Look-ups
-- are by key, whatever the planner knows of the batch.
-- $1 territory, $2 batch, $3 edition, $4 tier, $5 digits of a code that name its
-- parent (0: all cells are one family), $6 the file says that boundaries are
-- statutory, $7 cells that are missing are to be retired.
WITH pair AS MATERIALIZED (
  SELECT i.row, v.cell_id, v.from_edition, i.code,
         coalesce((v.name, v.provenance) <> (i.name, i.provenance) OR $6 AND NOT v.locked
                  OR i.sent IS NOT NULL AND i.sent IS DISTINCT FROM s.sent, false) AS other,
         -- what it was made of is sent again: cleaning gave it its shape
         v.cell_id IS NOT NULL AND coalesce(s.source_geom::bytea = i.source_geom::bytea, false) AS resent
  FROM cells.intake i
  LEFT JOIN LATERAL (
    SELECT v.cell_id, v.from_edition, v.name, v.provenance, v.locked, v.batch FROM cells.version v
    WHERE v.territory_id = $1 AND v.code = i.code AND v.tier = $4 AND v.from_edition <= $3 AND (v.to_edition IS NULL OR v.to_edition > $3) OFFSET 0
  ) v ON true
  LEFT JOIN LATERAL (SELECT s.* FROM cells.sent s WHERE s.territory_id = $1 AND s.cell_id = v.cell_id AND s.batch = v.batch OFFSET 0) s ON true
  WHERE i.territory_id = $1 AND i.batch = $2
), judged AS MATERIALIZED (
  SELECT p.*, NOT p.resent AND (p.cell_id IS NULL OR NOT near.same) AS differs
  FROM pair p
  LEFT JOIN LATERAL (
    SELECT cells.same_area(v.geom, ST_CollectionExtract(ST_Force2D(i.geom), 3)) AS same
    FROM (SELECT i.geom FROM cells.intake i WHERE i.territory_id = $1 AND i.batch = $2 AND i.row = p.row OFFSET 0) i,
         (SELECT v.geom FROM cells.version v WHERE v.territory_id = $1 AND v.cell_id = p.cell_id AND v.from_edition = p.from_edition OFFSET 0) v
    WHERE NOT p.resent OFFSET 0
  ) near ON true
), told AS (
  SELECT row, cell_id, from_edition, code, other, resent, differs, false AS locked, CASE WHEN cell_id IS NULL THEN 'new' ELSE 'there' END AS state
  FROM judged
  UNION ALL
  SELECT 0, v.cell_id, v.from_edition, v.code, false, false, false, v.locked OR v.disputed, 'missing'
  FROM cells.of($1, $3) v
  WHERE v.tier = $4 AND v.cell_id NOT IN (SELECT cell_id FROM pair WHERE cell_id IS NOT NULL)
), family AS (
  SELECT t.*, left(t.code, $5) AS family, bool_or(row > 0) OVER w AS named, bool_or(differs OR state = 'missing' AND $7) OVER w AS touched
  FROM told t WINDOW w AS (PARTITION BY left(t.code, $5))
)
SELECT t.row, coalesce(t.cell_id, past.cell_id, 0), t.code, t.family, t.state, t.other, t.touched, t.locked,
       -- in a touched family, one that was cleaned is compared all the same
       t.differs OR t.resent AND t.touched AND NOT coalesce((
         SELECT cells.same_area(v.geom, ST_CollectionExtract(ST_Force2D(i.geom), 3))
         FROM (SELECT i.geom FROM cells.intake i WHERE i.territory_id = $1 AND i.batch = $2 AND i.row = t.row OFFSET 0) i,
              (SELECT v.geom FROM cells.version v WHERE v.territory_id = $1 AND v.cell_id = t.cell_id AND v.from_edition = t.from_edition OFFSET 0) v), false) AS differs,
       t.resent, below.is
FROM family t
LEFT JOIN LATERAL ( -- a code that was given up comes back to the cell that had it
  SELECT v.cell_id FROM cells.version v
  WHERE t.state = 'new' AND v.territory_id = $1 AND v.code = t.code AND v.tier = $4
    AND NOT EXISTS (SELECT FROM cells.of($1, $3) n WHERE n.cell_id = v.cell_id)
  ORDER BY v.from_edition DESC LIMIT 1
) past ON true
CROSS JOIN LATERAL (
  SELECT count(*) > 0 AS is FROM (
    SELECT FROM cells.version c WHERE c.territory_id = $1 AND c.parent_id = t.cell_id AND c.from_edition <= $3 AND (c.to_edition IS NULL OR c.to_edition > $3) LIMIT 1
  ) one
) below
WHERE t.named AND (t.state <> 'there' OR t.other OR t.touched)
ORDER BY t.row, t.code
