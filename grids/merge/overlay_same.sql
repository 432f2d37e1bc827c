-- Whether what goes into a merge of an edition ($3) is what went into the run before ($2),
-- of the same draft: the same rows ($4 their print), nothing that has begun or ended
-- meanwhile, and the same capacity ($5).
SELECT EXISTS (
  SELECT FROM merge.run r
  WHERE r.territory_id = $1 AND r.id = $2 AND r.edition = $3 AND r.inputs = $4 AND coalesce(r.capacity, 0) = $5
    AND NOT EXISTS (SELECT FROM people.assignment a WHERE a.territory_id = $1
      AND (lower(a.during) > r.created_at AND lower(a.during) <= clock_timestamp() OR upper(a.during) > r.created_at AND upper(a.during) <= clock_timestamp()))
    AND NOT EXISTS (SELECT FROM people.administration a WHERE a.territory_id = $1
      AND (lower(a.during) > r.created_at AND lower(a.during) <= clock_timestamp() OR upper(a.during) > r.created_at AND upper(a.during) <= clock_timestamp()))
    AND NOT EXISTS (SELECT FROM objects.placement a WHERE a.territory_id = $1
      AND (lower(a.during) > r.created_at AND lower(a.during) <= clock_timestamp() OR upper(a.during) > r.created_at AND upper(a.during) <= clock_timestamp()))
)
