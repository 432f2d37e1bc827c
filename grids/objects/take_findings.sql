-- Rows of a batch that can't be taken, with field, value and why.
WITH incoming AS (
  SELECT i.*, first_value(i.row) OVER same AS first_row,
         ROW(i.name, i.geom::bytea, i.located_by, i.cell_name, i.county_name, i.town_name, i.attributes, i.provenance, i.published)
           IS DISTINCT FROM first_value(ROW(i.name, i.geom::bytea, i.located_by, i.cell_name, i.county_name, i.town_name, i.attributes, i.provenance, i.published)) OVER same AS differs
  FROM objects.intake i
  WHERE i.territory_id = $1 AND i.batch = $2
  WINDOW same AS (PARTITION BY btrim(i.kind), btrim(i.code) ORDER BY i.row)
)
SELECT i.row, p.field, p.value, p.kind, 'error', i.code, p.message_zh, p.message, p.lon, p.lat
FROM incoming i
CROSS JOIN LATERAL (VALUES
  (btrim(i.code, E' \t\u3000') = '', 'code', i.code, 'empty', '缺少代码,请补上', 'an object needs a code', ST_X(ST_PointOnSurface(i.geom)), ST_Y(ST_PointOnSurface(i.geom))),
  (btrim(i.name, E' \t\u3000') = '', 'name', i.name, 'empty', '缺少名称,请补上', 'an object needs a name', NULL, NULL),
  (NOT EXISTS (SELECT FROM objects.kind k WHERE k.kind = btrim(i.kind)), 'kind', i.kind, 'unknown-kind',
   '类别应为其中之一:' || (SELECT string_agg(k.kind, '、' ORDER BY k.rank) FROM objects.kind k),
   'a kind is one of ' || (SELECT string_agg(k.kind, ', ' ORDER BY k.rank) FROM objects.kind k), NULL, NULL),
  (btrim(i.located_by) NOT IN ('import', 'address', 'hand', 'gps', ''), 'located_by', i.located_by, 'unknown-located-by',
   '位置来源应为导入、地址、人工、卫星定位之一', 'a place is known by import, address, hand or gps', NULL, NULL),
  (ST_XMin(i.geom) < -180 OR ST_XMax(i.geom) > 180 OR ST_YMin(i.geom) < -90 OR ST_YMax(i.geom) > 90, 'geom', left(ST_AsText(i.geom, 3), 60), 'not-degrees',
   '经纬度超出范围,坐标系与所选不符,请重选坐标系', 'longitude and latitude are beyond the globe: the file''s CRS is another than was said', NULL, NULL),
  (btrim(i.code, E' \t\u3000') <> '' AND i.row <> i.first_row AND i.differs, 'code', i.code, 'duplicate',
   '第 ' || i.first_row || ' 行的类别和代码相同而内容不同,请删去其一', 'row ' || i.first_row || ' gives the same kind and code with other particulars', NULL, NULL)
) AS p (wrong, field, value, kind, message_zh, message, lon, lat)
WHERE p.wrong
ORDER BY i.row, p.field
