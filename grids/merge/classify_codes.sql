-- Codes that mean two places: a layer cell that has the code of a unified cell but
-- shares less than half of the smaller one's area with it; a code that two unified
-- cells have.
INSERT INTO merge_found (kind, layer, cell_id, detail, place, area_m2, blocking, proposal, reason)
SELECT 'code-clash', c.layer, v.cell_id,
  jsonb_build_object('code', c.code, 'cells', jsonb_build_array(jsonb_build_object('code', c.code, 'name', c.name)),
    'cell_name', v.name, 'share', round(s.share::numeric, 6)),
  ST_PointOnSurface(c.geom), c.area_m2, true, 'keep-unified-code', 'code-elsewhere'
FROM layers.cell c
JOIN cells.of($1, $2) v ON v.code = c.code
CROSS JOIN LATERAL (
  SELECT CASE WHEN c.geom && v.geom
    THEN ST_Area(merge.common(c.geom, v.geom)) / least(ST_Area(c.geom), ST_Area(v.geom)) ELSE 0 END AS share OFFSET 0
) s
WHERE c.territory_id = $1 AND c.layer = ANY ($3::text[]) AND s.share < 0.5
UNION ALL
SELECT 'code-clash', NULL, v.cell_id, jsonb_build_object('code', v.code), v.label, v.area_m2, true, 'recode', 'code-duplicate'
FROM (SELECT *, count(*) OVER (PARTITION BY code) AS n FROM cells.of($1, $2)) v
WHERE v.n > 1
