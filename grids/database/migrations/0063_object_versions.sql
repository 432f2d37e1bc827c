-- +goose Up
-- An object has one version at a time. What a GiST exclusion proved for it, at
-- half the cost of taking an object in, a unique index proves among the versions
-- that are in force; a trigger looks at those that have ended, of which a new
-- object has none.
ALTER TABLE objects.version DROP CONSTRAINT version_one_at_a_time;
CREATE UNIQUE INDEX version_open ON objects.version (territory_id, object_id) WHERE upper_inf(during);
CREATE INDEX version_ended ON objects.version (territory_id, object_id) WHERE NOT upper_inf(during);

-- Whoever inserts a version holds its identity FOR KEY SHARE until his
-- transaction ends: the foreign key does that, before this trigger runs. Whoever
-- inserts one that has ended, or changes one, holds it FOR UPDATE. So of two
-- writers of an object the later waits, and sees here what the earlier wrote, if
-- each statement has a snapshot of its own.
-- +goose StatementBegin
CREATE FUNCTION objects.keep_one_at_a_time() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  twice record;
BEGIN
  IF current_setting('transaction_isolation') = 'repeatable read' THEN
    RAISE EXCEPTION 'versions of objects are not written in a transaction that is repeatable read' USING ERRCODE = 'feature_not_supported';
  END IF;
  IF TG_OP = 'UPDATE' OR EXISTS (SELECT FROM new_row WHERE NOT upper_inf(during)) THEN
    EXECUTE 'SELECT FROM objects.identity i WHERE EXISTS (
        SELECT FROM new_row n WHERE n.territory_id = i.territory_id AND n.object_id = i.id AND ($1 OR NOT upper_inf(n.during)))
      ORDER BY territory_id, id FOR UPDATE' USING TG_OP = 'UPDATE';
    EXECUTE 'SELECT n.object_id, o.during FROM new_row n
      JOIN objects.version o ON o.territory_id = n.territory_id AND o.object_id = n.object_id AND upper_inf(o.during)
      WHERE NOT upper_inf(n.during) AND upper(n.during) > lower(o.during) LIMIT 1' INTO twice;
  END IF;
  IF twice IS NULL THEN
    EXECUTE 'SELECT n.object_id, o.during FROM new_row n
      JOIN objects.version o ON o.territory_id = n.territory_id AND o.object_id = n.object_id AND NOT upper_inf(o.during)
      WHERE o.during && n.during AND lower(o.during) <> lower(n.during) LIMIT 1' INTO twice;
  END IF;
  IF twice IS NOT NULL THEN
    RAISE EXCEPTION 'object % has a version during %', twice.object_id, twice.during
      USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'version_one_at_a_time', SCHEMA = 'objects', TABLE = 'version';
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER keep_one_at_a_time AFTER INSERT ON objects.version REFERENCING NEW TABLE AS new_row
  FOR EACH STATEMENT EXECUTE FUNCTION objects.keep_one_at_a_time();
CREATE TRIGGER keep_one_at_a_time_changed AFTER UPDATE ON objects.version REFERENCING NEW TABLE AS new_row
  FOR EACH STATEMENT EXECUTE FUNCTION objects.keep_one_at_a_time();
