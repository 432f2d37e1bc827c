-- Brings a batch into the table assignment_taken, with persons and cells as they
-- are known in the edition (NULL when they are not). A row without a code names
-- its cell, or in choice which of several it is.
WITH said AS MATERIALIZED (
  SELECT i.*, coalesce(nullif(btrim(i.choice), ''), nullif(btrim(i.cell_code), '')) AS code,
         coalesce(btrim(i.county_name), '') AS county, coalesce(btrim(i.town_name), '') AS town, coalesce(btrim(i.cell_name), '') AS village
  FROM people.intake_assignment i
  WHERE i.territory_id = $1 AND i.batch = $2
), asked AS MATERIALIZED (
  -- the lowest that is named is meant, by a village's name a cell of any tier
  SELECT DISTINCT county, town, village,
         CASE WHEN village <> '' OR town <> '' THEN county ELSE '' END AS under_county, CASE WHEN village <> '' THEN town ELSE '' END AS under_town,
         coalesce(nullif(village, ''), nullif(town, ''), county) AS name, CASE WHEN village <> '' THEN NULL WHEN town <> '' THEN 3 ELSE 2 END AS tier
  FROM said WHERE code IS NULL AND (county <> '' OR town <> '' OR village <> '')
), meant AS MATERIALIZED (
  SELECT a.county, a.town, a.village, count(*) AS n, min(m.cell_id) AS cell_id,
         jsonb_agg(jsonb_build_object('code', m.code, 'name', m.name, 'path', m.path) ORDER BY m.code) AS list
  FROM asked a CROSS JOIN LATERAL cells.match($1, $3, a.tier, a.under_county, a.under_town, a.name) m
  GROUP BY a.county, a.town, a.village
), found AS (
  SELECT s.*, coalesce(v.cell_id, CASE WHEN m.n = 1 THEN m.cell_id END) AS cell_id, CASE WHEN m.n > 1 THEN m.list END AS candidates
  FROM said s
  LEFT JOIN cells.of($1, $3) v ON v.code = s.code
  LEFT JOIN meant m ON s.code IS NULL AND (m.county, m.town, m.village) = (s.county, s.town, s.village)
)
INSERT INTO assignment_taken (row, staff_no, cell_code, named, candidates, person_id, cell_id, role, layer, post, side, rank, from_at, to_at)
SELECT i.row, i.staff_no, coalesce(c.code, i.code, ''), CASE WHEN i.code IS NULL THEN concat_ws(' / ', nullif(i.county, ''), nullif(i.town, ''), nullif(i.village, '')) ELSE '' END,
       i.candidates, p.id, i.cell_id, btrim(i.role), nullif(btrim(i.layer), ''), btrim(i.post),
       nullif(btrim(i.side), ''), i.rank, coalesce(i.from_at, $4), nullif(i.to_at, 'infinity')
FROM found i
LEFT JOIN people.person p ON p.territory_id = $1 AND p.staff_no = btrim(i.staff_no)
LEFT JOIN cells.of($1, $3) c ON c.cell_id = i.cell_id
