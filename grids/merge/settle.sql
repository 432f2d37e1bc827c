-- Settles open conflicts by one resolution. Where that says how to find a person,
-- what is stored is the person; conflicts for which there is none stay open, and
-- so do errors of the unified cells, which must be mended. Ground along a
-- statutory or disputed line takes an interim accountable person and nothing else. A line moves
-- only where it can (moves.sql).
UPDATE merge.conflict c
SET state = 'settled', resolution = s.resolution, settled_by = $6, settled_reason = $7, settled_at = clock_timestamp()
FROM (
  SELECT id, CASE
      WHEN $5::text LIKE 'interim%' THEN CASE WHEN NOT pending THEN NULL WHEN $5 = 'interim-accountable' THEN 'interim:' || (detail -> 'interim' ->> 'staff_no') ELSE $5 END
      WHEN pending THEN NULL
      WHEN $5 = 'roster-first' THEN 'accountable:' || (detail -> 'own' ->> 'staff_no')
      WHEN $5 = 'most-named' THEN 'accountable:' || (detail ->> 'most_named')
      WHEN $5 LIKE 'layer:%' THEN 'accountable:' || (SELECT n ->> 'staff_no'
        FROM jsonb_array_elements(detail -> 'named') n WHERE n ->> 'layer' = substr($5, 7))
      WHEN $5 = 'accept-acting' THEN CASE WHEN detail ->> 'own' IS NULL AND detail ->> 'acting' IS NOT NULL THEN $5 END
      WHEN $5 IN ('adopt-layer-boundary', 'split-leaf', 'draw-unit-cells')
        THEN CASE WHEN alternatives @> jsonb_build_array(jsonb_build_object('resolution', $5)) THEN $5 END
      ELSE $5
    END AS resolution
  FROM merge.conflict
  WHERE territory_id = $1 AND run_id = $2 AND state = 'open' AND kind = $3
    AND proposal NOT IN ('mend-cells', 'recode', 'place-object')
    AND ($14::bigint IS NULL OR id = $14)
    AND ($4::text = '' OR layer = $4)
    AND ($8::float8 IS NULL OR (detail ->> 'max_share')::float8 < $8)
    AND ($9::float8 IS NULL OR (detail ->> 'max_share')::float8 >= $9)
    AND ($10::float8 IS NULL OR area_m2 < $10)
    AND ($11::int IS NULL OR touches < $11)
    AND ($12::boolean IS NULL OR coalesce((detail ->> 'outside')::boolean, false) = $12)
    AND ($15::float8 IS NULL OR width_m < $15)
    AND ($16::boolean IS NULL OR pending = $16)
    AND ($13::boolean IS NULL OR (detail ->> 'own' IS NOT NULL) = $13)
) s
WHERE c.territory_id = $1 AND c.run_id = $2 AND c.id = s.id AND s.resolution IS NOT NULL
