-- The conflicts that a resolution would settle, and how: open ones of the
-- principal's, or those of $7 in any state. Where it says how to find a person,
-- what is stored is the person; conflicts for which there is none are left out, and
-- so are errors of the unified cells, which must be mended. Ground along a
-- statutory or disputed line takes an interim accountable person and nothing else.
-- A line moves only where it can (moves.sql). $3 kind, $4 layer, $5 resolution
-- (proposal: each its own), $6 what must hold.
SELECT id, resolution FROM (
  SELECT f.id, CASE
      WHEN wish = 'appoint' THEN NULL
      WHEN wish LIKE 'interim%' THEN CASE WHEN NOT pending THEN NULL WHEN wish = 'interim-accountable' THEN 'interim:' || (detail -> 'interim' ->> 'staff_no') ELSE wish END
      WHEN pending THEN NULL
      WHEN wish = 'roster-first' THEN 'accountable:' || (detail -> 'own' ->> 'staff_no')
      WHEN wish = 'most-named' THEN 'accountable:' || (detail ->> 'most_named')
      WHEN wish LIKE 'layer:%' THEN 'accountable:' || (SELECT n ->> 'staff_no'
        FROM jsonb_array_elements(detail -> 'named') n WHERE n ->> 'layer' = substr(wish, 7))
      WHEN wish = 'accept-acting' THEN CASE WHEN detail ->> 'own' IS NULL AND detail ->> 'acting' IS NOT NULL THEN wish END
      WHEN wish IN ('adopt-layer-boundary', 'split-leaf', 'draw-unit-cells')
        THEN CASE WHEN alternatives @> jsonb_build_array(jsonb_build_object('resolution', wish)) THEN wish END
      ELSE wish
    END AS resolution
  FROM (SELECT c.*, CASE WHEN $5::text = 'proposal' THEN c.proposal ELSE $5 END AS wish FROM merge.conflict c WHERE c.territory_id = $1 AND c.run_id = $2 AND c.kind = $3) f
  JOIN merge.run r ON r.territory_id = f.territory_id AND r.id = f.run_id
  LEFT JOIN cells.version v ON v.territory_id = f.territory_id AND v.cell_id = f.cell_id
    AND v.from_edition <= r.edition AND (v.to_edition IS NULL OR v.to_edition > r.edition)
  WHERE CASE WHEN $7::bigint[] IS NOT NULL THEN f.id = ANY ($7)
      ELSE f.state = 'open' AND (access.unbounded() OR cells.reached(f.territory_id, f.cell_id) AND access.layer(f.layer)) END
    AND proposal NOT IN ('mend-cells', 'recode', 'place-object')
    AND ($4::text = '' OR f.layer = $4)
    AND (NOT $6::jsonb ? 'max_share_below' OR (detail ->> 'max_share')::float8 < ($6 ->> 'max_share_below')::float8)
    AND (NOT $6 ? 'max_share_from' OR (detail ->> 'max_share')::float8 >= ($6 ->> 'max_share_from')::float8)
    AND (NOT $6 ? 'area_m2_below' OR f.area_m2 < ($6 ->> 'area_m2_below')::float8)
    AND (NOT $6 ? 'width_m_below' OR width_m < ($6 ->> 'width_m_below')::float8)
    AND (NOT $6 ? 'touches_below' OR touches < ($6 ->> 'touches_below')::int)
    AND (NOT $6 ? 'outside' OR coalesce((detail ->> 'outside')::boolean, false) = ($6 ->> 'outside')::boolean)
    AND (NOT $6 ? 'pending' OR pending = ($6 ->> 'pending')::boolean)
    AND (NOT $6 ? 'has_own' OR (detail ->> 'own' IS NOT NULL) = ($6 ->> 'has_own')::boolean)
    AND (NOT $6 ? 'within' OR EXISTS (SELECT FROM jsonb_array_elements_text($6 -> 'within') AS w (prefix) WHERE starts_with(v.code, w.prefix)))
    AND (NOT $6 ? 'cell_names' OR EXISTS (SELECT FROM jsonb_array_elements_text($6 -> 'cell_names') AS w (pattern)
      WHERE v.name LIKE replace(replace(replace(replace(w.pattern, '\', '\\'), '%', '\%'), '_', '\_'), '*', '%')))
    AND (NOT $6 ? 'enterprises_from' OR (SELECT count(*) FROM objects.placement p JOIN objects.object o ON o.territory_id = p.territory_id AND o.id = p.object_id
      WHERE p.territory_id = f.territory_id AND p.cell_id = f.cell_id AND upper_inf(p.during) AND o.kind = 'enterprise') >= ($6 ->> 'enterprises_from')::int)
) f
WHERE resolution IS NOT NULL
