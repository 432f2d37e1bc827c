-- $1 territory, $2 edition, $3 instant.
WITH cell AS MATERIALIZED (
  SELECT row_number() OVER (ORDER BY v.cell_id) AS n, v.cell_id, v.tier, v.area_m2 FROM cells.of($1, $2) v
), who AS (
  SELECT a.n, a.holds FROM people.accountables($1, (SELECT array_agg(cell_id ORDER BY n) FROM cell),
    (SELECT array_agg($2::int) FROM cell), (SELECT array_agg($3::timestamptz) FROM cell)) a
), conflict AS MATERIALIZED (
  SELECT kind, state, blocking FROM merge.conflict WHERE territory_id = $1 AND run_id = merge.latest($1, 2147483647)
)
SELECT jsonb_build_object(
  'edition', $2::int,
  'effective', (SELECT effective FROM editions.edition WHERE territory_id = $1 AND seq = $2),
  'tiers', coalesce((
    SELECT jsonb_agg(to_jsonb(t) ORDER BY t.tier) FROM (
      SELECT c.tier, count(*) AS cells, count(*) FILTER (WHERE w.holds = c.cell_id) AS own, count(*) FILTER (WHERE w.holds <> c.cell_id) AS acting,
             count(*) FILTER (WHERE w.n IS NULL) AS none, sum(c.area_m2) AS area_m2
      FROM cell c LEFT JOIN who w ON w.n = c.n GROUP BY c.tier) t), '[]'),
  'objects', (
    SELECT jsonb_object_agg(k.collection, jsonb_build_object('total', coalesce(o.total, 0), 'located', coalesce(o.located, 0),
             'unlocated', coalesce(o.unlocated, 0), 'outside', coalesce(o.outside, 0)))
    FROM objects.kind k
    LEFT JOIN (
      SELECT kind, count(*) AS total, count(geom) AS located, count(*) FILTER (WHERE geom IS NULL) AS unlocated,
             count(*) FILTER (WHERE geom IS NOT NULL AND outside_share > 0) AS outside
      FROM objects.object WHERE territory_id = $1 GROUP BY kind) o ON o.kind = k.kind),
  'layers', coalesce((
    SELECT jsonb_agg(jsonb_build_object('layer', l.code, 'name', jsonb_build_object('zh', l.name_zh, 'en', l.name_en), 'colour', l.colour,
             'cells', (SELECT count(*) FROM layers.cell c WHERE c.territory_id = $1 AND c.layer = l.code)) ORDER BY l.rank, l.code)
    FROM layers.layer l WHERE l.territory_id = $1), '[]'),
  'conflicts', jsonb_build_object(
    'total', (SELECT count(*) FROM conflict), 'open', (SELECT count(*) FROM conflict WHERE state = 'open'),
    'blocking_open', (SELECT count(*) FROM conflict WHERE state = 'open' AND blocking),
    'by_kind', coalesce((SELECT jsonb_object_agg(kind, count) FROM (SELECT kind, count(*) FROM conflict GROUP BY kind) k), '{}')),
  'people', (SELECT count(*) FROM people.person WHERE territory_id = $1),
  'bbox', (SELECT CASE WHEN count(*) > 0 THEN jsonb_build_array(ST_XMin(ST_Extent(v.geom)), ST_YMin(ST_Extent(v.geom)), ST_XMax(ST_Extent(v.geom)), ST_YMax(ST_Extent(v.geom))) END
           FROM cells.of($1, $2) v WHERE v.tier = 1)
)
