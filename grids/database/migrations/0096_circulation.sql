-- +goose Up
-- Circulating a draft for opinions (征求意见): who was asked, about what, what they
-- said, what the planner answered. All of it stays: rows are added, never changed;
-- a round only gets its end.
CREATE SCHEMA circulation;
GRANT USAGE ON SCHEMA circulation TO unigrid_app;

-- Who leads a circulation, who reads all of one, and who speaks for a party: the
-- department of a layer is an account of that layer and of no subtree, a county one
-- of its subtree and of no layer.
CREATE FUNCTION circulation.leads(territory int) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT access.may('conflicts.settle') AND access.within(territory, '') AND access.layer(NULL)
$$;
CREATE FUNCTION circulation.oversees(territory int) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT (access.may('conflicts.settle') OR access.may('audit.read')) AND access.governs(territory)
$$;
CREATE FUNCTION circulation.speaks(territory int, layer text, county text) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT access.may('opinions.give') AND access.governs(territory) AND CASE WHEN layer IS NOT NULL
    THEN access.layer(layer) AND NOT access.layer(NULL) AND NOT access.bound()
    ELSE access.within(territory, county) AND access.bound() AND access.layer(NULL) END
$$;

CREATE TABLE circulation.round (
  territory_id int NOT NULL REFERENCES cells.territory,
  id           bigint GENERATED ALWAYS AS IDENTITY,
  edition      int NOT NULL,
  draft_since  timestamptz NOT NULL, -- when the draft was opened: one that is thrown away leaves its number to the next
  number       int NOT NULL CHECK (number > 0), -- of the draft's rounds
  run_id       bigint NOT NULL,
  step         int NOT NULL, -- the draft's newest when it was circulated
  working_days int NOT NULL CHECK (working_days BETWEEN 1 AND 60),
  silence      text NOT NULL CHECK (silence IN ('overdue', 'consent')), -- what silence counts as after the deadline
  note         text NOT NULL CHECK (length(note) <= 2000),
  opened_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  opened_by    text NOT NULL DEFAULT current_setting('unigrid.name'),
  due_at       timestamptz NOT NULL,
  closed_at    timestamptz,
  closed_by    text,
  withdrawn    text CHECK (btrim(withdrawn) <> '' AND length(withdrawn) <= 2000), -- why it was ended without an outcome
  PRIMARY KEY (territory_id, id),
  CHECK (due_at > opened_at),
  CHECK ((closed_at IS NULL) = (closed_by IS NULL) AND (withdrawn IS NULL OR closed_at IS NOT NULL))
);
CREATE UNIQUE INDEX round_one_open ON circulation.round (territory_id) WHERE closed_at IS NULL;
CREATE UNIQUE INDEX round_number ON circulation.round (territory_id, edition, draft_since, number);

-- Who is asked: the department of a layer, or a county (a cell of tier 2).
CREATE TABLE circulation.party (
  territory_id int NOT NULL,
  round_id     bigint NOT NULL,
  id           int NOT NULL,
  layer        text,
  county       text, -- its code
  name_zh      text NOT NULL,
  name_en      text NOT NULL,
  PRIMARY KEY (territory_id, round_id, id),
  FOREIGN KEY (territory_id, round_id) REFERENCES circulation.round (territory_id, id),
  CHECK ((layer IS NULL) <> (county IS NULL))
);

-- A conflict as it was circulated. It keeps no names of people: codes and staff
-- numbers say whom it is about.
CREATE TABLE circulation.item (
  territory_id   int NOT NULL,
  round_id       bigint NOT NULL,
  conflict       bigint NOT NULL,
  kind           text NOT NULL,
  layer          text,
  cell_id        bigint,
  code           text,
  name           text,
  place          geometry(Point, 4326),
  area_m2        double precision NOT NULL,
  width_m        double precision,
  pending        boolean NOT NULL,
  severity       text NOT NULL,
  blocking       boolean NOT NULL,
  layer_cells    text[] NOT NULL,
  proposal       text NOT NULL,
  reason         text NOT NULL,
  state          text NOT NULL,
  resolution     text,
  settled_reason jsonb,
  PRIMARY KEY (territory_id, round_id, conflict),
  FOREIGN KEY (territory_id, round_id) REFERENCES circulation.round (territory_id, id)
);

-- Whom it concerns.
CREATE TABLE circulation.concern (
  territory_id int NOT NULL,
  round_id     bigint NOT NULL,
  party_id     int NOT NULL,
  conflict     bigint NOT NULL,
  PRIMARY KEY (territory_id, round_id, party_id, conflict),
  FOREIGN KEY (territory_id, round_id, party_id) REFERENCES circulation.party (territory_id, round_id, id),
  FOREIGN KEY (territory_id, round_id, conflict) REFERENCES circulation.item (territory_id, round_id, conflict)
);
CREATE INDEX concern_conflict ON circulation.concern (territory_id, round_id, conflict);

-- What a party said about one of its conflicts; its newest counts.
CREATE TABLE circulation.opinion (
  territory_id int NOT NULL,
  id           bigint GENERATED ALWAYS AS IDENTITY,
  round_id     bigint NOT NULL,
  party_id     int NOT NULL,
  conflict     bigint NOT NULL,
  stance       text NOT NULL CHECK (stance IN ('accept', 'comment')),
  text         text NOT NULL CHECK (length(text) <= 4000),
  at           timestamptz NOT NULL,
  by           text NOT NULL,
  PRIMARY KEY (territory_id, id),
  CONSTRAINT opinion_of_concerned FOREIGN KEY (territory_id, round_id, party_id, conflict) REFERENCES circulation.concern,
  CONSTRAINT opinion_says_something CHECK (stance = 'accept' OR btrim(text) <> '')
);
CREATE INDEX opinion_newest ON circulation.opinion (territory_id, round_id, party_id, conflict, id DESC);

-- What the planner answers a comment; the newest counts.
CREATE TABLE circulation.answer (
  territory_id int NOT NULL,
  id           bigint GENERATED ALWAYS AS IDENTITY,
  opinion_id   bigint NOT NULL,
  outcome      text NOT NULL CHECK (outcome IN ('adopted', 'partly', 'not')), -- 采纳, 部分采纳, 未采纳
  reason       text NOT NULL CONSTRAINT answer_has_reason CHECK (btrim(reason) <> '' AND length(reason) <= 4000),
  at           timestamptz NOT NULL,
  by           text NOT NULL,
  PRIMARY KEY (territory_id, id),
  FOREIGN KEY (territory_id, opinion_id) REFERENCES circulation.opinion (territory_id, id)
);
CREATE INDEX answer_newest ON circulation.answer (territory_id, opinion_id, id DESC);

-- Where each party stands with each of its conflicts: accepted, commented, pending
-- (待反馈), and after the deadline overdue (逾期未反馈) or, where the round's rule says
-- that silence is consent, consented (视为同意).
CREATE VIEW circulation.standing WITH (security_invoker) AS
SELECT c.territory_id, c.round_id, c.party_id, c.conflict,
       CASE WHEN o.stance = 'accept' THEN 'accepted' WHEN o.stance = 'comment' THEN 'commented'
            WHEN least(r.closed_at, now()) < r.due_at THEN 'pending' WHEN r.silence = 'consent' THEN 'consented' ELSE 'overdue' END AS state,
       o.id AS opinion, o.text, o.at, o.by, coalesce(o.at > r.due_at, false) AS late,
       a.outcome, a.reason, a.at AS answered_at, a.by AS answered_by
FROM circulation.concern c
JOIN circulation.round r ON r.territory_id = c.territory_id AND r.id = c.round_id
LEFT JOIN LATERAL (
  SELECT * FROM circulation.opinion o
  WHERE o.territory_id = c.territory_id AND o.round_id = c.round_id AND o.party_id = c.party_id AND o.conflict = c.conflict
  ORDER BY o.id DESC LIMIT 1) o ON true
LEFT JOIN LATERAL (
  SELECT * FROM circulation.answer a WHERE a.territory_id = o.territory_id AND a.opinion_id = o.id ORDER BY a.id DESC LIMIT 1) a ON o.stance = 'comment';

-- Who and when are what the transaction says, and a round that has ended takes
-- nothing more.
-- +goose StatementBegin
CREATE FUNCTION circulation.say() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
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
-- +goose StatementEnd
CREATE TRIGGER say BEFORE INSERT ON circulation.opinion FOR EACH ROW EXECUTE FUNCTION circulation.say();
CREATE TRIGGER say BEFORE INSERT ON circulation.answer FOR EACH ROW EXECUTE FUNCTION circulation.say();

-- A round ends once. With an outcome it ends when every comment is answered and
-- nobody may still speak in time.
-- +goose StatementBegin
CREATE FUNCTION circulation.end_round() RETURNS trigger
LANGUAGE plpgsql AS $$
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
-- +goose StatementEnd
CREATE TRIGGER end_round BEFORE UPDATE ON circulation.round FOR EACH ROW EXECUTE FUNCTION circulation.end_round();

-- A draft is in review exactly as long as a round of it is open.
-- +goose StatementBegin
CREATE FUNCTION circulation.check_review() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
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
-- +goose StatementEnd
CREATE CONSTRAINT TRIGGER review_while_circulated AFTER INSERT OR UPDATE ON circulation.round
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION circulation.check_review();
CREATE CONSTRAINT TRIGGER review_while_circulated AFTER INSERT OR UPDATE OR DELETE ON editions.edition
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION circulation.check_review();

-- While a draft is in review only those who decide conflicts change its cells: in
-- answer to opinions.
-- +goose StatementBegin
CREATE FUNCTION circulation.guard_review() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  IF current_user = 'unigrid_app' AND NOT access.may('conflicts.settle')
     AND EXISTS (SELECT FROM editions.edition e WHERE e.state = 'review' AND EXISTS (SELECT FROM changed c WHERE c.territory_id = e.territory_id)) THEN
    RAISE EXCEPTION 'the draft is being circulated' USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'draft_in_review';
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER review_insert AFTER INSERT ON cells.version REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION circulation.guard_review();
CREATE TRIGGER review_update AFTER UPDATE ON cells.version REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION circulation.guard_review();
CREATE TRIGGER review_delete AFTER DELETE ON cells.version REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION circulation.guard_review();

GRANT SELECT, INSERT ON circulation.party, circulation.item, circulation.concern, circulation.opinion, circulation.answer TO unigrid_app;
GRANT SELECT, INSERT, UPDATE (closed_at, closed_by, withdrawn) ON circulation.round TO unigrid_app;
GRANT SELECT ON circulation.standing TO unigrid_app;

ALTER TABLE circulation.round ENABLE ROW LEVEL SECURITY;
CREATE POLICY round_read ON circulation.round FOR SELECT TO unigrid_app USING ((SELECT access.may('conflicts.read')) AND access.governs(territory_id));
CREATE POLICY round_insert ON circulation.round FOR INSERT TO unigrid_app WITH CHECK (circulation.leads(territory_id));
CREATE POLICY round_update ON circulation.round FOR UPDATE TO unigrid_app USING (circulation.leads(territory_id));

ALTER TABLE circulation.party ENABLE ROW LEVEL SECURITY;
CREATE POLICY party_read ON circulation.party FOR SELECT TO unigrid_app
  USING (circulation.oversees(territory_id) OR circulation.speaks(territory_id, layer, county));
CREATE POLICY party_insert ON circulation.party FOR INSERT TO unigrid_app WITH CHECK (circulation.leads(territory_id));

-- A party sees its own concerns, and what hangs on them.
ALTER TABLE circulation.concern ENABLE ROW LEVEL SECURITY;
CREATE POLICY concern_read ON circulation.concern FOR SELECT TO unigrid_app
  USING (EXISTS (SELECT FROM circulation.party p WHERE p.territory_id = concern.territory_id AND p.round_id = concern.round_id AND p.id = concern.party_id));
CREATE POLICY concern_insert ON circulation.concern FOR INSERT TO unigrid_app WITH CHECK (circulation.leads(territory_id));

ALTER TABLE circulation.item ENABLE ROW LEVEL SECURITY;
CREATE POLICY item_read ON circulation.item FOR SELECT TO unigrid_app
  USING (circulation.oversees(territory_id) OR EXISTS (SELECT FROM circulation.concern c WHERE c.territory_id = item.territory_id AND c.round_id = item.round_id AND c.conflict = item.conflict));
CREATE POLICY item_insert ON circulation.item FOR INSERT TO unigrid_app WITH CHECK (circulation.leads(territory_id));

ALTER TABLE circulation.opinion ENABLE ROW LEVEL SECURITY;
CREATE POLICY opinion_read ON circulation.opinion FOR SELECT TO unigrid_app
  USING (EXISTS (SELECT FROM circulation.party p WHERE p.territory_id = opinion.territory_id AND p.round_id = opinion.round_id AND p.id = opinion.party_id));
CREATE POLICY opinion_insert ON circulation.opinion FOR INSERT TO unigrid_app
  WITH CHECK (EXISTS (SELECT FROM circulation.party p WHERE p.territory_id = opinion.territory_id AND p.round_id = opinion.round_id AND p.id = opinion.party_id
    AND circulation.speaks(p.territory_id, p.layer, p.county)));

ALTER TABLE circulation.answer ENABLE ROW LEVEL SECURITY;
CREATE POLICY answer_read ON circulation.answer FOR SELECT TO unigrid_app
  USING (EXISTS (SELECT FROM circulation.opinion o WHERE o.territory_id = answer.territory_id AND o.id = answer.opinion_id));
CREATE POLICY answer_insert ON circulation.answer FOR INSERT TO unigrid_app WITH CHECK (circulation.leads(territory_id));
