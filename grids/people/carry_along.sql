-- Successors of cells in edition $2 get, for each role (and layer) that nobody
-- holds there from $3 on, whoever holds it for the predecessor they have most
-- area from, among those that are no trifle of them. One that is there again
-- gets only roles that it had when it ended; when an edition is restored, one that
-- goes on gets none.
WITH heir AS (
  SELECT l.to_cell, l.from_cell, v.code, s.area, s.area / sum(s.area) OVER whole AS part, max(s.area) OVER whole = s.area AS most
  FROM cells.lineage l
  JOIN cells.version v ON v.territory_id = $1 AND v.cell_id = l.from_cell AND v.to_edition = $2
  CROSS JOIN LATERAL (SELECT l.share * v.area_m2 AS area) s
  WHERE l.territory_id = $1 AND l.edition = $2
  WINDOW whole AS (PARTITION BY l.to_cell)
), predecessor AS (
  SELECT DISTINCT ON (h.to_cell, a.role, a.layer) h.to_cell, h.from_cell, h.code, a.role, a.layer
  FROM heir h
  JOIN people.assignment a ON a.territory_id = $1 AND a.cell_id = h.from_cell AND a.during && tstzrange($3, NULL)
  WHERE h.to_cell <> h.from_cell AND (h.most OR h.part >= people.comparable($1))
  ORDER BY h.to_cell, a.role, a.layer, a.during @> $3::timestamptz DESC, h.area DESC, h.code
), carried AS (
  INSERT INTO people.assignment (territory_id, person_id, cell_id, role, layer, post, side, rank, during, recorded_by, reason)
  SELECT $1, a.person_id, p.to_cell, a.role, a.layer, a.post, a.side, a.rank, r.rest, $4,
         'carried along from ' || p.code || ' in edition ' || $2::int
  FROM predecessor p
  JOIN people.assignment a ON a.territory_id = $1 AND a.cell_id = p.from_cell AND a.role = p.role AND a.layer IS NOT DISTINCT FROM p.layer
    AND a.during && tstzrange($3, NULL)
  CROSS JOIN LATERAL (SELECT a.during * tstzrange($3, NULL) AS rest) r
  WHERE EXISTS (SELECT FROM cells.of($1, $2) v WHERE v.cell_id = p.to_cell)
    AND NOT EXISTS (SELECT FROM people.assignment h
      WHERE h.territory_id = $1 AND h.cell_id = p.to_cell AND h.role = a.role AND h.layer IS NOT DISTINCT FROM a.layer
        AND h.during && r.rest)
    AND NOT EXISTS (
      SELECT FROM editions.edition e JOIN cells.of($1, $2 - 1) o ON o.cell_id = p.to_cell
      WHERE e.territory_id = $1 AND e.seq = $2 AND e.restores IS NOT NULL)
    AND NOT EXISTS (
      SELECT FROM cells.version b JOIN editions.edition e ON e.territory_id = $1 AND e.seq = b.to_edition
      WHERE b.territory_id = $1 AND b.cell_id = p.to_cell AND b.to_edition < $2
        AND b.to_edition = (SELECT max(m.to_edition) FROM cells.version m WHERE m.territory_id = $1 AND m.cell_id = p.to_cell AND m.to_edition <= $2)
        AND NOT EXISTS (SELECT FROM people.assignment h
          WHERE h.territory_id = $1 AND h.cell_id = p.to_cell AND h.role = a.role AND h.layer IS NOT DISTINCT FROM a.layer AND upper(h.during) = e.effective))
  RETURNING id
)
INSERT INTO assignment_carried SELECT id FROM carried
