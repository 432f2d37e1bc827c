-- +goose Up
-- The planner has to know of what a command just wrote in bulk before the next
-- command joins it; only the owner may ANALYZE.
CREATE FUNCTION cells.refresh_statistics() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
  ANALYZE cells.version, cells.display, editions.edition, people.person, people.assignment,
          objects.object, objects.placement, layers.cell
$$;
REVOKE ALL ON FUNCTION cells.refresh_statistics() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cells.refresh_statistics() TO unigrid_app;

-- The same within a merge: what it settles and applies is what it just wrote.
CREATE FUNCTION merge.refresh_statistics() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
  ANALYZE merge.crosswalk, merge.conflict
$$;
REVOKE ALL ON FUNCTION merge.refresh_statistics() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION merge.refresh_statistics() TO unigrid_app;
