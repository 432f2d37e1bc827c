-- Lines by length, as objects are placed: what runs along a border, and what
-- several cells of a layer claim, is taken off all but the first by code.
INSERT INTO merge_stretch (layer, layer_cell_id, cell_id, object_id, kind, share, length_m)
WITH piece AS MATERIALIZED (
  SELECT o.id, o.kind, p.layer, CASE WHEN p.sliver THEN p.into_id ELSE p.layer_cell_id END AS layer_cell_id, p.cell_id,
    o.code || ' ' || coalesce(c.code, '') || ' ' || coalesce(p.layer_cell_id, 0) AS rank,
    ST_CollectionExtract(ST_Intersection(coalesce(p.geom, o.leaf), o.geom), 2) AS geom
  FROM (
    SELECT o.id, o.kind, o.geom, l.cell_id, l.code, l.geom AS leaf
    FROM merge_ground l JOIN objects.object o ON o.geom && l.geom
    WHERE o.territory_id = $1 AND ST_Dimension(o.geom) = 1
    OFFSET 0
  ) o
  JOIN merge_piece p ON p.cell_id = o.cell_id AND (p.whole OR ST_Intersects(p.geom, o.geom))
  LEFT JOIN layers.cell c ON c.territory_id = $1 AND c.id = p.layer_cell_id
  WHERE ST_Intersects(o.leaf, o.geom)
), taken AS (
  SELECT p.id, p.layer, p.rank, ST_CollectionExtract(ST_Intersection(p.geom, ST_Union(q.geom)), 2) AS geom
  FROM piece p JOIN piece q ON q.id = p.id AND q.layer = p.layer AND q.rank < p.rank AND ST_Intersects(p.geom, q.geom)
  GROUP BY p.id, p.layer, p.rank, p.geom
), measured AS (
  SELECT p.layer, p.layer_cell_id, p.cell_id, p.id, p.kind, sum(ST_Length(ST_Transform(ST_Segmentize(p.geom, 0.001), t.epsg))
    - coalesce(ST_Length(ST_Transform(ST_Segmentize(k.geom, 0.001), t.epsg)), 0)) AS metres
  FROM piece p CROSS JOIN (SELECT epsg FROM cells.territory WHERE id = $1) t
  LEFT JOIN taken k ON k.id = p.id AND k.layer = p.layer AND k.rank = p.rank
  GROUP BY p.layer, p.layer_cell_id, p.cell_id, p.id, p.kind
)
SELECT m.layer, m.layer_cell_id, m.cell_id, m.id, m.kind, m.metres / ST_Length(ST_Transform(ST_Segmentize(o.geom, 0.001), t.epsg)), m.metres
FROM measured m
JOIN objects.object o ON o.territory_id = $1 AND o.id = m.id
CROSS JOIN (SELECT epsg FROM cells.territory WHERE id = $1) t
WHERE m.metres > 1e-6
