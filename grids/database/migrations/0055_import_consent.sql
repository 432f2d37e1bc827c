-- +goose Up

-- Who took columns of personal data in all the same, when and why. It outlives
-- the batch, and nobody changes or deletes it.
CREATE TABLE staging.consent (
  territory_id int NOT NULL REFERENCES cells.territory,
  batch        bigint NOT NULL,
  n            bigint GENERATED ALWAYS AS IDENTITY,
  file         text NOT NULL,
  columns      text[] NOT NULL CHECK (cardinality(columns) > 0),
  kinds        text[] NOT NULL,       -- what each of the columns was recognised as; '' if as nothing
  reason       text NOT NULL CHECK (length(btrim(reason)) >= 4),
  given_by     text NOT NULL,
  given_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (territory_id, batch, n)
);
GRANT SELECT, INSERT ON staging.consent TO unigrid_app;
