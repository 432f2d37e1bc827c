WITH absorbed AS (
  SELECT p.cell_id, p.layer, coalesce(p.into_id, 0) AS into_id, sum(p.own / l.deg) AS share
  FROM merge_piece p JOIN merge_leaf l ON l.cell_id = p.cell_id
  WHERE p.sliver GROUP BY 1, 2, 3
), content AS (
  SELECT cell_id, layer, coalesce(layer_cell_id, 0) AS layer_cell_id, bool_or(estimated) AS estimated,
    sum(objects) FILTER (WHERE kind = 'enterprise') AS enterprises,
    sum(objects) FILTER (WHERE kind = 'monitor') AS monitors,
    sum(objects) FILTER (WHERE kind = 'water-source') AS water_sources
  FROM (
    SELECT cell_id, layer, layer_cell_id, kind, objects, estimated FROM merge_content
    UNION ALL SELECT cell_id, layer, layer_cell_id, kind, 1, false FROM merge_stretch
  ) c
  GROUP BY 1, 2, 3
)
INSERT INTO merge.crosswalk (territory_id, run_id, layer, layer_cell_id, cell_id, area_m2, share_of_cell,
  share_of_layer_cell, claimed_share, overlap_share, absorbed_share, geom, population, enterprises, monitors, water_sources, counted)
SELECT $1, $2, p.layer, p.layer_cell_id, p.cell_id, s.share * l.area_m2, s.share,
  p.own / c.deg, p.claimed / l.deg, p.overlap / l.deg, coalesce(a.share, 0), CASE WHEN NOT p.whole THEN p.geom END,
  c.population * p.own / c.deg, coalesce(n.enterprises, 0), coalesce(n.monitors, 0), coalesce(n.water_sources, 0),
  CASE WHEN n.estimated THEN 'estimated' ELSE 'exact' END
FROM merge_piece p
JOIN merge_leaf l ON l.cell_id = p.cell_id
LEFT JOIN (
  SELECT id, ST_Area(geom) AS deg, (
    SELECT max(v::float8) FROM unnest(ARRAY[published ->> 'population', published ->> '人口', published ->> '常住人口', published ->> '人口数']) v
    WHERE v ~ '^\s*[0-9]+(\.[0-9]+)?\s*$') AS population
  FROM layers.cell WHERE territory_id = $1
) c ON c.id = p.layer_cell_id
LEFT JOIN absorbed a ON a.cell_id = p.cell_id AND a.layer = p.layer AND a.into_id = coalesce(p.layer_cell_id, 0)
LEFT JOIN content n ON n.cell_id = p.cell_id AND n.layer = p.layer AND n.layer_cell_id = coalesce(p.layer_cell_id, 0)
CROSS JOIN LATERAL (SELECT p.own / l.deg + coalesce(a.share, 0) AS share) s
WHERE NOT p.sliver
ORDER BY l.code, p.layer, p.own DESC
