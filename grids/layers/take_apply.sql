-- Inserts and updates the layer cells of a batch, beginning at one instant, $3,
-- and keeps what was sent for them. Look-ups are by key, whatever the planner
-- knows of the batch. The first ten thousand differences are given.
WITH put AS (
  INSERT INTO layers.cell AS c (territory_id, id, layer, code, name, person_id, geom, area_m2, provenance, published, batch, changed_at)
  OVERRIDING SYSTEM VALUE
  SELECT $1, k.id, i.layer, i.code, coalesce(nullif(i.name, ''), i.code), p.id, i.geom, ST_Area(ST_Transform(i.geom, t.epsg)), i.provenance,
    i.published, CASE WHEN NOT k.there OR NOT k.sent_before THEN $2::bigint END, $3
  FROM taking_cell k
  CROSS JOIN LATERAL (SELECT * FROM layers.intake i WHERE i.territory_id = $1 AND i.batch = $2 AND i.row = k.row OFFSET 0) i
  JOIN cells.territory t ON t.id = $1
  LEFT JOIN LATERAL (SELECT * FROM people.person p WHERE i.staff_no <> '' AND p.territory_id = $1 AND p.staff_no = i.staff_no OFFSET 0) p ON true
  ORDER BY i.layer, i.code
  ON CONFLICT (territory_id, layer, code) DO UPDATE
  SET name = excluded.name, person_id = excluded.person_id, geom = excluded.geom,
    area_m2 = excluded.area_m2, provenance = excluded.provenance, published = excluded.published, batch = $2, changed_at = excluded.changed_at
  WHERE excluded.batch IS NOT NULL -- sent otherwise than before
    OR (c.name, c.provenance) <> (excluded.name, excluded.provenance)
    OR c.person_id IS DISTINCT FROM excluded.person_id
    OR c.published IS DISTINCT FROM excluded.published
    OR c.geom::bytea <> excluded.geom::bytea
  RETURNING id
), done AS MATERIALIZED (
  SELECT k.* FROM taking_cell k WHERE k.id IN (SELECT id FROM put)
), kept AS (
  INSERT INTO layers.sent (territory_id, cell_id, batch, sent, source_geom)
  SELECT $1, d.id, $2, i.sent, i.source_geom
  FROM done d CROSS JOIN LATERAL (SELECT * FROM layers.intake i WHERE i.territory_id = $1 AND i.batch = $2 AND i.row = d.row OFFSET 0) i
  WHERE i.sent IS NOT NULL OR i.source_geom IS NOT NULL
), difference AS (
  SELECT d.row, jsonb_build_object('row', d.row, 'op', CASE WHEN d.there THEN 'changed' ELSE 'created' END, 'code', i.code, 'name', coalesce(nullif(i.name, ''), i.code))
         || coalesce(f.fields, '{}') AS difference
  FROM (SELECT * FROM done ORDER BY row LIMIT 10000) d
  CROSS JOIN LATERAL (SELECT * FROM layers.intake i WHERE i.territory_id = $1 AND i.batch = $2 AND i.row = d.row OFFSET 0) i
  LEFT JOIN LATERAL (
    SELECT cells.changed_fields(
      coalesce(s.sent, '{}') || coalesce(c.published, '{}') || jsonb_build_object('name', c.name, 'responsible', q.name, 'provenance', c.provenance),
      coalesce(i.sent, s.sent, '{}') || coalesce(i.published, '{}') || jsonb_build_object('name', coalesce(nullif(i.name, ''), i.code), 'responsible', p.name,
        'provenance', i.provenance, 'geometry', cells.changed_shape(c.geom, i.geom))) AS fields
    FROM (SELECT * FROM layers.cell c WHERE d.there AND c.territory_id = $1 AND c.id = d.id OFFSET 0) c
    LEFT JOIN LATERAL (SELECT * FROM layers.sent s WHERE s.territory_id = $1 AND s.cell_id = c.id AND s.batch = c.batch OFFSET 0) s ON true
    LEFT JOIN LATERAL (SELECT * FROM people.person q WHERE q.territory_id = $1 AND q.id = c.person_id OFFSET 0) q ON true
    LEFT JOIN LATERAL (SELECT * FROM people.person p WHERE i.staff_no <> '' AND p.territory_id = $1 AND p.staff_no = i.staff_no OFFSET 0) p ON true
  ) f ON true
)
SELECT (SELECT count(*) FROM put), (SELECT count(*) FROM taking_cell) - (SELECT count(*) FROM put),
  (SELECT count(*) FROM done WHERE NOT there),
  coalesce((SELECT jsonb_agg(difference ORDER BY row) FROM difference), '[]')
