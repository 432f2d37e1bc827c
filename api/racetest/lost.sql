-- Handovers of the cells $2 of territory $1: each ended the assignment that it
-- names, which was known to hold then until that very record, and its own was
-- known from that record on. And each that was answered ($3: its number, $4 the
-- assignment replaced, $5 the one made, $6 the person) is on record as answered.
WITH made AS MATERIALIZED (
  SELECT h.* FROM people.handover h
  WHERE h.territory_id = $1 AND h.cell_id IN (SELECT v.cell_id FROM cells.version v WHERE v.territory_id = $1 AND v.code = ANY ($2))
), wrong AS (
  SELECT 'handover ' || m.id || ' replaced an assignment that did not hold' AS what
  FROM made m WHERE NOT EXISTS (SELECT FROM people.assignment_known a
    WHERE a.territory_id = $1 AND a.cell_id = m.cell_id AND a.id = m.from_assignment AND a.person_id = m.from_person AND a.during @> m.at AND upper(a.known) = m.recorded_at)
  UNION ALL
  SELECT 'handover ' || m.id || ' made nothing'
  FROM made m WHERE NOT EXISTS (SELECT FROM people.assignment_known a
    WHERE a.territory_id = $1 AND a.cell_id = m.cell_id AND a.id = m.to_assignment AND a.person_id = m.to_person AND lower(a.during) = m.at AND lower(a.known) = m.recorded_at)
  UNION ALL
  SELECT 'handover ' || a.id || ' was answered and is not on record'
  FROM unnest($3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[]) AS a (id, replaced, assignment, person)
  WHERE NOT EXISTS (SELECT FROM made m WHERE m.id = a.id AND m.from_assignment = a.replaced AND m.to_assignment = a.assignment AND m.to_person = a.person)
)
SELECT (SELECT count(*) FROM made), coalesce((SELECT array_agg(what) FROM (SELECT what FROM wrong ORDER BY what LIMIT 20) w), '{}')
