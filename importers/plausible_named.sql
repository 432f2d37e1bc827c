-- How many spots lie in the cell that their row names, under each hypothesis.
-- $1 territory, $2 batch, $3 hypotheses, $4 rows, $5-$6 degrees. The column is
-- the one that names the smallest cells in at least ten and a third of the rows.
WITH edition AS (
  SELECT max(seq) AS seq FROM editions.edition WHERE territory_id = $1
), spot AS MATERIALIZED (
  SELECT h, row, ST_SetSRID(ST_MakePoint(lon, lat), 4326) AS geom FROM unnest($3::int[], $4::int[], $5::float8[], $6::float8[]) AS s (h, row, lon, lat)
), named AS MATERIALIZED (
  SELECT s.row, a.key AS field, c.tier, c.cell_id
  FROM staging.row s CROSS JOIN LATERAL jsonb_each_text(s.attributes) a
  JOIN (SELECT v.cell_id, v.tier, v.name FROM edition e, cells.of($1, e.seq) v WHERE v.tier > 1) c ON c.name = btrim(a.value)
  WHERE s.territory_id = $1 AND s.batch = $2 AND s.row = ANY ($4)
), chosen AS (
  SELECT field, tier FROM named GROUP BY field, tier
  HAVING count(DISTINCT row) >= greatest(10, (SELECT count(DISTINCT row) FROM spot) / 3.0)
  ORDER BY tier DESC, count(DISTINCT row) DESC, field LIMIT 1
), lies AS (
  SELECT s.h, n.field, s.row, bool_or(v.geom && s.geom AND ST_Intersects(v.geom, s.geom)) AS inside
  FROM chosen JOIN named n USING (field, tier) JOIN spot s USING (row) CROSS JOIN edition e
  JOIN cells.version v ON v.territory_id = $1 AND v.cell_id = n.cell_id AND v.from_edition <= e.seq AND (v.to_edition IS NULL OR v.to_edition > e.seq)
  GROUP BY s.h, n.field, s.row
)
SELECT h, field, count(*)::int, count(*) FILTER (WHERE inside)::int FROM lies GROUP BY h, field
