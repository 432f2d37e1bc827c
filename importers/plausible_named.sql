-- How many rows lie in a cell that they name, under each hypothesis. $1
-- territory, $2 hypotheses, $3 rows, $4 cells that the row may mean, $5-$6 degrees.
SELECT h, count(*)::int, count(*) FILTER (WHERE inside)::int FROM (
  SELECT s.h, s.row, bool_or(ST_Intersects(v.geom, ST_SetSRID(ST_MakePoint(s.lon, s.lat), 4326))) AS inside
  FROM unnest($2::int[], $3::int[], $4::bigint[], $5::float8[], $6::float8[]) AS s (h, row, cell, lon, lat)
  JOIN editions.edition e ON e.territory_id = $1 AND e.seq = (SELECT max(seq) FROM editions.edition WHERE territory_id = $1)
  JOIN cells.version v ON v.territory_id = $1 AND v.cell_id = s.cell AND v.from_edition <= e.seq AND (v.to_edition IS NULL OR v.to_edition > e.seq)
  GROUP BY s.h, s.row) lies
GROUP BY h
