-- +goose Up

-- Coordinates compress badly: trying costs more than it saves, on every write and
-- every read of a shape of over 2 kB.
ALTER TABLE cells.version ALTER COLUMN geom SET STORAGE EXTERNAL;
ALTER TABLE cells.intake ALTER COLUMN geom SET STORAGE EXTERNAL, ALTER COLUMN source_geom SET STORAGE EXTERNAL;
ALTER TABLE layers.intake ALTER COLUMN geom SET STORAGE EXTERNAL, ALTER COLUMN source_geom SET STORAGE EXTERNAL;
ALTER TABLE staging.row ALTER COLUMN geom SET STORAGE EXTERNAL;
