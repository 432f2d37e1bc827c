-- Brings into taking_known what the rows of a batch are, one for each object: its
-- id (an object that was retired has the one of then), whether it is there, and
-- whether the same was sent for it before.
INSERT INTO taking_known (row, id, kind, code, there, sent_before)
SELECT i.row, coalesce(o.id, past.id, nextval('objects.object_id_seq')), i.kind, i.code, o.id IS NOT NULL,
       i.sent IS NULL AND i.source_geom IS NULL OR (s.batch IS NOT NULL AND s.sent IS NOT DISTINCT FROM i.sent
         AND s.source_geom::bytea IS NOT DISTINCT FROM i.source_geom::bytea)
FROM (
  SELECT DISTINCT ON (btrim(i.kind), btrim(i.code)) i.row, btrim(i.kind) AS kind, btrim(i.code) AS code, i.sent, i.source_geom
  FROM objects.intake i
  WHERE i.territory_id = $1 AND i.batch = $2
  ORDER BY btrim(i.kind), btrim(i.code), i.row
) i
LEFT JOIN objects.object o ON o.territory_id = $1 AND o.kind = i.kind AND o.code = i.code
LEFT JOIN objects.sent s ON s.territory_id = $1 AND s.object_id = o.id AND s.batch = o.batch
LEFT JOIN LATERAL (
  SELECT v.object_id AS id FROM objects.version v
  WHERE o.id IS NULL AND v.territory_id = $1 AND v.kind = i.kind AND v.code = i.code ORDER BY lower(v.during) DESC LIMIT 1
) past ON true
