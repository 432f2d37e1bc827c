-- $1 territory, $2 edition, $3 the text, $4 its LIKE pattern (escaped), $5 limit.
SELECT coalesce(jsonb_agg(to_jsonb(r) - 'rank' ORDER BY r.rank, r.tier NULLS LAST, length(r.name), r.code USING ~<~), '[]')
FROM (
  SELECT * FROM (
    SELECT 'cells' AS collection, 'cell' AS kind, v.code, v.name, v.tier::int AS tier, p.name AS parent_name,
           ST_X(v.label) AS lon, ST_Y(v.label) AS lat,
           jsonb_build_array(ST_XMin(v.geom), ST_YMin(v.geom), ST_XMax(v.geom), ST_YMax(v.geom)) AS bbox,
           CASE WHEN v.code = $3 THEN 0 WHEN v.name = $3 THEN 1 WHEN v.code LIKE $4 || '%' THEN 2
                WHEN v.name ILIKE $4 || '%' THEN 3 ELSE 4 END AS rank
    FROM cells.version v
    LEFT JOIN cells.of($1, $2) p ON p.cell_id = v.parent_id
    WHERE v.territory_id = $1 AND v.from_edition <= $2 AND (v.to_edition IS NULL OR v.to_edition > $2)
      AND (v.code LIKE $4 || '%' OR v.name ILIKE '%' || $4 || '%')
    UNION ALL
    SELECT objects.collection(o.kind), o.kind, o.code, o.name, NULL, NULL,
           ST_X(ST_PointOnSurface(o.geom)), ST_Y(ST_PointOnSurface(o.geom)),
           CASE WHEN o.geom IS NOT NULL THEN jsonb_build_array(ST_XMin(o.geom), ST_YMin(o.geom), ST_XMax(o.geom), ST_YMax(o.geom)) END,
           CASE WHEN o.code = $3 THEN 0 WHEN o.name = $3 THEN 1 WHEN o.code LIKE $4 || '%' THEN 2
                WHEN o.name ILIKE $4 || '%' THEN 3 ELSE 4 END
    FROM objects.object o
    WHERE o.territory_id = $1 AND (o.code LIKE $4 || '%' OR o.name ILIKE '%' || $4 || '%')
  ) found
  ORDER BY rank, tier NULLS LAST, length(name), code USING ~<~ LIMIT $5
) r
