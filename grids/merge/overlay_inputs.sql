-- A print of all rows that a merge reads: where each version of a row lies and which
-- transaction wrote it, and the functions that read them.
SELECT md5(concat_ws(' ',
  (SELECT bit_xor(hash_record_extended(ROW(r.ctid, r.xmin::text), 0)) FROM cells.territory r WHERE r.id = $1),
  (SELECT bit_xor(hash_record_extended(ROW(r.ctid, r.xmin::text), 0)) FROM cells.version r WHERE r.territory_id = $1),
  (SELECT bit_xor(hash_record_extended(ROW(r.ctid, r.xmin::text), 0)) FROM layers.cell r WHERE r.territory_id = $1),
  (SELECT bit_xor(hash_record_extended(ROW(r.ctid, r.xmin::text), 0)) FROM objects.object r WHERE r.territory_id = $1),
  (SELECT bit_xor(hash_record_extended(ROW(r.ctid, r.xmin::text), 0)) FROM objects.placement r WHERE r.territory_id = $1),
  (SELECT bit_xor(hash_record_extended(ROW(r.ctid, r.xmin::text), 0)) FROM people.person r WHERE r.territory_id = $1),
  (SELECT bit_xor(hash_record_extended(ROW(r.ctid, r.xmin::text), 0)) FROM people.assignment r WHERE r.territory_id = $1),
  (SELECT bit_xor(hash_record_extended(ROW(r.ctid, r.xmin::text), 0)) FROM people.administration r WHERE r.territory_id = $1),
  (SELECT bit_xor(hashtextextended(p.proname || p.prosrc, 0)) FROM pg_proc p
   WHERE p.pronamespace IN (SELECT n.oid FROM pg_namespace n WHERE n.nspname IN ('merge', 'cells', 'people', 'layers', 'objects')))
))::uuid
