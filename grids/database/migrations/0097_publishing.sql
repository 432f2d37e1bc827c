-- +goose Up
-- What a territory asks for before a draft is published, from an instant on: the
-- row that began last holds. A territory without one asks for nothing.
-- sign_offs are parties: unit:ID, layer:CODE or role:ROLE.
CREATE TABLE editions.setting (
  territory_id int NOT NULL REFERENCES cells.territory,
  since        timestamptz NOT NULL DEFAULT clock_timestamp(),
  sign_offs    text[] NOT NULL DEFAULT '{}',
  decision     boolean NOT NULL DEFAULT false, -- its number and date
  scan         boolean NOT NULL DEFAULT false,
  assigned     boolean NOT NULL DEFAULT false, -- every cell has somebody of its own, or its vacancy is accepted
  set_by       text NOT NULL DEFAULT coalesce(nullif(current_setting('unigrid.name', true), ''), session_user),
  set_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (territory_id, since),
  CONSTRAINT setting_from_now_on CHECK (since >= set_at - interval '1 minute')
);
GRANT SELECT, INSERT ON editions.setting TO unigrid_app;
ALTER TABLE editions.setting ENABLE ROW LEVEL SECURITY;
CREATE POLICY setting_read ON editions.setting FOR SELECT TO unigrid_app USING (true);
CREATE POLICY setting_insert ON editions.setting FOR INSERT TO unigrid_app
  WITH CHECK (access.may('territories.edit') AND access.governs(territory_id));

-- +goose StatementBegin
CREATE FUNCTION editions.settings(territory int, instant timestamptz) RETURNS editions.setting
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT s FROM editions.setting s WHERE s.territory_id = territory AND s.since <= instant ORDER BY s.since DESC LIMIT 1
$$;
-- +goose StatementEnd

-- A vacancy that a planner accepted by name: it counts until somebody is made
-- accountable for the cell.
CREATE TABLE editions.accepted_vacancy (
  territory_id int NOT NULL,
  edition      int NOT NULL,
  cell_id      bigint NOT NULL,
  reason       text NOT NULL CHECK (btrim(reason) <> '' AND length(reason) <= 500),
  accepted_by  text NOT NULL DEFAULT coalesce(nullif(current_setting('unigrid.name', true), ''), session_user),
  at           timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (territory_id, edition, cell_id),
  FOREIGN KEY (territory_id, edition) REFERENCES editions.edition (territory_id, seq) ON DELETE CASCADE,
  FOREIGN KEY (territory_id, cell_id) REFERENCES cells.cell (territory_id, id)
);
GRANT SELECT, INSERT ON editions.accepted_vacancy TO unigrid_app;
ALTER TABLE editions.accepted_vacancy ENABLE ROW LEVEL SECURITY;
CREATE POLICY accepted_vacancy_read ON editions.accepted_vacancy FOR SELECT TO unigrid_app USING (access.may('draft.read') AND access.governs(territory_id));
CREATE POLICY accepted_vacancy_insert ON editions.accepted_vacancy FOR INSERT TO unigrid_app
  WITH CHECK (access.may('conflicts.settle') AND cells.reached(territory_id, cell_id));

-- Cells of an edition that nobody of their own is accountable for at an instant,
-- and whose vacancy nobody accepted: by name, or in the merge.
-- +goose StatementBegin
CREATE FUNCTION editions.unassigned(territory int, edition int, instant timestamptz) RETURNS TABLE (cell_id bigint)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
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
-- +goose StatementEnd

-- What a draft is now: what was done to it and is not undone, and how its
-- conflicts were decided. A sign-off is for one such state.
-- +goose StatementBegin
CREATE FUNCTION editions.draft_state(territory int, draft int) RETURNS text
LANGUAGE sql STABLE AS $$
  SELECT left(encode(sha256(convert_to(
      coalesce((SELECT jsonb_agg(jsonb_build_array(s.step, s.kind, extract(epoch FROM s.at)) ORDER BY s.step)
        FROM cells.step s WHERE s.territory_id = territory AND s.edition = draft AND NOT s.undone)::text, '') || '|' ||
      coalesce((SELECT string_agg(d, E'\n' ORDER BY d COLLATE "C")
        FROM merge.conflict c, LATERAL concat_ws('|', c.kind, c.layer, c.cell_id, c.state, c.resolution, round(c.area_m2)) AS d
        WHERE c.territory_id = territory AND c.run_id = (
          SELECT max(r.id) FROM merge.run r WHERE r.territory_id = territory AND r.edition = draft)), ''), 'UTF8')), 'hex'), 32)
$$;
-- +goose StatementEnd

-- Is the principal one who signs for a party? A command on the machine itself is.
-- +goose StatementBegin
CREATE FUNCTION editions.is_of(territory int, party text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path TO 'pg_catalog', 'pg_temp' AS $$
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
-- +goose StatementEnd
REVOKE ALL ON FUNCTION editions.is_of FROM PUBLIC;
GRANT EXECUTE ON FUNCTION editions.is_of TO unigrid_app;

-- A party's sign-off (会签) of a draft as it was then.
CREATE TABLE editions.sign_off (
  territory_id     int NOT NULL,
  id               bigint GENERATED ALWAYS AS IDENTITY,
  edition          int NOT NULL,
  party            text NOT NULL CHECK (party ~ '^(unit:[0-9]+|layer:[a-z][a-z0-9-]*|role:[a-z]+)$'),
  state            text NOT NULL,
  note             text NOT NULL DEFAULT '' CHECK (length(note) <= 500),
  signed_by        text NOT NULL DEFAULT coalesce(nullif(current_setting('unigrid.name', true), ''), session_user),
  account          bigint DEFAULT nullif(nullif(current_setting('unigrid.account', true), ''), '0')::bigint,
  at               timestamptz NOT NULL DEFAULT clock_timestamp(),
  withdrawn_at     timestamptz,
  withdrawn_by     text,
  withdrawn_reason text,
  PRIMARY KEY (territory_id, id),
  FOREIGN KEY (territory_id, edition) REFERENCES editions.edition (territory_id, seq) ON DELETE CASCADE,
  CONSTRAINT sign_off_withdrawn CHECK ((withdrawn_at IS NULL) = (withdrawn_by IS NULL) AND (withdrawn_at IS NULL) = (btrim(coalesce(withdrawn_reason, '')) = ''))
);
CREATE UNIQUE INDEX sign_off_once ON editions.sign_off (territory_id, edition, party, state) WHERE withdrawn_at IS NULL;
GRANT SELECT, INSERT, UPDATE (withdrawn_at, withdrawn_by, withdrawn_reason) ON editions.sign_off TO unigrid_app;
ALTER TABLE editions.sign_off ENABLE ROW LEVEL SECURITY;
CREATE POLICY sign_off_read ON editions.sign_off FOR SELECT TO unigrid_app USING (access.may('draft.read') AND access.governs(territory_id));
CREATE POLICY sign_off_insert ON editions.sign_off FOR INSERT TO unigrid_app
  WITH CHECK (access.may('draft.sign') AND access.governs(territory_id) AND editions.is_of(territory_id, party)
    AND state = editions.draft_state(territory_id, edition) AND withdrawn_at IS NULL
    AND signed_by = coalesce(nullif(current_setting('unigrid.name', true), ''), session_user)
    AND account IS NOT DISTINCT FROM nullif(nullif(current_setting('unigrid.account', true), ''), '0')::bigint);
CREATE POLICY sign_off_update ON editions.sign_off FOR UPDATE TO unigrid_app
  USING (withdrawn_at IS NULL AND access.may('draft.sign') AND access.governs(territory_id) AND editions.is_of(territory_id, party))
  WITH CHECK (true);

-- The decision by which an edition is issued: document number (文号) and date.
CREATE TABLE editions.decision (
  territory_id int NOT NULL,
  edition      int NOT NULL,
  document_no  text NOT NULL CHECK (btrim(document_no) <> '' AND length(document_no) <= 100),
  issued_on    date NOT NULL,
  recorded_by  text NOT NULL DEFAULT coalesce(nullif(current_setting('unigrid.name', true), ''), session_user),
  at           timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (territory_id, edition),
  FOREIGN KEY (territory_id, edition) REFERENCES editions.edition (territory_id, seq) ON DELETE CASCADE
);
GRANT SELECT, INSERT, UPDATE ON editions.decision TO unigrid_app;
ALTER TABLE editions.decision ENABLE ROW LEVEL SECURITY;
CREATE POLICY decision_read ON editions.decision FOR SELECT TO unigrid_app USING (access.may('editions.read') AND access.governs(territory_id));
CREATE POLICY decision_insert ON editions.decision FOR INSERT TO unigrid_app WITH CHECK (access.may('draft.publish') AND access.governs(territory_id));
CREATE POLICY decision_update ON editions.decision FOR UPDATE TO unigrid_app USING (access.may('draft.publish') AND access.governs(territory_id));

-- Its scan, whole.
CREATE TABLE editions.scan (
  territory_id int NOT NULL,
  edition      int NOT NULL,
  name         text NOT NULL CHECK (length(name) <= 200),
  media        text NOT NULL CHECK (media IN ('application/pdf', 'image/jpeg', 'image/png')),
  sha256       text NOT NULL,
  content      bytea NOT NULL CHECK (octet_length(content) BETWEEN 1 AND 20971520),
  added_by     text NOT NULL DEFAULT coalesce(nullif(current_setting('unigrid.name', true), ''), session_user),
  at           timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (territory_id, edition),
  FOREIGN KEY (territory_id, edition) REFERENCES editions.edition (territory_id, seq) ON DELETE CASCADE,
  CONSTRAINT scan_sha256 CHECK (sha256 = encode(pg_catalog.sha256(content), 'hex'))
);
ALTER TABLE editions.scan ALTER COLUMN content SET STORAGE EXTERNAL;
GRANT SELECT, INSERT, UPDATE ON editions.scan TO unigrid_app;
ALTER TABLE editions.scan ENABLE ROW LEVEL SECURITY;
CREATE POLICY scan_read ON editions.scan FOR SELECT TO unigrid_app USING (access.may('draft.read') AND access.governs(territory_id));
CREATE POLICY scan_insert ON editions.scan FOR INSERT TO unigrid_app WITH CHECK (access.may('draft.publish') AND access.governs(territory_id));
CREATE POLICY scan_update ON editions.scan FOR UPDATE TO unigrid_app USING (access.may('draft.publish') AND access.governs(territory_id));

-- The papers of a published edition stay as they are.
-- +goose StatementBegin
CREATE FUNCTION editions.keep_papers() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  paper_of int := CASE TG_OP WHEN 'DELETE' THEN OLD.edition ELSE NEW.edition END;
BEGIN
  IF EXISTS (SELECT FROM editions.edition e WHERE e.territory_id = CASE TG_OP WHEN 'DELETE' THEN OLD.territory_id ELSE NEW.territory_id END
      AND e.seq = paper_of AND e.state = 'published') THEN
    RAISE EXCEPTION 'edition % is published and can''t be changed', paper_of USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'edition_immutable';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
-- +goose StatementEnd
CREATE TRIGGER keep_papers BEFORE INSERT OR DELETE OR UPDATE ON editions.accepted_vacancy FOR EACH ROW EXECUTE FUNCTION editions.keep_papers();
CREATE TRIGGER keep_papers BEFORE INSERT OR DELETE OR UPDATE ON editions.sign_off FOR EACH ROW EXECUTE FUNCTION editions.keep_papers();
CREATE TRIGGER keep_papers BEFORE INSERT OR DELETE OR UPDATE ON editions.decision FOR EACH ROW EXECUTE FUNCTION editions.keep_papers();
CREATE TRIGGER keep_papers BEFORE INSERT OR DELETE OR UPDATE ON editions.scan FOR EACH ROW EXECUTE FUNCTION editions.keep_papers();

-- Nothing is published without what the territory asks for, whatever the service
-- does; nor while a blocking conflict is open.
-- +goose StatementBegin
CREATE FUNCTION editions.require_papers() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path TO 'pg_catalog', 'public', 'pg_temp' AS $$
DECLARE
  wanted editions.setting := editions.settings(NEW.territory_id, clock_timestamp());
  lacking text;
  many bigint;
BEGIN
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
  IF wanted.decision AND NOT EXISTS (SELECT FROM editions.decision d WHERE d.territory_id = NEW.territory_id AND d.edition = NEW.seq) THEN
    RAISE EXCEPTION 'edition % has no document number', NEW.seq USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'edition_decision';
  END IF;
  IF wanted.scan AND NOT EXISTS (SELECT FROM editions.scan d WHERE d.territory_id = NEW.territory_id AND d.edition = NEW.seq) THEN
    RAISE EXCEPTION 'edition % has no scan of its decision', NEW.seq USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'edition_scan';
  END IF;
  IF wanted.assigned THEN
    SELECT count(*) INTO many FROM editions.unassigned(NEW.territory_id, NEW.seq, NEW.effective);
    IF many > 0 THEN
      RAISE EXCEPTION '% cells have nobody of their own', many USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'edition_assigned';
    END IF;
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER require_papers AFTER UPDATE ON editions.edition FOR EACH ROW
  WHEN (OLD.state <> 'published' AND NEW.state = 'published') EXECUTE FUNCTION editions.require_papers();
