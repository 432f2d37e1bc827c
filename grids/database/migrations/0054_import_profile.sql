-- +goose Up

-- What somebody settled about a file, kept under a name for next month's:
-- which column feeds which field, the layer, the encoding, what is published.
CREATE TABLE staging.profile (
  territory_id int NOT NULL REFERENCES cells.territory,
  name         text NOT NULL CHECK (name <> '' AND length(name) <= 100),
  target       text NOT NULL,
  request      jsonb NOT NULL,
  headings     text[] NOT NULL,       -- of the file that it was made with
  saved_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  saved_by     text NOT NULL,
  PRIMARY KEY (territory_id, name)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON staging.profile TO unigrid_app;
