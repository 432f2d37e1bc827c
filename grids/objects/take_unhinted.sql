-- Names of villages given for unlocated objects that name no leaf of the edition,
-- or several.
SELECT i.row, CASE WHEN btrim(i.choice) <> '' THEN 'choice' ELSE 'cell_name' END, coalesce(nullif(btrim(i.choice), ''), i.cell_name),
       CASE WHEN h.candidates IS NULL THEN 'unknown-cell' ELSE 'ambiguous' END, 'warning', i.code,
       CASE WHEN h.candidates IS NULL THEN '没有这个名称或代码的村(社区),暂不归属' ELSE '有几个村(社区)同名,未选,请指明' END,
       CASE WHEN h.candidates IS NULL THEN 'no village of this name or code; the object stays without one'
            ELSE 'several villages have this name; none was chosen: say which' END,
       NULL::float8, NULL::float8, h.candidates
FROM taking_hint h
CROSS JOIN LATERAL (SELECT * FROM objects.intake i WHERE i.territory_id = $1 AND i.batch = $2 AND i.row = h.row OFFSET 0) i
WHERE h.cell_id IS NULL
ORDER BY i.row
