-- +goose Up
-- A cell has one version at a time, and a code is one cell's for good. What
-- GiST exclusions proved for both, at half the cost of taking a cell in, unique
-- indexes prove among the versions that no edition has ended; a trigger looks at
-- those that one has, of which there are few.
ALTER TABLE cells.version DROP CONSTRAINT version_once, DROP CONSTRAINT version_code_unique;
CREATE UNIQUE INDEX version_once ON cells.version (territory_id, cell_id) WHERE to_edition IS NULL;
CREATE UNIQUE INDEX version_code_unique ON cells.version (territory_id, code) WHERE to_edition IS NULL;
CREATE INDEX version_ended ON cells.version (territory_id, cell_id) WHERE to_edition IS NOT NULL;
CREATE INDEX version_ended_code ON cells.version (territory_id, code) WHERE to_edition IS NOT NULL;

-- Writers of a territory wait for each other here, so that each sees what the
-- others have written, if each statement has a snapshot of its own.
-- +goose StatementBegin
CREATE FUNCTION cells.keep_once() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  twice record;
BEGIN
  IF current_setting('transaction_isolation') = 'repeatable read' THEN
    RAISE EXCEPTION 'versions of cells are not written in a transaction that is repeatable read' USING ERRCODE = 'feature_not_supported';
  END IF;
  PERFORM FROM cells.territory WHERE id IN (SELECT n.territory_id FROM new_row n) ORDER BY id FOR NO KEY UPDATE;
  SELECT n.code, o.from_edition, o.to_edition INTO twice
  FROM new_row n JOIN cells.version o ON o.territory_id = n.territory_id AND o.cell_id = n.cell_id AND o.to_edition IS NOT NULL
  WHERE o.from_edition <> n.from_edition AND n.from_edition < o.to_edition AND (n.to_edition IS NULL OR n.to_edition > o.from_edition) LIMIT 1;
  IF NOT FOUND THEN
    SELECT n.code, o.from_edition, o.to_edition INTO twice
    FROM new_row n JOIN cells.version o ON o.territory_id = n.territory_id AND o.cell_id = n.cell_id AND o.to_edition IS NULL
    WHERE n.to_edition IS NOT NULL AND o.from_edition <> n.from_edition AND n.to_edition > o.from_edition LIMIT 1;
  END IF;
  IF FOUND THEN
    RAISE EXCEPTION 'cell % has a version from edition % to %', twice.code, twice.from_edition, coalesce(twice.to_edition::text, 'now on')
      USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'version_once';
  END IF;
  SELECT o.code, o.from_edition INTO twice
  FROM new_row n JOIN cells.version o ON o.territory_id = n.territory_id AND o.code = n.code AND o.cell_id <> n.cell_id AND o.to_edition IS NOT NULL LIMIT 1;
  IF NOT FOUND THEN
    SELECT o.code, o.from_edition INTO twice
    FROM new_row n JOIN cells.version o ON o.territory_id = n.territory_id AND o.code = n.code AND o.cell_id <> n.cell_id AND o.to_edition IS NULL
    WHERE n.to_edition IS NOT NULL LIMIT 1;
  END IF;
  IF FOUND THEN
    RAISE EXCEPTION 'code % has been another cell''s since edition %', twice.code, twice.from_edition
      USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'version_code_unique', DETAIL = format('code %s', twice.code);
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER keep_once_inserted AFTER INSERT ON cells.version REFERENCING NEW TABLE AS new_row
  FOR EACH STATEMENT EXECUTE FUNCTION cells.keep_once();
CREATE TRIGGER keep_once_updated AFTER UPDATE ON cells.version REFERENCING NEW TABLE AS new_row
  FOR EACH STATEMENT EXECUTE FUNCTION cells.keep_once();
