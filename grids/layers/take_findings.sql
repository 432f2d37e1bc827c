-- What is wrong with cleaned rows. Errors are rejected; the rest goes in.
WITH i AS (
  SELECT i.*, row_number() OVER (PARTITION BY i.layer, i.code ORDER BY i.row) AS nth
  FROM layers.intake i
  WHERE i.territory_id = $1 AND i.batch = $2
)
SELECT i.row, f.kind, f.severity, f.field, f.value, i.code, f.message_zh, f.message,
  ST_X(p.place), ST_Y(p.place), 0::float8
FROM i
CROSS JOIN LATERAL (
  SELECT 'code' AS kind, 'error' AS severity, 'code' AS field, '' AS value, '缺少代码,请补上' AS message_zh, 'the layer cell has no code' AS message
  WHERE i.code = '' AND i.name = ''
  UNION ALL
  SELECT 'layer', 'error', 'layer', i.layer, '本辖区没有这个条线代码', 'this territory has no layer of that code'
  WHERE NOT EXISTS (SELECT FROM layers.layer l WHERE l.territory_id = $1 AND l.code = i.layer)
  UNION ALL
  SELECT 'layer', 'error', 'layer', i.layer, '该条线只有河段,没有网格;河段请按 river-reaches 导入', 'this layer has reaches of rivers and no cells; import them as river-reaches'
  WHERE EXISTS (SELECT FROM layers.layer l WHERE l.territory_id = $1 AND l.code = i.layer AND l.geometry = 'reaches')
  UNION ALL
  SELECT 'duplicate', 'error', 'code', i.code, '前面已有条线和代码都相同的行', 'an earlier row has the same layer and code'
  WHERE i.code <> '' AND i.nth > 1
  UNION ALL
  SELECT 'geometry', 'error', 'geometry', coalesce(GeometryType(i.geom), ''), '没有面,条线网格应为面', 'the layer cell has no area (a polygon is needed)'
  WHERE i.geom IS NULL OR ST_IsEmpty(i.geom)
  UNION ALL
  SELECT 'outside-world', 'error', 'geometry', ST_AsText(ST_Centroid(i.geom), 1), '坐标不是经纬度,请检查坐标系', 'coordinates are no longitude and latitude; check the CRS'
  WHERE NOT ST_IsEmpty(i.geom) AND NOT i.geom @ ST_MakeEnvelope(-180, -90, 180, 90, 4326)
  UNION ALL
  SELECT 'not-yours', 'error', 'geometry', '', '不在您的管辖范围内,本行未导入', 'it lies outside what you may change; the row stays out'
  WHERE NOT access.unbounded() AND NOT (ST_IsEmpty(i.geom) OR i.geom IS NULL) AND (NOT cells.reached($1, ST_PointOnSurface(i.geom))
    OR EXISTS (SELECT FROM layers.cell c WHERE c.territory_id = $1 AND c.layer = i.layer AND c.code = i.code AND NOT cells.reached($1, ST_PointOnSurface(c.geom))))
  UNION ALL
  SELECT 'not-yours', 'error', 'layer', i.layer, '不是您的条线,本行未导入', 'the layer is not yours; the row stays out'
  WHERE NOT access.layer(i.layer)
  UNION ALL
  SELECT 'unknown-person', 'warning', 'staff_no', i.staff_no, '没有这个工号,条线网格已收下,未记负责人', 'nobody has this staff number; the layer cell goes in without a person'
  WHERE i.staff_no <> ''
    AND NOT EXISTS (SELECT FROM people.person p WHERE p.territory_id = $1 AND p.staff_no = i.staff_no)
) f
CROSS JOIN LATERAL (
  SELECT CASE WHEN NOT ST_IsEmpty(i.geom) AND f.kind <> 'outside-world' THEN ST_PointOnSurface(i.geom) END AS place
) p
ORDER BY i.row, f.kind
