-- Retires the objects in undoing that weren't there before and gives the others
-- back what they were; notes these in placing_id.
WITH retired AS (
  DELETE FROM objects.object o USING undoing u WHERE o.territory_id = $1 AND o.id = u.id AND u.before IS NULL
  RETURNING o.id, o.code, o.name
), restored AS (
  UPDATE objects.object o SET name = b.name, geom = b.geom, located_by = b.located_by, hint_cell = b.hint_cell, attributes = b.attributes,
    provenance = b.provenance, published = b.published, batch = b.batch
  FROM undoing u
  JOIN objects.version b ON b.territory_id = $1 AND b.object_id = u.id AND lower(b.during) = u.before
  JOIN objects.version f ON f.territory_id = $1 AND f.object_id = u.id AND lower(f.during) = u.first
  WHERE o.territory_id = $1 AND o.id = u.id
  RETURNING o.id, o.code, b.name, jsonb_build_object('name', f.name, 'located_by', f.located_by, 'provenance', f.provenance)
      || coalesce(f.published, '{}') || f.attributes AS now,
    jsonb_build_object('name', b.name, 'located_by', b.located_by, 'provenance', b.provenance, 'geometry', cells.changed_shape(f.geom, b.geom))
      || coalesce(b.published, '{}') || b.attributes AS again
), noted AS (
  INSERT INTO placing_id SELECT id FROM restored
), difference AS (
  SELECT code, jsonb_build_object('op', 'retired', 'code', code, 'name', name) AS difference FROM retired
  UNION ALL
  SELECT code, jsonb_build_object('op', 'changed', 'code', code, 'name', name) || cells.changed_fields(now, again) FROM restored
)
SELECT (SELECT count(*) FROM difference), (SELECT count(*) FROM restored),
       coalesce((SELECT jsonb_agg(difference ORDER BY code) FROM (SELECT * FROM difference ORDER BY code LIMIT 10000) d), '[]')
