-- What each changed row lost (sign -1) and gained (1), with the scale at its
-- latitude for distances. Reads clean_state and clean_after; fills clean_delta.
INSERT INTO clean_delta (i, sign, geom, stretch, degree, before_edge, after_edge)
SELECT e.i, d.sign, d.geom, e.stretch, e.degree,
       ST_Scale(ST_Boundary(e.before), e.stretch, 1), ST_Scale(ST_Boundary(e.after), e.stretch, 1)
FROM (
  SELECT s.i, s.before, a.geom AS after, 111132.954 - 559.822 * cos(2 * phi) AS degree,
         (111412.84 * cos(phi) - 93.5 * cos(3 * phi)) / (111132.954 - 559.822 * cos(2 * phi)) AS stretch
  FROM clean_state s JOIN clean_after a USING (i),
       LATERAL (SELECT radians(s.latitude) AS phi) l
  WHERE a.changed
) e, LATERAL (
  SELECT -1 AS sign, ST_CollectionExtract(CASE WHEN e.after IS NULL THEN e.before ELSE ST_Difference(e.before, e.after) END, 3) AS geom
  UNION ALL
  SELECT 1, ST_CollectionExtract(ST_Difference(e.after, e.before), 3)
) d
WHERE NOT ST_IsEmpty(d.geom);
CREATE INDEX ON clean_delta USING gist (geom);
CREATE INDEX ON clean_after USING gist (geom);
ANALYZE clean_delta; ANALYZE clean_after;
-- overlap: lost by a row to one that claimed it too; moved: to one that did not
INSERT INTO clean_piece (what, lost, gained, geom)
SELECT 'moved', l.i, g.i, ST_CollectionExtract(ST_Intersection(l.geom, g.geom), 3)
FROM clean_delta l JOIN clean_delta g ON l.sign < 0 AND g.sign > 0 AND l.i <> g.i AND l.geom && g.geom
UNION ALL
SELECT 'overlap', l.i, s.i, ST_CollectionExtract(ST_Intersection(ST_Intersection(l.geom, s.before), a.geom), 3)
FROM clean_delta l JOIN clean_state s ON s.i <> l.i AND s.before && l.geom AND ST_Intersects(s.before, l.geom)
JOIN clean_after a ON a.i = s.i AND a.geom IS NOT NULL
WHERE l.sign < 0;
-- what that leaves went to nobody, or came from nobody; less than 1e-15 square
-- degrees (0.00001 m²) is rounding
INSERT INTO clean_piece (what, lost, gained, geom)
SELECT CASE WHEN d.sign < 0 THEN 'dropped' ELSE 'closed' END,
       CASE WHEN d.sign < 0 THEN d.i END, CASE WHEN d.sign > 0 THEN d.i END,
       ST_CollectionExtract(CASE WHEN o.geom IS NULL THEN d.geom ELSE ST_Difference(d.geom, o.geom) END, 3)
FROM clean_delta d
JOIN LATERAL (
  SELECT coalesce(ST_Area(ST_Union(p.geom)), 0) AS known FROM clean_piece p -- two may have lost the same place
  WHERE CASE WHEN d.sign < 0 THEN p.lost = d.i ELSE p.gained = d.i AND p.what = 'moved' END
) k ON ST_Area(d.geom) - k.known > 1e-15
LEFT JOIN LATERAL (
  SELECT ST_Union(x.geom) AS geom FROM (
    SELECT a.geom FROM clean_after a WHERE d.sign < 0 AND a.i <> d.i AND a.geom && d.geom
    UNION ALL
    SELECT s.before FROM clean_state s WHERE d.sign > 0 AND s.i <> d.i AND s.before && d.geom
  ) x
) o ON true
