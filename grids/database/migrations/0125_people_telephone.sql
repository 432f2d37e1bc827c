-- +goose Up
-- The very same row is sent again only with the same telephone: people of one name,
-- unit and post are told apart by it, and what it holds is not kept in sent.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION people.meant(territory integer, of_batch bigint) RETURNS TABLE("row" integer, meant text, person_id bigint, staff_no text, same text, candidates jsonb)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET enable_nestloop TO 'off'
    SET jit TO 'off'
    AS $$
BEGIN
  IF NOT (access.may('people.edit') AND access.governs(territory)) THEN
    RAISE EXCEPTION 'this principal may not compare telephone numbers' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN QUERY
  WITH incoming AS MATERIALIZED (
    SELECT i."row", coalesce(btrim(i.staff_no, E' \t\u3000'), '') AS staff_no, cells.plain_name(i.name) AS name, cells.plain_name(i.unit) AS unit,
           people.digits(i.phone) AS phone, coalesce(btrim(i.choice), '') AS choice, i.sent
    FROM people.intake_person i WHERE i.territory_id = territory AND i.batch = of_batch
  ), homonym AS MATERIALIZED (
    SELECT i."row", p.id, p.staff_no, p.name, concat_ws(' ', nullif(p.unit, ''), nullif(p.post, '')) AS place,
           i.phone <> '' AND cells.plain_name(p.unit) = i.unit AND people.digits(k.phone) = i.phone AS by_telephone,
           i.sent IS NOT NULL AND s.sent = i.sent AND (i.phone = '' OR k.phone IS NULL OR people.digits(k.phone) = i.phone) AS by_sent
    FROM incoming i
    JOIN people.person p ON p.territory_id = territory AND cells.plain_name(p.name) = i.name
    LEFT JOIN people.contact k ON k.territory_id = territory AND k.person_id = p.id
    LEFT JOIN people.sent s ON s.territory_id = territory AND s.person_id = p.id AND s.batch = p.batch
    WHERE NOT EXISTS (SELECT FROM people.person q WHERE q.territory_id = territory AND q.staff_no = i.staff_no)
  ), judged AS (
    SELECT i.*, coalesce(n.id, c.id) AS named, h.telephones, h.telephone, h.sents, h.by_sent, h.list,
           CASE WHEN n.id IS NOT NULL THEN 'known'
                WHEN i.choice = 'new' THEN 'new'
                WHEN i.choice <> '' THEN CASE WHEN c.id IS NULL THEN 'unknown' ELSE 'known' END
                WHEN i.staff_no <> '' THEN CASE WHEN h.telephones > 0 THEN 'question' ELSE 'new' END
                WHEN h.telephones = 1 OR (h.telephones = 0 AND h.sents = 1) THEN 'known'
                WHEN h.list IS NOT NULL THEN 'question'
                ELSE 'new' END AS means
    FROM incoming i
    LEFT JOIN people.person n ON n.territory_id = territory AND n.staff_no = i.staff_no
    LEFT JOIN people.person c ON c.territory_id = territory AND c.staff_no = i.choice
    LEFT JOIN (
      SELECT m."row", count(*) FILTER (WHERE m.by_telephone) AS telephones, min(m.id) FILTER (WHERE m.by_telephone) AS telephone,
             count(*) FILTER (WHERE m.by_sent) AS sents, min(m.id) FILTER (WHERE m.by_sent) AS by_sent,
             jsonb_agg(jsonb_build_object('code', m.staff_no, 'name', m.name, 'path', m.place) ORDER BY m.staff_no) AS list
      FROM homonym m GROUP BY m."row"
    ) h ON h."row" = i."row"
  ), settled AS (
    SELECT j.*, CASE WHEN j.means = 'known' THEN coalesce(j.named, j.telephone, j.by_sent)
                     WHEN j.means = 'new' AND j.staff_no = '' THEN nextval('people.person_id_seq') END AS id
    FROM judged j
  )
  SELECT s."row", s.means, CASE WHEN s.means = 'known' THEN s.id END,
         CASE WHEN s.means = 'known' THEN p.staff_no
              WHEN s.staff_no <> '' THEN s.staff_no
              WHEN s.id IS NULL THEN ''
              WHEN EXISTS (SELECT FROM people.person_version q WHERE q.territory_id = territory AND q.staff_no = 'P' || lpad(s.id::text, 6, '0'))
              THEN 'P' || lpad(s.id::text, 6, '0') || '-' || s.id
              ELSE 'P' || lpad(s.id::text, 6, '0') END,
         -- what rows that mean one person share
         CASE WHEN s.means = 'known' THEN 'known ' || s.id
              WHEN s.means = 'new' AND s.staff_no <> '' THEN 'given ' || s.staff_no
              WHEN s.means = 'new' AND s.choice = '' THEN 'new ' || encode(sha256(convert_to(concat_ws(E'\t', s.name, s.unit, s.phone), 'UTF8')), 'hex') END,
         CASE WHEN s.means = 'question' THEN s.list END
  FROM settled s LEFT JOIN people.person p ON p.territory_id = territory AND p.id = s.id AND s.means = 'known';
END $$;
-- +goose StatementEnd
