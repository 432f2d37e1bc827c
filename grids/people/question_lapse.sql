-- When edition $2 of territory $1 restores an earlier one: open questions of the
-- editions between, which are undone, are answered by that ($4), on behalf of $3.
-- One goes on where its cell is there, the rule's person still has the role, and
-- somebody whom it names has lost a cell that doesn't come back.
UPDATE people.question q
SET answered_at = people.recording(), answered_by = $3, answer = 'lapsed', reason = $4
FROM editions.edition e
WHERE e.territory_id = $1 AND e.seq = $2 AND q.territory_id = $1 AND q.edition > e.restores AND q.edition < $2 AND q.answered_at IS NULL
  AND NOT (
    EXISTS (SELECT FROM cells.of($1, $2) v WHERE v.cell_id = q.cell_id)
    AND (q.ruled IS NULL OR EXISTS (SELECT FROM people.assignment a WHERE a.territory_id = $1 AND a.id = q.ruled AND a.during @> $5::timestamptz))
    AND EXISTS (
      SELECT FROM jsonb_array_elements(q.candidates) AS c
      WHERE (c ->> 'person')::bigint IS DISTINCT FROM q.ruled_person
        AND NOT EXISTS (SELECT FROM cells.of($1, $2) v WHERE v.cell_id = (c ->> 'cell')::bigint)))
