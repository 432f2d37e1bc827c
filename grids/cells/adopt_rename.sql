-- Gives cells of adopt_was, which have ended, the words of their rows; their
-- boundaries stay. $1 territory, $2 batch, $3 edition, $4 the file says that
-- boundaries are statutory.
INSERT INTO cells.version (territory_id, cell_id, from_edition, code, name, tier, parent_id, geom, area_m2, label, provenance, locked, disputed)
SELECT $1, w.cell_id, $3, w.code, i.name, w.tier, w.parent_id, w.geom, w.area_m2, w.label, i.provenance, w.locked OR $4, w.disputed
FROM adopt_was w
CROSS JOIN LATERAL (SELECT i.* FROM cells.intake i WHERE i.territory_id = $1 AND i.batch = $2 AND i.row = w.row OFFSET 0) i
