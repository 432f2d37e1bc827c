-- The areas that changed hands, each polygon by itself, with how far the
-- boundary moved there at most, by corners and middles of edges: the loser's
-- from old to new, else the taker's, the lesser where both moved. $1 EPSG for areas, $2 and $3
-- the origin of clean_state, clean_after and what comes of them.
SELECT p.what, coalesce(p.lost, -1), coalesce(lr.code, ''), coalesce(p.gained, -1), coalesce(gr.code, ''), ST_AsEWKB(m.geom), ST_X(m.inside), ST_Y(m.inside),
       ST_Area(m.planar), ST_Perimeter(m.planar), coalesce(v.metres, 0),
       NOT EXISTS (SELECT FROM clean_state s JOIN clean_parent c ON c.cell_id = s.parent
                   WHERE s.i = p.lost AND NOT ST_Covers(c.geom, m.inside)),
       p.what = 'closed' AND EXISTS (
         SELECT FROM clean_state s, ST_Dump(s.before) r
         WHERE s.i = p.gained AND ST_Covers(ST_MakePolygon(ST_ExteriorRing(r.geom)), m.here))
FROM clean_piece p
LEFT JOIN clean_row lr ON lr.row = p.lost
LEFT JOIN clean_row gr ON gr.row = p.gained
CROSS JOIN LATERAL ST_Dump(p.geom) d
CROSS JOIN LATERAL (SELECT ST_PointOnSurface(d.geom) AS here, ST_Translate(d.geom, $2::float8, $3::float8) AS geom) n
CROSS JOIN LATERAL (SELECT n.here, ST_Translate(n.here, $2::float8, $3::float8) AS inside, n.geom, ST_Transform(n.geom, $1::int) AS planar) m
LEFT JOIN LATERAL (
  SELECT min(x.metres) AS metres FROM (
    SELECT max(greatest(ST_Distance(q.geom, e.after_edge), ST_Distance(q.geom, e.before_edge))) * e.degree AS metres
    FROM clean_edge e, ST_DumpSegments(ST_Scale(d.geom, e.stretch, 1)) s,
         LATERAL (VALUES (ST_StartPoint(s.geom)), (ST_LineInterpolatePoint(s.geom, 0.5))) q (geom)
    WHERE e.i = p.lost OR e.i = p.gained AND p.what IN ('closed', 'moved')
    GROUP BY e.i, e.degree) x
) v ON true
WHERE ST_Area(d.geom) > CASE WHEN p.what IN ('closed', 'dropped') THEN 1e-15 ELSE 1e-16 END
ORDER BY 1, 2, 4, 9 DESC
