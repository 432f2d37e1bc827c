-- +goose Up
-- Who answers is asked for many cells at once, or for all of an edition.
DROP FUNCTION people.accountable(int, int, timestamptz, bigint);
