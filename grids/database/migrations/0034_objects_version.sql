-- +goose Up
-- objects.object is what there is now; objects.version is what there was when,
-- what there is now included. Only triggers write versions, so that no change
-- of an object can go without one.

-- An object's identity, which outlives the object: one that comes back under
-- its kind and code is the same.
CREATE TABLE objects.identity (
  territory_id int NOT NULL REFERENCES cells.territory,
  id           bigint NOT NULL,
  PRIMARY KEY (territory_id, id)
);
GRANT SELECT ON objects.identity TO unigrid_app;
INSERT INTO objects.identity (territory_id, id) SELECT territory_id, id FROM objects.object;

-- An object as it was in a period. Periods of an object don't overlap; a gap is
-- time in which it was retired.
CREATE TABLE objects.version (
  territory_id  int NOT NULL,
  object_id     bigint NOT NULL,
  during        tstzrange NOT NULL CHECK (NOT isempty(during) AND lower_inc(during) AND NOT upper_inc(during) AND NOT lower_inf(during)),
  kind          text NOT NULL,
  code          text NOT NULL,
  name          text NOT NULL,
  geom          geometry(Geometry, 4326),
  located_by    text,
  hint_cell     bigint,
  attributes    jsonb NOT NULL,
  provenance    text NOT NULL,
  outside_share double precision NOT NULL,
  recorded_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  recorded_by   text NOT NULL,
  FOREIGN KEY (territory_id, object_id) REFERENCES objects.identity (territory_id, id),
  CONSTRAINT version_one_at_a_time EXCLUDE USING gist (territory_id WITH =, object_id WITH =, during WITH &&)
);
CREATE UNIQUE INDEX version_once ON objects.version (territory_id, object_id, lower(during));
CREATE INDEX version_code ON objects.version (territory_id, kind, code);
CREATE INDEX version_geom ON objects.version USING gist (geom);
GRANT SELECT ON objects.version TO unigrid_app;

-- Objects from before this table have one version, from the earliest instant
-- that is known of them.
INSERT INTO objects.version (territory_id, object_id, during, kind, code, name, geom, located_by, hint_cell, attributes, provenance, outside_share, recorded_at, recorded_by)
SELECT o.territory_id, o.id, tstzrange(least(o.changed_at, p.first), NULL), o.kind, o.code, o.name, o.geom, o.located_by, o.hint_cell,
       o.attributes, o.provenance, o.outside_share, o.changed_at, ''
FROM objects.object o
LEFT JOIN (SELECT territory_id, object_id, min(lower(during)) AS first FROM objects.placement GROUP BY 1, 2) p
  ON (p.territory_id, p.object_id) = (o.territory_id, o.id);

-- Placements outlive the object too. Deferred, because the identity comes from
-- a trigger of the statement that may place the object as well.
ALTER TABLE objects.placement
  DROP CONSTRAINT placement_territory_id_object_id_fkey,
  ADD CONSTRAINT placement_of_identity FOREIGN KEY (territory_id, object_id)
    REFERENCES objects.identity (territory_id, id) DEFERRABLE INITIALLY DEFERRED;

-- Taking an object that was retired needs its id again, and new ones theirs.
GRANT DELETE ON objects.object TO unigrid_app;
GRANT USAGE ON SEQUENCE objects.object_id_seq TO unigrid_app;

-- changed_at is the instant at which the present version begins. A writer may
-- name it, but none before its transaction or to come; the share outside, which
-- follows from placing, belongs to the version that the same transaction made.
-- +goose StatementBegin
CREATE FUNCTION objects.begin_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.changed_at <= OLD.changed_at THEN
    IF OLD.changed_at >= now()
       AND (NEW.territory_id, NEW.id, NEW.kind, NEW.code, NEW.name, NEW.located_by, NEW.hint_cell, NEW.attributes, NEW.provenance)
         IS NOT DISTINCT FROM (OLD.territory_id, OLD.id, OLD.kind, OLD.code, OLD.name, OLD.located_by, OLD.hint_cell, OLD.attributes, OLD.provenance)
       AND NEW.geom::bytea IS NOT DISTINCT FROM OLD.geom::bytea THEN
      NEW.changed_at := OLD.changed_at;
    ELSE
      NEW.changed_at := clock_timestamp();
    END IF;
  END IF;
  IF NEW.changed_at < now() OR NEW.changed_at > clock_timestamp() THEN
    RAISE EXCEPTION 'object % changes now, not at %', NEW.code, NEW.changed_at
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'object_changes_now';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER begin_version BEFORE INSERT ON objects.object
  FOR EACH ROW EXECUTE FUNCTION objects.begin_version();
CREATE TRIGGER begin_version_anew BEFORE UPDATE ON objects.object
  FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION objects.begin_version();

-- +goose StatementBegin
CREATE FUNCTION objects.keep_versions() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  who text := coalesce(nullif(current_setting('unigrid.name', true), ''), session_user);
  instant timestamptz := clock_timestamp();
BEGIN
  IF TG_OP = 'DELETE' THEN
    UPDATE objects.version v SET during = tstzrange(lower(v.during), instant)
      FROM before b WHERE v.territory_id = b.territory_id AND v.object_id = b.id AND upper_inf(v.during);
    UPDATE objects.placement p SET during = tstzrange(lower(p.during), instant)
      FROM before b WHERE p.territory_id = b.territory_id AND p.object_id = b.id AND upper_inf(p.during);
    RETURN NULL;
  END IF;
  IF TG_OP = 'INSERT' THEN
    INSERT INTO objects.identity (territory_id, id) SELECT territory_id, id FROM after ON CONFLICT DO NOTHING;
  ELSE
    UPDATE objects.version v SET during = tstzrange(lower(v.during), a.changed_at)
      FROM after a
      WHERE v.territory_id = a.territory_id AND v.object_id = a.id AND upper_inf(v.during) AND lower(v.during) < a.changed_at
        AND EXISTS (SELECT FROM before b WHERE b.territory_id = a.territory_id AND b.id = a.id AND b.changed_at < a.changed_at);
    UPDATE objects.version v SET outside_share = a.outside_share
      FROM after a
      WHERE v.territory_id = a.territory_id AND v.object_id = a.id AND upper_inf(v.during) AND lower(v.during) = a.changed_at
        AND v.outside_share <> a.outside_share;
  END IF;
  INSERT INTO objects.version (territory_id, object_id, during, kind, code, name, geom, located_by, hint_cell, attributes, provenance, outside_share, recorded_by)
    SELECT a.territory_id, a.id, tstzrange(a.changed_at, NULL), a.kind, a.code, a.name, a.geom, a.located_by, a.hint_cell,
           a.attributes, a.provenance, a.outside_share, who
    FROM after a
    WHERE NOT EXISTS (SELECT FROM objects.version v WHERE v.territory_id = a.territory_id AND v.object_id = a.id AND upper_inf(v.during));
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER keep_versions_of_new AFTER INSERT ON objects.object
  REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION objects.keep_versions();
CREATE TRIGGER keep_versions_of_changed AFTER UPDATE ON objects.object
  REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION objects.keep_versions();
CREATE TRIGGER keep_versions_of_retired AFTER DELETE ON objects.object
  REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION objects.keep_versions();

-- The objects that there were at an instant.
CREATE FUNCTION objects.at(territory int, instant timestamptz) RETURNS SETOF objects.version
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT * FROM objects.version v WHERE v.territory_id = territory AND v.during @> instant
$$;

-- Versions of objects of a kind in force at some time from since (-infinity:
-- ever) to instant, each with the leaf that held most of it at its last instant
-- up to then. edition is the newest that may be seen.
DROP FUNCTION objects.features(int, text, int, timestamptz);
CREATE FUNCTION objects.features(territory int, kind text, edition int, since timestamptz, instant timestamptz)
RETURNS TABLE (uid bigint, code text, name text, cell text, cells jsonb, outside_share double precision, located_by text,
  attributes jsonb, provenance text, changed_at timestamptz, valid_from timestamptz, valid_to timestamptz, geom geometry)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT o.object_id, o.code, o.name, q.main, q.parts, o.outside_share, o.located_by,
         objects.public_attributes(o.attributes), o.provenance, lower(o.during), lower(o.during), upper(o.during), o.geom
  FROM objects.version o
  LEFT JOIN LATERAL (
    SELECT (array_agg(v.code ORDER BY q.share DESC, v.code USING ~<~))[1] AS main,
           jsonb_agg(jsonb_build_object('code', v.code, 'share', q.share) ORDER BY q.share DESC, v.code USING ~<~) AS parts
    FROM (
      SELECT CASE WHEN o.during @> instant THEN instant ELSE upper(o.during) - interval '1 microsecond' END AS instant,
             CASE WHEN o.during @> instant THEN least(features.edition, (SELECT editions.at(territory, features.instant)))
                  ELSE editions.at(territory, upper(o.during) - interval '1 microsecond') END AS edition
    ) last
    JOIN objects.placement q ON q.territory_id = o.territory_id AND q.object_id = o.object_id AND q.during @> last.instant
    JOIN cells.version v ON v.territory_id = q.territory_id AND v.cell_id = q.cell_id
      AND v.from_edition <= last.edition AND (v.to_edition IS NULL OR v.to_edition > last.edition)
  ) q ON true
  WHERE o.territory_id = territory AND o.kind = features.kind AND o.during && tstzrange(least(since, instant), instant, '[]')
$$;

CREATE OR REPLACE FUNCTION objects.counts(territory int, cells bigint[], editions int[], instants timestamptz[])
RETURNS TABLE (n bigint, layer text, objects bigint)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT d.n, l.layer, count(DISTINCT o.object_id)
  FROM cells.descendants(territory, cells, editions) d
  JOIN objects.placement q ON q.territory_id = territory AND q.cell_id = d.uid AND q.during @> instants[d.n]
  JOIN objects.version o ON o.territory_id = territory AND o.object_id = q.object_id AND o.during @> instants[d.n]
  CROSS JOIN unnest(objects.layers(o.kind, o.attributes)) AS l (layer)
  GROUP BY d.n, l.layer
$$;

CREATE OR REPLACE FUNCTION objects.inside(territory int, edition int, instant timestamptz, wanted bigint[])
RETURNS TABLE (cell_id bigint, kind text, objects bigint)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  WITH RECURSIVE down AS (
    SELECT w AS top, w AS cell_id FROM unnest(wanted) AS w
    UNION ALL
    SELECT down.top, v.cell_id
    FROM down JOIN cells.version v ON v.territory_id = territory AND v.parent_id = down.cell_id
      AND v.from_edition <= edition AND (v.to_edition IS NULL OR v.to_edition > edition)
  )
  SELECT down.top, o.kind, count(DISTINCT o.object_id)
  FROM down
  JOIN objects.placement p ON p.territory_id = territory AND p.cell_id = down.cell_id AND p.during @> instant
  JOIN objects.version o ON o.territory_id = territory AND o.object_id = p.object_id AND o.during @> instant
  GROUP BY down.top, o.kind
$$;
