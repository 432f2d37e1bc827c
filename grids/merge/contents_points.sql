-- Points: in the leaf with the smallest code that has them, and there in each
-- piece that they are inside of, or the first of those that they lie on the
-- border of.
INSERT INTO merge_content (layer, layer_cell_id, cell_id, kind, objects, estimated)
WITH placed AS MATERIALIZED (
  SELECT DISTINCT ON (id) id, kind, object AS geom, cell_id
  FROM (
    SELECT o.id, o.kind, o.geom AS object, l.cell_id, l.code, l.geom
    FROM merge_ground l JOIN objects.object o ON o.geom && l.geom
    WHERE o.territory_id = $1 AND ST_Dimension(o.geom) = 0
    OFFSET 0
  ) o
  WHERE ST_Intersects(geom, object)
  ORDER BY id, code
), found AS (
  SELECT p.layer, CASE WHEN p.sliver THEN p.into_id ELSE p.layer_cell_id END AS layer_cell_id, o.cell_id, o.id, o.kind, i.inside,
    row_number() OVER (PARTITION BY o.id, p.layer ORDER BY i.inside DESC, c.code) AS nth
  FROM placed o
  JOIN merge_piece p ON p.cell_id = o.cell_id AND (p.whole OR p.geom && o.geom AND ST_Intersects(p.geom, o.geom))
  LEFT JOIN layers.cell c ON c.territory_id = $1 AND c.id = p.layer_cell_id
  CROSS JOIN LATERAL (SELECT p.whole OR ST_Contains(p.geom, o.geom) AS inside) i
)
SELECT layer, layer_cell_id, cell_id, kind, count(DISTINCT id), false
FROM found WHERE inside OR nth = 1
GROUP BY layer, layer_cell_id, cell_id, kind
