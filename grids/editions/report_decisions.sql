-- How often conflicts of the own merge of edition $2 of territory $1 were settled
-- alike: in all, and by township (tier $3, the first $4 digits of a code; '' for
-- what is in none: about cells above, or beyond all cells).
SELECT grouping(town) = 0, coalesce(town, ''), coalesce(max(name), ''), kind, resolution, settled_by, rule, count(*)
FROM (
  SELECT CASE WHEN v.tier >= $3 THEN left(v.code, $4) ELSE '' END AS town,
    c.kind, split_part(c.resolution, ':', 1) AS resolution, c.settled_by, c.settled_by LIKE 'rule %' AS rule
  FROM merge.run r
  JOIN merge.conflict c ON c.territory_id = r.territory_id AND c.run_id = r.id AND c.state = 'settled'
  LEFT JOIN cells.of($1, $2) v ON v.cell_id = c.cell_id
  WHERE r.territory_id = $1 AND r.edition = $2 AND r.id = merge.latest($1, $2)
) d
LEFT JOIN (SELECT left(code, $4) AS prefix, name FROM cells.of($1, $2) WHERE tier = $3) t ON t.prefix = d.town
GROUP BY GROUPING SETS ((kind, resolution, settled_by, rule), (town, kind, resolution, settled_by, rule))
ORDER BY town COLLATE "C" NULLS FIRST, rule DESC, count(*) DESC, kind, resolution, settled_by
