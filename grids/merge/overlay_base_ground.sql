CREATE TEMP VIEW merge_ground AS
SELECT l.*, c.geom FROM merge_leaf l JOIN layers.cell c ON c.territory_id = l.territory_id AND c.id = l.cell_id
