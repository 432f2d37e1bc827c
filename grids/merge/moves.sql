-- The ground that resolutions would move. A layer's line can be adopted where each
-- piece beyond the tolerance has a sibling to go to that lies beside it and is for the
-- most part of the same layer cell. Whether it lies beside it is asked of what the
-- sibling has near the piece: its whole line would take twenty times as long.
-- $3 edition, $4 tolerated share.
INSERT INTO merge_moved (conflict_id, resolution, layer_cell_id, to_cell_id, area_m2, geom)
WITH home AS MATERIALIZED ( -- leaves that are for the most part of a layer cell
  SELECT x.layer_cell_id, x.cell_id, x.share_of_layer_cell, s.parent_id, s.geom
  FROM merge.crosswalk x JOIN cells.of($1, $3) s ON s.cell_id = x.cell_id
  WHERE x.territory_id = $1 AND x.run_id = $2 AND x.layer_cell_id IS NOT NULL AND x.claimed_share > 0.5 AND NOT (s.locked OR s.disputed)
    AND s.parent_id IN (SELECT parent_id FROM merge_side)
), beside AS MATERIALIZED (
  SELECT DISTINCT ON (conflict_id, layer_cell_id) conflict_id, layer_cell_id, to_cell_id
  FROM (
    SELECT o.conflict_id, o.layer_cell_id, o.ground, h.cell_id AS to_cell_id, h.share_of_layer_cell, h.geom
    FROM merge_side o
    JOIN home h ON h.layer_cell_id = o.layer_cell_id AND h.parent_id = o.parent_id AND h.cell_id <> o.cell_id AND h.geom && ST_Expand(o.ground, 1e-9)
    WHERE o.way = 'line'
    OFFSET 0
  ) s
  WHERE ST_DWithin(ST_ClipByBox2D(geom, ST_Expand(ground, 1e-8)::box2d), ground, 1e-9)
  ORDER BY conflict_id, layer_cell_id, share_of_layer_cell DESC, to_cell_id
), place AS MATERIALIZED (
  SELECT o.*, s.to_cell_id,
    bool_and(s.to_cell_id IS NOT NULL OR o.claimed_share <= $4) OVER (PARTITION BY o.conflict_id) AS possible
  FROM merge_side o
  LEFT JOIN beside s USING (conflict_id, layer_cell_id)
  WHERE o.way = 'line'
)
SELECT conflict_id, 'adopt-layer-boundary', layer_cell_id, to_cell_id, area_m2, ground
FROM place WHERE possible AND to_cell_id IS NOT NULL
UNION ALL
SELECT conflict_id, 'split-leaf', layer_cell_id, NULL, area_m2, ground
FROM place WHERE claimed_share > $4
UNION ALL
SELECT conflict_id, CASE way WHEN 'unit' THEN 'draw-unit-cells' ELSE 'split-leaf' END, layer_cell_id, NULL, area_m2, ground
FROM merge_side WHERE way <> 'line'
