-- +goose Up
-- What staffing goes by in a territory; one without a row has the defaults.
CREATE TABLE people.setting (
  territory_id     int PRIMARY KEY REFERENCES cells.territory,
  comparable_share double precision NOT NULL CHECK (comparable_share BETWEEN 0.01 AND 0.5) -- of a cell, from which on its part is no trifle
);
GRANT SELECT, INSERT, UPDATE ON people.setting TO unigrid_app;
ALTER TABLE people.setting ENABLE ROW LEVEL SECURITY;
CREATE POLICY setting_read ON people.setting FOR SELECT TO unigrid_app USING (true);
CREATE POLICY setting_insert ON people.setting FOR INSERT TO unigrid_app
  WITH CHECK (access.may('boards.edit') AND access.within(territory_id, '') AND access.layer(NULL));
CREATE POLICY setting_update ON people.setting FOR UPDATE TO unigrid_app
  USING (access.may('boards.edit') AND access.within(territory_id, '') AND access.layer(NULL));

CREATE FUNCTION people.comparable(territory int) RETURNS double precision
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce((SELECT comparable_share FROM people.setting WHERE territory_id = territory), 0.2)
$$;

-- What the rule that carries assignments along could not decide about a cell of
-- an edition. ruled is the assignment that stands by the rule until somebody
-- answers; candidates are {person, role, cell, share, from, to}: who held which
-- role in which cell before, and what share that has. about is the one person
-- whom it is about where several may hold the role, 0 where one does.
CREATE TABLE people.question (
  territory_id  int NOT NULL,
  id            bigint GENERATED ALWAYS AS IDENTITY,
  edition       int NOT NULL,
  cell_id       bigint NOT NULL,
  role          text NOT NULL REFERENCES people.role (code),
  layer         text,
  kind          text NOT NULL CHECK (kind IN ('merged', 'split', 'ended')),
  about         bigint NOT NULL DEFAULT 0,
  ruled         bigint,
  ruled_person  bigint,
  candidates    jsonb NOT NULL CHECK (jsonb_typeof(candidates) = 'array' AND candidates <> '[]'),
  asked_at      timestamptz NOT NULL DEFAULT people.recording(),
  answered_at   timestamptz,
  answered_by   text,
  answer        text CHECK (answer IN ('kept', 'replaced', 'added')),
  answer_person bigint,
  reason        text NOT NULL DEFAULT '' CHECK (length(reason) <= 500),
  PRIMARY KEY (territory_id, id),
  FOREIGN KEY (territory_id, edition) REFERENCES editions.edition (territory_id, seq),
  FOREIGN KEY (territory_id, cell_id) REFERENCES cells.cell (territory_id, id),
  CONSTRAINT question_answered_whole CHECK ((answered_at IS NULL) = (answered_by IS NULL) AND (answered_at IS NULL) = (answer IS NULL)
    AND (answer_person IS NOT NULL) = coalesce(answer <> 'kept', false))
);
CREATE UNIQUE INDEX question_once ON people.question (territory_id, edition, cell_id, role, coalesce(layer, ''), about);
CREATE INDEX question_open ON people.question (territory_id, cell_id) WHERE answered_at IS NULL;
GRANT SELECT, INSERT, UPDATE (answered_at, answered_by, answer, answer_person, reason) ON people.question TO unigrid_app;

-- +goose StatementBegin
CREATE FUNCTION people.keep_answer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.answered_at IS NOT NULL THEN
    RAISE EXCEPTION 'question % is answered', OLD.id USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'question_answered_once';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER keep_answer BEFORE UPDATE ON people.question FOR EACH ROW EXECUTE FUNCTION people.keep_answer();
