-- +goose Up
CREATE SCHEMA staging;
GRANT USAGE ON SCHEMA staging TO unigrid_app;

-- One file of one import, and what came of it.
CREATE TABLE staging.batch (
  territory_id int NOT NULL REFERENCES cells.territory,
  id           bigint NOT NULL,
  target       text NOT NULL,
  file         text NOT NULL,
  epsg         int NOT NULL,
  encoding     text NOT NULL,
  rows         int NOT NULL DEFAULT 0,
  applied      int NOT NULL DEFAULT 0,
  rejected     int NOT NULL DEFAULT 0,
  created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  created_by   text NOT NULL,
  PRIMARY KEY (territory_id, id)
);
CREATE TABLE staging.row (
  territory_id int NOT NULL,
  batch        bigint NOT NULL,
  row          int NOT NULL,
  attributes   jsonb NOT NULL,
  geom         geometry,
  PRIMARY KEY (territory_id, batch, row),
  FOREIGN KEY (territory_id, batch) REFERENCES staging.batch (territory_id, id) ON DELETE CASCADE
);
CREATE TABLE staging.finding (
  territory_id int NOT NULL,
  batch        bigint NOT NULL,
  n            int NOT NULL,
  finding      jsonb NOT NULL,
  PRIMARY KEY (territory_id, batch, n),
  FOREIGN KEY (territory_id, batch) REFERENCES staging.batch (territory_id, id) ON DELETE CASCADE
);
GRANT SELECT, INSERT, UPDATE, DELETE ON staging.batch, staging.row, staging.finding TO unigrid_app;
