-- Person $2 of territory $1 as last known, with the cells that they had to do with
-- and the days; cells have their last code up to edition $3.
SELECT p.staff_no, p.name, p.unit, p.post, coalesce((
  SELECT jsonb_agg(jsonb_build_object('uid', c.cell_id, 'cell', v.code, 'cell_name', v.name, 'days', coalesce(round(c.days, 1), 0), 'now', c.now) ORDER BY c.now DESC, v.code)
  FROM (
    SELECT m.cell_id, bool_or(m.during @> now()) AS now,
           sum(coalesce(extract(epoch FROM least(upper(m.during), now()) - lower(m.during)), 0)) FILTER (WHERE lower(m.during) < now() AND NOT lower_inf(m.during)) / 86400 AS days
    FROM (
      SELECT a.cell_id, unnest(range_agg(a.during)) AS during FROM people.assignment a WHERE a.territory_id = $1 AND a.person_id = $2 GROUP BY a.cell_id
    ) m GROUP BY m.cell_id
  ) c
  CROSS JOIN LATERAL (
    SELECT v.code, v.name FROM cells.version v WHERE v.territory_id = $1 AND v.cell_id = c.cell_id ORDER BY v.from_edition > $3, abs(v.from_edition - $3) LIMIT 1
  ) v
), '[]')
FROM people.person_version p
WHERE p.territory_id = $1 AND p.person_id = $2
ORDER BY lower(p.during) DESC LIMIT 1
