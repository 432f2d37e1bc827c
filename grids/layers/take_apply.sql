-- A layer cell that was retired comes back with the identity it had; the batch's
-- changes begin at one instant, $4. What was sent is compared with what was sent
-- last for the cell. The first ten thousand differences are given.
WITH good AS (
  SELECT i.row, c.id AS there, i.layer, i.code, coalesce(nullif(i.name, ''), i.code) AS name, p.id AS person_id, p.name AS person, i.geom,
    ST_Area(ST_Transform(i.geom, t.epsg)) AS area_m2, i.provenance, i.published, i.sent, i.source_geom,
    i.sent IS NULL AND i.source_geom IS NULL OR (s.batch IS NOT NULL AND s.sent IS NOT DISTINCT FROM i.sent
      AND s.source_geom::bytea IS NOT DISTINCT FROM i.source_geom::bytea) AS sent_before
  FROM layers.intake i
  JOIN cells.territory t ON t.id = i.territory_id
  LEFT JOIN people.person p ON p.territory_id = i.territory_id AND p.staff_no = i.staff_no AND i.staff_no <> ''
  LEFT JOIN layers.cell c ON c.territory_id = $1 AND c.layer = i.layer AND c.code = i.code
  LEFT JOIN layers.sent s ON s.territory_id = $1 AND s.cell_id = c.id AND s.batch = c.batch
  WHERE i.territory_id = $1 AND i.batch = $2 AND i.row <> ALL ($3::int[])
), put AS (
  INSERT INTO layers.cell AS c (territory_id, id, layer, code, name, person_id, geom, area_m2, provenance, published, batch, changed_at)
  OVERRIDING SYSTEM VALUE
  SELECT $1, coalesce(g.there, past.id, nextval('layers.cell_id_seq')), g.layer, g.code, g.name, g.person_id, g.geom, g.area_m2, g.provenance,
    g.published, CASE WHEN g.there IS NULL OR NOT g.sent_before THEN $2::bigint END, $4
  FROM good g LEFT JOIN LATERAL (
    SELECT v.cell_id AS id FROM layers.version v
    WHERE g.there IS NULL AND v.territory_id = $1 AND v.layer = g.layer AND v.code = g.code ORDER BY lower(v.during) DESC LIMIT 1
  ) past ON true
  ORDER BY g.layer, g.code
  ON CONFLICT (territory_id, layer, code) DO UPDATE
  SET name = excluded.name, person_id = excluded.person_id, geom = excluded.geom,
    area_m2 = excluded.area_m2, provenance = excluded.provenance, published = excluded.published, batch = $2, changed_at = excluded.changed_at
  WHERE excluded.batch IS NOT NULL -- sent otherwise than before
    OR (c.name, c.provenance) <> (excluded.name, excluded.provenance)
    OR c.person_id IS DISTINCT FROM excluded.person_id
    OR c.published IS DISTINCT FROM excluded.published
    OR c.geom::bytea <> excluded.geom::bytea
  RETURNING id, layer, code
), kept AS (
  INSERT INTO layers.sent (territory_id, cell_id, batch, sent, source_geom)
  SELECT $1, p.id, $2, g.sent, g.source_geom FROM put p JOIN good g USING (layer, code)
  WHERE g.sent IS NOT NULL OR g.source_geom IS NOT NULL
), difference AS (
  SELECT g.row, jsonb_build_object('row', g.row, 'op', CASE WHEN g.there IS NULL THEN 'created' ELSE 'changed' END, 'code', g.code, 'name', g.name)
         || coalesce(f.fields, '{}') AS difference
  FROM (SELECT row, there FROM put JOIN good USING (layer, code) ORDER BY row LIMIT 10000) d
  JOIN good g USING (row)
  LEFT JOIN layers.cell c ON c.territory_id = $1 AND c.id = d.there
  LEFT JOIN people.person q ON q.territory_id = $1 AND q.id = c.person_id
  LEFT JOIN layers.sent s ON s.territory_id = $1 AND s.cell_id = c.id AND s.batch = c.batch
  LEFT JOIN LATERAL (
    SELECT cells.changed_fields(
      coalesce(s.sent, '{}') || coalesce(c.published, '{}') || jsonb_build_object('name', c.name, 'responsible', q.name, 'provenance', c.provenance),
      coalesce(g.sent, s.sent, '{}') || coalesce(g.published, '{}') || jsonb_build_object('name', g.name, 'responsible', g.person, 'provenance', g.provenance,
        'geometry', cells.changed_shape(c.geom, g.geom))) AS fields
    WHERE c.id IS NOT NULL
  ) f ON true
)
SELECT (SELECT count(*) FROM put), (SELECT count(*) FROM good) - (SELECT count(*) FROM put),
  (SELECT count(*) FROM put JOIN good USING (layer, code) WHERE there IS NULL),
  coalesce((SELECT jsonb_agg(difference ORDER BY row) FROM difference), '[]')
