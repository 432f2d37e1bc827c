-- +goose Up

-- Staged rows can be had again from the file: an import whose rows a crash of the
-- server has emptied is read again. The foreign key cost a look-up a row.
ALTER TABLE staging.row DROP CONSTRAINT row_territory_id_batch_fkey;
ALTER TABLE staging.row SET UNLOGGED;

-- Rows don't outlive their import.
-- +goose StatementBegin
CREATE FUNCTION staging.forget_rows() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  DELETE FROM staging.row WHERE territory_id = OLD.territory_id AND batch = OLD.id;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER batch_forget_rows AFTER DELETE ON staging.batch
  FOR EACH ROW EXECUTE FUNCTION staging.forget_rows();

-- When the request last changed: what began before it is about another request.
ALTER TABLE staging.batch ADD COLUMN changed_at timestamptz NOT NULL DEFAULT now();
CREATE INDEX batch_unfinished ON staging.batch (state) WHERE state IN ('received', 'reading', 'checking', 'applying');
CREATE INDEX batch_expires ON staging.batch (expires_at) WHERE expires_at IS NOT NULL;

-- Findings of reading stay; those of a check give way to those of the next.
ALTER TABLE staging.finding
  ADD COLUMN stage    text NOT NULL DEFAULT 'check' CONSTRAINT finding_stage_check CHECK (stage IN ('read', 'check')),
  ADD COLUMN severity text GENERATED ALWAYS AS (finding ->> 'severity') STORED,
  ADD COLUMN kind     text GENERATED ALWAYS AS (finding ->> 'kind') STORED,
  ADD COLUMN row      int GENERATED ALWAYS AS ((finding ->> 'row')::int) STORED;
CREATE INDEX finding_rejected ON staging.finding (territory_id, batch, row) WHERE severity = 'error';

-- The planner has to know of the rows that were just copied; only the owner may
-- ANALYZE.
-- +goose StatementBegin
CREATE FUNCTION staging.refresh_statistics() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
  ANALYZE staging.row (territory_id, batch, row)
$$;
-- +goose StatementEnd
REVOKE ALL ON FUNCTION staging.refresh_statistics() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION staging.refresh_statistics() TO unigrid_app;

-- A staged geometry on the map, NULL where its coordinates can't be transformed.
-- +goose StatementBegin
CREATE FUNCTION staging.lonlat(g geometry) RETURNS geometry
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  IF ST_SRID(g) = 0 THEN RETURN NULL; END IF;
  RETURN ST_Transform(g, 4326);
EXCEPTION WHEN internal_error OR data_exception THEN RETURN NULL;
END $$;
-- +goose StatementEnd
