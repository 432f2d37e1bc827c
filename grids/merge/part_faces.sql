-- The ground that several cells of a layer claim there.
INSERT INTO merge_face (layer, cell_id, geom, deg, claimants)
SELECT c.layer, c.cell_id, c.geom, ST_Area(c.geom), '{0,0}'
FROM merge.conflict c JOIN merge_leaf l ON l.cell_id = c.cell_id AND NOT l.fresh
WHERE c.territory_id = $1 AND c.run_id = $2 AND c.kind = 'overlap' AND c.layer IS NOT NULL AND NOT c.detail ? 'base_cell'
