-- Names of villages given for unlocated objects that name no leaf of the edition,
-- or several.
WITH leaf AS MATERIALIZED (
  SELECT cell_id, code, name FROM cells.leaves($1, $3)
)
SELECT i.row, 'cell_name', i.cell_name, CASE WHEN count(v.cell_id) = 0 THEN 'unknown-cell' ELSE 'ambiguous-cell' END, 'warning', i.code,
       CASE WHEN count(v.cell_id) = 0 THEN 'no village of this name or code; the object stays without one'
            ELSE 'several villages have this name: ' || string_agg(v.code, ', ' ORDER BY v.code) || '; none was chosen' END,
       NULL::float8, NULL::float8
FROM objects.intake i
LEFT JOIN leaf v ON v.name = btrim(i.cell_name) OR v.code = btrim(i.cell_name)
WHERE i.territory_id = $1 AND i.batch = $2 AND i.geom IS NULL AND btrim(i.cell_name) <> ''
GROUP BY i.row, i.cell_name, i.code
HAVING count(v.cell_id) <> 1
ORDER BY i.row
