-- +goose Up
-- A merge finds conflicts in working tables of its own and writes them once: it takes
-- their ids itself.
GRANT USAGE ON SEQUENCE merge.conflict_id_seq TO unigrid_app;

-- By what method a run was made. What a leaf's print stands for has changed, too, so
-- the next merge takes nothing over from runs that have none.
ALTER TABLE merge.run ADD COLUMN method uuid;

-- Shapes' statistics cost most of the time, and no plan uses them.
DROP FUNCTION merge.refresh_conflict_statistics();
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION merge.refresh_statistics() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
  ANALYZE merge.crosswalk (territory_id, run_id, id, layer, layer_cell_id, cell_id, share_of_cell, claimed_share),
    merge.conflict (territory_id, run_id, id, kind, layer, cell_id, blocking, state, resolution, touches, area_m2),
    merge.move (territory_id, run_id, conflict_id, resolution)
$$;
-- +goose StatementEnd
