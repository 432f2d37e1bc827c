-- Brings into taking_cell what the good rows of a batch are: the cell's id (one
-- that was retired has that of then), whether it is there, and whether the same
-- was sent for it before.
INSERT INTO taking_cell (row, id, there, sent_before)
SELECT i.row, coalesce(c.id, past.id, nextval('layers.cell_id_seq')), c.id IS NOT NULL,
  i.sent IS NULL AND i.source_geom IS NULL OR (s.batch IS NOT NULL AND s.sent IS NOT DISTINCT FROM i.sent
    AND s.source_geom::bytea IS NOT DISTINCT FROM i.source_geom::bytea)
FROM layers.intake i
LEFT JOIN LATERAL (SELECT * FROM layers.cell c WHERE c.territory_id = $1 AND c.layer = i.layer AND c.code = i.code OFFSET 0) c ON true
LEFT JOIN LATERAL (SELECT * FROM layers.sent s WHERE s.territory_id = $1 AND s.cell_id = c.id AND s.batch = c.batch OFFSET 0) s ON true
LEFT JOIN LATERAL (
  SELECT v.cell_id AS id FROM layers.version v
  WHERE c.id IS NULL AND v.territory_id = $1 AND v.layer = i.layer AND v.code = i.code ORDER BY lower(v.during) DESC LIMIT 1
) past ON true
WHERE i.territory_id = $1 AND i.batch = $2 AND i.row <> ALL ($3::int[])
