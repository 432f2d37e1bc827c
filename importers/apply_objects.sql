-- Staged rows as objects: what the target has fields for, the row as it was
-- sent, and the columns that may be shown.
INSERT INTO objects.intake (territory_id, batch, row, kind, code, name, geom, located_by, county_name, town_name, cell_name, attributes, provenance,
                            sent, source_geom, published, choice)
SELECT s.territory_id, s.batch, s.row, $3, coalesce(c.code, s.attributes ->> $4, ''), coalesce(s.attributes ->> $5, ''), ST_Transform(s.geom, 4326),
       CASE WHEN s.geom IS NOT NULL THEN coalesce(located.value, 'import') END,
       nullif(s.attributes ->> $10, ''), nullif(s.attributes ->> $11, ''),
       nullif(regexp_replace(s.attributes ->> $6, '^\s*(\d{12,30})\s.*$', '\1'), ''),
       coalesce((SELECT jsonb_object_agg(key, s.attributes ->> value) FROM jsonb_each_text($8::jsonb) WHERE s.attributes ->> value <> ''), '{}'), $9,
       s.attributes, s.geom,
       (SELECT jsonb_object_agg(p, s.attributes -> p) FROM unnest($13::text[]) p WHERE s.attributes ? p),
       $12::jsonb ->> s.row::text
FROM staging.row s
LEFT JOIN import_code c USING (row)
LEFT JOIN import_value located ON located.field = 'located_by' AND located.text = btrim(s.attributes ->> $7)
WHERE s.territory_id = $1 AND s.batch = $2 AND NOT EXISTS (SELECT FROM import_rejected x WHERE x.row = s.row)
