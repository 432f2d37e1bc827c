-- $1 territory, $2 edition, $3 instant, $4 cells
SELECT ($4::bigint[])[w.n], w.holds, h.name, coalesce(w.unit, '')
FROM people.accountables($1, $4::bigint[], array_fill($2::int, ARRAY[cardinality($4::bigint[])]), array_fill($3::timestamptz, ARRAY[cardinality($4::bigint[])])) w
JOIN cells.of($1, $2) h ON h.cell_id = w.holds
WHERE w.holds <> ($4::bigint[])[w.n]
