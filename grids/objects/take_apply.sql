-- Inserts and updates the objects of a batch, from the instant $3 on, and notes
-- in placing_id those that changed. A row without a place leaves the one that is
-- known. An object that was retired comes back with the identity it had. What was
-- sent is compared with what was sent last for the object. The first ten thousand
-- differences are given.
WITH incoming AS (
  SELECT DISTINCT ON (btrim(i.kind), btrim(i.code)) i.row, btrim(i.kind) AS kind, btrim(i.code) AS code, btrim(i.name) AS name, i.geom,
         CASE WHEN i.geom IS NOT NULL THEN coalesce(nullif(btrim(i.located_by), ''), 'import') END AS located_by,
         h.cell_id AS hint_cell, i.attributes, i.provenance, i.published, i.sent, i.source_geom
  FROM objects.intake i
  LEFT JOIN taking_hint h ON h.row = i.row
  WHERE i.territory_id = $1 AND i.batch = $2
  ORDER BY btrim(i.kind), btrim(i.code), i.row
), known AS (
  SELECT i.*, o.id AS there,
         i.sent IS NULL AND i.source_geom IS NULL OR (s.batch IS NOT NULL AND s.sent IS NOT DISTINCT FROM i.sent
           AND s.source_geom::bytea IS NOT DISTINCT FROM i.source_geom::bytea) AS sent_before
  FROM incoming i
  LEFT JOIN objects.object o ON o.territory_id = $1 AND o.kind = i.kind AND o.code = i.code
  LEFT JOIN objects.sent s ON s.territory_id = $1 AND s.object_id = o.id AND s.batch = o.batch
), saved AS (
  INSERT INTO objects.object AS o (territory_id, id, kind, code, name, geom, located_by, hint_cell, attributes, provenance, published, batch, changed_at)
  OVERRIDING SYSTEM VALUE
  SELECT $1, coalesce(k.there, past.id, nextval('objects.object_id_seq')), k.kind, k.code, k.name, k.geom, k.located_by, k.hint_cell, k.attributes, k.provenance,
         k.published, CASE WHEN k.there IS NULL OR NOT k.sent_before THEN $2::bigint END, $3
  FROM known k LEFT JOIN LATERAL (
    SELECT v.object_id AS id FROM objects.version v
    WHERE k.there IS NULL AND v.territory_id = $1 AND v.kind = k.kind AND v.code = k.code ORDER BY lower(v.during) DESC LIMIT 1
  ) past ON true
  ON CONFLICT ON CONSTRAINT object_code_unique DO UPDATE SET
    name = EXCLUDED.name, geom = coalesce(EXCLUDED.geom, o.geom), located_by = coalesce(EXCLUDED.located_by, o.located_by),
    hint_cell = coalesce(EXCLUDED.hint_cell, o.hint_cell), attributes = EXCLUDED.attributes,
    provenance = EXCLUDED.provenance, published = EXCLUDED.published, batch = $2, changed_at = EXCLUDED.changed_at
  WHERE EXCLUDED.batch IS NOT NULL -- sent otherwise than before
    OR (o.name, o.geom, o.located_by, o.hint_cell, o.attributes, o.provenance, o.published) IS DISTINCT FROM
    (EXCLUDED.name, coalesce(EXCLUDED.geom, o.geom), coalesce(EXCLUDED.located_by, o.located_by),
     coalesce(EXCLUDED.hint_cell, o.hint_cell), EXCLUDED.attributes, EXCLUDED.provenance, EXCLUDED.published)
  RETURNING id, kind, code
), noted AS (
  INSERT INTO placing_id SELECT id FROM saved
), kept AS (
  INSERT INTO objects.sent (territory_id, object_id, batch, sent, source_geom)
  SELECT $1, s.id, $2, k.sent, k.source_geom FROM saved s JOIN known k USING (kind, code)
  WHERE k.sent IS NOT NULL OR k.source_geom IS NOT NULL
), differing AS (
  SELECT k.row, k.there, k.kind, k.code FROM saved s JOIN known k USING (kind, code) ORDER BY k.row LIMIT 10000
), difference AS (
  SELECT d.row, jsonb_build_object('row', d.row, 'op', CASE WHEN d.there IS NULL THEN 'created' ELSE 'changed' END, 'code', d.code, 'name', k.name)
         || coalesce(f.fields, '{}') AS difference
  FROM differing d
  JOIN known k USING (row)
  LEFT JOIN objects.object o ON o.territory_id = $1 AND o.id = d.there
  LEFT JOIN cells.version h ON h.territory_id = $1 AND h.cell_id = coalesce(k.hint_cell, o.hint_cell) AND h.to_edition IS NULL
  LEFT JOIN cells.version b ON b.territory_id = $1 AND b.cell_id = o.hint_cell AND b.to_edition IS NULL
  LEFT JOIN objects.sent s ON s.territory_id = $1 AND s.object_id = o.id AND s.batch = o.batch
  LEFT JOIN LATERAL (
    SELECT cells.changed_fields(
      coalesce(s.sent, '{}') || coalesce(o.published, '{}') || o.attributes
        || jsonb_build_object('name', o.name, 'located_by', o.located_by, 'village', b.name, 'provenance', o.provenance),
      coalesce(k.sent, s.sent, '{}') || coalesce(k.published, '{}') || k.attributes
        || jsonb_build_object('name', k.name, 'located_by', coalesce(k.located_by, o.located_by), 'village', h.name, 'provenance', k.provenance,
             'geometry', cells.changed_shape(o.geom, coalesce(k.geom, o.geom)))) AS fields
    WHERE o.id IS NOT NULL
  ) f ON true
)
SELECT (SELECT count(*) FROM saved), (SELECT count(*) FROM objects.intake WHERE territory_id = $1 AND batch = $2) - (SELECT count(*) FROM saved),
       (SELECT count(*) FROM saved JOIN known k USING (kind, code) WHERE k.there IS NULL),
       coalesce((SELECT jsonb_agg(difference ORDER BY row) FROM difference), '[]')
