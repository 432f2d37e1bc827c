-- +goose Up
-- What rows of people say of layers and of the dates of posts: codes and instants
-- with 、 between them; '' leaves what is known, '-' is none (of a date: as it is).
ALTER TABLE people.intake_person ADD COLUMN layer text NOT NULL DEFAULT '', ADD COLUMN supports text NOT NULL DEFAULT '', ADD COLUMN post_from text NOT NULL DEFAULT '';
ALTER TABLE people.intake_person DROP CONSTRAINT intake_person_provenance_check,
  ADD CONSTRAINT intake_person_provenance_check CHECK (provenance IN ('imported', 'demo', 'entered'));
GRANT SELECT (layer, supports, post_from) ON people.intake_person TO unigrid_app;

-- What an import changed of a person's layers and dates of posts, as it was
-- before, for its undoing.
CREATE TABLE people.membership_before (
  territory_id int NOT NULL,
  batch        bigint NOT NULL,
  person_id    bigint NOT NULL,
  layers       jsonb NOT NULL,
  posts        jsonb NOT NULL,
  PRIMARY KEY (territory_id, batch, person_id)
);
GRANT SELECT, INSERT, DELETE ON people.membership_before TO unigrid_app;

-- The posts of a person that were held at an instant with the day or instant since
-- when, - where that isn't known, in order; NULL when none is known.
CREATE FUNCTION people.posts_since(territory int, person bigint, instant timestamptz) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN bool_or(NOT lower_inf(q.during)) THEN string_agg(CASE
    WHEN lower_inf(q.during) THEN '-'
    WHEN lower(q.during) = date_trunc('day', lower(q.during), 'UTC') THEN to_char(lower(q.during) AT TIME ZONE 'UTC', 'YYYY-MM-DD')
    ELSE rtrim(to_char(lower(q.during) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '0') || 'Z' END, '、' ORDER BY q.position) END
  FROM people.person_post q WHERE q.territory_id = territory AND q.person_id = person AND q.during @> instant
$$;

-- The layers that a person supports, by code, with 、 between them; NULL for none.
CREATE FUNCTION people.layers_supported(territory int, person bigint) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT string_agg(m.layer, '、' ORDER BY m.layer) FROM people.person_layer m WHERE m.territory_id = territory AND m.person_id = person AND NOT m.home
$$;
