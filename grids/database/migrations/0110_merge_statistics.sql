-- +goose Up
-- A merge reads what it has just written, before the transaction ends and
-- autovacuum could see it; the shapes' statistics, which cost the time, it doesn't need.
-- +goose StatementBegin
CREATE FUNCTION merge.refresh_conflict_statistics() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
  ANALYZE merge.conflict (territory_id, run_id, id, kind, layer, cell_id), merge.move (territory_id, run_id, conflict_id, resolution)
$$;
-- +goose StatementEnd
REVOKE ALL ON FUNCTION merge.refresh_conflict_statistics() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION merge.refresh_conflict_statistics() TO unigrid_app;
