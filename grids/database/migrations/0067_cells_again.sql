-- +goose Up
-- Whether two areas are the same but for what rounding and cleaning by a hair
-- leave: less than a millionth of the first lies in one of them alone.
-- +goose StatementBegin
CREATE FUNCTION cells.same_area(before geometry, after geometry) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE
    WHEN before::bytea = a.geom::bytea THEN true
    WHEN abs(ST_Area(before) - ST_Area(a.geom)) >= 1e-6 * ST_Area(before) THEN false
    ELSE ST_Area(ST_SymDifference(before, a.geom)) < 1e-6 * ST_Area(before)
  END
  FROM (SELECT CASE WHEN ST_IsValid(after) THEN after ELSE ST_MakeValid(after, 'method=structure') END AS geom OFFSET 0) a
$$;
-- +goose StatementEnd

-- An area that moved without becoming larger or smaller says how far, and one
-- whose boundary only got or lost vertices says that.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION cells.changed_shape(before geometry, after geometry) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE
    WHEN before::bytea IS NOT DISTINCT FROM after::bytea THEN NULL
    WHEN before IS NULL THEN 'located'
    WHEN after IS NULL THEN 'place removed'
    WHEN ST_Dimension(before) <> ST_Dimension(after) THEN lower(GeometryType(before)) || ' → ' || lower(GeometryType(after))
    WHEN ST_Dimension(after) = 0 THEN 'moved ' || cells.metres(ST_Distance(ST_Centroid(before)::geography, ST_Centroid(after)::geography))
    WHEN ST_Dimension(after) = 1 THEN 'length ' || cells.metres(ST_Length(before::geography)) || ' → ' || cells.metres(ST_Length(after::geography))
    ELSE (
      SELECT CASE
        WHEN m.was <> m.becomes THEN 'area ' || m.was || ' → ' || m.becomes
        WHEN m.metres >= 0.05 THEN 'moved ' || cells.metres(m.metres)
        ELSE 'vertices ' || ST_NPoints(before) || ' → ' || ST_NPoints(after)
      END
      FROM (
        SELECT cells.square_metres(ST_Area(before::geography)) AS was, cells.square_metres(ST_Area(after::geography)) AS becomes,
               ST_HausdorffDistance(ST_Transform(before, u.srid), ST_Transform(after, u.srid)) AS metres
        FROM (SELECT CASE WHEN ST_Y(c.at) < 0 THEN 32700 ELSE 32600 END + greatest(1, least(60, floor((ST_X(c.at) + 180) / 6)::int + 1)) AS srid
              FROM (SELECT ST_Centroid(after) AS at OFFSET 0) c) u
      ) m
    )
  END
$$;
-- +goose StatementEnd
