-- +goose Up

-- The queue of jobs; its tables are made by the queue's own migrations. Whoever
-- migrates owns them.
CREATE SCHEMA jobs;
GRANT USAGE ON SCHEMA jobs TO unigrid_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA jobs GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO unigrid_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA jobs GRANT USAGE, SELECT ON SEQUENCES TO unigrid_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA jobs GRANT EXECUTE ON FUNCTIONS TO unigrid_app;
