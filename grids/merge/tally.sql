SELECT coalesce(kind, ''), coalesce(severity, ''), count(*), count(*) FILTER (WHERE state = 'settled'), count(*) FILTER (WHERE state = 'open'),
  count(*) FILTER (WHERE state = 'deferred'), count(*) FILTER (WHERE state <> 'settled' AND blocking),
  count(*) FILTER (WHERE state = 'settled' AND resolution = ANY ($4))
FROM merge.matching($1, $2, $3)
GROUP BY GROUPING SETS ((), (kind), (severity))
ORDER BY kind, array_position(ARRAY['high', 'medium', 'low'], severity)
