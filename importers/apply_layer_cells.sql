-- Staged rows as cells of a layer; the answer to a row without a code is the code
-- of a cell, which keeps its name. $1 territory, $2 batch, $3 layer, $4 to $6
-- columns of codes, names and staff numbers, $7 provenance, $8 columns that may
-- be shown, $9 answers by row.
INSERT INTO layers.intake (territory_id, batch, row, layer, code, name, staff_no, geom, provenance, sent, source_geom, published)
SELECT s.territory_id, s.batch, s.row, $3, coalesce(own.code, c.code, own.choice, ''), coalesce(c.name, s.attributes ->> $5, ''), coalesce(s.attributes ->> $6, ''),
       ST_Transform(s.geom, 4326), $7, s.attributes, s.geom,
       (SELECT jsonb_object_agg(p, s.attributes -> p) FROM unnest($8::text[]) p WHERE s.attributes ? p)
FROM staging.row s
CROSS JOIN LATERAL (SELECT nullif(btrim(s.attributes ->> $4), '') AS code, nullif(btrim($9::jsonb ->> s.row::text), '') AS choice) own
LEFT JOIN layers.cell c ON own.code IS NULL AND c.territory_id = $1 AND c.layer = $3 AND c.code = own.choice
WHERE s.territory_id = $1 AND s.batch = $2
