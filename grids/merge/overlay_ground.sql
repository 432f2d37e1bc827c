-- Join it by && in a subquery of its own: its index has all versions, parents with
-- their long lines too, and only the join with merge_leaf puts them aside.
CREATE TEMP VIEW merge_ground AS
SELECT l.*, v.geom
FROM merge_leaf l
JOIN cells.version v ON v.territory_id = l.territory_id AND v.cell_id = l.cell_id AND v.from_edition = l.from_edition
