-- +goose Up
-- The rules by which a territory settles conflicts, every list that it ever had:
-- the one with the highest version counts, and nothing is taken back.
CREATE TABLE merge.rules (
  territory_id int NOT NULL REFERENCES cells.territory,
  version      int NOT NULL CHECK (version > 0),
  rules        jsonb NOT NULL CHECK (jsonb_typeof(rules) = 'array'),
  saved_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  saved_by     text NOT NULL,
  PRIMARY KEY (territory_id, version)
);
GRANT SELECT, INSERT ON merge.rules TO unigrid_app;

-- Of which list the rules of a run, and the rule of a decision, are; null where
-- they came from elsewhere, a file for instance.
ALTER TABLE merge.run ADD COLUMN rules_version int;
ALTER TABLE merge.decision ADD COLUMN rules_version int;
-- +goose StatementBegin
CREATE FUNCTION merge.note_rules() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NEW.rule LIKE 'rule %' THEN
    NEW.rules_version := (SELECT r.rules_version FROM merge.run r WHERE r.territory_id = NEW.territory_id AND r.id = NEW.run_id);
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER note_rules BEFORE INSERT ON merge.decision FOR EACH ROW EXECUTE FUNCTION merge.note_rules();
