-- Codes of a tier as they are kept (NULL: none), and those of the rows as they
-- stand there. $4: digits of the tier's prefix, $5: length with its zeros.
INSERT INTO import_code (row, text, code)
SELECT row, text, CASE WHEN text !~ '^[0-9]+$' THEN NULL
                       WHEN length(text) = $4 THEN CASE WHEN $4 < $5 THEN rpad(text, $5, '0') ELSE text END
                       WHEN length(text) = $5 AND $4 < $5 AND substr(text, $4 + 1) ~ '^0+$' THEN text END
FROM (SELECT row, CASE WHEN said ~ '^[0-9]+$' THEN said
                       ELSE regexp_replace(btrim(translate(said, '０１２３４５６７８９　', '0123456789 ')), '^([0-9]{4,30}) .*$', '\1') END AS text
      FROM (SELECT row, coalesce(attributes ->> $3, '') AS said FROM staging.row WHERE territory_id = $1 AND batch = $2 OFFSET 0) r
      OFFSET 0) s
