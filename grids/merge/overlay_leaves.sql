-- The leaves of an edition ($2), neighbours together, with the print that the run
-- before ($3) saw; none for those that a layer cell touches which was changed, came
-- or went since ($4 layers): they are merged again whatever they are. standing is what
-- else than its shape a leaf's conflicts of lines depend on.
WITH leaf AS MATERIALIZED (
  SELECT v.cell_id, v.from_edition, v.code, v.area_m2, v.may_divide, v.label, v.geom,
    concat_ws(' ', v.area_m2, v.may_divide, v.locked OR v.disputed, v.parent_id, v.siblings, count(*) OVER (PARTITION BY v.parent_id)) AS standing
  FROM (
    SELECT v.*, v.tier < cardinality(t.code_lengths) AS may_divide, s.siblings
    FROM cells.leaves($1, $2) v JOIN cells.territory t ON t.id = $1
    LEFT JOIN (SELECT parent_id, count(*) AS siblings FROM cells.of($1, $2) GROUP BY parent_id) s ON s.parent_id = v.parent_id
  ) v
), near AS MATERIALIZED (
  SELECT v.cell_id, v.from_edition, y.geom
  FROM merge.run r
  JOIN layers.version y ON y.territory_id = $1 AND y.layer = ANY ($4::text[]) AND (lower(y.during) > r.created_at OR upper(y.during) > r.created_at)
  JOIN cells.version v ON v.territory_id = $1 AND v.geom && y.geom
  WHERE r.territory_id = $1 AND r.id = $3
), again AS MATERIALIZED (
  SELECT l.cell_id FROM near n JOIN leaf l USING (cell_id, from_edition) WHERE ST_Intersects(n.geom, l.geom)
  UNION
  SELECT cell_id FROM merge.sliver WHERE territory_id = $1 AND run_id = $3 AND geom IS NULL
)
SELECT cell_id, from_edition, code, area_m2, cell_id AS home, NULL::text AS base_code, NULL::text AS base_name, may_divide, standing, print, ST_AsBinary(geom, 'NDR')
FROM (
  SELECT l.*, s.print
  FROM leaf l
  LEFT JOIN merge.seen_leaf s ON s.territory_id = $1 AND s.run_id = $3 AND s.cell_id = l.cell_id AND s.cell_id NOT IN (SELECT cell_id FROM again)
  ORDER BY l.label, l.cell_id
  OFFSET 0
) l
