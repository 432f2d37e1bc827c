-- +goose Up
-- Whoever lost by a publish what they were accountable for and leads no layer
-- either, or has no place at all any more (待安置): listed until their own unit
-- says what becomes of them. was lists what they had: {cell, role, layer} of the
-- unified grid, {layer, layer_cell, name} of a department's.
CREATE TABLE people.displaced (
  territory_id  int NOT NULL,
  id            bigint GENERATED ALWAYS AS IDENTITY,
  person_id     bigint NOT NULL,
  edition       int NOT NULL,
  was           jsonb NOT NULL CHECK (jsonb_typeof(was) = 'array'),
  displaced_at  timestamptz NOT NULL,
  confirmed_at  timestamptz,
  confirmed_by  text,
  outcome       text CHECK (outcome IN ('kept', 'placed', 'left')),
  assignment_id bigint,
  reason        text NOT NULL DEFAULT '' CHECK (length(reason) <= 500),
  PRIMARY KEY (territory_id, id),
  FOREIGN KEY (territory_id, person_id) REFERENCES people.identity (territory_id, id),
  FOREIGN KEY (territory_id, edition) REFERENCES editions.edition (territory_id, seq),
  CONSTRAINT displaced_confirmed_whole CHECK ((confirmed_at IS NULL) = (confirmed_by IS NULL) AND (confirmed_at IS NULL) = (outcome IS NULL)
    AND (assignment_id IS NOT NULL) = coalesce(outcome = 'placed', false))
);
CREATE UNIQUE INDEX displaced_open ON people.displaced (territory_id, person_id) WHERE confirmed_at IS NULL;
CREATE UNIQUE INDEX displaced_once ON people.displaced (territory_id, person_id, edition);
GRANT SELECT, INSERT, UPDATE (confirmed_at, confirmed_by, outcome, assignment_id, reason) ON people.displaced TO unigrid_app;
-- A publish lists whom it concerns, wherever they belong; only who may change a
-- person's assignments confirms.
ALTER TABLE people.displaced ENABLE ROW LEVEL SECURITY;
CREATE POLICY displaced_read ON people.displaced FOR SELECT TO unigrid_app USING (true);
CREATE POLICY displaced_insert ON people.displaced FOR INSERT TO unigrid_app
  WITH CHECK (((SELECT access.may('draft.publish')) OR (SELECT access.may('conflicts.settle'))) AND access.governs(territory_id));
CREATE POLICY displaced_update ON people.displaced FOR UPDATE TO unigrid_app
  USING ((SELECT access.may('assignments.edit')) AND people.reached(territory_id, person_id));

-- +goose StatementBegin
CREATE FUNCTION people.keep_confirmed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.confirmed_at IS NOT NULL THEN
    RAISE EXCEPTION 'what becomes of person % is confirmed', OLD.person_id USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'displaced_confirmed_once';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER keep_confirmed BEFORE UPDATE ON people.displaced FOR EACH ROW EXECUTE FUNCTION people.keep_confirmed();

-- Whom a settled run makes accountable for which leaf.
CREATE FUNCTION merge.chosen(territory int, run bigint) RETURNS TABLE (cell_id bigint, person_id bigint)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT c.cell_id, p.id
  FROM merge.conflict c
  JOIN people.person p ON p.territory_id = territory AND p.staff_no = substr(c.resolution, length('accountable:') + 1)
  WHERE c.territory_id = territory AND c.run_id = run AND c.state = 'settled' AND c.resolution LIKE 'accountable:%'
$$;

-- Who becomes an officer by a run, in which cell and of which layer (NULL: all),
-- before it is applied. A layer cell's person who doesn't lead their layer in a
-- leaf of which the cell has a comparable share serves there as officer; one who
-- leads it nowhere and has no such share, where their cell has most. Who is
-- replaced as accountable person, and is it nowhere else, stays as officer of the
-- layer they belong to.
CREATE FUNCTION merge.officers(territory int, run bigint, instant timestamptz, above double precision)
RETURNS TABLE (person_id bigint, cell_id bigint, layer text)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
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
