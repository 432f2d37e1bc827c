-- $1 territory, $2 edition, $3 instant, $4 cells
SELECT ($4::bigint[])[w.n], w.holds, h.name, coalesce(p.unit, '')
FROM people.accountables($1, $4::bigint[], array_fill($2::int, ARRAY[cardinality($4::bigint[])]), array_fill($3::timestamptz, ARRAY[cardinality($4::bigint[])])) w
JOIN cells.of($1, $2) h ON h.cell_id = w.holds
LEFT JOIN people.person_version p ON p.territory_id = $1 AND p.person_id = w.person_id AND p.during @> $3::timestamptz
WHERE w.acting
