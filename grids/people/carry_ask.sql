-- What carrying assignments along to edition $2 at $3 could not decide, as
-- questions. It runs while assignments of ended cells still hold.
-- A role that one person holds (accountable, lead) was held by several where the
-- cell comes from: by another of a comparable share of it, or by one who has lost
-- it. One person has several comparable pieces of a split. Whoever has lost
-- another role, or whose cell ended without a successor.
WITH RECURSIVE given AS MATERIALIZED (
  SELECT people.comparable($1) AS comparable, created_at AS opened FROM editions.edition WHERE territory_id = $1 AND seq = $2
), heir AS MATERIALIZED (
  SELECT l.from_cell, l.to_cell, l.share, n.code, l.share * v.area_m2 / sum(l.share * v.area_m2) OVER (PARTITION BY l.to_cell) AS part,
         row_number() OVER (PARTITION BY l.from_cell ORDER BY l.share DESC, n.code USING ~<~) AS nth
  FROM cells.lineage l
  JOIN cells.version v ON v.territory_id = $1 AND v.cell_id = l.from_cell AND v.to_edition = $2
  JOIN cells.of($1, $2) n ON n.cell_id = l.to_cell
  WHERE l.territory_id = $1 AND l.edition = $2
), ended AS MATERIALIZED (
  SELECT v.cell_id, v.parent_id FROM cells.version v
  WHERE v.territory_id = $1 AND v.to_edition = $2 AND NOT EXISTS (SELECT FROM cells.of($1, $2) n WHERE n.cell_id = v.cell_id)
), lost AS MATERIALIZED (
  SELECT a.id, a.person_id, a.role, a.layer, e.cell_id AS from_cell, e.parent_id, main.to_cell,
         jsonb_build_object('person', a.person_id, 'role', a.role, 'cell', e.cell_id, 'share', coalesce(main.part, 0),
           'from', nullif(greatest(lower(a.during), $3), $3), 'to', upper(a.during)) AS candidate, lower(a.during) > $3 AS planned
  FROM ended e
  JOIN people.assignment a ON a.territory_id = $1 AND a.cell_id = e.cell_id AND a.during && tstzrange($3, NULL)
  LEFT JOIN heir main ON main.from_cell = e.cell_id AND main.nth = 1
  WHERE NOT EXISTS (
    SELECT FROM heir h JOIN people.assignment b ON b.territory_id = $1 AND b.cell_id = h.to_cell
    WHERE h.from_cell = e.cell_id AND b.person_id = a.person_id AND b.role = a.role AND b.layer IS NOT DISTINCT FROM a.layer AND b.during && a.during)
), rival AS MATERIALIZED (
  SELECT h.to_cell, a.role, a.layer, a.person_id, sum(h.part) AS part, (array_agg(h.from_cell ORDER BY h.part DESC))[1] AS from_cell,
         bool_or(EXISTS (SELECT FROM lost l WHERE l.id = a.id AND l.to_cell = h.to_cell)) AS lost
  FROM heir h
  JOIN people.assignment a ON a.territory_id = $1 AND a.cell_id = h.from_cell AND a.role IN ('accountable', 'lead') AND a.during @> $3::timestamptz
  GROUP BY h.to_cell, a.role, a.layer, a.person_id
), holder AS MATERIALIZED (
  -- named: since the draft was opened, which somebody has decided then
  SELECT DISTINCT ON (a.cell_id, a.role, a.layer) a.cell_id, a.role, a.layer, a.id, a.person_id,
         a.recorded_at >= given.opened AND NOT EXISTS (SELECT FROM assignment_carried c WHERE c.id = a.id) AS named
  FROM people.assignment a, given
  WHERE a.territory_id = $1 AND a.role IN ('accountable', 'lead') AND a.during @> $3::timestamptz AND a.cell_id IN (SELECT to_cell FROM heir)
  ORDER BY a.cell_id, a.role, a.layer, a.rank, a.id
), merged AS MATERIALIZED (
  SELECT r.to_cell, r.role, r.layer, h.id AS ruled, h.person_id AS ruled_person,
         jsonb_agg(jsonb_build_object('person', r.person_id, 'role', r.role, 'cell', r.from_cell, 'share', r.part) ORDER BY r.part DESC, r.person_id) AS candidates
  FROM given, rival r
  LEFT JOIN holder h ON h.cell_id = r.to_cell AND h.role = r.role AND h.layer IS NOT DISTINCT FROM r.layer
  GROUP BY r.to_cell, r.role, r.layer, h.id, h.person_id, h.named
  HAVING NOT coalesce(h.named, false)
     AND bool_or(r.person_id IS DISTINCT FROM h.person_id AND (r.lost OR r.part >= (SELECT comparable FROM given)))
), split AS (
  SELECT h.to_cell, h.from_cell, h.share, b.id AS ruled, b.person_id AS ruled_person
  FROM given, heir h
  JOIN people.assignment a ON a.territory_id = $1 AND a.cell_id = h.from_cell AND a.role = 'accountable' AND a.during @> $3::timestamptz
  JOIN people.assignment b ON b.territory_id = $1 AND b.cell_id = h.to_cell AND b.role = 'accountable' AND b.during @> $3::timestamptz AND b.person_id = a.person_id
  WHERE h.to_cell <> h.from_cell AND h.share >= given.comparable
    AND EXISTS (SELECT FROM assignment_carried c WHERE c.id = b.id)
    AND EXISTS (
      SELECT FROM heir o JOIN people.assignment x ON x.territory_id = $1 AND x.cell_id = o.to_cell AND x.role = 'accountable' AND x.during @> $3::timestamptz
      WHERE o.from_cell = h.from_cell AND o.to_cell <> h.to_cell AND x.person_id = a.person_id AND o.share >= given.comparable
        AND (o.to_cell = o.from_cell OR o.nth < h.nth))
    AND NOT EXISTS (SELECT FROM merged m WHERE m.to_cell = h.to_cell AND m.role = 'accountable')
), up AS (
  SELECT l.from_cell, l.parent_id FROM lost l WHERE l.to_cell IS NULL
  UNION
  SELECT up.from_cell, v.parent_id FROM up JOIN cells.version v ON v.territory_id = $1 AND v.cell_id = up.parent_id AND v.to_edition = $2
  WHERE NOT EXISTS (SELECT FROM cells.of($1, $2) n WHERE n.cell_id = up.parent_id)
), wanted AS (
  SELECT to_cell AS cell_id, role, layer, 'merged' AS kind, 0::bigint AS about, ruled, ruled_person, candidates FROM merged
  UNION ALL
  SELECT s.to_cell, 'accountable', NULL, 'split', 0, s.ruled, s.ruled_person, (
    SELECT jsonb_agg(jsonb_build_object('person', c.person_id, 'role', c.role, 'cell', s.from_cell, 'share', s.share) ORDER BY c.rank, c.person_id)
    FROM (SELECT DISTINCT ON (a.person_id) a.person_id, a.role, r.rank FROM people.assignment a JOIN people.role r ON r.code = a.role
          WHERE a.territory_id = $1 AND a.cell_id = s.from_cell AND a.during @> $3::timestamptz ORDER BY a.person_id, r.rank) c)
  FROM split s
  UNION ALL
  SELECT l.to_cell, l.role, l.layer, 'merged', l.person_id, NULL, NULL, jsonb_agg(l.candidate ORDER BY l.id)
  FROM lost l WHERE l.to_cell IS NOT NULL AND (l.planned OR l.role NOT IN ('accountable', 'lead'))
  GROUP BY l.to_cell, l.role, l.layer, l.person_id
  UNION ALL
  -- a cell without a successor: may whoever answered for it serve the cell above?
  SELECT n.cell_id, r.role, l.layer, 'ended', l.person_id, NULL, NULL, jsonb_agg(l.candidate ORDER BY l.id)
  FROM lost l JOIN up ON up.from_cell = l.from_cell JOIN cells.of($1, $2) n ON n.cell_id = up.parent_id
  CROSS JOIN LATERAL (SELECT CASE WHEN l.role IN ('accountable', 'lead') THEN 'officer' ELSE l.role END AS role) r
  WHERE NOT EXISTS (SELECT FROM people.assignment b WHERE b.territory_id = $1 AND b.cell_id = n.cell_id AND b.person_id = l.person_id
    AND (b.role = r.role OR b.role = 'accountable') AND b.during @> $3::timestamptz)
  GROUP BY n.cell_id, r.role, l.layer, l.person_id
)
INSERT INTO people.question (territory_id, edition, cell_id, role, layer, kind, about, ruled, ruled_person, candidates)
SELECT $1, $2, cell_id, role, layer, kind, about, ruled, ruled_person, candidates FROM wanted
ON CONFLICT DO NOTHING
