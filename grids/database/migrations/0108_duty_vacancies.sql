-- +goose Up
-- people.vacancies says what duty.vacancies said, and the figures count who serves no cell themselves.
CREATE OR REPLACE FUNCTION duty.carried(territory integer, edition integer, instant timestamp with time zone, top bigint) RETURNS TABLE(person_id bigint, cells integer, acting integer, rounds integer, area_m2 double precision, objects integer, enterprises integer, risks jsonb)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  WITH RECURSIVE below AS MATERIALIZED (
    SELECT * FROM duty.below(territory, edition, top)
  ), held AS MATERIALIZED (
    SELECT a.person_id, a.cell_id, bool_or(a.role = 'accountable') AS chief, bool_or(a.role = 'officer') AS officer
    FROM people.assignment a JOIN below b ON b.cell_id = a.cell_id
    WHERE a.territory_id = territory AND a.role IN ('accountable', 'officer') AND a.during @> instant
    GROUP BY a.person_id, a.cell_id
  ), acts AS (
    SELECT v.stand_in AS person_id, count(*)::int AS n FROM people.vacancies(territory, edition, instant) v JOIN below b ON b.cell_id = v.cell_id
    WHERE v.stand_in IS NOT NULL GROUP BY v.stand_in
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

DROP FUNCTION duty.vacancies;
DROP FUNCTION duty.idle;
