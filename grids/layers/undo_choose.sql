-- What a batch made of layer cells: the version that it opened (first) and the
-- one that it closed (before: where that begins; NULL, there was none). The cells
-- are held until the transaction ends. changed: the cell is now another than that
-- version, or gone. Cells that it retired have no first; they are changed when there
-- is one of their code again, or was, which another batch retired and that is not
-- undone.
INSERT INTO undoing_cell (id, code, changed, first, before)
WITH opened AS MATERIALIZED (
  SELECT DISTINCT ON (v.cell_id) v.* FROM layers.version v
  WHERE v.territory_id = $1 AND v.batch = $2 ORDER BY v.cell_id, lower(v.during)
), held AS MATERIALIZED (
  SELECT c.* FROM layers.cell c WHERE c.territory_id = $1 AND c.id IN (SELECT cell_id FROM opened) FOR UPDATE
)
SELECT f.cell_id, f.layer || ':' || f.code,
       c.id IS NULL OR c.batch IS DISTINCT FROM $2::bigint
         OR (c.name, c.person_id, c.provenance, c.published) IS DISTINCT FROM (f.name, f.person_id, f.provenance, f.published)
         OR c.geom::bytea <> f.geom::bytea,
       lower(f.during), lower(b.during)
FROM opened f
LEFT JOIN held c ON c.id = f.cell_id
LEFT JOIN layers.version b ON b.territory_id = $1 AND b.cell_id = f.cell_id AND upper(b.during) = lower(f.during)
UNION ALL
SELECT v.cell_id, v.layer || ':' || v.code,
       EXISTS (SELECT FROM layers.version n WHERE n.territory_id = $1 AND n.layer = v.layer AND n.code = v.code AND lower(n.during) >= upper(v.during)
         AND (upper_inf(n.during) OR n.ended_batch IS NOT NULL
           AND NOT EXISTS (SELECT FROM layers.undone d WHERE d.territory_id = $1 AND d.batch = n.ended_batch))),
       NULL, lower(v.during)
FROM layers.version v WHERE v.territory_id = $1 AND v.ended_batch = $2
