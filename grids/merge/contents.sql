-- What lies in the pieces: merge_content counts by piece and kind, merge_stretch
-- measures lines and areas. $1 territory, $2 the instant.
DROP TABLE IF EXISTS pg_temp.merge_content, pg_temp.merge_stretch;
CREATE TEMP TABLE merge_content (
  layer text, layer_cell_id bigint, cell_id bigint, kind text, objects float8, estimated boolean
) ON COMMIT DROP;
CREATE TEMP TABLE merge_stretch (
  layer text, layer_cell_id bigint, cell_id bigint, object_id bigint, kind text, share float8, length_m float8, area_m2 float8
) ON COMMIT DROP;
