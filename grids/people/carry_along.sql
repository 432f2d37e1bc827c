-- Successors of cells that end with edition $2 get, for each role (and layer)
-- that nobody holds there from $3 on, whoever holds it for the predecessor they
-- have most area from.
WITH predecessor AS (
  SELECT DISTINCT ON (l.to_cell) l.to_cell, l.from_cell, v.code
  FROM cells.lineage l
  JOIN cells.version v ON v.territory_id = $1 AND v.cell_id = l.from_cell AND v.to_edition = $2
  WHERE l.territory_id = $1 AND l.edition = $2 AND l.to_cell <> l.from_cell
  ORDER BY l.to_cell, l.share * v.area_m2 DESC, v.code
)
INSERT INTO people.assignment (territory_id, person_id, cell_id, role, layer, post, side, rank, during, recorded_by, reason)
SELECT $1, a.person_id, p.to_cell, a.role, a.layer, a.post, a.side, a.rank, tstzrange($3, upper(a.during)), $4,
       'carried along from ' || p.code || ' in edition ' || $2::int
FROM predecessor p
JOIN people.assignment a ON a.territory_id = $1 AND a.cell_id = p.from_cell AND a.during @> $3::timestamptz
WHERE EXISTS (SELECT FROM cells.of($1, $2) v WHERE v.cell_id = p.to_cell)
  AND NOT EXISTS (SELECT FROM people.assignment h
    WHERE h.territory_id = $1 AND h.cell_id = p.to_cell AND h.role = a.role AND h.layer IS NOT DISTINCT FROM a.layer
      AND h.during && tstzrange($3, upper(a.during)))
