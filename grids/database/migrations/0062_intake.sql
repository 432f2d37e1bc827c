-- +goose Up
-- What is handed to cells.Adopt is gone by the end of its transaction: it needs
-- neither a log nor a key. Shapes as sent are kept as they come, not squeezed.
ALTER TABLE cells.intake DROP CONSTRAINT intake_territory_id_fkey;
ALTER TABLE cells.intake SET UNLOGGED;
ALTER TABLE cells.sent ALTER COLUMN source_geom SET STORAGE EXTERNAL;
