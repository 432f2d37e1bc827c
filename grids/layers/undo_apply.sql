-- Retires the cells in undoing_cell that weren't there before, gives the others back
-- what they were, and brings back those that were retired.
WITH retired AS (
  DELETE FROM layers.cell c USING undoing_cell u WHERE c.territory_id = $1 AND c.id = u.id AND u.before IS NULL
  RETURNING u.code, c.name
), restored AS (
  UPDATE layers.cell c SET name = b.name, geom = b.geom, area_m2 = b.area_m2, provenance = b.provenance, published = b.published, batch = b.batch,
    person_id = (SELECT p.id FROM people.person p WHERE p.territory_id = $1 AND p.id = b.person_id)
  FROM undoing_cell u
  JOIN layers.version b ON b.territory_id = $1 AND b.cell_id = u.id AND lower(b.during) = u.before
  JOIN layers.version f ON f.territory_id = $1 AND f.cell_id = u.id AND lower(f.during) = u.first
  WHERE c.territory_id = $1 AND c.id = u.id
  RETURNING u.code, b.name, coalesce(f.published, '{}') || jsonb_build_object('name', f.name, 'provenance', f.provenance) AS now,
    coalesce(b.published, '{}') || jsonb_build_object('name', b.name, 'provenance', b.provenance, 'geometry', cells.changed_shape(f.geom, b.geom)) AS again
), back AS (
  INSERT INTO layers.cell (territory_id, id, layer, code, name, person_id, geom, area_m2, provenance, published, batch)
  OVERRIDING SYSTEM VALUE
  SELECT b.territory_id, b.cell_id, b.layer, b.code, b.name, (SELECT p.id FROM people.person p WHERE p.territory_id = $1 AND p.id = b.person_id),
    b.geom, b.area_m2, b.provenance, b.published, b.batch
  FROM undoing_cell u JOIN layers.version b ON b.territory_id = $1 AND b.cell_id = u.id AND lower(b.during) = u.before
  WHERE u.first IS NULL
  RETURNING layer || ':' || code AS code, name
), difference AS (
  SELECT code, jsonb_build_object('op', 'retired', 'code', code, 'name', name) AS difference FROM retired
  UNION ALL
  SELECT code, jsonb_build_object('op', 'created', 'code', code, 'name', name) FROM back
  UNION ALL
  SELECT code, jsonb_build_object('op', 'changed', 'code', code, 'name', name) || cells.changed_fields(now, again) FROM restored
)
SELECT (SELECT count(*) FROM difference), (SELECT count(*) FROM restored),
       coalesce((SELECT jsonb_agg(difference ORDER BY code) FROM (SELECT * FROM difference ORDER BY code LIMIT 10000) d), '[]')
