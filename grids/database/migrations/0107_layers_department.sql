-- +goose Up
-- What a layer is besides its names: the department whose grid it is, its colour
-- on maps ('' the client's own choice), and whether its cells are areas, reaches of
-- rivers (which are imported as objects), or both.
ALTER TABLE layers.layer
  ADD COLUMN department text NOT NULL DEFAULT '',
  ADD COLUMN colour text NOT NULL DEFAULT '' CHECK (colour ~ '^(#[0-9a-f]{6})?$'),
  ADD COLUMN geometry text NOT NULL DEFAULT 'areas' CHECK (geometry IN ('areas', 'reaches', 'both'));

-- What layers and their departments were called before, and until when: triggers
-- alone write it.
CREATE TABLE layers.past_name (
  territory_id int NOT NULL,
  code         text NOT NULL,
  until        timestamptz NOT NULL DEFAULT clock_timestamp(),
  name_zh      text NOT NULL,
  name_en      text NOT NULL,
  department   text NOT NULL,
  PRIMARY KEY (territory_id, code, until),
  FOREIGN KEY (territory_id, code) REFERENCES layers.layer (territory_id, code)
);
GRANT SELECT ON layers.past_name TO unigrid_app;

-- +goose StatementBegin
CREATE FUNCTION layers.keep_names() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO layers.past_name (territory_id, code, name_zh, name_en, department)
  VALUES (OLD.territory_id, OLD.code, OLD.name_zh, OLD.name_en, OLD.department);
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER keep_names AFTER UPDATE ON layers.layer FOR EACH ROW
  WHEN ((OLD.name_zh, OLD.name_en, OLD.department) IS DISTINCT FROM (NEW.name_zh, NEW.name_en, NEW.department))
  EXECUTE FUNCTION layers.keep_names();

-- Layers that have the names of before 2026 get those of now.
UPDATE layers.layer l SET name_zh = n.zh, name_en = n.en, department = n.department, geometry = n.geometry
FROM (VALUES
  ('environment', '环保', '生态环境', 'Environment', '生态环境局', 'areas'),
  ('safety', '安全生产', '安全生产', 'Work safety', '应急管理局', 'areas'),
  ('river-chief', '河长制', '河湖长制', 'River chief', '河长办', 'both'),
  ('social-order', '综治维稳', '平安建设·综治', 'Social governance', '政法委、综治中心', 'areas')
) AS n (code, was, zh, en, department, geometry)
WHERE l.code = n.code AND l.name_zh = n.was;
