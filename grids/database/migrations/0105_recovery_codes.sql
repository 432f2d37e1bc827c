-- +goose Up
-- Recovery codes (恢复码) of a second factor, for who has lost the telephone: each is
-- taken once instead of a code. Kept are their SHA-256; nobody can guess one.
ALTER TABLE access.secret ADD recovery bytea[] NOT NULL DEFAULT '{}';

DROP FUNCTION access.confirm_totp(bigint);
CREATE FUNCTION access.confirm_totp(step bigint, codes bytea[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  UPDATE access.secret s SET totp_confirmed = clock_timestamp(), totp_step = step, recovery = codes
    WHERE s.account = access.self() AND s.totp IS NOT NULL AND s.totp_confirmed IS NULL
$$;

-- Replaces one's own recovery codes; false: the password is another, or there is no second factor.
CREATE FUNCTION access.renew_recovery(hash text, codes bytea[]) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH renewed AS (
    UPDATE access.secret s SET recovery = codes WHERE s.account = access.self() AND s.password = hash AND s.totp_confirmed IS NOT NULL RETURNING 1
  ) SELECT EXISTS (SELECT FROM renewed)
$$;

-- How many of one's own recovery codes are left.
CREATE FUNCTION access.recovery_left() RETURNS int
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce((SELECT cardinality(s.recovery) FROM access.secret s WHERE s.account = access.self() AND s.totp_confirmed IS NOT NULL), 0)
$$;

-- +goose StatementBegin
CREATE FUNCTION access.drop_recovery() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.recovery := '{}';
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER drop_recovery BEFORE UPDATE ON access.secret FOR EACH ROW
  WHEN (OLD.totp_confirmed IS NOT NULL AND NEW.totp_confirmed IS NULL) EXECUTE FUNCTION access.drop_recovery();

-- A sign-in with a recovery code: spent is its SHA-256.
DROP FUNCTION access.sign_in(text, text, bigint, bytea, text, text);
-- +goose StatementBegin
CREATE FUNCTION access.sign_in(given text, hash text, step bigint, token bytea, address text, agent text, spent bytea,
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
-- +goose StatementEnd
