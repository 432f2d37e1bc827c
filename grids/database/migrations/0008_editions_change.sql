-- +goose Up
-- A version of a cell as a record of the differences shows it.
CREATE FUNCTION editions.record(v cells.version) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT jsonb_build_object('code', v.code, 'name', v.name, 'tier', v.tier, 'provenance', v.provenance,
    'parent', (SELECT p.code FROM cells.version p
               WHERE p.territory_id = v.territory_id AND p.cell_id = v.parent_id AND p.from_edition <= v.from_edition
                 AND (p.to_edition IS NULL OR p.to_edition > v.from_edition)),
    'area_m2', v.area_m2, 'geometry', ST_AsGeoJSON(v.geom, 7)::jsonb)
$$;

-- What each edition changed, one record per cell: applied to the edition
-- before it, it gives this one. It follows from the versions, which are never
-- changed once published.
CREATE VIEW editions.change WITH (security_invoker = true) AS
WITH touched AS (
  SELECT n.territory_id, n.from_edition AS edition, n.cell_id, o.from_edition AS before, n.from_edition AS after
  FROM cells.version n
  LEFT JOIN cells.version o ON (o.territory_id, o.cell_id, o.to_edition) = (n.territory_id, n.cell_id, n.from_edition)
  UNION ALL
  SELECT o.territory_id, o.to_edition, o.cell_id, o.from_edition, NULL
  FROM cells.version o
  WHERE o.to_edition IS NOT NULL AND NOT EXISTS (
    SELECT FROM cells.version n WHERE (n.territory_id, n.cell_id, n.from_edition) = (o.territory_id, o.cell_id, o.to_edition))
)
SELECT t.territory_id, t.edition,
       row_number() OVER (PARTITION BY t.territory_id, t.edition ORDER BY t.after IS NULL DESC, coalesce(a.tier, b.tier), coalesce(a.code, b.code))::int AS seq,
       t.cell_id AS uid,
       CASE
         WHEN t.before IS NULL THEN 'created'
         WHEN t.after IS NOT NULL THEN 'changed'
         WHEN next.n > 1 THEN 'split'
         WHEN next.n = 1 AND next.sources > 1 THEN 'merged'
         ELSE 'retired'
       END AS op,
       CASE WHEN t.before IS NOT NULL THEN editions.record(b) END AS before,
       CASE WHEN t.after IS NOT NULL THEN editions.record(a) END AS after,
       coalesce(next.successors, '[]') AS successors
FROM touched t
LEFT JOIN cells.version a ON (a.territory_id, a.cell_id, a.from_edition) = (t.territory_id, t.cell_id, t.after)
LEFT JOIN cells.version b ON (b.territory_id, b.cell_id, b.from_edition) = (t.territory_id, t.cell_id, t.before)
LEFT JOIN LATERAL (
  SELECT count(*) AS n,
         max((SELECT count(*) FROM cells.lineage s WHERE (s.territory_id, s.edition, s.to_cell) = (l.territory_id, l.edition, l.to_cell))) AS sources,
         jsonb_agg(jsonb_build_object('uid', l.to_cell, 'code', v.code, 'share', l.share) ORDER BY l.share DESC) AS successors
  FROM cells.lineage l
  JOIN cells.version v ON (v.territory_id, v.cell_id, v.from_edition) = (l.territory_id, l.to_cell, l.edition)
  WHERE (l.territory_id, l.edition, l.from_cell) = (t.territory_id, t.edition, t.cell_id)
) next ON true;
GRANT SELECT ON editions.change TO unigrid_app;
