-- What a batch changes in edition $3: the versions that it made beside those that
-- they replace. A version of the draft that was replaced stands in the journal.
WITH made AS (
  SELECT v.cell_id, v.code, v.name, v.tier, v.area_m2, coalesce(p.cell_id, (j.before).cell_id) AS there,
         coalesce(p.name, (j.before).name) AS old_name, coalesce(p.area_m2, (j.before).area_m2) AS old_area
  FROM cells.version v
  LEFT JOIN cells.version p ON p.territory_id = $1 AND p.cell_id = v.cell_id AND p.to_edition = v.from_edition
  LEFT JOIN cells.step s ON s.territory_id = $1 AND s.edition = $3 AND s.batch = $2
  LEFT JOIN cells.journal j ON j.territory_id = $1 AND j.edition = $3 AND j.step = s.step AND j.cell_id = v.cell_id AND j.from_edition = v.from_edition
  WHERE v.territory_id = $1 AND v.batch = $2 AND v.from_edition = $3
)
SELECT count(*) FILTER (WHERE there IS NULL), count(*) FILTER (WHERE there IS NOT NULL), coalesce((
  SELECT jsonb_agg(jsonb_build_object('row', coalesce(i.row, 0), 'op', CASE WHEN d.there IS NULL THEN 'created' ELSE 'changed' END, 'code', d.code, 'name', d.name)
           || CASE WHEN d.there IS NULL THEN '{}' ELSE cells.changed_fields(jsonb_build_object('name', d.old_name), jsonb_build_object('name', d.name,
                'geometry', 'area ' || cells.square_metres(d.old_area) || ' → ' || cells.square_metres(d.area_m2))) END
           ORDER BY d.tier, d.code)
  FROM (SELECT * FROM made ORDER BY tier, code LIMIT 10000) d
  LEFT JOIN cells.intake i ON i.territory_id = $1 AND i.batch = $2 AND i.code = d.code AND i.tier = d.tier
), '[]')
FROM made
