-- +goose Up
-- What the rooms publish for collections, tiles and the API: read-only
-- functions, plain enough for the planner to see through, so that a filter on
-- their columns still finds its index.

-- Versions of cells in force in some edition of first..last, each with the last
-- of these editions that shows it.
CREATE FUNCTION cells.features(territory int, first int, last int)
RETURNS TABLE (uid bigint, code text, name text, tier smallint, parent text, parent_uid bigint, area_m2 double precision,
  provenance text, from_edition int, edition int, valid_from timestamptz, valid_to timestamptz, geom geometry)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT v.cell_id, v.code, v.name, v.tier, p.code, v.parent_id, v.area_m2,
         v.provenance, v.from_edition, least(last, v.to_edition - 1), b.effective, e.effective, v.geom
  FROM cells.version v
  JOIN editions.edition b ON b.territory_id = v.territory_id AND b.seq = v.from_edition
  LEFT JOIN editions.edition e ON e.territory_id = v.territory_id AND e.seq = v.to_edition
  LEFT JOIN cells.version p ON p.territory_id = v.territory_id AND p.cell_id = v.parent_id
    AND p.from_edition <= least(last, v.to_edition - 1)
    AND (p.to_edition IS NULL OR p.to_edition > least(last, v.to_edition - 1))
  WHERE v.territory_id = territory AND v.from_edition <= last
    AND (v.to_edition IS NULL OR v.to_edition > first)
$$;

-- For the n-th of the given cells and editions: whether it is a leaf then.
CREATE FUNCTION cells.is_leaf(territory int, cell bigint, edition int) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT NOT EXISTS (
    SELECT FROM cells.version c
    WHERE c.territory_id = territory AND c.parent_id = cell AND c.from_edition <= edition
      AND (c.to_edition IS NULL OR c.to_edition > edition))
$$;

-- The other codes that the given cells had in published editions.
CREATE FUNCTION cells.aliases(territory int, cells bigint[])
RETURNS TABLE (uid bigint, code text, since timestamptz, until timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT v.cell_id, v.code, min(b.effective), nullif(max(coalesce(e.effective, 'infinity')), 'infinity')
  FROM cells.version v
  JOIN editions.edition b ON b.territory_id = v.territory_id AND b.seq = v.from_edition AND b.state = 'published'
  LEFT JOIN editions.edition e ON e.territory_id = v.territory_id AND e.seq = v.to_edition
  WHERE v.territory_id = territory AND v.cell_id = ANY (cells)
  GROUP BY v.cell_id, v.code
$$;

-- The given cells with all their ancestors, nearest first (steps 0: itself);
-- n is the cell's place in the array.
CREATE FUNCTION cells.ancestors(territory int, cells bigint[], editions int[])
RETURNS TABLE (n bigint, uid bigint, steps int)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  WITH RECURSIVE up AS (
    SELECT g.n, g.cell, g.edition, 0 AS steps
    FROM unnest(cells, editions) WITH ORDINALITY AS g (cell, edition, n)
    UNION ALL
    SELECT up.n, v.parent_id, up.edition, up.steps + 1
    FROM up JOIN cells.version v ON v.territory_id = territory AND v.cell_id = up.cell
      AND v.from_edition <= up.edition AND (v.to_edition IS NULL OR v.to_edition > up.edition)
    WHERE v.parent_id IS NOT NULL
  )
  SELECT up.n, up.cell, up.steps FROM up
$$;

-- The given cells with all that lies below them (steps 0: itself).
CREATE FUNCTION cells.descendants(territory int, cells bigint[], editions int[])
RETURNS TABLE (n bigint, uid bigint, steps int)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  WITH RECURSIVE down AS (
    SELECT g.n, g.cell, g.edition, 0 AS steps
    FROM unnest(cells, editions) WITH ORDINALITY AS g (cell, edition, n)
    UNION ALL
    SELECT down.n, v.cell_id, down.edition, down.steps + 1
    FROM down JOIN cells.version v ON v.territory_id = territory AND v.parent_id = down.cell
      AND v.from_edition <= down.edition AND (v.to_edition IS NULL OR v.to_edition > down.edition)
  )
  SELECT down.n, down.cell, down.steps FROM down
$$;

-- What became of a cell: the cells of an edition that hold its area, with the
-- share of it that each got. A cell that is still there is its own successor.
CREATE FUNCTION cells.successors(territory int, cell bigint, edition int)
RETURNS TABLE (uid bigint, code text, share double precision)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  WITH RECURSIVE heir AS (
    SELECT cell AS cell, 1.0::double precision AS share
    UNION ALL
    SELECT l.to_cell, heir.share * l.share
    FROM heir JOIN cells.lineage l ON l.territory_id = territory AND l.from_cell = heir.cell
      AND l.to_cell <> heir.cell AND l.edition <= successors.edition
    WHERE NOT EXISTS (
      SELECT FROM cells.of(territory, successors.edition) v WHERE v.cell_id = heir.cell)
  )
  SELECT v.cell_id, v.code, sum(heir.share)
  FROM heir JOIN cells.of(territory, successors.edition) v ON v.cell_id = heir.cell
  GROUP BY v.cell_id, v.code
$$;

-- Who answers for each of the given cells in the given edition at the given
-- instant (people.accountable for many); n is the cell's place in the array.
CREATE FUNCTION people.accountables(territory int, cells bigint[], editions int[], instants timestamptz[])
RETURNS TABLE (n bigint, person_id bigint, name text, post text, side text, rank int, phone text, acting boolean, holds bigint)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT DISTINCT ON (up.n) up.n, a.person_id, p.name, coalesce(nullif(a.post, ''), p.post), a.side, a.rank, p.phone_masked, up.steps > 0, up.uid
  FROM cells.ancestors(territory, cells, editions) up
  JOIN people.assignment a ON a.territory_id = territory AND a.cell_id = up.uid AND a.during @> instants[up.n]
    AND (a.role = 'accountable' OR (a.role = 'deputy' AND a.layer IS NULL AND up.steps > 0))
  JOIN people.person p ON p.territory_id = territory AND p.id = a.person_id
  ORDER BY up.n, up.steps, a.role = 'accountable', a.rank, a.id
$$;

-- Chief and joint-chief posts of the given cells themselves, in protocol order.
CREATE FUNCTION people.chiefs(territory int, cells bigint[], instants timestamptz[])
RETURNS TABLE (n bigint, person_id bigint, name text, post text, side text, rank int, accountable boolean)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT g.n, a.person_id, p.name, coalesce(nullif(a.post, ''), p.post), a.side, a.rank, a.role = 'accountable'
  FROM unnest(cells, instants) WITH ORDINALITY AS g (cell, instant, n)
  JOIN people.assignment a ON a.territory_id = territory AND a.cell_id = g.cell AND a.during @> g.instant
    AND a.role IN ('accountable', 'joint-chief')
  JOIN people.person p ON p.territory_id = territory AND p.id = a.person_id
$$;

-- Who leads which layer in the given cells themselves.
CREATE FUNCTION people.leads(territory int, cells bigint[], instants timestamptz[])
RETURNS TABLE (n bigint, layer text, person_id bigint, name text, post text)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT DISTINCT ON (g.n, a.layer) g.n, a.layer, a.person_id, p.name, coalesce(nullif(a.post, ''), p.post)
  FROM unnest(cells, instants) WITH ORDINALITY AS g (cell, instant, n)
  JOIN people.assignment a ON a.territory_id = territory AND a.cell_id = g.cell AND a.during @> g.instant AND a.role = 'lead'
  JOIN people.person p ON p.territory_id = territory AND p.id = a.person_id
  ORDER BY g.n, a.layer, a.rank, a.id
$$;

-- The layers whose duty an object is: what its attributes name, else by kind.
CREATE FUNCTION objects.layers(kind text, attributes jsonb) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE
    WHEN jsonb_typeof(attributes -> 'layers') = 'array'
      THEN ARRAY(SELECT jsonb_array_elements_text(attributes -> 'layers'))
    WHEN kind = 'enterprise' THEN ARRAY['environment', 'safety']
    WHEN kind = 'monitor' THEN ARRAY['environment']
    ELSE ARRAY['environment', 'river-chief']
  END
$$;

-- The kind of an object as collections name it.
CREATE FUNCTION objects.collection(kind text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE kind WHEN 'enterprise' THEN 'enterprises' WHEN 'monitor' THEN 'monitors'
    WHEN 'water-source' THEN 'water-sources' WHEN 'river-reach' THEN 'river-reaches' END
$$;

-- Attributes without what identifies or reaches a person.
CREATE FUNCTION objects.public_attributes(attributes jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT attributes - ARRAY['phone', 'mobile', 'tel', 'telephone', 'contact_phone', 'id_number', 'identity', 'address_home',
    '电话', '手机', '联系电话', '手机号', '身份证', '身份证号', '身份证号码', '家庭住址']
$$;

-- How many objects of each layer lie in the given cells or below, at the given
-- instants; one that lies in several leaves counts once.
CREATE FUNCTION objects.counts(territory int, cells bigint[], editions int[], instants timestamptz[])
RETURNS TABLE (n bigint, layer text, objects bigint)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT d.n, l.layer, count(DISTINCT o.id)
  FROM cells.descendants(territory, cells, editions) d
  JOIN objects.placement q ON q.territory_id = territory AND q.cell_id = d.uid AND q.during @> instants[d.n]
  JOIN objects.object o ON o.territory_id = territory AND o.id = q.object_id
  CROSS JOIN unnest(objects.layers(o.kind, o.attributes)) AS l (layer)
  GROUP BY d.n, l.layer
$$;

-- Objects of a kind with the leaf that holds most of each at an instant.
CREATE FUNCTION objects.features(territory int, kind text, edition int, instant timestamptz)
RETURNS TABLE (uid bigint, code text, name text, cell text, cells jsonb, outside_share double precision, located_by text,
  attributes jsonb, provenance text, changed_at timestamptz, geom geometry)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT o.id, o.code, o.name, q.main, q.parts, o.outside_share, o.located_by,
         objects.public_attributes(o.attributes), o.provenance, o.changed_at, o.geom
  FROM objects.object o
  LEFT JOIN LATERAL (
    SELECT (array_agg(v.code ORDER BY q.share DESC, v.code USING ~<~))[1] AS main,
           jsonb_agg(jsonb_build_object('code', v.code, 'share', q.share) ORDER BY q.share DESC, v.code USING ~<~) AS parts
    FROM objects.placement q
    JOIN cells.version v ON v.territory_id = q.territory_id AND v.cell_id = q.cell_id
      AND v.from_edition <= edition AND (v.to_edition IS NULL OR v.to_edition > edition)
    WHERE q.territory_id = o.territory_id AND q.object_id = o.id AND q.during @> instant
  ) q ON true
  WHERE o.territory_id = territory AND o.kind = features.kind
$$;

CREATE FUNCTION layers.features(territory int)
RETURNS TABLE (uid bigint, layer text, code text, name text, person_id bigint, person text, area_m2 double precision, provenance text, geom geometry)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT c.id, c.layer, c.code, c.name, p.id, p.name, c.area_m2, c.provenance, c.geom
  FROM layers.cell c
  LEFT JOIN people.person p ON p.territory_id = c.territory_id AND p.id = c.person_id
  WHERE c.territory_id = territory
$$;

-- Pieces of the overlay that an edition rests on.
CREATE FUNCTION merge.features(territory int, edition int)
RETURNS TABLE (id bigint, layer text, layer_cell text, layer_cell_name text, cell text, cell_uid bigint, area_m2 double precision,
  share_of_cell double precision, share_of_layer_cell double precision, geom geometry)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT w.id, w.layer, c.code, c.name, v.code, w.cell_id, w.area_m2, w.share_of_cell, w.share_of_layer_cell, coalesce(w.geom, v.geom)
  FROM merge.crosswalk w
  JOIN cells.version v ON v.territory_id = w.territory_id AND v.cell_id = w.cell_id
    AND v.from_edition <= edition AND (v.to_edition IS NULL OR v.to_edition > edition)
  LEFT JOIN layers.cell c ON c.territory_id = w.territory_id AND c.id = w.layer_cell_id
  WHERE w.territory_id = territory AND w.run_id = merge.latest(territory, edition)
$$;

-- State of a room's data of a territory, as a number that changes with every
-- committed write, whatever the order in which writers commit; next is when
-- what is true at the instant changes without any write.
CREATE FUNCTION people.fingerprint(territory int, instant timestamptz, OUT version bigint, OUT next timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce(a.version, 0) # coalesce(p.version, 0), a.next
  FROM (SELECT bit_xor(hash_record_extended(ROW(a.id), a.xmin::text::bigint)) AS version,
               least(min(lower(during)) FILTER (WHERE lower(during) > instant),
                     min(upper(during)) FILTER (WHERE upper(during) > instant)) AS next
        FROM people.assignment a WHERE a.territory_id = territory) a,
       (SELECT bit_xor(hash_record_extended(ROW(-p.id), p.xmin::text::bigint)) AS version
        FROM people.person p WHERE p.territory_id = territory) p
$$;

CREATE FUNCTION objects.fingerprint(territory int, instant timestamptz, OUT version bigint, OUT next timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce(o.version, 0) # coalesce(q.version, 0), q.next
  FROM (SELECT bit_xor(hash_record_extended(ROW(o.id), o.xmin::text::bigint)) AS version
        FROM objects.object o WHERE o.territory_id = territory) o,
       (SELECT bit_xor(hash_record_extended(ROW(q.object_id, q.cell_id, q.during), q.xmin::text::bigint)) AS version,
               least(min(lower(during)) FILTER (WHERE lower(during) > instant),
                     min(upper(during)) FILTER (WHERE upper(during) > instant)) AS next
        FROM objects.placement q WHERE q.territory_id = territory) q
$$;

CREATE FUNCTION layers.fingerprint(territory int) RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce(c.version, 0) # coalesce(l.version, 0)
  FROM (SELECT bit_xor(hash_record_extended(ROW(c.id), c.xmin::text::bigint)) AS version
        FROM layers.cell c WHERE c.territory_id = territory) c,
       (SELECT bit_xor(hash_record_extended(ROW(l.code), l.xmin::text::bigint)) AS version
        FROM layers.layer l WHERE l.territory_id = territory) l
$$;

CREATE FUNCTION merge.fingerprint(territory int) RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce(r.version, 0) # coalesce(f.version, 0)
  FROM (SELECT bit_xor(hash_record_extended(ROW(r.id), r.xmin::text::bigint)) AS version
        FROM merge.run r WHERE r.territory_id = territory) r,
       (SELECT bit_xor(hash_record_extended(ROW(f.run_id, f.id), f.xmin::text::bigint)) AS version
        FROM merge.conflict f WHERE f.territory_id = territory) f
$$;

-- Published editions, and the instant at which one that is to come takes over.
CREATE FUNCTION editions.fingerprint(territory int, instant timestamptz, OUT version bigint, OUT next timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT count(*), min(effective) FILTER (WHERE effective > instant)
  FROM editions.edition WHERE territory_id = territory AND state = 'published'
$$;
