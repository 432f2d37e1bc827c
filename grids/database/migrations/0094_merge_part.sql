-- +goose Up
-- What a run saw of each leaf, so that the next one merges only those again that
-- are others now or that a changed layer cell touches. leaves says how many it
-- merged.
CREATE TABLE merge.seen_leaf (
  territory_id int NOT NULL,
  run_id       bigint NOT NULL,
  cell_id      bigint NOT NULL,
  print        uuid NOT NULL,
  PRIMARY KEY (territory_id, run_id, cell_id),
  FOREIGN KEY (territory_id, run_id) REFERENCES merge.run (territory_id, id) ON DELETE CASCADE,
  FOREIGN KEY (territory_id, cell_id) REFERENCES cells.cell (territory_id, id) ON DELETE CASCADE
);
GRANT SELECT, INSERT, DELETE ON merge.seen_leaf TO unigrid_app;
ALTER TABLE merge.run ADD COLUMN leaves int;
ALTER TABLE merge.sliver ADD COLUMN geom geometry(MultiPolygon, 4326);
