-- Objects that are known by their cell only, divided by the pieces' shares.
INSERT INTO merge_content (layer, layer_cell_id, cell_id, kind, objects, estimated)
SELECT p.layer, CASE WHEN p.sliver THEN p.into_id ELSE p.layer_cell_id END, p.cell_id, o.kind, sum(o.objects * p.own / l.deg), bool_or(NOT p.whole)
FROM (
  SELECT q.cell_id, o.kind, count(*) AS objects
  FROM objects.object o
  JOIN objects.placement q ON q.territory_id = $1 AND q.object_id = o.id AND q.during @> $2::timestamptz
  WHERE o.territory_id = $1 AND o.geom IS NULL
  GROUP BY q.cell_id, o.kind
) o
JOIN merge_leaf l ON l.cell_id = o.cell_id
JOIN merge_piece p ON p.cell_id = o.cell_id
GROUP BY 1, 2, 3, 4
