INSERT INTO people.intake_lead (territory_id, batch, cell_id, layer, person_id)
SELECT $1, $3, l.cell_id, y.layer, n.person_id
FROM merge.run r
CROSS JOIN unnest(r.layers) AS y (layer)
CROSS JOIN cells.leaves($1, r.edition) l
LEFT JOIN merge.named($1, $2, $4) n ON n.cell_id = l.cell_id AND n.layer = y.layer
WHERE r.territory_id = $1 AND r.id = $2
