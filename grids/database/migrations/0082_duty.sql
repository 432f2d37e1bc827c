-- +goose Up
CREATE SCHEMA duty;
GRANT USAGE ON SCHEMA duty TO unigrid_app;

-- The number under which a territory's maps were approved (审图号); '': none yet.
ALTER TABLE cells.territory ADD COLUMN map_number text NOT NULL DEFAULT '' CHECK (length(map_number) <= 60);

-- What a layer asks of the people of its cells where a territory says nothing
-- else; layer '' stands for layers that were added as data.
CREATE TABLE duty.usual (
  layer text PRIMARY KEY,
  zh    text NOT NULL CHECK (zh <> ''),
  en    text NOT NULL CHECK (en <> '')
);
GRANT SELECT ON duty.usual TO unigrid_app;
INSERT INTO duty.usual VALUES
  ('environment', '巡查排污单位、工地扬尘、露天焚烧和水体,劝阻并上报环境违法行为,跟踪整改', 'Patrols polluters, dust, open burning and waters; stops and reports offences; follows repairs'),
  ('safety', '排查企业和场所的安全隐患,督促整改,重大隐患和事故立即上报', 'Looks for hazards in firms and public places, presses for repair, reports grave ones at once'),
  ('river-chief', '巡查河道、水源地和入河排污口,劝阻乱占、乱采、乱堆、乱建,水质异常及时上报', 'Patrols rivers, water sources and outlets; stops encroachment and dumping; reports foul water'),
  ('social-order', '排查矛盾纠纷和治安隐患,做好调解和宣传,重要情况及时上报', 'Finds disputes and risks to public order, mediates, informs, reports what matters'),
  ('', '巡查网格,发现问题及时劝阻并上报,跟踪处理结果', 'Patrols the cell, stops and reports problems, follows what becomes of them');

-- A territory's own text for a layer.
CREATE TABLE duty.text (
  territory_id int NOT NULL,
  layer        text NOT NULL,
  zh           text NOT NULL CHECK (zh <> '' AND length(zh) <= 200),
  en           text NOT NULL CHECK (en <> '' AND length(en) <= 400),
  changed_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  changed_by   text NOT NULL,
  PRIMARY KEY (territory_id, layer),
  FOREIGN KEY (territory_id, layer) REFERENCES layers.layer (territory_id, code)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON duty.text TO unigrid_app;

-- The text of each layer; own: the territory's.
CREATE FUNCTION duty.texts(territory int)
RETURNS TABLE (layer text, name_zh text, name_en text, zh text, en text, own boolean, rank int)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT l.code, l.name_zh, l.name_en, coalesce(t.zh, u.zh, o.zh), coalesce(t.en, u.en, o.en), t.layer IS NOT NULL, l.rank
  FROM layers.layer l
  JOIN duty.usual o ON o.layer = ''
  LEFT JOIN duty.usual u ON u.layer = l.code
  LEFT JOIN duty.text t ON t.territory_id = l.territory_id AND t.layer = l.code
  WHERE l.territory_id = territory
$$;

-- May a number stand on a board? One public number of digits with blanks,
-- hyphens and brackets; never a mobile one (1 and ten more digits, with or
-- without 0, 86 or 0086 before it), whole or behind another.
CREATE FUNCTION duty.public_number(phone text) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT phone ~ '^\+?[0-9(][0-9() -]*[0-9]$' AND length(digits) BETWEEN 3 AND 16
     AND digits !~ '^(0*86)?0*1[0-9]{10}'
     AND phone !~ '(^|[^0-9])(0*86)?0*1[0-9]{10}($|[^0-9])'
     AND (digits ~ '^(0*86)?0[2-9]' OR digits !~ '1[3-9][0-9]{9}')
  FROM (SELECT regexp_replace(phone, '[^0-9]', '', 'g') AS digits) d
$$;

-- The telephone for complaints of a cell and all below it that have none of
-- their own; that of the tier-1 cell is the territory's.
CREATE TABLE duty.hotline (
  territory_id int NOT NULL,
  cell_id      bigint NOT NULL,
  phone        text NOT NULL CONSTRAINT hotline_public CHECK (duty.public_number(phone)),
  zh           text NOT NULL DEFAULT '' CHECK (length(zh) <= 60),
  en           text NOT NULL DEFAULT '' CHECK (length(en) <= 120),
  changed_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  changed_by   text NOT NULL,
  PRIMARY KEY (territory_id, cell_id),
  FOREIGN KEY (territory_id, cell_id) REFERENCES cells.cell (territory_id, id)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON duty.hotline TO unigrid_app;

-- The number of each of some cells of an edition: its own, else the nearest
-- above; 12345, the government's hotline everywhere, where nobody set one.
CREATE FUNCTION duty.hotlines(territory int, edition int, cells bigint[])
RETURNS TABLE (cell_id bigint, phone text, zh text, en text)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT DISTINCT ON (up.n) cells[up.n], coalesce(h.phone, '12345'),
         CASE WHEN h.phone IS NULL THEN '政务服务便民热线' ELSE h.zh END, CASE WHEN h.phone IS NULL THEN 'Government hotline' ELSE h.en END
  FROM cells.ancestors(territory, cells, array_fill(edition, ARRAY[cardinality(cells)])) up
  LEFT JOIN duty.hotline h ON h.territory_id = territory AND h.cell_id = up.uid
  ORDER BY up.n, h.phone IS NULL, up.steps
$$;

-- What counts as too much or too little duty, and how suggestions weigh
-- distance against load; a territory without a row has the defaults.
CREATE TABLE duty.setting (
  territory_id   int PRIMARY KEY REFERENCES cells.territory,
  most_cells     int NOT NULL DEFAULT 1 CHECK (most_cells BETWEEN 1 AND 100),      -- that one person may be accountable for
  most_rounds    int NOT NULL DEFAULT 3 CHECK (most_rounds BETWEEN 1 AND 100),     -- cells of which one may be an officer
  least_officers int NOT NULL DEFAULT 1 CHECK (least_officers BETWEEN 0 AND 20),   -- of a leaf
  balance_m      int NOT NULL DEFAULT 3000 CHECK (balance_m BETWEEN 0 AND 100000), -- metres of way that one cell more than another's load weighs
  handover_m     int NOT NULL DEFAULT 2000 CHECK (handover_m BETWEEN 0 AND 100000) -- metres of way that a handover has to save
);
GRANT SELECT, INSERT, UPDATE ON duty.setting TO unigrid_app;

CREATE FUNCTION duty.settings(territory int) RETURNS duty.setting
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT territory, coalesce(s.most_cells, 1), coalesce(s.most_rounds, 3), coalesce(s.least_officers, 1), coalesce(s.balance_m, 3000), coalesce(s.handover_m, 2000)
  FROM (VALUES (territory)) AS t (id) LEFT JOIN duty.setting s ON s.territory_id = t.id
$$;

-- Everybody may read what stands on boards; a department changes its layer's
-- text, others what lies in their territory and subtree.
ALTER TABLE duty.text ENABLE ROW LEVEL SECURITY;
CREATE POLICY text_read ON duty.text FOR SELECT TO unigrid_app USING (true);
CREATE POLICY text_insert ON duty.text FOR INSERT TO unigrid_app
  WITH CHECK (access.may('boards.edit') AND access.within(territory_id, '') AND access.layer(layer));
CREATE POLICY text_update ON duty.text FOR UPDATE TO unigrid_app
  USING (access.may('boards.edit') AND access.within(territory_id, '') AND access.layer(layer));
CREATE POLICY text_delete ON duty.text FOR DELETE TO unigrid_app
  USING (access.may('boards.edit') AND access.within(territory_id, '') AND access.layer(layer));

CREATE FUNCTION duty.may_set(territory int, cell bigint) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT access.may('boards.edit') AND access.layer(NULL) AND coalesce((
    SELECT access.within(territory, v.code) FROM cells.version v
    WHERE v.territory_id = territory AND v.cell_id = cell ORDER BY v.from_edition DESC LIMIT 1), false)
$$;
ALTER TABLE duty.hotline ENABLE ROW LEVEL SECURITY;
CREATE POLICY hotline_read ON duty.hotline FOR SELECT TO unigrid_app USING (true);
CREATE POLICY hotline_insert ON duty.hotline FOR INSERT TO unigrid_app WITH CHECK (duty.may_set(territory_id, cell_id));
CREATE POLICY hotline_update ON duty.hotline FOR UPDATE TO unigrid_app USING (duty.may_set(territory_id, cell_id));
CREATE POLICY hotline_delete ON duty.hotline FOR DELETE TO unigrid_app USING (duty.may_set(territory_id, cell_id));

ALTER TABLE duty.setting ENABLE ROW LEVEL SECURITY;
CREATE POLICY setting_read ON duty.setting FOR SELECT TO unigrid_app USING (true);
CREATE POLICY setting_insert ON duty.setting FOR INSERT TO unigrid_app
  WITH CHECK (access.may('boards.edit') AND access.within(territory_id, '') AND access.layer(NULL));
CREATE POLICY setting_update ON duty.setting FOR UPDATE TO unigrid_app
  USING (access.may('boards.edit') AND access.within(territory_id, '') AND access.layer(NULL));
