-- The invariant of accountability by plain SQL, apart from the functions that
-- answer from it: now, each cell of the edition in force has a holder of its
-- own or an ancestor with one; nobody shares; the tier-1 cell has no hole.
WITH RECURSIVE current AS (
  SELECT v.cell_id, v.parent_id, v.code FROM cells.version v
  WHERE v.territory_id = $1 AND v.from_edition <= $2 AND (v.to_edition > $2 OR v.to_edition IS NULL)
), holding AS (
  SELECT cell_id, count(*) FILTER (WHERE role = 'accountable') AS own, count(*) AS standing
  FROM people.assignment
  WHERE territory_id = $1 AND lower(during) <= $3 AND (upper(during) > $3 OR upper(during) IS NULL)
    AND (role = 'accountable' OR (role = 'deputy' AND layer IS NULL))
  GROUP BY cell_id
), line AS (
  SELECT cell_id AS cell, cell_id AS up, parent_id AS next FROM current
  UNION ALL
  SELECT line.cell, c.cell_id, c.parent_id FROM line JOIN current c ON c.cell_id = line.next
), answered AS (
  SELECT line.cell, max(h.own) FILTER (WHERE line.up = line.cell) AS own,
         coalesce(sum(h.standing) FILTER (WHERE line.up <> line.cell), 0) AS above
  FROM line LEFT JOIN holding h ON h.cell_id = line.up
  GROUP BY line.cell
), force AS (
  SELECT seq, effective AS begins, lead(effective) OVER (ORDER BY effective, seq) AS ends
  FROM editions.edition WHERE territory_id = $1 AND state = 'published'
), term AS (
  SELECT f.begins, f.ends, v.code, a.id, greatest(lower(a.during), f.begins) AS lo,
         least(coalesce(upper(a.during), 'infinity'), coalesce(f.ends, 'infinity')) AS hi
  FROM force f
  JOIN cells.version v ON v.territory_id = $1 AND v.tier = 1 AND v.from_edition <= f.seq AND (v.to_edition > f.seq OR v.to_edition IS NULL)
  LEFT JOIN people.assignment a ON a.territory_id = $1 AND a.cell_id = v.cell_id AND a.role = 'accountable'
    AND lower(a.during) < coalesce(f.ends, 'infinity') AND coalesce(upper(a.during), 'infinity') > f.begins
  WHERE f.ends IS NULL OR f.ends > f.begins
), stepped AS (
  SELECT code, begins, coalesce(ends, 'infinity') AS ends, id, lo, hi,
         coalesce(max(hi) OVER (PARTITION BY begins ORDER BY lo, hi ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), begins) AS before,
         max(hi) OVER (PARTITION BY begins) AS reach, row_number() OVER (PARTITION BY begins ORDER BY lo DESC, hi DESC) = 1 AS last
  FROM term
)
SELECT 0, '', '', kind, 'error', code, message_zh, message FROM (
  SELECT 1 AS part, 'nobody' AS kind, c.code, '没有责任人,上级也没有' AS message_zh, 'nobody is accountable, neither here nor above' AS message
  FROM answered w JOIN current c ON c.cell_id = w.cell
  WHERE coalesce(w.own, 0) = 0 AND w.above = 0
  UNION ALL
  SELECT 2, 'two-accountable', coalesce(c.code, ''), '任职 ' || t.id || ' 始于 ' || t.lo || ',而前一任职到 ' || t.before || ' 才结束', 'assignment ' || t.id || ' begins at ' || t.lo || ', before another ends at ' || t.before
  FROM (
    SELECT cell_id, id, lower(during) AS lo, max(coalesce(upper(during), 'infinity')) OVER
             (PARTITION BY cell_id ORDER BY lower(during), id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
    FROM people.assignment WHERE territory_id = $1 AND role = 'accountable'
  ) t LEFT JOIN current c USING (cell_id)
  WHERE t.lo < t.before
  UNION ALL
  SELECT 3, 'hole', code, '一级网格自 ' || since || ' 起没有责任人', 'the tier-1 cell has no accountable person from ' || since
  FROM stepped CROSS JOIN LATERAL (SELECT CASE WHEN id IS NULL THEN begins ELSE before END AS since) s WHERE id IS NULL OR lo > before
  UNION ALL
  SELECT 3, 'hole', code, '一级网格自 ' || reach || ' 起没有责任人', 'the tier-1 cell has no accountable person from ' || reach
  FROM stepped WHERE id IS NOT NULL AND last AND reach < ends
) f
ORDER BY part, code, message
