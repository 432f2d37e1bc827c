-- Where a layer's lines are others than a leaf's (or a cell's of the layer that is
-- the base). $2 dominant share, $3 tolerated share of the leaf, $4 tolerated square
-- metres, $5 the proposal. With $6 in fresh leaves only. Layer cells that nest in a leaf (the dominant share of
-- each lies in it, and there are several of them where a tier can come below) count
-- as one against the others, and are proposed as its unit cells. The evidence is
-- the ground that the layer disputes: what others hold than the cell with the
-- largest share or those nested, what none holds, what several do.
WITH piece AS (
  SELECT p.layer, p.cell_id, p.layer_cell_id, p.claimed / l.deg AS claimed, p.overlap / l.deg AS overlap, p.own / l.deg AS own,
    CASE WHEN p.layer_cell_id IS NOT NULL THEN
      row_number() OVER (PARTITION BY p.cell_id, p.layer, p.layer_cell_id IS NULL ORDER BY p.claimed DESC, c.code) END AS nth,
    l.may_divide AND p.claimed >= $2 * ST_Area(c.geom) AS nests, c.code, c.name
  FROM merge_piece p
  JOIN merge_leaf l ON l.cell_id = p.cell_id
  LEFT JOIN layers.cell c ON c.territory_id = $1 AND c.id = p.layer_cell_id
  WHERE NOT p.sliver AND (l.fresh OR NOT $6)
), family AS (
  SELECT layer, cell_id, count(*) FILTER (WHERE nests) > 1 AND max(claimed) FILTER (WHERE nth IS NOT NULL) < $2 AS nested
  FROM piece GROUP BY layer, cell_id
), leaf AS (
  SELECT layer, cell_id, nested,
    coalesce(max(claimed) FILTER (WHERE nth IS NOT NULL), 0) AS max_share,
    CASE WHEN nested THEN sum(own) FILTER (WHERE nests) ELSE coalesce(max(claimed) FILTER (WHERE nth IS NOT NULL), 0) END AS held,
    count(*) FILTER (WHERE nth IS NOT NULL AND claimed > $3 AND NOT (nested AND nests)) AS claimants,
    coalesce(sum(own - overlap) FILTER (WHERE nth IS NOT NULL AND NOT CASE WHEN nested THEN nests ELSE nth = 1 END), 0) AS others,
    coalesce(sum(own) FILTER (WHERE nth IS NULL), 0) AS uncovered,
    sum(overlap) AS overlap,
    coalesce(sum(own) FILTER (WHERE nests), 0) AS nesting,
    array_agg(layer_cell_id) FILTER (WHERE nth IS NOT NULL AND NOT CASE WHEN nested THEN nests ELSE nth = 1 END) AS other,
    array_agg(layer_cell_id) FILTER (WHERE CASE WHEN nested THEN nests ELSE nth = 1 END AND overlap > 0) AS holding,
    coalesce(jsonb_agg(jsonb_build_object('code', code, 'name', name, 'share', round(claimed::numeric, 6)) ORDER BY nth)
      FILTER (WHERE nth IS NOT NULL), '[]') AS cells
  FROM piece JOIN family USING (layer, cell_id)
  GROUP BY layer, cell_id, nested
)
INSERT INTO merge_found (kind, layer, cell_id, detail, place, geom, area_m2, blocking, proposal, reason)
SELECT k.kind, f.layer, l.home,
  jsonb_build_object('max_share', round(f.max_share::numeric, 6), 'share', round(k.share::numeric, 6), 'cells', f.cells)
    || CASE WHEN l.base_code IS NULL THEN '{}' ELSE jsonb_build_object('base_cell', jsonb_build_object('code', l.base_code, 'name', l.base_name)) END,
  ST_PointOnSurface(coalesce(g.geom, l.geom)), g.geom, k.share * l.area_m2, false, k.proposal, k.reason
FROM leaf f
JOIN merge_ground l ON l.cell_id = f.cell_id
CROSS JOIN LATERAL (
  SELECT 'split' AS kind, f.others AS share, $5::text AS proposal, CASE WHEN $5 = 'keep-base-boundary' THEN 'split' ELSE 'split-base' END AS reason
  WHERE f.held < $2 AND f.claimants > CASE WHEN f.nested THEN 0 ELSE 1 END
  UNION ALL
  SELECT 'boundary-mismatch', f.others, $5, CASE WHEN $5 = 'keep-base-boundary' THEN 'mismatch' ELSE 'mismatch-base' END
  WHERE f.held >= $2 AND (f.others > $3 OR f.others * l.area_m2 > $4)
  UNION ALL
  SELECT 'gap', f.uncovered, 'keep-base-boundary', CASE WHEN f.max_share = 0 THEN 'gap-whole' ELSE 'gap-part' END
  WHERE f.uncovered > $3 OR f.uncovered * l.area_m2 > $4
  UNION ALL
  SELECT 'overlap', f.overlap, 'keep-base-boundary', 'overlap'
  WHERE f.overlap > $3 OR f.overlap * l.area_m2 > $4
  UNION ALL
  SELECT 'nested', f.nesting, 'draw-unit-cells', 'nested'
  WHERE f.nested
) k
CROSS JOIN LATERAL (
  SELECT CASE k.kind
    WHEN 'nested' THEN NULL
    WHEN 'overlap' THEN (SELECT ST_Multi(ST_Union(t.geom)) FROM merge_face t
      WHERE t.layer = f.layer AND t.cell_id = f.cell_id AND cardinality(t.claimants) > 1)
    WHEN 'gap' THEN (SELECT coalesce(p.geom, l.geom) FROM merge_piece p WHERE p.cell_id = f.cell_id AND p.layer = f.layer AND p.layer_cell_id IS NULL)
    ELSE (SELECT merge.rest(ST_Multi(ST_CollectionExtract(ST_Union(coalesce(p.geom, l.geom)) FILTER (WHERE p.layer_cell_id = ANY (f.other)), 3)),
        array_agg(coalesce(p.geom, l.geom)) FILTER (WHERE p.layer_cell_id = ANY (f.holding)))
      FROM merge_piece p WHERE p.cell_id = f.cell_id AND p.layer = f.layer AND NOT p.sliver)
  END AS geom OFFSET 0
) g
ORDER BY l.code, f.layer, k.kind
