-- +goose Up
-- Whoever may come in. Grants say where an account may do what; territory_id
-- only, whose administrators keep it (NULL: those of all territories). It is
-- never deleted, for the log names it; it is closed.
CREATE TABLE access.account (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  territory_id int REFERENCES cells.territory,
  name       text NOT NULL CONSTRAINT account_name_unique UNIQUE
             CONSTRAINT account_name_plain CHECK (length(name) BETWEEN 2 AND 64 AND name !~ '[A-Z[:space:][:cntrl:]]'),
  label      text NOT NULL DEFAULT '',                            -- what people call it
  kind       text NOT NULL CHECK (kind IN ('person', 'service', 'oidc')), -- by password, by key, by OpenID Connect
  email      text CONSTRAINT account_email_unique UNIQUE CHECK (email = lower(email)),
  disabled   boolean NOT NULL DEFAULT false,
  person_territory int,
  person_id  bigint,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  created_by text NOT NULL DEFAULT coalesce(nullif(current_setting('unigrid.name', true), ''), session_user),
  CONSTRAINT account_person FOREIGN KEY (person_territory, person_id) REFERENCES people.identity (territory_id, id)
);

-- What only the functions below see. The service can't read a password's hash:
-- it computes one with the salt and lets the database compare.
CREATE TABLE access.secret (
  account          bigint PRIMARY KEY REFERENCES access.account,
  password         text CHECK (password LIKE '$argon2id$%'),
  password_changed timestamptz,
  must_change      boolean NOT NULL DEFAULT false,                -- another set it
  totp             text,
  totp_confirmed   timestamptz,
  totp_step        bigint NOT NULL DEFAULT 0,                     -- the last one used; none is taken twice
  oidc_issuer      text,
  oidc_subject     text,
  CONSTRAINT secret_subject_unique UNIQUE (oidc_issuer, oidc_subject)
);
GRANT SELECT (account, password_changed, must_change, totp_confirmed, oidc_issuer) ON access.secret TO unigrid_app;

-- Failures in a row by name, whether or not there is such an account, so that
-- locking tells nobody which there are. Names are kept hashed: people type
-- passwords into the wrong field.
CREATE TABLE access.attempt (
  who          bytea PRIMARY KEY,
  failures     int NOT NULL DEFAULT 0,
  last         timestamptz NOT NULL DEFAULT clock_timestamp(),
  locked_until timestamptz NOT NULL DEFAULT '-infinity'
);
CREATE INDEX attempt_last ON access.attempt (last);

CREATE TABLE access.session (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  token      bytea NOT NULL UNIQUE,                               -- SHA-256 of it
  account    bigint NOT NULL REFERENCES access.account,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  seen_at    timestamptz NOT NULL DEFAULT clock_timestamp(),      -- to the minute
  expires_at timestamptz NOT NULL,
  address    text NOT NULL DEFAULT '',
  agent      text NOT NULL DEFAULT '',
  revoked_at timestamptz,
  revoked_by text
);
CREATE INDEX session_account ON access.session (account);
GRANT SELECT (id, account, created_at, seen_at, expires_at, address, agent, revoked_at, revoked_by) ON access.session TO unigrid_app;

-- Keys of programs. One gives no more than its account's role does; actions,
-- collections and layers, where given, narrow it.
CREATE TABLE access.key (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  prefix      text NOT NULL UNIQUE CHECK (prefix ~ '^[a-z2-7]{8}$'),
  secret      bytea NOT NULL,                                     -- SHA-256 of it
  account     bigint NOT NULL REFERENCES access.account,
  label       text NOT NULL,
  actions     text[] NOT NULL DEFAULT '{}',
  collections text[] NOT NULL DEFAULT '{}',
  layers      text[] NOT NULL DEFAULT '{}',
  per_minute  int NOT NULL DEFAULT 600 CHECK (per_minute BETWEEN 1 AND 1000000),
  expires_at  timestamptz NOT NULL,
  used_at     timestamptz,
  created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  created_by  text NOT NULL DEFAULT coalesce(nullif(current_setting('unigrid.name', true), ''), session_user),
  revoked_at  timestamptz
);
CREATE INDEX key_account ON access.key (account);
GRANT SELECT (id, prefix, account, label, actions, collections, layers, per_minute, expires_at, used_at, created_at, created_by, revoked_at),
  INSERT (prefix, secret, account, label, actions, collections, layers, per_minute, expires_at), UPDATE (revoked_at) ON access.key TO unigrid_app;

-- The role of an account in a territory (NULL: in all), bound to subtrees of
-- division codes and to layers or to none. The three administrators are three
-- accounts, everywhere.
CREATE TABLE access.grant_ (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account      bigint NOT NULL REFERENCES access.account,
  territory_id int REFERENCES cells.territory,
  role         text NOT NULL CHECK (role IN ('agency', 'officer', 'department', 'gis', 'planner', 'admin', 'security', 'auditor')),
  within       text[] NOT NULL DEFAULT '{}',
  layers       text[] NOT NULL DEFAULT '{}',
  given_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  given_by     text NOT NULL DEFAULT '',
  CONSTRAINT grant_one_role UNIQUE NULLS NOT DISTINCT (account, territory_id),
  CONSTRAINT grant_bounds CHECK (within = '{}' AND layers = '{}' OR role NOT IN ('admin', 'security', 'auditor') AND territory_id IS NOT NULL),
  CONSTRAINT grant_three_apart EXCLUDE USING gist (account WITH =, role WITH <>) WHERE (role IN ('admin', 'security', 'auditor'))
);
GRANT SELECT, INSERT, UPDATE, DELETE ON access.grant_ TO unigrid_app;

-- A key or a first password may narrow what a role gives.
CREATE OR REPLACE FUNCTION access.may(action text) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT EXISTS (SELECT FROM access.policy p WHERE p.action = may.action AND p.role = current_setting('unigrid.role', true))
     AND (coalesce(current_setting('unigrid.actions', true), '') = '' OR may.action = ANY (string_to_array(current_setting('unigrid.actions', true), ',')))
$$;

-- The transaction's account; 0 when it has none.
CREATE FUNCTION access.self() RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT coalesce(nullif(current_setting('unigrid.account', true), '')::bigint, 0) $$;

-- Is something of a territory (NULL: of all) the principal's to administer?
CREATE FUNCTION access.governs_all(territory int) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN coalesce(current_setting('unigrid.territory', true), '') IN ('', '0') THEN true
    ELSE coalesce(current_setting('unigrid.territory', true)::int = territory, false) END
$$;

-- Has the account rights that aren't the principal's to administer?
CREATE FUNCTION access.granted_elsewhere(account bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (SELECT FROM access.grant_ g WHERE g.account = granted_elsewhere.account AND NOT access.governs_all(g.territory_id))
$$;

-- Is the account kept in the principal's territory, without rights elsewhere?
CREATE FUNCTION access.governs_account(account bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT access.governs_all((SELECT a.territory_id FROM access.account a WHERE a.id = governs_account.account)) AND NOT access.granted_elsewhere(account)
$$;

-- Does the account hold one of the three administrators' roles?
CREATE FUNCTION access.administrates(account bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (SELECT FROM access.grant_ g WHERE g.account = administrates.account AND g.role IN ('admin', 'security', 'auditor'))
$$;

-- +goose StatementBegin
CREATE FUNCTION access.refuse(rule text, message text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%', message USING ERRCODE = 'insufficient_privilege', CONSTRAINT = rule;
END $$;
-- +goose StatementEnd

-- Accounts are for who may edit accounts. Whom the name, address or kind of an
-- administrator's account means is changed on the machine only, or the system
-- administrator could become another.
-- +goose StatementBegin
CREATE FUNCTION access.guard_account() RETURNS trigger LANGUAGE plpgsql AS $$
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
-- +goose StatementEnd
CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON access.account FOR EACH ROW EXECUTE FUNCTION access.guard_account();
GRANT SELECT, INSERT (territory_id, name, label, kind, email, person_territory, person_id), UPDATE (name, label, kind, email, disabled, person_territory, person_id)
  ON access.account TO unigrid_app;

-- Rights are given by the security administrator of the territory, never to
-- itself. An administrator's role goes only to who has chosen a password, or
-- whoever made the account could use it first; and never to a program.
-- +goose StatementBegin
CREATE FUNCTION access.guard_grant() RETURNS trigger LANGUAGE plpgsql AS $$
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
-- +goose StatementEnd
CREATE TRIGGER guard BEFORE INSERT OR UPDATE OR DELETE ON access.grant_ FOR EACH ROW EXECUTE FUNCTION access.guard_grant();

-- Keys are given to programs only: whoever makes one knows it.
-- +goose StatementBegin
CREATE FUNCTION access.guard_key() RETURNS trigger LANGUAGE plpgsql AS $$
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
-- +goose StatementEnd
CREATE TRIGGER guard BEFORE INSERT OR UPDATE OF revoked_at ON access.key FOR EACH ROW EXECUTE FUNCTION access.guard_key();

-- One sees one's own; who may read accounts, those of the territory.
ALTER TABLE access.account ENABLE ROW LEVEL SECURITY;
ALTER TABLE access.secret ENABLE ROW LEVEL SECURITY;
ALTER TABLE access.session ENABLE ROW LEVEL SECURITY;
ALTER TABLE access.key ENABLE ROW LEVEL SECURITY;
ALTER TABLE access.grant_ ENABLE ROW LEVEL SECURITY;
CREATE FUNCTION access.sees_account(account bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$ SELECT account = access.self() OR access.may('accounts.read') AND access.governs_account(account) $$;
CREATE POLICY seen ON access.account FOR SELECT TO unigrid_app
  USING (id = access.self() OR access.may('accounts.read') AND access.governs_all(territory_id) AND NOT access.granted_elsewhere(id));
CREATE POLICY seen ON access.secret FOR SELECT TO unigrid_app USING (access.sees_account(account));
CREATE POLICY seen ON access.session FOR SELECT TO unigrid_app USING (access.sees_account(account));
CREATE POLICY seen ON access.key FOR SELECT TO unigrid_app USING (access.sees_account(account));
CREATE POLICY seen ON access.grant_ FOR SELECT TO unigrid_app
  USING (access.sees_account(account) OR access.may('accounts.read') AND access.governs_all(territory_id));
-- Writes are guarded by the triggers, which say why.
CREATE POLICY made ON access.account FOR INSERT TO unigrid_app WITH CHECK (true);
CREATE POLICY changed ON access.account FOR UPDATE TO unigrid_app USING (true);
CREATE POLICY made ON access.key FOR INSERT TO unigrid_app WITH CHECK (true);
CREATE POLICY changed ON access.key FOR UPDATE TO unigrid_app USING (true);
CREATE POLICY made ON access.grant_ FOR INSERT TO unigrid_app WITH CHECK (true);
CREATE POLICY changed ON access.grant_ FOR UPDATE TO unigrid_app USING (true);
CREATE POLICY taken ON access.grant_ FOR DELETE TO unigrid_app USING (true);

-- Processes keep for moments who a token is; they forget it when this says so.
-- +goose StatementBegin
CREATE FUNCTION access.tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('unigrid_access', '');
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER tell AFTER UPDATE ON access.account FOR EACH STATEMENT EXECUTE FUNCTION access.tell();
CREATE TRIGGER tell AFTER UPDATE OF must_change ON access.secret FOR EACH STATEMENT EXECUTE FUNCTION access.tell();
CREATE TRIGGER tell AFTER UPDATE OF revoked_at ON access.session FOR EACH STATEMENT EXECUTE FUNCTION access.tell();
CREATE TRIGGER tell AFTER UPDATE OF revoked_at ON access.key FOR EACH STATEMENT EXECUTE FUNCTION access.tell();
CREATE TRIGGER tell AFTER INSERT OR UPDATE OR DELETE ON access.grant_ FOR EACH STATEMENT EXECUTE FUNCTION access.tell();

-- A closed account's sessions end; opening it again doesn't bring them back.
-- +goose StatementBegin
CREATE FUNCTION access.end_with_account() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE access.session SET revoked_at = clock_timestamp(), revoked_by = current_setting('unigrid.name', true) WHERE account = NEW.id AND revoked_at IS NULL;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER end_with_account AFTER UPDATE OF disabled ON access.account FOR EACH ROW WHEN (NEW.disabled AND NOT OLD.disabled)
  EXECUTE FUNCTION access.end_with_account();

-- How the hash of an account's password was made, without the hash; NULL when
-- it has none or isn't there.
CREATE FUNCTION access.password_salt(given text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT regexp_replace(s.password, '[$][^$]*$', '') FROM access.account a JOIN access.secret s ON s.account = a.id WHERE a.name = given
$$;

-- A new session of an account: 12 hours at most, 2 without a request.
-- +goose StatementBegin
CREATE FUNCTION access.begin_session(account bigint, token bytea, address text, agent text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  DELETE FROM access.session WHERE expires_at < clock_timestamp() - interval '90 days';
  INSERT INTO access.session (account, token, address, agent, expires_at) VALUES (account, token, address, left(agent, 200), clock_timestamp() + interval '12 hours')
$$;
-- +goose StatementEnd
REVOKE ALL ON FUNCTION access.begin_session FROM PUBLIC;

-- Signs in by name and the hash of the password. outcome: signed, wrong,
-- locked (until when), closed, or code: the second factor is wanted, and totp
-- is its secret. The service then checks the code and asks again with its step,
-- -1 for a wrong one. Five failures in a row lock the name for half a minute,
-- each further one for twice as long, an hour at most.
-- +goose StatementBegin
CREATE FUNCTION access.sign_in(given text, hash text, step bigint, token bytea, address text, agent text,
  OUT outcome text, OUT account bigint, OUT until timestamptz, OUT totp text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
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
  SELECT a.id, a.disabled, s.totp, s.totp_confirmed, s.totp_step INTO known
    FROM access.account a JOIN access.secret s ON s.account = a.id
    WHERE a.name = given AND a.kind = 'person' AND s.password = hash FOR UPDATE OF s;
  IF NOT FOUND OR step = -1 OR (step IS NOT NULL AND step <= known.totp_step) THEN
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
  IF known.totp_confirmed IS NOT NULL AND step IS NULL THEN
    outcome := 'code';
    totp := known.totp;
    RETURN;
  END IF;
  IF step IS NOT NULL THEN
    UPDATE access.secret s SET totp_step = step WHERE s.account = known.id;
  END IF;
  DELETE FROM access.attempt a WHERE a.who = name_hash;
  PERFORM access.begin_session(known.id, token, address, agent);
  outcome := 'signed';
END $$;
-- +goose StatementEnd

-- Signs in who an OpenID provider has named. The first time it is bound to the
-- account of kind oidc that was made for the name or (verified) address.
-- outcome: signed, closed or unknown.
-- +goose StatementBegin
CREATE FUNCTION access.sign_in_oidc(issuer text, subject text, given text, address_of text, token bytea, address text, agent text,
  OUT outcome text, OUT account bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
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
-- +goose StatementEnd

-- Who a session's token or a key is, and with what right in a territory (its
-- code; '' the one made first). No row: nobody. When it was seen is kept to the
-- minute.
-- +goose StatementBegin
CREATE FUNCTION access.identify(of_token bytea, of_prefix text, of_secret bytea, of_territory text)
RETURNS TABLE (session bigint, key bigint, account bigint, name text, label text, must_change boolean, expires timestamptz,
  territory int, role text, within text[], layers text[], code_lengths int[], code_pad int,
  actions text[], collections text[], key_layers text[], per_minute int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
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
-- +goose StatementEnd

-- Ends a session: one's own, or another's as security administrator.
-- +goose StatementBegin
CREATE FUNCTION access.end_session(of_session bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  whose bigint := (SELECT x.account FROM access.session x WHERE x.id = of_session AND x.revoked_at IS NULL);
BEGIN
  IF whose <> access.self() AND NOT (access.may('grants.edit') AND access.governs_account(whose)) THEN
    PERFORM access.refuse('session_guard', 'another''s session is ended by the security administrator');
  END IF;
  UPDATE access.session x SET revoked_at = clock_timestamp(), revoked_by = current_setting('unigrid.name', true) WHERE x.id = of_session AND x.revoked_at IS NULL;
  RETURN FOUND;
END $$;
-- +goose StatementEnd

-- Changes one's own password; false when the old one is wrong. All other
-- sessions end.
-- +goose StatementBegin
CREATE FUNCTION access.change_password(old_hash text, new_password text, staying bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
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
-- +goose StatementEnd

-- Sets another's first or forgotten password, which has to be changed at the
-- next sign-in unless it is set on the machine itself; ends the account's
-- sessions and lock.
-- +goose StatementBegin
CREATE FUNCTION access.set_password(of_account bigint, new_password text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
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
-- +goose StatementEnd

-- The second factor of one's own account: begun with a secret, in force once a
-- code of it was given.
-- +goose StatementBegin
CREATE FUNCTION access.begin_totp(new_secret text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO access.secret (account, totp) VALUES (access.self(), new_secret)
    ON CONFLICT (account) DO UPDATE SET totp = excluded.totp, totp_step = 0 WHERE secret.totp_confirmed IS NULL;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is a second factor already' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'totp_there';
  END IF;
END $$;
-- +goose StatementEnd
CREATE FUNCTION access.own_totp() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT s.totp FROM access.secret s WHERE s.account = access.self()
$$;
CREATE FUNCTION access.confirm_totp(step bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  UPDATE access.secret s SET totp_confirmed = clock_timestamp(), totp_step = step
    WHERE s.account = access.self() AND s.totp IS NOT NULL AND s.totp_confirmed IS NULL
$$;

-- Takes the second factor away: one's own with the password, or another's who
-- lost the telephone, as set_password does.
-- +goose StatementBegin
CREATE FUNCTION access.end_totp(of_account bigint, hash text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
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
-- +goose StatementEnd
