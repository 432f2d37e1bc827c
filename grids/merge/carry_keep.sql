-- The conflicts of the run that the edition rests on so far, as they were decided.
DROP TABLE IF EXISTS pg_temp.merge_decided;
CREATE TEMP TABLE merge_decided ON COMMIT DROP AS
SELECT c.id, c.version, c.comments, c.kind, c.layer, c.cell_id, c.detail, c.area_m2, c.pending,
  c.state, c.resolution, c.settled_by, c.settled_reason, c.settled_at
FROM merge.conflict c WHERE false
