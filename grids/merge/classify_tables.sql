-- Working tables of the conflicts while they are found, gone with the transaction:
-- they are written to merge.conflict and merge.move once, when all is known.
--   merge_found   what merge.conflict will have; kept: as the run before found it;
--                 still: so is the ground that its resolutions would move
--   merge_moved   what merge.move will have
--   merge_side    what resolutions could move: way is line (across a leaf's line, by a
--                 layer cell), split (ground off a leaf) or unit (below it)
DROP TABLE IF EXISTS pg_temp.merge_found, pg_temp.merge_moved, pg_temp.merge_side;
CREATE TEMP TABLE merge_found (
  id bigint DEFAULT nextval('merge.conflict_id_seq'), kept boolean DEFAULT false, still boolean DEFAULT false,
  kind text, layer text, cell_id bigint, detail jsonb DEFAULT '{}', place geometry, geom geometry, area_m2 float8 DEFAULT 0, width_m float8,
  pending boolean DEFAULT false, blocking boolean, proposal text, reason text,
  touches int DEFAULT 0, people int DEFAULT 0, objects int DEFAULT 0, severity text DEFAULT 'low', alternatives jsonb DEFAULT '[]',
  version bigint DEFAULT 0, comments int DEFAULT 0, state text DEFAULT 'open', resolution text, settled_by text, settled_reason jsonb, settled_at timestamptz
) ON COMMIT DROP;
CREATE TEMP TABLE merge_moved (
  conflict_id bigint, resolution text, layer_cell_id bigint, to_cell_id bigint, area_m2 float8, geom geometry
) ON COMMIT DROP;
CREATE TEMP TABLE merge_side (
  conflict_id bigint, cell_id bigint, parent_id bigint, layer_cell_id bigint, way text, claimed_share float8, area_m2 float8, ground geometry
) ON COMMIT DROP;
ALTER TABLE merge_found ALTER COLUMN geom SET STORAGE EXTERNAL;
ALTER TABLE merge_moved ALTER COLUMN geom SET STORAGE EXTERNAL;
ALTER TABLE merge_side ALTER COLUMN ground SET STORAGE EXTERNAL;
