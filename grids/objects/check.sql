-- The invariant of placement by plain SQL, derived anew from geometry, for the
-- objects of a territory in edition $2 at $3.
WITH leaf AS MATERIALIZED (
  SELECT v.cell_id, v.code, v.geom FROM cells.version v
  WHERE v.territory_id = $1 AND v.from_edition <= $2 AND (v.to_edition > $2 OR v.to_edition IS NULL)
    AND v.cell_id NOT IN (SELECT c.parent_id FROM cells.version c
      WHERE c.territory_id = $1 AND c.parent_id IS NOT NULL AND c.from_edition <= $2 AND (c.to_edition > $2 OR c.to_edition IS NULL))
), placed AS MATERIALIZED (
  SELECT p.object_id, p.cell_id, p.share, l.code
  FROM objects.placement p LEFT JOIN leaf l USING (cell_id)
  WHERE p.territory_id = $1 AND lower(p.during) <= $3 AND (upper(p.during) > $3 OR upper(p.during) IS NULL)
), object AS (
  SELECT o.id, o.code, o.geom, o.outside_share, ST_Dimension(o.geom) AS dim FROM objects.object o
  WHERE o.territory_id = $1 AND o.geom IS NOT NULL
), total AS (
  SELECT o.id, coalesce(sum(p.share), 0) AS inside, count(p.share) AS cells, min(p.code) AS code
  FROM object o LEFT JOIN placed p ON p.object_id = o.id GROUP BY o.id
), derived AS (
  SELECT o.id, min(l.code) AS code FROM leaf l JOIN objects.object o ON o.territory_id = $1 AND ST_Covers(l.geom, o.geom)
  WHERE ST_Dimension(o.geom) = 0 GROUP BY o.id
), measured AS (
  SELECT o.id, l.cell_id, CASE ST_Dimension(o.geom)
           WHEN 2 THEN ST_Area(ST_Intersection(l.geom, o.geom)) / ST_Area(o.geom)
           ELSE ST_Length(ST_Intersection(l.geom, o.geom)::geography) / ST_Length(ST_UnaryUnion(o.geom)::geography) END AS share
  FROM leaf l JOIN objects.object o ON o.territory_id = $1 AND ST_Dimension(o.geom) > 0 AND ST_Intersects(l.geom, o.geom)
), fault AS (
  SELECT o.id, 'sum' AS kind, 'shares and outside share sum to ' || t.inside + o.outside_share AS message
  FROM object o JOIN total t USING (id) WHERE abs(t.inside + o.outside_share - 1) > 1e-9
  UNION ALL
  SELECT o.id, 'unplaced', 'the object lies inside the territory and in no cell'
  FROM object o JOIN total t USING (id)
  WHERE t.cells = 0 AND (EXISTS (SELECT FROM derived d WHERE d.id = o.id)
    OR (SELECT sum(m.share) FROM measured m WHERE m.id = o.id) >= 1e-9)
  UNION ALL
  SELECT o.id, 'wrong-cell', 'the point lies in ' || coalesce(d.code, 'no cell') || ' and is placed in ' || coalesce(t.code, 'none')
  FROM object o JOIN total t USING (id) LEFT JOIN derived d USING (id)
  WHERE ST_GeometryType(o.geom) = 'ST_Point' AND t.cells > 0 AND (d.code IS DISTINCT FROM t.code OR t.cells > 1)
  UNION ALL
  SELECT p.object_id, 'not-a-leaf', 'placed in a cell (uid ' || p.cell_id || ') that is no leaf of edition ' || $2::int
  FROM placed p WHERE p.code IS NULL
  UNION ALL
  -- a line's share may be less than measured where it runs along a border
  SELECT p.object_id, 'wrong-share', 'share ' || p.share || ' in ' || p.code || ', measured ' || coalesce(m.share, 0)
  FROM placed p JOIN object o ON o.id = p.object_id AND o.dim > 0
  LEFT JOIN measured m ON m.id = p.object_id AND m.cell_id = p.cell_id
  WHERE p.code IS NOT NULL AND CASE o.dim WHEN 2 THEN abs(p.share - coalesce(m.share, 0)) > 1e-6 ELSE p.share > coalesce(m.share, 0) + 0.001 END
  UNION ALL
  SELECT p.object_id, 'unlocated', 'placed though the place is not known'
  FROM placed p JOIN objects.object o ON o.territory_id = $1 AND o.id = p.object_id WHERE o.geom IS NULL
)
SELECT 0, '', '', f.kind, 'error', o.code, f.message, ST_X(ST_PointOnSurface(o.geom)), ST_Y(ST_PointOnSurface(o.geom))
FROM fault f JOIN objects.object o ON o.territory_id = $1 AND o.id = f.id
ORDER BY o.code, f.kind, f.message
