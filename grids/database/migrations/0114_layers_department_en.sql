-- +goose Up
-- Departments of layers have an English name, too; '' where nobody has given one.
ALTER TABLE layers.layer ADD COLUMN department_en text NOT NULL DEFAULT '';
ALTER TABLE layers.past_name ADD COLUMN department_en text NOT NULL DEFAULT '';
-- before the trigger looks at it: a name that is there now is no change of name
UPDATE layers.layer l SET department_en = n.en
FROM (VALUES
  ('生态环境局', 'Ecology and Environment Bureau'),
  ('应急管理局', 'Emergency Management Bureau'),
  ('河长办', 'River Chief Office'),
  ('政法委、综治中心', 'Political and Legal Affairs Commission, Social Governance Centre')
) AS n (zh, en)
WHERE l.department = n.zh;

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION layers.keep_names() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO layers.past_name (territory_id, code, name_zh, name_en, department, department_en)
  VALUES (OLD.territory_id, OLD.code, OLD.name_zh, OLD.name_en, OLD.department, OLD.department_en);
  RETURN NULL;
END $$;
-- +goose StatementEnd
DROP TRIGGER keep_names ON layers.layer;
CREATE TRIGGER keep_names AFTER UPDATE ON layers.layer FOR EACH ROW
  WHEN ((OLD.name_zh, OLD.name_en, OLD.department, OLD.department_en) IS DISTINCT FROM (NEW.name_zh, NEW.name_en, NEW.department, NEW.department_en))
  EXECUTE FUNCTION layers.keep_names();
