-- Staged rows as assignments: words, numbers and dates as import_value reads
-- them, a cell's code without the name that may stand behind it.
INSERT INTO people.intake_assignment (territory_id, batch, row, staff_no, cell_code, role, layer, post, side, rank, from_at, to_at,
                                      county_name, town_name, cell_name, choice)
SELECT s.territory_id, s.batch, s.row, coalesce(regexp_replace(s.attributes ->> $3, '^\s*(\S+)\s.*$', '\1'), ''),
       coalesce(regexp_replace(translate(s.attributes ->> $4, '０１２３４５６７８９　', '0123456789 '), '^\s*(\d{4,30})\s.*$', '\1'), ''),
       coalesce(role.value, ''), layer.value, coalesce(s.attributes ->> $7, ''), side.value, coalesce(rank.value::int, 0),
       starts.value::timestamptz, nullif(ends.value, 'infinity')::timestamptz,
       nullif(s.attributes ->> $12, ''), nullif(s.attributes ->> $13, ''), nullif(s.attributes ->> $14, ''), $15::jsonb ->> s.row::text
FROM staging.row s
LEFT JOIN import_value role ON role.field = 'role' AND role.text = btrim(s.attributes ->> $5)
LEFT JOIN import_value layer ON layer.field = 'layer' AND layer.text = btrim(s.attributes ->> $6)
LEFT JOIN import_value side ON side.field = 'side' AND side.text = btrim(s.attributes ->> $8)
LEFT JOIN import_value rank ON rank.field = 'rank' AND rank.text = btrim(s.attributes ->> $9)
LEFT JOIN import_value starts ON starts.field = 'from' AND starts.text = btrim(s.attributes ->> $10)
LEFT JOIN import_value ends ON ends.field = 'to' AND ends.text = btrim(s.attributes ->> $11)
WHERE s.territory_id = $1 AND s.batch = $2 AND NOT EXISTS (SELECT FROM import_rejected x WHERE x.row = s.row)
