-- +goose Up
-- Who a person is, is looked up for those who were found: how many periods hold an
-- instant is guessed as a few, so that the planner began with all persons for each
-- cell asked about.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION people.accountables(territory integer, cells bigint[], editions integer[], instants timestamp with time zone[]) RETURNS TABLE(n bigint, person_id bigint, name text, post text, side text, rank integer, phone text, acting boolean, holds bigint, absent bigint, absent_name text, unit text)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  WITH holder AS (
    SELECT DISTINCT ON (up.n) up.n, up.uid, up.steps, a.person_id, coalesce(nullif(a.post, ''), p.post) AS post, a.side, a.rank, p.name, p.phone_masked, p.unit
    FROM people.superiors(territory, cells, editions, instants) up
    JOIN people.assignment a ON a.territory_id = territory AND a.cell_id = up.uid AND a.during @> instants[up.n]
      AND (a.role = 'accountable' OR (a.role = 'deputy' AND a.layer IS NULL AND up.steps > 0))
    CROSS JOIN LATERAL (SELECT * FROM people.person_version p WHERE p.territory_id = territory AND p.person_id = a.person_id AND p.during @> instants[up.n] OFFSET 0) p
    ORDER BY up.n, up.steps, a.role = 'accountable', a.rank, a.id
  ), answer AS (
    SELECT h.n, coalesce(i.person_id, h.person_id) AS person_id, CASE WHEN i.person_id IS NULL THEN h.name ELSE i.name END AS name,
           CASE WHEN i.person_id IS NULL THEN h.post ELSE i.post END AS post, h.side, h.rank,
           CASE WHEN i.person_id IS NULL THEN h.phone_masked ELSE i.phone_masked END AS phone, h.steps, h.uid,
           CASE WHEN i.person_id IS NOT NULL THEN h.person_id END AS absent, CASE WHEN i.person_id IS NOT NULL THEN h.name END AS absent_name,
           h.unit, people.names_stand_ins() OR h.steps = 0 AS named
    FROM holder h LEFT JOIN LATERAL people.instead(territory, h.person_id, h.uid, instants[h.n]) i ON true
  )
  SELECT n, CASE WHEN named THEN person_id END, CASE WHEN named THEN name ELSE people.vacant_name() END, CASE WHEN named THEN post ELSE unit END,
         side, rank, CASE WHEN named THEN phone ELSE '' END, steps > 0 OR absent IS NOT NULL, uid,
         CASE WHEN people.names_stand_ins() THEN absent END, CASE WHEN people.names_stand_ins() THEN absent_name END, unit
  FROM answer
$$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION people.chiefs(territory integer, cells bigint[], instants timestamp with time zone[]) RETURNS TABLE(n bigint, person_id bigint, name text, post text, side text, rank integer, accountable boolean)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT g.n, a.person_id, p.name, coalesce(nullif(a.post, ''), p.post), a.side, a.rank, a.role = 'accountable'
  FROM unnest(cells, instants) WITH ORDINALITY AS g (cell, instant, n)
  JOIN people.assignment a ON a.territory_id = territory AND a.cell_id = g.cell AND a.during @> g.instant
    AND a.role IN ('accountable', 'joint-chief')
  CROSS JOIN LATERAL (SELECT * FROM people.person_version p WHERE p.territory_id = territory AND p.person_id = a.person_id AND p.during @> g.instant OFFSET 0) p
$$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION people.leads(territory integer, cells bigint[], instants timestamp with time zone[]) RETURNS TABLE(n bigint, layer text, person_id bigint, name text, post text)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT DISTINCT ON (g.n, a.layer) g.n, a.layer, a.person_id, p.name, coalesce(nullif(a.post, ''), p.post)
  FROM unnest(cells, instants) WITH ORDINALITY AS g (cell, instant, n)
  JOIN people.assignment a ON a.territory_id = territory AND a.cell_id = g.cell AND a.during @> g.instant AND a.role = 'lead'
  CROSS JOIN LATERAL (SELECT * FROM people.person_version p WHERE p.territory_id = territory AND p.person_id = a.person_id AND p.during @> g.instant OFFSET 0) p
  ORDER BY g.n, a.layer, a.rank, a.id
$$;
-- +goose StatementEnd
