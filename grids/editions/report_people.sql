-- Cells of edition $3 of territory $1 whose own accountable person at $5 is another
-- than at $4. Of a draft ($2): who it will be, by the merge's decision or from the
-- cell that a new one has most from. And cells that the edition ends, with who
-- answered for them.
WITH heir AS MATERIALIZED (
  SELECT DISTINCT ON (v.cell_id) v.cell_id, b.cell_id AS before
  FROM cells.version v
  JOIN cells.version b ON b.territory_id = $1 AND b.to_edition = $3 AND b.tier = v.tier AND b.geom && v.geom AND ST_Intersects(b.geom, v.geom)
  WHERE $2 AND v.territory_id = $1 AND v.from_edition = $3
    AND NOT EXISTS (SELECT FROM cells.version o WHERE o.territory_id = $1 AND o.cell_id = v.cell_id AND o.to_edition = $3)
  ORDER BY v.cell_id, ST_Area(ST_Intersection(b.geom, v.geom)) DESC, b.code
), decided AS MATERIALIZED (
  SELECT c.cell_id, p.id AS person_id
  FROM merge.run r JOIN merge.conflict c ON c.territory_id = r.territory_id AND c.run_id = r.id AND c.state = 'settled' AND c.resolution LIKE 'accountable:%'
  JOIN people.person p ON p.territory_id = r.territory_id AND p.staff_no = substr(c.resolution, length('accountable:') + 1)
  WHERE $2 AND r.territory_id = $1 AND r.edition = $3 AND r.id = merge.latest($1, $3)
), own AS MATERIALIZED (
  SELECT a.cell_id, a.person_id, a.during FROM people.assignment a
  WHERE a.territory_id = $1 AND a.role = 'accountable' AND (a.during @> $4::timestamptz OR a.during @> $5::timestamptz)
)
SELECT * FROM (
  SELECT v.cell_id, v.code, v.name, v.tier, x.was, x.is, false AS ended
  FROM cells.of($1, $3) v
  CROSS JOIN LATERAL (
    SELECT (SELECT o.person_id FROM own o WHERE o.cell_id = v.cell_id AND o.during @> $4::timestamptz) AS was,
           coalesce((SELECT d.person_id FROM decided d WHERE d.cell_id = v.cell_id LIMIT 1),
                    (SELECT o.person_id FROM own o WHERE o.cell_id = v.cell_id AND o.during @> $5::timestamptz),
                    (SELECT o.person_id FROM heir h JOIN own o ON o.cell_id = h.before WHERE h.cell_id = v.cell_id AND o.during @> $4::timestamptz)) AS is
  ) x
  WHERE x.was IS DISTINCT FROM x.is
  UNION ALL
  SELECT v.cell_id, v.code, v.name, v.tier, o.person_id, NULL, true
  FROM cells.version v JOIN own o ON o.cell_id = v.cell_id AND o.during @> $4::timestamptz
  WHERE v.territory_id = $1 AND v.to_edition = $3
    AND NOT EXISTS (SELECT FROM cells.of($1, $3) n WHERE n.cell_id = v.cell_id)
) r
ORDER BY tier, code COLLATE "C"
