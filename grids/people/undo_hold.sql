-- Turns undoing_hold into what has to end and what has to open, and gives the
-- number of roles that change hands, with who held and holds them by name.
WITH known AS (
  SELECT n.id, n.cell_id, n.role, EXISTS (SELECT FROM undoing_hold b WHERE b.which = 'before'
    AND (b.cell_id, b.role, b.person_id, b.layer, b.post, b.side, b.rank, b.during)
      IS NOT DISTINCT FROM (n.cell_id, n.role, n.person_id, n.layer, n.post, n.side, n.rank, n.during)) AS stays
  FROM undoing_hold n WHERE n.which = 'now'
), ending AS (
  INSERT INTO undoing_hold (which, id, cell_id, role) SELECT 'ending', id, cell_id, role FROM known WHERE NOT stays
  RETURNING cell_id, role
), opening AS (
  INSERT INTO undoing_hold (which, cell_id, role, person_id, layer, post, side, rank, during)
  SELECT 'opening', b.cell_id, b.role, b.person_id, b.layer, b.post, b.side, b.rank, b.during
  FROM undoing_hold b WHERE b.which = 'before' AND NOT EXISTS (SELECT FROM undoing_hold n WHERE n.which = 'now'
    AND (b.cell_id, b.role, b.person_id, b.layer, b.post, b.side, b.rank, b.during)
      IS NOT DISTINCT FROM (n.cell_id, n.role, n.person_id, n.layer, n.post, n.side, n.rank, n.during))
  RETURNING cell_id, role
), role AS (
  SELECT cell_id, role FROM ending UNION SELECT cell_id, role FROM opening
), named AS (
  SELECT r.cell_id, r.role, v.code, v.name,
         (SELECT string_agg(p.name, ', ' ORDER BY lower(h.during), p.staff_no) FROM undoing_hold h JOIN people.person p ON p.territory_id = $1 AND p.id = h.person_id
          WHERE h.which = 'now' AND h.cell_id = r.cell_id AND h.role = r.role) AS now,
         (SELECT string_agg(p.name, ', ' ORDER BY lower(h.during), p.staff_no) FROM undoing_hold h JOIN people.person p ON p.territory_id = $1 AND p.id = h.person_id
          WHERE h.which = 'before' AND h.cell_id = r.cell_id AND h.role = r.role) AS again
  FROM (SELECT * FROM role ORDER BY cell_id, role LIMIT 10000) r
  LEFT JOIN LATERAL (
    SELECT v.code, v.name FROM cells.version v WHERE v.territory_id = $1 AND v.cell_id = r.cell_id AND v.from_edition <= $2 ORDER BY v.from_edition DESC LIMIT 1
  ) v ON true
)
SELECT (SELECT count(*) FROM role), coalesce((
  SELECT jsonb_agg(jsonb_build_object('op', 'changed', 'code', coalesce(code, ''), 'name', coalesce(name, ''),
           'before', jsonb_build_object(role, coalesce(now, '')), 'after', jsonb_build_object(role, coalesce(again, ''))) ORDER BY code, role) FROM named
), '[]')
