-- +goose Up
-- What the public may read of a territory: a collection that an administrator
-- opened, to so many metres, under the approval number of its map (审图号).
CREATE TABLE access.opened (
  territory_id int NOT NULL REFERENCES cells.territory,
  collection   text NOT NULL CHECK (collection <> ''),
  precision_m  int NOT NULL DEFAULT 50 CHECK (precision_m BETWEEN 10 AND 10000),
  approval_no  text NOT NULL DEFAULT '',
  opened_by    text NOT NULL,
  at           timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (territory_id, collection)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON access.opened TO unigrid_app;

-- The cells of an edition as the public sees them: one coverage, its arcs
-- simplified once for both sides; a parent is the union of its leaves.
CREATE TABLE cells.generalised (
  territory_id int NOT NULL,
  edition      int NOT NULL,
  cell_id      bigint NOT NULL,
  geom         geometry(MultiPolygon, 4326) NOT NULL,
  PRIMARY KEY (territory_id, edition, cell_id),
  FOREIGN KEY (territory_id, edition) REFERENCES editions.edition (territory_id, seq) ON DELETE CASCADE
);
CREATE INDEX generalised_geom ON cells.generalised USING gist (geom);
GRANT SELECT, INSERT, DELETE ON cells.generalised TO unigrid_app;

-- cells.features with the geometry that the public sees; an edition that was not
-- generalised has none.
CREATE FUNCTION cells.public_features(territory int, first int, last int)
RETURNS TABLE (uid bigint, code text, name text, tier smallint, parent text, parent_uid bigint, area_m2 float8, provenance text,
               from_edition int, edition int, valid_from timestamptz, valid_to timestamptz, geom geometry)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT v.cell_id, v.code, v.name, v.tier, p.code, v.parent_id, v.area_m2,
         v.provenance, v.from_edition, g.edition, b.effective, e.effective, g.geom
  FROM cells.version v
  JOIN cells.generalised g ON g.territory_id = v.territory_id AND g.cell_id = v.cell_id AND g.edition = least(last, v.to_edition - 1)
  JOIN editions.edition b ON b.territory_id = v.territory_id AND b.seq = v.from_edition
  LEFT JOIN editions.edition e ON e.territory_id = v.territory_id AND e.seq = v.to_edition
  LEFT JOIN cells.version p ON p.territory_id = v.territory_id AND p.cell_id = v.parent_id
    AND p.from_edition <= least(last, v.to_edition - 1)
    AND (p.to_edition IS NULL OR p.to_edition > least(last, v.to_edition - 1))
  WHERE v.territory_id = territory AND v.from_edition <= last AND (v.to_edition IS NULL OR v.to_edition > first)
$$;

-- Any other geometry to so many metres: points and corners on a grid as wide; an
-- area that is smaller becomes one square of it, a line that is shorter a point's
-- length.
CREATE FUNCTION access.generalised(geom geometry, metres float8) RETURNS geometry
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE ST_Dimension(geom)
    WHEN 0 THEN ST_SnapToGrid(geom, g.step)
    WHEN 1 THEN CASE WHEN ST_Length(geom) < g.step THEN ST_SnapToGrid(ST_Centroid(geom), g.step) ELSE coalesce(ST_SnapToGrid(geom, g.step), ST_SnapToGrid(ST_Centroid(geom), g.step)) END
    ELSE CASE WHEN ST_IsEmpty(s.shape) THEN ST_Multi(ST_Expand(ST_SnapToGrid(ST_Centroid(geom), g.step), g.step / 2)) ELSE ST_Multi(s.shape) END END
  FROM (SELECT round((metres / 111320)::numeric, 7)::float8 AS step) g
  LEFT JOIN LATERAL (SELECT ST_CollectionExtract(ST_ReducePrecision(geom, g.step), 3) AS shape WHERE ST_Dimension(geom) = 2) s ON true
$$;
