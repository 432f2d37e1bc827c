-- Rows of a batch whose object lies outside the territory, wholly or partly.
SELECT i.row, 'geom', '', CASE WHEN o.outside_share = 1 THEN 'outside' ELSE 'partly-outside' END, 'warning', o.code,
       CASE WHEN o.outside_share = 1 THEN '不在辖区内,已收下并列出,不属于任何网格'
            ELSE '有 ' || round(100 * o.outside_share::numeric, 3) || ' % 在辖区之外' END,
       CASE WHEN o.outside_share = 1 THEN 'the object lies outside the territory; it is kept and listed, in no cell'
            ELSE round(100 * o.outside_share::numeric, 3) || ' % of the object lie outside the territory' END,
       ST_X(ST_PointOnSurface(o.geom)), ST_Y(ST_PointOnSurface(o.geom))
FROM objects.intake i
CROSS JOIN LATERAL (SELECT * FROM objects.object o WHERE o.territory_id = $1 AND o.kind = btrim(i.kind) AND o.code = btrim(i.code) OFFSET 0) o
WHERE i.territory_id = $1 AND i.batch = $2 AND i.geom IS NOT NULL AND o.outside_share > 0
ORDER BY i.row
