-- +goose Up
-- A code is one cell's for good: nobody else gets it, also after the cell has
-- ended or has another code. A cell may go back to a code of its own.
ALTER TABLE cells.version DROP CONSTRAINT version_code_unique;
ALTER TABLE cells.version ADD CONSTRAINT version_code_unique EXCLUDE USING gist
  (territory_id WITH =, code WITH =, cell_id WITH <>) DEFERRABLE INITIALLY DEFERRED;

-- Names are unique within a parent. Every edition was the newest once, so it is
-- enough to look at versions that no edition has ended.
CREATE UNIQUE INDEX version_name_unique ON cells.version (territory_id, parent_id, name) WHERE to_edition IS NULL;

-- Versions of a published edition stay as they are, except that an open draft
-- may end them (to_edition = the draft) and change its mind; none is added.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION cells.keep_published() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  newest int := editions.published(OLD.territory_id);
BEGIN
  IF OLD.from_edition > newest THEN
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
  END IF;
  IF TG_OP = 'UPDATE'
     AND coalesce(OLD.to_edition > newest, true) AND coalesce(NEW.to_edition > newest, true)
     AND (NEW.territory_id, NEW.cell_id, NEW.from_edition, NEW.code, NEW.name, NEW.tier, NEW.area_m2, NEW.provenance, NEW.locked, NEW.disputed)
       = (OLD.territory_id, OLD.cell_id, OLD.from_edition, OLD.code, OLD.name, OLD.tier, OLD.area_m2, OLD.provenance, OLD.locked, OLD.disputed)
     AND NEW.parent_id IS NOT DISTINCT FROM OLD.parent_id
     AND NEW.geom::bytea = OLD.geom::bytea AND NEW.label::bytea = OLD.label::bytea THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'cell % is published in edition % and can''t be changed', OLD.code, OLD.from_edition
    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'version_immutable';
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION cells.keep_published_set() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  late record;
BEGIN
  SELECT n.code, n.from_edition INTO late FROM new_row n
  JOIN editions.edition e ON e.territory_id = n.territory_id AND e.seq = n.from_edition AND e.state = 'published' LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'cell % comes too late: edition % is published', late.code, late.from_edition
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'version_immutable';
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER keep_published_set AFTER INSERT ON cells.version REFERENCING NEW TABLE AS new_row
  FOR EACH STATEMENT EXECUTE FUNCTION cells.keep_published_set();

-- What became of a cell: the cells of an edition that hold its area, with the
-- share of it that each got. A cell that is still there is its own successor,
-- also when it gave a part to another.
CREATE OR REPLACE FUNCTION cells.successors(territory int, cell bigint, edition int)
RETURNS TABLE (uid bigint, code text, share double precision)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  WITH RECURSIVE heir AS (
    SELECT cell AS cell, 1.0::double precision AS share
    UNION ALL
    SELECT l.to_cell, heir.share * l.share
    FROM heir JOIN cells.lineage l ON l.territory_id = territory AND l.from_cell = heir.cell
      AND l.to_cell <> heir.cell AND l.edition <= successors.edition
    WHERE NOT EXISTS (
      SELECT FROM cells.of(territory, successors.edition) v WHERE v.cell_id = heir.cell)
      AND NOT EXISTS (
      SELECT FROM cells.of(territory, l.edition) v WHERE v.cell_id = heir.cell)
  )
  SELECT v.cell_id, v.code, sum(heir.share)
  FROM heir JOIN cells.of(territory, successors.edition) v ON v.cell_id = heir.cell
  GROUP BY v.cell_id, v.code
$$;

-- What belongs to a draft goes with it when it is thrown away.
ALTER TABLE drawing.draw DROP CONSTRAINT draw_territory_id_edition_fkey,
  ADD CONSTRAINT draw_territory_id_edition_fkey FOREIGN KEY (territory_id, edition) REFERENCES editions.edition (territory_id, seq) ON DELETE CASCADE;
ALTER TABLE merge.run DROP CONSTRAINT run_territory_id_edition_fkey,
  ADD CONSTRAINT run_territory_id_edition_fkey FOREIGN KEY (territory_id, edition) REFERENCES editions.edition (territory_id, seq) ON DELETE CASCADE;
