-- +goose Up
-- One look for each cell, at its parent and the territory's scheme at once.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION cells.check_hierarchy() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  up record;
BEGIN
  IF NEW.parent_id IS NULL THEN
    RETURN NEW;
  END IF;
  SELECT v.code, v.tier, t.code_lengths INTO up FROM cells.version v, cells.territory t
    WHERE v.territory_id = NEW.territory_id AND v.cell_id = NEW.parent_id
      AND v.from_edition <= NEW.from_edition
      AND (v.to_edition IS NULL OR v.to_edition > NEW.from_edition)
      AND t.id = NEW.territory_id;
  IF NOT FOUND OR up.tier <> NEW.tier - 1
     OR cells.significant(NEW.code, up.tier, up.code_lengths) <> cells.significant(up.code, up.tier, up.code_lengths) THEN
    RAISE EXCEPTION 'cell % of tier % does not belong under %', NEW.code, NEW.tier, coalesce(up.code, 'no parent')
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'version_hierarchy';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
