-- The entries $2.. of a chain, newest first, before entry $9 (0: from the end);
-- what is sealed stands among the rest, unless its key is destroyed.
SELECT e.seq, e.at, e.name, e.role, coalesce(e.account, 0), e.origin, e.noun, e.op, e.key, e.label, coalesce(e.person_id, 0), e.rows,
       coalesce(e.before, '{}') || coalesce(s.open -> 'before', '{}'), coalesce(e.after, '{}') || coalesce(s.open -> 'after', '{}'),
       e.sealed IS NOT NULL AND s.open IS NULL, encode(e.hash, 'hex')
FROM (
  SELECT * FROM audit.entry e
  WHERE e.territory_id = $1
    AND ($2::text = '' OR e.name = $2 OR e.account::text = $2)
    AND ($3::text = '' OR e.noun = $3 OR starts_with(e.noun, $3 || '.'))
    AND ($4::text = '' OR e.key = $4)
    AND ($5::bigint = 0 OR e.person_id = $5)
    AND ($6::timestamptz IS NULL OR e.at >= $6)
    AND ($7::timestamptz IS NULL OR e.at < $7)
    AND ($8::text = '' OR concat_ws(' ', e.name, e.origin, e.noun, e.op, e.key, e.label, e.before, e.after) ILIKE '%' || replace(replace(replace($8, '\', '\\'), '%', '\%'), '_', '\_') || '%')
    AND ($9::bigint = 0 OR e.seq < $9)
  ORDER BY e.seq DESC LIMIT $10
) e
LEFT JOIN LATERAL (SELECT audit.unseal(e) AS open WHERE e.sealed IS NOT NULL) s ON true
ORDER BY e.seq DESC
