-- Staged rows as cells: those with a good code, or all where there is no column
-- of codes. A row without a name keeps the one that its cell has in the edition.
-- $1 territory, $2 batch, $3 edition, $4 column of names, $5 tier, $6 provenance,
-- $7 and $8 columns of counties and towns, $9 answers by row.
INSERT INTO cells.intake (territory_id, batch, row, code, name, tier, provenance, sent, source_geom, county_name, town_name, choice)
SELECT s.territory_id, s.batch, s.row, coalesce(c.code, ''), coalesce(nullif(btrim(s.attributes ->> $4), ''), v.name, c.code, ''), $5, $6,
       s.attributes, s.geom, nullif(s.attributes ->> $7, ''), nullif(s.attributes ->> $8, ''), $9::jsonb ->> s.row::text
FROM staging.row s
LEFT JOIN import_code c USING (row)
LEFT JOIN cells.of($1, $3) v ON btrim(coalesce(s.attributes ->> $4, '')) = '' AND v.code = c.code AND v.tier = $5
WHERE s.territory_id = $1 AND s.batch = $2
