-- Whom the cells of the layers that run $2 merged name, and for which.
SELECT coalesce(jsonb_agg(jsonb_build_object('person', n.person_id, 'was', n.was)), '[]')
FROM (
  SELECT c.person_id, jsonb_agg(jsonb_build_object('layer', c.layer, 'layer_cell', c.code, 'name', c.name) ORDER BY c.layer, c.code) AS was
  FROM merge.run r JOIN layers.cell c ON c.territory_id = $1 AND c.layer = ANY (r.layers)
  WHERE r.territory_id = $1 AND r.id = $2 AND c.person_id IS NOT NULL
  GROUP BY c.person_id
) n
