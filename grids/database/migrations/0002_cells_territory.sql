-- +goose Up
CREATE SCHEMA cells;
CREATE SCHEMA editions;
GRANT USAGE ON SCHEMA cells, editions TO unigrid_app;

-- What one tenant governs. epsg is the projected CRS in which metres are
-- measured; code_lengths and code_pad are its code scheme (grids.CodeScheme).
CREATE TABLE cells.territory (
  id           int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  code         text NOT NULL CONSTRAINT territory_code_unique UNIQUE,
  name         text NOT NULL,
  epsg         int NOT NULL,
  code_lengths int[] NOT NULL,
  code_pad     int NOT NULL,
  demo         boolean NOT NULL DEFAULT false,
  created_at   timestamptz NOT NULL DEFAULT clock_timestamp()
);
GRANT SELECT, INSERT, UPDATE ON cells.territory TO unigrid_app;

-- The significant prefix of a code of a tier, e.g. 430202 of 430202000000.
CREATE FUNCTION cells.significant(code text, tier int, code_lengths int[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT left(code, code_lengths[tier]) $$;

-- Editions of the unified grid. An open one (draft, review) has the number
-- after the newest published; at most one is open at a time.
CREATE TABLE editions.edition (
  territory_id int NOT NULL REFERENCES cells.territory,
  seq          int NOT NULL CHECK (seq > 0),
  state        text NOT NULL CHECK (state IN ('draft', 'review', 'published')),
  effective    timestamptz,
  note         text NOT NULL DEFAULT '',
  created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  created_by   text NOT NULL,
  published_by text,
  PRIMARY KEY (territory_id, seq),
  CONSTRAINT edition_effective_when_published CHECK ((state = 'published') = (effective IS NOT NULL))
);
CREATE UNIQUE INDEX edition_one_open ON editions.edition (territory_id) WHERE state <> 'published';
CREATE INDEX edition_effective ON editions.edition (territory_id, effective) WHERE state = 'published';
GRANT SELECT, INSERT, UPDATE ON editions.edition TO unigrid_app;
GRANT DELETE ON editions.edition TO unigrid_app;

-- The edition in force at an instant; NULL before the first.
CREATE FUNCTION editions.at(territory int, instant timestamptz) RETURNS int
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT seq FROM editions.edition
  WHERE territory_id = territory AND state = 'published' AND effective <= instant
  ORDER BY effective DESC, seq DESC LIMIT 1
$$;

-- The newest published edition, in force or to come; 0 when there is none.
CREATE FUNCTION editions.published(territory int) RETURNS int
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce(max(seq), 0) FROM editions.edition
  WHERE territory_id = territory AND state = 'published'
$$;

-- A published edition is never changed or deleted.
-- +goose StatementBegin
CREATE FUNCTION editions.keep_published() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state = 'published' THEN
    RAISE EXCEPTION 'edition % is published and can''t be changed', OLD.seq
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'edition_immutable';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
-- +goose StatementEnd
CREATE TRIGGER keep_published BEFORE UPDATE OR DELETE ON editions.edition
  FOR EACH ROW EXECUTE FUNCTION editions.keep_published();
