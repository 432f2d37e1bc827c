-- +goose Up
-- Are the exceptions of every year known that a time after first, until last,
-- touches? A year without any is one for which nothing was taken in.
CREATE FUNCTION workdays.known(territory int, first date, last date) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT NOT EXISTS (
    SELECT FROM generate_series(extract(year FROM first + 1)::int, extract(year FROM last)::int) AS year
    WHERE NOT EXISTS (SELECT FROM workdays.exceptions(territory, make_date(year, 1, 1), make_date(year, 12, 31))))
$$;

-- Whether they were known when a round's deadline was set (NULL: it wasn't written
-- down): what is taken in later doesn't move the deadline.
ALTER TABLE circulation.round ADD COLUMN calendar_known boolean;
