-- Rows that an error stands against, with all reasons, which name the file's
-- columns; $3: on the map, $4: in Chinese, where it is kept.
SELECT r.row, r.attributes,
       ST_AsEWKB(CASE WHEN $3 AND ST_SRID(r.geom) <> 0 THEN coalesce(staging.lonlat(r.geom), r.geom) ELSE r.geom END),
       f.reason
FROM (
  SELECT row, string_agg(DISTINCT concat_ws(': ', coalesce(nullif(b.mapping ->> (finding ->> 'field'), ''), nullif(finding ->> 'field', '')),
           CASE WHEN $4 THEN coalesce(finding ->> 'message_zh', finding ->> 'message') ELSE finding ->> 'message' END), '; ') AS reason
  FROM staging.finding JOIN staging.batch b USING (territory_id)
  WHERE territory_id = $1 AND batch = $2 AND b.id = $2 AND severity = 'error' GROUP BY row
) f
JOIN staging.row r ON r.territory_id = $1 AND r.batch = $2 AND r.row = f.row
ORDER BY r.row
