-- Objects, layer cells and a crosswalk, as many as a
-- prefecture has. $1 territory.
WITH object AS (
  INSERT INTO objects.object (territory_id, kind, code, name, geom, located_by, provenance)
  SELECT $1, 'enterprise', 'E' || i, '示例企业', ST_Point(113.5 + (i % 200) * 0.002, 27.5 + (i / 200) * 0.002, 4326), 'import', 'demo'
  FROM generate_series(1, 20000) AS i
), cell AS (
  INSERT INTO layers.cell (territory_id, layer, code, name, geom, area_m2, provenance)
  SELECT $1, 'safety', 'L' || i, '示例网格', ST_Multi(ST_Expand(ST_Point(113.5 + (i % 100) * 0.004, 27.5 + (i / 100) * 0.004, 4326), 0.002)), 1, 'demo'
  FROM generate_series(1, 10000) AS i
), run AS (
  INSERT INTO merge.run (territory_id, edition, layers, created_by) VALUES ($1, 1, '{safety}', 'test') RETURNING id
)
INSERT INTO merge.crosswalk (territory_id, run_id, layer, cell_id, area_m2, share_of_cell, claimed_share)
SELECT $1, run.id, 'safety', v.cell_id, 1, 1, 0 FROM run, cells.leaves($1, 1) v
