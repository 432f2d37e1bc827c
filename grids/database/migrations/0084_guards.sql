-- +goose Up
-- Who may change which rows. guards.sql says it table by table; what stands
-- here is what its lines call. docs/guards.md tells why guards are triggers.

-- Is one of the layers the principal's? Who is bound to none may touch all.
CREATE FUNCTION access.layer(layers text[]) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce(current_setting('unigrid.layers', true), '') = ''
    OR coalesce(layers && string_to_array(current_setting('unigrid.layers', true), ','), false)
$$;

-- Is the principal bound to subtrees of division codes?
CREATE FUNCTION access.bound() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce(current_setting('unigrid.within', true), '') <> ''
$$;

-- Does a cell lie in one of the principal's subtrees, by its newest code?
CREATE FUNCTION cells.reached(territory int, cell bigint) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT access.governs(territory) AND (NOT access.bound() OR coalesce((
    SELECT access.within(territory, v.code) FROM cells.version v
    WHERE v.territory_id = territory AND v.cell_id = cell
    ORDER BY v.from_edition DESC LIMIT 1), false))
$$;

-- Does a place lie wholly in the cells of the principal's subtrees, as they are
-- in the newest published edition (before the first: in the draft)?
CREATE FUNCTION cells.reached(territory int, place geometry) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT access.governs(territory) AND (NOT access.bound() OR coalesce((
    SELECT ST_Covers(ST_Union(v.geom), place)
    FROM cells.territory t
    CROSS JOIN LATERAL unnest(string_to_array(current_setting('unigrid.within', true), ',')) AS prefix
    JOIN cells.version v ON v.territory_id = territory AND v.code = rpad(prefix, greatest(t.code_pad, length(prefix)), '0')
      AND v.from_edition <= greatest(editions.published(territory), 1)
      AND (v.to_edition IS NULL OR v.to_edition > greatest(editions.published(territory), 1))
    WHERE t.id = territory), false))
$$;

-- An object is where its geometry is; one without is where the list said that
-- it is; one without either is everybody's in the territory, to be located.
CREATE FUNCTION objects.reached(territory int, place geometry, hint_cell bigint) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN NOT access.bound() THEN access.governs(territory)
    WHEN place IS NOT NULL THEN cells.reached(territory, place)
    WHEN hint_cell IS NOT NULL THEN cells.reached(territory, hint_cell)
    ELSE access.governs(territory) END
$$;

-- Is a unit one of the principal's subtrees? One of the whole territory may
-- only be changed by whom is bound to none. Whoever is bound makes units of its
-- own.
CREATE FUNCTION people.unit_reached(territory int, division text) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN access.bound() THEN division <> '' AND access.within(territory, division) ELSE access.governs(territory) END
$$;
ALTER TABLE people.unit ALTER division SET DEFAULT split_part(coalesce(current_setting('unigrid.within', true), ''), ',', 1);

-- Does a person belong to no unit, and hold no assignment now or later, elsewhere
-- than where the principal may act? Who has neither is everybody's in the
-- territory.
CREATE FUNCTION people.reached(territory int, person bigint) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT access.governs(territory) AND (access.unbounded() OR NOT (EXISTS (
    SELECT FROM people.person p JOIN people.unit u ON u.territory_id = territory AND u.id = p.unit_id
    WHERE p.territory_id = territory AND p.id = person AND NOT people.unit_reached(territory, u.division)
  ) OR EXISTS (
    SELECT FROM people.assignment a
    WHERE a.territory_id = territory AND a.person_id = person AND a.during && tstzrange(now(), NULL)
      AND NOT (cells.reached(territory, a.cell_id) AND access.layer(a.layer)))))
$$;

-- access.guard refuses a statement that changes rows which its principal may
-- not change. Its arguments: the actions of which one must be granted; whether
-- a row r is within reach; whether its layer is; and what the row is called.
-- A principal bound to nothing is not held up by the rows; the owner of the
-- tables (migrations, cascades of foreign keys, SECURITY DEFINER) is not guarded,
-- as it isn't by row-level security.
-- +goose StatementBegin
CREATE FUNCTION access.guard() RETURNS trigger LANGUAGE plpgsql
SET search_path TO pg_catalog, public, pg_temp AS $$
DECLARE
  allowed boolean := EXISTS (SELECT FROM unnest(string_to_array(TG_ARGV[0], ' ')) AS a WHERE access.may(a));
  touched text := CASE TG_OP WHEN 'INSERT' THEN 'SELECT * FROM new_row' WHEN 'DELETE' THEN 'SELECT * FROM old_row'
                             ELSE 'SELECT * FROM old_row UNION ALL SELECT * FROM new_row' END;
  changes boolean;
  refused text;
  places text[];
  many bigint;
BEGIN
  IF current_user <> 'unigrid_app' OR (allowed AND access.unbounded()) THEN
    RETURN NULL;
  END IF;
  IF NOT allowed THEN
    EXECUTE format('SELECT EXISTS (%s)', CASE TG_OP WHEN 'INSERT' THEN 'SELECT FROM new_row' ELSE 'SELECT FROM old_row' END) INTO changes;
    IF changes THEN
      RAISE EXCEPTION 'the role % may not change %.%', coalesce(nullif(current_setting('unigrid.role', true), ''), 'none'), TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'guard_role', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
              DETAIL = json_build_object('action', TG_ARGV[0], 'role', current_setting('unigrid.role', true));
    END IF;
    RETURN NULL;
  END IF;
  EXECUTE format($sql$
    SELECT min(bound), (array_agg(DISTINCT name ORDER BY name))[1:20], count(DISTINCT name) FROM (
      SELECT (%4$s)::text AS name,
             CASE WHEN NOT access.governs(r.%5$I) THEN 'guard_territory' WHEN NOT (%2$s) THEN 'guard_subtree' WHEN NOT (%3$s) THEN 'guard_layer' END AS bound
      FROM (%1$s) r) named WHERE bound IS NOT NULL $sql$, touched, TG_ARGV[1], TG_ARGV[2], TG_ARGV[3], TG_ARGV[4]) INTO refused, places, many;
  IF refused IS NOT NULL THEN
    RAISE EXCEPTION 'outside what the principal may change in %.%: %', TG_TABLE_SCHEMA, TG_TABLE_NAME, array_to_string(places, ', ')
      USING ERRCODE = 'insufficient_privilege', CONSTRAINT = refused, SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
            DETAIL = json_build_object('places', places, 'count', many, 'within', current_setting('unigrid.within', true), 'layers', current_setting('unigrid.layers', true));
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd

-- access.guard_bulk refuses, before a row is touched, who has none of the
-- actions, and any row of another territory: for tables of rows on their way in,
-- which would be long to keep for looking at afterwards.
-- +goose StatementBegin
CREATE FUNCTION access.guard_bulk() RETURNS trigger LANGUAGE plpgsql
SET search_path TO pg_catalog, public, pg_temp AS $$
BEGIN
  IF current_user <> 'unigrid_app' THEN
    RETURN NULL;
  END IF;
  IF TG_LEVEL = 'ROW' THEN
    RAISE EXCEPTION 'this row of %.% is of another territory', TG_TABLE_SCHEMA, TG_TABLE_NAME
      USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'guard_territory', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME;
  END IF;
  IF NOT EXISTS (SELECT FROM unnest(string_to_array(TG_ARGV[0], ' ')) AS a WHERE access.may(a)) THEN
    RAISE EXCEPTION 'the role % may not change %.%', coalesce(nullif(current_setting('unigrid.role', true), ''), 'none'), TG_TABLE_SCHEMA, TG_TABLE_NAME
      USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'guard_role', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
            DETAIL = json_build_object('action', TG_ARGV[0], 'role', current_setting('unigrid.role', true));
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd

-- A draft goes into force only by whom may publish, and by whom is bound to
-- subtrees only when it changes nothing outside them.
-- +goose StatementBegin
CREATE FUNCTION editions.guard_publishing() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  places text[];
  many bigint;
BEGIN
  IF current_user <> 'unigrid_app' THEN
    RETURN NULL;
  END IF;
  IF NOT access.may('draft.publish') THEN
    RAISE EXCEPTION 'the role % may not publish', coalesce(nullif(current_setting('unigrid.role', true), ''), 'none')
      USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'guard_role', SCHEMA = 'editions', TABLE = 'edition',
            DETAIL = json_build_object('action', 'draft.publish', 'role', current_setting('unigrid.role', true));
  END IF;
  IF NOT access.bound() THEN
    RETURN NULL;
  END IF;
  SELECT (array_agg(DISTINCT v.code ORDER BY v.code))[1:20], count(DISTINCT v.code) INTO places, many
  FROM cells.version v
  WHERE v.territory_id = NEW.territory_id AND (v.from_edition = NEW.seq OR v.to_edition = NEW.seq) AND NOT access.within(v.territory_id, v.code);
  IF many > 0 THEN
    RAISE EXCEPTION 'the draft changes cells outside the principal''s subtree: %', array_to_string(places, ', ')
      USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'guard_subtree', SCHEMA = 'editions', TABLE = 'edition',
            DETAIL = json_build_object('places', places, 'count', many, 'within', current_setting('unigrid.within', true));
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER guard_publishing AFTER UPDATE ON editions.edition FOR EACH ROW
  WHEN (OLD.state <> 'published' AND NEW.state = 'published') EXECUTE FUNCTION editions.guard_publishing();

-- For whom an import is worked on: what goes on after a crash has their rights.
ALTER TABLE staging.batch ADD who jsonb NOT NULL DEFAULT '{}';
UPDATE staging.batch SET who = jsonb_build_object('Name', created_by, 'Role', 'local');

-- Private rows: read and written only by whom they concern. They are looked up
-- by key, so that the policy costs no index of a map.
DROP POLICY contact_read ON people.contact;
CREATE POLICY contact_read ON people.contact FOR SELECT TO unigrid_app
  USING ((SELECT access.may('phones.read')) AND people.reached(territory_id, person_id));
DROP POLICY contact_before_read ON people.contact_before;
CREATE POLICY contact_before_read ON people.contact_before FOR SELECT TO unigrid_app
  USING ((SELECT access.may('phones.read')) AND people.reached(territory_id, person_id));

DROP POLICY sent_not_public ON cells.sent;
DROP POLICY sent_not_public ON layers.sent;
DROP POLICY sent_not_public ON objects.sent;
DROP POLICY sent_not_public ON people.sent;
ALTER TABLE staging.batch ENABLE ROW LEVEL SECURITY;
ALTER TABLE staging.profile ENABLE ROW LEVEL SECURITY;
ALTER TABLE staging.consent ENABLE ROW LEVEL SECURITY;
ALTER TABLE staging.finding ENABLE ROW LEVEL SECURITY;
ALTER TABLE staging.difference ENABLE ROW LEVEL SECURITY;
CREATE POLICY importers_only ON cells.sent TO unigrid_app USING ((SELECT access.may('imports.make')) AND access.governs(territory_id));
CREATE POLICY importers_only ON layers.sent TO unigrid_app USING ((SELECT access.may('imports.make')) AND access.governs(territory_id));
CREATE POLICY importers_only ON objects.sent TO unigrid_app USING ((SELECT access.may('imports.make')) AND access.governs(territory_id));
CREATE POLICY importers_only ON people.sent TO unigrid_app USING ((SELECT access.may('people.edit')) AND access.governs(territory_id));
CREATE POLICY importers_only ON staging.batch TO unigrid_app USING ((SELECT access.may('imports.make')) AND access.governs(territory_id));
CREATE POLICY importers_only ON staging.profile TO unigrid_app USING ((SELECT access.may('imports.make')) AND access.governs(territory_id));
CREATE POLICY importers_only ON staging.finding TO unigrid_app USING ((SELECT access.may('imports.make')) AND access.governs(territory_id));
CREATE POLICY importers_only ON staging.difference TO unigrid_app USING ((SELECT access.may('imports.make')) AND access.governs(territory_id));
CREATE POLICY importers_only ON staging.consent TO unigrid_app USING ((SELECT access.may('imports.make')) AND access.governs(territory_id))
  WITH CHECK ((SELECT access.may('imports.personal')) AND access.governs(territory_id));

-- Rows as a file holds them. They come by COPY, which PostgreSQL refuses on a
-- table with row-level security: so the table that has it is read through, and
-- its one part, of which the service may not read, is copied into.
ALTER TABLE staging.row RENAME TO row_copied;
ALTER INDEX staging.row_pkey RENAME TO row_copied_pkey;
CREATE TABLE staging.row (LIKE staging.row_copied INCLUDING STORAGE, PRIMARY KEY (territory_id, batch, row)) PARTITION BY HASH (territory_id);
ALTER TABLE staging.row ATTACH PARTITION staging.row_copied FOR VALUES WITH (MODULUS 1, REMAINDER 0);
REVOKE ALL ON staging.row_copied FROM unigrid_app;
GRANT INSERT ON staging.row_copied TO unigrid_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON staging.row TO unigrid_app;
ALTER TABLE staging.row ENABLE ROW LEVEL SECURITY;
CREATE POLICY importers_only ON staging.row TO unigrid_app USING ((SELECT access.may('imports.make')) AND access.governs(territory_id));

-- Telephone numbers are changed of persons within reach only.
-- +goose StatementBegin
DO $$
BEGIN
  EXECUTE replace(pg_get_functiondef('people.set_phones(int, bigint[], text[])'::regprocedure),
    $x$NOT (access.may('people.edit') AND access.governs(territory))$x$,
    $x$NOT (access.may('people.edit') AND access.governs(territory)) OR EXISTS (SELECT FROM unnest(persons) AS one WHERE NOT people.reached(territory, one))$x$);
END $$;
-- +goose StatementEnd
