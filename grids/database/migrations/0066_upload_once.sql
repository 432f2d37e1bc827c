-- +goose Up
-- An upload becomes one import: the oldest keeps it.
UPDATE staging.batch b SET upload = NULL
WHERE upload IS NOT NULL AND EXISTS (SELECT FROM staging.batch o WHERE o.upload = b.upload AND o.id < b.id);
CREATE UNIQUE INDEX batch_upload ON staging.batch (upload) WHERE upload IS NOT NULL;
