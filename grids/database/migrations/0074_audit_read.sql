-- +goose Up
-- Entries of rows are made without looking at each column of rows that came or
-- went as a whole: an import of persons spends less on the log.
-- Values as the log shows them: of secret ones only that they are there, of
-- others what audit.shown tells.
-- +goose StatementBegin
CREATE FUNCTION audit.tidy(whole jsonb, secret text[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT jsonb_object_agg(e.key, CASE WHEN e.key = ANY (secret) THEN '"***"' ELSE audit.shown(e.value) END) FROM jsonb_each(whole) e
$$;
-- +goose StatementEnd

-- Logs what a statement did to a table.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION audit.note() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  w audit.watched;
  olds jsonb[];
  news jsonb[];
  many boolean := false;
  batched boolean;
  shown text[];
  hidden text[] := '{}';
  tidied boolean;
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
      shown := w.plain || w.key || w.territory;
      hidden := ARRAY(SELECT field FROM jsonb_object_keys(coalesce(news[1], olds[1])) AS field WHERE field <> ALL (shown));
      INSERT INTO audit.person_key (territory_id, person_id, key)
        SELECT coalesce(p.territory::int, 0), p.person::bigint, public.gen_random_bytes(32)
        FROM (SELECT DISTINCT r ->> w.territory AS territory, r ->> w.person AS person FROM unnest(coalesce(news, olds)) AS r) p
        ON CONFLICT (territory_id, person_id) WHERE key IS NOT NULL DO NOTHING;
    END IF;
    tidied := w.secret <> '{}' OR EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = TG_RELID AND a.atttypid = 'jsonb'::regtype AND NOT a.attisdropped);
    INSERT INTO audit.pending (territory_id, at, name, role, account, origin, noun, op, key, label, person_id, rows, before, after, person_key, sealed)
      SELECT coalesce((p.row ->> w.territory)::int, 0), clock_timestamp(), who.name, who.role, who.account, who.origin, w.noun, lower(TG_OP),
             audit.joined(p.row, w.key, '/'), audit.joined(p.row, w.label, ' '), (p.row ->> w.person)::bigint, 1,
             CASE WHEN tidied THEN audit.tidy(d.before, w.secret) ELSE d.before END, CASE WHEN tidied THEN audit.tidy(d.after, w.secret) ELSE d.after END, k.id,
             CASE WHEN k.id IS NOT NULL THEN public.pgp_sym_encrypt(jsonb_strip_nulls(jsonb_build_object('before', d.hidden_before, 'after', d.hidden_after))::text,
               encode(k.key, 'hex'), 'cipher-algo=aes256, s2k-mode=0, compress-algo=0') END
      FROM audit.who() who, (
        -- old and new rows of an update come in the same order
        SELECT u.n, coalesce(u.new, u.old) AS row, jsonb_strip_nulls(u.old - w.without - s.same) AS old, jsonb_strip_nulls(u.new - w.without - s.same) AS new
        FROM unnest(olds, news) WITH ORDINALITY AS u (old, new, n)
        CROSS JOIN LATERAL (SELECT CASE WHEN u.old IS NULL OR u.new IS NULL THEN '{}'::text[]
          ELSE ARRAY(SELECT e.key FROM jsonb_each(u.old) e WHERE u.new -> e.key = e.value) END AS same OFFSET 0) s
        OFFSET 0
      ) p
      CROSS JOIN LATERAL (
        SELECT nullif(p.old - hidden, '{}') AS before, nullif(p.new - hidden, '{}') AS after,
               CASE WHEN hidden <> '{}' THEN nullif(p.old - shown, '{}') END AS hidden_before, CASE WHEN hidden <> '{}' THEN nullif(p.new - shown, '{}') END AS hidden_after
      ) d
      LEFT JOIN audit.person_key k ON hidden <> '{}' AND k.territory_id = coalesce((p.row ->> w.territory)::int, 0)
        AND k.person_id = (p.row ->> w.person)::bigint AND k.key IS NOT NULL AND (d.hidden_before IS NOT NULL OR d.hidden_after IS NOT NULL)
      WHERE p.old <> '{}' OR p.new <> '{}'
      ORDER BY p.n;
  END IF;
  GET DIAGNOSTICS done = ROW_COUNT;
  IF done > 0 THEN
    INSERT INTO audit.turn (turn) VALUES (1) ON CONFLICT DO NOTHING;
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
