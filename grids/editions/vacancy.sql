-- Cells of draft $2 of territory $1 that will have nobody of their own when it
-- is published now ($3) and whose vacancy nobody accepted: without those to whom
-- the merge gives somebody, and new ones that get the people of the cell they
-- have most from.
WITH fresh AS MATERIALIZED (
  SELECT v.cell_id, v.tier, v.geom FROM cells.version v
  WHERE v.territory_id = $1 AND v.from_edition = $2
    AND NOT EXISTS (SELECT FROM cells.version b WHERE b.territory_id = $1 AND b.cell_id = v.cell_id AND b.to_edition = $2)
), heir AS (
  SELECT DISTINCT ON (f.cell_id) f.cell_id, b.cell_id AS before
  FROM fresh f JOIN cells.version b ON b.territory_id = $1 AND b.to_edition = $2 AND b.tier = f.tier AND b.geom && f.geom AND ST_Intersects(b.geom, f.geom)
  ORDER BY f.cell_id, ST_Area(ST_Intersection(b.geom, f.geom)) DESC, b.code
)
SELECT v.code, v.name
FROM editions.unassigned($1, $2, $3) u
JOIN cells.of($1, $2) v ON v.cell_id = u.cell_id
WHERE NOT EXISTS (
    SELECT FROM heir h JOIN people.assignment a ON a.territory_id = $1 AND a.cell_id = h.before AND a.role = 'accountable' AND a.during @> $3::timestamptz
    WHERE h.cell_id = v.cell_id)
  AND NOT EXISTS (
    SELECT FROM merge.conflict c JOIN merge.run r ON r.territory_id = c.territory_id AND r.id = c.run_id
    WHERE c.territory_id = $1 AND c.run_id = merge.latest($1, $2) AND r.edition = $2 AND c.cell_id = v.cell_id
      AND c.state = 'settled' AND c.resolution LIKE 'accountable:%')
ORDER BY v.tier, v.code COLLATE "C"
