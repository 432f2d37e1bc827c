-- The conflicts of a round that the caller sees, each with where its parties stand.
-- $3 party, $4 state, $5 the conflict before the first.
SELECT i.conflict,
  EXISTS (SELECT FROM merge.conflict c WHERE c.territory_id = i.territory_id AND c.id = i.conflict AND c.run_id = merge.latest(i.territory_id, r.edition)),
  i.kind, coalesce(i.layer, ''), coalesce(i.code, ''), coalesce(i.name, ''), ST_X(i.place), ST_Y(i.place), i.area_m2, coalesce(i.width_m, 0), i.pending,
  i.severity, i.blocking, i.layer_cells, i.proposal, i.reason, i.state, coalesce(i.resolution, ''), i.settled_reason, s.list
FROM circulation.item i
JOIN circulation.round r ON r.territory_id = i.territory_id AND r.id = i.round_id
CROSS JOIN LATERAL (
  SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('party', s.party_id, 'state', s.state, 'late', s.late, 'opinion', s.opinion, 'text', s.text, 'at', s.at, 'by', s.by,
      'outcome', s.outcome, 'reason', s.reason, 'answered_at', s.answered_at, 'answered_by', s.answered_by)) ORDER BY s.party_id), '[]') AS list,
    coalesce(bool_or(s.state = $4), false) AS wanted
  FROM circulation.standing s
  WHERE s.territory_id = i.territory_id AND s.round_id = i.round_id AND s.conflict = i.conflict AND ($3 = 0 OR s.party_id = $3)
) s
WHERE i.territory_id = $1 AND i.round_id = $2 AND i.conflict > $5
  AND ($4 NOT IN ('accepted', 'commented') OR i.conflict IN (SELECT o.conflict FROM circulation.opinion o WHERE o.territory_id = $1 AND o.round_id = $2))
  AND ($3 = 0 OR s.list <> '[]')
  AND ($4 = '' OR s.wanted)
ORDER BY i.conflict LIMIT $6
