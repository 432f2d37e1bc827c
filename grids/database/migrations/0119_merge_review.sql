-- +goose Up
-- While a draft is circulated only who may settle conflicts merges it again: the
-- conflicts about which opinions are asked for are those of its merge.
CREATE TRIGGER review_insert AFTER INSERT ON merge.run REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION circulation.guard_review();
