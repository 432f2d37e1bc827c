-- The tables in which a person's change counts, and how the log shows it; run at
-- every migrate. History that triggers derive from them (versions, journals,
-- assignment_past), and what is measured or made from them, is not logged again.
--   key      columns that name the row, label: what else tells a reader which it is
--   person   column of the person it is about; of a table with plain, all columns but
--            those and the key are personal: encrypted under the person's own key
--   secret   columns of which only that they changed is logged: hashes, tokens
--   without  columns that are left out; a change of them alone is no entry
--   most     a statement on more rows than that is one entry with a digest of content
SELECT pg_advisory_xact_lock(hashtext('unigrid audit watch')); -- two may migrate at once

SELECT audit.watch('cells.territory', key => '{id}', label => '{code}', territory => 'id');
SELECT audit.watch('cells.step', key => '{edition,step}', label => '{kind}', without => '{cells,by,at,made}');
SELECT audit.watch('cells.version', key => '{cell_id,from_edition}', label => '{code,name}', without => '{label}', most => 50,
  content => 'r.cell_id, r.from_edition, r.to_edition, r.code, r.name, r.tier, r.parent_id, r.provenance, r.locked, r.disputed, sha256(r.geom::bytea)');
SELECT audit.watch('editions.edition', key => '{seq}', label => '{state}');
SELECT audit.watch('editions.setting', key => '{since}', without => '{set_by,set_at}');
SELECT audit.watch('editions.accepted_vacancy', key => '{edition,cell_id}', without => '{accepted_by,at}');
SELECT audit.watch('editions.sign_off', key => '{id}', label => '{party}', without => '{account,signed_by,at,withdrawn_by,withdrawn_at}');
SELECT audit.watch('editions.decision', key => '{edition}', label => '{document_no}', without => '{recorded_by,at}');
SELECT audit.watch('editions.scan', key => '{edition}', label => '{name}', without => '{content,added_by,at}');
SELECT audit.watch('drawing.draw', key => '{id}', label => '{method}', without => '{quality,created_by,created_at}');
SELECT audit.watch('people.person', key => '{id}', person => 'id', plain => '{unit,post,provenance,batch}', without => '{unit_id,changed_at,version}');
SELECT audit.watch('people.contact', key => '{person_id}', person => 'person_id', plain => '{}');
SELECT audit.watch('people.unit', key => '{id}', label => '{name}', without => '{label,version}');
SELECT audit.watch('people.post', key => '{id}', label => '{title}', without => '{version}');
SELECT audit.watch('people.person_post', key => '{person_id,post_id}', person => 'person_id', most => 1000, content => 'r.person_id, r.post_id, r.during, r.position');
SELECT audit.watch('people.person_layer', key => '{person_id,layer}', person => 'person_id', most => 1000, content => 'r.person_id, r.layer, r.home');
SELECT audit.watch('people.role', key => '{code}');
SELECT audit.watch('people.assignment', key => '{id}', label => '{role}', person => 'person_id', without => '{recorded_at,recorded_by}');
SELECT audit.watch('people.handover', key => '{id}', label => '{role}');
SELECT audit.watch('people.leave', key => '{id}', person => 'person_id', plain => '{during,stand_in}', without => '{recorded_at,recorded_by}');
SELECT audit.watch('people.leave_cell', key => '{leave_id,cell_id}');
SELECT audit.watch('people.alarm', key => '{id}', without => '{ended_at}', ops => '{update}');
SELECT audit.watch('people.question', key => '{id}', label => '{kind,role}', without => '{asked_at}', ops => '{update}');
SELECT audit.watch('people.administration', key => '{id}', without => '{recorded_at,recorded_by}');
SELECT audit.watch('people.displaced', key => '{id}', ops => '{update}', without => '{was,displaced_at}');
SELECT audit.watch('people.setting', key => '{territory_id}');
SELECT audit.watch('duty.text', key => '{layer}', without => '{changed_at,changed_by}');
SELECT audit.watch('duty.hotline', key => '{cell_id}', without => '{changed_at,changed_by}');
SELECT audit.watch('duty.setting', key => '{territory_id}');
SELECT audit.watch('workdays.own', key => '{day}', label => '{name}');
SELECT audit.watch('objects.object', key => '{id}', label => '{kind,code}', without => '{changed_at,outside_share}', most => 100,
  content => 'r.id, r.kind, r.code, r.name, r.geom, r.located_by, r.hint_cell, objects.public_attributes(r.attributes), r.provenance, r.published');
SELECT audit.watch('layers.layer', key => '{code}');
SELECT audit.watch('layers.cell', key => '{id}', label => '{layer,code}', without => '{changed_at}', most => 50,
  content => 'r.id, r.layer, r.code, r.name, r.person_id, r.provenance, r.published, sha256(r.geom::bytea)');
SELECT audit.watch('merge.run', key => '{id}', without => '{created_at,created_by}');
SELECT audit.watch('merge.rules', key => '{version}', without => '{saved_at,saved_by}');
SELECT audit.watch('merge.comment', key => '{conflict_id,id}', without => '{at,by}');
SELECT audit.watch('merge.conflict', key => '{run_id,id}', label => '{kind}', ops => '{update}', most => 100,
  without => '{version,drawn_at,comments,settled_at,settled_by,detail,touches,objects,people,alternatives,blocking,proposal,reason,area_m2,place}',
  content => 'r.run_id, r.id, r.kind, r.cell_id, r.state, r.resolution, r.settled_by, r.settled_reason');
SELECT audit.watch('circulation.round', key => '{id}', label => '{number}', without => '{opened_at,opened_by,closed_by}');
SELECT audit.watch('circulation.opinion', key => '{id}', label => '{stance}', without => '{at,by}', most => 100,
  content => 'r.round_id, r.party_id, r.conflict, r.stance, r.text');
SELECT audit.watch('circulation.answer', key => '{id}', label => '{outcome}', without => '{at,by}', most => 100, content => 'r.opinion_id, r.outcome, r.reason');
SELECT audit.watch('staging.profile', key => '{name}', without => '{saved_at,saved_by}');
SELECT audit.watch('staging.consent', key => '{batch,n}', without => '{given_by,given_at}');
SELECT audit.watch('access.policy', key => '{action,role}');
SELECT audit.watch('access.account', key => '{id}', label => '{name}', secret => '{email}', without => '{created_at,created_by}');
SELECT audit.watch('access.secret', key => '{account}', secret => '{password,totp,recovery,oidc_subject}', without => '{totp_step}');
SELECT audit.watch('access.session', key => '{id}', without => '{token,seen_at}', ops => '{insert,update}');
SELECT audit.watch('access.key', key => '{id}', label => '{prefix}', secret => '{secret}', without => '{used_at,created_at,created_by}');
SELECT audit.watch('access.grant_', key => '{id}', label => '{role}', without => '{given_at,given_by}');
SELECT audit.watch('access.opened', key => '{collection}', without => '{opened_by,at}');
