-- +goose Up
-- An edition that publishes an earlier one anew.
ALTER TABLE editions.edition ADD COLUMN restores int CHECK (restores > 0 AND restores < seq);

-- A cell may come back under its uid. Whither its area went, when it is not there,
-- is said by its last end; each step leads to a cell that ends later, so that the
-- walk ends.
CREATE OR REPLACE FUNCTION cells.successors(territory int, cell bigint, edition int)
RETURNS TABLE (uid bigint, code text, share double precision)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
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

-- The periods in which a cell had a code, one for each time that it was there.
CREATE OR REPLACE FUNCTION cells.aliases(territory int, cells bigint[])
RETURNS TABLE (uid bigint, code text, since timestamptz, until timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
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

-- The newest run that an edition rests on: of one that restores another, what that
-- one rested on.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION merge.latest(territory int, edition int) RETURNS bigint
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
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
-- +goose StatementEnd

-- A run may reign more than once.
CREATE OR REPLACE FUNCTION merge.reigns(territory int, first int, last int)
RETURNS TABLE (run_id bigint, seen_at timestamptz, since int, until int, valid_from timestamptz, valid_to timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
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

-- What one edition has that another has not, or otherwise.
CREATE FUNCTION cells.differences(territory int, a int, b int) RETURNS TABLE (cell_id bigint)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce(x.cell_id, y.cell_id) FROM cells.of(territory, a) x FULL JOIN cells.of(territory, b) y ON y.cell_id = x.cell_id
  WHERE x.from_edition IS DISTINCT FROM y.from_edition
    AND ((x.code, x.name, x.tier, x.parent_id, x.area_m2, x.provenance, x.locked, x.disputed)
         IS DISTINCT FROM (y.code, y.name, y.tier, y.parent_id, y.area_m2, y.provenance, y.locked, y.disputed)
      OR x.geom::bytea IS DISTINCT FROM y.geom::bytea)
$$;

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION editions.require_papers() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path TO 'pg_catalog', 'public', 'pg_temp' AS $$
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
-- +goose StatementEnd
