-- Makes invalid shapes of a batch valid and says where they were wrong.
WITH wrong AS MATERIALIZED (
  SELECT i.row, i.code, i.geom, d.reason, d.location
  FROM objects.intake i CROSS JOIN LATERAL ST_IsValidDetail(i.geom) d
  WHERE i.territory_id = $1 AND i.batch = $2 AND NOT ST_IsEmpty(i.geom) AND NOT d.valid
), mended AS (
  UPDATE objects.intake i SET geom = ST_CollectionExtract(ST_MakeValid(w.geom))
  FROM wrong w WHERE i.territory_id = $1 AND i.batch = $2 AND i.row = w.row
  RETURNING i.row, i.geom
)
SELECT w.row, 'geom', w.reason, 'repaired', 'repair', w.code,
       'the shape was not valid (' || w.reason || ') and was repaired to a ' || lower(GeometryType(m.geom))
         || ' of ' || ST_NumGeometries(m.geom) || ' part(s)',
       ST_X(w.location), ST_Y(w.location)
FROM wrong w JOIN mended m USING (row)
ORDER BY w.row
