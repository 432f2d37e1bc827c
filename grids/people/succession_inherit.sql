-- What rows of the roster leave open of post, side and rank is as the same person
-- had it in that place, or else whoever was accountable there, the latest of them.
UPDATE roster r
SET post = coalesce(nullif(r.post, ''), h.post), side = coalesce(r.side, h.side), rank = coalesce(nullif(r.rank, 0), h.rank)
FROM (
  SELECT DISTINCT ON (s.row) s.row, h.post, h.side, h.rank
  FROM roster s
  JOIN roster_held h ON h.cell_id = s.cell_id AND h.role = s.role AND h.layer IS NOT DISTINCT FROM s.layer
    AND (h.person_id = s.person_id OR s.role = 'accountable')
  ORDER BY s.row, h.person_id = s.person_id DESC, lower(h.during) DESC
) h
WHERE h.row = r.row
