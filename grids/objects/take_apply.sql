-- Inserts and updates the objects of a batch, from the instant $4 on, and notes
-- in placing_id those that changed. A row without a place leaves the one that is
-- known. An object that was retired comes back with the identity it had.
WITH leaf AS MATERIALIZED (
  SELECT cell_id, code, name FROM cells.leaves($1, $3)
), incoming AS (
  SELECT DISTINCT ON (btrim(i.kind), btrim(i.code)) btrim(i.kind) AS kind, btrim(i.code) AS code, btrim(i.name) AS name, i.geom,
         CASE WHEN i.geom IS NOT NULL THEN coalesce(nullif(btrim(i.located_by), ''), 'import') END AS located_by,
         h.cell_id AS hint_cell, i.attributes, i.provenance
  FROM objects.intake i
  LEFT JOIN LATERAL (
    SELECT min(v.cell_id) AS cell_id FROM leaf v
    WHERE i.geom IS NULL AND btrim(i.cell_name) IN (v.name, v.code) HAVING count(*) = 1
  ) h ON true
  WHERE i.territory_id = $1 AND i.batch = $2
  ORDER BY btrim(i.kind), btrim(i.code), i.row
), saved AS (
  INSERT INTO objects.object AS o (territory_id, id, kind, code, name, geom, located_by, hint_cell, attributes, provenance, changed_at)
  OVERRIDING SYSTEM VALUE
  SELECT $1, coalesce(known.id, nextval('objects.object_id_seq')), kind, code, name, geom, located_by, hint_cell, attributes, provenance, $4
  FROM incoming LEFT JOIN LATERAL (
    SELECT v.object_id AS id FROM objects.version v
    WHERE v.territory_id = $1 AND v.kind = incoming.kind AND v.code = incoming.code ORDER BY lower(v.during) DESC LIMIT 1
  ) known ON true
  ON CONFLICT ON CONSTRAINT object_code_unique DO UPDATE SET
    name = EXCLUDED.name, geom = coalesce(EXCLUDED.geom, o.geom), located_by = coalesce(EXCLUDED.located_by, o.located_by),
    hint_cell = coalesce(EXCLUDED.hint_cell, o.hint_cell), attributes = EXCLUDED.attributes,
    provenance = EXCLUDED.provenance, changed_at = EXCLUDED.changed_at
  WHERE (o.name, o.geom, o.located_by, o.hint_cell, o.attributes, o.provenance) IS DISTINCT FROM
    (EXCLUDED.name, coalesce(EXCLUDED.geom, o.geom), coalesce(EXCLUDED.located_by, o.located_by),
     coalesce(EXCLUDED.hint_cell, o.hint_cell), EXCLUDED.attributes, EXCLUDED.provenance)
  RETURNING id
), noted AS (
  INSERT INTO placing_id SELECT id FROM saved
)
SELECT count(*), (SELECT count(*) FROM objects.intake WHERE territory_id = $1 AND batch = $2) - count(*)
FROM saved
