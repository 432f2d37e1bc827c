-- Where a layer's lines are others than a leaf's. $3 dominant share, $4 tolerated
-- share of the leaf, $5 tolerated square metres. The evidence is the ground that
-- the layer disputes: what other cells than the one with the largest share hold,
-- what none holds, what several do.
WITH piece AS (
  SELECT x.layer, x.cell_id, x.layer_cell_id, x.claimed_share, x.overlap_share,
    x.share_of_cell - x.absorbed_share AS own,
    CASE WHEN x.layer_cell_id IS NOT NULL THEN
      row_number() OVER (PARTITION BY x.cell_id, x.layer, x.layer_cell_id IS NULL ORDER BY x.claimed_share DESC, c.code) END AS nth,
    x.id, c.code, c.name
  FROM merge.crosswalk x
  LEFT JOIN layers.cell c ON c.territory_id = x.territory_id AND c.id = x.layer_cell_id
  WHERE x.territory_id = $1 AND x.run_id = $2
), leaf AS (
  SELECT layer, cell_id,
    coalesce(max(claimed_share) FILTER (WHERE nth IS NOT NULL), 0) AS max_share,
    count(*) FILTER (WHERE nth IS NOT NULL AND claimed_share > $4) AS claimants,
    coalesce(sum(own - overlap_share) FILTER (WHERE nth > 1), 0) AS others,
    coalesce(sum(own) FILTER (WHERE nth IS NULL), 0) AS uncovered,
    sum(overlap_share) AS overlap,
    array_agg(id) FILTER (WHERE nth > 1) AS other,
    array_agg(id) FILTER (WHERE nth = 1 AND overlap_share > 0) AS largest,
    array_agg(id) FILTER (WHERE nth IS NULL) AS rest,
    coalesce(jsonb_agg(jsonb_build_object('code', code, 'name', name, 'share', round(claimed_share::numeric, 6)) ORDER BY nth)
      FILTER (WHERE nth IS NOT NULL), '[]') AS cells
  FROM piece
  GROUP BY layer, cell_id
)
INSERT INTO merge.conflict (territory_id, run_id, kind, layer, cell_id, detail, place, geom, area_m2, blocking, proposal, reason)
SELECT $1, $2, k.kind, f.layer, f.cell_id,
  jsonb_build_object('max_share', round(f.max_share::numeric, 6), 'share', round(k.share::numeric, 6), 'cells', f.cells),
  ST_PointOnSurface(g.geom), g.geom, k.share * l.area_m2, false, k.proposal, k.reason
FROM leaf f
JOIN merge_leaf l ON l.cell_id = f.cell_id
CROSS JOIN LATERAL (
  SELECT 'split' AS kind, f.others AS share, f.other AS pieces, 'keep-base-boundary' AS proposal, 'split' AS reason
  WHERE f.max_share < $3 AND f.claimants > 1
  UNION ALL
  SELECT 'boundary-mismatch', f.others, f.other, 'keep-base-boundary', 'mismatch'
  WHERE f.max_share >= $3 AND (f.others > $4 OR f.others * l.area_m2 > $5)
  UNION ALL
  SELECT 'gap', f.uncovered, f.rest, 'keep-base-boundary', CASE WHEN f.max_share = 0 THEN 'gap-whole' ELSE 'gap-part' END
  WHERE f.uncovered > $4 OR f.uncovered * l.area_m2 > $5
  UNION ALL
  SELECT 'overlap', f.overlap, NULL, 'keep-base-boundary', 'overlap'
  WHERE f.overlap > $4 OR f.overlap * l.area_m2 > $5
) k
CROSS JOIN LATERAL (
  SELECT CASE
    WHEN k.kind = 'overlap' THEN (SELECT ST_Multi(ST_Union(t.geom)) FROM merge_face t
      WHERE t.layer = f.layer AND t.cell_id = f.cell_id AND cardinality(t.claimants) > 1)
    WHEN k.kind <> 'gap' AND f.largest IS NOT NULL THEN (SELECT merge.rest(ST_Multi(ST_Union(coalesce(x.geom, l.geom)) FILTER (WHERE x.id = ANY (k.pieces))),
        array_agg(coalesce(x.geom, l.geom)) FILTER (WHERE x.id = ANY (f.largest)))
      FROM merge.crosswalk x WHERE x.territory_id = $1 AND x.run_id = $2 AND x.id = ANY (k.pieces || f.largest))
    ELSE (SELECT ST_Multi(ST_CollectionExtract(ST_Union(coalesce(x.geom, l.geom)), 3))
      FROM merge.crosswalk x WHERE x.territory_id = $1 AND x.run_id = $2 AND x.id = ANY (k.pieces))
  END AS geom OFFSET 0
) g
ORDER BY l.code, f.layer, k.kind
