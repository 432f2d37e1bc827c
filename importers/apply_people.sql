-- Staged rows as people: layers and days as import_value reads them. Of a file
-- that was exported here, what stands in our own columns counts, save where the
-- column that the file had first was edited.
INSERT INTO people.intake_person (territory_id, batch, row, staff_no, name, unit, post, phone, provenance, sent, choice, layer, supports, post_from)
SELECT s.territory_id, s.batch, s.row, v.staff_no, v.name, v.unit, v.post, coalesce(s.attributes ->> $7, ''),
       CASE WHEN s.attributes ? '_own' THEN coalesce(p.provenance, $8) ELSE $8 END,
       CASE WHEN s.attributes ? '_own' THEN (SELECT jsonb_object_agg(k, y) FROM jsonb_each(s.attributes) e (k, y) WHERE k NOT IN ('_own', $7)
         AND (lower(k) NOT IN ('staff_no', 'name', 'unit', 'post', 'post_from', 'layer', 'supports') OR x.sent ? k) HAVING bool_or(y NOT IN ('null', '""'))) ELSE s.attributes - $7::text END,
       $9::jsonb ->> s.row::text, coalesce(layer.value, ''), coalesce(supports.value, ''), coalesce(since.value, '')
FROM staging.row s
LEFT JOIN people.person p ON p.territory_id = $1 AND p.id::text = s.attributes -> '_own' ->> 'uid'
LEFT JOIN people.sent x ON x.territory_id = $1 AND x.person_id = p.id AND x.batch = p.batch
CROSS JOIN LATERAL (
  SELECT max(f.value) FILTER (WHERE f.name = 'staff_no') AS staff_no, max(f.value) FILTER (WHERE f.name = 'name') AS name,
         max(f.value) FILTER (WHERE f.name = 'unit') AS unit, max(f.value) FILTER (WHERE f.name = 'post') AS post
  FROM (
    SELECT c.name, CASE WHEN s.attributes -> '_own' ? c.name AND (coalesce(s.attributes ->> c.col, '') = '' OR x.sent ->> c.col = s.attributes ->> c.col)
             THEN s.attributes -> '_own' ->> c.name ELSE coalesce(s.attributes ->> c.col, '') END AS value
    FROM (VALUES ('staff_no', $3), ('name', $4), ('unit', $5), ('post', $6)) AS c (name, col)
  ) f
) v
LEFT JOIN import_value layer ON layer.field = 'layer' AND layer.text = btrim(s.attributes ->> $10)
LEFT JOIN import_value supports ON supports.field = 'supports' AND supports.text = btrim(s.attributes ->> $11)
LEFT JOIN import_value since ON since.field = 'post_from' AND since.text = btrim(s.attributes ->> $12)
WHERE s.territory_id = $1 AND s.batch = $2 AND NOT EXISTS (SELECT FROM import_rejected r WHERE r.row = s.row)
