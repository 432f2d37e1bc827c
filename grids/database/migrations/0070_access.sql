-- +goose Up
CREATE SCHEMA access;
GRANT USAGE ON SCHEMA access TO unigrid_app;

-- What each role may do; filled from policy.sql at every migrate, read by the
-- service for each request and by row-level security for each row.
CREATE TABLE access.policy (
  action text NOT NULL,
  role   text NOT NULL,
  PRIMARY KEY (action, role)
);
GRANT SELECT ON access.policy TO unigrid_app;

-- May the transaction's principal do this, somewhere? Whoever set no role may
-- nothing.
CREATE FUNCTION access.may(action text) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT EXISTS (SELECT FROM access.policy p WHERE p.action = may.action AND p.role = current_setting('unigrid.role', true))
$$;

-- Is the territory the principal's? 0 and nothing set: any.
CREATE FUNCTION access.governs(territory int) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce(nullif(nullif(current_setting('unigrid.territory', true), ''), '0')::int = territory, true)
$$;

-- Does a division code of a territory lie in one of the principal's subtrees?
CREATE FUNCTION access.within(territory int, code text) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT access.governs(territory) AND (coalesce(current_setting('unigrid.within', true), '') = ''
    OR EXISTS (SELECT FROM unnest(string_to_array(current_setting('unigrid.within', true), ',')) AS prefix WHERE starts_with(code, prefix)))
$$;

-- Is the layer one of the principal's? NULL stands for all layers, which only
-- who is bound to none may touch.
CREATE FUNCTION access.layer(layer text) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce(current_setting('unigrid.layers', true), '') = ''
    OR coalesce(layer = ANY (string_to_array(current_setting('unigrid.layers', true), ',')), false)
$$;

-- Is the principal bound to no territory, subtree or layer? Then nothing has to
-- be looked at row by row.
CREATE FUNCTION access.unbounded() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce(current_setting('unigrid.territory', true), '') IN ('', '0')
     AND coalesce(current_setting('unigrid.within', true), '') = '' AND coalesce(current_setting('unigrid.layers', true), '') = ''
$$;
