-- What each changed row lost (sign -1) and gained (1), polygon by polygon, and
-- who has it instead. Reads clean_state and clean_after; fills clean_edge (the
-- rows' boundaries stretched to the scale of their latitude, for distances),
-- clean_delta and clean_piece.
INSERT INTO clean_edge (i, stretch, degree, before_edge, after_edge)
SELECT s.i, x.stretch, d.degree, ST_Scale(ST_Boundary(s.before), x.stretch, 1), ST_Scale(ST_Boundary(a.geom), x.stretch, 1)
FROM clean_state s JOIN clean_after a USING (i),
     LATERAL (SELECT radians(s.latitude) AS phi) l,
     LATERAL (SELECT 111132.954 - 559.822 * cos(2 * phi) AS degree) d,
     LATERAL (SELECT (111412.84 * cos(phi) - 93.5 * cos(3 * phi)) / degree AS stretch) x
WHERE a.changed;
INSERT INTO clean_delta (i, sign, geom)
SELECT e.i, d.sign, p.geom
FROM (SELECT s.i, s.before, a.geom AS after FROM clean_state s JOIN clean_after a USING (i) WHERE a.changed) e,
LATERAL (
  SELECT -1 AS sign, CASE WHEN e.after IS NULL THEN e.before ELSE ST_Difference(e.before, e.after) END AS geom
  UNION ALL
  SELECT 1, ST_Difference(e.after, e.before)
) d, ST_Dump(ST_CollectionExtract(d.geom, 3)) p;
CREATE INDEX ON clean_delta USING gist (geom);
CREATE INDEX ON clean_after USING gist (geom);
ANALYZE clean_delta; ANALYZE clean_after;
-- overlap: lost by a row to one that claimed it too; moved: to one that did not
INSERT INTO clean_piece (what, lost, gained, loss, gain, geom)
SELECT 'moved', l.i, g.i, l.n, g.n, ST_CollectionExtract(ST_Intersection(l.geom, g.geom), 3)
FROM clean_delta l JOIN clean_delta g ON l.sign < 0 AND g.sign > 0 AND l.i <> g.i AND l.geom && g.geom
UNION ALL
SELECT 'overlap', l.i, s.i, l.n, NULL, ST_CollectionExtract(ST_Intersection(ST_Intersection(l.geom, s.before), a.geom), 3)
FROM clean_delta l JOIN clean_state s ON s.i <> l.i AND s.before && l.geom
JOIN clean_after a ON a.i = s.i AND a.geom IS NOT NULL
WHERE l.sign < 0;
DELETE FROM clean_piece WHERE ST_Area(geom) <= 1e-16;
ANALYZE clean_piece;
-- what that leaves went to nobody, or came from nobody; less than 1e-15 square
-- degrees (0.00001 m²) is rounding. On a grid of 1e-14 degrees (a nanometre),
-- because corners of neighbouring pieces may differ in their last bit, and then
-- the union of hairlines sometimes lacks one of them.
INSERT INTO clean_piece (what, lost, gained, geom)
SELECT CASE WHEN d.sign < 0 THEN 'dropped' ELSE 'closed' END,
       CASE WHEN d.sign < 0 THEN d.i END, CASE WHEN d.sign > 0 THEN d.i END,
       ST_CollectionExtract(CASE WHEN k.geom IS NULL THEN d.geom ELSE ST_Difference(d.geom, k.geom, 1e-14) END, 3)
FROM clean_delta d
LEFT JOIN LATERAL (
  SELECT ST_Union(p.geom, 1e-14) AS geom FROM clean_piece p WHERE p.loss = d.n AND d.sign < 0 OR p.gain = d.n AND d.sign > 0
) k ON true
WHERE ST_Area(d.geom) - coalesce(ST_Area(k.geom), 0) > 1e-15
