-- $1 territory, $2 edition in force (the newest run counts, also one of an open
-- draft), $3 kind, $4 layer, $5 state ('' for any), $6 limit.
WITH run AS (
  SELECT r.id, r.edition, r.layers FROM merge.run r
  WHERE r.territory_id = $1 AND r.id = merge.latest($1, 2147483647)
), conflict AS MATERIALIZED (
  SELECT c.*, ($3 = '' OR c.kind = $3) AND ($4 = '' OR c.layer = $4) AND ($5 = '' OR c.state = $5) AS matches
  FROM run JOIN merge.conflict c ON c.territory_id = $1 AND c.run_id = run.id
)
SELECT jsonb_build_object(
  'run', (SELECT id FROM run), 'edition', (SELECT edition FROM run), 'in_force', $2::int, 'layers', coalesce((SELECT to_jsonb(layers) FROM run), '[]'),
  'total', (SELECT count(*) FROM conflict), 'matched', (SELECT count(*) FROM conflict WHERE matches),
  'open', (SELECT count(*) FROM conflict WHERE state = 'open'),
  'blocking_open', (SELECT count(*) FROM conflict WHERE state = 'open' AND blocking),
  'by_kind', coalesce((SELECT jsonb_object_agg(kind, count) FROM (SELECT kind, count(*) FROM conflict GROUP BY kind) k), '{}'),
  'conflicts', coalesce((
    SELECT jsonb_agg(jsonb_build_object('id', c.id, 'kind', c.kind, 'layer', c.layer,
      'cell', CASE WHEN v.cell_id IS NOT NULL THEN jsonb_build_object('code', v.code, 'name', v.name) END,
      'lon', ST_X(c.place), 'lat', ST_Y(c.place), 'area_m2', c.area_m2, 'touches', c.touches, 'blocking', c.blocking,
      'proposal', c.proposal, 'reason', c.reason, 'state', c.state, 'resolution', c.resolution, 'settled_by', c.settled_by, 'detail', c.detail)
      ORDER BY c.blocking DESC, c.touches DESC, c.area_m2 DESC, c.id)
    FROM (SELECT * FROM conflict WHERE matches ORDER BY blocking DESC, touches DESC, area_m2 DESC, id LIMIT $6) c
    LEFT JOIN cells.of($1, (SELECT edition FROM run)) v ON v.cell_id = c.cell_id), '[]')
)
