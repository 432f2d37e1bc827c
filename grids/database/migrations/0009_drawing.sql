-- +goose Up
CREATE SCHEMA drawing;
GRANT USAGE ON SCHEMA drawing TO unigrid_app;

-- A draw that was made, with what it takes to make it again and how good it is.
CREATE TABLE drawing.draw (
  territory_id int NOT NULL REFERENCES cells.territory,
  id           bigint GENERATED ALWAYS AS IDENTITY,
  edition      int NOT NULL,
  parent_id    bigint NOT NULL,
  method       text NOT NULL CHECK (method IN ('nearest', 'balanced')),
  into_cells   int NOT NULL,
  seed         bigint NOT NULL,
  quality      jsonb NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  created_by   text NOT NULL,
  PRIMARY KEY (territory_id, id),
  FOREIGN KEY (territory_id, edition) REFERENCES editions.edition (territory_id, seq),
  FOREIGN KEY (territory_id, parent_id) REFERENCES cells.cell (territory_id, id)
);
GRANT SELECT, INSERT, DELETE ON drawing.draw TO unigrid_app;
