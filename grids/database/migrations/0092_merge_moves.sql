-- +goose Up
-- What each way to settle a conflict would come to: alternatives is a list of
-- {resolution, cells, objects, people, area_m2}: how many cells and objects it
-- changes or moves, and whom it affects. objects and people are those of the
-- disputed ground and of its leaf.
ALTER TABLE merge.conflict
  ADD COLUMN severity text NOT NULL DEFAULT 'low' CHECK (severity IN ('low', 'medium', 'high')),
  ADD COLUMN objects int NOT NULL DEFAULT 0,
  ADD COLUMN people int NOT NULL DEFAULT 0,
  ADD COLUMN alternatives jsonb NOT NULL DEFAULT '[]';

-- The ground that a resolution would take from a conflict's leaf: for a sibling,
-- or (to_cell_id null) for a new cell, beside it or below it.
CREATE TABLE merge.move (
  territory_id  int NOT NULL,
  run_id        bigint NOT NULL,
  conflict_id   bigint NOT NULL,
  resolution    text NOT NULL CHECK (resolution IN ('adopt-layer-boundary', 'split-leaf', 'draw-unit-cells')),
  layer_cell_id bigint,
  to_cell_id    bigint,
  area_m2       double precision NOT NULL,
  geom          geometry(MultiPolygon, 4326) NOT NULL,
  FOREIGN KEY (territory_id, run_id, conflict_id) REFERENCES merge.conflict (territory_id, run_id, id) ON DELETE CASCADE,
  FOREIGN KEY (territory_id, layer_cell_id) REFERENCES layers.identity (territory_id, id),
  FOREIGN KEY (territory_id, to_cell_id) REFERENCES cells.cell (territory_id, id) ON DELETE CASCADE
);
CREATE INDEX move_conflict ON merge.move (territory_id, run_id, conflict_id);
GRANT SELECT, INSERT, DELETE ON merge.move TO unigrid_app;
