-- Inserts and updates the objects of a batch, from the instant $3 on, and notes
-- in placing_id those that changed. A row without a place leaves the one that is
-- known. The first ten thousand differences are given.
WITH saved AS (
  INSERT INTO objects.object AS o (territory_id, id, kind, code, name, geom, located_by, hint_cell, attributes, provenance, published, batch, changed_at)
  OVERRIDING SYSTEM VALUE
  SELECT $1, k.id, k.kind, k.code, btrim(i.name), i.geom, CASE WHEN i.geom IS NOT NULL THEN coalesce(nullif(btrim(i.located_by), ''), 'import') END, h.cell_id,
         i.attributes, i.provenance, i.published, CASE WHEN NOT k.there OR NOT k.sent_before THEN $2::bigint END, $3
  FROM taking_known k
  CROSS JOIN LATERAL (SELECT * FROM objects.intake i WHERE i.territory_id = $1 AND i.batch = $2 AND i.row = k.row OFFSET 0) i
  LEFT JOIN taking_hint h ON h.row = k.row
  ON CONFLICT ON CONSTRAINT object_code_unique DO UPDATE SET
    name = EXCLUDED.name, geom = coalesce(EXCLUDED.geom, o.geom), located_by = coalesce(EXCLUDED.located_by, o.located_by),
    hint_cell = coalesce(EXCLUDED.hint_cell, o.hint_cell), attributes = EXCLUDED.attributes,
    provenance = EXCLUDED.provenance, published = EXCLUDED.published, batch = $2, changed_at = EXCLUDED.changed_at
  WHERE EXCLUDED.batch IS NOT NULL -- sent otherwise than before
    OR (o.name, o.geom, o.located_by, o.hint_cell, o.attributes, o.provenance, o.published) IS DISTINCT FROM
    (EXCLUDED.name, coalesce(EXCLUDED.geom, o.geom), coalesce(EXCLUDED.located_by, o.located_by),
     coalesce(EXCLUDED.hint_cell, o.hint_cell), EXCLUDED.attributes, EXCLUDED.provenance, EXCLUDED.published)
  RETURNING id
), noted AS (
  INSERT INTO placing_id SELECT id FROM saved
), differing AS (
  SELECT k.* FROM taking_known k WHERE k.id IN (SELECT id FROM saved) ORDER BY k.row LIMIT 10000
), difference AS (
  SELECT d.row, jsonb_build_object('row', d.row, 'op', CASE WHEN d.there THEN 'changed' ELSE 'created' END, 'code', d.code, 'name', btrim(i.name))
         || coalesce(f.fields, '{}') AS difference
  FROM differing d
  -- one look-up by key each, whatever the planner knows of a batch
  CROSS JOIN LATERAL (SELECT * FROM objects.intake i WHERE i.territory_id = $1 AND i.batch = $2 AND i.row = d.row OFFSET 0) i
  LEFT JOIN taking_hint t ON t.row = d.row
  LEFT JOIN LATERAL (SELECT * FROM objects.object o WHERE d.there AND o.territory_id = $1 AND o.id = d.id OFFSET 0) o ON true
  LEFT JOIN LATERAL (
    SELECT cells.changed_fields(
      coalesce(s.sent, '{}') || coalesce(o.published, '{}') || o.attributes
        || jsonb_build_object('name', o.name, 'located_by', o.located_by, 'village', b.name, 'provenance', o.provenance),
      coalesce(i.sent, s.sent, '{}') || coalesce(i.published, '{}') || i.attributes
        || jsonb_build_object('name', btrim(i.name), 'village', h.name, 'provenance', i.provenance,
             'located_by', CASE WHEN i.geom IS NOT NULL THEN coalesce(nullif(btrim(i.located_by), ''), 'import') ELSE o.located_by END,
             'geometry', cells.changed_shape(o.geom, coalesce(i.geom, o.geom)))) AS fields
    FROM (SELECT WHERE o.id IS NOT NULL) there
    LEFT JOIN objects.sent s ON s.territory_id = $1 AND s.object_id = o.id AND s.batch = o.batch
    LEFT JOIN LATERAL (SELECT v.name FROM cells.version v WHERE v.territory_id = $1 AND v.cell_id = coalesce(t.cell_id, o.hint_cell) ORDER BY v.from_edition DESC LIMIT 1) h ON true
    LEFT JOIN LATERAL (SELECT v.name FROM cells.version v WHERE v.territory_id = $1 AND v.cell_id = o.hint_cell ORDER BY v.from_edition DESC LIMIT 1) b ON true
  ) f ON true
)
SELECT (SELECT count(*) FROM saved), (SELECT count(*) FROM objects.intake WHERE territory_id = $1 AND batch = $2) - (SELECT count(*) FROM saved),
       (SELECT count(*) FROM taking_known k WHERE NOT k.there AND k.id IN (SELECT id FROM saved)),
       coalesce((SELECT jsonb_agg(difference ORDER BY row) FROM difference), '[]')
