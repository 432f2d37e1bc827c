-- $1 territory, $2 edition, $3 cells. For each, what its map shows of the grid:
-- itself (own), its children (child), and of its tier what is around (near).
WITH own AS MATERIALIZED (
  SELECT v.cell_id, v.code, v.name, v.tier, v.geom,
         ST_Expand(v.geom::box2d, 0.85 * greatest(ST_XMax(v.geom) - ST_XMin(v.geom), ST_YMax(v.geom) - ST_YMin(v.geom)))::geometry AS box
  FROM cells.of($1, $2) v WHERE v.cell_id = ANY ($3::bigint[])
)
SELECT o.cell_id, 'own', o.code, o.name, ST_AsEWKB(o.geom) FROM own o
UNION ALL
SELECT o.cell_id, 'child', c.code, c.name, ST_AsEWKB(c.geom)
FROM own o JOIN cells.version c ON c.territory_id = $1 AND c.parent_id = o.cell_id AND c.from_edition <= $2 AND (c.to_edition IS NULL OR c.to_edition > $2)
UNION ALL
SELECT o.cell_id, 'near', v.code, v.name, ST_AsEWKB(v.geom)
FROM own o JOIN cells.version v ON v.territory_id = $1 AND v.from_edition <= $2 AND (v.to_edition IS NULL OR v.to_edition > $2)
  AND v.tier = o.tier AND v.geom && ST_SetSRID(o.box, 4326) AND v.cell_id <> o.cell_id
ORDER BY 1, 2, 3
