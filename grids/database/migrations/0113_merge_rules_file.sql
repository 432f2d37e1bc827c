-- +goose Up
-- The file that the rules of a run, and the rule of a decision, came from; null
-- where they are a version of the territory's list, or the product's own.
ALTER TABLE merge.run ADD COLUMN rules_file text, ADD CONSTRAINT run_rules_from_one CHECK (rules_file IS NULL OR rules_version IS NULL);
ALTER TABLE merge.decision ADD COLUMN rules_file text;
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION merge.note_rules() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NEW.rule LIKE 'rule %' THEN
    SELECT r.rules_version, r.rules_file INTO NEW.rules_version, NEW.rules_file
    FROM merge.run r WHERE r.territory_id = NEW.territory_id AND r.id = NEW.run_id;
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
