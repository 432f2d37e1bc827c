-- +goose Up
-- Which batch retired a layer cell, since it was the layer's whole grid and did not
-- name it: the version that ends says so, and the import can be undone.
ALTER TABLE layers.version ADD COLUMN ended_batch bigint;
CREATE INDEX version_ended_batch ON layers.version (territory_id, ended_batch) WHERE ended_batch IS NOT NULL;
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION layers.keep_versions() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
DECLARE
  who text := coalesce(nullif(current_setting('unigrid.name', true), ''), session_user);
  instant timestamptz := clock_timestamp();
BEGIN
  IF TG_OP = 'DELETE' THEN
    EXECUTE $sql$ UPDATE layers.version v SET during = tstzrange(lower(v.during), $1), ended_batch = $2
      FROM before b WHERE v.territory_id = b.territory_id AND v.cell_id = b.id AND upper_inf(v.during) $sql$ USING instant, nullif(current_setting('unigrid.layers_batch', true), '')::bigint;
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
END $_$;
-- +goose StatementEnd
