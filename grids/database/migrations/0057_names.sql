-- +goose Up
-- What a name of a division is compared by: without blanks, full-width letters
-- as half-width, and without what says only what sort of division it is
-- (大同村村民委员会, 大同村, 大同 are one; so are 建宁街道办事处 and 建宁街道).
CREATE FUNCTION cells.plain_name(name text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT lower(translate(name,
    'ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ０１２３４５６７８９（）－．' || E' \t\n\r\u3000\u00a0\u200b\ufeff',
    'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789()-.'))
$$;
-- +goose StatementBegin
CREATE FUNCTION cells.name_key(name text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  s text := cells.plain_name(name);
  n int := length(s);
BEGIN
  -- who runs it
  IF n > 5 AND right(s, 5) IN ('村民委员会', '居民委员会') THEN n := n - 5;
  ELSIF n > 3 AND right(s, 3) IN ('村委会', '居委会', '办事处', '委员会') THEN n := n - 3;
  ELSIF n > 3 AND right(s, 3) = '街道办' THEN n := n - 1;
  END IF;
  s := left(s, n);
  -- what it is
  IF right(s, 2) IN ('街道', '社区') THEN RETURN CASE WHEN n > 2 THEN left(s, n - 2) ELSE s END;
  ELSIF n > 1 AND right(s, 1) IN ('村', '镇', '乡', '县', '区', '市') THEN RETURN left(s, n - 1);
  END IF;
  RETURN s;
END $$;
-- +goose StatementEnd
CREATE INDEX version_name_key ON cells.version (territory_id, cells.name_key(name));

-- The cells of an edition that a name may mean, under the county (tier 2) and
-- town (tier 3) named, each as '' or NULL when it isn't. of_tier: a tier, 0 for
-- leaves, NULL for any. Names that a cell had before count after the present
-- one, and names alike but for what sort of division they say after the same
-- ones: only the best are given, so that one row means one cell. A code means
-- the cell that has it. path are the names above, from the top.
CREATE FUNCTION cells.match(territory int, edition int, of_tier int, county text, town text, wanted text)
RETURNS TABLE (cell_id bigint, code text, name text, path text)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  WITH above AS MATERIALIZED ( -- what county and town may mean; NULL: not named
    SELECT CASE WHEN btrim(county) <> '' THEN ARRAY(SELECT c.cell_id FROM cells.version c
             WHERE c.territory_id = territory AND cells.name_key(c.name) = cells.name_key(county) AND c.tier = 2) END AS counties,
           CASE WHEN btrim(town) <> '' THEN ARRAY(SELECT c.cell_id FROM cells.version c
             WHERE c.territory_id = territory AND cells.name_key(c.name) = cells.name_key(town) AND c.tier = 3) END AS towns
  ), hit AS MATERIALIZED (
    SELECT n.cell_id, min(CASE WHEN n.code = btrim(match.wanted) THEN 0
             ELSE 1 + (cells.plain_name(n.name) <> cells.plain_name(match.wanted))::int
                  + 2 * (n.from_edition > edition OR coalesce(n.to_edition <= edition, false))::int END) AS rank
    FROM cells.version n
    WHERE n.territory_id = territory AND (cells.name_key(n.name) = cells.name_key(match.wanted) OR n.code = btrim(match.wanted))
    GROUP BY n.cell_id
  ), fitting AS (
    SELECT v.cell_id, v.code, v.name, h.rank, up.path, up.fit
    FROM hit h CROSS JOIN above
    -- one look-up by key each, whatever the planner knows of the cells
    CROSS JOIN LATERAL (
      SELECT * FROM cells.version v WHERE v.territory_id = territory AND v.cell_id = h.cell_id
        AND v.from_edition <= edition AND (v.to_edition IS NULL OR v.to_edition > edition)
      ORDER BY v.from_edition DESC LIMIT 1
    ) v
    CROSS JOIN LATERAL (
      WITH RECURSIVE line AS (
        SELECT v.cell_id AS id, v.parent_id AS next, v.tier AS tier, v.name AS name
        UNION ALL
        SELECT a.cell_id, a.parent_id, a.tier, a.name
        FROM line CROSS JOIN LATERAL (
          SELECT * FROM cells.version a WHERE a.territory_id = territory AND a.cell_id = line.next
            AND a.from_edition <= edition AND (a.to_edition IS NULL OR a.to_edition > edition)
          ORDER BY a.from_edition DESC LIMIT 1
        ) a
      )
      SELECT string_agg(line.name, ' / ' ORDER BY line.tier) FILTER (WHERE line.id <> v.cell_id) AS path,
             coalesce(sum(w.fit), 0) AS fit, count(w.fit) AS named
      FROM line
      LEFT JOIN LATERAL (
        SELECT min((cells.plain_name(a.name) <> cells.plain_name(g.said))::int) AS fit
        FROM (SELECT CASE line.tier WHEN 2 THEN nullif(btrim(county), '') WHEN 3 THEN nullif(btrim(town), '') END AS said) g
        CROSS JOIN LATERAL (SELECT a.name FROM cells.version a WHERE g.said IS NOT NULL AND a.territory_id = territory AND a.cell_id = line.id OFFSET 0) a
        WHERE cells.name_key(a.name) = cells.name_key(g.said)
      ) w ON true
    ) up
    -- most of the same name elsewhere go before their line is looked at
    WHERE (above.towns IS NULL OR v.tier > 4 OR v.cell_id = ANY (above.towns) OR v.parent_id = ANY (above.towns))
      AND (above.counties IS NULL OR v.tier > 4 OR v.cell_id = ANY (above.counties) OR v.parent_id = ANY (above.counties)
        OR EXISTS (SELECT FROM cells.version b WHERE b.territory_id = territory AND b.cell_id = v.parent_id AND b.parent_id = ANY (above.counties)))
      AND up.named = (coalesce(btrim(county), '') <> '')::int + (coalesce(btrim(town), '') <> '')::int
      AND (of_tier IS NULL OR v.tier = of_tier OR (of_tier = 0 AND NOT EXISTS (
        SELECT FROM cells.version c WHERE c.territory_id = territory AND c.parent_id = v.cell_id
          AND c.from_edition <= edition AND (c.to_edition IS NULL OR c.to_edition > edition))))
  )
  SELECT f.cell_id, f.code, f.name, coalesce(f.path, '')
  FROM (SELECT fitting.*, rank() OVER (ORDER BY fitting.rank, fitting.fit) AS place FROM fitting) f
  WHERE f.place = 1
$$;

-- Names instead of codes, and a person's answer where they mean several.
ALTER TABLE cells.intake ADD COLUMN county_name text, ADD COLUMN town_name text, ADD COLUMN choice text;
ALTER TABLE objects.intake ADD COLUMN county_name text, ADD COLUMN town_name text, ADD COLUMN choice text;
ALTER TABLE people.intake_assignment ADD COLUMN county_name text, ADD COLUMN town_name text,
  ADD COLUMN cell_name text, ADD COLUMN choice text;
ALTER TABLE people.intake_person ADD COLUMN choice text;
GRANT SELECT (choice, sent), UPDATE (staff_no) ON people.intake_person TO unigrid_app;
