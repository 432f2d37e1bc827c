-- The leaves of which something was left to the database.
CREATE TEMP TABLE merge_left_leaf ON COMMIT DROP AS
SELECT cell_id, deg, geom FROM merge_ground WHERE cell_id IN (SELECT cell_id FROM merge_left)
