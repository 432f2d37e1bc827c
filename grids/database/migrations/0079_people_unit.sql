-- +goose Up
-- Kinds of organisation units. endings are what names of the kind end in: an
-- import guesses by the longest. side is that of posts made in such a unit.
CREATE TABLE people.unit_kind (
  code    text PRIMARY KEY CHECK (code ~ '^[a-z][a-z0-9-]*$'),
  name_zh text NOT NULL,
  name_en text NOT NULL,
  rank    int NOT NULL,
  side    text CHECK (side IN ('party', 'government')),
  endings text[] NOT NULL DEFAULT '{}'
);
GRANT SELECT ON people.unit_kind TO unigrid_app;
INSERT INTO people.unit_kind VALUES
  ('party-committee', '党委', 'party committee', 1, 'party', '{党委,市委,县委,区委,工委,党支部,党总支,纪委,党组}'),
  ('government', '政府', 'government', 2, 'government', '{政府,管委会,管理委员会}'),
  ('department', '部门', 'department', 3, NULL, '{局,办公室,网格办,部,中心,站,所,大队,支队,中队,委员会,办}'),
  ('township', '乡镇街道', 'township or street', 4, 'government', '{镇,乡,街道,街道办事处,街道办,镇人民政府,乡人民政府,镇政府,乡政府}'),
  ('village', '村社区', 'village or community', 5, NULL, '{村,社区,居委会,村委会,居民委员会,村民委员会}'),
  ('other', '其他', 'other', 9, NULL, '{}');

-- An organisation unit. label is what stands for it in texts: its name, where no
-- other has it, else the names from the top, joined by >. division is the code
-- of the division whose administrators may edit it; '': the territory's.
CREATE TABLE people.unit (
  territory_id int NOT NULL REFERENCES cells.territory,
  id           bigint GENERATED ALWAYS AS IDENTITY,
  name         text NOT NULL CHECK (btrim(name) <> '' AND name !~ '[>:\uff1a、]'),
  kind         text NOT NULL REFERENCES people.unit_kind,
  parent_id    bigint,
  division     text NOT NULL DEFAULT '',
  rank         int NOT NULL DEFAULT 0,
  label        text NOT NULL DEFAULT '',
  version      int NOT NULL DEFAULT 1,
  retired_at   timestamptz,
  PRIMARY KEY (territory_id, id),
  FOREIGN KEY (territory_id, parent_id) REFERENCES people.unit (territory_id, id)
);
CREATE UNIQUE INDEX unit_name_unique ON people.unit (territory_id, coalesce(parent_id, 0), cells.plain_name(name)) WHERE retired_at IS NULL;
CREATE UNIQUE INDEX unit_label_unique ON people.unit (territory_id, cells.plain_name(label)) WHERE retired_at IS NULL;
CREATE INDEX unit_parent ON people.unit (territory_id, parent_id);
GRANT SELECT, INSERT, UPDATE ON people.unit TO unigrid_app;

-- A post of a unit, or one that needs none. rank is its place in the protocol
-- order (排序号) within the unit.
CREATE TABLE people.post (
  territory_id int NOT NULL REFERENCES cells.territory,
  id           bigint GENERATED ALWAYS AS IDENTITY,
  unit_id      bigint,
  title        text NOT NULL CHECK (btrim(title) <> '' AND title !~ E'[:\\uff1a]|[、，；;\n\r](?![^(（]*[)）])'),
  side         text CHECK (side IN ('party', 'government')),
  rank         int NOT NULL DEFAULT 0,
  version      int NOT NULL DEFAULT 1,
  retired_at   timestamptz,
  PRIMARY KEY (territory_id, id),
  FOREIGN KEY (territory_id, unit_id) REFERENCES people.unit (territory_id, id)
);
CREATE UNIQUE INDEX post_title_unique ON people.post (territory_id, coalesce(unit_id, 0), cells.plain_name(title)) WHERE retired_at IS NULL;
GRANT SELECT, INSERT, UPDATE ON people.post TO unigrid_app;

-- A person's home is one unit; version tells one state of a person from another.
ALTER TABLE people.person ADD COLUMN unit_id bigint, ADD COLUMN version int NOT NULL DEFAULT 1,
  ADD CONSTRAINT person_unit FOREIGN KEY (territory_id, unit_id) REFERENCES people.unit (territory_id, id);
CREATE INDEX person_unit ON people.person (territory_id, unit_id);

-- Who holds which post, when; position is its place among the person's own.
CREATE TABLE people.person_post (
  territory_id int NOT NULL,
  person_id    bigint NOT NULL,
  post_id      bigint NOT NULL,
  during       tstzrange NOT NULL CHECK (NOT isempty(during) AND (lower_inf(during) OR lower_inc(during)) AND NOT upper_inc(during)),
  position     int NOT NULL,
  FOREIGN KEY (territory_id, person_id) REFERENCES people.identity (territory_id, id) DEFERRABLE INITIALLY DEFERRED,
  FOREIGN KEY (territory_id, post_id) REFERENCES people.post (territory_id, id),
  CONSTRAINT person_post_once EXCLUDE USING gist (territory_id WITH =, person_id WITH =, post_id WITH =, during WITH &&)
);
CREATE INDEX person_post_person ON people.person_post (territory_id, person_id);
CREATE INDEX person_post_post ON people.person_post (territory_id, post_id);
GRANT SELECT, INSERT, UPDATE, DELETE ON people.person_post TO unigrid_app;

-- The layers that a person works for: one at home, others supported.
CREATE TABLE people.person_layer (
  territory_id int NOT NULL,
  person_id    bigint NOT NULL,
  layer        text NOT NULL,
  home         boolean NOT NULL,
  PRIMARY KEY (territory_id, person_id, layer),
  FOREIGN KEY (territory_id, person_id) REFERENCES people.person (territory_id, id) ON DELETE CASCADE,
  FOREIGN KEY (territory_id, layer) REFERENCES layers.layer (territory_id, code)
);
CREATE UNIQUE INDEX person_layer_one_home ON people.person_layer (territory_id, person_id) WHERE home;
CREATE INDEX person_layer_layer ON people.person_layer (territory_id, layer);
GRANT SELECT, INSERT, UPDATE, DELETE ON people.person_layer TO unigrid_app;

-- By what a person is found: see people.NameKeys.
CREATE TABLE people.search_key (
  territory_id int NOT NULL,
  person_id    bigint NOT NULL,
  name         text NOT NULL, -- of which the keys are
  keys         tsvector NOT NULL,
  PRIMARY KEY (territory_id, person_id),
  FOREIGN KEY (territory_id, person_id) REFERENCES people.person (territory_id, id) ON DELETE CASCADE
);
CREATE INDEX search_key_keys ON people.search_key USING gin (keys) WITH (fastupdate = off);
GRANT SELECT, INSERT, UPDATE ON people.search_key TO unigrid_app;

-- Versions are of what is shown of a person as it was; the number of the state
-- counts every change.
DROP TRIGGER begin_version_anew ON people.person;
CREATE TRIGGER begin_version_anew BEFORE UPDATE ON people.person FOR EACH ROW
  WHEN ((OLD.staff_no, OLD.name, OLD.unit, OLD.post, OLD.phone_masked, OLD.provenance, OLD.batch) IS DISTINCT FROM
        (NEW.staff_no, NEW.name, NEW.unit, NEW.post, NEW.phone_masked, NEW.provenance, NEW.batch))
  EXECUTE FUNCTION people.begin_version();
-- +goose StatementBegin
CREATE FUNCTION people.next_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.version := OLD.version + 1;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER next_version BEFORE UPDATE ON people.person FOR EACH ROW EXECUTE FUNCTION people.next_version();
CREATE TRIGGER next_version BEFORE UPDATE ON people.unit FOR EACH ROW WHEN (OLD.label = NEW.label) EXECUTE FUNCTION people.next_version();
CREATE TRIGGER next_version BEFORE UPDATE ON people.post FOR EACH ROW EXECUTE FUNCTION people.next_version();

-- The posts in a text such as 镇长、示例局:副局长: parts between 、 ， ； or line breaks
-- outside of brackets, a unit before the colon where it is another than the
-- person's own.
CREATE FUNCTION people.posts_said(said text) RETURNS TABLE ("position" int, unit text, title text)
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE ROWS 1 AS $$
  SELECT row_number() OVER (ORDER BY min(n))::int, unit, title
  FROM (SELECT n, btrim(coalesce(substring(part FROM '^([^:\uff1a]+)[:\uff1a].'), ''), E' \t\u3000>') AS unit,
               btrim(regexp_replace(regexp_replace(part, '^[^:\uff1a]*[:\uff1a]', ''), '[:\uff1a]+', ' ', 'g'), E' \t\u3000') AS title
        FROM regexp_split_to_table(said, E'[、，；;\n\r]+(?![^(（]*[)）])') WITH ORDINALITY AS p (part, n)) s
  WHERE title <> '' GROUP BY unit, title
$$;

-- What a unit's name is in a text.
CREATE FUNCTION people.unit_said(said text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT btrim(regexp_replace(said, '[:\uff1a、]+', ' ', 'g'), E' \t\u3000>')
$$;

-- The units that texts mean, by label; those that mean none are made, except
-- names that several have. What a new one's name begins with says its division,
-- if one cell alone has that name.
-- +goose StatementBegin
CREATE FUNCTION people.ensure_units(territory int, texts text[]) RETURNS TABLE (said text, unit_id bigint, label text)
LANGUAGE plpgsql AS $$
DECLARE
  edition int := (SELECT max(seq) FROM editions.edition WHERE territory_id = territory);
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('people'), territory);
  INSERT INTO people.unit (territory_id, name, kind, division)
  SELECT territory, w.name, coalesce(k.code, 'other'), coalesce(d.code, '')
  FROM (
    SELECT DISTINCT ON (cells.plain_name(t.name)) t.name FROM (SELECT people.unit_said(x) AS name FROM unnest(texts) x) t
    WHERE t.name <> '' AND t.name !~ '>'
      AND NOT EXISTS (SELECT FROM people.unit u WHERE u.territory_id = territory AND u.retired_at IS NULL AND cells.plain_name(u.name) = cells.plain_name(t.name))
    ORDER BY cells.plain_name(t.name), length(t.name), t.name
  ) w
  LEFT JOIN LATERAL (
    SELECT k.code FROM people.unit_kind k, unnest(k.endings) e WHERE right(w.name, length(e)) = e ORDER BY length(e) DESC, k.rank LIMIT 1
  ) k ON true
  LEFT JOIN LATERAL (
    SELECT min(v.code) AS code FROM generate_series(2, length(w.name)) n
    JOIN cells.version v ON v.territory_id = territory AND cells.name_key(v.name) = cells.name_key(left(w.name, n)) AND v.name = left(w.name, n)
      AND v.from_edition <= edition AND (v.to_edition IS NULL OR v.to_edition > edition)
    GROUP BY n HAVING count(*) = 1 ORDER BY n DESC LIMIT 1
  ) d ON true
  ORDER BY w.name;
  RETURN QUERY
  SELECT x.said, u.id, u.label
  FROM (SELECT DISTINCT unnest(texts) AS said) x
  LEFT JOIN people.unit u ON u.territory_id = territory AND u.retired_at IS NULL AND cells.plain_name(u.label) = cells.plain_name(people.unit_said(x.said));
END $$;
-- +goose StatementEnd

-- Makes what the texts unit and post of persons say true from an instant on: the
-- home unit, the posts that they hold. A post that was not known of a person who
-- had none has been held since ever.
-- +goose StatementBegin
CREATE FUNCTION people.follow_texts(territory int, persons bigint[], instant timestamptz) RETURNS void
LANGUAGE plpgsql SET enable_nestloop = off SET jit = off AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('people'), territory);
  DROP TABLE IF EXISTS pg_temp.person_text, pg_temp.unit_text, pg_temp.person_holds;
  CREATE TEMP TABLE person_text ON COMMIT DROP AS
    SELECT p.id, p.unit, p.unit_id, s.position, s.unit AS of, s.title
    FROM people.person p LEFT JOIN LATERAL people.posts_said(p.post) s ON true
    WHERE p.territory_id = territory AND p.id = ANY (persons);
  CREATE TEMP TABLE unit_text ON COMMIT DROP AS
    SELECT * FROM people.ensure_units(territory, ARRAY(SELECT unit FROM person_text WHERE unit <> '' UNION SELECT of FROM person_text WHERE of <> ''));
  UPDATE people.person p SET unit_id = w.unit_id
    FROM (SELECT DISTINCT t.id, u.unit_id FROM person_text t LEFT JOIN unit_text u ON u.said = t.unit) w
    WHERE p.territory_id = territory AND p.id = w.id AND p.unit_id IS DISTINCT FROM w.unit_id;
  CREATE TEMP TABLE person_holds ON COMMIT DROP AS
    SELECT t.id, t.title, u.unit_id, min(t.position) AS position, NULL::bigint AS post_id
    FROM person_text t LEFT JOIN unit_text u ON u.said = coalesce(nullif(t.of, ''), t.unit)
    WHERE t.title IS NOT NULL GROUP BY t.id, t.title, u.unit_id;
  INSERT INTO people.post (territory_id, unit_id, title, side)
    SELECT territory, w.unit_id, w.title, k.side
    FROM (SELECT DISTINCT ON (unit_id, cells.plain_name(title)) unit_id, title FROM person_holds ORDER BY unit_id, cells.plain_name(title), title) w
    LEFT JOIN people.unit u ON u.territory_id = territory AND u.id = w.unit_id
    LEFT JOIN people.unit_kind k ON k.code = u.kind
    WHERE NOT EXISTS (SELECT FROM people.post o WHERE o.territory_id = territory AND o.retired_at IS NULL
      AND coalesce(o.unit_id, 0) = coalesce(w.unit_id, 0) AND cells.plain_name(o.title) = cells.plain_name(w.title))
    ORDER BY w.unit_id, w.title;
  UPDATE person_holds h SET post_id = o.id FROM people.post o
    WHERE o.territory_id = territory AND o.retired_at IS NULL AND coalesce(o.unit_id, 0) = coalesce(h.unit_id, 0) AND cells.plain_name(o.title) = cells.plain_name(h.title);
  DELETE FROM person_holds h USING person_holds f WHERE f.id = h.id AND f.post_id = h.post_id AND f.position < h.position;
  ANALYZE person_holds;

  DELETE FROM people.person_post q
    WHERE q.territory_id = territory AND q.person_id = ANY (persons) AND lower(q.during) = instant
      AND NOT EXISTS (SELECT FROM person_holds h WHERE h.id = q.person_id AND h.post_id = q.post_id);
  UPDATE people.person_post q SET during = tstzrange(lower(q.during), instant)
    WHERE q.territory_id = territory AND q.person_id = ANY (persons) AND q.during @> instant
      AND NOT EXISTS (SELECT FROM person_holds h WHERE h.id = q.person_id AND h.post_id = q.post_id);
  UPDATE people.person_post q SET position = h.position FROM person_holds h
    WHERE q.territory_id = territory AND q.person_id = h.id AND q.post_id = h.post_id AND q.during @> instant AND q.position <> h.position;
  INSERT INTO people.person_post (territory_id, person_id, post_id, position, during)
    SELECT territory, h.id, h.post_id, h.position,
           tstzrange(CASE WHEN b.any THEN instant END, n.next)
    FROM person_holds h
    LEFT JOIN LATERAL (SELECT true AS any FROM people.person_post q WHERE q.territory_id = territory AND q.person_id = h.id LIMIT 1) b ON true
    LEFT JOIN LATERAL (SELECT min(lower(q.during)) AS next FROM people.person_post q
      WHERE q.territory_id = territory AND q.person_id = h.id AND q.post_id = h.post_id AND lower(q.during) > instant) n ON true
    WHERE NOT EXISTS (SELECT FROM people.person_post q WHERE q.territory_id = territory AND q.person_id = h.id AND q.post_id = h.post_id AND q.during @> instant);
END $$;
-- +goose StatementEnd

-- Writes the texts of persons anew from their home unit and the posts that they
-- hold at an instant.
CREATE FUNCTION people.spell(territory int, persons bigint[], instant timestamptz) RETURNS void
LANGUAGE sql VOLATILE AS $$
  UPDATE people.person p SET unit = w.unit, post = w.post
  FROM (
    SELECT p.id, coalesce(u.label, '') AS unit, coalesce((
      SELECT string_agg(CASE WHEN o.unit_id IS NOT DISTINCT FROM p.unit_id OR o.unit_id IS NULL THEN '' ELSE v.label || ':' END || o.title, '、' ORDER BY q.position, o.title)
      FROM people.person_post q
      JOIN people.post o ON o.territory_id = q.territory_id AND o.id = q.post_id
      LEFT JOIN people.unit v ON v.territory_id = o.territory_id AND v.id = o.unit_id
      WHERE q.territory_id = p.territory_id AND q.person_id = p.id AND q.during @> instant), '') AS post
    FROM people.person p LEFT JOIN people.unit u ON u.territory_id = p.territory_id AND u.id = p.unit_id
    WHERE p.territory_id = territory AND p.id = ANY (persons)
  ) w
  WHERE p.territory_id = territory AND p.id = w.id AND (p.unit, p.post) IS DISTINCT FROM (w.unit, w.post)
$$;

-- Keeps the labels of units, and what texts of persons say of them. A unit that
-- people, posts or other units belong to stays; there is no circle of parents.
-- +goose StatementBegin
CREATE FUNCTION people.keep_units() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  territory int;
  changed bigint[];
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF NOT EXISTS (SELECT FROM after a JOIN before b USING (territory_id, id)
        WHERE (a.name, a.parent_id, a.retired_at) IS DISTINCT FROM (b.name, b.parent_id, b.retired_at)) THEN
      RETURN NULL; -- labels alone
    END IF;
  END IF;
  FOR territory IN SELECT DISTINCT territory_id FROM after LOOP
    PERFORM pg_advisory_xact_lock(hashtext('people'), territory);
    IF EXISTS (
      WITH RECURSIVE up AS (
        SELECT a.id AS first, a.parent_id AS at FROM after a WHERE a.territory_id = territory AND a.retired_at IS NULL
        UNION SELECT up.first, u.parent_id FROM up JOIN people.unit u ON u.territory_id = territory AND u.id = up.at
      ) SELECT FROM up WHERE first = at) THEN
      RAISE EXCEPTION 'a unit would belong to itself' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'unit_above_itself';
    END IF;
    IF EXISTS (
      SELECT FROM after a WHERE a.territory_id = territory AND a.retired_at IS NOT NULL AND (
        EXISTS (SELECT FROM people.unit u WHERE u.territory_id = territory AND u.parent_id = a.id AND u.retired_at IS NULL)
        OR EXISTS (SELECT FROM people.post o WHERE o.territory_id = territory AND o.unit_id = a.id AND o.retired_at IS NULL)
        OR EXISTS (SELECT FROM people.person p WHERE p.territory_id = territory AND p.unit_id = a.id)))
      OR EXISTS (
      SELECT FROM after a JOIN people.unit u ON u.territory_id = territory AND u.id = a.parent_id
        WHERE a.territory_id = territory AND a.retired_at IS NULL AND u.retired_at IS NOT NULL) THEN
      RAISE EXCEPTION 'a unit in use is retired' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'unit_in_use';
    END IF;
    CREATE TEMP TABLE unit_label ON COMMIT DROP AS
      WITH RECURSIVE down AS (
        SELECT u.id, u.name AS path, cells.plain_name(u.name) AS plain, u.parent_id IS NULL AS top, u.label, u.name FROM people.unit u
          WHERE u.territory_id = territory AND u.retired_at IS NULL AND u.parent_id IS NULL
        UNION ALL
        SELECT u.id, d.path || '>' || u.name, cells.plain_name(u.name), false, u.label, u.name FROM down d
          JOIN people.unit u ON u.territory_id = territory AND u.parent_id = d.id AND u.retired_at IS NULL
      )
      SELECT id, label FROM (
        SELECT id, label AS was, CASE WHEN top OR count(*) OVER (PARTITION BY plain) = 1 THEN name ELSE path END AS label FROM down
      ) l WHERE was <> label;
    UPDATE people.unit u SET label = '>' || u.id FROM unit_label l WHERE u.territory_id = territory AND u.id = l.id;
    UPDATE people.unit u SET label = l.label FROM unit_label l WHERE u.territory_id = territory AND u.id = l.id;
    changed := ARRAY(SELECT id FROM unit_label);
    DROP TABLE unit_label;
    PERFORM people.spell(territory, ARRAY(
      SELECT p.id FROM people.person p WHERE p.territory_id = territory AND p.unit_id = ANY (changed)
      UNION SELECT q.person_id FROM people.post o JOIN people.person_post q ON q.territory_id = territory AND q.post_id = o.id AND q.during @> clock_timestamp()
        WHERE o.territory_id = territory AND o.unit_id = ANY (changed)), clock_timestamp());
  END LOOP;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER keep_units_of_new AFTER INSERT ON people.unit
  REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION people.keep_units();
CREATE TRIGGER keep_units_of_changed AFTER UPDATE ON people.unit
  REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION people.keep_units();
-- +goose StatementBegin
CREATE FUNCTION people.begin_unit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.label := '>' || NEW.id; -- keep_units gives the right one
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER begin_unit BEFORE INSERT ON people.unit FOR EACH ROW EXECUTE FUNCTION people.begin_unit();

-- Posts that somebody holds now or later are there, and so is their unit; texts
-- follow a post's title and unit.
-- +goose StatementBegin
CREATE FUNCTION people.keep_posts() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  territory int;
BEGIN
  FOR territory IN SELECT DISTINCT territory_id FROM after LOOP
    PERFORM pg_advisory_xact_lock(hashtext('people'), territory);
    IF EXISTS (SELECT FROM after a JOIN people.person_post q ON q.territory_id = territory AND q.post_id = a.id AND q.during && tstzrange(clock_timestamp(), NULL)
        WHERE a.territory_id = territory AND a.retired_at IS NOT NULL) THEN
      RAISE EXCEPTION 'a post is retired that somebody holds' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'post_in_use';
    END IF;
    IF EXISTS (SELECT FROM after a JOIN people.unit u ON u.territory_id = territory AND u.id = a.unit_id
        WHERE a.territory_id = territory AND a.retired_at IS NULL AND u.retired_at IS NOT NULL) THEN
      RAISE EXCEPTION 'a post of a unit that is retired' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'unit_in_use';
    END IF;
    IF TG_OP = 'UPDATE' THEN
      PERFORM people.spell(territory, ARRAY(SELECT q.person_id FROM after a JOIN people.person_post q
        ON q.territory_id = territory AND q.post_id = a.id AND q.during @> clock_timestamp() WHERE a.territory_id = territory), clock_timestamp());
    END IF;
  END LOOP;
  RETURN NULL;
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION people.check_home() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('people'), t.territory_id) FROM (SELECT DISTINCT territory_id FROM after) t;
  IF EXISTS (SELECT FROM after a JOIN people.unit u ON u.territory_id = a.territory_id AND u.id = a.unit_id WHERE u.retired_at IS NOT NULL) THEN
    RAISE EXCEPTION 'a person of a unit that is retired' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'unit_in_use';
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION people.check_held() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('people'), t.territory_id) FROM (SELECT DISTINCT territory_id FROM after) t;
  IF EXISTS (SELECT FROM after a JOIN people.post o ON o.territory_id = a.territory_id AND o.id = a.post_id
      WHERE o.retired_at IS NOT NULL AND a.during && tstzrange(clock_timestamp(), NULL)) THEN
    RAISE EXCEPTION 'a post that is retired is held' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'post_in_use';
  END IF;
  IF EXISTS (SELECT FROM after a WHERE a.during && tstzrange(clock_timestamp(), NULL)
      AND NOT EXISTS (SELECT FROM people.person p WHERE p.territory_id = a.territory_id AND p.id = a.person_id)) THEN
    RAISE EXCEPTION 'a post is held by nobody' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'post_holder_is_there';
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
-- Who goes holds no post any more.
-- +goose StatementBegin
CREATE FUNCTION people.end_posts() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  instant timestamptz := clock_timestamp();
BEGIN
  DELETE FROM people.person_post q USING before b WHERE q.territory_id = b.territory_id AND q.person_id = b.id AND lower(q.during) >= instant;
  UPDATE people.person_post q SET during = tstzrange(lower(q.during), instant) FROM before b
    WHERE q.territory_id = b.territory_id AND q.person_id = b.id AND q.during @> instant;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER keep_posts_of_new AFTER INSERT ON people.post REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION people.keep_posts();
CREATE TRIGGER keep_posts_of_changed AFTER UPDATE ON people.post REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION people.keep_posts();
CREATE TRIGGER check_home_of_new AFTER INSERT ON people.person REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION people.check_home();
CREATE TRIGGER check_home_of_changed AFTER UPDATE ON people.person REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION people.check_home();
CREATE TRIGGER check_held_of_new AFTER INSERT ON people.person_post REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION people.check_held();
CREATE TRIGGER check_held_of_changed AFTER UPDATE ON people.person_post REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION people.check_held();
CREATE TRIGGER end_posts AFTER DELETE ON people.person REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION people.end_posts();

-- Importers write units as their labels before persons are compared.
GRANT UPDATE (unit, post) ON people.intake_person TO unigrid_app;

-- Units and posts of the people that there are.
-- +goose StatementBegin
DO $$
DECLARE
  territory int;
BEGIN
  FOR territory IN SELECT id FROM cells.territory LOOP
    PERFORM people.follow_texts(territory, ARRAY(SELECT id FROM people.person WHERE territory_id = territory), clock_timestamp());
    PERFORM people.spell(territory, ARRAY(SELECT id FROM people.person WHERE territory_id = territory), clock_timestamp());
  END LOOP;
END $$;
-- +goose StatementEnd
