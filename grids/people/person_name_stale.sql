-- Persons whose search keys are missing or of another name or staff number.
SELECT p.id, p.name, p.staff_no
FROM people.person p
LEFT JOIN people.search_key k ON k.territory_id = p.territory_id AND k.person_id = p.id
WHERE p.territory_id = $1 AND ($2::bigint[] IS NULL OR p.id = ANY ($2)) AND k.name IS DISTINCT FROM p.staff_no || ' ' || p.name
