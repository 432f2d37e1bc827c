-- +goose Up
-- A cell's identity; what it looks like is in its versions.
CREATE TABLE cells.cell (
  territory_id int NOT NULL REFERENCES cells.territory,
  id           bigint GENERATED ALWAYS AS IDENTITY,
  PRIMARY KEY (territory_id, id)
);
GRANT SELECT, INSERT, DELETE ON cells.cell TO unigrid_app;

-- A cell as it is from one edition up to, not including, another (to_edition
-- null: for good). Geometry is EPSG:4326 on a lattice of 1e-7 degrees.
CREATE TABLE cells.version (
  territory_id int NOT NULL,
  cell_id      bigint NOT NULL,
  from_edition int NOT NULL,
  to_edition   int,
  code         text NOT NULL,
  name         text NOT NULL,
  tier         smallint NOT NULL CHECK (tier > 0),
  parent_id    bigint,
  geom         geometry(MultiPolygon, 4326) NOT NULL,
  area_m2      double precision NOT NULL CHECK (area_m2 > 0),
  label        geometry(Point, 4326) NOT NULL,
  provenance   text NOT NULL CHECK (provenance IN ('surveyed', 'imported', 'drawn', 'demo')),
  locked       boolean NOT NULL DEFAULT false,
  PRIMARY KEY (territory_id, cell_id, from_edition),
  FOREIGN KEY (territory_id, cell_id) REFERENCES cells.cell (territory_id, id),
  FOREIGN KEY (territory_id, parent_id) REFERENCES cells.cell (territory_id, id),
  FOREIGN KEY (territory_id, from_edition) REFERENCES editions.edition (territory_id, seq),
  FOREIGN KEY (territory_id, to_edition) REFERENCES editions.edition (territory_id, seq),
  CONSTRAINT version_order CHECK (to_edition > from_edition),
  CONSTRAINT version_root CHECK ((tier = 1) = (parent_id IS NULL)),
  CONSTRAINT version_once EXCLUDE USING gist
    (territory_id WITH =, cell_id WITH =, int4range(from_edition, to_edition) WITH &&),
  CONSTRAINT version_code_unique EXCLUDE USING gist
    (territory_id WITH =, code WITH =, int4range(from_edition, to_edition) WITH &&)
    DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX version_geom ON cells.version USING gist (geom);
CREATE INDEX version_code ON cells.version (territory_id, code text_pattern_ops);
CREATE INDEX version_parent ON cells.version (territory_id, parent_id);
GRANT SELECT, INSERT, UPDATE, DELETE ON cells.version TO unigrid_app;

-- A child's code begins with its parent's significant digits, its tier is one
-- below, and the parent is there in the same edition.
-- +goose StatementBegin
CREATE FUNCTION cells.check_hierarchy() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  lengths int[];
  up record;
BEGIN
  IF NEW.parent_id IS NULL THEN
    RETURN NEW;
  END IF;
  SELECT code_lengths INTO lengths FROM cells.territory WHERE id = NEW.territory_id;
  SELECT v.code, v.tier INTO up FROM cells.version v
    WHERE v.territory_id = NEW.territory_id AND v.cell_id = NEW.parent_id
      AND v.from_edition <= NEW.from_edition
      AND (v.to_edition IS NULL OR v.to_edition > NEW.from_edition);
  IF NOT FOUND OR up.tier <> NEW.tier - 1
     OR cells.significant(NEW.code, up.tier, lengths) <> cells.significant(up.code, up.tier, lengths) THEN
    RAISE EXCEPTION 'cell % of tier % does not belong under %', NEW.code, NEW.tier, coalesce(up.code, 'no parent')
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'version_hierarchy';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE CONSTRAINT TRIGGER hierarchy AFTER INSERT OR UPDATE OF code, tier, parent_id ON cells.version
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION cells.check_hierarchy();

-- Versions of a published edition stay as they are, except that an open draft
-- may end them (to_edition = the draft) and change its mind.
-- +goose StatementBegin
CREATE FUNCTION cells.keep_published() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  newest int := editions.published(OLD.territory_id);
BEGIN
  IF OLD.from_edition > newest THEN
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
  END IF;
  IF TG_OP = 'UPDATE'
     AND coalesce(OLD.to_edition > newest, true) AND coalesce(NEW.to_edition > newest, true)
     AND (NEW.territory_id, NEW.cell_id, NEW.from_edition, NEW.code, NEW.name, NEW.tier, NEW.area_m2, NEW.provenance, NEW.locked)
       = (OLD.territory_id, OLD.cell_id, OLD.from_edition, OLD.code, OLD.name, OLD.tier, OLD.area_m2, OLD.provenance, OLD.locked)
     AND NEW.parent_id IS NOT DISTINCT FROM OLD.parent_id
     AND NEW.geom::bytea = OLD.geom::bytea AND NEW.label::bytea = OLD.label::bytea THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'cell % is published in edition % and can''t be changed', OLD.code, OLD.from_edition
    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'version_immutable';
END $$;
-- +goose StatementEnd
CREATE TRIGGER keep_published BEFORE UPDATE OR DELETE ON cells.version
  FOR EACH ROW EXECUTE FUNCTION cells.keep_published();

-- The cells of an edition (open drafts too), with what it takes to tell leaves.
CREATE FUNCTION cells.of(territory int, edition int) RETURNS SETOF cells.version
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT * FROM cells.version v
  WHERE v.territory_id = territory AND v.from_edition <= edition
    AND (v.to_edition IS NULL OR v.to_edition > edition)
$$;

CREATE FUNCTION cells.leaves(territory int, edition int) RETURNS SETOF cells.version
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT v.* FROM cells.version v
  WHERE v.territory_id = territory AND v.from_edition <= edition
    AND (v.to_edition IS NULL OR v.to_edition > edition)
    AND NOT EXISTS (
      SELECT FROM cells.version c
      WHERE c.territory_id = territory AND c.parent_id = v.cell_id AND c.from_edition <= edition
        AND (c.to_edition IS NULL OR c.to_edition > edition))
$$;

-- Which cell came from which, and with what share of its area.
CREATE TABLE cells.lineage (
  territory_id int NOT NULL,
  edition      int NOT NULL,
  from_cell    bigint NOT NULL,
  to_cell      bigint NOT NULL,
  share        double precision NOT NULL CHECK (share > 0 AND share <= 1),
  PRIMARY KEY (territory_id, edition, from_cell, to_cell),
  FOREIGN KEY (territory_id, from_cell) REFERENCES cells.cell (territory_id, id),
  FOREIGN KEY (territory_id, to_cell) REFERENCES cells.cell (territory_id, id)
);
GRANT SELECT, INSERT, DELETE ON cells.lineage TO unigrid_app;

-- Where importers and draws put cells for this room to check and apply.
CREATE TABLE cells.intake (
  territory_id int NOT NULL REFERENCES cells.territory,
  batch        bigint NOT NULL,
  row          int NOT NULL,
  code         text NOT NULL,
  name         text NOT NULL,
  tier         smallint NOT NULL,
  geom         geometry(Geometry, 4326),
  provenance   text NOT NULL,
  PRIMARY KEY (territory_id, batch, row)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON cells.intake TO unigrid_app;
CREATE SEQUENCE cells.batch;
GRANT USAGE ON SEQUENCE cells.batch TO unigrid_app;

-- What maps show of an edition: EPSG:3857, simplified as one coverage per band
-- of zoom levels (0: up to z9, 1: z10-12, 2: from z13, unsimplified), made when
-- it is published.
CREATE TABLE cells.display (
  territory_id int NOT NULL,
  edition      int NOT NULL,
  band         smallint NOT NULL CHECK (band BETWEEN 0 AND 2),
  cell_id      bigint NOT NULL,
  tier         smallint NOT NULL,
  code         text NOT NULL,
  name         text NOT NULL,
  provenance   text NOT NULL,
  geom         geometry(MultiPolygon, 3857) NOT NULL,
  label        geometry(Point, 3857) NOT NULL,
  PRIMARY KEY (territory_id, edition, band, cell_id),
  FOREIGN KEY (territory_id, edition) REFERENCES editions.edition (territory_id, seq),
  FOREIGN KEY (territory_id, cell_id) REFERENCES cells.cell (territory_id, id)
);
CREATE INDEX display_geom ON cells.display USING gist (geom);
GRANT SELECT, INSERT, DELETE ON cells.display TO unigrid_app;
