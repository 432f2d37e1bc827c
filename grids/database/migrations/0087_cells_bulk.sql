-- +goose Up
-- What a statement writes of cells is proved as a whole, not row by row: with
-- 700,000 cells from a file, looking up each by itself is a quarter of the work.

-- Identities stay for good, so that to have found one is enough.
-- +goose StatementBegin
CREATE FUNCTION cells.keep_cell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'identities of cells are neither changed nor deleted' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'cell_immutable';
END $$;
-- +goose StatementEnd
CREATE TRIGGER keep_cell BEFORE UPDATE OR DELETE OR TRUNCATE ON cells.cell
  FOR EACH STATEMENT EXECUTE FUNCTION cells.keep_cell();
REVOKE DELETE ON cells.cell FROM unigrid_app;

-- Whether the cells that rows name are there.
-- +goose StatementBegin
CREATE FUNCTION cells.find_cells() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  lost bigint;
BEGIN
  SELECT n.cell_id INTO lost FROM new_row n
  WHERE NOT EXISTS (SELECT FROM cells.cell c WHERE c.territory_id = n.territory_id AND c.id = n.cell_id OFFSET 0) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'there is no cell %', lost USING ERRCODE = 'foreign_key_violation', CONSTRAINT = TG_TABLE_NAME || '_territory_id_cell_id_fkey';
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION cells.find_parents() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  lost bigint;
BEGIN
  SELECT n.parent_id INTO lost FROM (SELECT DISTINCT territory_id, parent_id FROM new_row WHERE parent_id IS NOT NULL) n
  WHERE NOT EXISTS (SELECT FROM cells.cell c WHERE c.territory_id = n.territory_id AND c.id = n.parent_id OFFSET 0) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'there is no cell %', lost USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'version_territory_id_parent_id_fkey';
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER find_cells_inserted AFTER INSERT ON cells.version
  REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION cells.find_cells();
CREATE TRIGGER find_cells_updated AFTER UPDATE ON cells.version
  REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION cells.find_cells();
CREATE TRIGGER find_parents_inserted AFTER INSERT ON cells.version
  REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION cells.find_parents();
CREATE TRIGGER find_parents_updated AFTER UPDATE ON cells.version
  REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION cells.find_parents();
CREATE TRIGGER find_cells_inserted AFTER INSERT ON cells.sent
  REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION cells.find_cells();
CREATE TRIGGER find_cells_updated AFTER UPDATE ON cells.sent
  REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION cells.find_cells();
ALTER TABLE cells.version
  DROP CONSTRAINT version_territory_id_cell_id_fkey,
  DROP CONSTRAINT version_territory_id_parent_id_fkey;
ALTER TABLE cells.sent DROP CONSTRAINT sent_territory_id_cell_id_fkey;

-- Cells whose place under their parents is looked at when the transaction
-- commits, since parents may come after their children: a row for each statement,
-- gone when it was looked at.
CREATE UNLOGGED TABLE cells.unplaced (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  territory_id int NOT NULL,
  edition      int NOT NULL,
  cells        bigint[] NOT NULL
);
ALTER TABLE cells.unplaced ALTER COLUMN cells SET STORAGE EXTERNAL;
DROP TRIGGER hierarchy ON cells.version;
DROP FUNCTION cells.check_hierarchy;
-- +goose StatementBegin
CREATE FUNCTION cells.defer_hierarchy() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_LEVEL = 'ROW' THEN
    INSERT INTO cells.unplaced (territory_id, edition, cells) VALUES (NEW.territory_id, NEW.from_edition, ARRAY[NEW.cell_id]);
  ELSE
    INSERT INTO cells.unplaced (territory_id, edition, cells)
    SELECT n.territory_id, n.from_edition, array_agg(n.cell_id) FROM new_row n WHERE n.parent_id IS NOT NULL GROUP BY 1, 2;
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER hierarchy_inserted AFTER INSERT ON cells.version
  REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION cells.defer_hierarchy();
CREATE TRIGGER hierarchy_updated AFTER UPDATE OF code, tier, parent_id ON cells.version
  FOR EACH ROW EXECUTE FUNCTION cells.defer_hierarchy();

-- One look for each cell, at its parent: by key, whatever the planner knows.
-- +goose StatementBegin
CREATE FUNCTION cells.check_hierarchy() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  lengths int[] := (SELECT t.code_lengths FROM cells.territory t WHERE t.id = NEW.territory_id);
  wrong record;
BEGIN
  DELETE FROM cells.unplaced u WHERE u.id = NEW.id;
  SELECT v.code, v.tier, p.code AS parent INTO wrong
  FROM unnest(NEW.cells) AS k (cell_id)
  CROSS JOIN LATERAL (
    SELECT v.code, v.tier, v.parent_id FROM cells.version v
    WHERE v.territory_id = NEW.territory_id AND v.cell_id = k.cell_id AND v.from_edition = NEW.edition AND v.parent_id IS NOT NULL OFFSET 0
  ) v
  LEFT JOIN LATERAL (
    SELECT p.code, p.tier FROM cells.version p
    WHERE p.territory_id = NEW.territory_id AND p.cell_id = v.parent_id
      AND p.from_edition <= NEW.edition AND (p.to_edition IS NULL OR p.to_edition > NEW.edition) OFFSET 0
  ) p ON true
  WHERE p.tier IS DISTINCT FROM v.tier - 1
     OR cells.significant(v.code, p.tier, lengths) <> cells.significant(p.code, p.tier, lengths)
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'cell % of tier % does not belong under %', wrong.code, wrong.tier, coalesce(wrong.parent, 'no parent')
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'version_hierarchy';
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE CONSTRAINT TRIGGER hierarchy AFTER INSERT ON cells.unplaced
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION cells.check_hierarchy();
