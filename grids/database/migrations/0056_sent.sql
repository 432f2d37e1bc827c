-- +goose Up
-- What an import sent for a thing stays beside what was made of it: the row's
-- attributes and its geometry in the file's coordinates. No collection or tile
-- reads it; the public may not.
CREATE TABLE objects.sent (
  territory_id int NOT NULL,
  object_id    bigint NOT NULL,
  batch        bigint NOT NULL,
  sent         jsonb,
  source_geom  geometry,
  PRIMARY KEY (territory_id, object_id, batch),
  CONSTRAINT sent_of_identity FOREIGN KEY (territory_id, object_id) REFERENCES objects.identity (territory_id, id) DEFERRABLE INITIALLY DEFERRED
);
CREATE TABLE layers.sent (
  territory_id int NOT NULL,
  cell_id      bigint NOT NULL,
  batch        bigint NOT NULL,
  sent         jsonb,
  source_geom  geometry,
  PRIMARY KEY (territory_id, cell_id, batch),
  CONSTRAINT sent_of_identity FOREIGN KEY (territory_id, cell_id) REFERENCES layers.identity (territory_id, id) DEFERRABLE INITIALLY DEFERRED
);
CREATE TABLE cells.sent (
  territory_id int NOT NULL,
  cell_id      bigint NOT NULL,
  batch        bigint NOT NULL,
  sent         jsonb,
  source_geom  geometry,
  PRIMARY KEY (territory_id, cell_id, batch),
  FOREIGN KEY (territory_id, cell_id) REFERENCES cells.cell (territory_id, id)
);
-- telephone numbers in it are masked (people.keep_sent)
CREATE TABLE people.sent (
  territory_id int NOT NULL,
  person_id    bigint NOT NULL,
  batch        bigint NOT NULL,
  sent         jsonb,
  PRIMARY KEY (territory_id, person_id, batch)
);
ALTER TABLE objects.sent ENABLE ROW LEVEL SECURITY;
ALTER TABLE layers.sent ENABLE ROW LEVEL SECURITY;
ALTER TABLE cells.sent ENABLE ROW LEVEL SECURITY;
ALTER TABLE people.sent ENABLE ROW LEVEL SECURITY;
CREATE POLICY sent_not_public ON objects.sent TO unigrid_app USING (current_setting('unigrid.role', true) IN ('admin', 'local'));
CREATE POLICY sent_not_public ON layers.sent TO unigrid_app USING (current_setting('unigrid.role', true) IN ('admin', 'local'));
CREATE POLICY sent_not_public ON cells.sent TO unigrid_app USING (current_setting('unigrid.role', true) IN ('admin', 'local'));
CREATE POLICY sent_not_public ON people.sent TO unigrid_app USING (current_setting('unigrid.role', true) IN ('admin', 'local'));
GRANT SELECT, INSERT ON objects.sent, layers.sent, cells.sent TO unigrid_app;
GRANT SELECT ON people.sent TO unigrid_app;

-- Imports that were undone, each once.
CREATE TABLE objects.undone (territory_id int NOT NULL REFERENCES cells.territory, batch bigint NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp(), by text NOT NULL, PRIMARY KEY (territory_id, batch));
CREATE TABLE layers.undone (territory_id int NOT NULL REFERENCES cells.territory, batch bigint NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp(), by text NOT NULL, PRIMARY KEY (territory_id, batch));
CREATE TABLE cells.undone (territory_id int NOT NULL REFERENCES cells.territory, batch bigint NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp(), by text NOT NULL, PRIMARY KEY (territory_id, batch));
CREATE TABLE people.undone (territory_id int NOT NULL REFERENCES cells.territory, batch bigint NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp(), by text NOT NULL, PRIMARY KEY (territory_id, batch));
GRANT SELECT, INSERT ON objects.undone, layers.undone, cells.undone, people.undone TO unigrid_app;

-- batch is the import that made a thing what it is; with it every version finds
-- what was sent for it. published are the further columns that collections may
-- show.
ALTER TABLE objects.object ADD COLUMN batch bigint, ADD COLUMN published jsonb CHECK (jsonb_typeof(published) = 'object');
ALTER TABLE objects.version ADD COLUMN batch bigint, ADD COLUMN published jsonb;
ALTER TABLE layers.cell ADD COLUMN batch bigint, ADD COLUMN published jsonb CHECK (jsonb_typeof(published) = 'object');
ALTER TABLE layers.version ADD COLUMN batch bigint, ADD COLUMN published jsonb;
CREATE INDEX version_batch ON objects.version (territory_id, batch) WHERE batch IS NOT NULL;
CREATE INDEX version_batch ON layers.version (territory_id, batch) WHERE batch IS NOT NULL;

-- A cell's versions and a draft's steps take it from the transaction.
ALTER TABLE cells.version ADD COLUMN batch bigint;
ALTER TABLE cells.version ALTER COLUMN batch SET DEFAULT nullif(current_setting('unigrid.batch', true), '')::bigint;
ALTER TABLE cells.step ADD COLUMN batch bigint;
ALTER TABLE cells.step ALTER COLUMN batch SET DEFAULT nullif(current_setting('unigrid.batch', true), '')::bigint;
CREATE INDEX version_batch ON cells.version (territory_id, batch) WHERE batch IS NOT NULL;

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION objects.begin_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.changed_at <= OLD.changed_at THEN
    IF OLD.changed_at >= now()
       AND (NEW.territory_id, NEW.id, NEW.kind, NEW.code, NEW.name, NEW.located_by, NEW.hint_cell, NEW.attributes, NEW.provenance, NEW.batch, NEW.published)
         IS NOT DISTINCT FROM (OLD.territory_id, OLD.id, OLD.kind, OLD.code, OLD.name, OLD.located_by, OLD.hint_cell, OLD.attributes, OLD.provenance, OLD.batch, OLD.published)
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
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION objects.keep_versions() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
-- EXECUTE plans for the rows at hand: a plan that was made for one row would take
-- the square of a hundred thousand
DECLARE
  who text := coalesce(nullif(current_setting('unigrid.name', true), ''), session_user);
  instant timestamptz := clock_timestamp();
BEGIN
  IF TG_OP = 'DELETE' THEN
    EXECUTE $sql$ UPDATE objects.version v SET during = tstzrange(lower(v.during), $1)
      FROM before b WHERE v.territory_id = b.territory_id AND v.object_id = b.id AND upper_inf(v.during) $sql$ USING instant;
    EXECUTE $sql$ UPDATE objects.placement p SET during = tstzrange(lower(p.during), $1)
      FROM before b WHERE p.territory_id = b.territory_id AND p.object_id = b.id AND upper_inf(p.during) $sql$ USING instant;
    RETURN NULL;
  END IF;
  IF TG_OP = 'INSERT' THEN
    INSERT INTO objects.identity (territory_id, id) SELECT territory_id, id FROM after ON CONFLICT DO NOTHING;
    INSERT INTO objects.version (territory_id, object_id, during, kind, code, name, geom, located_by, hint_cell, attributes, provenance, outside_share, recorded_by, batch, published)
      SELECT a.territory_id, a.id, tstzrange(a.changed_at, NULL), a.kind, a.code, a.name, a.geom, a.located_by, a.hint_cell,
             a.attributes, a.provenance, a.outside_share, who, a.batch, a.published
      FROM after a;
    RETURN NULL;
  END IF;
  EXECUTE $sql$ UPDATE objects.version v SET during = tstzrange(lower(v.during), a.changed_at)
    FROM after a JOIN before b ON b.territory_id = a.territory_id AND b.id = a.id AND b.changed_at < a.changed_at
    WHERE v.territory_id = a.territory_id AND v.object_id = a.id AND upper_inf(v.during) AND lower(v.during) < a.changed_at $sql$;
  EXECUTE $sql$ UPDATE objects.version v SET outside_share = a.outside_share
    FROM after a
    WHERE v.territory_id = a.territory_id AND v.object_id = a.id AND lower(v.during) = a.changed_at AND upper_inf(v.during)
      AND v.outside_share <> a.outside_share $sql$;
  EXECUTE $sql$ INSERT INTO objects.version (territory_id, object_id, during, kind, code, name, geom, located_by, hint_cell, attributes, provenance, outside_share, recorded_by, batch, published)
    SELECT a.territory_id, a.id, tstzrange(a.changed_at, NULL), a.kind, a.code, a.name, a.geom, a.located_by, a.hint_cell,
           a.attributes, a.provenance, a.outside_share, $1, a.batch, a.published
    FROM after a JOIN before b ON b.territory_id = a.territory_id AND b.id = a.id AND b.changed_at < a.changed_at $sql$ USING who;
  RETURN NULL;
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION layers.keep_versions() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  who text := coalesce(nullif(current_setting('unigrid.name', true), ''), session_user);
  instant timestamptz := clock_timestamp();
BEGIN
  IF TG_OP = 'DELETE' THEN
    EXECUTE $sql$ UPDATE layers.version v SET during = tstzrange(lower(v.during), $1)
      FROM before b WHERE v.territory_id = b.territory_id AND v.cell_id = b.id AND upper_inf(v.during) $sql$ USING instant;
    RETURN NULL;
  END IF;
  IF TG_OP = 'INSERT' THEN
    INSERT INTO layers.identity (territory_id, id) SELECT territory_id, id FROM after ON CONFLICT DO NOTHING;
    INSERT INTO layers.version (territory_id, cell_id, during, layer, code, name, person_id, geom, area_m2, provenance, recorded_by, batch, published)
      SELECT a.territory_id, a.id, tstzrange(a.changed_at, NULL), a.layer, a.code, a.name, a.person_id, a.geom, a.area_m2, a.provenance, who, a.batch, a.published
      FROM after a;
    RETURN NULL;
  END IF;
  EXECUTE $sql$ UPDATE layers.version v SET during = tstzrange(lower(v.during), a.changed_at)
    FROM after a JOIN before b ON b.territory_id = a.territory_id AND b.id = a.id AND b.changed_at < a.changed_at
    WHERE v.territory_id = a.territory_id AND v.cell_id = a.id AND upper_inf(v.during) $sql$;
  EXECUTE $sql$ INSERT INTO layers.version (territory_id, cell_id, during, layer, code, name, person_id, geom, area_m2, provenance, recorded_by, batch, published)
    SELECT a.territory_id, a.id, tstzrange(a.changed_at, NULL), a.layer, a.code, a.name, a.person_id, a.geom, a.area_m2, a.provenance, $1, a.batch, a.published
    FROM after a JOIN before b ON b.territory_id = a.territory_id AND b.id = a.id AND b.changed_at < a.changed_at $sql$ USING who;
  RETURN NULL;
END $$;
-- +goose StatementEnd

-- Which fields of two flat objects differ: {before: {field: text}, after: {…}}.
CREATE FUNCTION cells.changed_fields(before jsonb, after jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT jsonb_build_object('before', coalesce(jsonb_object_agg(k, coalesce(before ->> k, '')), '{}'),
                            'after', coalesce(jsonb_object_agg(k, coalesce(after ->> k, '')), '{}'))
  FROM (SELECT jsonb_object_keys(coalesce(before, '{}')) UNION SELECT jsonb_object_keys(coalesce(after, '{}'))) AS t (k)
  WHERE before ->> k IS DISTINCT FROM after ->> k
$$;

CREATE FUNCTION cells.metres(m double precision) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN m >= 10000 THEN to_char(m / 1000, 'FM999990.0') || ' km' WHEN m >= 10 THEN round(m)::text || ' m' ELSE to_char(m, 'FM0.00') || ' m' END
$$;
CREATE FUNCTION cells.square_metres(m2 double precision) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN m2 >= 100000 THEN to_char(m2 / 1000000, 'FM99999990.00') || ' km²' ELSE round(m2)::text || ' m²' END
$$;

-- How a shape became another, in a few words; NULL when it is the same.
CREATE FUNCTION cells.changed_shape(before geometry, after geometry) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE
    WHEN before::bytea IS NOT DISTINCT FROM after::bytea THEN NULL
    WHEN before IS NULL THEN 'located'
    WHEN after IS NULL THEN 'place removed'
    WHEN ST_Dimension(before) <> ST_Dimension(after) THEN lower(GeometryType(before)) || ' → ' || lower(GeometryType(after))
    WHEN ST_Dimension(after) = 0 THEN 'moved ' || cells.metres(ST_Distance(ST_Centroid(before)::geography, ST_Centroid(after)::geography))
    WHEN ST_Dimension(after) = 1 THEN 'length ' || cells.metres(ST_Length(before::geography)) || ' → ' || cells.metres(ST_Length(after::geography))
    ELSE 'area ' || cells.square_metres(ST_Area(before::geography)) || ' → ' || cells.square_metres(ST_Area(after::geography))
  END
$$;
-- Collections show what was published of the further columns.
DROP FUNCTION objects.features(int, text, int, timestamptz, timestamptz);
CREATE FUNCTION objects.features(territory int, kind text, edition int, since timestamptz, instant timestamptz)
RETURNS TABLE (uid bigint, code text, name text, cell text, cells jsonb, outside_share double precision, located_by text,
  attributes jsonb, published jsonb, provenance text, changed_at timestamptz, valid_from timestamptz, valid_to timestamptz, geom geometry)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT o.object_id, o.code, o.name, q.main, q.parts, o.outside_share, o.located_by,
         objects.public_attributes(o.attributes), o.published, o.provenance, lower(o.during), lower(o.during), upper(o.during), o.geom
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
DROP FUNCTION layers.features(int, timestamptz, timestamptz);
CREATE FUNCTION layers.features(territory int, since timestamptz, instant timestamptz)
RETURNS TABLE (uid bigint, layer text, code text, name text, person_id bigint, person text, area_m2 double precision, published jsonb, provenance text,
  valid_from timestamptz, valid_to timestamptz, geom geometry)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT c.cell_id, c.layer, c.code, c.name, p.person_id, p.name, c.area_m2, c.published, c.provenance, lower(c.during), upper(c.during), c.geom
  FROM layers.version c
  LEFT JOIN people.person_version p ON p.territory_id = c.territory_id AND p.person_id = c.person_id
    AND p.during @> CASE WHEN c.during @> instant THEN instant ELSE upper(c.during) - interval '1 microsecond' END
  WHERE c.territory_id = territory AND c.during && tstzrange(least(since, instant), instant, '[]')
$$;
