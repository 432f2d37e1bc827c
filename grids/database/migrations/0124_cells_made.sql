-- +goose Up
-- What a step makes in a draft needs no journal of its own: of the cells that got
-- a version where the draft had none, their numbers are enough, and those of an
-- import are a few ranges. They become rows of the journal when the step is undone.
ALTER TABLE cells.step ADD COLUMN made int8multirange NOT NULL DEFAULT '{}';

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION cells.keep_journal() RETURNS trigger LANGUAGE plpgsql AS $$
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
-- +goose StatementEnd

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION cells.swap_step(territory int, draft int, number int) RETURNS void LANGUAGE plpgsql AS $$
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
-- +goose StatementEnd
