-- +goose Up
-- Shapes of degrees don't compress (measured: not by one in a hundred), and trying to
-- takes a third of the time that writing them takes.
ALTER TABLE merge.crosswalk ALTER COLUMN geom SET STORAGE EXTERNAL;
ALTER TABLE merge.conflict ALTER COLUMN geom SET STORAGE EXTERNAL;
ALTER TABLE merge.move ALTER COLUMN geom SET STORAGE EXTERNAL;

-- The pieces of a cell in one run, however many editions there were.
DROP INDEX merge.crosswalk_cell, merge.crosswalk_layer_cell;
CREATE INDEX crosswalk_cell ON merge.crosswalk (territory_id, cell_id, run_id);
CREATE INDEX crosswalk_layer_cell ON merge.crosswalk (territory_id, layer_cell_id, run_id);

-- Statistics after a merge has written its pieces, and after its conflicts: of few rows,
-- since it waits for them.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION merge.refresh_statistics() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog SET default_statistics_target = 20 AS $$
  ANALYZE merge.crosswalk (territory_id, run_id, id, layer, layer_cell_id, cell_id, share_of_cell, claimed_share)
$$;
CREATE FUNCTION merge.refresh_conflict_statistics() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog SET default_statistics_target = 20 AS $$
  ANALYZE merge.conflict (territory_id, run_id, id, kind, layer, cell_id, blocking, state, resolution, touches, area_m2),
    merge.move (territory_id, run_id, conflict_id, resolution)
$$;
-- +goose StatementEnd
REVOKE ALL ON FUNCTION merge.refresh_conflict_statistics() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION merge.refresh_conflict_statistics() TO unigrid_app;

-- What a sliver's layer cell claims of the leaf, also where it overlaps others: what it
-- holds outside all leaves is the rest.
ALTER TABLE merge.sliver ADD COLUMN claimed_share double precision;
