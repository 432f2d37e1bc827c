-- +goose Up
-- The working calendar (工作日历): Monday to Friday, but for holidays and the days
-- worked instead of them (调休), which the State Council announces for each year.
CREATE SCHEMA workdays;
GRANT USAGE ON SCHEMA workdays TO unigrid_app;

-- The national exceptions.
CREATE TABLE workdays.usual (
  day   date PRIMARY KEY,
  works boolean NOT NULL, -- a day off that is worked; false: a weekday that is off
  name  text NOT NULL
);
GRANT SELECT ON workdays.usual TO unigrid_app;
INSERT INTO workdays.usual
  SELECT day::date, false, name FROM (VALUES
    ('2026-01-01', '2026-01-03', '元旦'), ('2026-02-15', '2026-02-23', '春节'), ('2026-04-04', '2026-04-06', '清明节'), ('2026-05-01', '2026-05-05', '劳动节'),
    ('2026-06-19', '2026-06-21', '端午节'), ('2026-09-25', '2026-09-27', '中秋节'), ('2026-10-01', '2026-10-07', '国庆节')) AS h (first, last, name),
    generate_series(first::timestamp, last::timestamp, '1 day') AS day
  UNION ALL
  SELECT day::date, true, name || '调休' FROM (VALUES
    ('2026-01-04', '元旦'), ('2026-02-14', '春节'), ('2026-02-28', '春节'), ('2026-05-09', '劳动节'), ('2026-09-20', '国庆节'), ('2026-10-10', '国庆节')) AS w (day, name);

-- A territory's own exceptions, also for years that are not among the national ones.
CREATE TABLE workdays.own (
  territory_id int NOT NULL REFERENCES cells.territory,
  day          date NOT NULL,
  works        boolean NOT NULL,
  name         text NOT NULL DEFAULT '' CHECK (length(name) <= 60),
  PRIMARY KEY (territory_id, day)
);
GRANT SELECT, INSERT, DELETE ON workdays.own TO unigrid_app;

-- The exceptions of a territory between two days, both included.
CREATE FUNCTION workdays.exceptions(territory int, first date, last date) RETURNS TABLE (day date, works boolean, name text, own boolean)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce(o.day, u.day), coalesce(o.works, u.works), coalesce(o.name, u.name), o.day IS NOT NULL
  FROM (SELECT * FROM workdays.own WHERE territory_id = territory AND own.day BETWEEN first AND last) o
  FULL JOIN (SELECT * FROM workdays.usual WHERE usual.day BETWEEN first AND last) u ON u.day = o.day
$$;

-- The day that is so many working days (1 to 250) after another, which itself
-- doesn't count. China has one time.
CREATE FUNCTION workdays.after(territory int, start date, working_days int) RETURNS date
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT d.day FROM (
    SELECT g::date AS day FROM generate_series(start + 1, start + 800, interval '1 day') AS g
  ) d
  LEFT JOIN workdays.exceptions(territory, start + 1, start + 800) e ON e.day = d.day
  WHERE coalesce(e.works, extract(isodow FROM d.day) < 6)
  ORDER BY d.day OFFSET working_days - 1 LIMIT 1
$$;
