-- $1 territory, $2 edition, $3 code, $4 with all below, $5 instant
SELECT v.cell_id, v.code, v.name, v.tier,
       (SELECT coalesce(array_agg(a.uid ORDER BY a.steps), '{}') FROM people.superiors($1, ARRAY[v.cell_id], ARRAY[$2::int], ARRAY[$5::timestamptz]) a WHERE a.steps > 0)
FROM cells.of($1, $2) top
CROSS JOIN LATERAL cells.descendants($1, ARRAY[top.cell_id], ARRAY[$2::int]) d
JOIN cells.of($1, $2) v ON v.cell_id = d.uid
WHERE top.code = $3 AND (d.steps = 0 OR $4::boolean)
ORDER BY v.tier, v.code USING ~<~
