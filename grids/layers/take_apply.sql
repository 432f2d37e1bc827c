-- A layer cell that was retired comes back with the identity it had; the batch's
-- changes begin at one instant, $4.
WITH good AS (
  SELECT coalesce(known.id, nextval('layers.cell_id_seq')) AS id, i.layer, i.code, coalesce(nullif(i.name, ''), i.code) AS name, p.id AS person_id, i.geom,
    ST_Area(ST_Transform(i.geom, t.epsg)) AS area_m2, i.provenance
  FROM layers.intake i
  JOIN cells.territory t ON t.id = i.territory_id
  LEFT JOIN people.person p ON p.territory_id = i.territory_id AND p.staff_no = i.staff_no AND i.staff_no <> ''
  LEFT JOIN LATERAL (
    SELECT v.cell_id AS id FROM layers.version v
    WHERE v.territory_id = $1 AND v.layer = i.layer AND v.code = i.code ORDER BY lower(v.during) DESC LIMIT 1
  ) known ON true
  WHERE i.territory_id = $1 AND i.batch = $2 AND i.row <> ALL ($3::int[])
), put AS (
  INSERT INTO layers.cell AS c (territory_id, id, layer, code, name, person_id, geom, area_m2, provenance, changed_at)
  OVERRIDING SYSTEM VALUE
  SELECT $1, id, layer, code, name, person_id, geom, area_m2, provenance, $4 FROM good
  ORDER BY layer, code
  ON CONFLICT (territory_id, layer, code) DO UPDATE
  SET name = excluded.name, person_id = excluded.person_id, geom = excluded.geom,
    area_m2 = excluded.area_m2, provenance = excluded.provenance, changed_at = excluded.changed_at
  WHERE (c.name, c.provenance) <> (excluded.name, excluded.provenance)
    OR c.person_id IS DISTINCT FROM excluded.person_id
    OR c.geom::bytea <> excluded.geom::bytea
  RETURNING 1
)
SELECT (SELECT count(*) FROM put), (SELECT count(*) FROM good) - (SELECT count(*) FROM put)
