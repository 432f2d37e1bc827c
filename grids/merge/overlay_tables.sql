-- Working tables of one overlay, gone with the transaction.
--   merge_leaf   what layers are held against: the leaves, or the cells of the
--                layer that is the base (base_code, base_name; cell_id is then a
--                layer cell's); home is the leaf that holds most of it; deg is
--                area in square degrees; may_divide: a tier can come below it;
--                those not fresh have their pieces from the run before
--   merge_piece  one per leaf and layer cell, and one with layer_cell_id null for
--                what no cell of the layer covers; where it is the whole leaf,
--                geom can be null; claimed, own and overlap in
--                square degrees: what its geometry covers, what is left when faces
--                are divided among those that claim them, and how much of that is
--                such faces; one that is minor, of a small share and not the largest,
--                may be a sliver, whose share is taken over by into_id
--   merge_face   faces that several cells of one layer claim
--   merge_left   leaves and layers that the database cuts
-- Geometry isn't compressed: it is written once and read a few times. That of leaves
-- isn't copied: the view merge_ground has it.
DROP VIEW IF EXISTS pg_temp.merge_ground;
DROP TABLE IF EXISTS pg_temp.merge_leaf, pg_temp.merge_piece, pg_temp.merge_face, pg_temp.merge_left, pg_temp.merge_left_leaf;
CREATE TEMP TABLE merge_leaf (
  cell_id bigint PRIMARY KEY, territory_id integer, from_edition integer, code text, deg float8, area_m2 float8,
  home bigint, base_code text, base_name text, may_divide boolean, print uuid, fresh boolean
) ON COMMIT DROP;
CREATE TEMP TABLE merge_piece (
  layer text, layer_cell_id bigint, cell_id bigint, geom geometry, whole boolean,
  claimed float8, own float8, overlap float8 DEFAULT 0, minor boolean DEFAULT false, sliver boolean DEFAULT false, into_id bigint
) ON COMMIT DROP;
CREATE TEMP TABLE merge_face (
  layer text, cell_id bigint, geom geometry, deg float8, claimants bigint[]
) ON COMMIT DROP;
CREATE TEMP TABLE merge_left (layer text, cell_id bigint, PRIMARY KEY (cell_id, layer)) ON COMMIT DROP;
ALTER TABLE merge_piece ALTER COLUMN geom SET STORAGE EXTERNAL;
