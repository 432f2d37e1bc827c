-- +goose Up

-- What GEOS says of an invalid shape (ST_IsValidReason, with or without the
-- place), in Chinese.
CREATE FUNCTION cells.fault_zh(reason text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE split_part(reason, '[', 1)
    WHEN 'Self-intersection' THEN '自相交'
    WHEN 'Ring Self-intersection' THEN '环自相接'
    WHEN 'Hole lies outside shell' THEN '洞在外环之外'
    WHEN 'Holes are nested' THEN '洞中有洞'
    WHEN 'Interior is disconnected' THEN '内部不连通'
    WHEN 'Nested shells' THEN '外环嵌套'
    WHEN 'Duplicate Rings' THEN '环重复'
    WHEN 'Too few points in geometry component' THEN '顶点太少'
    WHEN 'Invalid Coordinate' THEN '坐标无效'
    WHEN 'Ring is not closed' THEN '环未闭合'
    WHEN 'Topology Validation Error' THEN '拓扑错误'
    ELSE reason END
$$;

-- +goose Down

DROP FUNCTION cells.fault_zh(text);
