-- A face's area goes in equal parts to those that claim it.
WITH share AS (
  SELECT f.layer, f.cell_id, u.layer_cell_id,
    sum(f.deg / cardinality(f.claimants)) AS own,
    coalesce(sum(f.deg / cardinality(f.claimants)) FILTER (WHERE cardinality(f.claimants) > 1), 0) AS overlap
  FROM merge_face f JOIN merge_left m ON m.layer = f.layer AND m.cell_id = f.cell_id
  CROSS JOIN LATERAL unnest(f.claimants) AS u (layer_cell_id)
  GROUP BY f.layer, f.cell_id, u.layer_cell_id
)
UPDATE merge_piece p SET own = s.own, overlap = s.overlap
FROM share s
WHERE s.layer = p.layer AND s.cell_id = p.cell_id AND s.layer_cell_id = p.layer_cell_id
