-- Makes invalid shapes of a batch valid and says where they were wrong.
WITH wrong AS MATERIALIZED (
  SELECT i.ctid AS place, d.reason, d.location
  FROM objects.intake i CROSS JOIN LATERAL ST_IsValidDetail(i.geom) d
  WHERE i.territory_id = $1 AND i.batch = $2 AND NOT ST_IsEmpty(i.geom) AND NOT d.valid
), mended AS (
  UPDATE objects.intake i SET geom = ST_CollectionExtract(ST_MakeValid(i.geom))
  FROM wrong w WHERE i.ctid = w.place
  RETURNING i.row, i.code, i.geom, w.reason, w.location
)
SELECT m.row, 'geom', m.reason, 'repaired', 'repair', m.code,
       '图形无效(' || cells.fault_zh(m.reason) || '),已修复,现有 ' || ST_NumGeometries(m.geom) || ' 部分',
       'the shape was not valid (' || m.reason || ') and was repaired to a ' || lower(GeometryType(m.geom))
         || ' of ' || ST_NumGeometries(m.geom) || ' part(s)',
       ST_X(m.location), ST_Y(m.location)
FROM mended m
ORDER BY m.row
