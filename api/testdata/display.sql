-- $1 territory, $2 edition: what publishing makes for maps.
INSERT INTO cells.display (territory_id, edition, band, cell_id, tier, code, name, provenance, geom, label)
SELECT $1, $2, band, v.cell_id, v.tier, v.code, v.name, v.provenance, ST_Transform(v.geom, 3857), ST_Transform(v.label, 3857)
FROM cells.of($1, $2) v, generate_series(0, 2) band
