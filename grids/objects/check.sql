-- The invariant of placement by plain SQL, derived anew from geometry, for the
-- objects of a territory in edition $2 at $3. What is recorded and what is
-- derived are put under one another and grouped, so that no plan depends on how
-- many rows the planner expects right after a bulk load.
WITH leaf AS MATERIALIZED (
  SELECT v.cell_id, v.code, v.geom FROM cells.version v
  WHERE v.territory_id = $1 AND v.from_edition <= $2 AND (v.to_edition > $2 OR v.to_edition IS NULL)
    AND NOT EXISTS (SELECT FROM cells.version c
      WHERE c.territory_id = $1 AND c.parent_id = v.cell_id AND c.from_edition <= $2 AND (c.to_edition > $2 OR c.to_edition IS NULL))
), fact AS MATERIALIZED (
  SELECT o.id, NULL::bigint AS cell_id, NULL::text AS placed, NULL::float8 AS share, NULL::text AS found, NULL::float8 AS measured,
         o.outside_share AS outside, o.geom IS NOT NULL AS located, coalesce(ST_Dimension(o.geom), 0) AS dim,
         ST_GeometryType(o.geom) = 'ST_Point' AS point
  FROM objects.object o WHERE o.territory_id = $1
  UNION ALL
  SELECT p.object_id, p.cell_id, CASE WHEN v.cell_id IS NOT NULL AND NOT EXISTS (SELECT FROM cells.version c
           WHERE c.territory_id = $1 AND c.parent_id = p.cell_id AND c.from_edition <= $2 AND (c.to_edition > $2 OR c.to_edition IS NULL))
         THEN v.code END, p.share, NULL, NULL, NULL, NULL, NULL, NULL
  FROM objects.placement p
  LEFT JOIN cells.version v ON v.territory_id = $1 AND v.cell_id = p.cell_id AND v.from_edition <= $2 AND (v.to_edition > $2 OR v.to_edition IS NULL)
  WHERE p.territory_id = $1 AND lower(p.during) <= $3 AND (upper(p.during) > $3 OR upper(p.during) IS NULL)
  UNION ALL
  SELECT o.id, l.cell_id, NULL, NULL, l.code, o.measured, NULL, NULL, NULL, NULL
  FROM leaf l CROSS JOIN LATERAL (
    SELECT o.id, CASE ST_Dimension(o.geom)
             WHEN 0 THEN 1
             WHEN 1 THEN ST_Length(ST_Intersection(l.geom, o.geom)::geography) / ST_Length(ST_UnaryUnion(o.geom)::geography)
             ELSE ST_Area(ST_Intersection(l.geom, o.geom)) / ST_Area(o.geom) END AS measured
    FROM objects.object o WHERE o.territory_id = $1 AND ST_Intersects(l.geom, o.geom)
    OFFSET 0
  ) o
), whole AS (
  SELECT id, max(dim) AS dim, bool_or(point) AS point, bool_or(located) AS located, max(outside) AS outside,
         coalesce(sum(share), 0) AS inside, count(share) AS cells, min(placed) AS placed, min(found) AS found, coalesce(sum(measured), 0) AS measured
  FROM fact GROUP BY id
), part AS (
  SELECT id, cell_id, max(placed) AS placed, sum(share) AS share, coalesce(sum(measured), 0) AS measured
  FROM fact WHERE cell_id IS NOT NULL GROUP BY id, cell_id
), fault AS (
  SELECT id, 'sum' AS kind, '各网格份额与辖区外份额之和为 ' || inside + outside AS message_zh, 'shares and outside share sum to ' || inside + outside AS message
  FROM whole WHERE located AND abs(inside + outside - 1) > 1e-9
  UNION ALL
  SELECT id, 'unplaced', '在辖区内却不属于任何网格', 'the object lies inside the territory and in no cell' FROM whole WHERE located AND cells = 0 AND measured >= 1e-9
  UNION ALL
  SELECT id, 'wrong-cell', '点位在 ' || coalesce(found, '任何网格之外') || ',却归在 ' || coalesce(placed, '空'), 'the point lies in ' || coalesce(found, 'no cell') || ' and is placed in ' || coalesce(placed, 'none')
  FROM whole WHERE point AND cells > 0 AND (found IS DISTINCT FROM placed OR cells > 1)
  UNION ALL
  SELECT id, 'unlocated', '位置未知却已归属网格', 'placed though the place is not known' FROM whole WHERE NOT located AND cells > 0
  UNION ALL
  SELECT id, 'not-a-leaf', '所归网格(uid ' || cell_id || ')不是第 ' || $2::int || ' 版的末级网格', 'placed in a cell (uid ' || cell_id || ') that is no leaf of edition ' || $2::int
  FROM part WHERE share IS NOT NULL AND placed IS NULL
  UNION ALL
  -- a line's share may be less than measured where it runs along a border
  SELECT p.id, 'wrong-share', '在 ' || p.placed || ' 的份额为 ' || p.share || ',实测 ' || p.measured, 'share ' || p.share || ' in ' || p.placed || ', measured ' || p.measured
  FROM part p JOIN objects.object o ON o.territory_id = $1 AND o.id = p.id
  WHERE p.placed IS NOT NULL AND abs(p.share - p.measured) > 1e-6
    AND CASE ST_Dimension(o.geom) WHEN 0 THEN false WHEN 1 THEN p.share > p.measured + 0.001 ELSE true END
  UNION ALL
  SELECT o.id, 'history', '现状与在用的版本不一致', 'what is recorded of the object is not the version in force'
  FROM objects.object o LEFT JOIN objects.version v ON v.territory_id = $1 AND v.object_id = o.id AND upper_inf(v.during)
  WHERE o.territory_id = $1 AND ((v.kind, v.code, v.name, v.located_by, v.hint_cell, v.attributes, v.provenance, v.outside_share)
      IS DISTINCT FROM (o.kind, o.code, o.name, o.located_by, o.hint_cell, o.attributes, o.provenance, o.outside_share)
    OR v.geom::bytea IS DISTINCT FROM o.geom::bytea)
  UNION ALL
  SELECT object_id, 'overlap', '同一时间(' || begins || ')两次归入同一网格(uid ' || cell_id || ')', 'placed twice in the same cell (uid ' || cell_id || ') at ' || begins
  FROM (SELECT object_id, cell_id, lower(during) AS begins, max(coalesce(upper(during), 'infinity')) OVER
          (PARTITION BY object_id, cell_id ORDER BY lower(during) ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
        FROM objects.placement WHERE territory_id = $1) t
  WHERE begins < before
)
SELECT 0, '', '', f.kind, 'error', o.code, f.message_zh, f.message, ST_X(ST_PointOnSurface(o.geom)), ST_Y(ST_PointOnSurface(o.geom))
FROM fault f JOIN objects.object o ON o.territory_id = $1 AND o.id = f.id
ORDER BY o.code, f.kind, f.message
