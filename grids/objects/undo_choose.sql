-- What a batch made of objects: the version that it opened (first) and the one
-- that it closed (before: where that begins; NULL, there was none). changed: the
-- object is now another than that version, or gone.
INSERT INTO undoing (id, code, changed, first, before)
SELECT f.object_id, f.code,
       o.id IS NULL OR o.batch IS DISTINCT FROM $2::bigint
         OR (o.name, o.located_by, o.hint_cell, o.attributes, o.provenance, o.published) IS DISTINCT FROM
            (f.name, f.located_by, f.hint_cell, f.attributes, f.provenance, f.published)
         OR o.geom::bytea IS DISTINCT FROM f.geom::bytea,
       lower(f.during), lower(b.during)
FROM (
  SELECT DISTINCT ON (v.object_id) v.* FROM objects.version v
  WHERE v.territory_id = $1 AND v.batch = $2 ORDER BY v.object_id, lower(v.during)
) f
LEFT JOIN objects.object o ON o.territory_id = $1 AND o.id = f.object_id
LEFT JOIN objects.version b ON b.territory_id = $1 AND b.object_id = f.object_id AND upper(b.during) = lower(f.during)
