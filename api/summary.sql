-- $1 territory, $2 edition, $3 instant, $4 code or uid. No row: no such cell.
WITH cell AS MATERIALIZED (
  SELECT f.*, v.label
  FROM cells.features($1, $2, $2) f
  JOIN cells.of($1, $2) v ON v.cell_id = f.uid
  WHERE f.code = $4 OR f.uid::text = $4
  ORDER BY f.code = $4 DESC LIMIT 1
), up AS (
  SELECT a.uid, a.steps FROM people.superiors($1, (SELECT array_agg(uid) FROM cell), ARRAY[$2::int], ARRAY[$3::timestamptz]) a
), child AS (
  SELECT v.cell_id AS uid, v.code, v.name, v.tier
  FROM cell JOIN cells.version v ON v.territory_id = $1 AND v.parent_id = cell.uid
    AND v.from_edition <= $2 AND (v.to_edition IS NULL OR v.to_edition > $2)
), asked AS (
  SELECT row_number() OVER (ORDER BY uid) AS m, uid FROM (SELECT uid FROM up UNION SELECT uid FROM child) d
), entrusted AS (
  SELECT m.cell_id AS uid, jsonb_build_object('by', b.code, 'name', b.name, 'unit', u.name, 'from', lower(m.during), 'to', upper(m.during)) AS administered
  FROM people.administration m
  JOIN cells.of($1, $2) b ON b.cell_id = m.by_cell
  LEFT JOIN people.unit u ON u.territory_id = m.territory_id AND u.id = m.by_unit
  WHERE m.territory_id = $1 AND m.cell_id IN (SELECT uid FROM up) AND m.during @> $3::timestamptz
), who AS MATERIALIZED (
  SELECT q.uid, jsonb_build_object('id', a.person_id, 'name', a.name, 'post', a.post, 'phone', a.phone, 'acting', a.acting,
           'from', CASE WHEN a.holds <> q.uid THEN jsonb_build_object('code', h.code, 'name', h.name) END,
           'instead_of', CASE WHEN a.absent IS NOT NULL THEN jsonb_build_object('id', a.absent, 'name', a.absent_name) END) AS person
  FROM people.accountables($1, (SELECT array_agg(uid ORDER BY m) FROM asked), (SELECT array_agg($2::int) FROM asked),
         (SELECT array_agg($3::timestamptz) FROM asked)) a
  JOIN asked q ON q.m = a.n
  LEFT JOIN cells.of($1, $2) h ON h.cell_id = a.holds
), duty AS MATERIALIZED (
  SELECT q.uid, w.layer, jsonb_build_object('id', w.person_id, 'name', w.name, 'post', w.post) AS person
  FROM people.leads($1, (SELECT array_agg(uid ORDER BY m) FROM asked), (SELECT array_agg($3::timestamptz) FROM asked)) w
  JOIN asked q ON q.m = w.n
), inside AS MATERIALIZED (
  SELECT DISTINCT o.id, o.kind, o.code, o.name, o.attributes
  FROM cells.descendants($1, (SELECT array_agg(uid) FROM cell), ARRAY[$2::int]) d
  JOIN objects.placement p ON p.territory_id = $1 AND p.cell_id = d.uid AND p.during @> $3::timestamptz
  JOIN objects.object o ON o.territory_id = $1 AND o.id = p.object_id
), below AS (
  SELECT d.uid FROM cells.descendants($1, (SELECT array_agg(uid) FROM cell), ARRAY[$2::int]) d
), overlap AS (
  SELECT w.layer, c.code, c.name, p.name AS responsible, sum(w.area_m2) AS area_m2,
         sum(w.area_m2) / (SELECT area_m2 FROM cell) AS share_of_cell, sum(w.share_of_layer_cell) AS share_of_layer_cell
  FROM below b
  JOIN merge.crosswalk w ON w.territory_id = $1 AND w.cell_id = b.uid AND w.run_id = merge.latest($1, $2)
  LEFT JOIN layers.cell c ON c.territory_id = $1 AND c.id = w.layer_cell_id
  LEFT JOIN people.person p ON p.territory_id = $1 AND p.id = c.person_id
  GROUP BY w.layer, c.code, c.name, p.name
)
SELECT jsonb_build_object(
  'cell', jsonb_build_object('code', cell.code, 'uid', cell.uid, 'name', cell.name, 'tier', cell.tier, 'parent', cell.parent,
    'leaf', cells.is_leaf($1, cell.uid, $2), 'area_m2', cell.area_m2, 'provenance', cell.provenance,
    'valid_from', cell.valid_from,
    'bbox', jsonb_build_array(ST_XMin(cell.geom), ST_YMin(cell.geom), ST_XMax(cell.geom), ST_YMax(cell.geom)),
    'label', jsonb_build_object('lon', ST_X(cell.label), 'lat', ST_Y(cell.label))),
  'leaders', coalesce((
    SELECT jsonb_agg(jsonb_build_object('person', h.person_id, 'name', h.name, 'post', h.post, 'side', h.side, 'accountable', h.accountable)
             ORDER BY h.rank, h.side = 'party' DESC NULLS LAST, h.accountable DESC, h.person_id)
    FROM people.chiefs($1, ARRAY[cell.uid], ARRAY[$3::timestamptz]) h), '[]'),
  'path', coalesce((
    SELECT jsonb_agg(jsonb_build_object('code', v.code, 'name', v.name) ORDER BY a.steps DESC)
    FROM cells.ancestors($1, ARRAY[cell.uid], ARRAY[$2::int]) a JOIN cells.of($1, $2) v ON v.cell_id = a.uid WHERE a.uid <> cell.uid), '[]'),
  'chain', (
    SELECT jsonb_agg(jsonb_build_object('code', v.code, 'uid', v.cell_id, 'name', v.name, 'tier', v.tier, 'administered', entrusted.administered, 'accountable', who.person,
             'leads', coalesce((SELECT jsonb_object_agg(duty.layer, duty.person) FROM duty WHERE duty.uid = up.uid), '{}')) ORDER BY up.steps)
    FROM up JOIN cells.of($1, $2) v ON v.cell_id = up.uid LEFT JOIN entrusted ON entrusted.uid = up.uid LEFT JOIN who ON who.uid = up.uid),
  'layers', coalesce((
    SELECT jsonb_agg(jsonb_build_object('layer', l.code, 'name', jsonb_build_object('zh', l.name_zh, 'en', l.name_en),
             'lead', (SELECT duty.person FROM duty WHERE duty.uid = cell.uid AND duty.layer = l.code),
             'objects', (SELECT count(*) FROM inside o WHERE l.code = ANY (objects.layers(o.kind, o.attributes)))) ORDER BY l.rank, l.code)
    FROM layers.layer l WHERE l.territory_id = $1), '[]'),
  'objects', coalesce((
    SELECT jsonb_object_agg(objects.collection(k.kind), jsonb_build_object('count', k.count, 'items', k.items))
    FROM (
      SELECT o.kind, count(*) AS count,
             jsonb_agg(jsonb_build_object('code', o.code, 'name', o.name) ORDER BY o.code) FILTER (WHERE o.n <= 50) AS items
      FROM (SELECT i.*, row_number() OVER (PARTITION BY i.kind ORDER BY i.code) AS n FROM inside i) o
      GROUP BY o.kind
    ) k), '{}'),
  'layer_cells', coalesce((
    SELECT jsonb_agg(to_jsonb(o) ORDER BY o.layer, o.area_m2 DESC, o.code) FROM (SELECT * FROM overlap ORDER BY area_m2 DESC LIMIT 200) o), '[]'),
  'children', coalesce((
    SELECT jsonb_agg(jsonb_build_object('code', k.code, 'uid', k.uid, 'name', k.name, 'tier', k.tier, 'accountable', who.person) ORDER BY k.code USING ~<~)
    FROM child k LEFT JOIN who ON who.uid = k.uid), '[]')
) FROM cell
