-- The schema as the migrations leave it; written by `make schema`.


CREATE SCHEMA access;

CREATE SCHEMA audit;

CREATE SCHEMA cells;

CREATE SCHEMA circulation;

CREATE SCHEMA drawing;

CREATE SCHEMA duty;

CREATE SCHEMA editions;

CREATE SCHEMA jobs;

CREATE SCHEMA layers;

CREATE SCHEMA merge;

CREATE SCHEMA objects;

CREATE SCHEMA people;

CREATE SCHEMA staging;

CREATE SCHEMA workdays;

CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public;

COMMENT ON EXTENSION btree_gist IS 'support for indexing common datatypes in GiST';

CREATE EXTENSION IF NOT EXISTS pgcrypto WITH SCHEMA public;

COMMENT ON EXTENSION pgcrypto IS 'cryptographic functions';

CREATE EXTENSION IF NOT EXISTS postgis WITH SCHEMA public;

COMMENT ON EXTENSION postgis IS 'PostGIS geometry and geography spatial types and functions';

CREATE TYPE jobs.river_job_state AS ENUM (
    'available',
    'cancelled',
    'completed',
    'discarded',
    'pending',
    'retryable',
    'running',
    'scheduled'
);

CREATE FUNCTION access.administrates(account bigint) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  SELECT EXISTS (SELECT FROM access.grant_ g WHERE g.account = administrates.account AND g.role IN ('admin', 'security', 'auditor'))
$$;

CREATE FUNCTION access.begin_session(account bigint, token bytea, address text, agent text) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  DELETE FROM access.session WHERE expires_at < clock_timestamp() - interval '90 days';
  INSERT INTO access.session (account, token, address, agent, expires_at) VALUES (account, token, address, left(agent, 200), clock_timestamp() + interval '12 hours')
$$;

CREATE FUNCTION access.begin_totp(new_secret text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
  INSERT INTO access.secret (account, totp) VALUES (access.self(), new_secret)
    ON CONFLICT (account) DO UPDATE SET totp = excluded.totp, totp_step = 0 WHERE secret.totp_confirmed IS NULL;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is a second factor already' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'totp_there';
  END IF;
END $$;

CREATE FUNCTION access.bound() RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT coalesce(current_setting('unigrid.within', true), '') <> ''
$$;

CREATE FUNCTION access.change_password(old_hash text, new_password text, staying bigint) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
  UPDATE access.secret s SET password = new_password, password_changed = clock_timestamp(), must_change = false
    WHERE s.account = access.self() AND s.password = old_hash;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  UPDATE access.session x SET revoked_at = clock_timestamp(), revoked_by = current_setting('unigrid.name', true)
    WHERE x.account = access.self() AND x.id <> staying AND x.revoked_at IS NULL;
  RETURN true;
END $$;

CREATE FUNCTION access.confirm_totp(step bigint, codes bytea[]) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  UPDATE access.secret s SET totp_confirmed = clock_timestamp(), totp_step = step, recovery = codes
    WHERE s.account = access.self() AND s.totp IS NOT NULL AND s.totp_confirmed IS NULL
$$;

CREATE FUNCTION access.drop_recovery() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  NEW.recovery := '{}';
  RETURN NEW;
END $$;

CREATE FUNCTION access.end_session(of_session bigint) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
  whose bigint := (SELECT x.account FROM access.session x WHERE x.id = of_session AND x.revoked_at IS NULL);
BEGIN
  IF whose <> access.self() AND NOT (access.may('grants.edit') AND access.governs_account(whose)) THEN
    PERFORM access.refuse('session_guard', 'another''s session is ended by the security administrator');
  END IF;
  UPDATE access.session x SET revoked_at = clock_timestamp(), revoked_by = current_setting('unigrid.name', true) WHERE x.id = of_session AND x.revoked_at IS NULL;
  RETURN FOUND;
END $$;

CREATE FUNCTION access.end_totp(of_account bigint, hash text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
  IF of_account = access.self() THEN
    UPDATE access.secret s SET totp = NULL, totp_confirmed = NULL WHERE s.account = of_account AND s.password = hash;
    RETURN FOUND;
  END IF;
  IF NOT access.may('accounts.edit') OR NOT access.governs_account(of_account) THEN
    PERFORM access.refuse('account_guard', 'accounts are edited by the system administrator of their territory');
  END IF;
  IF current_setting('unigrid.role', true) <> 'local' AND access.administrates(of_account) THEN
    PERFORM access.refuse('account_of_administrator', 'an administrator''s account is changed with unigrid user, on the machine itself');
  END IF;
  UPDATE access.secret s SET totp = NULL, totp_confirmed = NULL WHERE s.account = of_account;
  RETURN FOUND;
END $$;

CREATE FUNCTION access.end_with_account() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
  UPDATE access.session SET revoked_at = clock_timestamp(), revoked_by = current_setting('unigrid.name', true) WHERE account = NEW.id AND revoked_at IS NULL;
  RETURN NULL;
END $$;

CREATE FUNCTION access.generalised(geom public.geometry, metres double precision) RETURNS public.geometry
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT CASE ST_Dimension(geom)
    WHEN 0 THEN ST_SnapToGrid(geom, g.step)
    WHEN 1 THEN CASE WHEN ST_Length(geom) < g.step THEN ST_SnapToGrid(ST_Centroid(geom), g.step) ELSE coalesce(ST_SnapToGrid(geom, g.step), ST_SnapToGrid(ST_Centroid(geom), g.step)) END
    ELSE CASE WHEN ST_IsEmpty(s.shape) THEN ST_Multi(ST_Expand(ST_SnapToGrid(ST_Centroid(geom), g.step), g.step / 2)) ELSE ST_Multi(s.shape) END END
  FROM (SELECT round((metres / 111320)::numeric, 7)::float8 AS step) g
  LEFT JOIN LATERAL (SELECT ST_CollectionExtract(ST_ReducePrecision(geom, g.step), 3) AS shape WHERE ST_Dimension(geom) = 2) s ON true
$$;

CREATE FUNCTION access.governs(territory integer) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT coalesce(nullif(nullif(current_setting('unigrid.territory', true), ''), '0')::int = territory, true)
$$;

CREATE FUNCTION access.governs_account(account bigint) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  SELECT access.governs_all((SELECT a.territory_id FROM access.account a WHERE a.id = governs_account.account)) AND NOT access.granted_elsewhere(account)
$$;

CREATE FUNCTION access.governs_all(territory integer) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT CASE WHEN coalesce(current_setting('unigrid.territory', true), '') IN ('', '0') THEN true
    ELSE coalesce(current_setting('unigrid.territory', true)::int = territory, false) END
$$;

CREATE FUNCTION access.granted_elsewhere(account bigint) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  SELECT EXISTS (SELECT FROM access.grant_ g WHERE g.account = granted_elsewhere.account AND NOT access.governs_all(g.territory_id))
$$;

CREATE FUNCTION access.guard() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $_$
DECLARE
  allowed boolean := EXISTS (SELECT FROM unnest(string_to_array(TG_ARGV[0], ' ')) AS a WHERE access.may(a));
  touched text := CASE TG_OP WHEN 'INSERT' THEN 'SELECT * FROM new_row' WHEN 'DELETE' THEN 'SELECT * FROM old_row'
                             ELSE 'SELECT * FROM old_row UNION ALL SELECT * FROM new_row' END;
  changes boolean;
  refused text;
  places text[];
  many bigint;
BEGIN
  IF current_user <> 'unigrid_app' OR (allowed AND access.unbounded()) THEN
    RETURN NULL;
  END IF;
  IF NOT allowed THEN
    EXECUTE format('SELECT EXISTS (%s)', CASE TG_OP WHEN 'INSERT' THEN 'SELECT FROM new_row' ELSE 'SELECT FROM old_row' END) INTO changes;
    IF changes THEN
      RAISE EXCEPTION 'the role % may not change %.%', coalesce(nullif(current_setting('unigrid.role', true), ''), 'none'), TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'guard_role', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
              DETAIL = json_build_object('action', TG_ARGV[0], 'role', current_setting('unigrid.role', true));
    END IF;
    RETURN NULL;
  END IF;
  EXECUTE format($sql$
    SELECT min(bound), (array_agg(DISTINCT name ORDER BY name))[1:20], count(DISTINCT name) FROM (
      SELECT (%4$s)::text AS name,
             CASE WHEN NOT access.governs(r.%5$I) THEN 'guard_territory' WHEN NOT (%2$s) THEN 'guard_subtree' WHEN NOT (%3$s) THEN 'guard_layer' END AS bound
      FROM (%1$s) r) named WHERE bound IS NOT NULL $sql$, touched, TG_ARGV[1], TG_ARGV[2], TG_ARGV[3], TG_ARGV[4]) INTO refused, places, many;
  IF refused IS NOT NULL THEN
    RAISE EXCEPTION 'outside what the principal may change in %.%: %', TG_TABLE_SCHEMA, TG_TABLE_NAME, array_to_string(places, ', ')
      USING ERRCODE = 'insufficient_privilege', CONSTRAINT = refused, SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
            DETAIL = json_build_object('places', places, 'count', many, 'within', current_setting('unigrid.within', true), 'layers', current_setting('unigrid.layers', true));
  END IF;
  RETURN NULL;
END $_$;

CREATE FUNCTION access.guard_account() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  IF NOT access.may('accounts.edit') OR NOT access.governs_all(NEW.territory_id) OR (TG_OP = 'UPDATE' AND NOT access.governs_account(OLD.id)) THEN
    PERFORM access.refuse('account_guard', 'accounts are edited by the system administrator of their territory');
  END IF;
  IF TG_OP = 'UPDATE' THEN
    IF OLD.id = access.self() AND NEW.disabled IS DISTINCT FROM OLD.disabled THEN
      PERFORM access.refuse('account_not_own', 'nobody closes or opens their own account');
    END IF;
    IF access.administrates(OLD.id) AND (NEW.name, NEW.email, NEW.kind) IS DISTINCT FROM (OLD.name, OLD.email, OLD.kind)
      AND current_setting('unigrid.role', true) <> 'local' THEN
      PERFORM access.refuse('account_of_administrator', 'an administrator''s account is changed with unigrid user, on the machine itself');
    END IF;
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION access.guard_bulk() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
BEGIN
  IF current_user <> 'unigrid_app' THEN
    RETURN NULL;
  END IF;
  IF TG_LEVEL = 'ROW' THEN
    RAISE EXCEPTION 'this row of %.% is of another territory', TG_TABLE_SCHEMA, TG_TABLE_NAME
      USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'guard_territory', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME;
  END IF;
  IF NOT EXISTS (SELECT FROM unnest(string_to_array(TG_ARGV[0], ' ')) AS a WHERE access.may(a)) THEN
    RAISE EXCEPTION 'the role % may not change %.%', coalesce(nullif(current_setting('unigrid.role', true), ''), 'none'), TG_TABLE_SCHEMA, TG_TABLE_NAME
      USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'guard_role', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
            DETAIL = json_build_object('action', TG_ARGV[0], 'role', current_setting('unigrid.role', true));
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION access.guard_grant() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
  given access.grant_ := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
BEGIN
  IF NOT access.may('grants.edit') OR NOT access.governs_all(given.territory_id) THEN
    PERFORM access.refuse('grant_guard', 'rights are given by the security administrator of the territory');
  END IF;
  IF given.account = access.self() THEN
    PERFORM access.refuse('grant_not_own', 'nobody gives or takes their own rights');
  END IF;
  IF TG_OP = 'UPDATE' AND (NEW.account, NEW.territory_id) IS DISTINCT FROM (OLD.account, OLD.territory_id) THEN
    PERFORM access.refuse('grant_guard', 'a grant stays with its account and territory');
  END IF;
  IF TG_OP = 'DELETE' THEN
    RETURN OLD;
  END IF;
  IF NEW.role IN ('admin', 'security', 'auditor') THEN
    IF (SELECT a.kind FROM access.account a WHERE a.id = NEW.account) = 'service' THEN
      PERFORM access.refuse('grant_to_program', 'a program is no administrator');
    END IF;
    IF current_setting('unigrid.role', true) <> 'local' AND (TG_OP = 'INSERT' OR OLD.role <> NEW.role)
      AND NOT EXISTS (SELECT FROM access.secret s WHERE s.account = NEW.account AND (s.password_changed IS NOT NULL AND NOT s.must_change OR s.oidc_issuer IS NOT NULL)) THEN
      PERFORM access.refuse('grant_first_password', 'an administrator must have signed in and chosen a password first');
    END IF;
  END IF;
  NEW.given_by := coalesce(nullif(current_setting('unigrid.name', true), ''), session_user);
  NEW.given_at := clock_timestamp();
  RETURN NEW;
END $$;

CREATE FUNCTION access.guard_key() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  IF NOT access.may('grants.edit') OR NOT access.governs_account(NEW.account) THEN
    PERFORM access.refuse('key_guard', 'keys are made and ended by the security administrator of the territory');
  END IF;
  IF NEW.account = access.self() THEN
    PERFORM access.refuse('grant_not_own', 'nobody gives or takes their own rights');
  END IF;
  IF TG_OP = 'INSERT' AND NOT EXISTS (SELECT FROM access.account a WHERE a.id = NEW.account AND a.kind = 'service') THEN
    PERFORM access.refuse('key_for_program', 'a key is for an account of a program');
  END IF;
  IF TG_OP = 'UPDATE' AND OLD.revoked_at IS NOT NULL THEN
    PERFORM access.refuse('key_ended', 'a key that was ended stays so');
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION access.identify(of_token bytea, of_prefix text, of_secret bytea, of_territory text) RETURNS TABLE(session bigint, key bigint, account bigint, name text, label text, must_change boolean, expires timestamp with time zone, territory integer, role text, within text[], layers text[], code_lengths integer[], code_pad integer, actions text[], collections text[], key_layers text[], per_minute integer)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
DECLARE
  s access.session;
  k access.key;
BEGIN
  IF of_token IS NOT NULL THEN
    SELECT * INTO s FROM access.session x WHERE x.token = of_token AND x.revoked_at IS NULL
      AND x.expires_at > clock_timestamp() AND x.seen_at > clock_timestamp() - interval '2 hours';
    IF s.seen_at < clock_timestamp() - interval '1 minute' THEN
      UPDATE access.session x SET seen_at = clock_timestamp() WHERE x.id = s.id;
    END IF;
  ELSE
    SELECT * INTO k FROM access.key x WHERE x.prefix = of_prefix AND x.secret = of_secret AND x.revoked_at IS NULL AND x.expires_at > clock_timestamp();
    IF k.id IS NOT NULL AND (k.used_at IS NULL OR k.used_at < clock_timestamp() - interval '1 minute') THEN
      UPDATE access.key x SET used_at = clock_timestamp() WHERE x.id = k.id;
    END IF;
  END IF;
  RETURN QUERY
    SELECT s.id, k.id, a.id, a.name, a.label, coalesce(c.must_change, false), coalesce(s.expires_at, k.expires_at),
           coalesce(g.territory_id, 0), g.role, g.within, g.layers, t.code_lengths, t.code_pad, k.actions, k.collections, k.layers, k.per_minute
    FROM access.account a
    LEFT JOIN access.secret c ON c.account = a.id
    LEFT JOIN LATERAL (
      SELECT t.id, t.code_lengths, t.code_pad FROM cells.territory t WHERE of_territory IN (t.code, '') ORDER BY t.created_at, t.id LIMIT 1
    ) t ON true
    LEFT JOIN LATERAL (
      SELECT * FROM access.grant_ g WHERE g.account = a.id AND (g.territory_id = t.id OR g.territory_id IS NULL) ORDER BY g.territory_id NULLS LAST LIMIT 1
    ) g ON true
    WHERE a.id = coalesce(s.account, k.account) AND NOT a.disabled;
END $$;

CREATE FUNCTION access.layer(layers text[]) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT coalesce(current_setting('unigrid.layers', true), '') = ''
    OR coalesce(layers && string_to_array(current_setting('unigrid.layers', true), ','), false)
$$;

CREATE FUNCTION access.layer(layer text) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT coalesce(current_setting('unigrid.layers', true), '') = ''
    OR coalesce(layer = ANY (string_to_array(current_setting('unigrid.layers', true), ',')), false)
$$;

CREATE FUNCTION access.may(action text) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT EXISTS (SELECT FROM access.policy p WHERE p.action = may.action AND p.role = current_setting('unigrid.role', true))
     AND (coalesce(current_setting('unigrid.actions', true), '') = '' OR may.action = ANY (string_to_array(current_setting('unigrid.actions', true), ',')))
$$;

CREATE FUNCTION access.own_totp() RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  SELECT s.totp FROM access.secret s WHERE s.account = access.self()
$$;

CREATE FUNCTION access.password_salt(given text) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
  SELECT regexp_replace(s.password, '[$][^$]*$', '') FROM access.account a JOIN access.secret s ON s.account = a.id WHERE a.name = given
$_$;

CREATE FUNCTION access.recovery_left() RETURNS integer
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  SELECT coalesce((SELECT cardinality(s.recovery) FROM access.secret s WHERE s.account = access.self() AND s.totp_confirmed IS NOT NULL), 0)
$$;

CREATE FUNCTION access.refuse(rule text, message text) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
  RAISE EXCEPTION '%', message USING ERRCODE = 'insufficient_privilege', CONSTRAINT = rule;
END $$;

CREATE FUNCTION access.renew_recovery(hash text, codes bytea[]) RETURNS boolean
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  WITH renewed AS (
    UPDATE access.secret s SET recovery = codes WHERE s.account = access.self() AND s.password = hash AND s.totp_confirmed IS NOT NULL RETURNING 1
  ) SELECT EXISTS (SELECT FROM renewed)
$$;

CREATE FUNCTION access.sees_account(account bigint) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$ SELECT account = access.self() OR access.may('accounts.read') AND access.governs_account(account) $$;

CREATE FUNCTION access.self() RETURNS bigint
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT coalesce(nullif(current_setting('unigrid.account', true), '')::bigint, 0) $$;

CREATE FUNCTION access.set_password(of_account bigint, new_password text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
  here boolean := current_setting('unigrid.role', true) = 'local';
BEGIN
  IF NOT access.may('accounts.edit') OR NOT access.governs_account(of_account) THEN
    PERFORM access.refuse('account_guard', 'accounts are edited by the system administrator of their territory');
  END IF;
  IF NOT here AND access.administrates(of_account) THEN
    PERFORM access.refuse('account_of_administrator', 'an administrator''s account is changed with unigrid user, on the machine itself');
  END IF;
  INSERT INTO access.secret (account, password, password_changed, must_change) VALUES (of_account, new_password, clock_timestamp(), NOT here)
    ON CONFLICT (account) DO UPDATE SET password = excluded.password, password_changed = excluded.password_changed, must_change = excluded.must_change;
  UPDATE access.session x SET revoked_at = clock_timestamp(), revoked_by = current_setting('unigrid.name', true) WHERE x.account = of_account AND x.revoked_at IS NULL;
  DELETE FROM access.attempt t USING access.account a WHERE a.id = of_account AND t.who = sha256(convert_to(a.name, 'UTF8'));
END $$;

CREATE FUNCTION access.sign_in(given text, hash text, step bigint, token bytea, address text, agent text, spent bytea, OUT outcome text, OUT account bigint, OUT until timestamp with time zone, OUT totp text) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
  name_hash bytea := sha256(convert_to(given, 'UTF8'));
  tries access.attempt;
  known record;
BEGIN
  DELETE FROM access.attempt WHERE who IN (
    SELECT a.who FROM access.attempt a WHERE a.last < clock_timestamp() - interval '1 day' AND a.locked_until < clock_timestamp() FOR UPDATE SKIP LOCKED);
  INSERT INTO access.attempt (who) VALUES (name_hash) ON CONFLICT DO NOTHING;
  SELECT * INTO tries FROM access.attempt a WHERE a.who = name_hash FOR UPDATE;
  IF tries.locked_until > clock_timestamp() THEN
    outcome := 'locked';
    until := tries.locked_until;
    RETURN;
  END IF;
  SELECT a.id, a.disabled, s.totp, s.totp_confirmed, s.totp_step, s.recovery INTO known
    FROM access.account a JOIN access.secret s ON s.account = a.id
    WHERE a.name = given AND a.kind = 'person' AND s.password = hash FOR UPDATE OF s;
  IF NOT FOUND OR step = -1 OR (step IS NOT NULL AND step <= known.totp_step)
    OR (spent IS NOT NULL AND NOT coalesce(spent = ANY (known.recovery), false)) THEN
    outcome := 'wrong';
    UPDATE access.attempt a SET failures = a.failures + 1, last = clock_timestamp(), locked_until = CASE WHEN a.failures < 4 THEN '-infinity'
        ELSE clock_timestamp() + least(interval '30 seconds' * 2 ^ least(a.failures - 4, 20), interval '1 hour') END
      WHERE a.who = name_hash;
    RETURN;
  END IF;
  account := known.id;
  IF known.disabled THEN
    outcome := 'closed';
    RETURN;
  END IF;
  IF known.totp_confirmed IS NOT NULL AND step IS NULL AND spent IS NULL THEN
    outcome := 'code';
    totp := known.totp;
    RETURN;
  END IF;
  IF step IS NOT NULL THEN
    UPDATE access.secret s SET totp_step = step WHERE s.account = known.id;
  END IF;
  IF spent IS NOT NULL THEN
    UPDATE access.secret s SET recovery = array_remove(s.recovery, spent) WHERE s.account = known.id;
  END IF;
  DELETE FROM access.attempt a WHERE a.who = name_hash;
  PERFORM access.begin_session(known.id, token, address, agent);
  outcome := 'signed';
END $$;

CREATE FUNCTION access.sign_in_oidc(issuer text, subject text, given text, address_of text, token bytea, address text, agent text, OUT outcome text, OUT account bigint) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
  closed boolean;
BEGIN
  SELECT s.account INTO account FROM access.secret s WHERE s.oidc_issuer = issuer AND s.oidc_subject = subject;
  IF account IS NULL THEN
    SELECT a.id INTO account FROM access.account a LEFT JOIN access.secret s ON s.account = a.id
      WHERE a.kind = 'oidc' AND s.oidc_subject IS NULL AND (a.name = lower(given) OR a.email = lower(address_of))
      ORDER BY a.name = lower(given) DESC LIMIT 1;
    IF account IS NOT NULL THEN
      INSERT INTO access.secret (account, oidc_issuer, oidc_subject) VALUES (sign_in_oidc.account, issuer, subject)
        ON CONFLICT ON CONSTRAINT secret_pkey DO UPDATE SET oidc_issuer = excluded.oidc_issuer, oidc_subject = excluded.oidc_subject;
    END IF;
  END IF;
  SELECT a.disabled INTO closed FROM access.account a WHERE a.id = account AND a.kind = 'oidc';
  outcome := CASE WHEN closed IS NULL THEN 'unknown' WHEN closed THEN 'closed' ELSE 'signed' END;
  IF outcome = 'signed' THEN
    PERFORM access.begin_session(account, token, address, agent);
  END IF;
END $$;

CREATE FUNCTION access.tell() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  PERFORM pg_notify('unigrid_access', '');
  RETURN NULL;
END $$;

CREATE FUNCTION access.unbounded() RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT coalesce(current_setting('unigrid.territory', true), '') IN ('', '0')
     AND coalesce(current_setting('unigrid.within', true), '') = '' AND coalesce(current_setting('unigrid.layers', true), '') = ''
$$;

CREATE FUNCTION access.within(territory integer, code text) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT access.governs(territory) AND (coalesce(current_setting('unigrid.within', true), '') = ''
    OR EXISTS (SELECT FROM unnest(string_to_array(current_setting('unigrid.within', true), ',')) AS prefix WHERE starts_with(code, prefix)))
$$;

CREATE FUNCTION audit.add(territory integer, noun text, op text, key text, label text DEFAULT ''::text, person bigint DEFAULT NULL::bigint, after jsonb DEFAULT NULL::jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
  INSERT INTO audit.pending (territory_id, at, name, role, account, origin, noun, op, key, label, person_id, rows, after)
    SELECT coalesce(territory, 0), clock_timestamp(), w.name, w.role, w.account, w.origin, add.noun, add.op, add.key, add.label, person, 1, add.after FROM audit.who() w;
  INSERT INTO audit.turn (turn) VALUES (1) ON CONFLICT DO NOTHING;
END $$;

CREATE FUNCTION audit.broken(territory integer) RETURNS TABLE(kind text, seq bigint, last bigint, noun text, key text, op text, at timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

CREATE TABLE audit.entry (
    territory_id integer NOT NULL,
    seq bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    account bigint,
    origin text NOT NULL,
    noun text NOT NULL,
    op text NOT NULL,
    key text NOT NULL,
    label text NOT NULL,
    person_id bigint,
    rows integer NOT NULL,
    before jsonb,
    after jsonb,
    person_key bigint,
    sealed bytea,
    hash bytea NOT NULL
);

CREATE FUNCTION audit.content(e audit.entry) RETURNS bytea
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT convert_to(jsonb_build_array(e.territory_id, e.seq, (extract(epoch FROM e.at) * 1000000)::bigint, e.name, e.role, e.account,
    e.origin, e.noun, e.op, e.key, e.label, e.person_id, e.rows, e.before, e.after, e.person_key, encode(e.sealed, 'hex'))::text, 'UTF8')
$$;

CREATE FUNCTION audit.disclosed(territory integer, person bigint, what text, why text) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  SELECT audit.add(territory, 'people.contact', 'disclose', person::text, what, person, jsonb_build_object('why', why))
$$;

CREATE FUNCTION audit.forget(territory integer, person bigint, why text DEFAULT ''::text) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
  destroyed int;
BEGIN
  IF NOT (access.may('people.forget') AND access.governs(territory)) THEN
    RAISE EXCEPTION 'this principal may not erase persons from the log' USING ERRCODE = 'insufficient_privilege';
  END IF;
  UPDATE audit.person_key k SET key = NULL, destroyed_at = clock_timestamp()
    WHERE k.territory_id = territory AND k.person_id = person AND k.key IS NOT NULL;
  GET DIAGNOSTICS destroyed = ROW_COUNT;
  PERFORM audit.add(territory, 'people.person', 'forget', person::text, '', person, jsonb_build_object('keys', destroyed, 'why', why));
  RETURN destroyed;
END $$;

CREATE FUNCTION audit.joined(value jsonb, columns text[], separator text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
  SELECT coalesce(string_agg(value ->> c.name, separator ORDER BY c.n), '') FROM unnest(columns) WITH ORDINALITY AS c (name, n)
$$;

CREATE FUNCTION audit.link(state bytea, first bytea, content bytea) RETURNS bytea
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    AS $$
BEGIN
  RETURN sha256(coalesce(state, first) || content);
END $$;

CREATE FUNCTION audit.note() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $_$
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
END $_$;

CREATE FUNCTION audit.refuse() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  RAISE EXCEPTION 'the log is only added to' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'audit_append_only';
END $$;

CREATE FUNCTION audit.rows(source text, noun regclass) RETURNS text
    LANGUAGE sql STABLE
    AS $_$
  SELECT format('SELECT array_agg(to_jsonb(x)) FROM (SELECT %s FROM %I) x',
    string_agg(format(CASE WHEN a.atttypid = 'public.geometry'::regtype THEN 'audit.shape(%1$I) AS %1$I' ELSE '%I' END, a.attname), ', ' ORDER BY a.attnum), source)
  FROM pg_attribute a WHERE a.attrelid = noun AND a.attnum > 0 AND NOT a.attisdropped
$_$;

CREATE FUNCTION audit.shape(geom public.geometry) RETURNS jsonb
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
  SELECT CASE WHEN GeometryType(geom) = 'POINT' THEN jsonb_build_object('lon', ST_X(geom), 'lat', ST_Y(geom))
    WHEN geom IS NOT NULL THEN jsonb_build_object('type', GeometryType(geom), 'vertices', ST_NPoints(geom), 'sha256', encode(sha256(geom::bytea), 'hex')) END
$$;

CREATE FUNCTION audit.shown(value jsonb) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    AS $$
DECLARE
  open jsonb;
BEGIN
  IF jsonb_typeof(value) <> 'object' THEN
    RETURN value;
  END IF;
  open := objects.public_attributes(value);
  RETURN open || coalesce((SELECT jsonb_object_agg(key, '***') FROM jsonb_object_keys(value) AS key WHERE NOT open ? key), '{}');
END $$;

CREATE TABLE audit.watched (
    noun text NOT NULL,
    territory text,
    key text[] NOT NULL,
    label text[] NOT NULL,
    person text,
    plain text[],
    secret text[] NOT NULL,
    without text[] NOT NULL,
    most integer,
    content text,
    shaped boolean NOT NULL,
    ops text[] NOT NULL,
    CONSTRAINT watched_check CHECK (((plain IS NULL) OR (person IS NOT NULL))),
    CONSTRAINT watched_check1 CHECK (((most IS NULL) = (content IS NULL)))
);

CREATE FUNCTION audit.summary(source text, w audit.watched, batched boolean) RETURNS text
    LANGUAGE sql STABLE
    AS $_$
  SELECT CASE WHEN source IS NULL THEN '(SELECT NULL::int AS territory, NULL::int AS rows, NULL::jsonb AS summary LIMIT 0)' ELSE format($sql$(SELECT %2$s AS territory, count(*)::int AS rows, jsonb_build_object(
      'first', (SELECT jsonb_agg(f.name) FROM (SELECT concat_ws(' ', %4$s) AS name FROM %1$I r LIMIT 5) f), %5$s
      'sha256', encode(sha256(string_agg(sha256(convert_to(ROW(%6$s)::text, 'UTF8')), '' ORDER BY %3$s)), 'hex')) AS summary FROM %1$I r GROUP BY 1) $sql$,
    source, coalesce(format('r.%I', w.territory), '0'),
    (SELECT string_agg(format('r.%I', c), ', ') FROM unnest(w.key) AS c),
    (SELECT string_agg(format('r.%I', c), ', ') FROM unnest(CASE WHEN w.label = '{}' THEN w.key ELSE w.label END) AS c),
    CASE WHEN batched THEN '''batch'', max(r.batch), ' ELSE '' END, w.content) END
$_$;

CREATE FUNCTION audit.take_turn() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

CREATE FUNCTION audit.tidy(whole jsonb, secret text[]) RETURNS jsonb
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
  SELECT jsonb_object_agg(e.key, CASE WHEN e.key = ANY (secret) THEN '"***"' ELSE audit.shown(e.value) END) FROM jsonb_each(whole) e
$$;

CREATE FUNCTION audit.unseal(e audit.entry) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
  SELECT public.pgp_sym_decrypt(e.sealed, encode(k.key, 'hex'))::jsonb
  FROM audit.person_key k
  WHERE k.id = e.person_key AND k.key IS NOT NULL AND access.may('audit.read') AND access.governs(e.territory_id)
$$;

CREATE FUNCTION audit.watch(noun regclass, key text[], label text[] DEFAULT '{}'::text[], person text DEFAULT NULL::text, plain text[] DEFAULT NULL::text[], secret text[] DEFAULT '{}'::text[], without text[] DEFAULT '{}'::text[], ops text[] DEFAULT '{insert,update,delete}'::text[], territory text DEFAULT NULL::text, most integer DEFAULT NULL::integer, content text DEFAULT NULL::text) RETURNS void
    LANGUAGE plpgsql
    AS $_$
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
END $_$;

CREATE FUNCTION audit.who(OUT name text, OUT role text, OUT account bigint, OUT origin text) RETURNS record
    LANGUAGE sql STABLE
    AS $$
  SELECT coalesce(nullif(current_setting('unigrid.name', true), ''), session_user), coalesce(nullif(current_setting('unigrid.role', true), ''), 'database'),
         nullif(nullif(current_setting('unigrid.account', true), ''), '0')::bigint, coalesce(current_setting('unigrid.from', true), '')
$$;

CREATE FUNCTION cells.aliases(territory integer, cells bigint[]) RETURNS TABLE(uid bigint, code text, since timestamp with time zone, until timestamp with time zone)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT x.cell_id, x.code, min(x.since), nullif(max(x.until), 'infinity')
  FROM (
    SELECT p.*, count(*) FILTER (WHERE p.anew) OVER (PARTITION BY p.cell_id ORDER BY p.from_edition) AS spell
    FROM (
      SELECT v.cell_id, v.code, v.from_edition, b.effective AS since, coalesce(e.effective, 'infinity') AS until,
             (lag(v.code) OVER w, lag(v.to_edition) OVER w) IS DISTINCT FROM (v.code, v.from_edition) AS anew
      FROM cells.version v
      JOIN editions.edition b ON b.territory_id = v.territory_id AND b.seq = v.from_edition AND b.state = 'published'
      LEFT JOIN editions.edition e ON e.territory_id = v.territory_id AND e.seq = v.to_edition
      WHERE v.territory_id = territory AND v.cell_id = ANY (cells)
      WINDOW w AS (PARTITION BY v.cell_id ORDER BY v.from_edition)
    ) p
  ) x
  GROUP BY x.cell_id, x.code, x.spell
$$;

CREATE FUNCTION cells.ancestors(territory integer, cells bigint[], editions integer[]) RETURNS TABLE(n bigint, uid bigint, steps integer)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
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

CREATE FUNCTION cells.changed_fields(before jsonb, after jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
  SELECT jsonb_build_object('before', coalesce(jsonb_object_agg(k, coalesce(before ->> k, '')), '{}'),
                            'after', coalesce(jsonb_object_agg(k, coalesce(after ->> k, '')), '{}'))
  FROM (SELECT jsonb_object_keys(coalesce(before, '{}')) UNION SELECT jsonb_object_keys(coalesce(after, '{}'))) AS t (k)
  WHERE before ->> k IS DISTINCT FROM after ->> k
$$;

CREATE FUNCTION cells.changed_shape(before public.geometry, after public.geometry) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT CASE
    WHEN before::bytea IS NOT DISTINCT FROM after::bytea THEN NULL
    WHEN before IS NULL THEN 'located'
    WHEN after IS NULL THEN 'place removed'
    WHEN ST_Dimension(before) <> ST_Dimension(after) THEN lower(GeometryType(before)) || ' → ' || lower(GeometryType(after))
    WHEN ST_Dimension(after) = 0 THEN 'moved ' || cells.metres(ST_Distance(ST_Centroid(before)::geography, ST_Centroid(after)::geography))
    WHEN ST_Dimension(after) = 1 THEN 'length ' || cells.metres(ST_Length(before::geography)) || ' → ' || cells.metres(ST_Length(after::geography))
    ELSE (
      SELECT CASE
        WHEN m.was <> m.becomes THEN 'area ' || m.was || ' → ' || m.becomes
        WHEN m.metres >= 0.05 THEN 'moved ' || cells.metres(m.metres)
        ELSE 'vertices ' || ST_NPoints(before) || ' → ' || ST_NPoints(after)
      END
      FROM (
        SELECT cells.square_metres(ST_Area(before::geography)) AS was, cells.square_metres(ST_Area(after::geography)) AS becomes,
               ST_HausdorffDistance(ST_Transform(before, u.srid), ST_Transform(after, u.srid)) AS metres
        FROM (SELECT CASE WHEN ST_Y(c.at) < 0 THEN 32700 ELSE 32600 END + greatest(1, least(60, floor((ST_X(c.at) + 180) / 6)::int + 1)) AS srid
              FROM (SELECT ST_Centroid(after) AS at OFFSET 0) c) u
      ) m
    )
  END
$$;

CREATE FUNCTION cells.check_hierarchy() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
  lengths int[] := (SELECT t.code_lengths FROM cells.territory t WHERE t.id = NEW.territory_id);
  wrong record;
BEGIN
  DELETE FROM cells.unplaced u WHERE u.id = NEW.id;
  SELECT v.code, v.tier, p.code AS parent INTO wrong
  FROM unnest(NEW.cells) AS k (cell_id)
  CROSS JOIN LATERAL (
    SELECT v.code, v.tier, v.parent_id FROM cells.version v
    WHERE v.territory_id = NEW.territory_id AND v.cell_id = k.cell_id AND v.from_edition = NEW.edition AND v.parent_id IS NOT NULL OFFSET 0
  ) v
  LEFT JOIN LATERAL (
    SELECT p.code, p.tier FROM cells.version p
    WHERE p.territory_id = NEW.territory_id AND p.cell_id = v.parent_id
      AND p.from_edition <= NEW.edition AND (p.to_edition IS NULL OR p.to_edition > NEW.edition) OFFSET 0
  ) p ON true
  WHERE p.tier IS DISTINCT FROM v.tier - 1
     OR cells.significant(v.code, p.tier, lengths) <> cells.significant(p.code, p.tier, lengths)
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'cell % of tier % does not belong under %', wrong.code, wrong.tier, coalesce(wrong.parent, 'no parent')
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'version_hierarchy';
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION cells.current_step(territory integer, draft integer) RETURNS integer
    LANGUAGE plpgsql
    AS $$
DECLARE
  now_open text[] := string_to_array(current_setting('unigrid.step', true), ':');
  wanted jsonb := nullif(current_setting('unigrid.step_wanted', true), '')::jsonb;
  number int;
BEGIN
  IF now_open[1:2] = ARRAY[territory::text, draft::text] THEN
    RETURN now_open[3]::int;
  END IF;
  IF (wanted ->> 'territory')::int IS DISTINCT FROM territory THEN
    wanted := NULL;
  END IF;
  SELECT coalesce(max(s.step), 0) + 1 INTO number FROM cells.step s WHERE s.territory_id = territory AND s.edition = draft;
  DELETE FROM cells.step s WHERE s.territory_id = territory AND s.edition = draft AND s.undone;
  INSERT INTO cells.step (territory_id, edition, step, kind, params, by)
  VALUES (territory, draft, number, coalesce(wanted ->> 'kind', 'change'), coalesce(wanted -> 'params', '{}'),
          coalesce(nullif(wanted ->> 'by', ''), nullif(current_setting('unigrid.name', true), ''), session_user));
  PERFORM set_config('unigrid.step', concat_ws(':', territory, draft, number), true);
  RETURN number;
END $$;

CREATE FUNCTION cells.defer_hierarchy() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
  IF TG_LEVEL = 'ROW' THEN
    INSERT INTO cells.unplaced (territory_id, edition, cells) VALUES (NEW.territory_id, NEW.from_edition, ARRAY[NEW.cell_id]);
  ELSE
    INSERT INTO cells.unplaced (territory_id, edition, cells)
    SELECT n.territory_id, n.from_edition, array_agg(n.cell_id) FROM new_row n WHERE n.parent_id IS NOT NULL GROUP BY 1, 2;
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION cells.descendants(territory integer, cells bigint[], editions integer[]) RETURNS TABLE(n bigint, uid bigint, steps integer)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
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

CREATE FUNCTION cells.differences(territory integer, a integer, b integer) RETURNS TABLE(cell_id bigint)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT coalesce(x.cell_id, y.cell_id) FROM cells.of(territory, a) x FULL JOIN cells.of(territory, b) y ON y.cell_id = x.cell_id
  WHERE x.from_edition IS DISTINCT FROM y.from_edition
    AND ((x.code, x.name, x.tier, x.parent_id, x.area_m2, x.provenance, x.locked, x.disputed)
         IS DISTINCT FROM (y.code, y.name, y.tier, y.parent_id, y.area_m2, y.provenance, y.locked, y.disputed)
      OR x.geom::bytea IS DISTINCT FROM y.geom::bytea)
$$;

CREATE TABLE cells.version (
    territory_id integer NOT NULL,
    cell_id bigint NOT NULL,
    from_edition integer NOT NULL,
    to_edition integer,
    code text NOT NULL,
    name text NOT NULL,
    tier smallint NOT NULL,
    parent_id bigint,
    geom public.geometry(MultiPolygon,4326) NOT NULL,
    area_m2 double precision NOT NULL,
    label public.geometry(Point,4326) NOT NULL,
    provenance text NOT NULL,
    locked boolean DEFAULT false NOT NULL,
    disputed boolean DEFAULT false NOT NULL,
    batch bigint DEFAULT (NULLIF(current_setting('unigrid.batch'::text, true), ''::text))::bigint,
    CONSTRAINT version_area_m2_check CHECK ((area_m2 > (0)::double precision)),
    CONSTRAINT version_order CHECK ((to_edition > from_edition)),
    CONSTRAINT version_provenance_check CHECK ((provenance = ANY (ARRAY['surveyed'::text, 'imported'::text, 'drawn'::text, 'demo'::text]))),
    CONSTRAINT version_root CHECK (((tier = 1) = (parent_id IS NULL))),
    CONSTRAINT version_tier_check CHECK ((tier > 0))
);
ALTER TABLE ONLY cells.version ALTER COLUMN geom SET STORAGE EXTERNAL;

CREATE FUNCTION cells.etag(v cells.version) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT left(encode(sha256(convert_to(jsonb_build_array(v.code, v.name, v.tier, v.parent_id, v.locked, v.disputed, v.provenance)::text, 'UTF8')
                            || v.geom::bytea), 'hex'), 32)
$$;

CREATE FUNCTION cells.fault_zh(reason text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
  SELECT CASE split_part(reason, '[', 1)
    WHEN 'Self-intersection' THEN '自相交'
    WHEN 'Ring Self-intersection' THEN '环自相接'
    WHEN 'Hole lies outside shell' THEN '洞在外环之外'
    WHEN 'Holes are nested' THEN '洞中有洞'
    WHEN 'Interior is disconnected' THEN '内部不连通'
    WHEN 'Nested shells' THEN '外环嵌套'
    WHEN 'Duplicate Rings' THEN '环重复'
    WHEN 'Too few points in geometry component' THEN '顶点太少'
    WHEN 'Invalid Coordinate' THEN '坐标无效'
    WHEN 'Ring is not closed' THEN '环未闭合'
    WHEN 'Topology Validation Error' THEN '拓扑错误'
    ELSE reason END
$$;

CREATE FUNCTION cells.features(territory integer, first integer, last integer) RETURNS TABLE(uid bigint, code text, name text, tier smallint, parent text, parent_uid bigint, area_m2 double precision, provenance text, from_edition integer, edition integer, valid_from timestamp with time zone, valid_to timestamp with time zone, geom public.geometry)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
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

CREATE FUNCTION cells.find_cells() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
  lost bigint;
BEGIN
  SELECT n.cell_id INTO lost FROM new_row n
  WHERE NOT EXISTS (SELECT FROM cells.cell c WHERE c.territory_id = n.territory_id AND c.id = n.cell_id OFFSET 0) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'there is no cell %', lost USING ERRCODE = 'foreign_key_violation', CONSTRAINT = TG_TABLE_NAME || '_territory_id_cell_id_fkey';
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION cells.find_parents() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
  lost bigint;
BEGIN
  SELECT n.parent_id INTO lost FROM (SELECT DISTINCT territory_id, parent_id FROM new_row WHERE parent_id IS NOT NULL) n
  WHERE NOT EXISTS (SELECT FROM cells.cell c WHERE c.territory_id = n.territory_id AND c.id = n.parent_id OFFSET 0) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'there is no cell %', lost USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'version_territory_id_parent_id_fkey';
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION cells.is_leaf(territory integer, cell bigint, edition integer) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT NOT EXISTS (
    SELECT FROM cells.version c
    WHERE c.territory_id = territory AND c.parent_id = cell AND c.from_edition <= edition
      AND (c.to_edition IS NULL OR c.to_edition > edition))
$$;

CREATE FUNCTION cells.keep_cell() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  RAISE EXCEPTION 'identities of cells are neither changed nor deleted' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'cell_immutable';
END $$;

CREATE FUNCTION cells.keep_journal() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
  territory int;
  draft int;
  number int;
  known int8multirange;
BEGIN
  IF current_setting('unigrid.step', true) = 'none' THEN
    RETURN NULL;
  END IF;
  IF TG_OP = 'INSERT' THEN
    FOR territory, draft IN
      SELECT e.territory_id, e.seq FROM (SELECT DISTINCT n.territory_id FROM new_row n) n
      JOIN editions.edition e ON e.territory_id = n.territory_id AND e.state <> 'published'
    LOOP
      number := cells.current_step(territory, draft);
      UPDATE cells.step s SET
        cells = ARRAY(
          SELECT unnest(s.cells) UNION (SELECT n.code FROM new_row n WHERE n.territory_id = territory ORDER BY 1 LIMIT 20) ORDER BY 1 LIMIT 20),
        made = s.made + coalesce((
          SELECT range_agg(int8range(n.cell_id, n.cell_id, '[]')) FROM new_row n
          WHERE n.territory_id = territory AND n.from_edition = draft
            AND NOT EXISTS (SELECT FROM cells.journal j
                            WHERE j.territory_id = territory AND j.edition = draft AND j.step = number AND j.cell_id = n.cell_id AND j.from_edition = draft)), '{}')
      WHERE s.territory_id = territory AND s.edition = draft AND s.step = number;
    END LOOP;
    RETURN NULL;
  END IF;
  FOR territory, draft IN
    SELECT e.territory_id, e.seq FROM (SELECT DISTINCT o.territory_id FROM old_row o) o
    JOIN editions.edition e ON e.territory_id = o.territory_id AND e.state <> 'published'
  LOOP
    number := cells.current_step(territory, draft);
    SELECT s.made INTO known FROM cells.step s WHERE s.territory_id = territory AND s.edition = draft AND s.step = number;
    INSERT INTO cells.journal (territory_id, edition, step, cell_id, from_edition, before, ends)
    SELECT territory, draft, number, o.cell_id, o.from_edition,
           CASE WHEN o.from_edition = draft THEN o::cells.version END, CASE WHEN o.from_edition <> draft THEN o.to_edition END
    FROM old_row o WHERE o.territory_id = territory AND NOT (o.from_edition = draft AND known @> o.cell_id)
    ON CONFLICT DO NOTHING;
    IF TG_OP = 'UPDATE' THEN -- a key that is new came by the update
      SELECT known + coalesce(range_agg(int8range(n.cell_id, n.cell_id, '[]')), '{}') INTO known FROM new_row n
      WHERE n.territory_id = territory AND n.from_edition = draft
        AND NOT EXISTS (SELECT FROM cells.journal j
                        WHERE j.territory_id = territory AND j.edition = draft AND j.step = number AND j.cell_id = n.cell_id AND j.from_edition = draft);
    END IF;
    UPDATE cells.step s SET made = known, cells = ARRAY(
        SELECT unnest(s.cells) UNION (SELECT o.code FROM old_row o WHERE o.territory_id = territory ORDER BY 1 LIMIT 20) ORDER BY 1 LIMIT 20)
    WHERE s.territory_id = territory AND s.edition = draft AND s.step = number;
  END LOOP;
  RETURN NULL;
END $$;

CREATE FUNCTION cells.keep_once() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
  twice record;
BEGIN
  IF current_setting('transaction_isolation') = 'repeatable read' THEN
    RAISE EXCEPTION 'versions of cells are not written in a transaction that is repeatable read' USING ERRCODE = 'feature_not_supported';
  END IF;
  PERFORM FROM cells.territory WHERE id IN (SELECT n.territory_id FROM new_row n) ORDER BY id FOR NO KEY UPDATE;
  SELECT n.code, o.from_edition, o.to_edition INTO twice
  FROM new_row n JOIN cells.version o ON o.territory_id = n.territory_id AND o.cell_id = n.cell_id AND o.to_edition IS NOT NULL
  WHERE o.from_edition <> n.from_edition AND n.from_edition < o.to_edition AND (n.to_edition IS NULL OR n.to_edition > o.from_edition) LIMIT 1;
  IF NOT FOUND THEN
    SELECT n.code, o.from_edition, o.to_edition INTO twice
    FROM new_row n JOIN cells.version o ON o.territory_id = n.territory_id AND o.cell_id = n.cell_id AND o.to_edition IS NULL
    WHERE n.to_edition IS NOT NULL AND o.from_edition <> n.from_edition AND n.to_edition > o.from_edition LIMIT 1;
  END IF;
  IF FOUND THEN
    RAISE EXCEPTION 'cell % has a version from edition % to %', twice.code, twice.from_edition, coalesce(twice.to_edition::text, 'now on')
      USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'version_once';
  END IF;
  SELECT o.code, o.from_edition INTO twice
  FROM new_row n JOIN cells.version o ON o.territory_id = n.territory_id AND o.code = n.code AND o.cell_id <> n.cell_id AND o.to_edition IS NOT NULL LIMIT 1;
  IF NOT FOUND THEN
    SELECT o.code, o.from_edition INTO twice
    FROM new_row n JOIN cells.version o ON o.territory_id = n.territory_id AND o.code = n.code AND o.cell_id <> n.cell_id AND o.to_edition IS NULL
    WHERE n.to_edition IS NOT NULL LIMIT 1;
  END IF;
  IF FOUND THEN
    RAISE EXCEPTION 'code % has been another cell''s since edition %', twice.code, twice.from_edition
      USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'version_code_unique', DETAIL = format('code %s', twice.code);
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION cells.keep_published() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
  newest int := editions.published(OLD.territory_id);
BEGIN
  IF OLD.from_edition > newest THEN
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
  END IF;
  IF TG_OP = 'UPDATE'
     AND coalesce(OLD.to_edition > newest, true) AND coalesce(NEW.to_edition > newest, true)
     AND (NEW.territory_id, NEW.cell_id, NEW.from_edition, NEW.code, NEW.name, NEW.tier, NEW.area_m2, NEW.provenance, NEW.locked, NEW.disputed)
       = (OLD.territory_id, OLD.cell_id, OLD.from_edition, OLD.code, OLD.name, OLD.tier, OLD.area_m2, OLD.provenance, OLD.locked, OLD.disputed)
     AND NEW.parent_id IS NOT DISTINCT FROM OLD.parent_id
     AND NEW.geom::bytea = OLD.geom::bytea AND NEW.label::bytea = OLD.label::bytea THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'cell % is published in edition % and can''t be changed', OLD.code, OLD.from_edition
    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'version_immutable';
END $$;

CREATE FUNCTION cells.keep_published_set() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
  late record;
BEGIN
  SELECT n.code, n.from_edition INTO late FROM new_row n
  JOIN editions.edition e ON e.territory_id = n.territory_id AND e.seq = n.from_edition AND e.state = 'published' LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'cell % comes too late: edition % is published', late.code, late.from_edition
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'version_immutable';
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION cells.leaves(territory integer, edition integer) RETURNS SETOF cells.version
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT v.* FROM cells.version v
  WHERE v.territory_id = territory AND v.from_edition <= edition
    AND (v.to_edition IS NULL OR v.to_edition > edition)
    AND NOT EXISTS (
      SELECT FROM cells.version c
      WHERE c.territory_id = territory AND c.parent_id = v.cell_id AND c.from_edition <= edition
        AND (c.to_edition IS NULL OR c.to_edition > edition))
$$;

CREATE FUNCTION cells.match(territory integer, edition integer, of_tier integer, county text, town text, wanted text) RETURNS TABLE(cell_id bigint, code text, name text, path text)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
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

CREATE FUNCTION cells.metres(m double precision) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
  SELECT CASE WHEN m >= 10000 THEN to_char(m / 1000, 'FM999990.0') || ' km' WHEN m >= 10 THEN round(m)::text || ' m' ELSE to_char(m, 'FM0.00') || ' m' END
$$;

CREATE FUNCTION cells.name_key(name text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
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

CREATE FUNCTION cells.of(territory integer, edition integer) RETURNS SETOF cells.version
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT * FROM cells.version v
  WHERE v.territory_id = territory AND v.from_edition <= edition
    AND (v.to_edition IS NULL OR v.to_edition > edition)
$$;

CREATE FUNCTION cells.plain_name(name text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
  SELECT lower(translate(name,
    'ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ０１２３４５６７８９（）－．' || E' \t\n\r\u3000\u00a0\u200b\ufeff',
    'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789()-.'))
$$;

CREATE FUNCTION cells.public_features(territory integer, first integer, last integer) RETURNS TABLE(uid bigint, code text, name text, tier smallint, parent text, parent_uid bigint, area_m2 double precision, provenance text, from_edition integer, edition integer, valid_from timestamp with time zone, valid_to timestamp with time zone, geom public.geometry)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT v.cell_id, v.code, v.name, v.tier, p.code, v.parent_id, v.area_m2,
         v.provenance, v.from_edition, g.edition, b.effective, e.effective, g.geom
  FROM cells.version v
  JOIN cells.generalised g ON g.territory_id = v.territory_id AND g.cell_id = v.cell_id AND g.edition = least(last, v.to_edition - 1)
  JOIN editions.edition b ON b.territory_id = v.territory_id AND b.seq = v.from_edition
  LEFT JOIN editions.edition e ON e.territory_id = v.territory_id AND e.seq = v.to_edition
  LEFT JOIN cells.version p ON p.territory_id = v.territory_id AND p.cell_id = v.parent_id
    AND p.from_edition <= least(last, v.to_edition - 1)
    AND (p.to_edition IS NULL OR p.to_edition > least(last, v.to_edition - 1))
  WHERE v.territory_id = territory AND v.from_edition <= last AND (v.to_edition IS NULL OR v.to_edition > first)
$$;

CREATE FUNCTION cells.reached(territory integer, cell bigint) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT access.governs(territory) AND (NOT access.bound() OR coalesce((
    SELECT access.within(territory, v.code) FROM cells.version v
    WHERE v.territory_id = territory AND v.cell_id = cell
    ORDER BY v.from_edition DESC LIMIT 1), false))
$$;

CREATE FUNCTION cells.reached(territory integer, place public.geometry) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT access.governs(territory) AND (NOT access.bound() OR coalesce((
    SELECT ST_Covers(ST_Union(v.geom), place)
    FROM cells.territory t
    CROSS JOIN LATERAL unnest(string_to_array(current_setting('unigrid.within', true), ',')) AS prefix
    JOIN cells.version v ON v.territory_id = territory AND v.code = rpad(prefix, greatest(t.code_pad, length(prefix)), '0')
      AND v.from_edition <= greatest(editions.published(territory), 1)
      AND (v.to_edition IS NULL OR v.to_edition > greatest(editions.published(territory), 1))
    WHERE t.id = territory), false))
$$;

CREATE FUNCTION cells.refresh_statistics() RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
  ANALYZE cells.version, cells.display, editions.edition, people.person, people.person_version, people.assignment,
          objects.object, objects.version, objects.placement, layers.cell, layers.version
$$;

CREATE FUNCTION cells.same_area(before public.geometry, after public.geometry) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT CASE
    WHEN before::bytea = a.geom::bytea THEN true
    WHEN abs(ST_Area(before) - ST_Area(a.geom)) >= 1e-6 * ST_Area(before) THEN false
    ELSE ST_Area(ST_SymDifference(before, a.geom)) < 1e-6 * ST_Area(before)
  END
  FROM (SELECT CASE WHEN ST_IsValid(after) THEN after ELSE ST_MakeValid(after, 'method=structure') END AS geom OFFSET 0) a
$$;

CREATE FUNCTION cells.significant(code text, tier integer, code_lengths integer[]) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT left(code, code_lengths[tier]) $$;

CREATE FUNCTION cells.square_metres(m2 double precision) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
  SELECT CASE WHEN m2 >= 100000 THEN to_char(m2 / 1000000, 'FM99999990.00') || ' km²' ELSE round(m2)::text || ' m²' END
$$;

CREATE FUNCTION cells.successors(territory integer, cell bigint, edition integer) RETURNS TABLE(uid bigint, code text, share double precision)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  WITH RECURSIVE heir AS (
    SELECT cell AS cell, 1.0::double precision AS share
    UNION ALL
    SELECT l.to_cell, heir.share * l.share
    FROM heir JOIN cells.lineage l ON l.territory_id = territory AND l.from_cell = heir.cell AND l.to_cell <> heir.cell
      AND l.edition = (SELECT max(v.to_edition) FROM cells.version v
        WHERE v.territory_id = territory AND v.cell_id = heir.cell AND v.to_edition <= successors.edition)
    WHERE NOT EXISTS (
      SELECT FROM cells.of(territory, successors.edition) v WHERE v.cell_id = heir.cell)
  )
  SELECT v.cell_id, v.code, sum(heir.share)
  FROM heir JOIN cells.of(territory, successors.edition) v ON v.cell_id = heir.cell
  GROUP BY v.cell_id, v.code
$$;

CREATE FUNCTION cells.swap_step(territory integer, draft integer, number integer) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
  PERFORM set_config('unigrid.step', 'none', true);
  INSERT INTO cells.journal (territory_id, edition, step, cell_id, from_edition)
  SELECT territory, draft, number, v.cell_id, draft
  FROM cells.step s CROSS JOIN unnest(s.made) AS r
  JOIN cells.version v ON v.territory_id = territory AND v.cell_id >= lower(r) AND v.cell_id < upper(r) AND v.from_edition = draft
  WHERE s.territory_id = territory AND s.edition = draft AND s.step = number;
  UPDATE cells.step s SET made = '{}' WHERE s.territory_id = territory AND s.edition = draft AND s.step = number AND s.made <> '{}';
  UPDATE cells.journal j SET after = CASE WHEN v.from_edition = draft THEN v END,
         after_ends = CASE WHEN v.from_edition <> draft THEN v.to_edition END
  FROM cells.version v
  WHERE j.territory_id = territory AND j.edition = draft AND j.step = number
    AND v.territory_id = territory AND v.cell_id = j.cell_id AND v.from_edition = j.from_edition;
  DELETE FROM cells.version v USING cells.journal j
  WHERE j.territory_id = territory AND j.edition = draft AND j.step = number AND j.from_edition = draft
    AND v.territory_id = territory AND v.cell_id = j.cell_id AND v.from_edition = draft;
  UPDATE cells.version v SET to_edition = j.ends FROM cells.journal j
  WHERE j.territory_id = territory AND j.edition = draft AND j.step = number AND j.from_edition <> draft
    AND v.territory_id = territory AND v.cell_id = j.cell_id AND v.from_edition = j.from_edition;
  INSERT INTO cells.version
  SELECT (j.before).* FROM cells.journal j
  WHERE j.territory_id = territory AND j.edition = draft AND j.step = number AND (j.before).cell_id IS NOT NULL;
  UPDATE cells.journal j SET before = j.after, ends = j.after_ends, after = NULL, after_ends = NULL
  WHERE j.territory_id = territory AND j.edition = draft AND j.step = number;
  UPDATE cells.step s SET undone = NOT s.undone
  WHERE s.territory_id = territory AND s.edition = draft AND s.step = number;
  PERFORM set_config('unigrid.step', '', true);
END $$;

CREATE FUNCTION circulation.check_review() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
  territory int := coalesce(NEW.territory_id, OLD.territory_id);
BEGIN
  IF EXISTS (
    SELECT FROM (SELECT e.seq, e.created_at FROM editions.edition e WHERE e.territory_id = territory AND e.state = 'review') e
    FULL JOIN (SELECT r.edition, r.draft_since FROM circulation.round r WHERE r.territory_id = territory AND r.closed_at IS NULL) r
      ON r.edition = e.seq AND r.draft_since = e.created_at
    WHERE e.seq IS NULL OR r.edition IS NULL) THEN
    RAISE EXCEPTION 'a draft is in review as long as a round of circulation is open' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'review_while_circulated';
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION circulation.end_round() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  IF OLD.closed_at IS NOT NULL OR NEW.closed_at IS NULL THEN
    RAISE EXCEPTION 'the round has ended' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'round_has_ended';
  END IF;
  NEW.closed_at := clock_timestamp();
  NEW.closed_by := current_setting('unigrid.name');
  IF NEW.withdrawn IS NULL THEN
    IF EXISTS (SELECT FROM circulation.standing s WHERE s.territory_id = NEW.territory_id AND s.round_id = NEW.id AND s.state = 'commented' AND s.outcome IS NULL) THEN
      RAISE EXCEPTION 'a comment has no answer' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'round_comments_answered';
    END IF;
    IF EXISTS (SELECT FROM circulation.standing s WHERE s.territory_id = NEW.territory_id AND s.round_id = NEW.id AND s.state = 'pending') THEN
      RAISE EXCEPTION 'the deadline is still to come' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'round_not_due';
    END IF;
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION circulation.guard_review() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  IF current_user = 'unigrid_app' AND NOT access.may('conflicts.settle')
     AND EXISTS (SELECT FROM editions.edition e WHERE e.state = 'review' AND EXISTS (SELECT FROM changed c WHERE c.territory_id = e.territory_id)) THEN
    RAISE EXCEPTION 'the draft is being circulated' USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'draft_in_review';
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION circulation.leads(territory integer) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT access.may('conflicts.settle') AND circulation.whole(territory) AND access.layer(NULL)
$$;

CREATE FUNCTION circulation.say() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
  round bigint;
  said text;
BEGIN
  IF TG_TABLE_NAME = 'answer' THEN
    SELECT o.round_id, o.stance INTO round, said FROM circulation.opinion o WHERE o.territory_id = NEW.territory_id AND o.id = NEW.opinion_id;
    IF said <> 'comment' THEN
      RAISE EXCEPTION 'what accepts needs no answer' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'answer_to_comment';
    END IF;
  ELSE
    round := NEW.round_id;
  END IF;
  PERFORM FROM circulation.round r WHERE r.territory_id = NEW.territory_id AND r.id = round AND r.closed_at IS NULL FOR SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the round has ended' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'round_has_ended';
  END IF;
  NEW.at := clock_timestamp();
  NEW.by := current_setting('unigrid.name');
  RETURN NEW;
END $$;

CREATE FUNCTION circulation.speaks(territory integer, layer text, county text) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT access.governs(territory) AND CASE WHEN layer IS NOT NULL
    THEN access.layer(layer) AND NOT access.layer(NULL) AND circulation.whole(territory)
    ELSE access.bound() AND access.within(territory, county) AND access.layer(NULL) AND NOT circulation.whole(territory) END
    AND access.may('opinions.give')
$$;

CREATE FUNCTION circulation.whole(territory integer) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT access.governs(territory) AND (NOT access.bound() OR access.within(territory, (SELECT t.code FROM cells.territory t WHERE t.id = territory)))
$$;

CREATE FUNCTION duty.below(territory integer, edition integer, top bigint) RETURNS TABLE(cell_id bigint, code text, name text, tier smallint, leaf boolean, area_m2 double precision, label public.geometry)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT v.cell_id, v.code, v.name, v.tier, cells.is_leaf(territory, v.cell_id, edition), v.area_m2, v.label
  FROM cells.descendants(territory, ARRAY[top], ARRAY[edition]) d
  JOIN cells.version v ON v.territory_id = territory AND v.cell_id = d.uid
    AND v.from_edition <= edition AND (v.to_edition IS NULL OR v.to_edition > edition)
$$;

CREATE FUNCTION duty.carried(territory integer, edition integer, instant timestamp with time zone, top bigint) RETURNS TABLE(person_id bigint, cells integer, acting integer, rounds integer, area_m2 double precision, objects integer, enterprises integer, risks jsonb)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  WITH RECURSIVE below AS MATERIALIZED (
    SELECT * FROM duty.below(territory, edition, top)
  ), held AS MATERIALIZED (
    SELECT a.person_id, a.cell_id, bool_or(a.role = 'accountable') AS chief, bool_or(a.role = 'officer') AS officer
    FROM people.assignment a JOIN below b ON b.cell_id = a.cell_id
    WHERE a.territory_id = territory AND a.role IN ('accountable', 'officer') AND a.during @> instant
    GROUP BY a.person_id, a.cell_id
  ), acts AS (
    SELECT v.stand_in AS person_id, count(*)::int AS n FROM people.vacancies(territory, edition, instant) v JOIN below b ON b.cell_id = v.cell_id
    WHERE v.stand_in IS NOT NULL GROUP BY v.stand_in
  ), down AS (
    SELECT h.person_id, h.cell_id FROM held h
    UNION
    SELECT d.person_id, v.cell_id FROM down d JOIN cells.version v ON v.territory_id = territory AND v.parent_id = d.cell_id
      AND v.from_edition <= edition AND (v.to_edition IS NULL OR v.to_edition > edition)
  ), leaf AS MATERIALIZED (
    SELECT d.person_id, d.cell_id, b.area_m2 FROM down d JOIN below b ON b.cell_id = d.cell_id WHERE b.leaf
  ), land AS (
    SELECT l.person_id, sum(l.area_m2) AS area_m2 FROM leaf l GROUP BY l.person_id
  ), thing AS (
    SELECT DISTINCT l.person_id, o.object_id, o.kind, CASE WHEN o.kind = 'enterprise' THEN coalesce(o.attributes ->> 'risk', '') END AS risk
    FROM leaf l
    JOIN objects.placement p ON p.territory_id = territory AND p.cell_id = l.cell_id AND p.during @> instant
    JOIN objects.version o ON o.territory_id = territory AND o.object_id = p.object_id AND o.during @> instant
  ), risk AS (
    SELECT r.person_id, sum(r.n)::int AS objects, coalesce(sum(r.n) FILTER (WHERE r.risk IS NOT NULL), 0)::int AS enterprises,
           coalesce(jsonb_object_agg(r.risk, r.n) FILTER (WHERE r.risk <> ''), '{}') AS risks
    FROM (SELECT person_id, risk, count(*) AS n FROM thing GROUP BY person_id, risk) r GROUP BY r.person_id
  ), own AS (
    SELECT h.person_id, count(*) FILTER (WHERE h.chief)::int AS cells, count(*) FILTER (WHERE h.officer)::int AS rounds FROM held h GROUP BY h.person_id
  )
  SELECT coalesce(o.person_id, s.person_id), coalesce(o.cells, 0), coalesce(s.n, 0), coalesce(o.rounds, 0),
         coalesce(l.area_m2, 0), coalesce(r.objects, 0), coalesce(r.enterprises, 0), coalesce(r.risks, '{}')
  FROM own o FULL JOIN acts s ON s.person_id = o.person_id
  LEFT JOIN land l ON l.person_id = o.person_id
  LEFT JOIN risk r ON r.person_id = o.person_id
$$;

CREATE FUNCTION duty.homes(territory integer, edition integer, instant timestamp with time zone) RETURNS TABLE(person_id bigint, cell_id bigint, code text, label public.geometry)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT DISTINCT ON (a.person_id) a.person_id, v.cell_id, v.code, v.label
  FROM people.assignment a
  JOIN cells.of(territory, edition) v ON v.cell_id = a.cell_id
  WHERE a.territory_id = territory AND a.during @> instant
  ORDER BY a.person_id, v.tier DESC, v.code USING ~<~
$$;

CREATE FUNCTION duty.hotlines(territory integer, edition integer, cells bigint[]) RETURNS TABLE(cell_id bigint, phone text, zh text, en text)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT DISTINCT ON (up.n) cells[up.n], coalesce(h.phone, '12345'),
         CASE WHEN h.phone IS NULL THEN '政务服务便民热线' ELSE h.zh END, CASE WHEN h.phone IS NULL THEN 'Government hotline' ELSE h.en END
  FROM cells.ancestors(territory, cells, array_fill(edition, ARRAY[cardinality(cells)])) up
  LEFT JOIN duty.hotline h ON h.territory_id = territory AND h.cell_id = up.uid
  ORDER BY up.n, h.phone IS NULL, up.steps
$$;

CREATE FUNCTION duty.may_set(territory integer, cell bigint) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT access.may('boards.edit') AND access.layer(NULL) AND coalesce((
    SELECT access.within(territory, v.code) FROM cells.version v
    WHERE v.territory_id = territory AND v.cell_id = cell ORDER BY v.from_edition DESC LIMIT 1), false)
$$;

CREATE FUNCTION duty.public_number(phone text) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $_$
  SELECT phone ~ '^\+?[0-9(][0-9() -]*[0-9]$' AND length(digits) BETWEEN 3 AND 16
     AND digits !~ '^(0*86)?0*1[0-9]{10}'
     AND phone !~ '(^|[^0-9])(0*86)?0*1[0-9]{10}($|[^0-9])'
     AND (digits ~ '^(0*86)?0[2-9]' OR digits !~ '1[3-9][0-9]{9}')
  FROM (SELECT regexp_replace(phone, '[^0-9]', '', 'g') AS digits) d
$_$;

CREATE TABLE duty.setting (
    territory_id integer NOT NULL,
    most_cells integer DEFAULT 1 NOT NULL,
    most_rounds integer DEFAULT 3 NOT NULL,
    least_officers integer DEFAULT 1 NOT NULL,
    balance_m integer DEFAULT 3000 NOT NULL,
    handover_m integer DEFAULT 2000 NOT NULL,
    CONSTRAINT setting_balance_m_check CHECK (((balance_m >= 0) AND (balance_m <= 100000))),
    CONSTRAINT setting_handover_m_check CHECK (((handover_m >= 0) AND (handover_m <= 100000))),
    CONSTRAINT setting_least_officers_check CHECK (((least_officers >= 0) AND (least_officers <= 20))),
    CONSTRAINT setting_most_cells_check CHECK (((most_cells >= 1) AND (most_cells <= 100))),
    CONSTRAINT setting_most_rounds_check CHECK (((most_rounds >= 1) AND (most_rounds <= 100)))
);

CREATE FUNCTION duty.settings(territory integer) RETURNS duty.setting
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT territory, coalesce(s.most_cells, 1), coalesce(s.most_rounds, 3), coalesce(s.least_officers, 1), coalesce(s.balance_m, 3000), coalesce(s.handover_m, 2000)
  FROM (VALUES (territory)) AS t (id) LEFT JOIN duty.setting s ON s.territory_id = t.id
$$;

CREATE FUNCTION duty.texts(territory integer) RETURNS TABLE(layer text, name_zh text, name_en text, zh text, en text, own boolean, rank integer)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT l.code, l.name_zh, l.name_en, coalesce(t.zh, u.zh, o.zh), coalesce(t.en, u.en, o.en), t.layer IS NOT NULL, l.rank
  FROM layers.layer l
  JOIN duty.usual o ON o.layer = ''
  LEFT JOIN duty.usual u ON u.layer = l.code
  LEFT JOIN duty.text t ON t.territory_id = l.territory_id AND t.layer = l.code
  WHERE l.territory_id = territory
$$;

CREATE FUNCTION duty.understaffed(territory integer, edition integer, instant timestamp with time zone, top bigint) RETURNS TABLE(cell_id bigint, officers integer)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT b.cell_id, count(DISTINCT a.person_id)::int
  FROM duty.below(territory, edition, top) b
  LEFT JOIN people.assignment a ON a.territory_id = territory AND a.cell_id = b.cell_id AND a.role = 'officer' AND a.during @> instant
  WHERE b.leaf
  GROUP BY b.cell_id
  HAVING count(DISTINCT a.person_id) < (duty.settings(territory)).least_officers
$$;

CREATE FUNCTION duty.vacant(territory integer, edition integer, instant timestamp with time zone, top bigint) RETURNS TABLE(cell_id bigint, since timestamp with time zone, person_id bigint, steps integer)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT w.cell_id, w.since, w.stand_in, w.up
  FROM people.vacancies(territory, edition, instant) w
  JOIN duty.below(territory, edition, top) b ON b.cell_id = w.cell_id
$$;

CREATE FUNCTION editions.at(territory integer, instant timestamp with time zone) RETURNS integer
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT seq FROM editions.edition
  WHERE territory_id = territory AND state = 'published' AND effective <= instant
  ORDER BY effective DESC, seq DESC LIMIT 1
$$;

CREATE FUNCTION editions.draft_state(territory integer, draft integer) RETURNS text
    LANGUAGE sql STABLE
    AS $$
  SELECT left(encode(sha256(convert_to(
      coalesce((SELECT jsonb_agg(jsonb_build_array(s.step, s.kind, extract(epoch FROM s.at)) ORDER BY s.step)
        FROM cells.step s WHERE s.territory_id = territory AND s.edition = draft AND NOT s.undone)::text, '') || '|' ||
      coalesce((SELECT string_agg(d, E'\n' ORDER BY d COLLATE "C")
        FROM merge.conflict c, LATERAL concat_ws('|', c.kind, c.layer, c.cell_id, c.state, c.resolution, round(c.area_m2)) AS d
        WHERE c.territory_id = territory AND c.run_id = (
          SELECT max(r.id) FROM merge.run r WHERE r.territory_id = territory AND r.edition = draft)), ''), 'UTF8')), 'hex'), 32)
$$;

CREATE FUNCTION editions.fingerprint(territory integer, instant timestamp with time zone, OUT version bigint, OUT next timestamp with time zone) RETURNS record
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT count(*), min(effective) FILTER (WHERE effective > instant)
  FROM editions.edition WHERE territory_id = territory AND state = 'published'
$$;

CREATE FUNCTION editions.guard_publishing() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
  places text[];
  many bigint;
BEGIN
  IF current_user <> 'unigrid_app' THEN
    RETURN NULL;
  END IF;
  IF NOT access.may('draft.publish') THEN
    RAISE EXCEPTION 'the role % may not publish', coalesce(nullif(current_setting('unigrid.role', true), ''), 'none')
      USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'guard_role', SCHEMA = 'editions', TABLE = 'edition',
            DETAIL = json_build_object('action', 'draft.publish', 'role', current_setting('unigrid.role', true));
  END IF;
  IF NOT access.bound() THEN
    RETURN NULL;
  END IF;
  SELECT (array_agg(DISTINCT v.code ORDER BY v.code))[1:20], count(DISTINCT v.code) INTO places, many
  FROM cells.version v
  WHERE v.territory_id = NEW.territory_id AND (v.from_edition = NEW.seq OR v.to_edition = NEW.seq) AND NOT access.within(v.territory_id, v.code);
  IF many > 0 THEN
    RAISE EXCEPTION 'the draft changes cells outside the principal''s subtree: %', array_to_string(places, ', ')
      USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'guard_subtree', SCHEMA = 'editions', TABLE = 'edition',
            DETAIL = json_build_object('places', places, 'count', many, 'within', current_setting('unigrid.within', true));
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION editions.is_of(territory integer, party text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  SELECT current_setting('unigrid.role', true) = 'local' OR CASE split_part(party, ':', 1)
    WHEN 'role' THEN current_setting('unigrid.role', true) = split_part(party, ':', 2)
    WHEN 'layer' THEN current_setting('unigrid.role', true) = 'department' AND access.layer(split_part(party, ':', 2))
    WHEN 'unit' THEN EXISTS (
      WITH RECURSIVE up AS (
        SELECT p.unit_id FROM access.account a
        JOIN people.person p ON p.territory_id = a.person_territory AND p.id = a.person_id
        WHERE a.id = nullif(current_setting('unigrid.account', true), '')::bigint AND a.person_territory = territory
        UNION
        SELECT u.parent_id FROM up JOIN people.unit u ON u.territory_id = territory AND u.id = up.unit_id
      )
      SELECT FROM up WHERE up.unit_id::text = split_part(party, ':', 2))
    ELSE false END
$$;

CREATE FUNCTION editions.keep_papers() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
  paper_of int := CASE TG_OP WHEN 'DELETE' THEN OLD.edition ELSE NEW.edition END;
BEGIN
  IF EXISTS (SELECT FROM editions.edition e WHERE e.territory_id = CASE TG_OP WHEN 'DELETE' THEN OLD.territory_id ELSE NEW.territory_id END
      AND e.seq = paper_of AND e.state = 'published') THEN
    RAISE EXCEPTION 'edition % is published and can''t be changed', paper_of USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'edition_immutable';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE FUNCTION editions.keep_published() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  IF OLD.state = 'published' THEN
    RAISE EXCEPTION 'edition % is published and can''t be changed', OLD.seq
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'edition_immutable';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE FUNCTION editions.published(territory integer) RETURNS integer
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT coalesce(max(seq), 0) FROM editions.edition
  WHERE territory_id = territory AND state = 'published'
$$;

CREATE FUNCTION editions.record(v cells.version) RETURNS jsonb
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT jsonb_build_object('code', v.code, 'name', v.name, 'tier', v.tier, 'provenance', v.provenance,
    'parent', (SELECT p.code FROM cells.version p
               WHERE p.territory_id = v.territory_id AND p.cell_id = v.parent_id AND p.from_edition <= v.from_edition
                 AND (p.to_edition IS NULL OR p.to_edition > v.from_edition)),
    'area_m2', v.area_m2, 'geometry', ST_AsGeoJSON(v.geom, 7)::jsonb)
$$;

CREATE FUNCTION editions.require_papers() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
DECLARE
  wanted editions.setting := editions.settings(NEW.territory_id, clock_timestamp());
  lacking text;
  many bigint;
BEGIN
  IF wanted.decision AND NOT EXISTS (SELECT FROM editions.decision d WHERE d.territory_id = NEW.territory_id AND d.edition = NEW.seq) THEN
    RAISE EXCEPTION 'edition % has no document number', NEW.seq USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'edition_decision';
  END IF;
  IF wanted.scan AND NOT EXISTS (SELECT FROM editions.scan d WHERE d.territory_id = NEW.territory_id AND d.edition = NEW.seq) THEN
    RAISE EXCEPTION 'edition % has no scan of its decision', NEW.seq USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'edition_scan';
  END IF;
  IF NEW.restores IS NOT NULL THEN
    -- the earlier edition passed the rest
    SELECT count(*) INTO many FROM cells.differences(NEW.territory_id, NEW.restores, NEW.seq);
    IF many > 0 OR NOT EXISTS (SELECT FROM editions.edition e WHERE e.territory_id = NEW.territory_id AND e.seq = NEW.restores AND e.state = 'published') THEN
      RAISE EXCEPTION 'edition % is not what edition % was', NEW.seq, NEW.restores USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'edition_restores';
    END IF;
    RETURN NULL;
  END IF;
  SELECT count(*) INTO many FROM merge.conflict c
  WHERE c.territory_id = NEW.territory_id AND c.blocking AND c.state <> 'settled'
    AND c.run_id = (SELECT max(r.id) FROM merge.run r WHERE r.territory_id = NEW.territory_id AND r.edition = NEW.seq);
  IF many > 0 THEN
    RAISE EXCEPTION '% blocking conflicts are open', many USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'edition_conflicts';
  END IF;
  SELECT string_agg(p, ', ') INTO lacking FROM unnest(wanted.sign_offs) AS p
  WHERE NOT EXISTS (SELECT FROM editions.sign_off s
    WHERE s.territory_id = NEW.territory_id AND s.edition = NEW.seq AND s.party = p AND s.withdrawn_at IS NULL
      AND s.state = editions.draft_state(NEW.territory_id, NEW.seq));
  IF lacking IS NOT NULL THEN
    RAISE EXCEPTION 'not signed off by %', lacking USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'edition_sign_offs';
  END IF;
  IF wanted.assigned THEN
    SELECT count(*) INTO many FROM editions.unassigned(NEW.territory_id, NEW.seq, NEW.effective);
    IF many > 0 THEN
      RAISE EXCEPTION '% cells have nobody of their own', many USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'edition_assigned';
    END IF;
  END IF;
  RETURN NULL;
END $$;

CREATE TABLE editions.setting (
    territory_id integer NOT NULL,
    since timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    sign_offs text[] DEFAULT '{}'::text[] NOT NULL,
    decision boolean DEFAULT false NOT NULL,
    scan boolean DEFAULT false NOT NULL,
    assigned boolean DEFAULT false NOT NULL,
    set_by text DEFAULT COALESCE(NULLIF(current_setting('unigrid.name'::text, true), ''::text), (SESSION_USER)::text) NOT NULL,
    set_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    office_zh text DEFAULT ''::text NOT NULL,
    office_en text DEFAULT ''::text NOT NULL,
    addressee_zh text DEFAULT ''::text NOT NULL,
    addressee_en text DEFAULT ''::text NOT NULL,
    CONSTRAINT setting_addressee_en_check CHECK ((length(addressee_en) <= 200)),
    CONSTRAINT setting_addressee_zh_check CHECK ((length(addressee_zh) <= 200)),
    CONSTRAINT setting_from_now_on CHECK ((since >= (set_at - '00:01:00'::interval))),
    CONSTRAINT setting_office_en_check CHECK ((length(office_en) <= 200)),
    CONSTRAINT setting_office_zh_check CHECK ((length(office_zh) <= 200))
);

CREATE FUNCTION editions.settings(territory integer, instant timestamp with time zone) RETURNS editions.setting
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT s FROM editions.setting s WHERE s.territory_id = territory AND s.since <= instant ORDER BY s.since DESC LIMIT 1
$$;

CREATE FUNCTION editions.unassigned(territory integer, edition integer, instant timestamp with time zone) RETURNS TABLE(cell_id bigint)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT v.cell_id FROM cells.of(territory, edition) v
  WHERE NOT EXISTS (
      SELECT FROM people.assignment a WHERE a.territory_id = territory AND a.cell_id = v.cell_id AND a.role = 'accountable' AND a.during @> instant)
    AND NOT EXISTS (
      SELECT FROM editions.accepted_vacancy o
      WHERE o.territory_id = territory AND o.cell_id = v.cell_id AND o.edition <= unassigned.edition
        AND NOT EXISTS (SELECT FROM people.assignment a
          WHERE a.territory_id = territory AND a.cell_id = v.cell_id AND a.role = 'accountable' AND lower(a.during) > o.at))
    AND NOT EXISTS (
      SELECT FROM merge.conflict c
      WHERE c.territory_id = territory AND c.run_id = merge.latest(territory, edition) AND c.cell_id = v.cell_id
        AND c.state = 'settled' AND c.resolution = 'accept-acting')
$$;

CREATE FUNCTION jobs.river_job_state_in_bitmask(bitmask bit, state jobs.river_job_state) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT CASE state
        WHEN 'available' THEN get_bit(bitmask, 7)
        WHEN 'cancelled' THEN get_bit(bitmask, 6)
        WHEN 'completed' THEN get_bit(bitmask, 5)
        WHEN 'discarded' THEN get_bit(bitmask, 4)
        WHEN 'pending'   THEN get_bit(bitmask, 3)
        WHEN 'retryable' THEN get_bit(bitmask, 2)
        WHEN 'running'   THEN get_bit(bitmask, 1)
        WHEN 'scheduled' THEN get_bit(bitmask, 0)
        ELSE 0
    END = 1;
$$;

CREATE FUNCTION layers.begin_version() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.changed_at <= OLD.changed_at THEN
    NEW.changed_at := clock_timestamp();
  END IF;
  IF NEW.changed_at < now() OR NEW.changed_at > clock_timestamp() THEN
    RAISE EXCEPTION 'layer cell % changes now, not at %', NEW.code, NEW.changed_at
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'layer_cell_changes_now';
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION layers.features(territory integer, since timestamp with time zone, instant timestamp with time zone) RETURNS TABLE(uid bigint, layer text, code text, name text, person_id bigint, person text, area_m2 double precision, published jsonb, provenance text, valid_from timestamp with time zone, valid_to timestamp with time zone, geom public.geometry)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT c.cell_id, c.layer, c.code, c.name, p.person_id, p.name, c.area_m2, c.published, c.provenance, lower(c.during), upper(c.during), c.geom
  FROM layers.version c
  LEFT JOIN people.person_version p ON p.territory_id = c.territory_id AND p.person_id = c.person_id
    AND p.during @> CASE WHEN c.during @> instant THEN instant ELSE upper(c.during) - interval '1 microsecond' END
  WHERE c.territory_id = territory AND c.during && tstzrange(least(since, instant), instant, '[]')
$$;

CREATE FUNCTION layers.fingerprint(territory integer) RETURNS bigint
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT coalesce(c.version, 0) # coalesce(l.version, 0)
  FROM (SELECT bit_xor(hash_record_extended(ROW(c.id), c.xmin::text::bigint)) AS version
        FROM layers.cell c WHERE c.territory_id = territory) c,
       (SELECT bit_xor(hash_record_extended(ROW(l.code), l.xmin::text::bigint)) AS version
        FROM layers.layer l WHERE l.territory_id = territory) l
$$;

CREATE FUNCTION layers.keep_names() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
  INSERT INTO layers.past_name (territory_id, code, name_zh, name_en, department, department_en)
  VALUES (OLD.territory_id, OLD.code, OLD.name_zh, OLD.name_en, OLD.department, OLD.department_en);
  RETURN NULL;
END $$;

CREATE FUNCTION layers.keep_versions() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
DECLARE
  who text := coalesce(nullif(current_setting('unigrid.name', true), ''), session_user);
  instant timestamptz := clock_timestamp();
BEGIN
  IF TG_OP = 'DELETE' THEN
    EXECUTE $sql$ UPDATE layers.version v SET during = tstzrange(lower(v.during), $1), ended_batch = $2
      FROM before b WHERE v.territory_id = b.territory_id AND v.cell_id = b.id AND upper_inf(v.during) $sql$ USING instant, nullif(current_setting('unigrid.layers_batch', true), '')::bigint;
    RETURN NULL;
  END IF;
  IF TG_OP = 'INSERT' THEN
    INSERT INTO layers.identity (territory_id, id) SELECT territory_id, id FROM after ON CONFLICT DO NOTHING;
    INSERT INTO layers.version (territory_id, cell_id, during, layer, code, name, person_id, geom, area_m2, provenance, recorded_by, batch, published)
      SELECT a.territory_id, a.id, tstzrange(a.changed_at, NULL), a.layer, a.code, a.name, a.person_id, a.geom, a.area_m2, a.provenance, who, a.batch, a.published
      FROM after a;
    RETURN NULL;
  END IF;
  EXECUTE $sql$ UPDATE layers.version v SET during = tstzrange(lower(v.during), a.changed_at)
    FROM after a JOIN before b ON b.territory_id = a.territory_id AND b.id = a.id AND b.changed_at < a.changed_at
    WHERE v.territory_id = a.territory_id AND v.cell_id = a.id AND upper_inf(v.during) $sql$;
  EXECUTE $sql$ INSERT INTO layers.version (territory_id, cell_id, during, layer, code, name, person_id, geom, area_m2, provenance, recorded_by, batch, published)
    SELECT a.territory_id, a.id, tstzrange(a.changed_at, NULL), a.layer, a.code, a.name, a.person_id, a.geom, a.area_m2, a.provenance, $1, a.batch, a.published
    FROM after a JOIN before b ON b.territory_id = a.territory_id AND b.id = a.id AND b.changed_at < a.changed_at $sql$ USING who;
  RETURN NULL;
END $_$;

CREATE TABLE layers.version (
    territory_id integer NOT NULL,
    cell_id bigint NOT NULL,
    during tstzrange NOT NULL,
    layer text NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    person_id bigint,
    geom public.geometry(MultiPolygon,4326) NOT NULL,
    area_m2 double precision NOT NULL,
    provenance text NOT NULL,
    recorded_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    recorded_by text NOT NULL,
    batch bigint,
    published jsonb,
    ended_batch bigint,
    CONSTRAINT version_during_check CHECK (((NOT isempty(during)) AND lower_inc(during) AND (NOT upper_inc(during)) AND (NOT lower_inf(during))))
);

CREATE FUNCTION layers.seen(territory integer, cell bigint, instant timestamp with time zone) RETURNS SETOF layers.version
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT * FROM layers.version c
  WHERE c.territory_id = territory AND c.cell_id = cell AND lower(c.during) <= instant
  ORDER BY lower(c.during) DESC LIMIT 1
$$;

CREATE FUNCTION merge.about(detail jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $_$
  SELECT jsonb_build_array(
    jsonb_path_query_array(detail, '$.cells[*].code'),
    (SELECT jsonb_agg(jsonb_build_array(n -> 'layer', n -> 'staff_no') ORDER BY n ->> 'layer', n ->> 'staff_no') FROM jsonb_array_elements(detail -> 'named') n),
    nullif(detail -> 'own', 'null') -> 'staff_no', nullif(detail -> 'acting', 'null') -> 'staff_no',
    detail -> 'base_cell' -> 'code', detail -> 'code', detail -> 'object' -> 'id', detail -> 'person' -> 'staff_no', detail -> 'outside', detail -> 'line')
$_$;

CREATE FUNCTION merge.chosen(territory integer, run bigint) RETURNS TABLE(cell_id bigint, person_id bigint)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT c.cell_id, p.id
  FROM merge.conflict c
  JOIN people.person p ON p.territory_id = territory AND p.staff_no = substr(c.resolution, length('accountable:') + 1)
  WHERE c.territory_id = territory AND c.run_id = run AND c.state = 'settled' AND c.resolution LIKE 'accountable:%'
$$;

CREATE FUNCTION merge.common(a public.geometry, b public.geometry) RETURNS public.geometry
    LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$
BEGIN
  RETURN ST_Multi(ST_CollectionExtract(ST_Intersection(a, b), 3));
EXCEPTION WHEN internal_error THEN
  RETURN ST_Multi(ST_CollectionExtract(ST_Intersection(ST_MakeValid(a), ST_MakeValid(b), 1e-12), 3));
END $$;

CREATE FUNCTION merge.count_comments() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
  UPDATE merge.conflict c SET comments = c.comments + n.n
  FROM (SELECT territory_id, conflict_id, count(*) AS n FROM after GROUP BY territory_id, conflict_id) n
  WHERE c.territory_id = n.territory_id AND c.id = n.conflict_id;
  RETURN NULL;
END $$;

CREATE FUNCTION merge.decide() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
  NEW.version := nextval('merge.decision_id_seq');
  RETURN NEW;
END $$;

CREATE FUNCTION merge.features(territory integer, edition integer) RETURNS TABLE(id bigint, layer text, layer_cell_uid bigint, layer_cell text, layer_cell_name text, cell text, cell_uid bigint, area_m2 double precision, share_of_cell double precision, share_of_layer_cell double precision, population double precision, enterprises double precision, monitors double precision, water_sources double precision, counted text, stretches jsonb, valid_from timestamp with time zone, valid_to timestamp with time zone, geom public.geometry)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT w.id, w.layer, w.layer_cell_id, c.code, c.name, v.code, w.cell_id, w.area_m2, w.share_of_cell, w.share_of_layer_cell,
         w.population, w.enterprises, w.monitors, w.water_sources, w.counted,
         merge.stretches(territory, w.run_id, w.id, (SELECT r.seen_at FROM merge.reigns(territory, edition, edition) r)),
         greatest((SELECT r.valid_from FROM merge.reigns(territory, edition, edition) r), b.effective),
         least((SELECT r.valid_to FROM merge.reigns(territory, edition, edition) r), e.effective), coalesce(w.geom, v.geom)
  FROM merge.crosswalk w
  JOIN cells.version v ON v.territory_id = territory AND v.cell_id = w.cell_id
    AND v.from_edition <= edition AND (v.to_edition IS NULL OR v.to_edition > edition)
  JOIN editions.edition b ON b.territory_id = territory AND b.seq = v.from_edition
  LEFT JOIN editions.edition e ON e.territory_id = territory AND e.seq = v.to_edition
  LEFT JOIN LATERAL layers.seen(territory, w.layer_cell_id, (SELECT r.seen_at FROM merge.reigns(territory, edition, edition) r)) c ON true
  WHERE w.territory_id = territory AND w.run_id = merge.latest(territory, edition)
$$;

CREATE FUNCTION merge.features(territory integer, first integer, last integer) RETURNS TABLE(id bigint, layer text, layer_cell_uid bigint, layer_cell text, layer_cell_name text, cell text, cell_uid bigint, area_m2 double precision, share_of_cell double precision, share_of_layer_cell double precision, population double precision, enterprises double precision, monitors double precision, water_sources double precision, counted text, stretches jsonb, valid_from timestamp with time zone, valid_to timestamp with time zone, geom public.geometry)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT w.id, w.layer, w.layer_cell_id, c.code, c.name, v.code, w.cell_id, w.area_m2, w.share_of_cell, w.share_of_layer_cell,
         w.population, w.enterprises, w.monitors, w.water_sources, w.counted, merge.stretches(territory, w.run_id, w.id, r.seen_at),
         greatest(r.valid_from, b.effective), least(r.valid_to, e.effective), coalesce(w.geom, v.geom)
  FROM merge.reigns(territory, first, last) r
  JOIN merge.crosswalk w ON w.territory_id = territory AND w.run_id = r.run_id
  JOIN cells.version v ON v.territory_id = territory AND v.cell_id = w.cell_id
    AND v.from_edition <= r.until AND (v.to_edition IS NULL OR v.to_edition > r.since)
  JOIN editions.edition b ON b.territory_id = territory AND b.seq = v.from_edition
  LEFT JOIN editions.edition e ON e.territory_id = territory AND e.seq = v.to_edition
  LEFT JOIN LATERAL layers.seen(territory, w.layer_cell_id, r.seen_at) c ON true
$$;

CREATE FUNCTION merge.fingerprint(territory integer) RETURNS bigint
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT coalesce(r.version, 0) # coalesce(f.version, 0)
  FROM (SELECT bit_xor(hash_record_extended(ROW(r.id), r.xmin::text::bigint)) AS version
        FROM merge.run r WHERE r.territory_id = territory) r,
       (SELECT bit_xor(hash_record_extended(ROW(f.run_id, f.id), f.xmin::text::bigint)) AS version
        FROM merge.conflict f WHERE f.territory_id = territory) f
$$;

CREATE FUNCTION merge.keep_decisions() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
  refused text;
  places text[];
  many int;
BEGIN
  IF NOT access.unbounded() THEN
    SELECT min(bound), (array_agg(DISTINCT place ORDER BY place))[1:20], count(*) INTO refused, places, many FROM (
      SELECT a.kind || ' ' || a.id AS place,
        CASE WHEN NOT cells.reached(a.territory_id, a.cell_id) THEN 'guard_subtree' WHEN NOT access.layer(a.layer) THEN 'guard_layer' END AS bound
      FROM after a JOIN before b USING (territory_id, run_id, id)
      WHERE a.version <> b.version AND a.drawn_at IS NOT DISTINCT FROM b.drawn_at AND NOT (a.state = 'open' AND a.settled_by = 'merge')) n
    WHERE bound IS NOT NULL;
    IF refused IS NOT NULL THEN
      RAISE EXCEPTION 'outside what the principal may decide: %', array_to_string(places, ', ')
        USING ERRCODE = 'insufficient_privilege', CONSTRAINT = refused, SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
              DETAIL = json_build_object('places', places, 'count', many, 'within', current_setting('unigrid.within', true), 'layers', current_setting('unigrid.layers', true));
    END IF;
  END IF;
  INSERT INTO merge.decision (territory_id, id, conflict_id, edition, run_id, kind, layer, cell_id, at, by, did, resolution, reason, rule)
  SELECT a.territory_id, a.version, a.id, r.edition, a.run_id, a.kind, a.layer, a.cell_id, clock_timestamp(),
    coalesce(nullif(current_setting('unigrid.name', true), ''), session_user),
    CASE WHEN a.drawn_at IS DISTINCT FROM b.drawn_at THEN 'drawn' WHEN a.state = 'open' THEN 'reopened' ELSE a.state END,
    a.resolution, a.settled_reason, CASE WHEN a.settled_by = 'merge' OR a.settled_by LIKE 'rule %' THEN a.settled_by END
  FROM after a JOIN before b USING (territory_id, run_id, id)
  JOIN merge.run r ON r.territory_id = a.territory_id AND r.id = a.run_id
  WHERE a.version <> b.version;
  RETURN NULL;
END $$;

CREATE FUNCTION merge.latest(territory integer, edition integer) RETURNS bigint
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    AS $$
DECLARE
  last int := edition;
  run record;
  back record;
BEGIN
  LOOP
    SELECT r.id, r.edition INTO run FROM merge.run r WHERE r.territory_id = territory AND r.edition <= last ORDER BY r.edition DESC, r.id DESC LIMIT 1;
    SELECT e.seq, e.restores INTO back FROM editions.edition e WHERE e.territory_id = territory AND e.restores IS NOT NULL AND e.seq <= last ORDER BY e.seq DESC LIMIT 1;
    IF back.seq IS NULL OR run.edition >= back.seq THEN
      RETURN run.id;
    END IF;
    last := back.restores;
  END LOOP;
END $$;

CREATE TABLE merge.conflict (
    territory_id integer NOT NULL,
    run_id bigint NOT NULL,
    id bigint NOT NULL,
    kind text NOT NULL,
    layer text,
    cell_id bigint,
    detail jsonb DEFAULT '{}'::jsonb NOT NULL,
    place public.geometry(Point,4326),
    area_m2 double precision DEFAULT 0 NOT NULL,
    touches integer DEFAULT 0 NOT NULL,
    blocking boolean NOT NULL,
    proposal text NOT NULL,
    reason text NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    resolution text,
    settled_by text,
    settled_reason jsonb,
    settled_at timestamp with time zone,
    geom public.geometry(MultiPolygon,4326),
    width_m double precision,
    pending boolean DEFAULT false NOT NULL,
    severity text DEFAULT 'low'::text NOT NULL,
    objects integer DEFAULT 0 NOT NULL,
    people integer DEFAULT 0 NOT NULL,
    alternatives jsonb DEFAULT '[]'::jsonb NOT NULL,
    version bigint DEFAULT 0 NOT NULL,
    drawn_at timestamp with time zone,
    comments integer DEFAULT 0 NOT NULL,
    CONSTRAINT conflict_kind_check CHECK ((kind = ANY (ARRAY['split'::text, 'gap'::text, 'overlap'::text, 'boundary-mismatch'::text, 'two-accountable'::text, 'none-accountable'::text, 'over-capacity'::text, 'nested'::text, 'code-clash'::text, 'object-unplaced'::text]))),
    CONSTRAINT conflict_settled CHECK (((state = 'settled'::text) = ((resolution IS NOT NULL) AND (settled_by IS NOT NULL)))),
    CONSTRAINT conflict_severity_check CHECK ((severity = ANY (ARRAY['low'::text, 'medium'::text, 'high'::text]))),
    CONSTRAINT conflict_state_check CHECK ((state = ANY (ARRAY['open'::text, 'settled'::text, 'deferred'::text])))
);
ALTER TABLE ONLY merge.conflict ALTER COLUMN geom SET STORAGE EXTERNAL;

CREATE FUNCTION merge.matching(territory integer, run bigint, filter jsonb) RETURNS SETOF merge.conflict
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT c.*
  FROM merge.conflict c
  JOIN merge.run r ON r.territory_id = c.territory_id AND r.id = c.run_id
  LEFT JOIN cells.version v ON v.territory_id = c.territory_id AND v.cell_id = c.cell_id
    AND v.from_edition <= r.edition AND (v.to_edition IS NULL OR v.to_edition > r.edition)
  WHERE c.territory_id = territory AND c.run_id = run
    AND (NOT filter ? 'kind' OR c.kind = filter ->> 'kind')
    AND (NOT filter ? 'layer' OR c.layer = filter ->> 'layer')
    AND (NOT filter ? 'severity' OR c.severity = filter ->> 'severity')
    AND (NOT filter ? 'state' OR c.state = filter ->> 'state')
    AND (NOT filter ? 'unsettled' OR c.state <> 'settled')
    AND (NOT filter ? 'blocking' OR c.blocking = (filter ->> 'blocking')::boolean)
    AND (NOT filter ? 'cell' OR v.code = filter ->> 'cell')
    AND (NOT filter ? 'within' OR starts_with(v.code, filter ->> 'within'))
    AND (NOT filter ? 'ids' OR c.id IN (SELECT jsonb_array_elements_text(filter -> 'ids')::bigint))
$$;

CREATE FUNCTION merge.named(territory integer, run bigint, above double precision) RETURNS TABLE(cell_id bigint, layer text, layer_cell_id bigint, share double precision, person_id bigint)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT DISTINCT ON (x.cell_id, x.layer) x.cell_id, x.layer, x.layer_cell_id, x.share_of_cell, c.person_id
  FROM merge.crosswalk x
  JOIN layers.cell c ON c.territory_id = x.territory_id AND c.id = x.layer_cell_id
  WHERE x.territory_id = territory AND x.run_id = run AND x.share_of_cell > above
  ORDER BY x.cell_id, x.layer, x.share_of_cell DESC, c.code
$$;

CREATE FUNCTION merge.note_rules() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
  IF NEW.rule LIKE 'rule %' THEN
    SELECT r.rules_version, r.rules_file INTO NEW.rules_version, NEW.rules_file
    FROM merge.run r WHERE r.territory_id = NEW.territory_id AND r.id = NEW.run_id;
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION merge.officers(territory integer, run bigint, instant timestamp with time zone, above double precision) RETURNS TABLE(person_id bigint, cell_id bigint, layer text)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  WITH chosen AS MATERIALIZED (
    SELECT * FROM merge.chosen(territory, run)
  ), chief AS MATERIALIZED (
    SELECT c.person_id, c.cell_id FROM chosen c
    UNION
    SELECT a.person_id, a.cell_id FROM people.assignment a
    WHERE a.territory_id = territory AND a.role = 'accountable' AND a.during @> instant AND NOT EXISTS (SELECT FROM chosen c WHERE c.cell_id = a.cell_id)
  ), lead AS MATERIALIZED (
    SELECT n.person_id, n.cell_id, n.layer FROM merge.named(territory, run, above) n WHERE n.person_id IS NOT NULL
  ), piece AS MATERIALIZED (
    SELECT c.person_id, x.cell_id, x.layer, sum(x.share_of_cell) AS share, sum(x.area_m2) AS area_m2
    FROM merge.crosswalk x JOIN layers.cell c ON c.territory_id = territory AND c.id = x.layer_cell_id
    WHERE x.territory_id = territory AND x.run_id = run AND c.person_id IS NOT NULL
    GROUP BY c.person_id, x.cell_id, x.layer
  ), served AS (
    SELECT p.person_id, p.cell_id, p.layer FROM piece p WHERE p.share >= people.comparable(territory)
    UNION
    (SELECT DISTINCT ON (p.person_id, p.layer) p.person_id, p.cell_id, p.layer FROM piece p
     WHERE NOT EXISTS (SELECT FROM lead l WHERE l.person_id = p.person_id AND l.layer = p.layer)
       AND NOT EXISTS (SELECT FROM chief c WHERE c.person_id = p.person_id)
     ORDER BY p.person_id, p.layer, p.area_m2 DESC, p.cell_id)
    UNION
    SELECT a.person_id, a.cell_id, (SELECT h.layer FROM people.person_layer h WHERE h.territory_id = territory AND h.person_id = a.person_id AND h.home LIMIT 1)
    FROM chosen c JOIN people.assignment a ON a.territory_id = territory AND a.cell_id = c.cell_id AND a.role = 'accountable' AND a.during @> instant
    WHERE NOT EXISTS (SELECT FROM chief o WHERE o.person_id = a.person_id)
  )
  SELECT s.person_id, s.cell_id, s.layer FROM served s
  WHERE NOT EXISTS (SELECT FROM chief c WHERE c.person_id = s.person_id AND c.cell_id = s.cell_id)
    AND NOT EXISTS (SELECT FROM lead l WHERE l.person_id = s.person_id AND l.cell_id = s.cell_id AND l.layer IS NOT DISTINCT FROM s.layer)
    AND NOT EXISTS (SELECT FROM people.assignment o WHERE o.territory_id = territory AND o.cell_id = s.cell_id AND o.person_id = s.person_id
      AND o.role = 'officer' AND o.layer IS NOT DISTINCT FROM s.layer AND o.during @> instant)
$$;

CREATE FUNCTION merge.pending(territory integer, edition integer) RETURNS TABLE(conflict_id bigint, kind text, layer text, cell_id bigint, staff_no text, area_m2 double precision, geom public.geometry)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT c.id, c.kind, c.layer, c.cell_id, substr(c.resolution, length('interim:') + 1), c.area_m2, c.geom
  FROM merge.conflict c
  WHERE c.territory_id = territory AND c.run_id = merge.latest(territory, edition) AND c.pending
    AND c.state = 'settled' AND c.resolution LIKE 'interim:%'
$$;

CREATE FUNCTION merge.refresh_conflict_statistics() RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    SET default_statistics_target TO '20'
    AS $$
  ANALYZE merge.conflict (territory_id, run_id, id, kind, layer, cell_id, blocking, state, resolution, touches, area_m2),
    merge.move (territory_id, run_id, conflict_id, resolution)
$$;

CREATE FUNCTION merge.refresh_statistics() RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    SET default_statistics_target TO '20'
    AS $$
  ANALYZE merge.crosswalk (territory_id, run_id, id, layer, layer_cell_id, cell_id, share_of_cell, claimed_share)
$$;

CREATE FUNCTION merge.reigns(territory integer, first integer, last integer) RETURNS TABLE(run_id bigint, seen_at timestamp with time zone, since integer, until integer, valid_from timestamp with time zone, valid_to timestamp with time zone)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT r.id, r.created_at, greatest(first, min(f.seq)), least(last, max(f.seq)), min(f.effective),
         (array_agg(f.until ORDER BY f.seq DESC))[1]
  FROM (
    SELECT x.*, x.seq - row_number() OVER (PARTITION BY x.run_id ORDER BY x.seq) AS reign
    FROM (
      SELECT e.seq, e.effective, lead(e.effective) OVER (ORDER BY e.seq) AS until, merge.latest(territory, e.seq) AS run_id
      FROM editions.edition e WHERE e.territory_id = territory AND e.state = 'published'
    ) x
  ) f
  JOIN merge.run r ON r.territory_id = territory AND r.id = f.run_id
  GROUP BY r.id, r.created_at, f.reign
  HAVING min(f.seq) <= last AND max(f.seq) >= first
$$;

CREATE FUNCTION merge.rest(a public.geometry, parts public.geometry[]) RETURNS public.geometry
    LANGUAGE plpgsql IMMUTABLE
    AS $$
BEGIN
  IF coalesce(cardinality(parts), 0) = 0 THEN
    RETURN a;
  END IF;
  RETURN ST_Multi(ST_CollectionExtract(ST_Difference(a, ST_Union(parts)), 3));
EXCEPTION WHEN internal_error THEN
  RETURN ST_Multi(ST_CollectionExtract(ST_Difference(ST_MakeValid(a),
    (SELECT ST_UnaryUnion(ST_Collect(ST_MakeValid(part)), 1e-12) FROM unnest(parts) AS part), 1e-12), 3));
END $$;

CREATE FUNCTION merge.stretches(territory integer, run bigint, piece bigint, instant timestamp with time zone) RETURNS jsonb
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('kind', o.kind, 'code', o.code, 'name', o.name,
    'length_m', round(s.length_m::numeric, 1), 'area_m2', round(s.area_m2::numeric, 1), 'share', round(s.share::numeric, 6))) ORDER BY o.kind, o.code)
  FROM merge.stretch s
  CROSS JOIN LATERAL (SELECT o.kind, o.code, o.name FROM objects.version o
    WHERE o.territory_id = territory AND o.object_id = s.object_id AND lower(o.during) <= instant ORDER BY lower(o.during) DESC LIMIT 1) o
  WHERE s.territory_id = territory AND s.run_id = run AND s.crosswalk_id = piece
$$;

CREATE FUNCTION merge.width(ground public.geometry, epsg integer) RETURNS double precision
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
  SELECT max((s.half - sqrt(greatest(0, s.half * s.half - 4 * s.area))) / 2)
  FROM ST_Dump(ST_Transform(ground, epsg)) d
  CROSS JOIN LATERAL (SELECT ST_Perimeter(d.geom) / 2 AS half, ST_Area(d.geom) AS area) s
$$;

CREATE TABLE objects.version (
    territory_id integer NOT NULL,
    object_id bigint NOT NULL,
    during tstzrange NOT NULL,
    kind text NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    geom public.geometry(Geometry,4326),
    located_by text,
    hint_cell bigint,
    attributes jsonb NOT NULL,
    provenance text NOT NULL,
    outside_share double precision NOT NULL,
    recorded_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    recorded_by text NOT NULL,
    batch bigint,
    published jsonb,
    CONSTRAINT version_during_check CHECK (((NOT isempty(during)) AND lower_inc(during) AND (NOT upper_inc(during)) AND (NOT lower_inf(during))))
);

CREATE FUNCTION objects.at(territory integer, instant timestamp with time zone) RETURNS SETOF objects.version
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT * FROM objects.version v WHERE v.territory_id = territory AND v.during @> instant
$$;

CREATE FUNCTION objects.begin_version() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.changed_at <= OLD.changed_at THEN
    IF OLD.changed_at >= now()
       AND (NEW.territory_id, NEW.id, NEW.kind, NEW.code, NEW.name, NEW.located_by, NEW.hint_cell, NEW.attributes, NEW.provenance, NEW.batch, NEW.published)
         IS NOT DISTINCT FROM (OLD.territory_id, OLD.id, OLD.kind, OLD.code, OLD.name, OLD.located_by, OLD.hint_cell, OLD.attributes, OLD.provenance, OLD.batch, OLD.published)
       AND NEW.geom::bytea IS NOT DISTINCT FROM OLD.geom::bytea THEN
      NEW.changed_at := OLD.changed_at;
    ELSE
      NEW.changed_at := clock_timestamp();
    END IF;
  END IF;
  IF NEW.changed_at < now() OR NEW.changed_at > clock_timestamp() THEN
    RAISE EXCEPTION 'object % changes now, not at %', NEW.code, NEW.changed_at
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'object_changes_now';
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION objects.collection(kind text) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $_$
  SELECT k.collection FROM objects.kind k WHERE k.kind = $1
$_$;

CREATE FUNCTION objects.counts(territory integer, cells bigint[], editions integer[], instants timestamp with time zone[]) RETURNS TABLE(n bigint, layer text, objects bigint)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT d.n, l.layer, count(DISTINCT o.object_id)
  FROM cells.descendants(territory, cells, editions) d
  JOIN objects.placement q ON q.territory_id = territory AND q.cell_id = d.uid AND q.during @> instants[d.n]
  JOIN objects.version o ON o.territory_id = territory AND o.object_id = q.object_id AND o.during @> instants[d.n]
  CROSS JOIN unnest(objects.layers(o.kind, o.attributes)) AS l (layer)
  GROUP BY d.n, l.layer
$$;

CREATE FUNCTION objects.features(territory integer, kind text, edition integer, since timestamp with time zone, instant timestamp with time zone) RETURNS TABLE(uid bigint, code text, name text, cell text, cells jsonb, outside_share double precision, located_by text, attributes jsonb, published jsonb, provenance text, changed_at timestamp with time zone, valid_from timestamp with time zone, valid_to timestamp with time zone, geom public.geometry)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT o.object_id, o.code, o.name, q.main, q.parts, o.outside_share, o.located_by,
         objects.public_attributes(o.attributes), o.published, o.provenance, lower(o.during), lower(o.during), upper(o.during), o.geom
  FROM objects.version o
  LEFT JOIN LATERAL (
    SELECT (array_agg(v.code ORDER BY q.share DESC, v.code USING ~<~))[1] AS main,
           jsonb_agg(jsonb_build_object('code', v.code, 'share', q.share) ORDER BY q.share DESC, v.code USING ~<~) AS parts
    FROM (
      SELECT CASE WHEN o.during @> instant THEN instant ELSE upper(o.during) - interval '1 microsecond' END AS instant,
             CASE WHEN o.during @> instant THEN least(features.edition, (SELECT editions.at(territory, features.instant)))
                  ELSE editions.at(territory, upper(o.during) - interval '1 microsecond') END AS edition
    ) last
    JOIN objects.placement q ON q.territory_id = o.territory_id AND q.object_id = o.object_id AND q.during @> last.instant
    JOIN cells.version v ON v.territory_id = q.territory_id AND v.cell_id = q.cell_id
      AND v.from_edition <= last.edition AND (v.to_edition IS NULL OR v.to_edition > last.edition)
  ) q ON true
  WHERE o.territory_id = territory AND o.kind = features.kind AND o.during && tstzrange(least(since, instant), instant, '[]')
$$;

CREATE FUNCTION objects.fingerprint(territory integer, instant timestamp with time zone, OUT version bigint, OUT next timestamp with time zone) RETURNS record
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT coalesce(o.version, 0) # coalesce(q.version, 0), q.next
  FROM (SELECT bit_xor(hash_record_extended(ROW(o.id), o.xmin::text::bigint)) AS version
        FROM objects.object o WHERE o.territory_id = territory) o,
       (SELECT bit_xor(hash_record_extended(ROW(q.object_id, q.cell_id, q.during), q.xmin::text::bigint)) AS version,
               least(min(lower(during)) FILTER (WHERE lower(during) > instant),
                     min(upper(during)) FILTER (WHERE upper(during) > instant)) AS next
        FROM objects.placement q WHERE q.territory_id = territory) q
$$;

CREATE FUNCTION objects.inside(territory integer, edition integer, instant timestamp with time zone, wanted bigint[]) RETURNS TABLE(cell_id bigint, kind text, objects bigint)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  WITH RECURSIVE down AS (
    SELECT w AS top, w AS cell_id FROM unnest(wanted) AS w
    UNION ALL
    SELECT down.top, v.cell_id
    FROM down JOIN cells.version v ON v.territory_id = territory AND v.parent_id = down.cell_id
      AND v.from_edition <= edition AND (v.to_edition IS NULL OR v.to_edition > edition)
  )
  SELECT down.top, o.kind, count(DISTINCT o.object_id)
  FROM down
  JOIN objects.placement p ON p.territory_id = territory AND p.cell_id = down.cell_id AND p.during @> instant
  JOIN objects.version o ON o.territory_id = territory AND o.object_id = p.object_id AND o.during @> instant
  GROUP BY down.top, o.kind
$$;

CREATE FUNCTION objects.keep_one_at_a_time() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
DECLARE
  twice record;
BEGIN
  IF current_setting('transaction_isolation') = 'repeatable read' THEN
    RAISE EXCEPTION 'versions of objects are not written in a transaction that is repeatable read' USING ERRCODE = 'feature_not_supported';
  END IF;
  IF TG_OP = 'UPDATE' OR EXISTS (SELECT FROM new_row WHERE NOT upper_inf(during)) THEN
    EXECUTE 'SELECT FROM objects.identity i WHERE EXISTS (
        SELECT FROM new_row n WHERE n.territory_id = i.territory_id AND n.object_id = i.id AND ($1 OR NOT upper_inf(n.during)))
      ORDER BY territory_id, id FOR UPDATE' USING TG_OP = 'UPDATE';
    EXECUTE 'SELECT n.object_id, o.during FROM new_row n
      JOIN objects.version o ON o.territory_id = n.territory_id AND o.object_id = n.object_id AND upper_inf(o.during)
      WHERE NOT upper_inf(n.during) AND upper(n.during) > lower(o.during) LIMIT 1' INTO twice;
  END IF;
  IF twice IS NULL THEN
    EXECUTE 'SELECT n.object_id, o.during FROM new_row n
      JOIN objects.version o ON o.territory_id = n.territory_id AND o.object_id = n.object_id AND NOT upper_inf(o.during)
      WHERE o.during && n.during AND lower(o.during) <> lower(n.during) LIMIT 1' INTO twice;
  END IF;
  IF twice IS NOT NULL THEN
    RAISE EXCEPTION 'object % has a version during %', twice.object_id, twice.during
      USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'version_one_at_a_time', SCHEMA = 'objects', TABLE = 'version';
  END IF;
  RETURN NULL;
END $_$;

CREATE FUNCTION objects.keep_versions() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
DECLARE
  who text := coalesce(nullif(current_setting('unigrid.name', true), ''), session_user);
  instant timestamptz := clock_timestamp();
BEGIN
  IF TG_OP = 'DELETE' THEN
    EXECUTE $sql$ UPDATE objects.version v SET during = tstzrange(lower(v.during), $1)
      FROM before b WHERE v.territory_id = b.territory_id AND v.object_id = b.id AND upper_inf(v.during) $sql$ USING instant;
    EXECUTE $sql$ UPDATE objects.placement p SET during = tstzrange(lower(p.during), $1)
      FROM before b WHERE p.territory_id = b.territory_id AND p.object_id = b.id AND upper_inf(p.during) $sql$ USING instant;
    RETURN NULL;
  END IF;
  IF TG_OP = 'INSERT' THEN
    INSERT INTO objects.identity (territory_id, id) SELECT territory_id, id FROM after ON CONFLICT DO NOTHING;
    INSERT INTO objects.version (territory_id, object_id, during, kind, code, name, geom, located_by, hint_cell, attributes, provenance, outside_share, recorded_by, batch, published)
      SELECT a.territory_id, a.id, tstzrange(a.changed_at, NULL), a.kind, a.code, a.name, a.geom, a.located_by, a.hint_cell,
             a.attributes, a.provenance, a.outside_share, who, a.batch, a.published
      FROM after a;
    RETURN NULL;
  END IF;
  EXECUTE $sql$ UPDATE objects.version v SET during = tstzrange(lower(v.during), a.changed_at)
    FROM after a JOIN before b ON b.territory_id = a.territory_id AND b.id = a.id AND b.changed_at < a.changed_at
    WHERE v.territory_id = a.territory_id AND v.object_id = a.id AND upper_inf(v.during) AND lower(v.during) < a.changed_at $sql$;
  EXECUTE $sql$ UPDATE objects.version v SET outside_share = a.outside_share
    FROM after a
    WHERE v.territory_id = a.territory_id AND v.object_id = a.id AND lower(v.during) = a.changed_at AND upper_inf(v.during)
      AND v.outside_share <> a.outside_share $sql$;
  EXECUTE $sql$ INSERT INTO objects.version (territory_id, object_id, during, kind, code, name, geom, located_by, hint_cell, attributes, provenance, outside_share, recorded_by, batch, published)
    SELECT a.territory_id, a.id, tstzrange(a.changed_at, NULL), a.kind, a.code, a.name, a.geom, a.located_by, a.hint_cell,
           a.attributes, a.provenance, a.outside_share, $1, a.batch, a.published
    FROM after a JOIN before b ON b.territory_id = a.territory_id AND b.id = a.id AND b.changed_at < a.changed_at $sql$ USING who;
  RETURN NULL;
END $_$;

CREATE FUNCTION objects.layers(kind text, attributes jsonb) RETURNS text[]
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $_$
  SELECT CASE
    WHEN jsonb_typeof(attributes -> 'layers') = 'array'
      THEN ARRAY(SELECT jsonb_array_elements_text(attributes -> 'layers'))
    ELSE (SELECT k.layers FROM objects.kind k WHERE k.kind = $1)
  END
$_$;

CREATE FUNCTION objects.public_attributes(attributes jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
  SELECT attributes - ARRAY['phone', 'mobile', 'tel', 'telephone', 'contact_phone', 'id_number', 'identity', 'address_home',
    '电话', '手机', '联系电话', '手机号', '身份证', '身份证号', '身份证号码', '家庭住址']
$$;

CREATE FUNCTION objects.reached(territory integer, place public.geometry, hint_cell bigint) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT CASE WHEN NOT access.bound() THEN access.governs(territory)
    WHEN place IS NOT NULL THEN cells.reached(territory, place)
    WHEN hint_cell IS NOT NULL THEN cells.reached(territory, hint_cell)
    ELSE access.governs(territory) END
$$;

CREATE FUNCTION people.accountables(territory integer, edition integer, instant timestamp with time zone) RETURNS TABLE(cell_id bigint, tier smallint, person_id bigint, acting boolean, holds bigint, assignment_id bigint)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  WITH RECURSIVE holder AS MATERIALIZED (
    SELECT a.cell_id, max(a.id) FILTER (WHERE a.role = 'accountable') AS own,
           (array_agg(a.id ORDER BY a.role = 'accountable', a.rank, a.id))[1] AS stand_in
    FROM people.assignment a
    WHERE a.territory_id = territory AND a.role IN ('accountable', 'deputy') AND a.layer IS NULL
      AND a.during @> instant
    GROUP BY a.cell_id
  ), place AS MATERIALIZED (
    SELECT v.cell_id, v.tier, coalesce(b.cell_id, v.parent_id) AS above
    FROM cells.of(territory, edition) v
    LEFT JOIN people.administration a ON a.territory_id = territory AND a.cell_id = v.cell_id AND a.during @> instant
    LEFT JOIN cells.of(territory, edition) b ON b.cell_id = a.by_cell
    WHERE v.parent_id IS NOT NULL
  ), down AS (
    SELECT v.cell_id, v.tier, h.own AS holder, false AS acting, h.stand_in
    FROM cells.of(territory, edition) v LEFT JOIN holder h ON h.cell_id = v.cell_id
    WHERE v.parent_id IS NULL
    UNION ALL
    SELECT v.cell_id, v.tier, coalesce(h.own, down.stand_in), h.own IS NULL, coalesce(h.stand_in, down.stand_in)
    FROM down
    JOIN place v ON v.above = down.cell_id
    LEFT JOIN holder h ON h.cell_id = v.cell_id
  )
  SELECT down.cell_id, down.tier, a.person_id, down.acting AND a.id IS NOT NULL, a.cell_id, a.id
  FROM down LEFT JOIN people.assignment a ON a.territory_id = territory AND a.id = down.holder
$$;

CREATE FUNCTION people.accountables(territory integer, cells bigint[], editions integer[], instants timestamp with time zone[]) RETURNS TABLE(n bigint, person_id bigint, name text, post text, side text, rank integer, phone text, acting boolean, holds bigint, absent bigint, absent_name text, unit text)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  WITH holder AS (
    SELECT DISTINCT ON (up.n) up.n, up.uid, up.steps, a.person_id, coalesce(nullif(a.post, ''), p.post) AS post, a.side, a.rank, p.name, p.phone_masked, p.unit
    FROM people.superiors(territory, cells, editions, instants) up
    JOIN people.assignment a ON a.territory_id = territory AND a.cell_id = up.uid AND a.during @> instants[up.n]
      AND (a.role = 'accountable' OR (a.role = 'deputy' AND a.layer IS NULL AND up.steps > 0))
    CROSS JOIN LATERAL (SELECT * FROM people.person_version p WHERE p.territory_id = territory AND p.person_id = a.person_id AND p.during @> instants[up.n] OFFSET 0) p
    ORDER BY up.n, up.steps, a.role = 'accountable', a.rank, a.id
  ), answer AS (
    SELECT h.n, coalesce(i.person_id, h.person_id) AS person_id, CASE WHEN i.person_id IS NULL THEN h.name ELSE i.name END AS name,
           CASE WHEN i.person_id IS NULL THEN h.post ELSE i.post END AS post, h.side, h.rank,
           CASE WHEN i.person_id IS NULL THEN h.phone_masked ELSE i.phone_masked END AS phone, h.steps, h.uid,
           CASE WHEN i.person_id IS NOT NULL THEN h.person_id END AS absent, CASE WHEN i.person_id IS NOT NULL THEN h.name END AS absent_name,
           h.unit, people.names_stand_ins() OR h.steps = 0 AS named
    FROM holder h LEFT JOIN LATERAL people.instead(territory, h.person_id, h.uid, instants[h.n]) i ON true
  )
  SELECT n, CASE WHEN named THEN person_id END, CASE WHEN named THEN name ELSE people.vacant_name() END, CASE WHEN named THEN post ELSE unit END,
         side, rank, CASE WHEN named THEN phone ELSE '' END, steps > 0 OR absent IS NOT NULL, uid,
         CASE WHEN people.names_stand_ins() THEN absent END, CASE WHEN people.names_stand_ins() THEN absent_name END, unit
  FROM answer
$$;

CREATE FUNCTION people.begin_unit() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  NEW.label := '>' || NEW.id; -- keep_units gives the right one
  RETURN NEW;
END $$;

CREATE FUNCTION people.begin_version() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  IF NEW.changed_at <= OLD.changed_at THEN
    NEW.changed_at := clock_timestamp();
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION people.check_held() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION people.check_holders() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
DECLARE
  gone bigint;
BEGIN
  IF TG_OP = 'DELETE' THEN
    EXECUTE $sql$ SELECT o.id FROM before o
      JOIN people.assignment a ON a.territory_id = o.territory_id AND a.person_id = o.id AND a.during && tstzrange(clock_timestamp(), NULL) LIMIT 1 $sql$ INTO gone;
  ELSE
    EXECUTE $sql$ SELECT FROM people.person p WHERE EXISTS (SELECT FROM after a WHERE a.territory_id = p.territory_id AND a.person_id = p.id) FOR KEY SHARE $sql$;
    EXECUTE $sql$ SELECT a.person_id FROM after a
      WHERE NOT EXISTS (SELECT FROM people.person p WHERE p.territory_id = a.territory_id AND p.id = a.person_id) LIMIT 1 $sql$ INTO gone;
  END IF;
  IF gone IS NOT NULL THEN
    RAISE EXCEPTION 'person % holds an assignment', gone
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'assignment_holder_is_there';
  END IF;
  RETURN NULL;
END $_$;

CREATE FUNCTION people.check_home() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('people'), t.territory_id) FROM (SELECT DISTINCT territory_id FROM after) t;
  IF EXISTS (SELECT FROM after a JOIN people.unit u ON u.territory_id = a.territory_id AND u.id = a.unit_id WHERE u.retired_at IS NOT NULL) THEN
    RAISE EXCEPTION 'a person of a unit that is retired' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'unit_in_use';
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION people.check_root_accountable() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
  governed int := coalesce(NEW.territory_id, OLD.territory_id);
  hole timestamptz;
BEGIN
  IF TG_TABLE_NAME = 'assignment' THEN
    PERFORM FROM cells.version v
      WHERE v.territory_id = governed AND v.tier = 1 AND v.cell_id = coalesce(NEW.cell_id, OLD.cell_id);
    IF NOT FOUND THEN
      RETURN NULL;
    END IF;
  END IF;
  PERFORM FROM cells.territory WHERE id = governed FOR NO KEY UPDATE;
  hole := people.root_hole(governed);
  IF hole IS NOT NULL THEN
    RAISE EXCEPTION 'the tier-1 cell would be without an accountable person from %', hole
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'root_always_accountable';
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION people.chiefs(territory integer, cells bigint[], instants timestamp with time zone[]) RETURNS TABLE(n bigint, person_id bigint, name text, post text, side text, rank integer, accountable boolean)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT g.n, a.person_id, p.name, coalesce(nullif(a.post, ''), p.post), a.side, a.rank, a.role = 'accountable'
  FROM unnest(cells, instants) WITH ORDINALITY AS g (cell, instant, n)
  JOIN people.assignment a ON a.territory_id = territory AND a.cell_id = g.cell AND a.during @> g.instant
    AND a.role IN ('accountable', 'joint-chief')
  CROSS JOIN LATERAL (SELECT * FROM people.person_version p WHERE p.territory_id = territory AND p.person_id = a.person_id AND p.during @> g.instant OFFSET 0) p
$$;

CREATE FUNCTION people.comparable(territory integer) RETURNS double precision
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT coalesce((SELECT comparable_share FROM people.setting WHERE territory_id = territory), 0.2)
$$;

CREATE FUNCTION people.digits(phone text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
  SELECT regexp_replace(translate(phone, '０１２３４５６７８９', '0123456789'), '[^0-9]', '', 'g')
$$;

CREATE FUNCTION people.end_posts() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
  instant timestamptz := clock_timestamp();
BEGIN
  DELETE FROM people.person_post q USING before b WHERE q.territory_id = b.territory_id AND q.person_id = b.id AND lower(q.during) >= instant;
  UPDATE people.person_post q SET during = tstzrange(lower(q.during), instant) FROM before b
    WHERE q.territory_id = b.territory_id AND q.person_id = b.id AND q.during @> instant;
  RETURN NULL;
END $$;

CREATE FUNCTION people.ensure_units(territory integer, texts text[]) RETURNS TABLE(said text, unit_id bigint, label text)
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION people.fingerprint(territory integer, instant timestamp with time zone, OUT version bigint, OUT next timestamp with time zone) RETURNS record
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT coalesce(a.version, 0) # coalesce(p.version, 0) # coalesce(l.version, 0) # coalesce(m.version, 0), least(a.next, l.next, m.next)
  FROM (SELECT bit_xor(hash_record_extended(ROW(a.id), a.xmin::text::bigint)) AS version,
               least(min(lower(during)) FILTER (WHERE lower(during) > instant),
                     min(upper(during)) FILTER (WHERE upper(during) > instant)) AS next
        FROM people.assignment a WHERE a.territory_id = territory) a,
       (SELECT bit_xor(hash_record_extended(ROW(-p.id), p.xmin::text::bigint)) AS version
        FROM people.person p WHERE p.territory_id = territory) p,
       (SELECT bit_xor(hash_record_extended(ROW(l.id, 'leave'::text), l.xmin::text::bigint)) AS version,
               least(min(lower(during)) FILTER (WHERE lower(during) > instant),
                     min(upper(during)) FILTER (WHERE upper(during) > instant)) AS next
        FROM people.leave l WHERE l.territory_id = territory) l,
       (SELECT bit_xor(hash_record_extended(ROW(m.id, 'administration'::text), m.xmin::text::bigint)) AS version,
               least(min(lower(during)) FILTER (WHERE lower(during) > instant),
                     min(upper(during)) FILTER (WHERE upper(during) > instant)) AS next
        FROM people.administration m WHERE m.territory_id = territory) m
$$;

CREATE FUNCTION people.follow_texts(territory integer, persons bigint[], instant timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    SET enable_nestloop TO 'off'
    SET jit TO 'off'
    AS $$
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

CREATE FUNCTION people.instead(territory integer, person bigint, cell bigint, instant timestamp with time zone) RETURNS TABLE(person_id bigint, name text, post text, phone_masked text, unit text)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT q.person_id, q.name, q.post, q.phone_masked, q.unit
  FROM people.leave l
  LEFT JOIN people.leave_cell c ON c.territory_id = territory AND c.leave_id = l.id AND c.cell_id = instead.cell
  JOIN people.person_version q ON q.territory_id = territory AND q.person_id = coalesce(c.stand_in, l.stand_in) AND q.during @> instant
  WHERE l.territory_id = territory AND l.person_id = person AND l.during @> instant
$$;

CREATE FUNCTION people.keep_administration() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
  seen bigint;
BEGIN
  IF (TG_OP = 'INSERT' AND lower(NEW.during) < now())
     OR (TG_OP = 'UPDATE' AND (lower(NEW.during) <> lower(OLD.during) OR coalesce(upper(NEW.during) < now(), false) OR coalesce(upper(OLD.during) < now(), false)))
     OR (TG_OP = 'DELETE' AND lower(OLD.during) <= now()) THEN
    RAISE EXCEPTION 'who administers a cell changes from now on, not before'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'administration_from_now_on';
  END IF;
  IF TG_OP = 'INSERT' THEN
    -- one at a time, so that two can't close a ring
    PERFORM pg_advisory_xact_lock(hashtext('people administration'), NEW.territory_id);
    WITH RECURSIVE up AS (
      SELECT NEW.by_cell AS cell
      UNION
      SELECT n.above FROM up CROSS JOIN LATERAL (
        SELECT v.parent_id AS above FROM cells.version v
        WHERE v.territory_id = NEW.territory_id AND v.cell_id = up.cell
          AND v.from_edition = (SELECT max(l.from_edition) FROM cells.version l WHERE l.territory_id = NEW.territory_id AND l.cell_id = up.cell)
        UNION ALL
        SELECT a.by_cell FROM people.administration a WHERE a.territory_id = NEW.territory_id AND a.cell_id = up.cell AND a.during && NEW.during
      ) n WHERE n.above IS NOT NULL
    )
    SELECT cell INTO seen FROM up WHERE cell = NEW.cell_id;
    IF seen IS NOT NULL THEN
      RAISE EXCEPTION 'cell % would administer itself', NEW.cell_id
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'administration_no_ring';
    END IF;
  END IF;
  RETURN coalesce(NEW, OLD);
END $$;

CREATE FUNCTION people.keep_answer() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  IF OLD.answered_at IS NOT NULL THEN
    RAISE EXCEPTION 'question % is answered', OLD.id USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'question_answered_once';
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION people.keep_confirmed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  IF OLD.confirmed_at IS NOT NULL THEN
    RAISE EXCEPTION 'what becomes of person % is confirmed', OLD.person_id USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'displaced_confirmed_once';
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION people.keep_contacts(territory integer, of_batch bigint) RETURNS SETOF bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
  IF NOT (access.may('people.edit') AND access.governs(territory)) THEN
    RAISE EXCEPTION 'this principal may not change telephone numbers' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN QUERY
    WITH incoming AS (
      SELECT DISTINCT ON (p.id) p.id, btrim(i.phone) AS phone
      FROM people.intake_person i
      JOIN people.person p ON p.territory_id = territory AND p.staff_no = btrim(i.staff_no)
      WHERE i.territory_id = territory AND i.batch = of_batch AND btrim(i.phone) <> ''
      ORDER BY p.id, i.row
    ), noted AS (
      INSERT INTO people.contact_before AS n (territory_id, batch, person_id, phone)
      SELECT territory, of_batch, i.id, c.phone
      FROM incoming i LEFT JOIN people.contact c ON c.territory_id = territory AND c.person_id = i.id
      WHERE c.phone IS DISTINCT FROM i.phone
      ON CONFLICT DO NOTHING
    )
    INSERT INTO people.contact AS c (territory_id, person_id, phone)
    SELECT territory, i.id, i.phone FROM incoming i
    ON CONFLICT (territory_id, person_id) DO UPDATE SET phone = EXCLUDED.phone WHERE c.phone <> EXCLUDED.phone
    RETURNING c.person_id;
END $$;

CREATE FUNCTION people.keep_leave() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  IF (TG_OP = 'INSERT' AND lower(NEW.during) < now())
     OR (TG_OP = 'UPDATE' AND (lower(NEW.during) <> lower(OLD.during) OR coalesce(upper(NEW.during) < now(), false) OR coalesce(upper(OLD.during) < now(), false)))
     OR (TG_OP = 'DELETE' AND lower(OLD.during) <= now()) THEN
    RAISE EXCEPTION 'a leave changes from now on, not before'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'leave_from_now_on';
  END IF;
  RETURN coalesce(NEW, OLD);
END $$;

CREATE FUNCTION people.keep_past() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
  instant timestamptz := greatest(people.recording(), OLD.recorded_at);
BEGIN
  IF TG_OP = 'UPDATE' AND OLD IS NOT DISTINCT FROM NEW THEN
    RETURN NEW;
  END IF;
  IF instant > OLD.recorded_at THEN
    INSERT INTO people.assignment_past (territory_id, assignment_id, known, assignment)
      VALUES (OLD.territory_id, OLD.id, tstzrange(OLD.recorded_at, instant), to_jsonb(OLD));
  END IF;
  IF TG_OP = 'DELETE' THEN
    RETURN OLD;
  END IF;
  NEW.recorded_at := instant;
  RETURN NEW;
END $$;

CREATE FUNCTION people.keep_posts() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION people.keep_units() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION people.keep_versions() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
DECLARE
  who text := coalesce(nullif(current_setting('unigrid.name', true), ''), session_user);
  instant timestamptz := clock_timestamp();
BEGIN
  IF TG_OP = 'DELETE' THEN
    EXECUTE $sql$ UPDATE people.person_version v SET during = tstzrange(lower(v.during), $1)
      FROM before b WHERE v.territory_id = b.territory_id AND v.person_id = b.id AND upper_inf(v.during) $sql$ USING instant;
    RETURN NULL;
  END IF;
  IF TG_OP = 'INSERT' THEN
    INSERT INTO people.identity (territory_id, id) SELECT territory_id, id FROM after ON CONFLICT DO NOTHING;
    -- what is known first holds since ever
    INSERT INTO people.person_version (territory_id, person_id, during, staff_no, name, unit, post, phone_masked, recorded_by, batch)
      SELECT a.territory_id, a.id, tstzrange(coalesce(CASE WHEN v.ended IS NOT NULL THEN a.changed_at END, '-infinity'), NULL),
             a.staff_no, a.name, a.unit, a.post, a.phone_masked, who, a.batch
      FROM after a LEFT JOIN LATERAL (
        SELECT max(upper(v.during)) AS ended FROM people.person_version v WHERE v.territory_id = a.territory_id AND v.person_id = a.id
      ) v ON true;
    RETURN NULL;
  END IF;
  EXECUTE $sql$ UPDATE people.person_version v SET during = tstzrange(lower(v.during), a.changed_at)
    FROM after a JOIN before b ON b.territory_id = a.territory_id AND b.id = a.id AND b.changed_at < a.changed_at
    WHERE v.territory_id = a.territory_id AND v.person_id = a.id AND upper_inf(v.during) $sql$;
  EXECUTE $sql$ INSERT INTO people.person_version (territory_id, person_id, during, staff_no, name, unit, post, phone_masked, recorded_by, batch)
    SELECT a.territory_id, a.id, tstzrange(a.changed_at, NULL), a.staff_no, a.name, a.unit, a.post, a.phone_masked, $1, a.batch
    FROM after a JOIN before b ON b.territory_id = a.territory_id AND b.id = a.id AND b.changed_at < a.changed_at $sql$ USING who;
  RETURN NULL;
END $_$;

CREATE FUNCTION people.layers_supported(territory integer, person bigint) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT string_agg(m.layer, '、' ORDER BY m.layer) FROM people.person_layer m WHERE m.territory_id = territory AND m.person_id = person AND NOT m.home
$$;

CREATE FUNCTION people.leads(territory integer, cells bigint[], instants timestamp with time zone[]) RETURNS TABLE(n bigint, layer text, person_id bigint, name text, post text)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT DISTINCT ON (g.n, a.layer) g.n, a.layer, a.person_id, p.name, coalesce(nullif(a.post, ''), p.post)
  FROM unnest(cells, instants) WITH ORDINALITY AS g (cell, instant, n)
  JOIN people.assignment a ON a.territory_id = territory AND a.cell_id = g.cell AND a.during @> g.instant AND a.role = 'lead'
  CROSS JOIN LATERAL (SELECT * FROM people.person_version p WHERE p.territory_id = territory AND p.person_id = a.person_id AND p.during @> g.instant OFFSET 0) p
  ORDER BY g.n, a.layer, a.rank, a.id
$$;

CREATE FUNCTION people.masked(phone text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
  WITH letter AS (
    SELECT c, n, c ~ '[0-9]' AS digit,
           count(*) FILTER (WHERE c ~ '[0-9]') OVER (ORDER BY n) AS nth,
           count(*) FILTER (WHERE c ~ '[0-9]') OVER () AS digits
    FROM regexp_split_to_table(translate(btrim(phone), '０１２３４５６７８９－', '0123456789-'), '') WITH ORDINALITY AS t (c, n)
  )
  SELECT CASE
    WHEN btrim(phone) = '' THEN ''
    WHEN max(digits) < 11 THEN '****'
    ELSE string_agg(CASE WHEN digit AND (nth <= 3 OR nth > digits - 4) THEN c
                         WHEN digit OR c !~ '[-+() /,;]' THEN '*' ELSE c END, '' ORDER BY n)
  END FROM letter
$$;

CREATE FUNCTION people.meant(territory integer, of_batch bigint) RETURNS TABLE("row" integer, meant text, person_id bigint, staff_no text, same text, candidates jsonb)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET enable_nestloop TO 'off'
    SET jit TO 'off'
    AS $$
BEGIN
  IF NOT (access.may('people.edit') AND access.governs(territory)) THEN
    RAISE EXCEPTION 'this principal may not compare telephone numbers' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN QUERY
  WITH incoming AS MATERIALIZED (
    SELECT i."row", coalesce(btrim(i.staff_no, E' \t\u3000'), '') AS staff_no, cells.plain_name(i.name) AS name, cells.plain_name(i.unit) AS unit,
           people.digits(i.phone) AS phone, coalesce(btrim(i.choice), '') AS choice, i.sent
    FROM people.intake_person i WHERE i.territory_id = territory AND i.batch = of_batch
  ), homonym AS MATERIALIZED (
    SELECT i."row", p.id, p.staff_no, p.name, concat_ws(' ', nullif(p.unit, ''), nullif(p.post, '')) AS place,
           i.phone <> '' AND cells.plain_name(p.unit) = i.unit AND people.digits(k.phone) = i.phone AS by_telephone,
           i.sent IS NOT NULL AND s.sent = i.sent AND (i.phone = '' OR k.phone IS NULL OR people.digits(k.phone) = i.phone) AS by_sent
    FROM incoming i
    JOIN people.person p ON p.territory_id = territory AND cells.plain_name(p.name) = i.name
    LEFT JOIN people.contact k ON k.territory_id = territory AND k.person_id = p.id
    LEFT JOIN people.sent s ON s.territory_id = territory AND s.person_id = p.id AND s.batch = p.batch
    WHERE NOT EXISTS (SELECT FROM people.person q WHERE q.territory_id = territory AND q.staff_no = i.staff_no)
  ), judged AS (
    SELECT i.*, coalesce(n.id, c.id) AS named, h.telephones, h.telephone, h.sents, h.by_sent, h.list,
           CASE WHEN n.id IS NOT NULL THEN 'known'
                WHEN i.choice = 'new' THEN 'new'
                WHEN i.choice <> '' THEN CASE WHEN c.id IS NULL THEN 'unknown' ELSE 'known' END
                WHEN i.staff_no <> '' THEN CASE WHEN h.telephones > 0 THEN 'question' ELSE 'new' END
                WHEN h.telephones = 1 OR (h.telephones = 0 AND h.sents = 1) THEN 'known'
                WHEN h.list IS NOT NULL THEN 'question'
                ELSE 'new' END AS means
    FROM incoming i
    LEFT JOIN people.person n ON n.territory_id = territory AND n.staff_no = i.staff_no
    LEFT JOIN people.person c ON c.territory_id = territory AND c.staff_no = i.choice
    LEFT JOIN (
      SELECT m."row", count(*) FILTER (WHERE m.by_telephone) AS telephones, min(m.id) FILTER (WHERE m.by_telephone) AS telephone,
             count(*) FILTER (WHERE m.by_sent) AS sents, min(m.id) FILTER (WHERE m.by_sent) AS by_sent,
             jsonb_agg(jsonb_build_object('code', m.staff_no, 'name', m.name, 'path', m.place) ORDER BY m.staff_no) AS list
      FROM homonym m GROUP BY m."row"
    ) h ON h."row" = i."row"
  ), settled AS (
    SELECT j.*, CASE WHEN j.means = 'known' THEN coalesce(j.named, j.telephone, j.by_sent)
                     WHEN j.means = 'new' AND j.staff_no = '' THEN nextval('people.person_id_seq') END AS id
    FROM judged j
  )
  SELECT s."row", s.means, CASE WHEN s.means = 'known' THEN s.id END,
         CASE WHEN s.means = 'known' THEN p.staff_no
              WHEN s.staff_no <> '' THEN s.staff_no
              WHEN s.id IS NULL THEN ''
              WHEN EXISTS (SELECT FROM people.person_version q WHERE q.territory_id = territory AND q.staff_no = 'P' || lpad(s.id::text, 6, '0'))
              THEN 'P' || lpad(s.id::text, 6, '0') || '-' || s.id
              ELSE 'P' || lpad(s.id::text, 6, '0') END,
         -- what rows that mean one person share
         CASE WHEN s.means = 'known' THEN 'known ' || s.id
              WHEN s.means = 'new' AND s.staff_no <> '' THEN 'given ' || s.staff_no
              WHEN s.means = 'new' AND s.choice = '' THEN 'new ' || encode(sha256(convert_to(concat_ws(E'\t', s.name, s.unit, s.phone), 'UTF8')), 'hex') END,
         CASE WHEN s.means = 'question' THEN s.list END
  FROM settled s LEFT JOIN people.person p ON p.territory_id = territory AND p.id = s.id AND s.means = 'known';
END $$;

CREATE FUNCTION people.names_stand_ins() RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT coalesce(current_setting('unigrid.role', true), '') <> 'public'
$$;

CREATE FUNCTION people.next_version() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  NEW.version := OLD.version + 1;
  RETURN NEW;
END $$;

CREATE FUNCTION people.open_work(territory integer, edition integer, instant timestamp with time zone, cell bigint) RETURNS jsonb
    LANGUAGE sql STABLE
    AS $$
  WITH below AS MATERIALIZED (
    SELECT d.uid, v.code, v.name FROM cells.descendants(territory, ARRAY[cell], ARRAY[edition]) d
    JOIN cells.version v ON v.territory_id = territory AND v.cell_id = d.uid
      AND v.from_edition <= edition AND (v.to_edition IS NULL OR v.to_edition > edition)
  ), item AS (
    (SELECT 1 AS part, b.code, jsonb_build_object('kind', 'conflict', 'what', c.kind, 'id', c.id, 'layer', c.layer, 'blocking', c.blocking,
              'cell', b.code, 'cell_name', b.name) AS item
     FROM merge.conflict c JOIN below b ON b.uid = c.cell_id
     WHERE c.territory_id = territory AND c.run_id = merge.latest(territory, 2147483647) AND c.state <> 'settled' ORDER BY b.code, c.id LIMIT 500)
    UNION ALL
    (SELECT 2, lpad(s.step::text, 9, '0'), jsonb_build_object('kind', 'draft-step', 'what', s.kind, 'id', s.step, 'at', s.at, 'by', s.by)
     FROM editions.edition e JOIN cells.step s ON s.territory_id = territory AND s.edition = e.seq AND NOT s.undone
     WHERE e.territory_id = territory AND e.state <> 'published'
       AND EXISTS (SELECT FROM cells.journal j JOIN below b ON b.uid = j.cell_id WHERE j.territory_id = territory AND j.edition = e.seq AND j.step = s.step)
     ORDER BY s.step DESC LIMIT 500)
    UNION ALL
    (SELECT 3, b.code, jsonb_build_object('kind', 'vacancy', 'what', 'accountable', 'cell', b.code, 'cell_name', b.name)
     FROM below b WHERE b.uid <> cell AND NOT EXISTS (SELECT FROM people.assignment a
       WHERE a.territory_id = territory AND a.cell_id = b.uid AND a.role = 'accountable' AND a.during @> instant) ORDER BY b.code LIMIT 500)
    UNION ALL
    (SELECT 4, b.code, jsonb_build_object('kind', 'planned', 'what', a.role, 'id', a.id, 'at', lower(a.during), 'cell', b.code, 'cell_name', b.name)
     FROM below b JOIN people.assignment a ON a.territory_id = territory AND a.cell_id = b.uid AND lower(a.during) > instant ORDER BY lower(a.during), b.code LIMIT 500)
    UNION ALL
    SELECT 5, n.kind, jsonb_build_object('kind', 'objects', 'what', objects.collection(n.kind), 'count', n.objects)
    FROM objects.inside(territory, edition, instant, ARRAY[cell]) n
  )
  SELECT coalesce(jsonb_agg(item ORDER BY part, code), '[]') FROM item
$$;

CREATE FUNCTION people.posts_said(said text) RETURNS TABLE("position" integer, unit text, title text)
    LANGUAGE sql IMMUTABLE STRICT ROWS 1 PARALLEL SAFE
    AS $$
  SELECT row_number() OVER (ORDER BY min(n))::int, unit, title
  FROM (SELECT n, btrim(coalesce(substring(part FROM '^([^:\uff1a]+)[:\uff1a].'), ''), E' \t\u3000>') AS unit,
               btrim(regexp_replace(regexp_replace(part, '^[^:\uff1a]*[:\uff1a]', ''), '[:\uff1a]+', ' ', 'g'), E' \t\u3000') AS title
        FROM regexp_split_to_table(said, E'[、，；;\n\r]+(?![^(（]*[)）])') WITH ORDINALITY AS p (part, n)) s
  WHERE title <> '' GROUP BY unit, title
$$;

CREATE FUNCTION people.posts_since(territory integer, person bigint, instant timestamp with time zone) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT CASE WHEN bool_or(NOT lower_inf(q.during)) THEN string_agg(CASE
    WHEN lower_inf(q.during) THEN '-'
    WHEN lower(q.during) = date_trunc('day', lower(q.during), 'UTC') THEN to_char(lower(q.during) AT TIME ZONE 'UTC', 'YYYY-MM-DD')
    ELSE rtrim(to_char(lower(q.during) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '0') || 'Z' END, '、' ORDER BY q.position) END
  FROM people.person_post q WHERE q.territory_id = territory AND q.person_id = person AND q.during @> instant
$$;

CREATE FUNCTION people.reached(territory integer, person bigint) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT access.governs(territory) AND (access.unbounded() OR NOT (EXISTS (
    SELECT FROM people.person p JOIN people.unit u ON u.territory_id = territory AND u.id = p.unit_id
    WHERE p.territory_id = territory AND p.id = person AND NOT people.unit_reached(territory, u.division)
  ) OR EXISTS (
    SELECT FROM people.assignment a
    WHERE a.territory_id = territory AND a.person_id = person AND a.during && tstzrange(now(), NULL)
      AND NOT (cells.reached(territory, a.cell_id) AND access.layer(a.layer)))))
$$;

CREATE FUNCTION people.recording() RETURNS timestamp with time zone
    LANGUAGE sql
    AS $$
  SELECT coalesce(nullif(current_setting('unigrid.recording', true), '')::timestamptz, clock_timestamp())
$$;

CREATE FUNCTION people.restore_contacts(territory integer, of_batch bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
  IF NOT (access.may('people.edit') AND access.governs(territory)) THEN
    RAISE EXCEPTION 'this principal may not change telephone numbers' USING ERRCODE = 'insufficient_privilege';
  END IF;
  DELETE FROM people.contact c USING people.contact_before b
    WHERE b.territory_id = territory AND b.batch = of_batch AND b.phone IS NULL AND c.territory_id = territory AND c.person_id = b.person_id;
  UPDATE people.contact c SET phone = b.phone FROM people.contact_before b
    WHERE b.territory_id = territory AND b.batch = of_batch AND b.phone IS NOT NULL AND c.territory_id = territory AND c.person_id = b.person_id;
  DELETE FROM people.contact_before b WHERE b.territory_id = territory AND b.batch = of_batch;
END $$;

CREATE FUNCTION people.root_hole(territory integer) RETURNS timestamp with time zone
    LANGUAGE sql
    AS $$
  WITH force AS (
    SELECT seq, tstzrange(effective, lead(effective) OVER (ORDER BY effective, seq)) AS period
    FROM editions.edition WHERE territory_id = territory AND state = 'published'
  )
  SELECT min(lower(hole))
  FROM force f
  JOIN cells.version v ON v.territory_id = territory AND v.tier = 1
    AND v.from_edition <= f.seq AND (v.to_edition IS NULL OR v.to_edition > f.seq)
  CROSS JOIN LATERAL unnest(tstzmultirange(f.period) - coalesce(
    (SELECT range_agg(a.during) FROM people.assignment a
     WHERE a.territory_id = territory AND a.cell_id = v.cell_id AND a.role = 'accountable'), '{}')) AS hole
  WHERE NOT isempty(f.period)
$$;

CREATE FUNCTION people.set_phones(territory integer, persons bigint[], phones text[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
  IF NOT (access.may('people.edit') AND access.governs(territory)) OR EXISTS (SELECT FROM unnest(persons) AS one WHERE NOT people.reached(territory, one)) THEN
    RAISE EXCEPTION 'this principal may not change telephone numbers' USING ERRCODE = 'insufficient_privilege';
  END IF;
  DELETE FROM people.contact c USING unnest(persons, phones) AS n (id, phone)
    WHERE c.territory_id = territory AND c.person_id = n.id AND n.phone = '';
  INSERT INTO people.contact (territory_id, person_id, phone)
    SELECT territory, n.id, n.phone FROM unnest(persons, phones) AS n (id, phone) WHERE n.phone <> ''
    ON CONFLICT (territory_id, person_id) DO UPDATE SET phone = EXCLUDED.phone;
  UPDATE people.person p SET phone_masked = people.masked(n.phone) FROM unnest(persons, phones) AS n (id, phone)
    WHERE p.territory_id = territory AND p.id = n.id AND p.phone_masked <> people.masked(n.phone);
END $$;

CREATE FUNCTION people.spell(territory integer, persons bigint[], instant timestamp with time zone) RETURNS void
    LANGUAGE sql
    AS $$
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

CREATE FUNCTION people.superiors(territory integer, cells bigint[], editions integer[], instants timestamp with time zone[]) RETURNS TABLE(n bigint, uid bigint, steps integer)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  WITH RECURSIVE up AS (
    SELECT g.n, g.cell, g.edition, g.instant, 0 AS steps
    FROM unnest(cells, editions, instants) WITH ORDINALITY AS g (cell, edition, instant, n)
    UNION ALL
    SELECT up.n, a.above, up.edition, up.instant, up.steps + 1
    FROM up JOIN cells.version v ON v.territory_id = territory AND v.cell_id = up.cell
      AND v.from_edition <= up.edition AND (v.to_edition IS NULL OR v.to_edition > up.edition)
    CROSS JOIN LATERAL (
      SELECT coalesce((
        SELECT m.by_cell FROM people.administration m
        WHERE m.territory_id = territory AND m.cell_id = up.cell AND m.during @> up.instant
          AND EXISTS (SELECT FROM cells.version b WHERE b.territory_id = territory AND b.cell_id = m.by_cell
            AND b.from_edition <= up.edition AND (b.to_edition IS NULL OR b.to_edition > up.edition))
      ), v.parent_id) AS above
    ) a
    WHERE a.above IS NOT NULL AND up.steps < 30
  )
  SELECT up.n, up.cell, up.steps FROM up
$$;

CREATE FUNCTION people.unit_reached(territory integer, division text) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT CASE WHEN access.bound() THEN division <> '' AND access.within(territory, division) ELSE access.governs(territory) END
$$;

CREATE FUNCTION people.unit_said(said text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
  SELECT btrim(regexp_replace(said, '[:\uff1a、]+', ' ', 'g'), E' \t\u3000>')
$$;

CREATE FUNCTION people.vacancies(territory integer, edition integer, instant timestamp with time zone) RETURNS TABLE(cell_id bigint, code text, name text, tier smallint, since timestamp with time zone, last_person bigint, stand_in bigint, holds bigint, up integer, far boolean, next_person bigint, next_from timestamp with time zone)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT v.cell_id, v.code, v.name, v.tier, coalesce(past.ended, begun.effective), past.person_id, a.person_id, a.holds, v.tier - h.tier,
         coalesce(v.tier - h.tier >= 2, true), coming.person_id, coming.begins
  FROM people.accountables(territory, edition, instant) a
  JOIN cells.version v ON v.territory_id = territory AND v.cell_id = a.cell_id AND v.from_edition <= edition AND (v.to_edition IS NULL OR v.to_edition > edition)
  LEFT JOIN cells.version h ON h.territory_id = territory AND h.cell_id = a.holds AND h.from_edition <= edition AND (h.to_edition IS NULL OR h.to_edition > edition)
  LEFT JOIN LATERAL (
    SELECT s.person_id, upper(s.during) AS ended FROM people.assignment s
    WHERE s.territory_id = territory AND s.cell_id = a.cell_id AND s.role = 'accountable' AND upper(s.during) <= instant ORDER BY upper(s.during) DESC LIMIT 1
  ) past ON true
  LEFT JOIN LATERAL (
    SELECT s.person_id, lower(s.during) AS begins FROM people.assignment s
    WHERE s.territory_id = territory AND s.cell_id = a.cell_id AND s.role = 'accountable' AND lower(s.during) > instant ORDER BY lower(s.during) LIMIT 1
  ) coming ON true
  LEFT JOIN LATERAL (
    SELECT min(e.effective) AS effective FROM cells.version f JOIN editions.edition e ON e.territory_id = territory AND e.seq = f.from_edition
    WHERE f.territory_id = territory AND f.cell_id = a.cell_id
  ) begun ON true
  WHERE a.acting OR a.person_id IS NULL
$$;

CREATE FUNCTION people.vacant_name() RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT '空缺(由上级网格代管)' $$;

CREATE FUNCTION staging.forget_rows() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog'
    AS $$
BEGIN
  DELETE FROM staging.row WHERE territory_id = OLD.territory_id AND batch = OLD.id;
  RETURN NULL;
END $$;

CREATE FUNCTION staging.lonlat(g public.geometry) RETURNS public.geometry
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
BEGIN
  IF ST_SRID(g) = 0 THEN RETURN NULL; END IF;
  RETURN ST_Transform(g, 4326);
EXCEPTION WHEN internal_error OR data_exception THEN RETURN NULL;
END $$;

CREATE FUNCTION staging.refresh_statistics() RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
  ANALYZE staging.row (territory_id, batch, row)
$$;

CREATE FUNCTION workdays.after(territory integer, start date, working_days integer) RETURNS date
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT d.day FROM (
    SELECT g::date AS day FROM generate_series(start + 1, start + 800, interval '1 day') AS g
  ) d
  LEFT JOIN workdays.exceptions(territory, start + 1, start + 800) e ON e.day = d.day
  WHERE coalesce(e.works, extract(isodow FROM d.day) < 6)
  ORDER BY d.day OFFSET working_days - 1 LIMIT 1
$$;

CREATE FUNCTION workdays.exceptions(territory integer, first date, last date) RETURNS TABLE(day date, works boolean, name text, own boolean)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT coalesce(o.day, u.day), coalesce(o.works, u.works), coalesce(o.name, u.name), o.day IS NOT NULL
  FROM (SELECT * FROM workdays.own WHERE territory_id = territory AND own.day BETWEEN first AND last) o
  FULL JOIN (SELECT * FROM workdays.usual WHERE usual.day BETWEEN first AND last) u ON u.day = o.day
$$;

CREATE FUNCTION workdays.known(territory integer, first date, last date) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT NOT EXISTS (
    SELECT FROM generate_series(extract(year FROM first + 1)::int, extract(year FROM last)::int) AS year
    WHERE NOT EXISTS (SELECT FROM workdays.exceptions(territory, make_date(year, 1, 1), make_date(year, 12, 31))))
$$;

CREATE AGGREGATE audit.chained(first bytea, content bytea) (
    SFUNC = audit.link,
    STYPE = bytea
);

CREATE TABLE access.account (
    id bigint NOT NULL,
    territory_id integer,
    name text NOT NULL,
    label text DEFAULT ''::text NOT NULL,
    kind text NOT NULL,
    email text,
    disabled boolean DEFAULT false NOT NULL,
    person_territory integer,
    person_id bigint,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    created_by text DEFAULT COALESCE(NULLIF(current_setting('unigrid.name'::text, true), ''::text), (SESSION_USER)::text) NOT NULL,
    CONSTRAINT account_email_check CHECK ((email = lower(email))),
    CONSTRAINT account_kind_check CHECK ((kind = ANY (ARRAY['person'::text, 'service'::text, 'oidc'::text]))),
    CONSTRAINT account_name_plain CHECK ((((length(name) >= 2) AND (length(name) <= 64)) AND (name !~ '[A-Z[:space:][:cntrl:]]'::text)))
);

ALTER TABLE access.account ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME access.account_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE access.attempt (
    who bytea NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    last timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    locked_until timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL
);

CREATE TABLE access.grant_ (
    id bigint NOT NULL,
    account bigint NOT NULL,
    territory_id integer,
    role text NOT NULL,
    within text[] DEFAULT '{}'::text[] NOT NULL,
    layers text[] DEFAULT '{}'::text[] NOT NULL,
    given_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    given_by text DEFAULT ''::text NOT NULL,
    CONSTRAINT grant__role_check CHECK ((role = ANY (ARRAY['agency'::text, 'officer'::text, 'department'::text, 'gis'::text, 'planner'::text, 'admin'::text, 'security'::text, 'auditor'::text]))),
    CONSTRAINT grant_bounds CHECK ((((within = '{}'::text[]) AND (layers = '{}'::text[])) OR ((role <> ALL (ARRAY['admin'::text, 'security'::text, 'auditor'::text])) AND (territory_id IS NOT NULL))))
);

ALTER TABLE access.grant_ ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME access.grant__id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE access.key (
    id bigint NOT NULL,
    prefix text NOT NULL,
    secret bytea NOT NULL,
    account bigint NOT NULL,
    label text NOT NULL,
    actions text[] DEFAULT '{}'::text[] NOT NULL,
    collections text[] DEFAULT '{}'::text[] NOT NULL,
    layers text[] DEFAULT '{}'::text[] NOT NULL,
    per_minute integer DEFAULT 600 NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    created_by text DEFAULT COALESCE(NULLIF(current_setting('unigrid.name'::text, true), ''::text), (SESSION_USER)::text) NOT NULL,
    revoked_at timestamp with time zone,
    CONSTRAINT key_per_minute_check CHECK (((per_minute >= 1) AND (per_minute <= 1000000))),
    CONSTRAINT key_prefix_check CHECK ((prefix ~ '^[a-z2-7]{8}$'::text))
);

ALTER TABLE access.key ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME access.key_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE access.opened (
    territory_id integer NOT NULL,
    collection text NOT NULL,
    precision_m integer DEFAULT 50 NOT NULL,
    approval_no text DEFAULT ''::text NOT NULL,
    opened_by text NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT opened_collection_check CHECK ((collection <> ''::text)),
    CONSTRAINT opened_precision_m_check CHECK (((precision_m >= 10) AND (precision_m <= 10000)))
);

CREATE TABLE access.policy (
    action text NOT NULL,
    role text NOT NULL
);

CREATE TABLE access.secret (
    account bigint NOT NULL,
    password text,
    password_changed timestamp with time zone,
    must_change boolean DEFAULT false NOT NULL,
    totp text,
    totp_confirmed timestamp with time zone,
    totp_step bigint DEFAULT 0 NOT NULL,
    oidc_issuer text,
    oidc_subject text,
    recovery bytea[] DEFAULT '{}'::bytea[] NOT NULL,
    CONSTRAINT secret_password_check CHECK ((password ~~ '$argon2id$%'::text))
);

CREATE TABLE access.session (
    id bigint NOT NULL,
    token bytea NOT NULL,
    account bigint NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    seen_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    address text DEFAULT ''::text NOT NULL,
    agent text DEFAULT ''::text NOT NULL,
    revoked_at timestamp with time zone,
    revoked_by text
);

ALTER TABLE access.session ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME access.session_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE audit.head (
    territory_id integer NOT NULL,
    seq bigint DEFAULT 0 NOT NULL,
    hash bytea DEFAULT '\x'::bytea NOT NULL
);

CREATE UNLOGGED TABLE audit.pending (
    territory_id integer NOT NULL,
    seq bigint,
    at timestamp with time zone NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    account bigint,
    origin text NOT NULL,
    noun text NOT NULL,
    op text NOT NULL,
    key text NOT NULL,
    label text NOT NULL,
    person_id bigint,
    rows integer NOT NULL,
    before jsonb,
    after jsonb,
    person_key bigint,
    sealed bytea,
    hash bytea,
    xact xid8 DEFAULT pg_current_xact_id() NOT NULL,
    n bigint NOT NULL
);

ALTER TABLE audit.pending ALTER COLUMN n ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME audit.pending_n_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE audit.person_key (
    id bigint NOT NULL,
    territory_id integer NOT NULL,
    person_id bigint NOT NULL,
    key bytea,
    destroyed_at timestamp with time zone,
    CONSTRAINT person_key_check CHECK (((key IS NULL) = (destroyed_at IS NOT NULL)))
);

ALTER TABLE audit.person_key ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME audit.person_key_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE UNLOGGED TABLE audit.turn (
    xact xid8 DEFAULT pg_current_xact_id() NOT NULL,
    turn integer NOT NULL
);

CREATE SEQUENCE cells.batch
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE cells.cell (
    territory_id integer NOT NULL,
    id bigint NOT NULL
);

ALTER TABLE cells.cell ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME cells.cell_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE cells.display (
    territory_id integer NOT NULL,
    edition integer NOT NULL,
    band smallint NOT NULL,
    cell_id bigint NOT NULL,
    tier smallint NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    provenance text NOT NULL,
    geom public.geometry(MultiPolygon,3857) NOT NULL,
    label public.geometry(Point,3857) NOT NULL,
    CONSTRAINT display_band_check CHECK (((band >= 0) AND (band <= 2)))
);

CREATE TABLE cells.generalised (
    territory_id integer NOT NULL,
    edition integer NOT NULL,
    cell_id bigint NOT NULL,
    geom public.geometry(MultiPolygon,4326) NOT NULL
);

CREATE UNLOGGED TABLE cells.intake (
    territory_id integer NOT NULL,
    batch bigint NOT NULL,
    "row" integer NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    tier smallint NOT NULL,
    geom public.geometry(Geometry,4326),
    provenance text NOT NULL,
    sent jsonb,
    source_geom public.geometry,
    county_name text,
    town_name text,
    choice text
);
ALTER TABLE ONLY cells.intake ALTER COLUMN geom SET STORAGE EXTERNAL;
ALTER TABLE ONLY cells.intake ALTER COLUMN source_geom SET STORAGE EXTERNAL;

CREATE TABLE cells.journal (
    territory_id integer NOT NULL,
    edition integer NOT NULL,
    step integer NOT NULL,
    cell_id bigint NOT NULL,
    from_edition integer NOT NULL,
    before cells.version,
    ends integer,
    after cells.version,
    after_ends integer
);

CREATE TABLE cells.lineage (
    territory_id integer NOT NULL,
    edition integer NOT NULL,
    from_cell bigint NOT NULL,
    to_cell bigint NOT NULL,
    share double precision NOT NULL,
    CONSTRAINT lineage_share_check CHECK (((share > (0)::double precision) AND (share <= (1)::double precision)))
);

CREATE TABLE cells.sent (
    territory_id integer NOT NULL,
    cell_id bigint NOT NULL,
    batch bigint NOT NULL,
    sent jsonb,
    source_geom public.geometry
);
ALTER TABLE ONLY cells.sent ALTER COLUMN source_geom SET STORAGE EXTERNAL;

CREATE TABLE cells.step (
    territory_id integer NOT NULL,
    edition integer NOT NULL,
    step integer NOT NULL,
    kind text NOT NULL,
    params jsonb DEFAULT '{}'::jsonb NOT NULL,
    cells text[] DEFAULT '{}'::text[] NOT NULL,
    by text NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    undone boolean DEFAULT false NOT NULL,
    batch bigint DEFAULT (NULLIF(current_setting('unigrid.batch'::text, true), ''::text))::bigint,
    made int8multirange DEFAULT '{}'::int8multirange NOT NULL,
    CONSTRAINT step_kind_check CHECK ((kind <> ''::text)),
    CONSTRAINT step_step_check CHECK ((step > 0))
);

CREATE TABLE cells.territory (
    id integer NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    epsg integer NOT NULL,
    code_lengths integer[] NOT NULL,
    code_pad integer NOT NULL,
    demo boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    map_number text DEFAULT ''::text NOT NULL,
    CONSTRAINT territory_map_number_check CHECK ((length(map_number) <= 60))
);

ALTER TABLE cells.territory ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME cells.territory_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE cells.undone (
    territory_id integer NOT NULL,
    batch bigint NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    by text NOT NULL
);

CREATE UNLOGGED TABLE cells.unplaced (
    id bigint NOT NULL,
    territory_id integer NOT NULL,
    edition integer NOT NULL,
    cells bigint[] NOT NULL
);
ALTER TABLE ONLY cells.unplaced ALTER COLUMN cells SET STORAGE EXTERNAL;

ALTER TABLE cells.unplaced ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME cells.unplaced_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE circulation.answer (
    territory_id integer NOT NULL,
    id bigint NOT NULL,
    opinion_id bigint NOT NULL,
    outcome text NOT NULL,
    reason text NOT NULL,
    at timestamp with time zone NOT NULL,
    by text NOT NULL,
    CONSTRAINT answer_has_reason CHECK (((btrim(reason) <> ''::text) AND (length(reason) <= 4000))),
    CONSTRAINT answer_outcome_check CHECK ((outcome = ANY (ARRAY['adopted'::text, 'partly'::text, 'not'::text])))
);

ALTER TABLE circulation.answer ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME circulation.answer_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE circulation.concern (
    territory_id integer NOT NULL,
    round_id bigint NOT NULL,
    party_id integer NOT NULL,
    conflict bigint NOT NULL
);

CREATE TABLE circulation.item (
    territory_id integer NOT NULL,
    round_id bigint NOT NULL,
    conflict bigint NOT NULL,
    kind text NOT NULL,
    layer text,
    cell_id bigint,
    code text,
    name text,
    place public.geometry(Point,4326),
    area_m2 double precision NOT NULL,
    width_m double precision,
    pending boolean NOT NULL,
    severity text NOT NULL,
    blocking boolean NOT NULL,
    layer_cells text[] NOT NULL,
    proposal text NOT NULL,
    reason text NOT NULL,
    state text NOT NULL,
    resolution text,
    settled_reason jsonb
);

CREATE TABLE circulation.opinion (
    territory_id integer NOT NULL,
    id bigint NOT NULL,
    round_id bigint NOT NULL,
    party_id integer NOT NULL,
    conflict bigint NOT NULL,
    stance text NOT NULL,
    text text NOT NULL,
    at timestamp with time zone NOT NULL,
    by text NOT NULL,
    CONSTRAINT opinion_says_something CHECK (((stance = 'accept'::text) OR (btrim(text) <> ''::text))),
    CONSTRAINT opinion_stance_check CHECK ((stance = ANY (ARRAY['accept'::text, 'comment'::text]))),
    CONSTRAINT opinion_text_check CHECK ((length(text) <= 4000))
);

ALTER TABLE circulation.opinion ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME circulation.opinion_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE circulation.party (
    territory_id integer NOT NULL,
    round_id bigint NOT NULL,
    id integer NOT NULL,
    layer text,
    county text,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    CONSTRAINT party_check CHECK (((layer IS NULL) <> (county IS NULL)))
);

CREATE TABLE circulation.round (
    territory_id integer NOT NULL,
    id bigint NOT NULL,
    edition integer NOT NULL,
    draft_since timestamp with time zone NOT NULL,
    number integer NOT NULL,
    run_id bigint NOT NULL,
    step integer NOT NULL,
    working_days integer NOT NULL,
    silence text NOT NULL,
    note text NOT NULL,
    opened_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    opened_by text DEFAULT current_setting('unigrid.name'::text) NOT NULL,
    due_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    closed_by text,
    withdrawn text,
    calendar_known boolean,
    CONSTRAINT round_check CHECK ((due_at > opened_at)),
    CONSTRAINT round_check1 CHECK ((((closed_at IS NULL) = (closed_by IS NULL)) AND ((withdrawn IS NULL) OR (closed_at IS NOT NULL)))),
    CONSTRAINT round_note_check CHECK ((length(note) <= 2000)),
    CONSTRAINT round_number_check CHECK ((number > 0)),
    CONSTRAINT round_silence_check CHECK ((silence = ANY (ARRAY['overdue'::text, 'consent'::text]))),
    CONSTRAINT round_withdrawn_check CHECK (((btrim(withdrawn) <> ''::text) AND (length(withdrawn) <= 2000))),
    CONSTRAINT round_working_days_check CHECK (((working_days >= 1) AND (working_days <= 60)))
);

ALTER TABLE circulation.round ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME circulation.round_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE VIEW circulation.standing WITH (security_invoker='true') AS
 SELECT c.territory_id,
    c.round_id,
    c.party_id,
    c.conflict,
        CASE
            WHEN (o.stance = 'accept'::text) THEN 'accepted'::text
            WHEN (o.stance = 'comment'::text) THEN 'commented'::text
            WHEN (LEAST(r.closed_at, now()) < r.due_at) THEN 'pending'::text
            WHEN (r.silence = 'consent'::text) THEN 'consented'::text
            ELSE 'overdue'::text
        END AS state,
    o.id AS opinion,
    o.text,
    o.at,
    o.by,
    COALESCE((o.at > r.due_at), false) AS late,
    a.outcome,
    a.reason,
    a.at AS answered_at,
    a.by AS answered_by
   FROM (((circulation.concern c
     JOIN circulation.round r ON (((r.territory_id = c.territory_id) AND (r.id = c.round_id))))
     LEFT JOIN LATERAL ( SELECT o_1.territory_id,
            o_1.id,
            o_1.round_id,
            o_1.party_id,
            o_1.conflict,
            o_1.stance,
            o_1.text,
            o_1.at,
            o_1.by
           FROM circulation.opinion o_1
          WHERE ((o_1.territory_id = c.territory_id) AND (o_1.round_id = c.round_id) AND (o_1.party_id = c.party_id) AND (o_1.conflict = c.conflict))
          ORDER BY o_1.id DESC
         LIMIT 1) o ON (true))
     LEFT JOIN LATERAL ( SELECT a_1.territory_id,
            a_1.id,
            a_1.opinion_id,
            a_1.outcome,
            a_1.reason,
            a_1.at,
            a_1.by
           FROM circulation.answer a_1
          WHERE ((a_1.territory_id = o.territory_id) AND (a_1.opinion_id = o.id))
          ORDER BY a_1.id DESC
         LIMIT 1) a ON ((o.stance = 'comment'::text)));

CREATE TABLE drawing.draw (
    territory_id integer NOT NULL,
    id bigint NOT NULL,
    edition integer NOT NULL,
    parent_id bigint NOT NULL,
    method text NOT NULL,
    into_cells integer NOT NULL,
    seed bigint NOT NULL,
    quality jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    created_by text NOT NULL,
    options jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT draw_method_check CHECK ((method = ANY (ARRAY['nearest'::text, 'balanced'::text, 'split'::text])))
);

ALTER TABLE drawing.draw ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME drawing.draw_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE duty.hotline (
    territory_id integer NOT NULL,
    cell_id bigint NOT NULL,
    phone text NOT NULL,
    zh text DEFAULT ''::text NOT NULL,
    en text DEFAULT ''::text NOT NULL,
    changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    changed_by text NOT NULL,
    CONSTRAINT hotline_en_check CHECK ((length(en) <= 120)),
    CONSTRAINT hotline_public CHECK (duty.public_number(phone)),
    CONSTRAINT hotline_zh_check CHECK ((length(zh) <= 60))
);

CREATE TABLE duty.text (
    territory_id integer NOT NULL,
    layer text NOT NULL,
    zh text NOT NULL,
    en text NOT NULL,
    changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    changed_by text NOT NULL,
    CONSTRAINT text_en_check CHECK (((en <> ''::text) AND (length(en) <= 400))),
    CONSTRAINT text_zh_check CHECK (((zh <> ''::text) AND (length(zh) <= 200)))
);

CREATE TABLE duty.usual (
    layer text NOT NULL,
    zh text NOT NULL,
    en text NOT NULL,
    CONSTRAINT usual_en_check CHECK ((en <> ''::text)),
    CONSTRAINT usual_zh_check CHECK ((zh <> ''::text))
);

CREATE TABLE editions.accepted_vacancy (
    territory_id integer NOT NULL,
    edition integer NOT NULL,
    cell_id bigint NOT NULL,
    reason text NOT NULL,
    accepted_by text DEFAULT COALESCE(NULLIF(current_setting('unigrid.name'::text, true), ''::text), (SESSION_USER)::text) NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT accepted_vacancy_reason_check CHECK (((btrim(reason) <> ''::text) AND (length(reason) <= 500)))
);

CREATE VIEW editions.change WITH (security_invoker='true') AS
 WITH touched AS (
         SELECT n.territory_id,
            n.from_edition AS edition,
            n.cell_id,
            o.from_edition AS before,
            n.from_edition AS after
           FROM (cells.version n
             LEFT JOIN cells.version o ON (((o.territory_id = n.territory_id) AND (o.cell_id = n.cell_id) AND (o.to_edition = n.from_edition))))
        UNION ALL
         SELECT o.territory_id,
            o.to_edition,
            o.cell_id,
            o.from_edition,
            NULL::integer
           FROM cells.version o
          WHERE ((o.to_edition IS NOT NULL) AND (NOT (EXISTS ( SELECT
                   FROM cells.version n
                  WHERE ((n.territory_id = o.territory_id) AND (n.cell_id = o.cell_id) AND (n.from_edition = o.to_edition))))))
        )
 SELECT t.territory_id,
    t.edition,
    (row_number() OVER (PARTITION BY t.territory_id, t.edition ORDER BY (t.after IS NULL) DESC, COALESCE(a.tier, b.tier), COALESCE(a.code, b.code)))::integer AS seq,
    t.cell_id AS uid,
        CASE
            WHEN (t.before IS NULL) THEN 'created'::text
            WHEN (t.after IS NOT NULL) THEN 'changed'::text
            WHEN (next.n > 1) THEN 'split'::text
            WHEN ((next.n = 1) AND (next.sources > 1)) THEN 'merged'::text
            ELSE 'retired'::text
        END AS op,
        CASE
            WHEN (t.before IS NOT NULL) THEN editions.record(b.*)
            ELSE NULL::jsonb
        END AS before,
        CASE
            WHEN (t.after IS NOT NULL) THEN editions.record(a.*)
            ELSE NULL::jsonb
        END AS after,
    COALESCE(next.successors, '[]'::jsonb) AS successors
   FROM (((touched t
     LEFT JOIN cells.version a ON (((a.territory_id = t.territory_id) AND (a.cell_id = t.cell_id) AND (a.from_edition = t.after))))
     LEFT JOIN cells.version b ON (((b.territory_id = t.territory_id) AND (b.cell_id = t.cell_id) AND (b.from_edition = t.before))))
     LEFT JOIN LATERAL ( SELECT count(*) AS n,
            max(( SELECT count(*) AS count
                   FROM cells.lineage s
                  WHERE ((s.territory_id = l.territory_id) AND (s.edition = l.edition) AND (s.to_cell = l.to_cell)))) AS sources,
            jsonb_agg(jsonb_build_object('uid', l.to_cell, 'code', v.code, 'share', l.share) ORDER BY l.share DESC) AS successors
           FROM (cells.lineage l
             JOIN cells.version v ON (((v.territory_id = l.territory_id) AND (v.cell_id = l.to_cell) AND (v.from_edition = l.edition))))
          WHERE ((l.territory_id = t.territory_id) AND (l.edition = t.edition) AND (l.from_cell = t.cell_id))) next ON (true));

CREATE TABLE editions.decision (
    territory_id integer NOT NULL,
    edition integer NOT NULL,
    document_no text NOT NULL,
    issued_on date NOT NULL,
    recorded_by text DEFAULT COALESCE(NULLIF(current_setting('unigrid.name'::text, true), ''::text), (SESSION_USER)::text) NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT decision_document_no_check CHECK (((btrim(document_no) <> ''::text) AND (length(document_no) <= 100)))
);

CREATE TABLE editions.edition (
    territory_id integer NOT NULL,
    seq integer NOT NULL,
    state text NOT NULL,
    effective timestamp with time zone,
    note text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    created_by text NOT NULL,
    published_by text,
    restores integer,
    CONSTRAINT edition_check CHECK (((restores > 0) AND (restores < seq))),
    CONSTRAINT edition_effective_when_published CHECK (((state = 'published'::text) = (effective IS NOT NULL))),
    CONSTRAINT edition_seq_check CHECK ((seq > 0)),
    CONSTRAINT edition_state_check CHECK ((state = ANY (ARRAY['draft'::text, 'review'::text, 'published'::text])))
);

CREATE TABLE editions.report (
    territory_id integer NOT NULL,
    edition integer NOT NULL,
    figures jsonb NOT NULL
);

CREATE TABLE editions.scan (
    territory_id integer NOT NULL,
    edition integer NOT NULL,
    name text NOT NULL,
    media text NOT NULL,
    sha256 text NOT NULL,
    content bytea NOT NULL,
    added_by text DEFAULT COALESCE(NULLIF(current_setting('unigrid.name'::text, true), ''::text), (SESSION_USER)::text) NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT scan_content_check CHECK (((octet_length(content) >= 1) AND (octet_length(content) <= 20971520))),
    CONSTRAINT scan_media_check CHECK ((media = ANY (ARRAY['application/pdf'::text, 'image/jpeg'::text, 'image/png'::text]))),
    CONSTRAINT scan_name_check CHECK ((length(name) <= 200)),
    CONSTRAINT scan_sha256 CHECK ((sha256 = encode(sha256(content), 'hex'::text)))
);
ALTER TABLE ONLY editions.scan ALTER COLUMN content SET STORAGE EXTERNAL;

CREATE TABLE editions.sign_off (
    territory_id integer NOT NULL,
    id bigint NOT NULL,
    edition integer NOT NULL,
    party text NOT NULL,
    state text NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    signed_by text DEFAULT COALESCE(NULLIF(current_setting('unigrid.name'::text, true), ''::text), (SESSION_USER)::text) NOT NULL,
    account bigint DEFAULT (NULLIF(NULLIF(current_setting('unigrid.account'::text, true), ''::text), '0'::text))::bigint,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    withdrawn_at timestamp with time zone,
    withdrawn_by text,
    withdrawn_reason text,
    CONSTRAINT sign_off_note_check CHECK ((length(note) <= 500)),
    CONSTRAINT sign_off_party_check CHECK ((party ~ '^(unit:[0-9]+|layer:[a-z][a-z0-9-]*|role:[a-z]+)$'::text)),
    CONSTRAINT sign_off_withdrawn CHECK ((((withdrawn_at IS NULL) = (withdrawn_by IS NULL)) AND ((withdrawn_at IS NULL) = (btrim(COALESCE(withdrawn_reason, ''::text)) = ''::text))))
);

ALTER TABLE editions.sign_off ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME editions.sign_off_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE jobs.river_job (
    id bigint NOT NULL,
    state jobs.river_job_state DEFAULT 'available'::jobs.river_job_state NOT NULL,
    attempt smallint DEFAULT 0 NOT NULL,
    max_attempts smallint DEFAULT 25 NOT NULL,
    attempted_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    finalized_at timestamp with time zone,
    scheduled_at timestamp with time zone DEFAULT now() NOT NULL,
    priority smallint DEFAULT 1 NOT NULL,
    args jsonb NOT NULL,
    attempted_by text[],
    errors jsonb[],
    kind text NOT NULL,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    queue text DEFAULT 'default'::text NOT NULL,
    tags character varying(255)[] DEFAULT '{}'::character varying[] NOT NULL,
    unique_key bytea,
    unique_states bit(8),
    CONSTRAINT finalized_or_finalized_at_null CHECK ((((finalized_at IS NULL) AND (state <> ALL (ARRAY['cancelled'::jobs.river_job_state, 'completed'::jobs.river_job_state, 'discarded'::jobs.river_job_state]))) OR ((finalized_at IS NOT NULL) AND (state = ANY (ARRAY['cancelled'::jobs.river_job_state, 'completed'::jobs.river_job_state, 'discarded'::jobs.river_job_state]))))),
    CONSTRAINT kind_length CHECK (((char_length(kind) > 0) AND (char_length(kind) < 128))),
    CONSTRAINT max_attempts_is_positive CHECK ((max_attempts > 0)),
    CONSTRAINT priority_in_range CHECK (((priority >= 1) AND (priority <= 4))),
    CONSTRAINT queue_length CHECK (((char_length(queue) > 0) AND (char_length(queue) < 128)))
);

CREATE SEQUENCE jobs.river_job_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE jobs.river_job_id_seq OWNED BY jobs.river_job.id;

CREATE UNLOGGED TABLE jobs.river_leader (
    elected_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    leader_id text NOT NULL,
    name text DEFAULT 'default'::text NOT NULL,
    CONSTRAINT leader_id_length CHECK (((char_length(leader_id) > 0) AND (char_length(leader_id) < 128))),
    CONSTRAINT name_length CHECK ((name = 'default'::text))
);

CREATE TABLE jobs.river_migration (
    line text NOT NULL,
    version bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT line_length CHECK (((char_length(line) > 0) AND (char_length(line) < 128))),
    CONSTRAINT version_gte_1 CHECK ((version >= 1))
);

CREATE TABLE jobs.river_notification (
    id bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    payload text NOT NULL,
    topic text NOT NULL,
    CONSTRAINT topic_length CHECK (((length(topic) > 0) AND (length(topic) < 128)))
);

CREATE SEQUENCE jobs.river_notification_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE jobs.river_notification_id_seq OWNED BY jobs.river_notification.id;

CREATE TABLE jobs.river_queue (
    name text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    paused_at timestamp with time zone,
    updated_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL
);

CREATE TABLE layers.cell (
    territory_id integer NOT NULL,
    id bigint NOT NULL,
    layer text NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    person_id bigint,
    geom public.geometry(MultiPolygon,4326) NOT NULL,
    area_m2 double precision NOT NULL,
    provenance text NOT NULL,
    changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    batch bigint,
    published jsonb,
    CONSTRAINT cell_code_check CHECK ((code <> ''::text)),
    CONSTRAINT cell_provenance_check CHECK ((provenance = ANY (ARRAY['imported'::text, 'demo'::text]))),
    CONSTRAINT cell_published_check CHECK ((jsonb_typeof(published) = 'object'::text))
);

ALTER TABLE layers.cell ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME layers.cell_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE layers.identity (
    territory_id integer NOT NULL,
    id bigint NOT NULL
);

CREATE TABLE layers.intake (
    territory_id integer NOT NULL,
    batch bigint NOT NULL,
    "row" integer NOT NULL,
    layer text NOT NULL,
    code text NOT NULL,
    name text DEFAULT ''::text NOT NULL,
    staff_no text DEFAULT ''::text NOT NULL,
    geom public.geometry(Geometry,4326),
    provenance text NOT NULL,
    sent jsonb,
    source_geom public.geometry,
    published jsonb,
    CONSTRAINT intake_provenance_check CHECK ((provenance = ANY (ARRAY['imported'::text, 'demo'::text])))
);
ALTER TABLE ONLY layers.intake ALTER COLUMN geom SET STORAGE EXTERNAL;
ALTER TABLE ONLY layers.intake ALTER COLUMN source_geom SET STORAGE EXTERNAL;

CREATE TABLE layers.layer (
    territory_id integer NOT NULL,
    code text NOT NULL,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    rank integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    department text DEFAULT ''::text NOT NULL,
    colour text DEFAULT ''::text NOT NULL,
    geometry text DEFAULT 'areas'::text NOT NULL,
    department_en text DEFAULT ''::text NOT NULL,
    CONSTRAINT layer_code_check CHECK ((code ~ '^[a-z][a-z0-9-]*$'::text)),
    CONSTRAINT layer_colour_check CHECK ((colour ~ '^(#[0-9a-f]{6})?$'::text)),
    CONSTRAINT layer_geometry_check CHECK ((geometry = ANY (ARRAY['areas'::text, 'reaches'::text, 'both'::text])))
);

CREATE TABLE layers.past_name (
    territory_id integer NOT NULL,
    code text NOT NULL,
    until timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    department text NOT NULL,
    department_en text DEFAULT ''::text NOT NULL
);

CREATE TABLE layers.sent (
    territory_id integer NOT NULL,
    cell_id bigint NOT NULL,
    batch bigint NOT NULL,
    sent jsonb,
    source_geom public.geometry
);

CREATE TABLE layers.undone (
    territory_id integer NOT NULL,
    batch bigint NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    by text NOT NULL
);

CREATE TABLE merge.comment (
    territory_id integer NOT NULL,
    id bigint NOT NULL,
    conflict_id bigint NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    by text NOT NULL,
    text text NOT NULL,
    CONSTRAINT comment_text_check CHECK (((btrim(text) <> ''::text) AND (length(text) <= 2000)))
);

ALTER TABLE merge.comment ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME merge.comment_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE merge.conflict ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME merge.conflict_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE merge.crosswalk (
    territory_id integer NOT NULL,
    run_id bigint NOT NULL,
    id bigint NOT NULL,
    layer text NOT NULL,
    layer_cell_id bigint,
    cell_id bigint NOT NULL,
    area_m2 double precision NOT NULL,
    share_of_cell double precision NOT NULL,
    share_of_layer_cell double precision,
    claimed_share double precision NOT NULL,
    overlap_share double precision DEFAULT 0 NOT NULL,
    absorbed_share double precision DEFAULT 0 NOT NULL,
    geom public.geometry(MultiPolygon,4326),
    population double precision,
    enterprises double precision DEFAULT 0 NOT NULL,
    monitors double precision DEFAULT 0 NOT NULL,
    water_sources double precision DEFAULT 0 NOT NULL,
    counted text DEFAULT 'exact'::text NOT NULL,
    CONSTRAINT crosswalk_area_m2_check CHECK ((area_m2 >= (0)::double precision)),
    CONSTRAINT crosswalk_counted_check CHECK ((counted = ANY (ARRAY['exact'::text, 'estimated'::text]))),
    CONSTRAINT crosswalk_layer_cell_share CHECK (((layer_cell_id IS NULL) = (share_of_layer_cell IS NULL))),
    CONSTRAINT crosswalk_share_of_cell_check CHECK ((share_of_cell >= (0)::double precision))
);
ALTER TABLE ONLY merge.crosswalk ALTER COLUMN geom SET STORAGE EXTERNAL;

ALTER TABLE merge.crosswalk ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME merge.crosswalk_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE merge.decision (
    territory_id integer NOT NULL,
    id bigint NOT NULL,
    conflict_id bigint NOT NULL,
    edition integer NOT NULL,
    run_id bigint NOT NULL,
    kind text NOT NULL,
    layer text,
    cell_id bigint,
    at timestamp with time zone NOT NULL,
    by text NOT NULL,
    did text NOT NULL,
    resolution text,
    reason jsonb,
    rule text,
    rules_version integer,
    rules_file text,
    CONSTRAINT decision_did_check CHECK ((did = ANY (ARRAY['settled'::text, 'deferred'::text, 'reopened'::text, 'drawn'::text])))
);

ALTER TABLE merge.decision ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME merge.decision_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE merge.move (
    territory_id integer NOT NULL,
    run_id bigint NOT NULL,
    conflict_id bigint NOT NULL,
    resolution text NOT NULL,
    layer_cell_id bigint,
    to_cell_id bigint,
    area_m2 double precision NOT NULL,
    geom public.geometry(MultiPolygon,4326) NOT NULL,
    CONSTRAINT move_resolution_check CHECK ((resolution = ANY (ARRAY['adopt-layer-boundary'::text, 'split-leaf'::text, 'draw-unit-cells'::text])))
);
ALTER TABLE ONLY merge.move ALTER COLUMN geom SET STORAGE EXTERNAL;

CREATE TABLE merge.rules (
    territory_id integer NOT NULL,
    version integer NOT NULL,
    rules jsonb NOT NULL,
    saved_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    saved_by text NOT NULL,
    CONSTRAINT rules_rules_check CHECK ((jsonb_typeof(rules) = 'array'::text)),
    CONSTRAINT rules_version_check CHECK ((version > 0))
);

CREATE TABLE merge.run (
    territory_id integer NOT NULL,
    id bigint NOT NULL,
    edition integer NOT NULL,
    layers text[] NOT NULL,
    rules jsonb DEFAULT '[]'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    created_by text NOT NULL,
    base text DEFAULT 'unified'::text NOT NULL,
    capacity integer,
    leaves integer,
    rules_version integer,
    rules_file text,
    method uuid,
    inputs uuid,
    CONSTRAINT run_capacity_check CHECK ((capacity > 0)),
    CONSTRAINT run_rules_from_one CHECK (((rules_file IS NULL) OR (rules_version IS NULL)))
);

ALTER TABLE merge.run ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME merge.run_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE merge.seen_leaf (
    territory_id integer NOT NULL,
    run_id bigint NOT NULL,
    cell_id bigint NOT NULL,
    print uuid NOT NULL
);

CREATE TABLE merge.sliver (
    territory_id integer NOT NULL,
    run_id bigint NOT NULL,
    id bigint NOT NULL,
    layer text NOT NULL,
    layer_cell_id bigint,
    cell_id bigint NOT NULL,
    into_layer_cell_id bigint,
    share_of_cell double precision NOT NULL,
    area_m2 double precision NOT NULL,
    place public.geometry(Point,4326) NOT NULL,
    geom public.geometry(MultiPolygon,4326),
    claimed_share double precision
);

ALTER TABLE merge.sliver ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME merge.sliver_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE merge.stretch (
    territory_id integer NOT NULL,
    run_id bigint NOT NULL,
    crosswalk_id bigint NOT NULL,
    object_id bigint NOT NULL,
    share double precision NOT NULL,
    length_m double precision,
    area_m2 double precision,
    CONSTRAINT stretch_measured CHECK (((length_m IS NULL) <> (area_m2 IS NULL))),
    CONSTRAINT stretch_share_check CHECK ((share > (0)::double precision))
);

CREATE TABLE objects.identity (
    territory_id integer NOT NULL,
    id bigint NOT NULL
);

CREATE TABLE objects.intake (
    territory_id integer NOT NULL,
    batch bigint NOT NULL,
    "row" integer NOT NULL,
    kind text NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    geom public.geometry(Geometry,4326),
    located_by text,
    cell_name text,
    attributes jsonb DEFAULT '{}'::jsonb NOT NULL,
    provenance text NOT NULL,
    sent jsonb,
    source_geom public.geometry,
    published jsonb,
    county_name text,
    town_name text,
    choice text,
    CONSTRAINT intake_provenance_check CHECK ((provenance = ANY (ARRAY['imported'::text, 'demo'::text])))
);

CREATE TABLE objects.kind (
    kind text NOT NULL,
    collection text NOT NULL,
    layers text[] NOT NULL,
    beside boolean NOT NULL,
    rank integer NOT NULL
);

CREATE TABLE objects.object (
    territory_id integer NOT NULL,
    id bigint NOT NULL,
    kind text NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    geom public.geometry(Geometry,4326),
    located_by text,
    hint_cell bigint,
    attributes jsonb DEFAULT '{}'::jsonb NOT NULL,
    provenance text NOT NULL,
    outside_share double precision DEFAULT 0 NOT NULL,
    changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    batch bigint,
    published jsonb,
    CONSTRAINT object_code_check CHECK ((code <> ''::text)),
    CONSTRAINT object_geom_check CHECK ((NOT public.st_isempty(geom))),
    CONSTRAINT object_located CHECK (((geom IS NULL) = (located_by IS NULL))),
    CONSTRAINT object_located_by_check CHECK ((located_by = ANY (ARRAY['import'::text, 'address'::text, 'hand'::text, 'gps'::text]))),
    CONSTRAINT object_name_check CHECK ((name <> ''::text)),
    CONSTRAINT object_outside_share_check CHECK (((outside_share >= (0)::double precision) AND (outside_share <= (1)::double precision))),
    CONSTRAINT object_provenance_check CHECK ((provenance = ANY (ARRAY['imported'::text, 'demo'::text]))),
    CONSTRAINT object_published_check CHECK ((jsonb_typeof(published) = 'object'::text))
);

ALTER TABLE objects.object ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME objects.object_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE objects.placement (
    territory_id integer NOT NULL,
    object_id bigint NOT NULL,
    cell_id bigint NOT NULL,
    share double precision NOT NULL,
    during tstzrange NOT NULL,
    CONSTRAINT placement_during_check CHECK (((NOT isempty(during)) AND lower_inc(during) AND (NOT upper_inc(during)))),
    CONSTRAINT placement_share_check CHECK (((share > (0)::double precision) AND (share <= (1)::double precision)))
);

CREATE TABLE objects.sent (
    territory_id integer NOT NULL,
    object_id bigint NOT NULL,
    batch bigint NOT NULL,
    sent jsonb,
    source_geom public.geometry
);

CREATE TABLE objects.undone (
    territory_id integer NOT NULL,
    batch bigint NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    by text NOT NULL
);

CREATE TABLE people.administration (
    territory_id integer NOT NULL,
    id bigint NOT NULL,
    cell_id bigint NOT NULL,
    by_cell bigint NOT NULL,
    by_unit bigint,
    during tstzrange NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    recorded_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    recorded_by text NOT NULL,
    CONSTRAINT administration_by_another CHECK ((by_cell <> cell_id)),
    CONSTRAINT administration_during_check CHECK (((NOT isempty(during)) AND lower_inc(during) AND (NOT upper_inc(during)) AND (NOT lower_inf(during)))),
    CONSTRAINT administration_reason_check CHECK ((length(reason) <= 500))
);

ALTER TABLE people.administration ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME people.administration_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE people.alarm (
    territory_id integer NOT NULL,
    id bigint NOT NULL,
    kind text DEFAULT 'acting-from-afar'::text NOT NULL,
    cell_id bigint NOT NULL,
    since timestamp with time zone NOT NULL,
    raised_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    ended_at timestamp with time zone,
    seen_at timestamp with time zone,
    seen_by text,
    note text DEFAULT ''::text NOT NULL,
    CONSTRAINT alarm_kind_check CHECK ((kind = 'acting-from-afar'::text))
);

ALTER TABLE people.alarm ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME people.alarm_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE people.assignment (
    territory_id integer NOT NULL,
    id bigint NOT NULL,
    person_id bigint NOT NULL,
    cell_id bigint NOT NULL,
    role text NOT NULL,
    layer text,
    post text DEFAULT ''::text NOT NULL,
    side text,
    rank integer DEFAULT 0 NOT NULL,
    during tstzrange NOT NULL,
    recorded_at timestamp with time zone DEFAULT people.recording() NOT NULL,
    recorded_by text NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    CONSTRAINT assignment_accountable_all_layers CHECK (((role <> 'accountable'::text) OR (layer IS NULL))),
    CONSTRAINT assignment_during_check CHECK (((NOT isempty(during)) AND lower_inc(during) AND (NOT upper_inc(during)))),
    CONSTRAINT assignment_lead_one_layer CHECK (((role <> 'lead'::text) OR (layer IS NOT NULL))),
    CONSTRAINT assignment_side_check CHECK ((side = ANY (ARRAY['party'::text, 'government'::text])))
);

ALTER TABLE people.assignment ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME people.assignment_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE people.assignment_journal (
    territory_id integer NOT NULL,
    batch bigint NOT NULL,
    n bigint NOT NULL,
    after boolean NOT NULL,
    cell_id bigint NOT NULL,
    role text NOT NULL,
    person_id bigint NOT NULL,
    layer text,
    post text NOT NULL,
    side text,
    rank integer NOT NULL,
    during tstzrange NOT NULL
);

ALTER TABLE people.assignment_journal ALTER COLUMN n ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME people.assignment_journal_n_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE people.assignment_past (
    territory_id integer NOT NULL,
    n bigint NOT NULL,
    assignment_id bigint NOT NULL,
    known tstzrange NOT NULL,
    assignment jsonb NOT NULL
);

CREATE VIEW people.assignment_known WITH (security_invoker='true') AS
 SELECT a.territory_id,
    a.id,
    a.person_id,
    a.cell_id,
    a.role,
    a.layer,
    a.post,
    a.side,
    a.rank,
    a.during,
    a.recorded_at,
    a.recorded_by,
    a.reason,
    tstzrange(a.recorded_at, NULL::timestamp with time zone) AS known,
    true AS current
   FROM people.assignment a
UNION ALL
 SELECT p.territory_id,
    p.assignment_id AS id,
    ((p.assignment ->> 'person_id'::text))::bigint AS person_id,
    ((p.assignment ->> 'cell_id'::text))::bigint AS cell_id,
    (p.assignment ->> 'role'::text) AS role,
    (p.assignment ->> 'layer'::text) AS layer,
    (p.assignment ->> 'post'::text) AS post,
    (p.assignment ->> 'side'::text) AS side,
    ((p.assignment ->> 'rank'::text))::integer AS rank,
    ((p.assignment ->> 'during'::text))::tstzrange AS during,
    ((p.assignment ->> 'recorded_at'::text))::timestamp with time zone AS recorded_at,
    (p.assignment ->> 'recorded_by'::text) AS recorded_by,
    (p.assignment ->> 'reason'::text) AS reason,
    p.known,
    false AS current
   FROM people.assignment_past p;

ALTER TABLE people.assignment_past ALTER COLUMN n ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME people.assignment_past_n_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE people.contact (
    territory_id integer NOT NULL,
    person_id bigint NOT NULL,
    phone text NOT NULL
);

CREATE TABLE people.contact_before (
    territory_id integer NOT NULL,
    batch bigint NOT NULL,
    person_id bigint NOT NULL,
    phone text
);

CREATE TABLE people.displaced (
    territory_id integer NOT NULL,
    id bigint NOT NULL,
    person_id bigint NOT NULL,
    edition integer NOT NULL,
    was jsonb NOT NULL,
    displaced_at timestamp with time zone NOT NULL,
    confirmed_at timestamp with time zone,
    confirmed_by text,
    outcome text,
    assignment_id bigint,
    reason text DEFAULT ''::text NOT NULL,
    CONSTRAINT displaced_confirmed_whole CHECK ((((confirmed_at IS NULL) = (confirmed_by IS NULL)) AND ((confirmed_at IS NULL) = (outcome IS NULL)) AND ((assignment_id IS NOT NULL) = COALESCE((outcome = 'placed'::text), false)))),
    CONSTRAINT displaced_outcome_check CHECK ((outcome = ANY (ARRAY['kept'::text, 'placed'::text, 'left'::text]))),
    CONSTRAINT displaced_reason_check CHECK ((length(reason) <= 500)),
    CONSTRAINT displaced_was_check CHECK ((jsonb_typeof(was) = 'array'::text))
);

ALTER TABLE people.displaced ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME people.displaced_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE people.handover (
    territory_id integer NOT NULL,
    id bigint NOT NULL,
    cell_id bigint NOT NULL,
    role text NOT NULL,
    layer text,
    from_assignment bigint NOT NULL,
    from_person bigint NOT NULL,
    to_assignment bigint NOT NULL,
    to_person bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    until timestamp with time zone,
    note text DEFAULT ''::text NOT NULL,
    open_work jsonb DEFAULT '[]'::jsonb NOT NULL,
    recorded_at timestamp with time zone DEFAULT people.recording() NOT NULL,
    recorded_by text NOT NULL,
    CONSTRAINT handover_check CHECK ((until > at)),
    CONSTRAINT handover_to_another CHECK (((from_assignment <> to_assignment) AND (from_person <> to_person)))
);

ALTER TABLE people.handover ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME people.handover_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE people.identity (
    territory_id integer NOT NULL,
    id bigint NOT NULL
);

CREATE TABLE people.intake_assignment (
    territory_id integer NOT NULL,
    batch bigint NOT NULL,
    "row" integer NOT NULL,
    staff_no text NOT NULL,
    cell_code text NOT NULL,
    role text NOT NULL,
    layer text,
    post text DEFAULT ''::text NOT NULL,
    side text,
    rank integer DEFAULT 0 NOT NULL,
    from_at timestamp with time zone,
    to_at timestamp with time zone,
    county_name text,
    town_name text,
    cell_name text,
    choice text
);

CREATE TABLE people.intake_lead (
    territory_id integer NOT NULL,
    batch bigint NOT NULL,
    id bigint NOT NULL,
    cell_id bigint NOT NULL,
    layer text NOT NULL,
    person_id bigint,
    post text DEFAULT ''::text NOT NULL
);

ALTER TABLE people.intake_lead ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME people.intake_lead_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE people.intake_person (
    territory_id integer NOT NULL,
    batch bigint NOT NULL,
    "row" integer NOT NULL,
    staff_no text NOT NULL,
    name text NOT NULL,
    unit text DEFAULT ''::text NOT NULL,
    post text DEFAULT ''::text NOT NULL,
    phone text DEFAULT ''::text NOT NULL,
    provenance text NOT NULL,
    phone_masked text GENERATED ALWAYS AS (people.masked(phone)) STORED,
    sent jsonb,
    choice text,
    layer text DEFAULT ''::text NOT NULL,
    supports text DEFAULT ''::text NOT NULL,
    post_from text DEFAULT ''::text NOT NULL,
    CONSTRAINT intake_person_provenance_check CHECK ((provenance = ANY (ARRAY['imported'::text, 'demo'::text, 'entered'::text])))
);

CREATE TABLE people.leave (
    territory_id integer NOT NULL,
    id bigint NOT NULL,
    person_id bigint NOT NULL,
    during tstzrange NOT NULL,
    stand_in bigint NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    recorded_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    recorded_by text NOT NULL,
    CONSTRAINT leave_during_check CHECK (((NOT isempty(during)) AND lower_inc(during) AND (NOT upper_inc(during)) AND (NOT lower_inf(during)))),
    CONSTRAINT leave_stand_in_is_another CHECK ((stand_in <> person_id))
);

CREATE TABLE people.leave_cell (
    territory_id integer NOT NULL,
    leave_id bigint NOT NULL,
    cell_id bigint NOT NULL,
    stand_in bigint NOT NULL
);

ALTER TABLE people.leave ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME people.leave_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE people.membership_before (
    territory_id integer NOT NULL,
    batch bigint NOT NULL,
    person_id bigint NOT NULL,
    layers jsonb NOT NULL,
    posts jsonb NOT NULL
);

CREATE TABLE people.person (
    territory_id integer NOT NULL,
    id bigint NOT NULL,
    staff_no text NOT NULL,
    name text NOT NULL,
    unit text DEFAULT ''::text NOT NULL,
    post text DEFAULT ''::text NOT NULL,
    phone_masked text DEFAULT ''::text NOT NULL,
    provenance text NOT NULL,
    changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    batch bigint,
    unit_id bigint,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT person_name_check CHECK ((name <> ''::text)),
    CONSTRAINT person_provenance_check CHECK ((provenance = ANY (ARRAY['imported'::text, 'demo'::text, 'entered'::text]))),
    CONSTRAINT person_staff_no_check CHECK ((staff_no <> ''::text))
);

ALTER TABLE people.person ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME people.person_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE people.person_layer (
    territory_id integer NOT NULL,
    person_id bigint NOT NULL,
    layer text NOT NULL,
    home boolean NOT NULL
);

CREATE TABLE people.person_post (
    territory_id integer NOT NULL,
    person_id bigint NOT NULL,
    post_id bigint NOT NULL,
    during tstzrange NOT NULL,
    "position" integer NOT NULL,
    CONSTRAINT person_post_during_check CHECK (((NOT isempty(during)) AND (lower_inf(during) OR lower_inc(during)) AND (NOT upper_inc(during))))
);

CREATE TABLE people.person_version (
    territory_id integer NOT NULL,
    person_id bigint NOT NULL,
    during tstzrange NOT NULL,
    name text NOT NULL,
    unit text NOT NULL,
    post text NOT NULL,
    phone_masked text NOT NULL,
    recorded_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    recorded_by text NOT NULL,
    batch bigint,
    staff_no text NOT NULL,
    CONSTRAINT person_version_during_check CHECK (((NOT isempty(during)) AND lower_inc(during) AND (NOT upper_inc(during))))
);

CREATE TABLE people.post (
    territory_id integer NOT NULL,
    id bigint NOT NULL,
    unit_id bigint,
    title text NOT NULL,
    side text,
    rank integer DEFAULT 0 NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    retired_at timestamp with time zone,
    CONSTRAINT post_side_check CHECK ((side = ANY (ARRAY['party'::text, 'government'::text]))),
    CONSTRAINT post_title_check CHECK (((btrim(title) <> ''::text) AND (title !~ '[:\uff1a]|[、，；;
](?![^(（]*[)）])'::text)))
);

ALTER TABLE people.post ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME people.post_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE people.question (
    territory_id integer NOT NULL,
    id bigint NOT NULL,
    edition integer NOT NULL,
    cell_id bigint NOT NULL,
    role text NOT NULL,
    layer text,
    kind text NOT NULL,
    about bigint DEFAULT 0 NOT NULL,
    ruled bigint,
    ruled_person bigint,
    candidates jsonb NOT NULL,
    asked_at timestamp with time zone DEFAULT people.recording() NOT NULL,
    answered_at timestamp with time zone,
    answered_by text,
    answer text,
    answer_person bigint,
    reason text DEFAULT ''::text NOT NULL,
    CONSTRAINT question_answer_check CHECK ((answer = ANY (ARRAY['kept'::text, 'replaced'::text, 'added'::text, 'lapsed'::text]))),
    CONSTRAINT question_answered_whole CHECK ((((answered_at IS NULL) = (answered_by IS NULL)) AND ((answered_at IS NULL) = (answer IS NULL)) AND ((answer_person IS NOT NULL) = COALESCE((answer = ANY (ARRAY['replaced'::text, 'added'::text])), false)))),
    CONSTRAINT question_candidates_check CHECK (((jsonb_typeof(candidates) = 'array'::text) AND (candidates <> '[]'::jsonb))),
    CONSTRAINT question_kind_check CHECK ((kind = ANY (ARRAY['merged'::text, 'split'::text, 'ended'::text]))),
    CONSTRAINT question_reason_check CHECK ((length(reason) <= 500))
);

ALTER TABLE people.question ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME people.question_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE people.role (
    code text NOT NULL,
    zh text NOT NULL,
    en text NOT NULL,
    layers text NOT NULL,
    rank integer NOT NULL,
    CONSTRAINT role_code_check CHECK ((code ~ '^[a-z][a-z0-9-]*$'::text)),
    CONSTRAINT role_layers_check CHECK ((layers = ANY (ARRAY['all'::text, 'one'::text, 'either'::text])))
);

CREATE TABLE people.search_key (
    territory_id integer NOT NULL,
    person_id bigint NOT NULL,
    name text NOT NULL,
    keys tsvector NOT NULL
);

CREATE TABLE people.sent (
    territory_id integer NOT NULL,
    person_id bigint NOT NULL,
    batch bigint NOT NULL,
    sent jsonb
);

CREATE TABLE people.setting (
    territory_id integer NOT NULL,
    comparable_share double precision NOT NULL,
    CONSTRAINT setting_comparable_share_check CHECK (((comparable_share >= (0.01)::double precision) AND (comparable_share <= (0.5)::double precision)))
);

CREATE TABLE people.undone (
    territory_id integer NOT NULL,
    batch bigint NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    by text NOT NULL
);

CREATE TABLE people.unit (
    territory_id integer NOT NULL,
    id bigint NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    parent_id bigint,
    division text DEFAULT split_part(COALESCE(current_setting('unigrid.within'::text, true), ''::text), ','::text, 1) NOT NULL,
    rank integer DEFAULT 0 NOT NULL,
    label text DEFAULT ''::text NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    retired_at timestamp with time zone,
    CONSTRAINT unit_name_check CHECK (((btrim(name) <> ''::text) AND (name !~ '[>:\uff1a、]'::text)))
);

ALTER TABLE people.unit ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME people.unit_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE people.unit_kind (
    code text NOT NULL,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    rank integer NOT NULL,
    side text,
    endings text[] DEFAULT '{}'::text[] NOT NULL,
    CONSTRAINT unit_kind_code_check CHECK ((code ~ '^[a-z][a-z0-9-]*$'::text)),
    CONSTRAINT unit_kind_side_check CHECK ((side = ANY (ARRAY['party'::text, 'government'::text])))
);

CREATE TABLE staging.batch (
    territory_id integer NOT NULL,
    id bigint NOT NULL,
    target text NOT NULL,
    file text NOT NULL,
    epsg integer NOT NULL,
    encoding text NOT NULL,
    rows integer DEFAULT 0 NOT NULL,
    applied integer DEFAULT 0 NOT NULL,
    rejected integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    created_by text NOT NULL,
    state text DEFAULT 'applied'::text NOT NULL,
    request jsonb DEFAULT '{}'::jsonb NOT NULL,
    source jsonb DEFAULT '{}'::jsonb NOT NULL,
    mapping jsonb DEFAULT '{}'::jsonb NOT NULL,
    report jsonb,
    error jsonb,
    progress jsonb DEFAULT '{}'::jsonb NOT NULL,
    upload text,
    checksum bytea,
    applied_at timestamp with time zone,
    undone_at timestamp with time zone,
    expires_at timestamp with time zone,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    who jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT batch_state_check CHECK ((state = ANY (ARRAY['received'::text, 'reading'::text, 'read'::text, 'checking'::text, 'ready'::text, 'applying'::text, 'applied'::text, 'failed'::text, 'undone'::text])))
);

CREATE TABLE staging.consent (
    territory_id integer NOT NULL,
    batch bigint NOT NULL,
    n bigint NOT NULL,
    file text NOT NULL,
    columns text[] NOT NULL,
    kinds text[] NOT NULL,
    reason text NOT NULL,
    given_by text NOT NULL,
    given_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT consent_columns_check CHECK ((cardinality(columns) > 0)),
    CONSTRAINT consent_reason_check CHECK ((length(btrim(reason)) >= 4))
);

ALTER TABLE staging.consent ALTER COLUMN n ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME staging.consent_n_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE staging.difference (
    territory_id integer NOT NULL,
    batch bigint NOT NULL,
    n integer NOT NULL,
    difference jsonb NOT NULL
);

CREATE TABLE staging.finding (
    territory_id integer NOT NULL,
    batch bigint NOT NULL,
    n integer NOT NULL,
    finding jsonb NOT NULL,
    stage text DEFAULT 'check'::text NOT NULL,
    severity text GENERATED ALWAYS AS ((finding ->> 'severity'::text)) STORED,
    kind text GENERATED ALWAYS AS ((finding ->> 'kind'::text)) STORED,
    "row" integer GENERATED ALWAYS AS (((finding ->> 'row'::text))::integer) STORED,
    CONSTRAINT finding_stage_check CHECK ((stage = ANY (ARRAY['read'::text, 'check'::text])))
);

CREATE TABLE staging.profile (
    territory_id integer NOT NULL,
    name text NOT NULL,
    target text NOT NULL,
    request jsonb NOT NULL,
    headings text[] NOT NULL,
    saved_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    saved_by text NOT NULL,
    CONSTRAINT profile_name_check CHECK (((name <> ''::text) AND (length(name) <= 100)))
);

CREATE TABLE staging."row" (
    territory_id integer NOT NULL,
    batch bigint NOT NULL,
    "row" integer NOT NULL,
    attributes jsonb NOT NULL,
    geom public.geometry
)
PARTITION BY HASH (territory_id);
ALTER TABLE ONLY staging."row" ALTER COLUMN geom SET STORAGE EXTERNAL;

CREATE UNLOGGED TABLE staging.row_copied (
    territory_id integer NOT NULL,
    batch bigint NOT NULL,
    "row" integer NOT NULL,
    attributes jsonb NOT NULL,
    geom public.geometry
);
ALTER TABLE ONLY staging.row_copied ALTER COLUMN geom SET STORAGE EXTERNAL;

CREATE TABLE workdays.own (
    territory_id integer NOT NULL,
    day date NOT NULL,
    works boolean NOT NULL,
    name text DEFAULT ''::text NOT NULL,
    CONSTRAINT own_name_check CHECK ((length(name) <= 60))
);

CREATE TABLE workdays.usual (
    day date NOT NULL,
    works boolean NOT NULL,
    name text NOT NULL
);

ALTER TABLE ONLY staging."row" ATTACH PARTITION staging.row_copied FOR VALUES WITH (modulus 1, remainder 0);

ALTER TABLE ONLY jobs.river_job ALTER COLUMN id SET DEFAULT nextval('jobs.river_job_id_seq'::regclass);

ALTER TABLE ONLY jobs.river_notification ALTER COLUMN id SET DEFAULT nextval('jobs.river_notification_id_seq'::regclass);

ALTER TABLE ONLY access.account
    ADD CONSTRAINT account_email_unique UNIQUE (email);

ALTER TABLE ONLY access.account
    ADD CONSTRAINT account_name_unique UNIQUE (name);

ALTER TABLE ONLY access.account
    ADD CONSTRAINT account_pkey PRIMARY KEY (id);

ALTER TABLE ONLY access.attempt
    ADD CONSTRAINT attempt_pkey PRIMARY KEY (who);

ALTER TABLE ONLY access.grant_
    ADD CONSTRAINT grant__pkey PRIMARY KEY (id);

ALTER TABLE ONLY access.grant_
    ADD CONSTRAINT grant_one_role UNIQUE NULLS NOT DISTINCT (account, territory_id);

ALTER TABLE ONLY access.grant_
    ADD CONSTRAINT grant_three_apart EXCLUDE USING gist (account WITH =, role WITH <>) WHERE ((role = ANY (ARRAY['admin'::text, 'security'::text, 'auditor'::text])));

ALTER TABLE ONLY access.key
    ADD CONSTRAINT key_pkey PRIMARY KEY (id);

ALTER TABLE ONLY access.key
    ADD CONSTRAINT key_prefix_key UNIQUE (prefix);

ALTER TABLE ONLY access.opened
    ADD CONSTRAINT opened_pkey PRIMARY KEY (territory_id, collection);

ALTER TABLE ONLY access.policy
    ADD CONSTRAINT policy_pkey PRIMARY KEY (action, role);

ALTER TABLE ONLY access.secret
    ADD CONSTRAINT secret_pkey PRIMARY KEY (account);

ALTER TABLE ONLY access.secret
    ADD CONSTRAINT secret_subject_unique UNIQUE (oidc_issuer, oidc_subject);

ALTER TABLE ONLY access.session
    ADD CONSTRAINT session_pkey PRIMARY KEY (id);

ALTER TABLE ONLY access.session
    ADD CONSTRAINT session_token_key UNIQUE (token);

ALTER TABLE ONLY audit.entry
    ADD CONSTRAINT entry_pkey PRIMARY KEY (territory_id, seq);

ALTER TABLE ONLY audit.head
    ADD CONSTRAINT head_pkey PRIMARY KEY (territory_id);

ALTER TABLE ONLY audit.person_key
    ADD CONSTRAINT person_key_pkey PRIMARY KEY (id);

ALTER TABLE ONLY audit.turn
    ADD CONSTRAINT turn_pkey PRIMARY KEY (xact, turn);

ALTER TABLE ONLY audit.watched
    ADD CONSTRAINT watched_pkey PRIMARY KEY (noun);

ALTER TABLE ONLY cells.cell
    ADD CONSTRAINT cell_pkey PRIMARY KEY (territory_id, id);

ALTER TABLE ONLY cells.display
    ADD CONSTRAINT display_pkey PRIMARY KEY (territory_id, edition, band, cell_id);

ALTER TABLE ONLY cells.generalised
    ADD CONSTRAINT generalised_pkey PRIMARY KEY (territory_id, edition, cell_id);

ALTER TABLE ONLY cells.intake
    ADD CONSTRAINT intake_pkey PRIMARY KEY (territory_id, batch, "row");

ALTER TABLE ONLY cells.journal
    ADD CONSTRAINT journal_pkey PRIMARY KEY (territory_id, edition, step, cell_id, from_edition);

ALTER TABLE ONLY cells.lineage
    ADD CONSTRAINT lineage_pkey PRIMARY KEY (territory_id, edition, from_cell, to_cell);

ALTER TABLE ONLY cells.sent
    ADD CONSTRAINT sent_pkey PRIMARY KEY (territory_id, cell_id, batch);

ALTER TABLE ONLY cells.step
    ADD CONSTRAINT step_pkey PRIMARY KEY (territory_id, edition, step);

ALTER TABLE ONLY cells.territory
    ADD CONSTRAINT territory_code_unique UNIQUE (code);

ALTER TABLE ONLY cells.territory
    ADD CONSTRAINT territory_pkey PRIMARY KEY (id);

ALTER TABLE ONLY cells.undone
    ADD CONSTRAINT undone_pkey PRIMARY KEY (territory_id, batch);

ALTER TABLE ONLY cells.unplaced
    ADD CONSTRAINT unplaced_pkey PRIMARY KEY (id);

ALTER TABLE ONLY cells.version
    ADD CONSTRAINT version_pkey PRIMARY KEY (territory_id, cell_id, from_edition);

ALTER TABLE ONLY circulation.answer
    ADD CONSTRAINT answer_pkey PRIMARY KEY (territory_id, id);

ALTER TABLE ONLY circulation.concern
    ADD CONSTRAINT concern_pkey PRIMARY KEY (territory_id, round_id, party_id, conflict);

ALTER TABLE ONLY circulation.item
    ADD CONSTRAINT item_pkey PRIMARY KEY (territory_id, round_id, conflict);

ALTER TABLE ONLY circulation.opinion
    ADD CONSTRAINT opinion_pkey PRIMARY KEY (territory_id, id);

ALTER TABLE ONLY circulation.party
    ADD CONSTRAINT party_pkey PRIMARY KEY (territory_id, round_id, id);

ALTER TABLE ONLY circulation.round
    ADD CONSTRAINT round_pkey PRIMARY KEY (territory_id, id);

ALTER TABLE ONLY drawing.draw
    ADD CONSTRAINT draw_pkey PRIMARY KEY (territory_id, id);

ALTER TABLE ONLY duty.hotline
    ADD CONSTRAINT hotline_pkey PRIMARY KEY (territory_id, cell_id);

ALTER TABLE ONLY duty.setting
    ADD CONSTRAINT setting_pkey PRIMARY KEY (territory_id);

ALTER TABLE ONLY duty.text
    ADD CONSTRAINT text_pkey PRIMARY KEY (territory_id, layer);

ALTER TABLE ONLY duty.usual
    ADD CONSTRAINT usual_pkey PRIMARY KEY (layer);

ALTER TABLE ONLY editions.accepted_vacancy
    ADD CONSTRAINT accepted_vacancy_pkey PRIMARY KEY (territory_id, edition, cell_id);

ALTER TABLE ONLY editions.decision
    ADD CONSTRAINT decision_pkey PRIMARY KEY (territory_id, edition);

ALTER TABLE ONLY editions.edition
    ADD CONSTRAINT edition_pkey PRIMARY KEY (territory_id, seq);

ALTER TABLE ONLY editions.report
    ADD CONSTRAINT report_pkey PRIMARY KEY (territory_id, edition);

ALTER TABLE ONLY editions.scan
    ADD CONSTRAINT scan_pkey PRIMARY KEY (territory_id, edition);

ALTER TABLE ONLY editions.setting
    ADD CONSTRAINT setting_pkey PRIMARY KEY (territory_id, since);

ALTER TABLE ONLY editions.sign_off
    ADD CONSTRAINT sign_off_pkey PRIMARY KEY (territory_id, id);

ALTER TABLE ONLY jobs.river_job
    ADD CONSTRAINT river_job_pkey PRIMARY KEY (id);

ALTER TABLE ONLY jobs.river_leader
    ADD CONSTRAINT river_leader_pkey PRIMARY KEY (name);

ALTER TABLE ONLY jobs.river_migration
    ADD CONSTRAINT river_migration_pkey1 PRIMARY KEY (line, version);

ALTER TABLE ONLY jobs.river_notification
    ADD CONSTRAINT river_notification_pkey PRIMARY KEY (id);

ALTER TABLE ONLY jobs.river_queue
    ADD CONSTRAINT river_queue_pkey PRIMARY KEY (name);

ALTER TABLE ONLY layers.cell
    ADD CONSTRAINT cell_pkey PRIMARY KEY (territory_id, id);

ALTER TABLE ONLY layers.identity
    ADD CONSTRAINT identity_pkey PRIMARY KEY (territory_id, id);

ALTER TABLE ONLY layers.intake
    ADD CONSTRAINT intake_pkey PRIMARY KEY (territory_id, batch, "row");

ALTER TABLE ONLY layers.cell
    ADD CONSTRAINT layer_cell_code_unique UNIQUE (territory_id, layer, code);

ALTER TABLE ONLY layers.layer
    ADD CONSTRAINT layer_pkey PRIMARY KEY (territory_id, code);

ALTER TABLE ONLY layers.past_name
    ADD CONSTRAINT past_name_pkey PRIMARY KEY (territory_id, code, until);

ALTER TABLE ONLY layers.sent
    ADD CONSTRAINT sent_pkey PRIMARY KEY (territory_id, cell_id, batch);

ALTER TABLE ONLY layers.undone
    ADD CONSTRAINT undone_pkey PRIMARY KEY (territory_id, batch);

ALTER TABLE ONLY layers.version
    ADD CONSTRAINT version_one_at_a_time EXCLUDE USING gist (territory_id WITH =, cell_id WITH =, during WITH &&);

ALTER TABLE ONLY merge.comment
    ADD CONSTRAINT comment_pkey PRIMARY KEY (territory_id, id);

ALTER TABLE ONLY merge.conflict
    ADD CONSTRAINT conflict_pkey PRIMARY KEY (territory_id, run_id, id);

ALTER TABLE ONLY merge.crosswalk
    ADD CONSTRAINT crosswalk_pkey PRIMARY KEY (territory_id, run_id, id);

ALTER TABLE ONLY merge.decision
    ADD CONSTRAINT decision_pkey PRIMARY KEY (territory_id, id);

ALTER TABLE ONLY merge.rules
    ADD CONSTRAINT rules_pkey PRIMARY KEY (territory_id, version);

ALTER TABLE ONLY merge.run
    ADD CONSTRAINT run_pkey PRIMARY KEY (territory_id, id);

ALTER TABLE ONLY merge.seen_leaf
    ADD CONSTRAINT seen_leaf_pkey PRIMARY KEY (territory_id, run_id, cell_id);

ALTER TABLE ONLY merge.sliver
    ADD CONSTRAINT sliver_pkey PRIMARY KEY (territory_id, run_id, id);

ALTER TABLE ONLY objects.identity
    ADD CONSTRAINT identity_pkey PRIMARY KEY (territory_id, id);

ALTER TABLE ONLY objects.intake
    ADD CONSTRAINT intake_pkey PRIMARY KEY (territory_id, batch, "row");

ALTER TABLE ONLY objects.kind
    ADD CONSTRAINT kind_collection_key UNIQUE (collection);

ALTER TABLE ONLY objects.kind
    ADD CONSTRAINT kind_pkey PRIMARY KEY (kind);

ALTER TABLE ONLY objects.kind
    ADD CONSTRAINT kind_rank_key UNIQUE (rank);

ALTER TABLE ONLY objects.object
    ADD CONSTRAINT object_code_unique UNIQUE (territory_id, kind, code);

ALTER TABLE ONLY objects.object
    ADD CONSTRAINT object_pkey PRIMARY KEY (territory_id, id);

ALTER TABLE ONLY objects.sent
    ADD CONSTRAINT sent_pkey PRIMARY KEY (territory_id, object_id, batch);

ALTER TABLE ONLY objects.undone
    ADD CONSTRAINT undone_pkey PRIMARY KEY (territory_id, batch);

ALTER TABLE ONLY people.administration
    ADD CONSTRAINT administration_one_at_a_time EXCLUDE USING gist (territory_id WITH =, cell_id WITH =, during WITH &&);

ALTER TABLE ONLY people.administration
    ADD CONSTRAINT administration_pkey PRIMARY KEY (territory_id, id);

ALTER TABLE ONLY people.alarm
    ADD CONSTRAINT alarm_pkey PRIMARY KEY (territory_id, id);

ALTER TABLE ONLY people.assignment_journal
    ADD CONSTRAINT assignment_journal_pkey PRIMARY KEY (territory_id, batch, n);

ALTER TABLE ONLY people.assignment
    ADD CONSTRAINT assignment_one_accountable EXCLUDE USING gist (territory_id WITH =, cell_id WITH =, during WITH &&) WHERE ((role = 'accountable'::text));

ALTER TABLE ONLY people.assignment_past
    ADD CONSTRAINT assignment_past_pkey PRIMARY KEY (territory_id, n);

ALTER TABLE ONLY people.assignment
    ADD CONSTRAINT assignment_pkey PRIMARY KEY (territory_id, id);

ALTER TABLE ONLY people.contact_before
    ADD CONSTRAINT contact_before_pkey PRIMARY KEY (territory_id, batch, person_id);

ALTER TABLE ONLY people.contact
    ADD CONSTRAINT contact_pkey PRIMARY KEY (territory_id, person_id);

ALTER TABLE ONLY people.displaced
    ADD CONSTRAINT displaced_pkey PRIMARY KEY (territory_id, id);

ALTER TABLE ONLY people.handover
    ADD CONSTRAINT handover_once UNIQUE (territory_id, to_assignment);

ALTER TABLE ONLY people.handover
    ADD CONSTRAINT handover_pkey PRIMARY KEY (territory_id, id);

ALTER TABLE ONLY people.identity
    ADD CONSTRAINT identity_pkey PRIMARY KEY (territory_id, id);

ALTER TABLE ONLY people.intake_assignment
    ADD CONSTRAINT intake_assignment_pkey PRIMARY KEY (territory_id, batch, "row");

ALTER TABLE ONLY people.intake_lead
    ADD CONSTRAINT intake_lead_pkey PRIMARY KEY (territory_id, batch, id);

ALTER TABLE ONLY people.intake_person
    ADD CONSTRAINT intake_person_pkey PRIMARY KEY (territory_id, batch, "row");

ALTER TABLE ONLY people.leave_cell
    ADD CONSTRAINT leave_cell_pkey PRIMARY KEY (territory_id, leave_id, cell_id);

ALTER TABLE ONLY people.leave
    ADD CONSTRAINT leave_one_at_a_time EXCLUDE USING gist (territory_id WITH =, person_id WITH =, during WITH &&);

ALTER TABLE ONLY people.leave
    ADD CONSTRAINT leave_pkey PRIMARY KEY (territory_id, id);

ALTER TABLE ONLY people.membership_before
    ADD CONSTRAINT membership_before_pkey PRIMARY KEY (territory_id, batch, person_id);

ALTER TABLE ONLY people.person_layer
    ADD CONSTRAINT person_layer_pkey PRIMARY KEY (territory_id, person_id, layer);

ALTER TABLE ONLY people.person
    ADD CONSTRAINT person_pkey PRIMARY KEY (territory_id, id);

ALTER TABLE ONLY people.person_post
    ADD CONSTRAINT person_post_once EXCLUDE USING gist (territory_id WITH =, person_id WITH =, post_id WITH =, during WITH &&);

ALTER TABLE ONLY people.person
    ADD CONSTRAINT person_staff_no_unique UNIQUE (territory_id, staff_no);

ALTER TABLE ONLY people.person_version
    ADD CONSTRAINT person_version_one_at_a_time EXCLUDE USING gist (territory_id WITH =, person_id WITH =, during WITH &&);

ALTER TABLE ONLY people.post
    ADD CONSTRAINT post_pkey PRIMARY KEY (territory_id, id);

ALTER TABLE ONLY people.question
    ADD CONSTRAINT question_pkey PRIMARY KEY (territory_id, id);

ALTER TABLE ONLY people.role
    ADD CONSTRAINT role_pkey PRIMARY KEY (code);

ALTER TABLE ONLY people.role
    ADD CONSTRAINT role_rank_key UNIQUE (rank);

ALTER TABLE ONLY people.search_key
    ADD CONSTRAINT search_key_pkey PRIMARY KEY (territory_id, person_id);

ALTER TABLE ONLY people.sent
    ADD CONSTRAINT sent_pkey PRIMARY KEY (territory_id, person_id, batch);

ALTER TABLE ONLY people.setting
    ADD CONSTRAINT setting_pkey PRIMARY KEY (territory_id);

ALTER TABLE ONLY people.undone
    ADD CONSTRAINT undone_pkey PRIMARY KEY (territory_id, batch);

ALTER TABLE ONLY people.unit_kind
    ADD CONSTRAINT unit_kind_pkey PRIMARY KEY (code);

ALTER TABLE ONLY people.unit
    ADD CONSTRAINT unit_pkey PRIMARY KEY (territory_id, id);

ALTER TABLE ONLY staging.batch
    ADD CONSTRAINT batch_pkey PRIMARY KEY (territory_id, id);

ALTER TABLE ONLY staging.consent
    ADD CONSTRAINT consent_pkey PRIMARY KEY (territory_id, batch, n);

ALTER TABLE ONLY staging.difference
    ADD CONSTRAINT difference_pkey PRIMARY KEY (territory_id, batch, n);

ALTER TABLE ONLY staging.finding
    ADD CONSTRAINT finding_pkey PRIMARY KEY (territory_id, batch, n);

ALTER TABLE ONLY staging.profile
    ADD CONSTRAINT profile_pkey PRIMARY KEY (territory_id, name);

ALTER TABLE ONLY staging."row"
    ADD CONSTRAINT row_pkey PRIMARY KEY (territory_id, batch, "row");

ALTER TABLE ONLY staging.row_copied
    ADD CONSTRAINT row_copied_pkey PRIMARY KEY (territory_id, batch, "row");

ALTER TABLE ONLY workdays.own
    ADD CONSTRAINT own_pkey PRIMARY KEY (territory_id, day);

ALTER TABLE ONLY workdays.usual
    ADD CONSTRAINT usual_pkey PRIMARY KEY (day);

CREATE INDEX attempt_last ON access.attempt USING btree (last);

CREATE INDEX key_account ON access.key USING btree (account);

CREATE INDEX session_account ON access.session USING btree (account);

CREATE INDEX entry_key ON audit.entry USING btree (territory_id, noun, key, seq);

CREATE INDEX entry_person ON audit.entry USING btree (territory_id, person_id, seq) WHERE (person_id IS NOT NULL);

CREATE INDEX pending_xact ON audit.pending USING btree (xact, territory_id, n);

CREATE UNIQUE INDEX person_key_current ON audit.person_key USING btree (territory_id, person_id) WHERE (key IS NOT NULL);

CREATE INDEX display_geom ON cells.display USING gist (geom);

CREATE INDEX generalised_geom ON cells.generalised USING gist (geom);

CREATE INDEX version_batch ON cells.version USING btree (territory_id, batch) WHERE (batch IS NOT NULL);

CREATE INDEX version_code ON cells.version USING btree (territory_id, code text_pattern_ops);

CREATE UNIQUE INDEX version_code_unique ON cells.version USING btree (territory_id, code) WHERE (to_edition IS NULL);

CREATE INDEX version_ended ON cells.version USING btree (territory_id, cell_id) WHERE (to_edition IS NOT NULL);

CREATE INDEX version_ended_code ON cells.version USING btree (territory_id, code) WHERE (to_edition IS NOT NULL);

CREATE INDEX version_geom ON cells.version USING gist (geom);

CREATE INDEX version_name_key ON cells.version USING btree (territory_id, cells.name_key(name));

CREATE UNIQUE INDEX version_name_unique ON cells.version USING btree (territory_id, parent_id, name) WHERE (to_edition IS NULL);

CREATE UNIQUE INDEX version_once ON cells.version USING btree (territory_id, cell_id) WHERE (to_edition IS NULL);

CREATE INDEX version_parent ON cells.version USING btree (territory_id, parent_id);

CREATE INDEX answer_newest ON circulation.answer USING btree (territory_id, opinion_id, id DESC);

CREATE INDEX concern_conflict ON circulation.concern USING btree (territory_id, round_id, conflict);

CREATE INDEX opinion_newest ON circulation.opinion USING btree (territory_id, round_id, party_id, conflict, id DESC);

CREATE UNIQUE INDEX round_number ON circulation.round USING btree (territory_id, edition, draft_since, number);

CREATE UNIQUE INDEX round_one_open ON circulation.round USING btree (territory_id) WHERE (closed_at IS NULL);

CREATE INDEX edition_effective ON editions.edition USING btree (territory_id, effective) WHERE (state = 'published'::text);

CREATE UNIQUE INDEX edition_one_open ON editions.edition USING btree (territory_id) WHERE (state <> 'published'::text);

CREATE UNIQUE INDEX sign_off_once ON editions.sign_off USING btree (territory_id, edition, party, state) WHERE (withdrawn_at IS NULL);

CREATE INDEX river_job_args_index ON jobs.river_job USING gin (args);

CREATE INDEX river_job_kind ON jobs.river_job USING btree (kind);

CREATE INDEX river_job_metadata_index ON jobs.river_job USING gin (metadata);

CREATE INDEX river_job_prioritized_fetching_index ON jobs.river_job USING btree (state, queue, priority, scheduled_at, id);

CREATE INDEX river_job_state_and_finalized_at_index ON jobs.river_job USING btree (state, finalized_at) WHERE (finalized_at IS NOT NULL);

CREATE UNIQUE INDEX river_job_unique_idx ON jobs.river_job USING btree (unique_key) WHERE ((unique_key IS NOT NULL) AND (unique_states IS NOT NULL) AND jobs.river_job_state_in_bitmask(unique_states, state));

CREATE INDEX river_notification_created_at_idx ON jobs.river_notification USING btree (created_at);

CREATE INDEX river_notification_topic_id_idx ON jobs.river_notification USING btree (topic, id);

CREATE INDEX cell_geom ON layers.cell USING gist (geom);

CREATE INDEX version_batch ON layers.version USING btree (territory_id, batch) WHERE (batch IS NOT NULL);

CREATE INDEX version_code ON layers.version USING btree (territory_id, layer, code);

CREATE INDEX version_ended_batch ON layers.version USING btree (territory_id, ended_batch) WHERE (ended_batch IS NOT NULL);

CREATE INDEX version_geom ON layers.version USING gist (geom);

CREATE UNIQUE INDEX version_once ON layers.version USING btree (territory_id, cell_id, lower(during));

CREATE INDEX comment_conflict ON merge.comment USING btree (territory_id, conflict_id, id);

CREATE INDEX conflict_order ON merge.conflict USING btree (territory_id, run_id, blocking DESC, touches DESC, area_m2 DESC, id);

CREATE INDEX crosswalk_cell ON merge.crosswalk USING btree (territory_id, cell_id, run_id);

CREATE INDEX crosswalk_layer_cell ON merge.crosswalk USING btree (territory_id, layer_cell_id, run_id);

CREATE INDEX decision_conflict ON merge.decision USING btree (territory_id, conflict_id, id);

CREATE INDEX move_conflict ON merge.move USING btree (territory_id, run_id, conflict_id);

CREATE UNIQUE INDEX stretch_once ON merge.stretch USING btree (territory_id, run_id, crosswalk_id, object_id);

CREATE INDEX object_geom ON objects.object USING gist (geom);

CREATE INDEX placement_cell ON objects.placement USING btree (territory_id, cell_id);

CREATE UNIQUE INDEX placement_once ON objects.placement USING btree (territory_id, object_id, cell_id, lower(during));

CREATE UNIQUE INDEX placement_open ON objects.placement USING btree (territory_id, object_id, cell_id) WHERE upper_inf(during);

CREATE INDEX version_batch ON objects.version USING btree (territory_id, batch) WHERE (batch IS NOT NULL);

CREATE INDEX version_code ON objects.version USING btree (territory_id, kind, code);

CREATE INDEX version_ended ON objects.version USING btree (territory_id, object_id) WHERE (NOT upper_inf(during));

CREATE INDEX version_geom ON objects.version USING gist (geom);

CREATE UNIQUE INDEX version_once ON objects.version USING btree (territory_id, object_id, lower(during));

CREATE UNIQUE INDEX version_open ON objects.version USING btree (territory_id, object_id) WHERE upper_inf(during);

CREATE INDEX administration_of ON people.administration USING btree (territory_id, cell_id);

CREATE UNIQUE INDEX alarm_one_open ON people.alarm USING btree (territory_id, cell_id) WHERE (ended_at IS NULL);

CREATE INDEX assignment_cell ON people.assignment USING btree (territory_id, cell_id, role);

CREATE INDEX assignment_past_cell ON people.assignment_past USING btree (territory_id, (((assignment ->> 'cell_id'::text))::bigint));

CREATE INDEX assignment_past_of ON people.assignment_past USING btree (territory_id, assignment_id);

CREATE INDEX assignment_past_person ON people.assignment_past USING btree (territory_id, (((assignment ->> 'person_id'::text))::bigint));

CREATE INDEX assignment_person ON people.assignment USING btree (territory_id, person_id);

CREATE UNIQUE INDEX displaced_once ON people.displaced USING btree (territory_id, person_id, edition);

CREATE UNIQUE INDEX displaced_open ON people.displaced USING btree (territory_id, person_id) WHERE (confirmed_at IS NULL);

CREATE INDEX handover_cell ON people.handover USING btree (territory_id, cell_id, at);

CREATE INDEX handover_from ON people.handover USING btree (territory_id, from_person);

CREATE INDEX handover_to ON people.handover USING btree (territory_id, to_person);

CREATE INDEX person_layer_layer ON people.person_layer USING btree (territory_id, layer);

CREATE UNIQUE INDEX person_layer_one_home ON people.person_layer USING btree (territory_id, person_id) WHERE home;

CREATE INDEX person_name ON people.person USING btree (territory_id, cells.plain_name(name));

CREATE INDEX person_post_person ON people.person_post USING btree (territory_id, person_id);

CREATE INDEX person_post_post ON people.person_post USING btree (territory_id, post_id);

CREATE INDEX person_unit ON people.person USING btree (territory_id, unit_id);

CREATE INDEX person_version_batch ON people.person_version USING btree (territory_id, batch) WHERE (batch IS NOT NULL);

CREATE UNIQUE INDEX person_version_once ON people.person_version USING btree (territory_id, person_id, lower(during));

CREATE INDEX person_version_staff_no ON people.person_version USING btree (territory_id, staff_no);

CREATE UNIQUE INDEX post_title_unique ON people.post USING btree (territory_id, COALESCE(unit_id, (0)::bigint), cells.plain_name(title)) WHERE (retired_at IS NULL);

CREATE UNIQUE INDEX question_once ON people.question USING btree (territory_id, edition, cell_id, role, COALESCE(layer, ''::text), about);

CREATE INDEX question_open ON people.question USING btree (territory_id, cell_id) WHERE (answered_at IS NULL);

CREATE INDEX search_key_keys ON people.search_key USING gin (keys) WITH (fastupdate=off);

CREATE UNIQUE INDEX unit_label_unique ON people.unit USING btree (territory_id, cells.plain_name(label)) WHERE (retired_at IS NULL);

CREATE UNIQUE INDEX unit_name_unique ON people.unit USING btree (territory_id, COALESCE(parent_id, (0)::bigint), cells.plain_name(name)) WHERE (retired_at IS NULL);

CREATE INDEX unit_parent ON people.unit USING btree (territory_id, parent_id);

CREATE INDEX batch_expires ON staging.batch USING btree (expires_at) WHERE (expires_at IS NOT NULL);

CREATE INDEX batch_unfinished ON staging.batch USING btree (state) WHERE (state = ANY (ARRAY['received'::text, 'reading'::text, 'checking'::text, 'applying'::text]));

CREATE UNIQUE INDEX batch_upload ON staging.batch USING btree (upload) WHERE (upload IS NOT NULL);

CREATE INDEX finding_rejected ON staging.finding USING btree (territory_id, batch, "row") WHERE (severity = 'error'::text);

ALTER INDEX staging.row_pkey ATTACH PARTITION staging.row_copied_pkey;

CREATE TRIGGER audit_delete AFTER DELETE ON access.account REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE access.account ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON access.grant_ REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE access.grant_ ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON access.key REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE access.key ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON access.opened REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE access.opened ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON access.policy REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE access.policy ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON access.secret REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE access.secret ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_insert AFTER INSERT ON access.account REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE access.account ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON access.grant_ REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE access.grant_ ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON access.key REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE access.key ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON access.opened REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE access.opened ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON access.policy REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE access.policy ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON access.secret REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE access.secret ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON access.session REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE access.session ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON access.account FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE access.account ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON access.grant_ FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE access.grant_ ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON access.key FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE access.key ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON access.opened FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE access.opened ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON access.policy FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE access.policy ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON access.secret FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE access.secret ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON access.session FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE access.session ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_update AFTER UPDATE ON access.account REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE access.account ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON access.grant_ REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE access.grant_ ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON access.key REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE access.key ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON access.opened REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE access.opened ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON access.policy REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE access.policy ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON access.secret REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE access.secret ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON access.session REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE access.session ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER drop_recovery BEFORE UPDATE ON access.secret FOR EACH ROW WHEN (((old.totp_confirmed IS NOT NULL) AND (new.totp_confirmed IS NULL))) EXECUTE FUNCTION access.drop_recovery();

CREATE TRIGGER end_with_account AFTER UPDATE OF disabled ON access.account FOR EACH ROW WHEN ((new.disabled AND (NOT old.disabled))) EXECUTE FUNCTION access.end_with_account();

CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON access.account FOR EACH ROW EXECUTE FUNCTION access.guard_account();

CREATE TRIGGER guard BEFORE INSERT OR DELETE OR UPDATE ON access.grant_ FOR EACH ROW EXECUTE FUNCTION access.guard_grant();

CREATE TRIGGER guard BEFORE INSERT OR UPDATE OF revoked_at ON access.key FOR EACH ROW EXECUTE FUNCTION access.guard_key();

CREATE TRIGGER guard_delete AFTER DELETE ON access.opened REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('collections.open', 'true', 'true', 'r.collection', 'territory_id');

CREATE TRIGGER guard_insert AFTER INSERT ON access.opened REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('collections.open', 'true', 'true', 'r.collection', 'territory_id');

CREATE TRIGGER guard_update AFTER UPDATE ON access.opened REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('collections.open', 'true', 'true', 'r.collection', 'territory_id');

CREATE TRIGGER tell AFTER UPDATE ON access.account FOR EACH STATEMENT EXECUTE FUNCTION access.tell();

CREATE TRIGGER tell AFTER INSERT OR DELETE OR UPDATE ON access.grant_ FOR EACH STATEMENT EXECUTE FUNCTION access.tell();

CREATE TRIGGER tell AFTER UPDATE OF revoked_at ON access.key FOR EACH STATEMENT EXECUTE FUNCTION access.tell();

CREATE TRIGGER tell AFTER UPDATE OF must_change ON access.secret FOR EACH STATEMENT EXECUTE FUNCTION access.tell();

CREATE TRIGGER tell AFTER UPDATE OF revoked_at ON access.session FOR EACH STATEMENT EXECUTE FUNCTION access.tell();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON audit.entry FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();

ALTER TABLE audit.entry ENABLE ALWAYS TRIGGER append_only;

CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON audit.head FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();

ALTER TABLE audit.head ENABLE ALWAYS TRIGGER append_only;

CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON audit.person_key FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();

ALTER TABLE audit.person_key ENABLE ALWAYS TRIGGER append_only;

CREATE CONSTRAINT TRIGGER take_turn AFTER INSERT ON audit.turn DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.take_turn();

ALTER TABLE audit.turn ENABLE ALWAYS TRIGGER take_turn;

CREATE TRIGGER audit_delete AFTER DELETE ON cells.step REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE cells.step ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON cells.territory REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE cells.territory ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON cells.version REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE cells.version ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_insert AFTER INSERT ON cells.step REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE cells.step ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON cells.territory REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE cells.territory ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON cells.version REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE cells.version ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON cells.step FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE cells.step ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON cells.territory FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE cells.territory ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON cells.version FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE cells.version ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_update AFTER UPDATE ON cells.step REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE cells.step ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON cells.territory REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE cells.territory ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON cells.version REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE cells.version ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER find_cells_inserted AFTER INSERT ON cells.sent REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION cells.find_cells();

CREATE TRIGGER find_cells_inserted AFTER INSERT ON cells.version REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION cells.find_cells();

CREATE TRIGGER find_cells_updated AFTER UPDATE ON cells.sent REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION cells.find_cells();

CREATE TRIGGER find_cells_updated AFTER UPDATE ON cells.version REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION cells.find_cells();

CREATE TRIGGER find_parents_inserted AFTER INSERT ON cells.version REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION cells.find_parents();

CREATE TRIGGER find_parents_updated AFTER UPDATE ON cells.version REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION cells.find_parents();

CREATE TRIGGER guard_delete AFTER DELETE ON cells.cell REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('draft.edit', 'true', 'true', 'r.id', 'territory_id');

CREATE TRIGGER guard_delete AFTER DELETE ON cells.display REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('draft.publish', 'true', 'true', 'r.code', 'territory_id');

CREATE TRIGGER guard_delete AFTER DELETE ON cells.generalised REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('collections.open draft.publish', 'true', 'true', 'r.edition', 'territory_id');

CREATE TRIGGER guard_delete AFTER DELETE ON cells.journal REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('draft.edit draft.publish', 'true', 'true', 'r.step', 'territory_id');

CREATE TRIGGER guard_delete AFTER DELETE ON cells.lineage REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('draft.edit draft.publish', 'cells.reached(r.territory_id, r.from_cell) AND cells.reached(r.territory_id, r.to_cell)', 'true', 'r.from_cell', 'territory_id');

CREATE TRIGGER guard_delete AFTER DELETE ON cells.step REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('draft.edit draft.publish', 'true', 'true', 'r.step', 'territory_id');

CREATE TRIGGER guard_delete AFTER DELETE ON cells.territory REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('territories.edit boards.edit', 'true', 'true', 'r.code', 'id');

CREATE TRIGGER guard_delete AFTER DELETE ON cells.undone REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('draft.edit', 'true', 'true', 'r.batch', 'territory_id');

CREATE TRIGGER guard_delete AFTER DELETE ON cells.version REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('draft.edit', 'access.within(r.territory_id, r.code)', 'true', 'r.code', 'territory_id');

CREATE TRIGGER guard_insert AFTER INSERT ON cells.cell REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('draft.edit', 'true', 'true', 'r.id', 'territory_id');

CREATE TRIGGER guard_insert AFTER INSERT ON cells.display REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('draft.publish', 'true', 'true', 'r.code', 'territory_id');

CREATE TRIGGER guard_insert AFTER INSERT ON cells.generalised REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('collections.open draft.publish', 'true', 'true', 'r.edition', 'territory_id');

CREATE TRIGGER guard_insert AFTER INSERT ON cells.journal REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('draft.edit draft.publish', 'true', 'true', 'r.step', 'territory_id');

CREATE TRIGGER guard_insert AFTER INSERT ON cells.lineage REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('draft.edit draft.publish', 'cells.reached(r.territory_id, r.from_cell) AND cells.reached(r.territory_id, r.to_cell)', 'true', 'r.from_cell', 'territory_id');

CREATE TRIGGER guard_insert AFTER INSERT ON cells.step REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('draft.edit draft.publish', 'true', 'true', 'r.step', 'territory_id');

CREATE TRIGGER guard_insert AFTER INSERT ON cells.territory REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('territories.edit boards.edit', 'true', 'true', 'r.code', 'id');

CREATE TRIGGER guard_insert AFTER INSERT ON cells.undone REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('draft.edit', 'true', 'true', 'r.batch', 'territory_id');

CREATE TRIGGER guard_insert AFTER INSERT ON cells.version REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('draft.edit', 'access.within(r.territory_id, r.code)', 'true', 'r.code', 'territory_id');

CREATE TRIGGER guard_new AFTER INSERT OR UPDATE ON cells.intake FOR EACH ROW WHEN ((NOT access.governs(new.territory_id))) EXECUTE FUNCTION access.guard_bulk();

CREATE TRIGGER guard_old AFTER DELETE OR UPDATE ON cells.intake FOR EACH ROW WHEN ((NOT access.governs(old.territory_id))) EXECUTE FUNCTION access.guard_bulk();

CREATE TRIGGER guard_role BEFORE INSERT OR DELETE OR UPDATE ON cells.intake FOR EACH STATEMENT EXECUTE FUNCTION access.guard_bulk('draft.edit');

CREATE TRIGGER guard_update AFTER UPDATE ON cells.cell REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('draft.edit', 'true', 'true', 'r.id', 'territory_id');

CREATE TRIGGER guard_update AFTER UPDATE ON cells.display REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('draft.publish', 'true', 'true', 'r.code', 'territory_id');

CREATE TRIGGER guard_update AFTER UPDATE ON cells.generalised REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('collections.open draft.publish', 'true', 'true', 'r.edition', 'territory_id');

CREATE TRIGGER guard_update AFTER UPDATE ON cells.journal REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('draft.edit draft.publish', 'true', 'true', 'r.step', 'territory_id');

CREATE TRIGGER guard_update AFTER UPDATE ON cells.lineage REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('draft.edit draft.publish', 'cells.reached(r.territory_id, r.from_cell) AND cells.reached(r.territory_id, r.to_cell)', 'true', 'r.from_cell', 'territory_id');

CREATE TRIGGER guard_update AFTER UPDATE ON cells.step REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('draft.edit draft.publish', 'true', 'true', 'r.step', 'territory_id');

CREATE TRIGGER guard_update AFTER UPDATE ON cells.territory REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('territories.edit boards.edit', 'true', 'true', 'r.code', 'id');

CREATE TRIGGER guard_update AFTER UPDATE ON cells.undone REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('draft.edit', 'true', 'true', 'r.batch', 'territory_id');

CREATE TRIGGER guard_update AFTER UPDATE ON cells.version REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('draft.edit', 'access.within(r.territory_id, r.code)', 'true', 'r.code', 'territory_id');

CREATE CONSTRAINT TRIGGER hierarchy AFTER INSERT ON cells.unplaced DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION cells.check_hierarchy();

CREATE TRIGGER hierarchy_inserted AFTER INSERT ON cells.version REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION cells.defer_hierarchy();

CREATE TRIGGER hierarchy_updated AFTER UPDATE OF code, tier, parent_id ON cells.version FOR EACH ROW EXECUTE FUNCTION cells.defer_hierarchy();

CREATE TRIGGER journal_delete AFTER DELETE ON cells.version REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION cells.keep_journal();

CREATE TRIGGER journal_insert AFTER INSERT ON cells.version REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION cells.keep_journal();

CREATE TRIGGER journal_update AFTER UPDATE ON cells.version REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION cells.keep_journal();

CREATE TRIGGER keep_cell BEFORE DELETE OR UPDATE OR TRUNCATE ON cells.cell FOR EACH STATEMENT EXECUTE FUNCTION cells.keep_cell();

CREATE TRIGGER keep_once_inserted AFTER INSERT ON cells.version REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION cells.keep_once();

CREATE TRIGGER keep_once_updated AFTER UPDATE ON cells.version REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION cells.keep_once();

CREATE TRIGGER keep_published BEFORE DELETE OR UPDATE ON cells.version FOR EACH ROW EXECUTE FUNCTION cells.keep_published();

CREATE TRIGGER keep_published_set AFTER INSERT ON cells.version REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION cells.keep_published_set();

CREATE TRIGGER review_delete AFTER DELETE ON cells.version REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION circulation.guard_review();

CREATE TRIGGER review_insert AFTER INSERT ON cells.version REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION circulation.guard_review();

CREATE TRIGGER review_update AFTER UPDATE ON cells.version REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION circulation.guard_review();

CREATE TRIGGER audit_delete AFTER DELETE ON circulation.answer REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE circulation.answer ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON circulation.opinion REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE circulation.opinion ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON circulation.round REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE circulation.round ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_insert AFTER INSERT ON circulation.answer REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE circulation.answer ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON circulation.opinion REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE circulation.opinion ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON circulation.round REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE circulation.round ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON circulation.answer FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE circulation.answer ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON circulation.opinion FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE circulation.opinion ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON circulation.round FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE circulation.round ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_update AFTER UPDATE ON circulation.answer REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE circulation.answer ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON circulation.opinion REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE circulation.opinion ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON circulation.round REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE circulation.round ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER end_round BEFORE UPDATE ON circulation.round FOR EACH ROW EXECUTE FUNCTION circulation.end_round();

CREATE CONSTRAINT TRIGGER review_while_circulated AFTER INSERT OR UPDATE ON circulation.round DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION circulation.check_review();

CREATE TRIGGER say BEFORE INSERT ON circulation.answer FOR EACH ROW EXECUTE FUNCTION circulation.say();

CREATE TRIGGER say BEFORE INSERT ON circulation.opinion FOR EACH ROW EXECUTE FUNCTION circulation.say();

CREATE TRIGGER audit_delete AFTER DELETE ON drawing.draw REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE drawing.draw ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_insert AFTER INSERT ON drawing.draw REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE drawing.draw ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON drawing.draw FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE drawing.draw ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_update AFTER UPDATE ON drawing.draw REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE drawing.draw ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER guard_delete AFTER DELETE ON drawing.draw REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('draft.edit', 'cells.reached(r.territory_id, r.parent_id)', 'true', 'r.id', 'territory_id');

CREATE TRIGGER guard_insert AFTER INSERT ON drawing.draw REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('draft.edit', 'cells.reached(r.territory_id, r.parent_id)', 'true', 'r.id', 'territory_id');

CREATE TRIGGER guard_update AFTER UPDATE ON drawing.draw REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('draft.edit', 'cells.reached(r.territory_id, r.parent_id)', 'true', 'r.id', 'territory_id');

CREATE TRIGGER audit_delete AFTER DELETE ON duty.hotline REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE duty.hotline ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON duty.setting REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE duty.setting ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON duty.text REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE duty.text ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_insert AFTER INSERT ON duty.hotline REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE duty.hotline ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON duty.setting REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE duty.setting ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON duty.text REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE duty.text ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON duty.hotline FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE duty.hotline ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON duty.setting FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE duty.setting ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON duty.text FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE duty.text ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_update AFTER UPDATE ON duty.hotline REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE duty.hotline ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON duty.setting REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE duty.setting ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON duty.text REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE duty.text ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_delete AFTER DELETE ON editions.accepted_vacancy REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE editions.accepted_vacancy ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON editions.decision REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE editions.decision ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON editions.edition REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE editions.edition ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON editions.scan REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE editions.scan ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON editions.setting REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE editions.setting ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON editions.sign_off REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE editions.sign_off ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_insert AFTER INSERT ON editions.accepted_vacancy REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE editions.accepted_vacancy ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON editions.decision REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE editions.decision ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON editions.edition REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE editions.edition ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON editions.scan REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE editions.scan ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON editions.setting REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE editions.setting ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON editions.sign_off REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE editions.sign_off ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON editions.accepted_vacancy FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE editions.accepted_vacancy ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON editions.decision FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE editions.decision ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON editions.edition FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE editions.edition ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON editions.scan FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE editions.scan ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON editions.setting FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE editions.setting ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON editions.sign_off FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE editions.sign_off ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_update AFTER UPDATE ON editions.accepted_vacancy REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE editions.accepted_vacancy ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON editions.decision REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE editions.decision ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON editions.edition REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE editions.edition ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON editions.scan REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE editions.scan ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON editions.setting REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE editions.setting ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON editions.sign_off REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE editions.sign_off ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER guard_delete AFTER DELETE ON editions.edition REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('draft.edit imports.make', 'true', 'true', 'r.seq', 'territory_id');

CREATE TRIGGER guard_insert AFTER INSERT ON editions.edition REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('draft.edit imports.make', 'true', 'true', 'r.seq', 'territory_id');

CREATE TRIGGER guard_publishing AFTER UPDATE ON editions.edition FOR EACH ROW WHEN (((old.state <> 'published'::text) AND (new.state = 'published'::text))) EXECUTE FUNCTION editions.guard_publishing();

CREATE TRIGGER guard_update AFTER UPDATE ON editions.edition REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('draft.edit imports.make', 'true', 'true', 'r.seq', 'territory_id');

CREATE TRIGGER keep_papers BEFORE INSERT OR DELETE OR UPDATE ON editions.accepted_vacancy FOR EACH ROW EXECUTE FUNCTION editions.keep_papers();

CREATE TRIGGER keep_papers BEFORE INSERT OR DELETE OR UPDATE ON editions.decision FOR EACH ROW EXECUTE FUNCTION editions.keep_papers();

CREATE TRIGGER keep_papers BEFORE INSERT OR DELETE OR UPDATE ON editions.report FOR EACH ROW EXECUTE FUNCTION editions.keep_papers();

CREATE TRIGGER keep_papers BEFORE INSERT OR DELETE OR UPDATE ON editions.scan FOR EACH ROW EXECUTE FUNCTION editions.keep_papers();

CREATE TRIGGER keep_papers BEFORE INSERT OR DELETE OR UPDATE ON editions.sign_off FOR EACH ROW EXECUTE FUNCTION editions.keep_papers();

CREATE TRIGGER keep_published BEFORE DELETE OR UPDATE ON editions.edition FOR EACH ROW EXECUTE FUNCTION editions.keep_published();

CREATE TRIGGER require_papers AFTER UPDATE ON editions.edition FOR EACH ROW WHEN (((old.state <> 'published'::text) AND (new.state = 'published'::text))) EXECUTE FUNCTION editions.require_papers();

CREATE CONSTRAINT TRIGGER review_while_circulated AFTER INSERT OR DELETE OR UPDATE ON editions.edition DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION circulation.check_review();

CREATE CONSTRAINT TRIGGER root_always_accountable AFTER INSERT OR UPDATE ON editions.edition DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((new.state = 'published'::text)) EXECUTE FUNCTION people.check_root_accountable();

CREATE TRIGGER audit_delete AFTER DELETE ON layers.cell REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE layers.cell ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON layers.layer REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE layers.layer ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_insert AFTER INSERT ON layers.cell REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE layers.cell ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON layers.layer REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE layers.layer ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON layers.cell FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE layers.cell ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON layers.layer FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE layers.layer ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_update AFTER UPDATE ON layers.cell REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE layers.cell ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON layers.layer REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE layers.layer ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER begin_version BEFORE INSERT ON layers.cell FOR EACH ROW EXECUTE FUNCTION layers.begin_version();

CREATE TRIGGER begin_version_anew BEFORE UPDATE ON layers.cell FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION layers.begin_version();

CREATE TRIGGER guard_delete AFTER DELETE ON layers.cell REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('layers.edit', 'cells.reached(r.territory_id, ST_PointOnSurface(r.geom))', 'access.layer(r.layer)', 'r.layer || '' '' || r.code', 'territory_id');

CREATE TRIGGER guard_delete AFTER DELETE ON layers.layer REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('layers.edit territories.edit', 'true', 'access.layer(r.code)', 'r.code', 'territory_id');

CREATE TRIGGER guard_delete AFTER DELETE ON layers.undone REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('layers.edit', 'true', 'true', 'r.batch', 'territory_id');

CREATE TRIGGER guard_insert AFTER INSERT ON layers.cell REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('layers.edit', 'cells.reached(r.territory_id, ST_PointOnSurface(r.geom))', 'access.layer(r.layer)', 'r.layer || '' '' || r.code', 'territory_id');

CREATE TRIGGER guard_insert AFTER INSERT ON layers.layer REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('layers.edit territories.edit', 'true', 'access.layer(r.code)', 'r.code', 'territory_id');

CREATE TRIGGER guard_insert AFTER INSERT ON layers.undone REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('layers.edit', 'true', 'true', 'r.batch', 'territory_id');

CREATE TRIGGER guard_new AFTER INSERT OR UPDATE ON layers.intake FOR EACH ROW WHEN ((NOT access.governs(new.territory_id))) EXECUTE FUNCTION access.guard_bulk();

CREATE TRIGGER guard_old AFTER DELETE OR UPDATE ON layers.intake FOR EACH ROW WHEN ((NOT access.governs(old.territory_id))) EXECUTE FUNCTION access.guard_bulk();

CREATE TRIGGER guard_role BEFORE INSERT OR DELETE OR UPDATE ON layers.intake FOR EACH STATEMENT EXECUTE FUNCTION access.guard_bulk('layers.edit');

CREATE TRIGGER guard_update AFTER UPDATE ON layers.cell REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('layers.edit', 'cells.reached(r.territory_id, ST_PointOnSurface(r.geom))', 'access.layer(r.layer)', 'r.layer || '' '' || r.code', 'territory_id');

CREATE TRIGGER guard_update AFTER UPDATE ON layers.layer REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('layers.edit territories.edit', 'true', 'access.layer(r.code)', 'r.code', 'territory_id');

CREATE TRIGGER guard_update AFTER UPDATE ON layers.undone REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('layers.edit', 'true', 'true', 'r.batch', 'territory_id');

CREATE TRIGGER keep_names AFTER UPDATE ON layers.layer FOR EACH ROW WHEN (((((old.name_zh IS DISTINCT FROM new.name_zh) OR (old.name_en IS DISTINCT FROM new.name_en)) OR (old.department IS DISTINCT FROM new.department)) OR (old.department_en IS DISTINCT FROM new.department_en))) EXECUTE FUNCTION layers.keep_names();

CREATE TRIGGER keep_versions_of_changed AFTER UPDATE ON layers.cell REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION layers.keep_versions();

CREATE TRIGGER keep_versions_of_new AFTER INSERT ON layers.cell REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION layers.keep_versions();

CREATE TRIGGER keep_versions_of_retired AFTER DELETE ON layers.cell REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION layers.keep_versions();

CREATE TRIGGER audit_delete AFTER DELETE ON merge.comment REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE merge.comment ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON merge.rules REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE merge.rules ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON merge.run REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE merge.run ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_insert AFTER INSERT ON merge.comment REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE merge.comment ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON merge.rules REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE merge.rules ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON merge.run REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE merge.run ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON merge.comment FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE merge.comment ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON merge.conflict FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE merge.conflict ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON merge.rules FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE merge.rules ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON merge.run FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE merge.run ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_update AFTER UPDATE ON merge.comment REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE merge.comment ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON merge.conflict REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE merge.conflict ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON merge.rules REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE merge.rules ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON merge.run REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE merge.run ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER count_comments AFTER INSERT ON merge.comment REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION merge.count_comments();

CREATE TRIGGER decide BEFORE UPDATE ON merge.conflict FOR EACH ROW WHEN (((old.id = new.id) AND (((((old.state IS DISTINCT FROM new.state) OR (old.resolution IS DISTINCT FROM new.resolution)) OR (old.settled_by IS DISTINCT FROM new.settled_by)) OR (old.settled_at IS DISTINCT FROM new.settled_at)) OR (old.drawn_at IS DISTINCT FROM new.drawn_at)))) EXECUTE FUNCTION merge.decide();

CREATE TRIGGER guard_delete AFTER DELETE ON merge.comment REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('conflicts.comment', 'true', 'true', 'r.conflict_id', 'territory_id');

CREATE TRIGGER guard_delete AFTER DELETE ON merge.conflict REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('draft.edit draft.publish conflicts.settle', 'true', 'true', 'r.id', 'territory_id');

CREATE TRIGGER guard_delete AFTER DELETE ON merge.crosswalk REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('draft.edit draft.publish conflicts.settle', 'true', 'true', 'r.id', 'territory_id');

CREATE TRIGGER guard_delete AFTER DELETE ON merge.move REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('draft.edit draft.publish conflicts.settle', 'true', 'true', 'r.conflict_id', 'territory_id');

CREATE TRIGGER guard_delete AFTER DELETE ON merge.rules REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('conflicts.settle', 'true', 'true', 'r.version', 'territory_id');

CREATE TRIGGER guard_delete AFTER DELETE ON merge.run REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('draft.edit draft.publish conflicts.settle', 'true', 'true', 'r.id', 'territory_id');

CREATE TRIGGER guard_delete AFTER DELETE ON merge.seen_leaf REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('draft.edit draft.publish conflicts.settle', 'true', 'true', 'r.cell_id', 'territory_id');

CREATE TRIGGER guard_delete AFTER DELETE ON merge.sliver REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('draft.edit draft.publish conflicts.settle', 'true', 'true', 'r.id', 'territory_id');

CREATE TRIGGER guard_delete AFTER DELETE ON merge.stretch REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('draft.edit draft.publish conflicts.settle', 'true', 'true', 'r.crosswalk_id', 'territory_id');

CREATE TRIGGER guard_insert AFTER INSERT ON merge.comment REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('conflicts.comment', 'true', 'true', 'r.conflict_id', 'territory_id');

CREATE TRIGGER guard_insert AFTER INSERT ON merge.conflict REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('draft.edit draft.publish conflicts.settle', 'true', 'true', 'r.id', 'territory_id');

CREATE TRIGGER guard_insert AFTER INSERT ON merge.crosswalk REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('draft.edit draft.publish conflicts.settle', 'true', 'true', 'r.id', 'territory_id');

CREATE TRIGGER guard_insert AFTER INSERT ON merge.move REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('draft.edit draft.publish conflicts.settle', 'true', 'true', 'r.conflict_id', 'territory_id');

CREATE TRIGGER guard_insert AFTER INSERT ON merge.rules REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('conflicts.settle', 'true', 'true', 'r.version', 'territory_id');

CREATE TRIGGER guard_insert AFTER INSERT ON merge.run REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('draft.edit draft.publish conflicts.settle', 'true', 'true', 'r.id', 'territory_id');

CREATE TRIGGER guard_insert AFTER INSERT ON merge.seen_leaf REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('draft.edit draft.publish conflicts.settle', 'true', 'true', 'r.cell_id', 'territory_id');

CREATE TRIGGER guard_insert AFTER INSERT ON merge.sliver REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('draft.edit draft.publish conflicts.settle', 'true', 'true', 'r.id', 'territory_id');

CREATE TRIGGER guard_insert AFTER INSERT ON merge.stretch REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('draft.edit draft.publish conflicts.settle', 'true', 'true', 'r.crosswalk_id', 'territory_id');

CREATE TRIGGER guard_update AFTER UPDATE ON merge.comment REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('conflicts.comment', 'true', 'true', 'r.conflict_id', 'territory_id');

CREATE TRIGGER guard_update AFTER UPDATE ON merge.conflict REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('draft.edit draft.publish conflicts.settle', 'true', 'true', 'r.id', 'territory_id');

CREATE TRIGGER guard_update AFTER UPDATE ON merge.crosswalk REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('draft.edit draft.publish conflicts.settle', 'true', 'true', 'r.id', 'territory_id');

CREATE TRIGGER guard_update AFTER UPDATE ON merge.move REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('draft.edit draft.publish conflicts.settle', 'true', 'true', 'r.conflict_id', 'territory_id');

CREATE TRIGGER guard_update AFTER UPDATE ON merge.rules REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('conflicts.settle', 'true', 'true', 'r.version', 'territory_id');

CREATE TRIGGER guard_update AFTER UPDATE ON merge.run REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('draft.edit draft.publish conflicts.settle', 'true', 'true', 'r.id', 'territory_id');

CREATE TRIGGER guard_update AFTER UPDATE ON merge.seen_leaf REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('draft.edit draft.publish conflicts.settle', 'true', 'true', 'r.cell_id', 'territory_id');

CREATE TRIGGER guard_update AFTER UPDATE ON merge.sliver REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('draft.edit draft.publish conflicts.settle', 'true', 'true', 'r.id', 'territory_id');

CREATE TRIGGER guard_update AFTER UPDATE ON merge.stretch REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('draft.edit draft.publish conflicts.settle', 'true', 'true', 'r.crosswalk_id', 'territory_id');

CREATE TRIGGER keep_decisions AFTER UPDATE ON merge.conflict REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION merge.keep_decisions();

CREATE TRIGGER note_rules BEFORE INSERT ON merge.decision FOR EACH ROW EXECUTE FUNCTION merge.note_rules();

CREATE TRIGGER review_insert AFTER INSERT ON merge.run REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION circulation.guard_review();

CREATE TRIGGER audit_delete AFTER DELETE ON objects.object REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE objects.object ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_insert AFTER INSERT ON objects.object REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE objects.object ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON objects.object FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE objects.object ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_update AFTER UPDATE ON objects.object REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE objects.object ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER begin_version BEFORE INSERT ON objects.object FOR EACH ROW EXECUTE FUNCTION objects.begin_version();

CREATE TRIGGER begin_version_anew BEFORE UPDATE ON objects.object FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION objects.begin_version();

CREATE TRIGGER guard_delete AFTER DELETE ON objects.object REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('objects.edit draft.publish', 'objects.reached(r.territory_id, r.geom, r.hint_cell)', 'access.layer(objects.layers(r.kind, r.attributes))', 'r.kind || '' '' || r.code', 'territory_id');

CREATE TRIGGER guard_delete AFTER DELETE ON objects.placement REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('objects.edit draft.publish', 'cells.reached(r.territory_id, r.cell_id)', 'true', 'r.object_id', 'territory_id');

CREATE TRIGGER guard_delete AFTER DELETE ON objects.undone REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('objects.edit', 'true', 'true', 'r.batch', 'territory_id');

CREATE TRIGGER guard_insert AFTER INSERT ON objects.object REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('objects.edit draft.publish', 'objects.reached(r.territory_id, r.geom, r.hint_cell)', 'access.layer(objects.layers(r.kind, r.attributes))', 'r.kind || '' '' || r.code', 'territory_id');

CREATE TRIGGER guard_insert AFTER INSERT ON objects.placement REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('objects.edit draft.publish', 'cells.reached(r.territory_id, r.cell_id)', 'true', 'r.object_id', 'territory_id');

CREATE TRIGGER guard_insert AFTER INSERT ON objects.undone REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('objects.edit', 'true', 'true', 'r.batch', 'territory_id');

CREATE TRIGGER guard_new AFTER INSERT OR UPDATE ON objects.intake FOR EACH ROW WHEN ((NOT access.governs(new.territory_id))) EXECUTE FUNCTION access.guard_bulk();

CREATE TRIGGER guard_old AFTER DELETE OR UPDATE ON objects.intake FOR EACH ROW WHEN ((NOT access.governs(old.territory_id))) EXECUTE FUNCTION access.guard_bulk();

CREATE TRIGGER guard_role BEFORE INSERT OR DELETE OR UPDATE ON objects.intake FOR EACH STATEMENT EXECUTE FUNCTION access.guard_bulk('objects.edit');

CREATE TRIGGER guard_update AFTER UPDATE ON objects.object REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('objects.edit draft.publish', 'objects.reached(r.territory_id, r.geom, r.hint_cell)', 'access.layer(objects.layers(r.kind, r.attributes))', 'r.kind || '' '' || r.code', 'territory_id');

CREATE TRIGGER guard_update AFTER UPDATE ON objects.placement REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('objects.edit draft.publish', 'cells.reached(r.territory_id, r.cell_id)', 'true', 'r.object_id', 'territory_id');

CREATE TRIGGER guard_update AFTER UPDATE ON objects.undone REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('objects.edit', 'true', 'true', 'r.batch', 'territory_id');

CREATE TRIGGER keep_one_at_a_time AFTER INSERT ON objects.version REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION objects.keep_one_at_a_time();

CREATE TRIGGER keep_one_at_a_time_changed AFTER UPDATE ON objects.version REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION objects.keep_one_at_a_time();

CREATE TRIGGER keep_versions_of_changed AFTER UPDATE ON objects.object REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION objects.keep_versions();

CREATE TRIGGER keep_versions_of_new AFTER INSERT ON objects.object REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION objects.keep_versions();

CREATE TRIGGER keep_versions_of_retired AFTER DELETE ON objects.object REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION objects.keep_versions();

CREATE TRIGGER audit_delete AFTER DELETE ON people.administration REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.administration ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON people.assignment REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.assignment ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON people.contact REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.contact ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON people.handover REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.handover ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON people.leave REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.leave ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON people.leave_cell REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.leave_cell ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON people.person REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.person ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON people.person_layer REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.person_layer ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON people.person_post REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.person_post ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON people.post REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.post ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON people.role REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.role ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON people.setting REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.setting ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON people.unit REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.unit ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_insert AFTER INSERT ON people.administration REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.administration ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON people.assignment REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.assignment ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON people.contact REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.contact ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON people.handover REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.handover ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON people.leave REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.leave ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON people.leave_cell REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.leave_cell ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON people.person REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.person ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON people.person_layer REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.person_layer ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON people.person_post REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.person_post ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON people.post REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.post ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON people.role REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.role ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON people.setting REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.setting ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON people.unit REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.unit ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON people.administration FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.administration ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON people.alarm FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.alarm ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON people.assignment FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.assignment ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON people.contact FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.contact ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON people.displaced FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.displaced ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON people.handover FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.handover ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON people.leave FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.leave ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON people.leave_cell FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.leave_cell ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON people.person FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.person ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON people.person_layer FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.person_layer ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON people.person_post FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.person_post ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON people.post FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.post ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON people.question FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.question ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON people.role FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.role ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON people.setting FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.setting ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON people.unit FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.unit ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_update AFTER UPDATE ON people.administration REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.administration ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON people.alarm REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.alarm ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON people.assignment REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.assignment ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON people.contact REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.contact ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON people.displaced REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.displaced ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON people.handover REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.handover ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON people.leave REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.leave ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON people.leave_cell REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.leave_cell ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON people.person REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.person ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON people.person_layer REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.person_layer ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON people.person_post REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.person_post ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON people.post REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.post ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON people.question REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.question ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON people.role REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.role ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON people.setting REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.setting ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON people.unit REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE people.unit ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER begin_unit BEFORE INSERT ON people.unit FOR EACH ROW EXECUTE FUNCTION people.begin_unit();

CREATE TRIGGER begin_version_anew BEFORE UPDATE ON people.person FOR EACH ROW WHEN ((((((((old.staff_no IS DISTINCT FROM new.staff_no) OR (old.name IS DISTINCT FROM new.name)) OR (old.unit IS DISTINCT FROM new.unit)) OR (old.post IS DISTINCT FROM new.post)) OR (old.phone_masked IS DISTINCT FROM new.phone_masked)) OR (old.provenance IS DISTINCT FROM new.provenance)) OR (old.batch IS DISTINCT FROM new.batch))) EXECUTE FUNCTION people.begin_version();

CREATE TRIGGER check_held_of_changed AFTER UPDATE ON people.person_post REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION people.check_held();

CREATE TRIGGER check_held_of_new AFTER INSERT ON people.person_post REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION people.check_held();

CREATE TRIGGER check_home_of_changed AFTER UPDATE ON people.person REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION people.check_home();

CREATE TRIGGER check_home_of_new AFTER INSERT ON people.person REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION people.check_home();

CREATE TRIGGER end_posts AFTER DELETE ON people.person REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION people.end_posts();

CREATE TRIGGER guard_delete AFTER DELETE ON people.alarm REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('assignments.edit duty.read', 'true', 'true', 'r.id', 'territory_id');

CREATE TRIGGER guard_delete AFTER DELETE ON people.assignment REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('assignments.edit draft.publish conflicts.settle', 'cells.reached(r.territory_id, r.cell_id)', 'access.layer(r.layer)', '(SELECT v.code FROM cells.version v WHERE v.territory_id = r.territory_id AND v.cell_id = r.cell_id ORDER BY v.from_edition DESC LIMIT 1)', 'territory_id');

CREATE TRIGGER guard_delete AFTER DELETE ON people.assignment_journal REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('assignments.edit', 'cells.reached(r.territory_id, r.cell_id)', 'access.layer(r.layer)', 'r.batch', 'territory_id');

CREATE TRIGGER guard_delete AFTER DELETE ON people.handover REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('assignments.edit', 'cells.reached(r.territory_id, r.cell_id)', 'access.layer(r.layer)', 'r.id', 'territory_id');

CREATE TRIGGER guard_delete AFTER DELETE ON people.intake_assignment REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('assignments.edit conflicts.settle', 'true', 'true', 'r.batch', 'territory_id');

CREATE TRIGGER guard_delete AFTER DELETE ON people.intake_lead REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('assignments.edit conflicts.settle draft.publish', 'true', 'true', 'r.batch', 'territory_id');

CREATE TRIGGER guard_delete AFTER DELETE ON people.leave REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('assignments.edit', 'people.reached(r.territory_id, r.person_id)', 'true', 'r.id', 'territory_id');

CREATE TRIGGER guard_delete AFTER DELETE ON people.leave_cell REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('assignments.edit', 'cells.reached(r.territory_id, r.cell_id)', 'true', 'r.leave_id', 'territory_id');

CREATE TRIGGER guard_delete AFTER DELETE ON people.membership_before REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('people.edit', 'people.reached(r.territory_id, r.person_id)', 'true', 'r.batch', 'territory_id');

CREATE TRIGGER guard_delete AFTER DELETE ON people.person REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('people.edit', 'people.reached(r.territory_id, r.id)', 'true', 'r.staff_no', 'territory_id');

CREATE TRIGGER guard_delete AFTER DELETE ON people.person_layer REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('people.edit', 'people.reached(r.territory_id, r.person_id)', 'true', 'r.layer', 'territory_id');

CREATE TRIGGER guard_delete AFTER DELETE ON people.person_post REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('people.edit', 'people.reached(r.territory_id, r.person_id)', 'true', 'r.person_id', 'territory_id');

CREATE TRIGGER guard_delete AFTER DELETE ON people.post REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('people.edit', 'people.unit_reached(r.territory_id, coalesce((SELECT u.division FROM people.unit u WHERE u.territory_id = r.territory_id AND u.id = r.unit_id), ''''))', 'true', 'r.title', 'territory_id');

CREATE TRIGGER guard_delete AFTER DELETE ON people.question REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('assignments.edit draft.publish', 'cells.reached(r.territory_id, r.cell_id)', 'access.layer(r.layer)', 'r.id', 'territory_id');

CREATE TRIGGER guard_delete AFTER DELETE ON people.search_key REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('people.edit', 'people.reached(r.territory_id, r.person_id)', 'true', 'r.person_id', 'territory_id');

CREATE TRIGGER guard_delete AFTER DELETE ON people.undone REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('people.edit assignments.edit', 'true', 'true', 'r.batch', 'territory_id');

CREATE TRIGGER guard_delete AFTER DELETE ON people.unit REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('people.edit', 'people.unit_reached(r.territory_id, r.division)', 'true', 'r.name', 'territory_id');

CREATE TRIGGER guard_insert AFTER INSERT ON people.alarm REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('assignments.edit duty.read', 'true', 'true', 'r.id', 'territory_id');

CREATE TRIGGER guard_insert AFTER INSERT ON people.assignment REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('assignments.edit draft.publish conflicts.settle', 'cells.reached(r.territory_id, r.cell_id)', 'access.layer(r.layer)', '(SELECT v.code FROM cells.version v WHERE v.territory_id = r.territory_id AND v.cell_id = r.cell_id ORDER BY v.from_edition DESC LIMIT 1)', 'territory_id');

CREATE TRIGGER guard_insert AFTER INSERT ON people.assignment_journal REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('assignments.edit', 'cells.reached(r.territory_id, r.cell_id)', 'access.layer(r.layer)', 'r.batch', 'territory_id');

CREATE TRIGGER guard_insert AFTER INSERT ON people.handover REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('assignments.edit', 'cells.reached(r.territory_id, r.cell_id)', 'access.layer(r.layer)', 'r.id', 'territory_id');

CREATE TRIGGER guard_insert AFTER INSERT ON people.intake_assignment REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('assignments.edit conflicts.settle', 'true', 'true', 'r.batch', 'territory_id');

CREATE TRIGGER guard_insert AFTER INSERT ON people.intake_lead REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('assignments.edit conflicts.settle draft.publish', 'true', 'true', 'r.batch', 'territory_id');

CREATE TRIGGER guard_insert AFTER INSERT ON people.leave REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('assignments.edit', 'people.reached(r.territory_id, r.person_id)', 'true', 'r.id', 'territory_id');

CREATE TRIGGER guard_insert AFTER INSERT ON people.leave_cell REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('assignments.edit', 'cells.reached(r.territory_id, r.cell_id)', 'true', 'r.leave_id', 'territory_id');

CREATE TRIGGER guard_insert AFTER INSERT ON people.membership_before REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('people.edit', 'people.reached(r.territory_id, r.person_id)', 'true', 'r.batch', 'territory_id');

CREATE TRIGGER guard_insert AFTER INSERT ON people.person REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('people.edit', 'people.reached(r.territory_id, r.id)', 'true', 'r.staff_no', 'territory_id');

CREATE TRIGGER guard_insert AFTER INSERT ON people.person_layer REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('people.edit', 'people.reached(r.territory_id, r.person_id)', 'true', 'r.layer', 'territory_id');

CREATE TRIGGER guard_insert AFTER INSERT ON people.person_post REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('people.edit', 'people.reached(r.territory_id, r.person_id)', 'true', 'r.person_id', 'territory_id');

CREATE TRIGGER guard_insert AFTER INSERT ON people.post REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('people.edit', 'people.unit_reached(r.territory_id, coalesce((SELECT u.division FROM people.unit u WHERE u.territory_id = r.territory_id AND u.id = r.unit_id), ''''))', 'true', 'r.title', 'territory_id');

CREATE TRIGGER guard_insert AFTER INSERT ON people.question REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('assignments.edit draft.publish', 'cells.reached(r.territory_id, r.cell_id)', 'access.layer(r.layer)', 'r.id', 'territory_id');

CREATE TRIGGER guard_insert AFTER INSERT ON people.search_key REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('people.edit', 'people.reached(r.territory_id, r.person_id)', 'true', 'r.person_id', 'territory_id');

CREATE TRIGGER guard_insert AFTER INSERT ON people.undone REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('people.edit assignments.edit', 'true', 'true', 'r.batch', 'territory_id');

CREATE TRIGGER guard_insert AFTER INSERT ON people.unit REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('people.edit', 'people.unit_reached(r.territory_id, r.division)', 'true', 'r.name', 'territory_id');

CREATE TRIGGER guard_new AFTER INSERT OR UPDATE ON people.intake_person FOR EACH ROW WHEN ((NOT access.governs(new.territory_id))) EXECUTE FUNCTION access.guard_bulk();

CREATE TRIGGER guard_old AFTER DELETE OR UPDATE ON people.intake_person FOR EACH ROW WHEN ((NOT access.governs(old.territory_id))) EXECUTE FUNCTION access.guard_bulk();

CREATE TRIGGER guard_role BEFORE INSERT OR DELETE OR UPDATE ON people.intake_person FOR EACH STATEMENT EXECUTE FUNCTION access.guard_bulk('people.edit');

CREATE TRIGGER guard_update AFTER UPDATE ON people.alarm REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('assignments.edit duty.read', 'true', 'true', 'r.id', 'territory_id');

CREATE TRIGGER guard_update AFTER UPDATE ON people.assignment REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('assignments.edit draft.publish conflicts.settle', 'cells.reached(r.territory_id, r.cell_id)', 'access.layer(r.layer)', '(SELECT v.code FROM cells.version v WHERE v.territory_id = r.territory_id AND v.cell_id = r.cell_id ORDER BY v.from_edition DESC LIMIT 1)', 'territory_id');

CREATE TRIGGER guard_update AFTER UPDATE ON people.assignment_journal REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('assignments.edit', 'cells.reached(r.territory_id, r.cell_id)', 'access.layer(r.layer)', 'r.batch', 'territory_id');

CREATE TRIGGER guard_update AFTER UPDATE ON people.handover REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('assignments.edit', 'cells.reached(r.territory_id, r.cell_id)', 'access.layer(r.layer)', 'r.id', 'territory_id');

CREATE TRIGGER guard_update AFTER UPDATE ON people.intake_assignment REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('assignments.edit conflicts.settle', 'true', 'true', 'r.batch', 'territory_id');

CREATE TRIGGER guard_update AFTER UPDATE ON people.intake_lead REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('assignments.edit conflicts.settle draft.publish', 'true', 'true', 'r.batch', 'territory_id');

CREATE TRIGGER guard_update AFTER UPDATE ON people.leave REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('assignments.edit', 'people.reached(r.territory_id, r.person_id)', 'true', 'r.id', 'territory_id');

CREATE TRIGGER guard_update AFTER UPDATE ON people.leave_cell REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('assignments.edit', 'cells.reached(r.territory_id, r.cell_id)', 'true', 'r.leave_id', 'territory_id');

CREATE TRIGGER guard_update AFTER UPDATE ON people.membership_before REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('people.edit', 'people.reached(r.territory_id, r.person_id)', 'true', 'r.batch', 'territory_id');

CREATE TRIGGER guard_update AFTER UPDATE ON people.person REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('people.edit', 'people.reached(r.territory_id, r.id)', 'true', 'r.staff_no', 'territory_id');

CREATE TRIGGER guard_update AFTER UPDATE ON people.person_layer REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('people.edit', 'people.reached(r.territory_id, r.person_id)', 'true', 'r.layer', 'territory_id');

CREATE TRIGGER guard_update AFTER UPDATE ON people.person_post REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('people.edit', 'people.reached(r.territory_id, r.person_id)', 'true', 'r.person_id', 'territory_id');

CREATE TRIGGER guard_update AFTER UPDATE ON people.post REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('people.edit', 'people.unit_reached(r.territory_id, coalesce((SELECT u.division FROM people.unit u WHERE u.territory_id = r.territory_id AND u.id = r.unit_id), ''''))', 'true', 'r.title', 'territory_id');

CREATE TRIGGER guard_update AFTER UPDATE ON people.question REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('assignments.edit draft.publish', 'cells.reached(r.territory_id, r.cell_id)', 'access.layer(r.layer)', 'r.id', 'territory_id');

CREATE TRIGGER guard_update AFTER UPDATE ON people.search_key REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('people.edit', 'people.reached(r.territory_id, r.person_id)', 'true', 'r.person_id', 'territory_id');

CREATE TRIGGER guard_update AFTER UPDATE ON people.undone REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('people.edit assignments.edit', 'true', 'true', 'r.batch', 'territory_id');

CREATE TRIGGER guard_update AFTER UPDATE ON people.unit REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('people.edit', 'people.unit_reached(r.territory_id, r.division)', 'true', 'r.name', 'territory_id');

CREATE TRIGGER holders_are_there AFTER INSERT ON people.assignment REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION people.check_holders();

CREATE TRIGGER holders_stay AFTER DELETE ON people.person REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION people.check_holders();

CREATE TRIGGER keep_administration BEFORE INSERT OR DELETE OR UPDATE ON people.administration FOR EACH ROW EXECUTE FUNCTION people.keep_administration();

CREATE TRIGGER keep_answer BEFORE UPDATE ON people.question FOR EACH ROW EXECUTE FUNCTION people.keep_answer();

CREATE TRIGGER keep_confirmed BEFORE UPDATE ON people.displaced FOR EACH ROW EXECUTE FUNCTION people.keep_confirmed();

CREATE TRIGGER keep_leave BEFORE INSERT OR DELETE OR UPDATE ON people.leave FOR EACH ROW EXECUTE FUNCTION people.keep_leave();

CREATE TRIGGER keep_past BEFORE DELETE OR UPDATE ON people.assignment FOR EACH ROW EXECUTE FUNCTION people.keep_past();

CREATE TRIGGER keep_posts_of_changed AFTER UPDATE ON people.post REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION people.keep_posts();

CREATE TRIGGER keep_posts_of_new AFTER INSERT ON people.post REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION people.keep_posts();

CREATE TRIGGER keep_units_of_changed AFTER UPDATE ON people.unit REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION people.keep_units();

CREATE TRIGGER keep_units_of_new AFTER INSERT ON people.unit REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION people.keep_units();

CREATE TRIGGER keep_versions_of_changed AFTER UPDATE ON people.person REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION people.keep_versions();

CREATE TRIGGER keep_versions_of_gone AFTER DELETE ON people.person REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION people.keep_versions();

CREATE TRIGGER keep_versions_of_new AFTER INSERT ON people.person REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION people.keep_versions();

CREATE TRIGGER next_version BEFORE UPDATE ON people.person FOR EACH ROW EXECUTE FUNCTION people.next_version();

CREATE TRIGGER next_version BEFORE UPDATE ON people.post FOR EACH ROW EXECUTE FUNCTION people.next_version();

CREATE TRIGGER next_version BEFORE UPDATE ON people.unit FOR EACH ROW WHEN ((old.label = new.label)) EXECUTE FUNCTION people.next_version();

CREATE CONSTRAINT TRIGGER root_always_accountable AFTER INSERT OR UPDATE ON people.assignment DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((new.role = 'accountable'::text)) EXECUTE FUNCTION people.check_root_accountable();

CREATE CONSTRAINT TRIGGER root_always_accountable_deleted AFTER DELETE ON people.assignment DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.role = 'accountable'::text)) EXECUTE FUNCTION people.check_root_accountable();

CREATE TRIGGER audit_delete AFTER DELETE ON staging.consent REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE staging.consent ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON staging.profile REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE staging.profile ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_insert AFTER INSERT ON staging.consent REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE staging.consent ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON staging.profile REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE staging.profile ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON staging.consent FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE staging.consent ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON staging.profile FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE staging.profile ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_update AFTER UPDATE ON staging.consent REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE staging.consent ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON staging.profile REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE staging.profile ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER batch_forget_rows AFTER DELETE ON staging.batch FOR EACH ROW EXECUTE FUNCTION staging.forget_rows();

CREATE TRIGGER guard_new AFTER INSERT OR UPDATE ON staging.row_copied FOR EACH ROW WHEN ((NOT access.governs(new.territory_id))) EXECUTE FUNCTION access.guard_bulk();

CREATE TRIGGER guard_old AFTER DELETE OR UPDATE ON staging.row_copied FOR EACH ROW WHEN ((NOT access.governs(old.territory_id))) EXECUTE FUNCTION access.guard_bulk();

CREATE TRIGGER guard_role BEFORE INSERT OR DELETE OR UPDATE ON staging.row_copied FOR EACH STATEMENT EXECUTE FUNCTION access.guard_bulk('imports.make');

CREATE TRIGGER audit_delete AFTER DELETE ON workdays.own REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE workdays.own ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_insert AFTER INSERT ON workdays.own REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE workdays.own ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON workdays.own FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE workdays.own ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_update AFTER UPDATE ON workdays.own REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION audit.note();

ALTER TABLE workdays.own ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER guard_delete AFTER DELETE ON workdays.own REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('territories.edit', 'true', 'true', 'r.day', 'territory_id');

CREATE TRIGGER guard_insert AFTER INSERT ON workdays.own REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('territories.edit', 'true', 'true', 'r.day', 'territory_id');

CREATE TRIGGER guard_update AFTER UPDATE ON workdays.own REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION access.guard('territories.edit', 'true', 'true', 'r.day', 'territory_id');

ALTER TABLE ONLY access.account
    ADD CONSTRAINT account_person FOREIGN KEY (person_territory, person_id) REFERENCES people.identity(territory_id, id);

ALTER TABLE ONLY access.account
    ADD CONSTRAINT account_territory_id_fkey FOREIGN KEY (territory_id) REFERENCES cells.territory(id);

ALTER TABLE ONLY access.grant_
    ADD CONSTRAINT grant__account_fkey FOREIGN KEY (account) REFERENCES access.account(id);

ALTER TABLE ONLY access.grant_
    ADD CONSTRAINT grant__territory_id_fkey FOREIGN KEY (territory_id) REFERENCES cells.territory(id);

ALTER TABLE ONLY access.key
    ADD CONSTRAINT key_account_fkey FOREIGN KEY (account) REFERENCES access.account(id);

ALTER TABLE ONLY access.opened
    ADD CONSTRAINT opened_territory_id_fkey FOREIGN KEY (territory_id) REFERENCES cells.territory(id);

ALTER TABLE ONLY access.secret
    ADD CONSTRAINT secret_account_fkey FOREIGN KEY (account) REFERENCES access.account(id);

ALTER TABLE ONLY access.session
    ADD CONSTRAINT session_account_fkey FOREIGN KEY (account) REFERENCES access.account(id);

ALTER TABLE ONLY cells.cell
    ADD CONSTRAINT cell_territory_id_fkey FOREIGN KEY (territory_id) REFERENCES cells.territory(id);

ALTER TABLE ONLY cells.display
    ADD CONSTRAINT display_territory_id_cell_id_fkey FOREIGN KEY (territory_id, cell_id) REFERENCES cells.cell(territory_id, id);

ALTER TABLE ONLY cells.display
    ADD CONSTRAINT display_territory_id_edition_fkey FOREIGN KEY (territory_id, edition) REFERENCES editions.edition(territory_id, seq);

ALTER TABLE ONLY cells.generalised
    ADD CONSTRAINT generalised_territory_id_edition_fkey FOREIGN KEY (territory_id, edition) REFERENCES editions.edition(territory_id, seq) ON DELETE CASCADE;

ALTER TABLE ONLY cells.journal
    ADD CONSTRAINT journal_territory_id_edition_step_fkey FOREIGN KEY (territory_id, edition, step) REFERENCES cells.step(territory_id, edition, step) ON DELETE CASCADE;

ALTER TABLE ONLY cells.lineage
    ADD CONSTRAINT lineage_territory_id_from_cell_fkey FOREIGN KEY (territory_id, from_cell) REFERENCES cells.cell(territory_id, id);

ALTER TABLE ONLY cells.lineage
    ADD CONSTRAINT lineage_territory_id_to_cell_fkey FOREIGN KEY (territory_id, to_cell) REFERENCES cells.cell(territory_id, id);

ALTER TABLE ONLY cells.step
    ADD CONSTRAINT step_territory_id_edition_fkey FOREIGN KEY (territory_id, edition) REFERENCES editions.edition(territory_id, seq) ON DELETE CASCADE;

ALTER TABLE ONLY cells.undone
    ADD CONSTRAINT undone_territory_id_fkey FOREIGN KEY (territory_id) REFERENCES cells.territory(id);

ALTER TABLE ONLY cells.version
    ADD CONSTRAINT version_territory_id_from_edition_fkey FOREIGN KEY (territory_id, from_edition) REFERENCES editions.edition(territory_id, seq);

ALTER TABLE ONLY cells.version
    ADD CONSTRAINT version_territory_id_to_edition_fkey FOREIGN KEY (territory_id, to_edition) REFERENCES editions.edition(territory_id, seq);

ALTER TABLE ONLY circulation.answer
    ADD CONSTRAINT answer_territory_id_opinion_id_fkey FOREIGN KEY (territory_id, opinion_id) REFERENCES circulation.opinion(territory_id, id);

ALTER TABLE ONLY circulation.concern
    ADD CONSTRAINT concern_territory_id_round_id_conflict_fkey FOREIGN KEY (territory_id, round_id, conflict) REFERENCES circulation.item(territory_id, round_id, conflict);

ALTER TABLE ONLY circulation.concern
    ADD CONSTRAINT concern_territory_id_round_id_party_id_fkey FOREIGN KEY (territory_id, round_id, party_id) REFERENCES circulation.party(territory_id, round_id, id);

ALTER TABLE ONLY circulation.item
    ADD CONSTRAINT item_territory_id_round_id_fkey FOREIGN KEY (territory_id, round_id) REFERENCES circulation.round(territory_id, id);

ALTER TABLE ONLY circulation.opinion
    ADD CONSTRAINT opinion_of_concerned FOREIGN KEY (territory_id, round_id, party_id, conflict) REFERENCES circulation.concern(territory_id, round_id, party_id, conflict);

ALTER TABLE ONLY circulation.party
    ADD CONSTRAINT party_territory_id_round_id_fkey FOREIGN KEY (territory_id, round_id) REFERENCES circulation.round(territory_id, id);

ALTER TABLE ONLY circulation.round
    ADD CONSTRAINT round_territory_id_fkey FOREIGN KEY (territory_id) REFERENCES cells.territory(id);

ALTER TABLE ONLY drawing.draw
    ADD CONSTRAINT draw_territory_id_edition_fkey FOREIGN KEY (territory_id, edition) REFERENCES editions.edition(territory_id, seq) ON DELETE CASCADE;

ALTER TABLE ONLY drawing.draw
    ADD CONSTRAINT draw_territory_id_fkey FOREIGN KEY (territory_id) REFERENCES cells.territory(id);

ALTER TABLE ONLY drawing.draw
    ADD CONSTRAINT draw_territory_id_parent_id_fkey FOREIGN KEY (territory_id, parent_id) REFERENCES cells.cell(territory_id, id);

ALTER TABLE ONLY duty.hotline
    ADD CONSTRAINT hotline_territory_id_cell_id_fkey FOREIGN KEY (territory_id, cell_id) REFERENCES cells.cell(territory_id, id);

ALTER TABLE ONLY duty.setting
    ADD CONSTRAINT setting_territory_id_fkey FOREIGN KEY (territory_id) REFERENCES cells.territory(id);

ALTER TABLE ONLY duty.text
    ADD CONSTRAINT text_territory_id_layer_fkey FOREIGN KEY (territory_id, layer) REFERENCES layers.layer(territory_id, code);

ALTER TABLE ONLY editions.accepted_vacancy
    ADD CONSTRAINT accepted_vacancy_territory_id_cell_id_fkey FOREIGN KEY (territory_id, cell_id) REFERENCES cells.cell(territory_id, id);

ALTER TABLE ONLY editions.accepted_vacancy
    ADD CONSTRAINT accepted_vacancy_territory_id_edition_fkey FOREIGN KEY (territory_id, edition) REFERENCES editions.edition(territory_id, seq) ON DELETE CASCADE;

ALTER TABLE ONLY editions.decision
    ADD CONSTRAINT decision_territory_id_edition_fkey FOREIGN KEY (territory_id, edition) REFERENCES editions.edition(territory_id, seq) ON DELETE CASCADE;

ALTER TABLE ONLY editions.edition
    ADD CONSTRAINT edition_territory_id_fkey FOREIGN KEY (territory_id) REFERENCES cells.territory(id);

ALTER TABLE ONLY editions.report
    ADD CONSTRAINT report_territory_id_edition_fkey FOREIGN KEY (territory_id, edition) REFERENCES editions.edition(territory_id, seq) ON DELETE CASCADE;

ALTER TABLE ONLY editions.scan
    ADD CONSTRAINT scan_territory_id_edition_fkey FOREIGN KEY (territory_id, edition) REFERENCES editions.edition(territory_id, seq) ON DELETE CASCADE;

ALTER TABLE ONLY editions.setting
    ADD CONSTRAINT setting_territory_id_fkey FOREIGN KEY (territory_id) REFERENCES cells.territory(id);

ALTER TABLE ONLY editions.sign_off
    ADD CONSTRAINT sign_off_territory_id_edition_fkey FOREIGN KEY (territory_id, edition) REFERENCES editions.edition(territory_id, seq) ON DELETE CASCADE;

ALTER TABLE ONLY layers.cell
    ADD CONSTRAINT cell_territory_id_layer_fkey FOREIGN KEY (territory_id, layer) REFERENCES layers.layer(territory_id, code);

ALTER TABLE ONLY layers.cell
    ADD CONSTRAINT cell_territory_id_person_id_fkey FOREIGN KEY (territory_id, person_id) REFERENCES people.person(territory_id, id);

ALTER TABLE ONLY layers.identity
    ADD CONSTRAINT identity_territory_id_fkey FOREIGN KEY (territory_id) REFERENCES cells.territory(id);

ALTER TABLE ONLY layers.intake
    ADD CONSTRAINT intake_territory_id_fkey FOREIGN KEY (territory_id) REFERENCES cells.territory(id);

ALTER TABLE ONLY layers.layer
    ADD CONSTRAINT layer_territory_id_fkey FOREIGN KEY (territory_id) REFERENCES cells.territory(id);

ALTER TABLE ONLY layers.past_name
    ADD CONSTRAINT past_name_territory_id_code_fkey FOREIGN KEY (territory_id, code) REFERENCES layers.layer(territory_id, code);

ALTER TABLE ONLY layers.sent
    ADD CONSTRAINT sent_of_identity FOREIGN KEY (territory_id, cell_id) REFERENCES layers.identity(territory_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY layers.undone
    ADD CONSTRAINT undone_territory_id_fkey FOREIGN KEY (territory_id) REFERENCES cells.territory(id);

ALTER TABLE ONLY layers.version
    ADD CONSTRAINT version_territory_id_cell_id_fkey FOREIGN KEY (territory_id, cell_id) REFERENCES layers.identity(territory_id, id);

ALTER TABLE ONLY merge.comment
    ADD CONSTRAINT comment_territory_id_fkey FOREIGN KEY (territory_id) REFERENCES cells.territory(id);

ALTER TABLE ONLY merge.conflict
    ADD CONSTRAINT conflict_territory_id_cell_id_fkey FOREIGN KEY (territory_id, cell_id) REFERENCES cells.cell(territory_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY merge.conflict
    ADD CONSTRAINT conflict_territory_id_run_id_fkey FOREIGN KEY (territory_id, run_id) REFERENCES merge.run(territory_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY merge.crosswalk
    ADD CONSTRAINT crosswalk_of_identity FOREIGN KEY (territory_id, layer_cell_id) REFERENCES layers.identity(territory_id, id);

ALTER TABLE ONLY merge.crosswalk
    ADD CONSTRAINT crosswalk_territory_id_cell_id_fkey FOREIGN KEY (territory_id, cell_id) REFERENCES cells.cell(territory_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY merge.crosswalk
    ADD CONSTRAINT crosswalk_territory_id_run_id_fkey FOREIGN KEY (territory_id, run_id) REFERENCES merge.run(territory_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY merge.decision
    ADD CONSTRAINT decision_territory_id_fkey FOREIGN KEY (territory_id) REFERENCES cells.territory(id);

ALTER TABLE ONLY merge.move
    ADD CONSTRAINT move_territory_id_layer_cell_id_fkey FOREIGN KEY (territory_id, layer_cell_id) REFERENCES layers.identity(territory_id, id);

ALTER TABLE ONLY merge.move
    ADD CONSTRAINT move_territory_id_run_id_conflict_id_fkey FOREIGN KEY (territory_id, run_id, conflict_id) REFERENCES merge.conflict(territory_id, run_id, id) ON UPDATE CASCADE ON DELETE CASCADE;

ALTER TABLE ONLY merge.move
    ADD CONSTRAINT move_territory_id_to_cell_id_fkey FOREIGN KEY (territory_id, to_cell_id) REFERENCES cells.cell(territory_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY merge.rules
    ADD CONSTRAINT rules_territory_id_fkey FOREIGN KEY (territory_id) REFERENCES cells.territory(id);

ALTER TABLE ONLY merge.run
    ADD CONSTRAINT run_territory_id_edition_fkey FOREIGN KEY (territory_id, edition) REFERENCES editions.edition(territory_id, seq) ON DELETE CASCADE;

ALTER TABLE ONLY merge.run
    ADD CONSTRAINT run_territory_id_fkey FOREIGN KEY (territory_id) REFERENCES cells.territory(id);

ALTER TABLE ONLY merge.seen_leaf
    ADD CONSTRAINT seen_leaf_territory_id_cell_id_fkey FOREIGN KEY (territory_id, cell_id) REFERENCES cells.cell(territory_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY merge.seen_leaf
    ADD CONSTRAINT seen_leaf_territory_id_run_id_fkey FOREIGN KEY (territory_id, run_id) REFERENCES merge.run(territory_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY merge.sliver
    ADD CONSTRAINT sliver_into_identity FOREIGN KEY (territory_id, into_layer_cell_id) REFERENCES layers.identity(territory_id, id);

ALTER TABLE ONLY merge.sliver
    ADD CONSTRAINT sliver_of_identity FOREIGN KEY (territory_id, layer_cell_id) REFERENCES layers.identity(territory_id, id);

ALTER TABLE ONLY merge.sliver
    ADD CONSTRAINT sliver_territory_id_cell_id_fkey FOREIGN KEY (territory_id, cell_id) REFERENCES cells.cell(territory_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY merge.sliver
    ADD CONSTRAINT sliver_territory_id_run_id_fkey FOREIGN KEY (territory_id, run_id) REFERENCES merge.run(territory_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY merge.stretch
    ADD CONSTRAINT stretch_territory_id_object_id_fkey FOREIGN KEY (territory_id, object_id) REFERENCES objects.identity(territory_id, id);

ALTER TABLE ONLY merge.stretch
    ADD CONSTRAINT stretch_territory_id_run_id_crosswalk_id_fkey FOREIGN KEY (territory_id, run_id, crosswalk_id) REFERENCES merge.crosswalk(territory_id, run_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY objects.identity
    ADD CONSTRAINT identity_territory_id_fkey FOREIGN KEY (territory_id) REFERENCES cells.territory(id);

ALTER TABLE ONLY objects.intake
    ADD CONSTRAINT intake_territory_id_fkey FOREIGN KEY (territory_id) REFERENCES cells.territory(id);

ALTER TABLE ONLY objects.object
    ADD CONSTRAINT object_kind_known FOREIGN KEY (kind) REFERENCES objects.kind(kind);

ALTER TABLE ONLY objects.object
    ADD CONSTRAINT object_territory_id_fkey FOREIGN KEY (territory_id) REFERENCES cells.territory(id);

ALTER TABLE ONLY objects.object
    ADD CONSTRAINT object_territory_id_hint_cell_fkey FOREIGN KEY (territory_id, hint_cell) REFERENCES cells.cell(territory_id, id);

ALTER TABLE ONLY objects.placement
    ADD CONSTRAINT placement_of_identity FOREIGN KEY (territory_id, object_id) REFERENCES objects.identity(territory_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY objects.placement
    ADD CONSTRAINT placement_territory_id_cell_id_fkey FOREIGN KEY (territory_id, cell_id) REFERENCES cells.cell(territory_id, id);

ALTER TABLE ONLY objects.sent
    ADD CONSTRAINT sent_of_identity FOREIGN KEY (territory_id, object_id) REFERENCES objects.identity(territory_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY objects.undone
    ADD CONSTRAINT undone_territory_id_fkey FOREIGN KEY (territory_id) REFERENCES cells.territory(id);

ALTER TABLE ONLY objects.version
    ADD CONSTRAINT version_territory_id_object_id_fkey FOREIGN KEY (territory_id, object_id) REFERENCES objects.identity(territory_id, id);

ALTER TABLE ONLY people.administration
    ADD CONSTRAINT administration_territory_id_by_cell_fkey FOREIGN KEY (territory_id, by_cell) REFERENCES cells.cell(territory_id, id);

ALTER TABLE ONLY people.administration
    ADD CONSTRAINT administration_territory_id_by_unit_fkey FOREIGN KEY (territory_id, by_unit) REFERENCES people.unit(territory_id, id);

ALTER TABLE ONLY people.administration
    ADD CONSTRAINT administration_territory_id_cell_id_fkey FOREIGN KEY (territory_id, cell_id) REFERENCES cells.cell(territory_id, id);

ALTER TABLE ONLY people.administration
    ADD CONSTRAINT administration_territory_id_fkey FOREIGN KEY (territory_id) REFERENCES cells.territory(id);

ALTER TABLE ONLY people.alarm
    ADD CONSTRAINT alarm_territory_id_cell_id_fkey FOREIGN KEY (territory_id, cell_id) REFERENCES cells.cell(territory_id, id);

ALTER TABLE ONLY people.alarm
    ADD CONSTRAINT alarm_territory_id_fkey FOREIGN KEY (territory_id) REFERENCES cells.territory(id);

ALTER TABLE ONLY people.assignment_journal
    ADD CONSTRAINT assignment_journal_territory_id_fkey FOREIGN KEY (territory_id) REFERENCES cells.territory(id);

ALTER TABLE ONLY people.assignment
    ADD CONSTRAINT assignment_of_identity FOREIGN KEY (territory_id, person_id) REFERENCES people.identity(territory_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY people.assignment
    ADD CONSTRAINT assignment_of_role FOREIGN KEY (role) REFERENCES people.role(code);

ALTER TABLE ONLY people.assignment_past
    ADD CONSTRAINT assignment_past_territory_id_fkey FOREIGN KEY (territory_id) REFERENCES cells.territory(id);

ALTER TABLE ONLY people.assignment
    ADD CONSTRAINT assignment_territory_id_cell_id_fkey FOREIGN KEY (territory_id, cell_id) REFERENCES cells.cell(territory_id, id);

ALTER TABLE ONLY people.contact
    ADD CONSTRAINT contact_of_person FOREIGN KEY (territory_id, person_id) REFERENCES people.person(territory_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY people.displaced
    ADD CONSTRAINT displaced_territory_id_edition_fkey FOREIGN KEY (territory_id, edition) REFERENCES editions.edition(territory_id, seq);

ALTER TABLE ONLY people.displaced
    ADD CONSTRAINT displaced_territory_id_person_id_fkey FOREIGN KEY (territory_id, person_id) REFERENCES people.identity(territory_id, id);

ALTER TABLE ONLY people.handover
    ADD CONSTRAINT handover_role_fkey FOREIGN KEY (role) REFERENCES people.role(code);

ALTER TABLE ONLY people.handover
    ADD CONSTRAINT handover_territory_id_cell_id_fkey FOREIGN KEY (territory_id, cell_id) REFERENCES cells.cell(territory_id, id);

ALTER TABLE ONLY people.handover
    ADD CONSTRAINT handover_territory_id_fkey FOREIGN KEY (territory_id) REFERENCES cells.territory(id);

ALTER TABLE ONLY people.handover
    ADD CONSTRAINT handover_territory_id_from_person_fkey FOREIGN KEY (territory_id, from_person) REFERENCES people.identity(territory_id, id);

ALTER TABLE ONLY people.handover
    ADD CONSTRAINT handover_territory_id_to_person_fkey FOREIGN KEY (territory_id, to_person) REFERENCES people.identity(territory_id, id);

ALTER TABLE ONLY people.identity
    ADD CONSTRAINT identity_territory_id_fkey FOREIGN KEY (territory_id) REFERENCES cells.territory(id);

ALTER TABLE ONLY people.intake_assignment
    ADD CONSTRAINT intake_assignment_territory_id_fkey FOREIGN KEY (territory_id) REFERENCES cells.territory(id);

ALTER TABLE ONLY people.intake_lead
    ADD CONSTRAINT intake_lead_territory_id_fkey FOREIGN KEY (territory_id) REFERENCES cells.territory(id);

ALTER TABLE ONLY people.intake_person
    ADD CONSTRAINT intake_person_territory_id_fkey FOREIGN KEY (territory_id) REFERENCES cells.territory(id);

ALTER TABLE ONLY people.leave_cell
    ADD CONSTRAINT leave_cell_territory_id_cell_id_fkey FOREIGN KEY (territory_id, cell_id) REFERENCES cells.cell(territory_id, id);

ALTER TABLE ONLY people.leave_cell
    ADD CONSTRAINT leave_cell_territory_id_leave_id_fkey FOREIGN KEY (territory_id, leave_id) REFERENCES people.leave(territory_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY people.leave_cell
    ADD CONSTRAINT leave_cell_territory_id_stand_in_fkey FOREIGN KEY (territory_id, stand_in) REFERENCES people.identity(territory_id, id);

ALTER TABLE ONLY people.leave
    ADD CONSTRAINT leave_territory_id_fkey FOREIGN KEY (territory_id) REFERENCES cells.territory(id);

ALTER TABLE ONLY people.leave
    ADD CONSTRAINT leave_territory_id_person_id_fkey FOREIGN KEY (territory_id, person_id) REFERENCES people.identity(territory_id, id);

ALTER TABLE ONLY people.leave
    ADD CONSTRAINT leave_territory_id_stand_in_fkey FOREIGN KEY (territory_id, stand_in) REFERENCES people.identity(territory_id, id);

ALTER TABLE ONLY people.person_layer
    ADD CONSTRAINT person_layer_territory_id_layer_fkey FOREIGN KEY (territory_id, layer) REFERENCES layers.layer(territory_id, code);

ALTER TABLE ONLY people.person_layer
    ADD CONSTRAINT person_layer_territory_id_person_id_fkey FOREIGN KEY (territory_id, person_id) REFERENCES people.person(territory_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY people.person_post
    ADD CONSTRAINT person_post_territory_id_person_id_fkey FOREIGN KEY (territory_id, person_id) REFERENCES people.identity(territory_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY people.person_post
    ADD CONSTRAINT person_post_territory_id_post_id_fkey FOREIGN KEY (territory_id, post_id) REFERENCES people.post(territory_id, id);

ALTER TABLE ONLY people.person
    ADD CONSTRAINT person_territory_id_fkey FOREIGN KEY (territory_id) REFERENCES cells.territory(id);

ALTER TABLE ONLY people.person
    ADD CONSTRAINT person_unit FOREIGN KEY (territory_id, unit_id) REFERENCES people.unit(territory_id, id);

ALTER TABLE ONLY people.person_version
    ADD CONSTRAINT person_version_of_identity FOREIGN KEY (territory_id, person_id) REFERENCES people.identity(territory_id, id);

ALTER TABLE ONLY people.post
    ADD CONSTRAINT post_territory_id_fkey FOREIGN KEY (territory_id) REFERENCES cells.territory(id);

ALTER TABLE ONLY people.post
    ADD CONSTRAINT post_territory_id_unit_id_fkey FOREIGN KEY (territory_id, unit_id) REFERENCES people.unit(territory_id, id);

ALTER TABLE ONLY people.question
    ADD CONSTRAINT question_role_fkey FOREIGN KEY (role) REFERENCES people.role(code);

ALTER TABLE ONLY people.question
    ADD CONSTRAINT question_territory_id_cell_id_fkey FOREIGN KEY (territory_id, cell_id) REFERENCES cells.cell(territory_id, id);

ALTER TABLE ONLY people.question
    ADD CONSTRAINT question_territory_id_edition_fkey FOREIGN KEY (territory_id, edition) REFERENCES editions.edition(territory_id, seq);

ALTER TABLE ONLY people.search_key
    ADD CONSTRAINT search_key_territory_id_person_id_fkey FOREIGN KEY (territory_id, person_id) REFERENCES people.person(territory_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY people.sent
    ADD CONSTRAINT sent_of_identity FOREIGN KEY (territory_id, person_id) REFERENCES people.identity(territory_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY people.setting
    ADD CONSTRAINT setting_territory_id_fkey FOREIGN KEY (territory_id) REFERENCES cells.territory(id);

ALTER TABLE ONLY people.undone
    ADD CONSTRAINT undone_territory_id_fkey FOREIGN KEY (territory_id) REFERENCES cells.territory(id);

ALTER TABLE ONLY people.unit
    ADD CONSTRAINT unit_kind_fkey FOREIGN KEY (kind) REFERENCES people.unit_kind(code);

ALTER TABLE ONLY people.unit
    ADD CONSTRAINT unit_territory_id_fkey FOREIGN KEY (territory_id) REFERENCES cells.territory(id);

ALTER TABLE ONLY people.unit
    ADD CONSTRAINT unit_territory_id_parent_id_fkey FOREIGN KEY (territory_id, parent_id) REFERENCES people.unit(territory_id, id);

ALTER TABLE ONLY staging.batch
    ADD CONSTRAINT batch_territory_id_fkey FOREIGN KEY (territory_id) REFERENCES cells.territory(id);

ALTER TABLE ONLY staging.consent
    ADD CONSTRAINT consent_territory_id_fkey FOREIGN KEY (territory_id) REFERENCES cells.territory(id);

ALTER TABLE ONLY staging.difference
    ADD CONSTRAINT difference_territory_id_batch_fkey FOREIGN KEY (territory_id, batch) REFERENCES staging.batch(territory_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY staging.finding
    ADD CONSTRAINT finding_territory_id_batch_fkey FOREIGN KEY (territory_id, batch) REFERENCES staging.batch(territory_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY staging.profile
    ADD CONSTRAINT profile_territory_id_fkey FOREIGN KEY (territory_id) REFERENCES cells.territory(id);

ALTER TABLE ONLY workdays.own
    ADD CONSTRAINT own_territory_id_fkey FOREIGN KEY (territory_id) REFERENCES cells.territory(id);

ALTER TABLE access.account ENABLE ROW LEVEL SECURITY;

CREATE POLICY changed ON access.account FOR UPDATE TO unigrid_app USING (true);

CREATE POLICY changed ON access.grant_ FOR UPDATE TO unigrid_app USING (true);

CREATE POLICY changed ON access.key FOR UPDATE TO unigrid_app USING (true);

ALTER TABLE access.grant_ ENABLE ROW LEVEL SECURITY;

ALTER TABLE access.key ENABLE ROW LEVEL SECURITY;

CREATE POLICY made ON access.account FOR INSERT TO unigrid_app WITH CHECK (true);

CREATE POLICY made ON access.grant_ FOR INSERT TO unigrid_app WITH CHECK (true);

CREATE POLICY made ON access.key FOR INSERT TO unigrid_app WITH CHECK (true);

ALTER TABLE access.secret ENABLE ROW LEVEL SECURITY;

CREATE POLICY seen ON access.account FOR SELECT TO unigrid_app USING (((id = access.self()) OR (access.may('accounts.read'::text) AND access.governs_all(territory_id) AND (NOT access.granted_elsewhere(id)))));

CREATE POLICY seen ON access.grant_ FOR SELECT TO unigrid_app USING ((access.sees_account(account) OR (access.may('accounts.read'::text) AND access.governs_all(territory_id))));

CREATE POLICY seen ON access.key FOR SELECT TO unigrid_app USING (access.sees_account(account));

CREATE POLICY seen ON access.secret FOR SELECT TO unigrid_app USING (access.sees_account(account));

CREATE POLICY seen ON access.session FOR SELECT TO unigrid_app USING (access.sees_account(account));

ALTER TABLE access.session ENABLE ROW LEVEL SECURITY;

CREATE POLICY taken ON access.grant_ FOR DELETE TO unigrid_app USING (true);

ALTER TABLE audit.entry ENABLE ROW LEVEL SECURITY;

CREATE POLICY entry_read ON audit.entry FOR SELECT TO unigrid_app USING ((( SELECT access.may('audit.read'::text) AS may) AND access.governs(territory_id)));

CREATE POLICY importers_only ON cells.sent TO unigrid_app USING ((( SELECT access.may('imports.make'::text) AS may) AND access.governs(territory_id)));

ALTER TABLE cells.sent ENABLE ROW LEVEL SECURITY;

ALTER TABLE circulation.answer ENABLE ROW LEVEL SECURITY;

CREATE POLICY answer_insert ON circulation.answer FOR INSERT TO unigrid_app WITH CHECK (circulation.leads(territory_id));

CREATE POLICY answer_read ON circulation.answer FOR SELECT TO unigrid_app USING ((EXISTS ( SELECT
   FROM circulation.opinion o
  WHERE ((o.territory_id = answer.territory_id) AND (o.id = answer.opinion_id)))));

ALTER TABLE circulation.concern ENABLE ROW LEVEL SECURITY;

CREATE POLICY concern_insert ON circulation.concern FOR INSERT TO unigrid_app WITH CHECK ((( SELECT (access.may('conflicts.settle'::text) AND access.layer(NULL::text))) AND circulation.whole(territory_id)));

CREATE POLICY concern_read ON circulation.concern FOR SELECT TO unigrid_app USING ((EXISTS ( SELECT
   FROM circulation.party p
  WHERE ((p.territory_id = concern.territory_id) AND (p.round_id = concern.round_id) AND (p.id = concern.party_id)))));

ALTER TABLE circulation.item ENABLE ROW LEVEL SECURITY;

CREATE POLICY item_insert ON circulation.item FOR INSERT TO unigrid_app WITH CHECK ((( SELECT (access.may('conflicts.settle'::text) AND access.layer(NULL::text))) AND circulation.whole(territory_id)));

CREATE POLICY item_read ON circulation.item FOR SELECT TO unigrid_app USING (((( SELECT (access.may('conflicts.settle'::text) OR access.may('audit.read'::text))) AND access.governs(territory_id)) OR (EXISTS ( SELECT
   FROM circulation.concern c
  WHERE ((c.territory_id = item.territory_id) AND (c.round_id = item.round_id) AND (c.conflict = item.conflict))))));

ALTER TABLE circulation.opinion ENABLE ROW LEVEL SECURITY;

CREATE POLICY opinion_insert ON circulation.opinion FOR INSERT TO unigrid_app WITH CHECK ((EXISTS ( SELECT
   FROM circulation.party p
  WHERE ((p.territory_id = opinion.territory_id) AND (p.round_id = opinion.round_id) AND (p.id = opinion.party_id) AND circulation.speaks(p.territory_id, p.layer, p.county)))));

CREATE POLICY opinion_read ON circulation.opinion FOR SELECT TO unigrid_app USING ((EXISTS ( SELECT
   FROM circulation.party p
  WHERE ((p.territory_id = opinion.territory_id) AND (p.round_id = opinion.round_id) AND (p.id = opinion.party_id)))));

ALTER TABLE circulation.party ENABLE ROW LEVEL SECURITY;

CREATE POLICY party_insert ON circulation.party FOR INSERT TO unigrid_app WITH CHECK ((( SELECT (access.may('conflicts.settle'::text) AND access.layer(NULL::text))) AND circulation.whole(territory_id)));

CREATE POLICY party_read ON circulation.party FOR SELECT TO unigrid_app USING (((( SELECT (access.may('conflicts.settle'::text) OR access.may('audit.read'::text))) AND access.governs(territory_id)) OR circulation.speaks(territory_id, layer, county)));

ALTER TABLE circulation.round ENABLE ROW LEVEL SECURITY;

CREATE POLICY round_insert ON circulation.round FOR INSERT TO unigrid_app WITH CHECK (circulation.leads(territory_id));

CREATE POLICY round_read ON circulation.round FOR SELECT TO unigrid_app USING ((( SELECT access.may('conflicts.read'::text) AS may) AND access.governs(territory_id)));

CREATE POLICY round_update ON circulation.round FOR UPDATE TO unigrid_app USING (circulation.leads(territory_id));

ALTER TABLE duty.hotline ENABLE ROW LEVEL SECURITY;

CREATE POLICY hotline_delete ON duty.hotline FOR DELETE TO unigrid_app USING (duty.may_set(territory_id, cell_id));

CREATE POLICY hotline_insert ON duty.hotline FOR INSERT TO unigrid_app WITH CHECK (duty.may_set(territory_id, cell_id));

CREATE POLICY hotline_read ON duty.hotline FOR SELECT TO unigrid_app USING (true);

CREATE POLICY hotline_update ON duty.hotline FOR UPDATE TO unigrid_app USING (duty.may_set(territory_id, cell_id));

ALTER TABLE duty.setting ENABLE ROW LEVEL SECURITY;

CREATE POLICY setting_insert ON duty.setting FOR INSERT TO unigrid_app WITH CHECK ((access.may('boards.edit'::text) AND access.within(territory_id, ''::text) AND access.layer(NULL::text)));

CREATE POLICY setting_read ON duty.setting FOR SELECT TO unigrid_app USING (true);

CREATE POLICY setting_update ON duty.setting FOR UPDATE TO unigrid_app USING ((access.may('boards.edit'::text) AND access.within(territory_id, ''::text) AND access.layer(NULL::text)));

ALTER TABLE duty.text ENABLE ROW LEVEL SECURITY;

CREATE POLICY text_delete ON duty.text FOR DELETE TO unigrid_app USING ((access.may('boards.edit'::text) AND access.within(territory_id, ''::text) AND access.layer(layer)));

CREATE POLICY text_insert ON duty.text FOR INSERT TO unigrid_app WITH CHECK ((access.may('boards.edit'::text) AND access.within(territory_id, ''::text) AND access.layer(layer)));

CREATE POLICY text_read ON duty.text FOR SELECT TO unigrid_app USING (true);

CREATE POLICY text_update ON duty.text FOR UPDATE TO unigrid_app USING ((access.may('boards.edit'::text) AND access.within(territory_id, ''::text) AND access.layer(layer)));

ALTER TABLE editions.accepted_vacancy ENABLE ROW LEVEL SECURITY;

CREATE POLICY accepted_vacancy_insert ON editions.accepted_vacancy FOR INSERT TO unigrid_app WITH CHECK ((access.may('conflicts.settle'::text) AND cells.reached(territory_id, cell_id)));

CREATE POLICY accepted_vacancy_read ON editions.accepted_vacancy FOR SELECT TO unigrid_app USING ((access.may('draft.read'::text) AND access.governs(territory_id)));

ALTER TABLE editions.decision ENABLE ROW LEVEL SECURITY;

CREATE POLICY decision_insert ON editions.decision FOR INSERT TO unigrid_app WITH CHECK ((access.may('draft.publish'::text) AND access.governs(territory_id)));

CREATE POLICY decision_read ON editions.decision FOR SELECT TO unigrid_app USING ((access.may('editions.read'::text) AND access.governs(territory_id)));

CREATE POLICY decision_update ON editions.decision FOR UPDATE TO unigrid_app USING ((access.may('draft.publish'::text) AND access.governs(territory_id)));

ALTER TABLE editions.report ENABLE ROW LEVEL SECURITY;

CREATE POLICY report_insert ON editions.report FOR INSERT TO unigrid_app WITH CHECK ((access.may('draft.publish'::text) AND access.governs(territory_id)));

CREATE POLICY report_read ON editions.report FOR SELECT TO unigrid_app USING ((access.may('editions.read'::text) AND access.governs(territory_id)));

ALTER TABLE editions.scan ENABLE ROW LEVEL SECURITY;

CREATE POLICY scan_insert ON editions.scan FOR INSERT TO unigrid_app WITH CHECK ((access.may('draft.publish'::text) AND access.governs(territory_id)));

CREATE POLICY scan_read ON editions.scan FOR SELECT TO unigrid_app USING ((access.may('draft.read'::text) AND access.governs(territory_id)));

CREATE POLICY scan_update ON editions.scan FOR UPDATE TO unigrid_app USING ((access.may('draft.publish'::text) AND access.governs(territory_id)));

ALTER TABLE editions.setting ENABLE ROW LEVEL SECURITY;

CREATE POLICY setting_insert ON editions.setting FOR INSERT TO unigrid_app WITH CHECK ((access.may('territories.edit'::text) AND access.governs(territory_id)));

CREATE POLICY setting_read ON editions.setting FOR SELECT TO unigrid_app USING (true);

CREATE POLICY setting_withdraw ON editions.setting FOR DELETE TO unigrid_app USING ((access.may('territories.edit'::text) AND access.governs(territory_id) AND (since > clock_timestamp())));

ALTER TABLE editions.sign_off ENABLE ROW LEVEL SECURITY;

CREATE POLICY sign_off_insert ON editions.sign_off FOR INSERT TO unigrid_app WITH CHECK ((access.may('draft.sign'::text) AND access.governs(territory_id) AND editions.is_of(territory_id, party) AND (state = editions.draft_state(territory_id, edition)) AND (withdrawn_at IS NULL) AND (signed_by = COALESCE(NULLIF(current_setting('unigrid.name'::text, true), ''::text), (SESSION_USER)::text)) AND (NOT (account IS DISTINCT FROM (NULLIF(NULLIF(current_setting('unigrid.account'::text, true), ''::text), '0'::text))::bigint))));

CREATE POLICY sign_off_read ON editions.sign_off FOR SELECT TO unigrid_app USING ((access.may('draft.read'::text) AND access.governs(territory_id)));

CREATE POLICY sign_off_update ON editions.sign_off FOR UPDATE TO unigrid_app USING (((withdrawn_at IS NULL) AND access.may('draft.sign'::text) AND access.governs(territory_id) AND editions.is_of(territory_id, party))) WITH CHECK (true);

CREATE POLICY importers_only ON layers.sent TO unigrid_app USING ((( SELECT access.may('imports.make'::text) AS may) AND access.governs(territory_id)));

ALTER TABLE layers.sent ENABLE ROW LEVEL SECURITY;

CREATE POLICY importers_only ON objects.sent TO unigrid_app USING ((( SELECT access.may('imports.make'::text) AS may) AND access.governs(territory_id)));

ALTER TABLE objects.sent ENABLE ROW LEVEL SECURITY;

ALTER TABLE people.administration ENABLE ROW LEVEL SECURITY;

CREATE POLICY administration_delete ON people.administration FOR DELETE TO unigrid_app USING ((( SELECT (access.may('assignments.edit'::text) AND access.layer(NULL::text))) AND cells.reached(territory_id, cell_id) AND cells.reached(territory_id, by_cell)));

CREATE POLICY administration_insert ON people.administration FOR INSERT TO unigrid_app WITH CHECK ((( SELECT (access.may('assignments.edit'::text) AND access.layer(NULL::text))) AND cells.reached(territory_id, cell_id) AND cells.reached(territory_id, by_cell)));

CREATE POLICY administration_read ON people.administration FOR SELECT TO unigrid_app USING (true);

CREATE POLICY administration_update ON people.administration FOR UPDATE TO unigrid_app USING ((( SELECT (access.may('assignments.edit'::text) AND access.layer(NULL::text))) AND cells.reached(territory_id, cell_id) AND cells.reached(territory_id, by_cell)));

ALTER TABLE people.contact ENABLE ROW LEVEL SECURITY;

ALTER TABLE people.contact_before ENABLE ROW LEVEL SECURITY;

CREATE POLICY contact_before_read ON people.contact_before FOR SELECT TO unigrid_app USING ((( SELECT access.may('phones.read'::text) AS may) AND people.reached(territory_id, person_id)));

CREATE POLICY contact_read ON people.contact FOR SELECT TO unigrid_app USING ((( SELECT access.may('phones.read'::text) AS may) AND people.reached(territory_id, person_id)));

ALTER TABLE people.displaced ENABLE ROW LEVEL SECURITY;

CREATE POLICY displaced_insert ON people.displaced FOR INSERT TO unigrid_app WITH CHECK (((( SELECT access.may('draft.publish'::text) AS may) OR ( SELECT access.may('conflicts.settle'::text) AS may)) AND access.governs(territory_id)));

CREATE POLICY displaced_read ON people.displaced FOR SELECT TO unigrid_app USING (true);

CREATE POLICY displaced_update ON people.displaced FOR UPDATE TO unigrid_app USING ((( SELECT access.may('assignments.edit'::text) AS may) AND people.reached(territory_id, person_id)));

CREATE POLICY importers_only ON people.sent TO unigrid_app USING ((( SELECT access.may('people.edit'::text) AS may) AND access.governs(territory_id)));

ALTER TABLE people.sent ENABLE ROW LEVEL SECURITY;

ALTER TABLE people.setting ENABLE ROW LEVEL SECURITY;

CREATE POLICY setting_insert ON people.setting FOR INSERT TO unigrid_app WITH CHECK ((access.may('boards.edit'::text) AND access.within(territory_id, ''::text) AND access.layer(NULL::text)));

CREATE POLICY setting_read ON people.setting FOR SELECT TO unigrid_app USING (true);

CREATE POLICY setting_update ON people.setting FOR UPDATE TO unigrid_app USING ((access.may('boards.edit'::text) AND access.within(territory_id, ''::text) AND access.layer(NULL::text)));

ALTER TABLE staging.batch ENABLE ROW LEVEL SECURITY;

ALTER TABLE staging.consent ENABLE ROW LEVEL SECURITY;

ALTER TABLE staging.difference ENABLE ROW LEVEL SECURITY;

ALTER TABLE staging.finding ENABLE ROW LEVEL SECURITY;

CREATE POLICY importers_only ON staging.batch TO unigrid_app USING ((( SELECT access.may('imports.make'::text) AS may) AND access.governs(territory_id)));

CREATE POLICY importers_only ON staging.consent TO unigrid_app USING ((( SELECT access.may('imports.make'::text) AS may) AND access.governs(territory_id))) WITH CHECK ((( SELECT access.may('imports.personal'::text) AS may) AND access.governs(territory_id)));

CREATE POLICY importers_only ON staging.difference TO unigrid_app USING ((( SELECT access.may('imports.make'::text) AS may) AND access.governs(territory_id)));

CREATE POLICY importers_only ON staging.finding TO unigrid_app USING ((( SELECT access.may('imports.make'::text) AS may) AND access.governs(territory_id)));

CREATE POLICY importers_only ON staging.profile TO unigrid_app USING ((( SELECT access.may('imports.make'::text) AS may) AND access.governs(territory_id)));

CREATE POLICY importers_only ON staging."row" TO unigrid_app USING ((( SELECT access.may('imports.make'::text) AS may) AND access.governs(territory_id)));

ALTER TABLE staging.profile ENABLE ROW LEVEL SECURITY;

ALTER TABLE staging."row" ENABLE ROW LEVEL SECURITY;

GRANT USAGE ON SCHEMA access TO unigrid_app;

GRANT USAGE ON SCHEMA audit TO unigrid_app;

GRANT USAGE ON SCHEMA cells TO unigrid_app;

GRANT USAGE ON SCHEMA circulation TO unigrid_app;

GRANT USAGE ON SCHEMA drawing TO unigrid_app;

GRANT USAGE ON SCHEMA duty TO unigrid_app;

GRANT USAGE ON SCHEMA editions TO unigrid_app;

GRANT USAGE ON SCHEMA jobs TO unigrid_app;

GRANT USAGE ON SCHEMA layers TO unigrid_app;

GRANT USAGE ON SCHEMA merge TO unigrid_app;

GRANT USAGE ON SCHEMA objects TO unigrid_app;

GRANT USAGE ON SCHEMA people TO unigrid_app;

GRANT USAGE ON SCHEMA staging TO unigrid_app;

GRANT USAGE ON SCHEMA workdays TO unigrid_app;

REVOKE ALL ON FUNCTION access.begin_session(account bigint, token bytea, address text, agent text) FROM PUBLIC;

REVOKE ALL ON FUNCTION audit.add(territory integer, noun text, op text, key text, label text, person bigint, after jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION audit.broken(territory integer) FROM PUBLIC;
GRANT ALL ON FUNCTION audit.broken(territory integer) TO unigrid_app;

GRANT SELECT ON TABLE audit.entry TO unigrid_app;

REVOKE ALL ON FUNCTION audit.disclosed(territory integer, person bigint, what text, why text) FROM PUBLIC;
GRANT ALL ON FUNCTION audit.disclosed(territory integer, person bigint, what text, why text) TO unigrid_app;

REVOKE ALL ON FUNCTION audit.forget(territory integer, person bigint, why text) FROM PUBLIC;
GRANT ALL ON FUNCTION audit.forget(territory integer, person bigint, why text) TO unigrid_app;

REVOKE ALL ON FUNCTION audit.note() FROM PUBLIC;

GRANT SELECT ON TABLE audit.watched TO unigrid_app;

REVOKE ALL ON FUNCTION audit.take_turn() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit.unseal(e audit.entry) FROM PUBLIC;
GRANT ALL ON FUNCTION audit.unseal(e audit.entry) TO unigrid_app;

REVOKE ALL ON FUNCTION audit.watch(noun regclass, key text[], label text[], person text, plain text[], secret text[], without text[], ops text[], territory text, most integer, content text) FROM PUBLIC;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE cells.version TO unigrid_app;

REVOKE ALL ON FUNCTION cells.refresh_statistics() FROM PUBLIC;
GRANT ALL ON FUNCTION cells.refresh_statistics() TO unigrid_app;

GRANT SELECT,INSERT,UPDATE ON TABLE duty.setting TO unigrid_app;

REVOKE ALL ON FUNCTION editions.is_of(territory integer, party text) FROM PUBLIC;
GRANT ALL ON FUNCTION editions.is_of(territory integer, party text) TO unigrid_app;

GRANT SELECT,INSERT,DELETE ON TABLE editions.setting TO unigrid_app;

GRANT ALL ON FUNCTION jobs.river_job_state_in_bitmask(bitmask bit, state jobs.river_job_state) TO unigrid_app;

GRANT SELECT ON TABLE layers.version TO unigrid_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE merge.conflict TO unigrid_app;

REVOKE ALL ON FUNCTION merge.refresh_conflict_statistics() FROM PUBLIC;
GRANT ALL ON FUNCTION merge.refresh_conflict_statistics() TO unigrid_app;

REVOKE ALL ON FUNCTION merge.refresh_statistics() FROM PUBLIC;
GRANT ALL ON FUNCTION merge.refresh_statistics() TO unigrid_app;

GRANT SELECT ON TABLE objects.version TO unigrid_app;

REVOKE ALL ON FUNCTION people.keep_contacts(territory integer, of_batch bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION people.keep_contacts(territory integer, of_batch bigint) TO unigrid_app;

REVOKE ALL ON FUNCTION people.meant(territory integer, of_batch bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION people.meant(territory integer, of_batch bigint) TO unigrid_app;

REVOKE ALL ON FUNCTION people.restore_contacts(territory integer, of_batch bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION people.restore_contacts(territory integer, of_batch bigint) TO unigrid_app;

REVOKE ALL ON FUNCTION people.set_phones(territory integer, persons bigint[], phones text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION people.set_phones(territory integer, persons bigint[], phones text[]) TO unigrid_app;

REVOKE ALL ON FUNCTION staging.refresh_statistics() FROM PUBLIC;
GRANT ALL ON FUNCTION staging.refresh_statistics() TO unigrid_app;

GRANT SELECT ON TABLE access.account TO unigrid_app;

GRANT INSERT(territory_id) ON TABLE access.account TO unigrid_app;

GRANT INSERT(name),UPDATE(name) ON TABLE access.account TO unigrid_app;

GRANT INSERT(label),UPDATE(label) ON TABLE access.account TO unigrid_app;

GRANT INSERT(kind),UPDATE(kind) ON TABLE access.account TO unigrid_app;

GRANT INSERT(email),UPDATE(email) ON TABLE access.account TO unigrid_app;

GRANT UPDATE(disabled) ON TABLE access.account TO unigrid_app;

GRANT INSERT(person_territory),UPDATE(person_territory) ON TABLE access.account TO unigrid_app;

GRANT INSERT(person_id),UPDATE(person_id) ON TABLE access.account TO unigrid_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE access.grant_ TO unigrid_app;

GRANT SELECT(id) ON TABLE access.key TO unigrid_app;

GRANT SELECT(prefix),INSERT(prefix) ON TABLE access.key TO unigrid_app;

GRANT INSERT(secret) ON TABLE access.key TO unigrid_app;

GRANT SELECT(account),INSERT(account) ON TABLE access.key TO unigrid_app;

GRANT SELECT(label),INSERT(label) ON TABLE access.key TO unigrid_app;

GRANT SELECT(actions),INSERT(actions) ON TABLE access.key TO unigrid_app;

GRANT SELECT(collections),INSERT(collections) ON TABLE access.key TO unigrid_app;

GRANT SELECT(layers),INSERT(layers) ON TABLE access.key TO unigrid_app;

GRANT SELECT(per_minute),INSERT(per_minute) ON TABLE access.key TO unigrid_app;

GRANT SELECT(expires_at),INSERT(expires_at) ON TABLE access.key TO unigrid_app;

GRANT SELECT(used_at) ON TABLE access.key TO unigrid_app;

GRANT SELECT(created_at) ON TABLE access.key TO unigrid_app;

GRANT SELECT(created_by) ON TABLE access.key TO unigrid_app;

GRANT SELECT(revoked_at),UPDATE(revoked_at) ON TABLE access.key TO unigrid_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE access.opened TO unigrid_app;

GRANT SELECT ON TABLE access.policy TO unigrid_app;

GRANT SELECT(account) ON TABLE access.secret TO unigrid_app;

GRANT SELECT(password_changed) ON TABLE access.secret TO unigrid_app;

GRANT SELECT(must_change) ON TABLE access.secret TO unigrid_app;

GRANT SELECT(totp_confirmed) ON TABLE access.secret TO unigrid_app;

GRANT SELECT(oidc_issuer) ON TABLE access.secret TO unigrid_app;

GRANT SELECT(id) ON TABLE access.session TO unigrid_app;

GRANT SELECT(account) ON TABLE access.session TO unigrid_app;

GRANT SELECT(created_at) ON TABLE access.session TO unigrid_app;

GRANT SELECT(seen_at) ON TABLE access.session TO unigrid_app;

GRANT SELECT(expires_at) ON TABLE access.session TO unigrid_app;

GRANT SELECT(address) ON TABLE access.session TO unigrid_app;

GRANT SELECT(agent) ON TABLE access.session TO unigrid_app;

GRANT SELECT(revoked_at) ON TABLE access.session TO unigrid_app;

GRANT SELECT(revoked_by) ON TABLE access.session TO unigrid_app;

GRANT SELECT ON TABLE audit.head TO unigrid_app;

GRANT USAGE ON SEQUENCE cells.batch TO unigrid_app;

GRANT SELECT,INSERT ON TABLE cells.cell TO unigrid_app;

GRANT SELECT,INSERT,DELETE ON TABLE cells.display TO unigrid_app;

GRANT SELECT,INSERT,DELETE ON TABLE cells.generalised TO unigrid_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE cells.intake TO unigrid_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE cells.journal TO unigrid_app;

GRANT SELECT,INSERT,DELETE ON TABLE cells.lineage TO unigrid_app;

GRANT SELECT,INSERT ON TABLE cells.sent TO unigrid_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE cells.step TO unigrid_app;

GRANT SELECT,INSERT,UPDATE ON TABLE cells.territory TO unigrid_app;

GRANT SELECT,INSERT ON TABLE cells.undone TO unigrid_app;

GRANT SELECT,INSERT ON TABLE circulation.answer TO unigrid_app;

GRANT SELECT,INSERT ON TABLE circulation.concern TO unigrid_app;

GRANT SELECT,INSERT ON TABLE circulation.item TO unigrid_app;

GRANT SELECT,INSERT ON TABLE circulation.opinion TO unigrid_app;

GRANT SELECT,INSERT ON TABLE circulation.party TO unigrid_app;

GRANT SELECT,INSERT ON TABLE circulation.round TO unigrid_app;

GRANT UPDATE(closed_at) ON TABLE circulation.round TO unigrid_app;

GRANT UPDATE(closed_by) ON TABLE circulation.round TO unigrid_app;

GRANT UPDATE(withdrawn) ON TABLE circulation.round TO unigrid_app;

GRANT SELECT ON TABLE circulation.standing TO unigrid_app;

GRANT SELECT,INSERT,DELETE ON TABLE drawing.draw TO unigrid_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE duty.hotline TO unigrid_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE duty.text TO unigrid_app;

GRANT SELECT ON TABLE duty.usual TO unigrid_app;

GRANT SELECT,INSERT ON TABLE editions.accepted_vacancy TO unigrid_app;

GRANT SELECT ON TABLE editions.change TO unigrid_app;

GRANT SELECT,INSERT,UPDATE ON TABLE editions.decision TO unigrid_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE editions.edition TO unigrid_app;

GRANT SELECT,INSERT ON TABLE editions.report TO unigrid_app;

GRANT SELECT,INSERT,UPDATE ON TABLE editions.scan TO unigrid_app;

GRANT SELECT,INSERT ON TABLE editions.sign_off TO unigrid_app;

GRANT UPDATE(withdrawn_at) ON TABLE editions.sign_off TO unigrid_app;

GRANT UPDATE(withdrawn_by) ON TABLE editions.sign_off TO unigrid_app;

GRANT UPDATE(withdrawn_reason) ON TABLE editions.sign_off TO unigrid_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE jobs.river_job TO unigrid_app;

GRANT SELECT,USAGE ON SEQUENCE jobs.river_job_id_seq TO unigrid_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE jobs.river_leader TO unigrid_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE jobs.river_migration TO unigrid_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE jobs.river_notification TO unigrid_app;

GRANT SELECT,USAGE ON SEQUENCE jobs.river_notification_id_seq TO unigrid_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE jobs.river_queue TO unigrid_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE layers.cell TO unigrid_app;

GRANT USAGE ON SEQUENCE layers.cell_id_seq TO unigrid_app;

GRANT SELECT ON TABLE layers.identity TO unigrid_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE layers.intake TO unigrid_app;

GRANT SELECT,INSERT,UPDATE ON TABLE layers.layer TO unigrid_app;

GRANT SELECT ON TABLE layers.past_name TO unigrid_app;

GRANT SELECT,INSERT ON TABLE layers.sent TO unigrid_app;

GRANT SELECT,INSERT ON TABLE layers.undone TO unigrid_app;

GRANT SELECT,INSERT ON TABLE merge.comment TO unigrid_app;

GRANT USAGE ON SEQUENCE merge.conflict_id_seq TO unigrid_app;

GRANT SELECT,INSERT,DELETE ON TABLE merge.crosswalk TO unigrid_app;

GRANT SELECT ON TABLE merge.decision TO unigrid_app;

GRANT SELECT,INSERT,DELETE ON TABLE merge.move TO unigrid_app;

GRANT SELECT,INSERT ON TABLE merge.rules TO unigrid_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE merge.run TO unigrid_app;

GRANT SELECT,INSERT,DELETE ON TABLE merge.seen_leaf TO unigrid_app;

GRANT SELECT,INSERT,DELETE ON TABLE merge.sliver TO unigrid_app;

GRANT SELECT,INSERT,DELETE ON TABLE merge.stretch TO unigrid_app;

GRANT SELECT ON TABLE objects.identity TO unigrid_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE objects.intake TO unigrid_app;

GRANT SELECT ON TABLE objects.kind TO unigrid_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE objects.object TO unigrid_app;

GRANT USAGE ON SEQUENCE objects.object_id_seq TO unigrid_app;

GRANT SELECT,INSERT,DELETE ON TABLE objects.placement TO unigrid_app;

GRANT UPDATE(during) ON TABLE objects.placement TO unigrid_app;

GRANT SELECT,INSERT ON TABLE objects.sent TO unigrid_app;

GRANT SELECT,INSERT ON TABLE objects.undone TO unigrid_app;

GRANT SELECT,INSERT,DELETE ON TABLE people.administration TO unigrid_app;

GRANT UPDATE(during) ON TABLE people.administration TO unigrid_app;

GRANT UPDATE(recorded_at) ON TABLE people.administration TO unigrid_app;

GRANT UPDATE(recorded_by) ON TABLE people.administration TO unigrid_app;

GRANT SELECT,INSERT ON TABLE people.alarm TO unigrid_app;

GRANT UPDATE(ended_at) ON TABLE people.alarm TO unigrid_app;

GRANT UPDATE(seen_at) ON TABLE people.alarm TO unigrid_app;

GRANT UPDATE(seen_by) ON TABLE people.alarm TO unigrid_app;

GRANT UPDATE(note) ON TABLE people.alarm TO unigrid_app;

GRANT SELECT,INSERT,DELETE ON TABLE people.assignment TO unigrid_app;

GRANT UPDATE(post) ON TABLE people.assignment TO unigrid_app;

GRANT UPDATE(side) ON TABLE people.assignment TO unigrid_app;

GRANT UPDATE(rank) ON TABLE people.assignment TO unigrid_app;

GRANT UPDATE(during) ON TABLE people.assignment TO unigrid_app;

GRANT UPDATE(recorded_by) ON TABLE people.assignment TO unigrid_app;

GRANT UPDATE(reason) ON TABLE people.assignment TO unigrid_app;

GRANT SELECT,INSERT ON TABLE people.assignment_journal TO unigrid_app;

GRANT SELECT ON TABLE people.assignment_past TO unigrid_app;

GRANT SELECT ON TABLE people.assignment_known TO unigrid_app;

GRANT SELECT ON TABLE people.contact TO unigrid_app;

GRANT SELECT ON TABLE people.contact_before TO unigrid_app;

GRANT SELECT,INSERT ON TABLE people.displaced TO unigrid_app;

GRANT UPDATE(confirmed_at) ON TABLE people.displaced TO unigrid_app;

GRANT UPDATE(confirmed_by) ON TABLE people.displaced TO unigrid_app;

GRANT UPDATE(outcome) ON TABLE people.displaced TO unigrid_app;

GRANT UPDATE(assignment_id) ON TABLE people.displaced TO unigrid_app;

GRANT UPDATE(reason) ON TABLE people.displaced TO unigrid_app;

GRANT SELECT,INSERT ON TABLE people.handover TO unigrid_app;

GRANT SELECT ON TABLE people.identity TO unigrid_app;

GRANT SELECT,INSERT,DELETE ON TABLE people.intake_assignment TO unigrid_app;

GRANT SELECT,INSERT,DELETE ON TABLE people.intake_lead TO unigrid_app;

GRANT INSERT,DELETE ON TABLE people.intake_person TO unigrid_app;

GRANT SELECT(territory_id) ON TABLE people.intake_person TO unigrid_app;

GRANT SELECT(batch) ON TABLE people.intake_person TO unigrid_app;

GRANT SELECT("row") ON TABLE people.intake_person TO unigrid_app;

GRANT SELECT(staff_no),UPDATE(staff_no) ON TABLE people.intake_person TO unigrid_app;

GRANT SELECT(name) ON TABLE people.intake_person TO unigrid_app;

GRANT SELECT(unit),UPDATE(unit) ON TABLE people.intake_person TO unigrid_app;

GRANT SELECT(post),UPDATE(post) ON TABLE people.intake_person TO unigrid_app;

GRANT SELECT(provenance) ON TABLE people.intake_person TO unigrid_app;

GRANT SELECT(phone_masked) ON TABLE people.intake_person TO unigrid_app;

GRANT SELECT(sent) ON TABLE people.intake_person TO unigrid_app;

GRANT SELECT(choice) ON TABLE people.intake_person TO unigrid_app;

GRANT SELECT(layer) ON TABLE people.intake_person TO unigrid_app;

GRANT SELECT(supports) ON TABLE people.intake_person TO unigrid_app;

GRANT SELECT(post_from) ON TABLE people.intake_person TO unigrid_app;

GRANT SELECT,INSERT,DELETE ON TABLE people.leave TO unigrid_app;

GRANT UPDATE(during) ON TABLE people.leave TO unigrid_app;

GRANT UPDATE(recorded_at) ON TABLE people.leave TO unigrid_app;

GRANT UPDATE(recorded_by) ON TABLE people.leave TO unigrid_app;

GRANT SELECT,INSERT,DELETE ON TABLE people.leave_cell TO unigrid_app;

GRANT SELECT,INSERT,DELETE ON TABLE people.membership_before TO unigrid_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE people.person TO unigrid_app;

GRANT USAGE ON SEQUENCE people.person_id_seq TO unigrid_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE people.person_layer TO unigrid_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE people.person_post TO unigrid_app;

GRANT SELECT ON TABLE people.person_version TO unigrid_app;

GRANT SELECT,INSERT,UPDATE ON TABLE people.post TO unigrid_app;

GRANT SELECT,INSERT ON TABLE people.question TO unigrid_app;

GRANT UPDATE(answered_at) ON TABLE people.question TO unigrid_app;

GRANT UPDATE(answered_by) ON TABLE people.question TO unigrid_app;

GRANT UPDATE(answer) ON TABLE people.question TO unigrid_app;

GRANT UPDATE(answer_person) ON TABLE people.question TO unigrid_app;

GRANT UPDATE(reason) ON TABLE people.question TO unigrid_app;

GRANT SELECT ON TABLE people.role TO unigrid_app;

GRANT SELECT,INSERT,UPDATE ON TABLE people.search_key TO unigrid_app;

GRANT SELECT,INSERT ON TABLE people.sent TO unigrid_app;

GRANT SELECT,INSERT,UPDATE ON TABLE people.setting TO unigrid_app;

GRANT SELECT,INSERT ON TABLE people.undone TO unigrid_app;

GRANT SELECT,INSERT,UPDATE ON TABLE people.unit TO unigrid_app;

GRANT SELECT ON TABLE people.unit_kind TO unigrid_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE staging.batch TO unigrid_app;

GRANT SELECT,INSERT ON TABLE staging.consent TO unigrid_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE staging.difference TO unigrid_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE staging.finding TO unigrid_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE staging.profile TO unigrid_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE staging."row" TO unigrid_app;

GRANT INSERT ON TABLE staging.row_copied TO unigrid_app;

GRANT SELECT,INSERT,DELETE ON TABLE workdays.own TO unigrid_app;

GRANT SELECT ON TABLE workdays.usual TO unigrid_app;

ALTER DEFAULT PRIVILEGES FOR ROLE unigrid IN SCHEMA jobs GRANT SELECT,USAGE ON SEQUENCES  TO unigrid_app;

ALTER DEFAULT PRIVILEGES FOR ROLE unigrid IN SCHEMA jobs GRANT ALL ON FUNCTIONS  TO unigrid_app;

ALTER DEFAULT PRIVILEGES FOR ROLE unigrid IN SCHEMA jobs GRANT SELECT,INSERT,DELETE,UPDATE ON TABLES  TO unigrid_app;

