-- $1 territory, $2 edition, $3 instant, $4 longitudes and $5 latitudes (WGS 84),
-- $6 layer ('' for all), $7 the territory's projected CRS, in which metres are
-- measured. One row per point: answer, or nearest when no cell holds it.
WITH spot AS (
  SELECT g.n, ST_SetSRID(ST_MakePoint(g.lon, g.lat), 4326) AS geom,
         0.00046 AS dy, 0.00046 / greatest(cos(radians(g.lat)), 0.01) AS dx -- a little over 50 m
  FROM unnest($4::float8[], $5::float8[]) WITH ORDINALITY AS g (lon, lat, n)
), leaf AS MATERIALIZED (
  -- A point on a shared border belongs to the leaf with the smallest code.
  SELECT s.n, s.geom AS spot, s.dx, s.dy, c.*
  FROM spot s
  CROSS JOIN LATERAL (
    SELECT v.cell_id AS uid, v.provenance, v.geom AS area
    FROM cells.version v
    WHERE v.territory_id = $1 AND v.from_edition <= $2 AND (v.to_edition IS NULL OR v.to_edition > $2)
      AND v.geom && s.geom AND ST_Covers(v.geom, s.geom) AND cells.is_leaf($1, v.cell_id, $2)
    ORDER BY v.code USING ~<~ LIMIT 1
  ) c
), beyond AS MATERIALIZED (
  SELECT l.n, c.*
  FROM leaf l
  CROSS JOIN LATERAL (
    SELECT v.cell_id AS uid, v.code, v.name, ST_Distance(ST_Transform(v.geom, $7::int), ST_Transform(l.spot, $7::int)) AS distance_m
    FROM cells.version v
    WHERE v.territory_id = $1 AND v.from_edition <= $2 AND (v.to_edition IS NULL OR v.to_edition > $2)
      AND v.geom && ST_Expand(l.spot, l.dx, l.dy) AND v.cell_id <> l.uid AND cells.is_leaf($1, v.cell_id, $2)
    ORDER BY 4, v.code USING ~<~ LIMIT 1
  ) c
  WHERE c.distance_m <= 50
), bottom AS (
  SELECT row_number() OVER (ORDER BY uid) AS m, uid FROM (SELECT DISTINCT uid FROM leaf) d
), up AS MATERIALIZED (
  SELECT b.uid AS bottom, a.uid, a.steps
  FROM people.superiors($1, (SELECT array_agg(uid ORDER BY m) FROM bottom), (SELECT array_agg($2::int) FROM bottom), (SELECT array_agg($3::timestamptz) FROM bottom)) a
  JOIN bottom b ON b.m = a.n
), asked AS (
  SELECT row_number() OVER (ORDER BY uid) AS m, uid FROM (SELECT uid FROM up UNION SELECT uid FROM beyond) d
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
), lead AS (
  SELECT q.uid, jsonb_object_agg(w.layer, jsonb_build_object('id', w.person_id, 'name', w.name, 'post', w.post)) AS people
  FROM people.leads($1, (SELECT array_agg(uid ORDER BY m) FROM asked), (SELECT array_agg($3::timestamptz) FROM asked)) w
  JOIN asked q ON q.m = w.n
  WHERE $6 = '' OR w.layer = $6
  GROUP BY q.uid
), chain AS (
  SELECT up.bottom, jsonb_agg(jsonb_build_object('code', v.code, 'uid', v.cell_id, 'name', v.name, 'tier', v.tier,
           'administered', entrusted.administered, 'accountable', who.person, 'leads', coalesce(lead.people, '{}')) ORDER BY up.steps) AS cells
  FROM up
  JOIN cells.of($1, $2) v ON v.cell_id = up.uid
  LEFT JOIN entrusted ON entrusted.uid = up.uid
  LEFT JOIN who ON who.uid = up.uid
  LEFT JOIN lead ON lead.uid = up.uid
  GROUP BY up.bottom
)
SELECT s.n,
  CASE WHEN l.n IS NOT NULL THEN jsonb_build_object(
    'boundary', CASE l.provenance WHEN 'surveyed' THEN 'surveyed' ELSE 'sketched' END,
    'provenance', l.provenance,
    'boundary_m', round(ST_Distance(ST_Transform(ST_Boundary(l.area), $7::int), ST_Transform(l.spot, $7::int))::numeric, 1),
    'neighbour', CASE WHEN b.n IS NOT NULL THEN jsonb_build_object('code', b.code, 'name', b.name,
      'distance_m', round(b.distance_m::numeric, 1), 'accountable', (SELECT person FROM who WHERE who.uid = b.uid)) END,
    'chain', (SELECT cells FROM chain WHERE chain.bottom = l.uid),
    'beside', coalesce((
      SELECT jsonb_agg(jsonb_build_object('kind', o.kind, 'code', o.code, 'name', o.name, 'distance_m', round(o.distance_m::numeric, 1),
               'responsible', coalesce(o.attributes ->> 'responsible', o.attributes ->> 'chief', o.attributes ->> '负责人', o.attributes ->> '河长'))
               ORDER BY o.distance_m, o.kind, o.code)
      FROM (
        SELECT o.kind, o.code, o.name, o.attributes, ST_Distance(ST_Transform(o.geom, $7::int), ST_Transform(l.spot, $7::int)) AS distance_m
        FROM objects.at($1, $3) o JOIN objects.kind k USING (kind)
        WHERE k.beside AND o.geom && ST_Expand(l.spot, l.dx, l.dy)
      ) o WHERE o.distance_m <= 30), '[]')) END AS answer,
  CASE WHEN l.n IS NULL THEN (
    SELECT jsonb_build_object('code', c.code, 'name', c.name, 'distance_m',
             round(ST_Distance(c.geom::geography, s.geom::geography)::numeric, 1))
    FROM (
      SELECT v.code, v.name, v.geom FROM cells.version v
      WHERE v.territory_id = $1 AND v.from_edition <= $2 AND (v.to_edition IS NULL OR v.to_edition > $2)
        AND cells.is_leaf($1, v.cell_id, $2)
      ORDER BY v.geom <-> s.geom, v.code USING ~<~ LIMIT 1
    ) c) END AS nearest
FROM spot s
LEFT JOIN leaf l ON l.n = s.n
LEFT JOIN beyond b ON b.n = s.n
ORDER BY s.n
