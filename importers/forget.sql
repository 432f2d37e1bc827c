DELETE FROM staging.batch WHERE territory_id = $1 AND id = $2 AND applied_at IS NULL AND state <> 'applied';

DELETE FROM staging.row WHERE territory_id = $1 AND batch = $2;

DELETE FROM staging.difference WHERE territory_id = $1 AND batch = $2;

UPDATE staging.finding SET finding = finding - '{value,candidates,message,message_zh}'::text[] || '{"message": ""}' WHERE territory_id = $1 AND batch = $2;

UPDATE staging.batch SET upload = NULL, expires_at = NULL,
  source = CASE WHEN jsonb_typeof(source -> 'columns') = 'array'
    THEN jsonb_set(source, '{columns}', (SELECT coalesce(jsonb_agg(c || '{"samples": []}' ORDER BY n), '[]') FROM jsonb_array_elements(source -> 'columns') WITH ORDINALITY AS e (c, n)))
    ELSE source END
WHERE territory_id = $1 AND id = $2
