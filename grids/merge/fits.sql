-- The conflicts that a resolution would settle, and how: open ones, or those of
-- $7 in any state. Where it says how to find a person, what is stored is the
-- person; conflicts for which there is none are left out, and so are errors of the
-- unified cells, which must be mended. Ground along a statutory or disputed line
-- takes an interim accountable person and nothing else. A line moves only where it
-- can (moves.sql). $3 kind, $4 layer, $5 resolution, $6 what must hold.
SELECT id, resolution FROM (
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
  WHERE territory_id = $1 AND run_id = $2 AND kind = $3
    AND CASE WHEN $7::bigint[] IS NULL THEN state = 'open' ELSE id = ANY ($7) END
    AND proposal NOT IN ('mend-cells', 'recode', 'place-object')
    AND ($4::text = '' OR layer = $4)
    AND (NOT $6::jsonb ? 'max_share_below' OR (detail ->> 'max_share')::float8 < ($6 ->> 'max_share_below')::float8)
    AND (NOT $6 ? 'max_share_from' OR (detail ->> 'max_share')::float8 >= ($6 ->> 'max_share_from')::float8)
    AND (NOT $6 ? 'area_m2_below' OR area_m2 < ($6 ->> 'area_m2_below')::float8)
    AND (NOT $6 ? 'width_m_below' OR width_m < ($6 ->> 'width_m_below')::float8)
    AND (NOT $6 ? 'touches_below' OR touches < ($6 ->> 'touches_below')::int)
    AND (NOT $6 ? 'outside' OR coalesce((detail ->> 'outside')::boolean, false) = ($6 ->> 'outside')::boolean)
    AND (NOT $6 ? 'pending' OR pending = ($6 ->> 'pending')::boolean)
    AND (NOT $6 ? 'has_own' OR (detail ->> 'own' IS NOT NULL) = ($6 ->> 'has_own')::boolean)
) f
WHERE resolution IS NOT NULL
