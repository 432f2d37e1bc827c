-- How the areas of cells that a batch gave another boundary in edition $3 differ. A
-- version of the draft itself that was replaced stands in the journal.
SELECT v.code, 'area ' || cells.square_metres(coalesce(p.area_m2, j.area_m2)) || ' → ' || cells.square_metres(v.area_m2)
FROM unnest($4::bigint[]) AS replaced (id)
JOIN cells.version v ON v.territory_id = $1 AND v.cell_id = replaced.id AND v.from_edition = $3
LEFT JOIN LATERAL (
  SELECT p.area_m2 FROM cells.version p WHERE p.territory_id = $1 AND p.cell_id = replaced.id AND p.to_edition = $3 OFFSET 0
) p ON true
LEFT JOIN LATERAL (
  SELECT (j.before).area_m2 FROM cells.journal j
  WHERE j.territory_id = $1 AND j.edition = $3 AND j.step = (SELECT s.step FROM cells.step s WHERE s.territory_id = $1 AND s.edition = $3 AND s.batch = $2)
    AND j.cell_id = replaced.id AND j.from_edition = $3 OFFSET 0
) j ON true
