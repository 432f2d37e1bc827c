-- +goose Up
-- What a conflict is about, without measures: two conflicts of one kind, layer
-- and cell that are about the same are the same conflict, if their ground is
-- nearly as large. Layer cells are in the order of their shares.
CREATE FUNCTION merge.about(detail jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT jsonb_build_array(
    jsonb_path_query_array(detail, '$.cells[*].code'),
    (SELECT jsonb_agg(jsonb_build_array(n -> 'layer', n -> 'staff_no') ORDER BY n ->> 'layer', n ->> 'staff_no') FROM jsonb_array_elements(detail -> 'named') n),
    nullif(detail -> 'own', 'null') -> 'staff_no', nullif(detail -> 'acting', 'null') -> 'staff_no',
    detail -> 'base_cell' -> 'code', detail -> 'code', detail -> 'object' -> 'id', detail -> 'person' -> 'staff_no', detail -> 'outside', detail -> 'line')
$$;
