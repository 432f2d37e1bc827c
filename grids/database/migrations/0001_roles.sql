-- +goose Up
-- The service, its jobs and its commands run as unigrid_app: no superuser, owns
-- nothing, no BYPASSRLS. Whoever migrates owns the schemas.
-- +goose StatementBegin
DO $$
BEGIN
  CREATE ROLE unigrid_app NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
DO $$
BEGIN
  IF NOT pg_has_role(current_user, 'unigrid_app', 'MEMBER') THEN
    EXECUTE format('GRANT unigrid_app TO %I', current_user);
  END IF;
END $$;
-- +goose StatementEnd
CREATE EXTENSION IF NOT EXISTS postgis;
CREATE EXTENSION IF NOT EXISTS btree_gist;
