-- Lineage of edition $2 of territory $1; $3 is the least share. Cells whose
-- version ends with the edition against those that it has, tier by tier.
WITH before AS MATERIALIZED (
  SELECT v.cell_id, v.tier, v.geom, ST_Area(v.geom) AS area,
         NOT EXISTS (SELECT FROM cells.version n WHERE n.territory_id = $1 AND n.cell_id = v.cell_id AND n.from_edition = $2) AS ended
  FROM cells.version v WHERE v.territory_id = $1 AND v.to_edition = $2
), after AS MATERIALIZED (
  SELECT v.cell_id, v.tier, v.geom,
         NOT EXISTS (SELECT FROM before b WHERE b.cell_id = v.cell_id) AS begun
  FROM cells.version v WHERE v.territory_id = $1 AND v.from_edition = $2
), pair AS MATERIALIZED (
  SELECT b.cell_id AS from_cell, a.cell_id AS to_cell, b.ended, a.begun,
         CASE WHEN ST_OrderingEquals(a.geom, b.geom) THEN 1 ELSE ST_Area(ST_Intersection(a.geom, b.geom)) / b.area END AS share
  FROM before b JOIN after a ON a.tier = b.tier AND a.geom && b.geom AND ST_Intersects(a.geom, b.geom)
), kept AS MATERIALIZED (
  SELECT * FROM pair WHERE share >= $3
), involved AS (
  SELECT from_cell, to_cell, ended, share FROM kept WHERE ended OR begun
  UNION
  -- what a cell that goes on kept for itself, where it gave or took some
  SELECT k.from_cell, k.to_cell, k.ended, k.share FROM kept k
  WHERE k.from_cell = k.to_cell AND EXISTS (
    SELECT FROM kept o WHERE (o.ended OR o.begun) AND (o.from_cell = k.from_cell OR o.to_cell = k.to_cell))
)
INSERT INTO cells.lineage (territory_id, edition, from_cell, to_cell, share)
SELECT $1, $2, from_cell, to_cell,
       least(1, CASE WHEN ended THEN share / sum(share) OVER (PARTITION BY from_cell) ELSE share END)
FROM involved
