-- Shares under 1e-9 go to the others of their object; what is within 1e-9 of
-- whole is whole, and outside is what is left. A sum above that is left as it
-- is, for the check to find: leaves that overlap.
INSERT INTO placing_settled (object_id, cell_id, share, outside)
SELECT o.id, p.cell_id, least(1, p.share * o.inside / o.kept), greatest(0, 1 - o.inside)
FROM (
  SELECT o.id, sum(p.share) FILTER (WHERE p.share >= 1e-9) AS kept,
         CASE WHEN sum(p.share) FILTER (WHERE p.share >= 1e-9) IS NULL THEN 0
              WHEN abs(sum(p.share) - 1) < 1e-9 THEN 1 ELSE sum(p.share) END AS inside
  FROM placing_object o LEFT JOIN placing_share p ON p.object_id = o.id
  GROUP BY o.id
) o
LEFT JOIN placing_share p ON p.object_id = o.id AND p.share >= 1e-9
