-- +goose Up
-- The cells of an edition below one, itself included, that have nobody of their own
-- at an instant: since when, who acts for them, and from how many tiers up.
CREATE FUNCTION duty.vacant(territory int, edition int, instant timestamptz, top bigint) RETURNS TABLE (cell_id bigint, since timestamptz, person_id bigint, steps int)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT w.cell_id, w.since, w.stand_in, w.up
  FROM people.vacancies(territory, edition, instant) w
  JOIN duty.below(territory, edition, top) b ON b.cell_id = w.cell_id
$$;
