-- Rows that an error stands against, with all reasons; $3: on the map.
SELECT r.row, r.attributes,
       ST_AsEWKB(CASE WHEN $3 AND ST_SRID(r.geom) <> 0 THEN coalesce(staging.lonlat(r.geom), r.geom) ELSE r.geom END),
       f.reason
FROM (
  SELECT row, string_agg(DISTINCT concat_ws(': ', nullif(finding ->> 'field', ''), finding ->> 'message'), '; ') AS reason
  FROM staging.finding WHERE territory_id = $1 AND batch = $2 AND severity = 'error' GROUP BY row
) f
JOIN staging.row r ON r.territory_id = $1 AND r.batch = $2 AND r.row = f.row
ORDER BY r.row
