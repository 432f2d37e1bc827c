-- +goose Up
-- A disputed boundary (争议地, 界线待定) moves as little as a statutory one.
ALTER TABLE cells.version ADD COLUMN disputed boolean NOT NULL DEFAULT false;

-- Names one version of a cell's content, the same wherever the content is the
-- same.
CREATE FUNCTION cells.etag(v cells.version) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT left(encode(sha256(convert_to(jsonb_build_array(v.code, v.name, v.tier, v.parent_id, v.locked, v.disputed, v.provenance)::text, 'UTF8')
                            || v.geom::bytea), 'hex'), 32)
$$;

-- What a draft's makers did, in order: each step can be undone, the last first.
CREATE TABLE cells.step (
  territory_id int NOT NULL,
  edition      int NOT NULL,
  step         int NOT NULL CHECK (step > 0),
  kind         text NOT NULL CHECK (kind <> ''),
  params       jsonb NOT NULL DEFAULT '{}',
  cells        text[] NOT NULL DEFAULT '{}', -- codes touched, at most 20
  by           text NOT NULL,
  at           timestamptz NOT NULL DEFAULT clock_timestamp(),
  undone       boolean NOT NULL DEFAULT false,
  PRIMARY KEY (territory_id, edition, step),
  FOREIGN KEY (territory_id, edition) REFERENCES editions.edition (territory_id, seq) ON DELETE CASCADE
);
GRANT SELECT, INSERT, UPDATE, DELETE ON cells.step TO unigrid_app;

-- What the versions that a step touched were before it; of an undone one, what
-- they were after it. Of a version of the draft that is the whole row (NULL:
-- it wasn't there), of an older one where it ended, which is all that a draft
-- may change. after and after_ends are set only while both are exchanged.
CREATE TABLE cells.journal (
  territory_id int NOT NULL,
  edition      int NOT NULL,
  step         int NOT NULL,
  cell_id      bigint NOT NULL,
  from_edition int NOT NULL,
  before       cells.version,
  ends         int,
  after        cells.version,
  after_ends   int,
  PRIMARY KEY (territory_id, edition, step, cell_id, from_edition),
  FOREIGN KEY (territory_id, edition, step) REFERENCES cells.step (territory_id, edition, step) ON DELETE CASCADE
);
GRANT SELECT, INSERT, UPDATE, DELETE ON cells.journal TO unigrid_app;

-- The step that this transaction writes in a territory's draft: the one it has
-- open, else a new one as unigrid.step_wanted describes it, else of kind
-- "change". A new step drops those that were undone.
-- +goose StatementBegin
CREATE FUNCTION cells.current_step(territory int, draft int) RETURNS int LANGUAGE plpgsql AS $$
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
-- +goose StatementEnd

-- Whatever changes versions while a draft is open is written into its journal;
-- the first change of a step to a version counts.
-- +goose StatementBegin
CREATE FUNCTION cells.keep_journal() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  territory int;
  draft int;
  number int;
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
      INSERT INTO cells.journal (territory_id, edition, step, cell_id, from_edition)
      SELECT territory, draft, number, n.cell_id, n.from_edition FROM new_row n WHERE n.territory_id = territory
      ON CONFLICT DO NOTHING;
      UPDATE cells.step s SET cells = ARRAY(
          SELECT unnest(s.cells) UNION SELECT n.code FROM new_row n WHERE n.territory_id = territory ORDER BY 1 LIMIT 20)
      WHERE s.territory_id = territory AND s.edition = draft AND s.step = number;
    END LOOP;
    RETURN NULL;
  END IF;
  FOR territory, draft IN
    SELECT e.territory_id, e.seq FROM (SELECT DISTINCT o.territory_id FROM old_row o) o
    JOIN editions.edition e ON e.territory_id = o.territory_id AND e.state <> 'published'
  LOOP
    number := cells.current_step(territory, draft);
    INSERT INTO cells.journal (territory_id, edition, step, cell_id, from_edition, before, ends)
    SELECT territory, draft, number, o.cell_id, o.from_edition,
           CASE WHEN o.from_edition = draft THEN o::cells.version END, CASE WHEN o.from_edition <> draft THEN o.to_edition END
    FROM old_row o WHERE o.territory_id = territory
    ON CONFLICT DO NOTHING;
    IF TG_OP = 'UPDATE' THEN -- a key that is new came by the update
      INSERT INTO cells.journal (territory_id, edition, step, cell_id, from_edition)
      SELECT territory, draft, number, n.cell_id, n.from_edition FROM new_row n
      WHERE n.territory_id = territory AND n.from_edition = draft
      ON CONFLICT DO NOTHING;
    END IF;
    UPDATE cells.step s SET cells = ARRAY(
        SELECT unnest(s.cells) UNION SELECT o.code FROM old_row o WHERE o.territory_id = territory ORDER BY 1 LIMIT 20)
    WHERE s.territory_id = territory AND s.edition = draft AND s.step = number;
  END LOOP;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER journal_insert AFTER INSERT ON cells.version REFERENCING NEW TABLE AS new_row
  FOR EACH STATEMENT EXECUTE FUNCTION cells.keep_journal();
CREATE TRIGGER journal_update AFTER UPDATE ON cells.version REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row
  FOR EACH STATEMENT EXECUTE FUNCTION cells.keep_journal();
CREATE TRIGGER journal_delete AFTER DELETE ON cells.version REFERENCING OLD TABLE AS old_row
  FOR EACH STATEMENT EXECUTE FUNCTION cells.keep_journal();

-- Exchanges what a step journaled with what is there now: undoes it, and done
-- again redoes it.
-- +goose StatementBegin
CREATE FUNCTION cells.swap_step(territory int, draft int, number int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('unigrid.step', 'none', true);
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
-- +goose StatementEnd
