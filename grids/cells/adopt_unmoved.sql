-- Rows of adopt_change whose new area is the old one, but for a hair.
SELECT c.row FROM adopt_change c JOIN cells.of($1, $2) v USING (cell_id)
WHERE c.geom IS NOT NULL AND cells.same_area(v.geom, c.geom)
