-- Leaves that lie wholly in one layer cell, or in none.
INSERT INTO merge_piece (layer, layer_cell_id, cell_id, geom, whole, claimed, own, overlap)
SELECT w.layer, w.layer_cell_id, l.cell_id, l.geom, true, l.deg, w.own * l.deg, w.overlap * l.deg
FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::float8[], $5::float8[]) AS w (layer, layer_cell_id, cell_id, own, overlap)
JOIN merge_leaf l ON l.cell_id = w.cell_id
