-- Working tables of one overlay, gone with the transaction.
--   merge_leaf   the leaves; deg is area in square degrees
--   merge_piece  one per leaf and layer cell, and one with layer_cell_id null for
--                what no cell of the layer covers; claimed, own and overlap in
--                square degrees: what its geometry covers, what is left when faces
--                are divided among those that claim them, and how much of that is
--                such faces
--   merge_face   faces that several cells of one layer claim
DROP TABLE IF EXISTS pg_temp.merge_leaf, pg_temp.merge_piece, pg_temp.merge_face;
CREATE TEMP TABLE merge_leaf (
  cell_id bigint PRIMARY KEY, code text, geom geometry, deg float8, area_m2 float8
) ON COMMIT DROP;
CREATE TEMP TABLE merge_piece (
  layer text, layer_cell_id bigint, cell_id bigint, geom geometry, whole boolean,
  claimed float8, own float8, overlap float8 DEFAULT 0
) ON COMMIT DROP;
CREATE TEMP TABLE merge_face (
  layer text, cell_id bigint, geom geometry, deg float8, claimants bigint[]
) ON COMMIT DROP;
CREATE INDEX ON merge_leaf USING gist (geom);
CREATE INDEX ON merge_piece (cell_id, layer);
