-- +goose Up
-- The log of changes: who changed what, from where, what was before and after.
-- docs/audit.md says what it proves and what not.
CREATE SCHEMA audit;
CREATE EXTENSION IF NOT EXISTS pgcrypto;
GRANT USAGE ON SCHEMA audit TO unigrid_app;

-- One chain per territory; 0 is the chain of what belongs to none. seq has no
-- gaps, and hash is that of the entry before and of audit.content. Entries get
-- their place at commit, so that "at" may run back a little along the chain.
--   key      of the row, its columns joined by /; label: what else names it
--   rows     1; more where one entry stands for all rows of a statement
--   sealed   personal columns before and after, encrypted under person_key
CREATE TABLE audit.entry (
  territory_id int NOT NULL,
  seq          bigint NOT NULL,
  at           timestamptz NOT NULL,
  name         text NOT NULL,
  role         text NOT NULL,
  account      bigint,
  origin       text NOT NULL,
  noun         text NOT NULL,
  op           text NOT NULL,
  key          text NOT NULL,
  label        text NOT NULL,
  person_id    bigint,
  rows         int NOT NULL,
  before       jsonb,
  after        jsonb,
  person_key   bigint,
  sealed       bytea,
  hash         bytea NOT NULL,
  PRIMARY KEY (territory_id, seq)
);
CREATE INDEX entry_key ON audit.entry (territory_id, noun, key, seq);
CREATE INDEX entry_person ON audit.entry (territory_id, person_id, seq) WHERE person_id IS NOT NULL;

-- Where a chain ends, so that its last entries can't vanish unseen.
CREATE TABLE audit.head (
  territory_id int PRIMARY KEY,
  seq          bigint NOT NULL DEFAULT 0,
  hash         bytea NOT NULL DEFAULT ''
);
GRANT SELECT ON audit.head TO unigrid_app;

-- A key per person, until it is destroyed; then what was sealed with it can't be
-- read by anybody.
CREATE TABLE audit.person_key (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  territory_id int NOT NULL,
  person_id    bigint NOT NULL,
  key          bytea,
  destroyed_at timestamptz,
  CHECK ((key IS NULL) = (destroyed_at IS NOT NULL))
);
CREATE UNIQUE INDEX person_key_current ON audit.person_key (territory_id, person_id) WHERE key IS NOT NULL;

-- Entries of a transaction before its commit, and the turns that it takes then.
-- Empty whenever nobody writes, so nothing is lost with them in a crash.
CREATE UNLOGGED TABLE audit.pending (LIKE audit.entry,
  xact xid8 NOT NULL DEFAULT pg_current_xact_id(),
  n    bigint GENERATED ALWAYS AS IDENTITY
);
ALTER TABLE audit.pending ALTER seq DROP NOT NULL, ALTER hash DROP NOT NULL;
CREATE INDEX pending_xact ON audit.pending (xact, territory_id, n);
CREATE UNLOGGED TABLE audit.turn (
  xact xid8 NOT NULL DEFAULT pg_current_xact_id(),
  turn int NOT NULL,
  PRIMARY KEY (xact, turn)
);

-- The tables that are logged, and how; written by audit.watch.
--   territory  column of the territory; NULL: the table has none
--   person     column of the person whom a row is about
--   plain      columns that are not personal; NULL: none of the table is, else all others are sealed
--   secret     columns of which the log tells only that they changed
--   without    columns that the log leaves out
--   most       rows of one statement that get an entry each; NULL: any number
--   content    SQL list of what the digest of more rows than that covers, of a row r
--   shaped     the table has geometry
--   ops        what is logged: insert, update, delete, truncate
CREATE TABLE audit.watched (
  noun      text PRIMARY KEY,
  territory text,
  key       text[] NOT NULL,
  label     text[] NOT NULL,
  person    text,
  plain     text[],
  secret    text[] NOT NULL,
  without   text[] NOT NULL,
  most      int,
  content   text,
  shaped    boolean NOT NULL,
  ops       text[] NOT NULL,
  CHECK (plain IS NULL OR person IS NOT NULL),
  CHECK ((most IS NULL) = (content IS NULL))
);
GRANT SELECT ON audit.watched TO unigrid_app;

-- Nobody changes or takes away an entry, also not who owns the table, nor who
-- replays a replica.
-- +goose StatementBegin
CREATE FUNCTION audit.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the log is only added to' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'audit_append_only';
END $$;
-- +goose StatementEnd
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.entry
  FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();
ALTER TABLE audit.entry ENABLE ALWAYS TRIGGER append_only;
CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON audit.head
  FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();
ALTER TABLE audit.head ENABLE ALWAYS TRIGGER append_only;
CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON audit.person_key
  FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();
ALTER TABLE audit.person_key ENABLE ALWAYS TRIGGER append_only;

-- What the hash of an entry covers, all but the hash itself.
CREATE FUNCTION audit.content(e audit.entry) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT convert_to(jsonb_build_array(e.territory_id, e.seq, (extract(epoch FROM e.at) * 1000000)::bigint, e.name, e.role, e.account,
    e.origin, e.noun, e.op, e.key, e.label, e.person_id, e.rows, e.before, e.after, e.person_key, encode(e.sealed, 'hex'))::text, 'UTF8')
$$;

-- +goose StatementBegin
CREATE FUNCTION audit.link(state bytea, first bytea, content bytea) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  RETURN sha256(coalesce(state, first) || content);
END $$;
-- +goose StatementEnd
-- The hashes of a run of entries after the hash first.
CREATE AGGREGATE audit.chained(first bytea, content bytea) (SFUNC = audit.link, STYPE = bytea);

-- Gives the entries of a transaction their places when it commits. Whoever
-- writes holds the head of the chain from here to the end of the commit. The
-- first turn only calls the second, which so comes after all else that waits for
-- the commit and may have to wait for others.
-- +goose StatementBegin
CREATE FUNCTION audit.take_turn() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  chain int;
  head audit.head;
BEGIN
  IF NEW.turn = 1 THEN
    INSERT INTO audit.turn (xact, turn) VALUES (NEW.xact, 2) ON CONFLICT DO NOTHING;
    RETURN NULL;
  END IF;
  FOR chain IN SELECT DISTINCT p.territory_id FROM audit.pending p WHERE p.xact = NEW.xact ORDER BY 1 LOOP
    INSERT INTO audit.head (territory_id) VALUES (chain) ON CONFLICT DO NOTHING;
    SELECT * INTO STRICT head FROM audit.head h WHERE h.territory_id = chain FOR UPDATE;
    WITH entry AS (
      SELECT (ROW(p.territory_id, head.seq + row_number() OVER (ORDER BY p.n), p.at, p.name, p.role, p.account, p.origin, p.noun, p.op, p.key,
              p.label, p.person_id, p.rows, p.before, p.after, p.person_key, p.sealed, NULL)::audit.entry) AS e
      FROM audit.pending p WHERE p.xact = NEW.xact AND p.territory_id = chain
    ), chained AS (
      SELECT x.e, audit.chained(head.hash, audit.content(x.e)) OVER (ORDER BY (x.e).seq ROWS UNBOUNDED PRECEDING) AS hash FROM entry x
    ), written AS (
      INSERT INTO audit.entry (territory_id, seq, at, name, role, account, origin, noun, op, key, label, person_id, rows, before, after, person_key, sealed, hash)
      SELECT (c.e).territory_id, (c.e).seq, (c.e).at, (c.e).name, (c.e).role, (c.e).account, (c.e).origin, (c.e).noun, (c.e).op, (c.e).key,
             (c.e).label, (c.e).person_id, (c.e).rows, (c.e).before, (c.e).after, (c.e).person_key, (c.e).sealed, c.hash
      FROM chained c RETURNING seq, hash
    )
    UPDATE audit.head h SET seq = w.seq, hash = w.hash FROM (SELECT w.seq, w.hash FROM written w ORDER BY w.seq DESC LIMIT 1) w WHERE h.territory_id = chain;
  END LOOP;
  DELETE FROM audit.pending p WHERE p.xact = NEW.xact;
  DELETE FROM audit.turn t WHERE t.xact = NEW.xact;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE CONSTRAINT TRIGGER take_turn AFTER INSERT ON audit.turn
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.take_turn();
ALTER TABLE audit.turn ENABLE ALWAYS TRIGGER take_turn;

-- Who the transaction acts for; whoever set no principal, by the server's role.
CREATE FUNCTION audit.who(OUT name text, OUT role text, OUT account bigint, OUT origin text)
LANGUAGE sql STABLE AS $$
  SELECT coalesce(nullif(current_setting('unigrid.name', true), ''), session_user), coalesce(nullif(current_setting('unigrid.role', true), ''), 'database'),
         nullif(nullif(current_setting('unigrid.account', true), ''), '0')::bigint, coalesce(current_setting('unigrid.from', true), '')
$$;

-- Adds one entry that no table's trigger makes. Only functions of the owner of
-- the schema may call it.
-- +goose StatementBegin
CREATE FUNCTION audit.add(territory int, noun text, op text, key text, label text DEFAULT '', person bigint DEFAULT NULL, after jsonb DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO audit.pending (territory_id, at, name, role, account, origin, noun, op, key, label, person_id, rows, after)
    SELECT coalesce(territory, 0), clock_timestamp(), w.name, w.role, w.account, w.origin, add.noun, add.op, add.key, add.label, person, 1, add.after FROM audit.who() w;
  INSERT INTO audit.turn (turn) VALUES (1) ON CONFLICT DO NOTHING;
END $$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION audit.add FROM PUBLIC;

-- A shape as the log shows it: a point by its place, others by a digest of what
-- the versions of their table keep.
CREATE FUNCTION audit.shape(geom geometry) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN GeometryType(geom) = 'POINT' THEN jsonb_build_object('lon', ST_X(geom), 'lat', ST_Y(geom))
    WHEN geom IS NOT NULL THEN jsonb_build_object('type', GeometryType(geom), 'vertices', ST_NPoints(geom), 'sha256', encode(sha256(geom::bytea), 'hex')) END
$$;

-- A value as the log shows it: telephone numbers and the like that attributes
-- may hold are hidden.
-- +goose StatementBegin
CREATE FUNCTION audit.shown(value jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  open jsonb;
BEGIN
  IF jsonb_typeof(value) <> 'object' THEN
    RETURN value;
  END IF;
  open := objects.public_attributes(value);
  RETURN open || coalesce((SELECT jsonb_object_agg(key, '***') FROM jsonb_object_keys(value) AS key WHERE NOT open ? key), '{}');
END $$;
-- +goose StatementEnd

CREATE FUNCTION audit.joined(value jsonb, columns text[], separator text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(string_agg(value ->> c.name, separator ORDER BY c.n), '') FROM unnest(columns) WITH ORDINALITY AS c (name, n)
$$;

-- The rows of a transition table as values.
-- +goose StatementBegin
CREATE FUNCTION audit.rows(source text, noun regclass) RETURNS text
LANGUAGE sql STABLE AS $$
  SELECT format('SELECT array_agg(to_jsonb(x)) FROM (SELECT %s FROM %I) x',
    string_agg(format(CASE WHEN a.atttypid = 'public.geometry'::regtype THEN 'audit.shape(%1$I) AS %1$I' ELSE '%I' END, a.attname), ', ' ORDER BY a.attnum), source)
  FROM pg_attribute a WHERE a.attrelid = noun AND a.attnum > 0 AND NOT a.attisdropped
$$;
-- +goose StatementEnd

-- What one entry tells of all rows of a transition table (NULL: there is none):
-- how many, the first of them, the batch, and a digest of their content in the
-- order of the key.
-- +goose StatementBegin
CREATE FUNCTION audit.summary(source text, w audit.watched, batched boolean) RETURNS text
LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN source IS NULL THEN '(SELECT NULL::int AS territory, NULL::int AS rows, NULL::jsonb AS summary LIMIT 0)' ELSE format($sql$(SELECT %2$s AS territory, count(*)::int AS rows, jsonb_build_object(
      'first', (SELECT jsonb_agg(f.name) FROM (SELECT concat_ws(' ', %4$s) AS name FROM %1$I r LIMIT 5) f), %5$s
      'sha256', encode(sha256(string_agg(sha256(convert_to(ROW(%6$s)::text, 'UTF8')), '' ORDER BY %3$s)), 'hex')) AS summary FROM %1$I r GROUP BY 1) $sql$,
    source, coalesce(format('r.%I', w.territory), '0'),
    (SELECT string_agg(format('r.%I', c), ', ') FROM unnest(w.key) AS c),
    (SELECT string_agg(format('r.%I', c), ', ') FROM unnest(CASE WHEN w.label = '{}' THEN w.key ELSE w.label END) AS c),
    CASE WHEN batched THEN '''batch'', max(r.batch), ' ELSE '' END, w.content) END
$$;
-- +goose StatementEnd

-- Logs what a statement did to a table.
-- +goose StatementBegin
CREATE FUNCTION audit.note() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  w audit.watched;
  olds jsonb[];
  news jsonb[];
  many boolean := false;
  batched boolean;
  done bigint;
BEGIN
  SELECT * INTO STRICT w FROM audit.watched x WHERE x.noun = TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME;
  IF TG_OP = 'TRUNCATE' THEN
    PERFORM audit.add(0, w.noun, 'truncate', '');
    RETURN NULL;
  END IF;
  IF w.most IS NOT NULL THEN
    IF TG_OP = 'DELETE' THEN
      SELECT count(*) > w.most INTO many FROM (SELECT FROM before LIMIT w.most + 1) b;
    ELSE
      SELECT count(*) > w.most INTO many FROM (SELECT FROM after LIMIT w.most + 1) a;
    END IF;
  END IF;
  IF many THEN
    batched := EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = TG_RELID AND a.attname = 'batch');
    EXECUTE format('INSERT INTO audit.pending (territory_id, at, name, role, account, origin, noun, op, key, label, rows, before, after)
        SELECT coalesce(s.territory, 0), clock_timestamp(), who.name, who.role, who.account, who.origin, $1, $2, $3, $3, s.rows, s.before, s.after
        FROM audit.who() who, (SELECT territory, coalesce(a.rows, b.rows) AS rows, b.summary AS before, a.summary AS after
          FROM %s b FULL JOIN %s a USING (territory) WHERE a.summary IS DISTINCT FROM b.summary) s',
      audit.summary(CASE WHEN TG_OP <> 'INSERT' THEN 'before' END, w, batched), audit.summary(CASE WHEN TG_OP <> 'DELETE' THEN 'after' END, w, batched))
      USING w.noun, lower(TG_OP), '';
  ELSE
    IF TG_OP <> 'DELETE' THEN
      IF w.shaped THEN
        EXECUTE audit.rows('after', TG_RELID) INTO news;
      ELSE
        SELECT array_agg(to_jsonb(a)) INTO news FROM after a;
      END IF;
    END IF;
    IF TG_OP <> 'INSERT' THEN
      IF w.shaped THEN
        EXECUTE audit.rows('before', TG_RELID) INTO olds;
      ELSE
        SELECT array_agg(to_jsonb(b)) INTO olds FROM before b;
      END IF;
    END IF;
    IF olds IS NULL AND news IS NULL THEN
      RETURN NULL;
    END IF;
    IF w.plain IS NOT NULL THEN
      INSERT INTO audit.person_key (territory_id, person_id, key)
        SELECT coalesce(p.territory::int, 0), p.person::bigint, public.gen_random_bytes(32)
        FROM (SELECT DISTINCT r ->> w.territory AS territory, r ->> w.person AS person FROM unnest(coalesce(news, olds)) AS r) p
        ON CONFLICT (territory_id, person_id) WHERE key IS NOT NULL DO NOTHING;
    END IF;
    -- old and new rows of an update come in the same order
    INSERT INTO audit.pending (territory_id, at, name, role, account, origin, noun, op, key, label, person_id, rows, before, after, person_key, sealed)
      SELECT coalesce((p.row ->> w.territory)::int, 0), clock_timestamp(), who.name, who.role, who.account, who.origin, w.noun, lower(TG_OP),
             audit.joined(p.row, w.key, '/'), audit.joined(p.row, w.label, ' '), (p.row ->> w.person)::bigint, 1, d.before, d.after, k.id,
             CASE WHEN k.id IS NOT NULL THEN public.pgp_sym_encrypt(jsonb_strip_nulls(jsonb_build_object('before', d.hidden_before, 'after', d.hidden_after))::text,
               encode(k.key, 'hex'), 'cipher-algo=aes256, s2k-mode=0, compress-algo=0') END
      FROM audit.who() who, (SELECT u.n, u.old, u.new, coalesce(u.new, u.old) AS row FROM unnest(olds, news) WITH ORDINALITY AS u (old, new, n)) p
      CROSS JOIN LATERAL (
        SELECT jsonb_object_agg(f.field, f.old) FILTER (WHERE f.plain AND f.old IS NOT NULL) AS before,
               jsonb_object_agg(f.field, f.new) FILTER (WHERE f.plain AND f.new IS NOT NULL) AS after,
               jsonb_object_agg(f.field, f.old) FILTER (WHERE NOT f.plain AND f.old IS NOT NULL) AS hidden_before,
               jsonb_object_agg(f.field, f.new) FILTER (WHERE NOT f.plain AND f.new IS NOT NULL) AS hidden_after,
               count(*) AS fields
        FROM (
          SELECT field, w.plain IS NULL OR field = ANY (w.plain || w.key || w.territory) AS plain,
                 CASE WHEN p.old -> field <> 'null' THEN CASE WHEN field = ANY (w.secret) THEN '"***"' ELSE audit.shown(p.old -> field) END END AS old,
                 CASE WHEN p.new -> field <> 'null' THEN CASE WHEN field = ANY (w.secret) THEN '"***"' ELSE audit.shown(p.new -> field) END END AS new
          FROM jsonb_object_keys(p.row) AS field
          WHERE field <> ALL (w.without) AND coalesce(p.old -> field, 'null') <> coalesce(p.new -> field, 'null')
        ) f
      ) d
      LEFT JOIN audit.person_key k ON w.plain IS NOT NULL AND k.territory_id = coalesce((p.row ->> w.territory)::int, 0)
        AND k.person_id = (p.row ->> w.person)::bigint AND k.key IS NOT NULL AND (d.hidden_before IS NOT NULL OR d.hidden_after IS NOT NULL)
      WHERE d.fields > 0
      ORDER BY p.n;
  END IF;
  GET DIAGNOSTICS done = ROW_COUNT;
  IF done > 0 THEN
    INSERT INTO audit.turn (turn) VALUES (1) ON CONFLICT DO NOTHING;
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION audit.note, audit.take_turn FROM PUBLIC;

-- Logs a table from now on: its triggers write an entry for each row that a
-- statement inserts, changes or deletes (ops). watched.sql calls it for each
-- table in which a person's change counts, at every migrate; it does something
-- only when it says something new. The arguments are the columns of
-- audit.watched; a table that has a column territory_id is logged in the chain of
-- that territory, others in chain 0.
-- +goose StatementBegin
CREATE FUNCTION audit.watch(noun regclass, key text[], label text[] DEFAULT '{}', person text DEFAULT NULL, plain text[] DEFAULT NULL,
  secret text[] DEFAULT '{}', without text[] DEFAULT '{}', ops text[] DEFAULT '{insert,update,delete}', territory text DEFAULT NULL,
  most int DEFAULT NULL, content text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  full_name text := (SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = noun);
  columns text[] := ARRAY(SELECT a.attname FROM pg_attribute a WHERE a.attrelid = noun AND a.attnum > 0 AND NOT a.attisdropped);
  said audit.watched := ROW(full_name, coalesce(territory, CASE WHEN 'territory_id' = ANY (columns) THEN 'territory_id' END), key, label, person, plain, secret, without,
    most, content, EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = noun AND a.atttypid = 'public.geometry'::regtype AND NOT a.attisdropped), ops || 'truncate'::text);
  op text;
BEGIN
  IF NOT array_remove(key || label || coalesce(plain, '{}') || secret || without || person, NULL) <@ columns THEN
    RAISE EXCEPTION '% has no such columns as are to be logged', full_name;
  END IF;
  IF said IS NOT DISTINCT FROM (SELECT w FROM audit.watched w WHERE w.noun = full_name) THEN
    RETURN;
  END IF;
  DELETE FROM audit.watched w WHERE w.noun = full_name;
  INSERT INTO audit.watched SELECT said.*;
  FOREACH op IN ARRAY '{insert,update,delete,truncate}'::text[] LOOP
    EXECUTE format('DROP TRIGGER IF EXISTS audit_%s ON %s', op, noun);
    IF op = ANY (said.ops) THEN
      EXECUTE format('CREATE TRIGGER audit_%s AFTER %1$s ON %s %s FOR EACH STATEMENT EXECUTE FUNCTION audit.note()', op, noun,
        CASE op WHEN 'insert' THEN 'REFERENCING NEW TABLE AS after' WHEN 'update' THEN 'REFERENCING OLD TABLE AS before NEW TABLE AS after'
                WHEN 'delete' THEN 'REFERENCING OLD TABLE AS before' ELSE '' END);
      EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER audit_%s', noun, op);
    END IF;
  END LOOP;
  PERFORM audit.add(0, 'audit', 'watch', full_name);
END $$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION audit.watch FROM PUBLIC;

-- Records that the transaction's principal was shown something personal, such as
-- a full telephone number (what: phone), and to what end.
CREATE FUNCTION audit.disclosed(territory int, person bigint, what text, why text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT audit.add(territory, 'people.contact', 'disclose', person::text, what, person, jsonb_build_object('why', why))
$$;
REVOKE EXECUTE ON FUNCTION audit.disclosed FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit.disclosed TO unigrid_app;

-- Destroys the keys of a person, so that nobody can read any more what the log
-- says of name, numbers and the like; gives how many there were.
-- +goose StatementBegin
CREATE FUNCTION audit.forget(territory int, person bigint) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  destroyed int;
BEGIN
  IF NOT (access.may('people.forget') AND access.governs(territory)) THEN
    RAISE EXCEPTION 'this principal may not erase persons from the log' USING ERRCODE = 'insufficient_privilege';
  END IF;
  UPDATE audit.person_key k SET key = NULL, destroyed_at = clock_timestamp()
    WHERE k.territory_id = territory AND k.person_id = person AND k.key IS NOT NULL;
  GET DIAGNOSTICS destroyed = ROW_COUNT;
  PERFORM audit.add(territory, 'people.person', 'forget', person::text, '', person, jsonb_build_object('keys', destroyed));
  RETURN destroyed;
END $$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION audit.forget FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit.forget TO unigrid_app;

-- What was sealed in an entry, for who may read the log; NULL when its key is
-- destroyed.
CREATE FUNCTION audit.unseal(e audit.entry) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT public.pgp_sym_decrypt(e.sealed, encode(k.key, 'hex'))::jsonb
  FROM audit.person_key k
  WHERE k.id = e.person_key AND k.key IS NOT NULL AND access.may('audit.read') AND access.governs(e.territory_id)
$$;
REVOKE EXECUTE ON FUNCTION audit.unseal FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit.unseal TO unigrid_app;

ALTER TABLE audit.entry ENABLE ROW LEVEL SECURITY;
CREATE POLICY entry_read ON audit.entry FOR SELECT TO unigrid_app
  USING ((SELECT access.may('audit.read')) AND access.governs(territory_id));
GRANT SELECT ON audit.entry TO unigrid_app;

-- Where a chain is broken. kind:
--   changed  the entry is not what its hash was made of, or the one before it was changed and given another hash
--   removed  entries from seq to last are missing
--   added    an entry beyond where the chain ends
--   head     the last entry is not the one with which the chain ended
--   none     the chain itself is missing
-- +goose StatementBegin
CREATE FUNCTION audit.broken(territory int) RETURNS TABLE (kind text, seq bigint, last bigint, noun text, key text, op text, at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH walked AS (
    SELECT e.seq, e.noun, e.key, e.op, e.at, e.hash, lag(e.seq, 1, 0::bigint) OVER chain AS before, lag(e.hash, 1, ''::bytea) OVER chain AS prev,
           row_number() OVER chain = count(*) OVER () AS final, audit.content(e) AS content
    FROM audit.entry e WHERE e.territory_id = territory WINDOW chain AS (ORDER BY e.seq)
  ), head AS (
    SELECT h.seq, h.hash FROM audit.head h WHERE h.territory_id = territory
  )
  SELECT 'removed', w.before + 1, w.seq - 1, NULL, NULL, NULL, NULL::timestamptz FROM walked w WHERE w.seq > w.before + 1
  UNION ALL
  SELECT 'changed', w.seq, w.seq, w.noun, w.key, w.op, w.at FROM walked w WHERE w.seq = w.before + 1 AND w.hash <> sha256(w.prev || w.content)
  UNION ALL
  SELECT 'added', w.seq, w.seq, w.noun, w.key, w.op, w.at FROM walked w LEFT JOIN head h ON true WHERE w.seq > coalesce(h.seq, 0)
  UNION ALL
  SELECT 'removed', coalesce(w.seq, 0) + 1, h.seq, NULL, NULL, NULL, NULL FROM head h LEFT JOIN walked w ON w.final WHERE h.seq > coalesce(w.seq, 0)
  UNION ALL
  SELECT 'head', w.seq, w.seq, w.noun, w.key, w.op, w.at FROM walked w JOIN head h ON h.seq = w.seq WHERE w.hash <> h.hash
  UNION ALL
  SELECT 'none', 0, 0, NULL, NULL, NULL, NULL WHERE NOT EXISTS (SELECT FROM head)
  ORDER BY 2, 1
$$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION audit.broken FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit.broken TO unigrid_app;

-- The chains begin, those of territories that there are already, too.
SELECT audit.add(id, 'audit', 'begin', '') FROM (SELECT 0 AS id UNION SELECT id FROM cells.territory ORDER BY id) t;
