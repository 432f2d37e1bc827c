-- What the rows of assignment_taken leave of the periods recorded before, piece
-- by piece (none: piece NULL). An accountable person yields to another for the
-- other's period; what is said of the same person holds from then on.
INSERT INTO assignment_remains (id, n, piece)
SELECT o.id, coalesce(p.n, 1), p.piece
FROM (
  SELECT a.id, a.during,
         range_agg(CASE WHEN a.person_id = t.person_id THEN tstzrange(t.from_at, NULL) ELSE tstzrange(t.from_at, t.to_at) END) AS taken
  FROM assignment_taken t
  JOIN people.assignment a ON a.territory_id = $1 AND a.cell_id = t.cell_id AND a.role = t.role
    AND (a.role = 'accountable' OR (a.person_id = t.person_id AND a.layer IS NOT DISTINCT FROM t.layer))
    AND a.during && CASE WHEN a.person_id = t.person_id THEN tstzrange(t.from_at, NULL) ELSE tstzrange(t.from_at, t.to_at) END
    AND (a.person_id = t.person_id AND lower(a.during) >= t.to_at) IS NOT TRUE
  GROUP BY a.id, a.during
) o
LEFT JOIN LATERAL unnest(tstzmultirange(o.during) - o.taken) WITH ORDINALITY AS p (piece, n) ON true
