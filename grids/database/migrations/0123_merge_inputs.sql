-- +goose Up
-- Of all that goes into a merge, as it was found: another with the same has the same
-- outcome, and needn't be made.
ALTER TABLE merge.run ADD COLUMN inputs uuid;
