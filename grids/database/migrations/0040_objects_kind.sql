-- +goose Up
-- The kinds of object there are: a new one is a row here and one in
-- grids.ObjectKinds. layers are those whose duty such an object is unless its
-- attributes name others; beside tells whether the point look-up names those
-- responsible for one close by.
CREATE TABLE objects.kind (
  kind       text PRIMARY KEY,
  collection text NOT NULL UNIQUE,
  layers     text[] NOT NULL,
  beside     boolean NOT NULL,
  rank       int NOT NULL UNIQUE
);
GRANT SELECT ON objects.kind TO unigrid_app;
INSERT INTO objects.kind (kind, collection, layers, beside, rank) VALUES
  ('enterprise', 'enterprises', '{environment,safety}', true, 1),
  ('monitor', 'monitors', '{environment}', false, 2),
  ('water-source', 'water-sources', '{environment,river-chief}', true, 3),
  ('river-reach', 'river-reaches', '{environment,river-chief}', true, 4);

ALTER TABLE objects.object
  DROP CONSTRAINT object_kind_check,
  ADD CONSTRAINT object_kind_known FOREIGN KEY (kind) REFERENCES objects.kind (kind);

CREATE OR REPLACE FUNCTION objects.layers(kind text, attributes jsonb) RETURNS text[]
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE
    WHEN jsonb_typeof(attributes -> 'layers') = 'array'
      THEN ARRAY(SELECT jsonb_array_elements_text(attributes -> 'layers'))
    ELSE (SELECT k.layers FROM objects.kind k WHERE k.kind = $1)
  END
$$;

CREATE OR REPLACE FUNCTION objects.collection(kind text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT k.collection FROM objects.kind k WHERE k.kind = $1
$$;
