-- +goose Up
-- A cell of an edition and all below it.
CREATE FUNCTION duty.below(territory int, edition int, top bigint)
RETURNS TABLE (cell_id bigint, code text, name text, tier smallint, leaf boolean, area_m2 double precision, label geometry)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT v.cell_id, v.code, v.name, v.tier, cells.is_leaf(territory, v.cell_id, edition), v.area_m2, v.label
  FROM cells.descendants(territory, ARRAY[top], ARRAY[edition]) d
  JOIN cells.version v ON v.territory_id = territory AND v.cell_id = d.uid
    AND v.from_edition <= edition AND (v.to_edition IS NULL OR v.to_edition > edition)
$$;

-- Cells from one down that have nobody accountable of their own, since when
-- (since the last one's end, or the cell's beginning), and who acts: steps is how
-- many tiers up. person_id is NULL where nobody does.
CREATE FUNCTION duty.vacancies(territory int, edition int, instant timestamptz, top bigint)
RETURNS TABLE (cell_id bigint, since timestamptz, person_id bigint, holds bigint, steps int)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT b.cell_id,
         greatest((SELECT max(upper(a.during)) FROM people.assignment a
                   WHERE a.territory_id = territory AND a.cell_id = b.cell_id AND a.role = 'accountable' AND upper(a.during) <= instant),
                  (SELECT min(e.effective) FROM cells.version v JOIN editions.edition e ON e.territory_id = territory AND e.seq = v.from_edition
                   WHERE v.territory_id = territory AND v.cell_id = b.cell_id AND e.state = 'published')),
         w.person_id, w.holds, b.tier - h.tier
  FROM duty.below(territory, edition, top) b
  JOIN people.accountables(territory, edition, instant) w ON w.cell_id = b.cell_id
  LEFT JOIN cells.version h ON h.territory_id = territory AND h.cell_id = w.holds
    AND h.from_edition <= edition AND (h.to_edition IS NULL OR h.to_edition > edition)
  WHERE w.acting OR w.person_id IS NULL
$$;

-- What each person holds in a cell and below it at an instant: cells that they
-- are accountable for, that they act for, and of which they are an officer; and,
-- in those that they hold, the area and the objects, enterprises by risk class.
-- What lies in two of their cells counts once.
CREATE FUNCTION duty.carried(territory int, edition int, instant timestamptz, top bigint)
RETURNS TABLE (person_id bigint, cells int, acting int, rounds int, area_m2 double precision, objects int, enterprises int, risks jsonb)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  WITH RECURSIVE below AS MATERIALIZED (
    SELECT * FROM duty.below(territory, edition, top)
  ), held AS MATERIALIZED (
    SELECT a.person_id, a.cell_id, bool_or(a.role = 'accountable') AS chief, bool_or(a.role = 'officer') AS officer
    FROM people.assignment a JOIN below b ON b.cell_id = a.cell_id
    WHERE a.territory_id = territory AND a.role IN ('accountable', 'officer') AND a.during @> instant
    GROUP BY a.person_id, a.cell_id
  ), acts AS (
    SELECT v.person_id, count(*)::int AS n FROM duty.vacancies(territory, edition, instant, top) v WHERE v.person_id IS NOT NULL GROUP BY v.person_id
  ), down AS (
    SELECT h.person_id, h.cell_id FROM held h
    UNION
    SELECT d.person_id, v.cell_id FROM down d JOIN cells.version v ON v.territory_id = territory AND v.parent_id = d.cell_id
      AND v.from_edition <= edition AND (v.to_edition IS NULL OR v.to_edition > edition)
  ), leaf AS MATERIALIZED (
    SELECT d.person_id, d.cell_id, b.area_m2 FROM down d JOIN below b ON b.cell_id = d.cell_id WHERE b.leaf
  ), land AS (
    SELECT l.person_id, sum(l.area_m2) AS area_m2 FROM leaf l GROUP BY l.person_id
  ), thing AS (
    SELECT DISTINCT l.person_id, o.object_id, o.kind, CASE WHEN o.kind = 'enterprise' THEN coalesce(o.attributes ->> 'risk', '') END AS risk
    FROM leaf l
    JOIN objects.placement p ON p.territory_id = territory AND p.cell_id = l.cell_id AND p.during @> instant
    JOIN objects.version o ON o.territory_id = territory AND o.object_id = p.object_id AND o.during @> instant
  ), risk AS (
    SELECT r.person_id, sum(r.n)::int AS objects, coalesce(sum(r.n) FILTER (WHERE r.risk IS NOT NULL), 0)::int AS enterprises,
           coalesce(jsonb_object_agg(r.risk, r.n) FILTER (WHERE r.risk <> ''), '{}') AS risks
    FROM (SELECT person_id, risk, count(*) AS n FROM thing GROUP BY person_id, risk) r GROUP BY r.person_id
  ), own AS (
    SELECT h.person_id, count(*) FILTER (WHERE h.chief)::int AS cells, count(*) FILTER (WHERE h.officer)::int AS rounds FROM held h GROUP BY h.person_id
  )
  SELECT coalesce(o.person_id, s.person_id), coalesce(o.cells, 0), coalesce(s.n, 0), coalesce(o.rounds, 0),
         coalesce(l.area_m2, 0), coalesce(r.objects, 0), coalesce(r.enterprises, 0), coalesce(r.risks, '{}')
  FROM own o FULL JOIN acts s ON s.person_id = o.person_id
  LEFT JOIN land l ON l.person_id = o.person_id
  LEFT JOIN risk r ON r.person_id = o.person_id
$$;

-- Leaves in a cell with fewer officers than there should be.
CREATE FUNCTION duty.understaffed(territory int, edition int, instant timestamptz, top bigint)
RETURNS TABLE (cell_id bigint, officers int)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT b.cell_id, count(DISTINCT a.person_id)::int
  FROM duty.below(territory, edition, top) b
  LEFT JOIN people.assignment a ON a.territory_id = territory AND a.cell_id = b.cell_id AND a.role = 'officer' AND a.during @> instant
  WHERE b.leaf
  GROUP BY b.cell_id
  HAVING count(DISTINCT a.person_id) < (duty.settings(territory)).least_officers
$$;

-- Where people are at home: the lowest cell that they serve, of several the one
-- with the smallest code; else the division of their unit.
CREATE FUNCTION duty.homes(territory int, edition int, instant timestamptz)
RETURNS TABLE (person_id bigint, cell_id bigint, code text, label geometry)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT DISTINCT ON (a.person_id) a.person_id, v.cell_id, v.code, v.label
  FROM people.assignment a
  JOIN cells.of(territory, edition) v ON v.cell_id = a.cell_id
  WHERE a.territory_id = territory AND a.during @> instant
  ORDER BY a.person_id, v.tier DESC, v.code USING ~<~
$$;

-- People who serve no cell at all at an instant: of the territory, or of those
-- at home in a cell or below it.
CREATE FUNCTION duty.idle(territory int, edition int, instant timestamptz, top bigint)
RETURNS TABLE (person_id bigint)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT p.id FROM people.person p
  WHERE p.territory_id = territory
    AND NOT EXISTS (SELECT FROM people.assignment a WHERE a.territory_id = territory AND a.person_id = p.id AND a.during @> instant)
    AND (EXISTS (SELECT FROM cells.version v WHERE v.territory_id = territory AND v.cell_id = top AND v.parent_id IS NULL)
      OR EXISTS (SELECT FROM duty.homes(territory, edition, instant) h JOIN duty.below(territory, edition, top) b ON b.cell_id = h.cell_id WHERE h.person_id = p.id))
$$;
