-- Layer cells changed since are left out: the run is about what they were.
SELECT 'piece', v.code, 'layer_cell', x.layer || ' ' || c.code, '这一块的实测与记录不符', 'the piece measures otherwise',
  ST_X(v.label), ST_Y(v.label),
  abs(ST_Area(ST_Intersection(v.geom, c.geom)) / ST_Area(v.geom) - x.claimed_share)
FROM (
  SELECT x.*, r.edition, r.created_at
  FROM merge.crosswalk x JOIN merge.run r ON r.territory_id = x.territory_id AND r.id = x.run_id
  WHERE x.territory_id = $1 AND x.run_id = $2 AND x.layer_cell_id IS NOT NULL
  ORDER BY x.geom IS NULL, hashint8(x.id)
  LIMIT $3
) x
JOIN cells.version v ON v.territory_id = $1 AND v.cell_id = x.cell_id
  AND v.from_edition <= x.edition AND (v.to_edition IS NULL OR v.to_edition > x.edition)
JOIN layers.cell c ON c.territory_id = $1 AND c.id = x.layer_cell_id AND c.changed_at <= x.created_at
