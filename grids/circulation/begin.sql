-- A round of a draft: its items are the conflicts of a run, its parties whom they
-- touch. $1 territory, $2 edition, $3 run, $4 working days, $5 deadline, $6 what
-- silence counts as, $7 note, $8 tier of counties,
-- $9 whether the holidays until the deadline are known.
WITH conflict AS MATERIALIZED (
  SELECT c.*, v.code, v.name, r.base
  FROM merge.conflict c
  JOIN merge.run r ON r.territory_id = c.territory_id AND r.id = c.run_id
  LEFT JOIN cells.of($1, $2) v ON v.cell_id = c.cell_id
  WHERE c.territory_id = $1 AND c.run_id = $3
), county AS MATERIALIZED (
  SELECT code, name, cell_id, from_edition FROM cells.of($1, $2) WHERE tier = $8
), about AS MATERIALIZED (
  -- cells of the grid that a conflict is about: its leaf, and of one person in
  -- several places each
  SELECT id, cell_id FROM conflict WHERE cell_id IS NOT NULL
  UNION
  SELECT c.id, v.cell_id FROM conflict c, jsonb_array_elements(c.detail -> 'cells') AS e
  JOIN cells.of($1, $2) v ON v.code = e ->> 'code'
  WHERE c.kind = 'over-capacity'
), cell AS MATERIALIZED (
  SELECT cell_id, row_number() OVER (ORDER BY cell_id) AS n FROM (SELECT DISTINCT cell_id FROM about) c
), above AS MATERIALIZED (
  -- as they are run: by way of whoever administers a cell
  SELECT cell.cell_id, k.code
  FROM (SELECT array_agg(cell_id ORDER BY n) AS ids, array_agg($2::int) AS editions, array_agg(now()) AS instants FROM cell) a
  CROSS JOIN LATERAL people.superiors($1, a.ids, a.editions, a.instants) up
  JOIN county k ON k.cell_id = up.uid
  JOIN cell ON cell.n = up.n
), outside AS MATERIALIZED (
  SELECT id, place FROM conflict WHERE cell_id IS NULL
), touched AS MATERIALIZED (
  SELECT id, layer, NULL::text AS county FROM conflict WHERE layer IS NOT NULL
  UNION SELECT c.id, n ->> 'layer', NULL FROM conflict c, jsonb_array_elements(c.detail -> 'named') AS n WHERE n ->> 'layer' <> ''
  UNION SELECT id, base, NULL FROM conflict WHERE detail ? 'base_cell' AND base <> 'unified'
  UNION SELECT about.id, NULL, above.code FROM about JOIN above USING (cell_id)
  -- ground outside every leaf, or an object in none, is where it lies
  UNION SELECT c.id, NULL, k.code
  FROM outside c JOIN cells.version v ON v.territory_id = $1 AND v.geom && c.place AND ST_Intersects(v.geom, c.place)
  JOIN county k ON k.cell_id = v.cell_id AND k.from_edition = v.from_edition
), party AS MATERIALIZED (
  SELECT p.layer, p.county, row_number() OVER (ORDER BY p.layer IS NULL, l.rank, p.layer, p.county COLLATE "C") AS id,
    coalesce(nullif(l.department, ''), l.name_zh, k.name) AS name_zh, coalesce(nullif(l.department_en, ''), l.name_en, k.name) AS name_en
  FROM (SELECT DISTINCT layer, county FROM touched) p
  LEFT JOIN layers.layer l ON l.territory_id = $1 AND l.code = p.layer
  LEFT JOIN county k ON k.code = p.county
  WHERE l.code IS NOT NULL OR k.code IS NOT NULL
), round AS (
  INSERT INTO circulation.round (territory_id, edition, draft_since, number, run_id, step, working_days, silence, note, due_at, calendar_known)
  SELECT $1, e.seq, e.created_at,
    1 + (SELECT count(*) FROM circulation.round r WHERE r.territory_id = $1 AND r.edition = e.seq AND r.draft_since = e.created_at),
    $3, coalesce((SELECT max(s.step) FROM cells.step s WHERE s.territory_id = $1 AND s.edition = e.seq AND NOT s.undone), 0), $4, $6, $7, $5, $9
  FROM editions.edition e WHERE e.territory_id = $1 AND e.seq = $2
  RETURNING id
), parties AS (
  INSERT INTO circulation.party (territory_id, round_id, id, layer, county, name_zh, name_en)
  SELECT $1, round.id, party.id, party.layer, party.county, party.name_zh, party.name_en FROM round, party
), items AS (
  INSERT INTO circulation.item (territory_id, round_id, conflict, kind, layer, cell_id, code, name, place, area_m2, width_m, pending, severity, blocking,
    layer_cells, proposal, reason, state, resolution, settled_reason)
  SELECT $1, round.id, c.id, c.kind, c.layer, c.cell_id, c.code, c.name, c.place, c.area_m2, c.width_m, c.pending, c.severity, c.blocking,
    ARRAY(SELECT e ->> 'code' FROM jsonb_array_elements(c.detail -> 'cells') AS e), c.proposal, c.reason, c.state, c.resolution, c.settled_reason
  FROM round, conflict c
), concerns AS (
  INSERT INTO circulation.concern (territory_id, round_id, party_id, conflict)
  SELECT $1, round.id, party.id, t.id FROM round, touched t JOIN party ON coalesce(party.layer, '') = coalesce(t.layer, '') AND coalesce(party.county, '') = coalesce(t.county, '')
)
SELECT round.id, (SELECT count(*) FROM party) FROM round
