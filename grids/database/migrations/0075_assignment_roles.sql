-- +goose Up
-- What a person may be to a cell. layers: all (never for one layer), one (always
-- for one), either. rank is the order in which roles are shown.
CREATE TABLE people.role (
  code   text PRIMARY KEY CHECK (code ~ '^[a-z][a-z0-9-]*$'),
  zh     text NOT NULL,
  en     text NOT NULL,
  layers text NOT NULL CHECK (layers IN ('all', 'one', 'either')),
  rank   int NOT NULL UNIQUE
);
GRANT SELECT ON people.role TO unigrid_app;
INSERT INTO people.role (code, zh, en, layers, rank) VALUES
  ('accountable', '责任人', 'accountable person', 'all', 1),
  ('joint-chief', '双网格长', 'joint chief', 'either', 2),
  ('deputy', '副网格长', 'deputy', 'either', 3),
  ('lead', '条线负责人', 'lead of a layer', 'one', 4),
  ('officer', '网格员', 'grid officer', 'either', 5),
  ('supervisor', '监督员', 'supervisor', 'either', 6),
  ('liaison', '联络员', 'liaison', 'either', 7),
  ('technical', '技术员', 'technical support', 'either', 8);
ALTER TABLE people.assignment
  DROP CONSTRAINT assignment_role_check,
  ADD CONSTRAINT assignment_of_role FOREIGN KEY (role) REFERENCES people.role (code);

-- The instant under which all that a transaction writes is recorded: that of its
-- lock where it has one, so that no state between two of its rows was ever known.
CREATE FUNCTION people.recording() RETURNS timestamptz
LANGUAGE sql VOLATILE AS $$
  SELECT coalesce(nullif(current_setting('unigrid.recording', true), '')::timestamptz, clock_timestamp())
$$;
ALTER TABLE people.assignment ALTER COLUMN recorded_at SET DEFAULT people.recording();

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION people.keep_past() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
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
-- +goose StatementEnd

CREATE INDEX assignment_past_cell ON people.assignment_past (territory_id, ((assignment ->> 'cell_id')::bigint));
CREATE INDEX assignment_past_person ON people.assignment_past (territory_id, ((assignment ->> 'person_id')::bigint));

-- All that is and was known of assignments, and when.
CREATE VIEW people.assignment_known WITH (security_invoker = true) AS
  SELECT a.territory_id, a.id, a.person_id, a.cell_id, a.role, a.layer, a.post, a.side, a.rank, a.during,
         a.recorded_at, a.recorded_by, a.reason, tstzrange(a.recorded_at, NULL) AS known, true AS current
  FROM people.assignment a
  UNION ALL
  SELECT p.territory_id, p.assignment_id, (p.assignment ->> 'person_id')::bigint, (p.assignment ->> 'cell_id')::bigint,
         p.assignment ->> 'role', p.assignment ->> 'layer', p.assignment ->> 'post', p.assignment ->> 'side', (p.assignment ->> 'rank')::int,
         (p.assignment ->> 'during')::tstzrange, (p.assignment ->> 'recorded_at')::timestamptz, p.assignment ->> 'recorded_by',
         p.assignment ->> 'reason', p.known, false
  FROM people.assignment_past p;
GRANT SELECT ON people.assignment_known TO unigrid_app;

-- A handover: which assignment ended for which, from when on, and what was open
-- then. Assignments may be taken back later, so they are named, not referred to.
CREATE TABLE people.handover (
  territory_id    int NOT NULL REFERENCES cells.territory,
  id              bigint GENERATED ALWAYS AS IDENTITY,
  cell_id         bigint NOT NULL,
  role            text NOT NULL REFERENCES people.role,
  layer           text,
  from_assignment bigint NOT NULL,
  from_person     bigint NOT NULL,
  to_assignment   bigint NOT NULL,
  to_person       bigint NOT NULL,
  at              timestamptz NOT NULL,
  until           timestamptz CHECK (until > at),
  note            text NOT NULL DEFAULT '',
  open_work       jsonb NOT NULL DEFAULT '[]',
  recorded_at     timestamptz NOT NULL DEFAULT people.recording(),
  recorded_by     text NOT NULL,
  PRIMARY KEY (territory_id, id),
  CONSTRAINT handover_once UNIQUE (territory_id, to_assignment),
  CONSTRAINT handover_to_another CHECK (from_assignment <> to_assignment AND from_person <> to_person),
  FOREIGN KEY (territory_id, cell_id) REFERENCES cells.cell (territory_id, id),
  FOREIGN KEY (territory_id, from_person) REFERENCES people.identity (territory_id, id),
  FOREIGN KEY (territory_id, to_person) REFERENCES people.identity (territory_id, id)
);
CREATE INDEX handover_cell ON people.handover (territory_id, cell_id, at);
CREATE INDEX handover_from ON people.handover (territory_id, from_person);
CREATE INDEX handover_to ON people.handover (territory_id, to_person);
GRANT SELECT, INSERT ON people.handover TO unigrid_app;

-- What is open in a cell and below it: conflicts of the newest merge, steps of
-- the open draft, posts that nobody holds, assignments to come; and how many
-- objects there are. Items are {kind, what, …}; lists end after 500 items of a
-- kind.
CREATE FUNCTION people.open_work(territory int, edition int, instant timestamptz, cell bigint) RETURNS jsonb
LANGUAGE sql STABLE AS $$
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
