-- Rows of a batch that the principal may not take: their place, village or layer
-- is not the principal's, or that of the object as it is known is not.
SELECT i.row, p.field, '', 'not-yours', 'error', i.code, p.message_zh, p.message, p.lon, p.lat
FROM objects.intake i
LEFT JOIN taking_hint h ON h.row = i.row
LEFT JOIN LATERAL (SELECT * FROM objects.object o WHERE o.territory_id = $1 AND o.kind = btrim(i.kind) AND o.code = btrim(i.code) OFFSET 0) o ON true
CROSS JOIN LATERAL (
  SELECT 'geom' AS field, '位置不在您的管辖范围内,本行未导入' AS message_zh, 'the place lies outside what you may change; the row stays out' AS message,
         ST_X(ST_PointOnSurface(i.geom)) AS lon, ST_Y(ST_PointOnSurface(i.geom)) AS lat
  WHERE NOT objects.reached($1, i.geom, h.cell_id)
  UNION ALL
  SELECT 'code', '这一对象现在的位置不在您的管辖范围内,本行未导入', 'the object that has this code lies outside what you may change; the row stays out', NULL, NULL
  WHERE o.id IS NOT NULL AND NOT objects.reached($1, o.geom, o.hint_cell)
  UNION ALL
  SELECT 'layers', '不属于您的条线,本行未导入', 'the object is of no layer of yours; the row stays out', NULL, NULL
  WHERE NOT access.layer(objects.layers(btrim(i.kind), i.attributes)) OR o.id IS NOT NULL AND NOT access.layer(objects.layers(o.kind, o.attributes))
) p
WHERE i.territory_id = $1 AND i.batch = $2 AND NOT access.unbounded()
ORDER BY i.row, p.field
