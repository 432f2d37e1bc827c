SELECT r.edition, r.layers, r.base, coalesce(r.capacity, 0), coalesce(r.leaves, 0), x.n, s.n, s.m2, c.n, c.unsettled, c.blocking, r.created_at, r.created_by,
  -- a leaf came, went or has another area, or a layer cell was changed, came or went
  EXISTS (
    SELECT FROM (SELECT cell_id, sum(area_m2) AS area_m2
      FROM merge.crosswalk WHERE territory_id = $1 AND run_id = $2 AND layer = r.layers[1] GROUP BY cell_id) w
    FULL JOIN cells.leaves($1, r.edition) l ON l.cell_id = w.cell_id
    WHERE w.cell_id IS NULL OR l.cell_id IS NULL OR abs(w.area_m2 / l.area_m2 - 1) > 1e-9)
  OR EXISTS (
    SELECT FROM layers.version y
    WHERE y.territory_id = $1 AND y.layer = ANY (r.layers) AND (lower(y.during) > r.created_at OR upper(y.during) > r.created_at))
FROM merge.run r,
  LATERAL (SELECT count(*) AS n FROM merge.crosswalk WHERE territory_id = $1 AND run_id = $2) x,
  LATERAL (SELECT count(*) AS n, coalesce(sum(area_m2), 0) AS m2 FROM merge.sliver WHERE territory_id = $1 AND run_id = $2) s,
  LATERAL (SELECT count(*) AS n, count(*) FILTER (WHERE state <> 'settled') AS unsettled,
      count(*) FILTER (WHERE state <> 'settled' AND blocking) AS blocking
    FROM merge.conflict WHERE territory_id = $1 AND run_id = $2) c
WHERE r.territory_id = $1 AND r.id = $2
