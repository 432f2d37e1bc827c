-- The guards: who may change the rows of a table, beside its row-level security.
-- One line a table: the actions of the policy table of which one is needed;
-- whether a row r lies within the principal's subtrees (and its territory, always);
-- whether it is of the principal's layers; and what the row is called when it is
-- refused. Run again at every migrate, as policy.sql is.
--
-- Tables of rows on their way in, which come by the hundred thousand, stand in the
-- second list: their rows are not kept for a look afterwards, only the role and
-- the territory are asked.
--
-- A table of which the service may only read needs no line, nor does one whose
-- row-level security says the same. A new table gets its line here, and its row
-- in the matrix of api/guards_table_test.go.
DO $do$
DECLARE
  g record;
  op text;
  tables text;
  wanted text;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('unigrid guards'));
  FOR g IN SELECT * FROM (VALUES
    ('cells.territory',           'territories.edit boards.edit',             'true',                                    'true', 'r.code'),
    ('editions.edition',          'draft.edit imports.make',                  'true',                                    'true', 'r.seq'),
    ('cells.cell',                'draft.edit',                               'true',                                    'true', 'r.id'),
    ('cells.version',             'draft.edit',                               'access.within(r.territory_id, r.code)',   'true', 'r.code'),
    ('cells.lineage',             'draft.edit draft.publish',                 'cells.reached(r.territory_id, r.from_cell) AND cells.reached(r.territory_id, r.to_cell)', 'true', 'r.from_cell'),
    ('cells.step',                'draft.edit draft.publish',                 'true',                                    'true', 'r.step'),
    ('cells.journal',             'draft.edit draft.publish',                 'true',                                    'true', 'r.step'),
    ('cells.display',             'draft.publish',                            'true',                                    'true', 'r.code'),
    ('cells.undone',              'draft.edit',                               'true',                                    'true', 'r.batch'),
    ('cells.generalised',         'collections.open draft.publish',           'true',                                    'true', 'r.edition'),
    ('access.opened',             'collections.open',                         'true',                                    'true', 'r.collection'),
    ('drawing.draw',              'draft.edit',                               'cells.reached(r.territory_id, r.parent_id)', 'true', 'r.id'),
    ('layers.layer',              'layers.edit territories.edit',             'true',                                    'access.layer(r.code)', 'r.code'),
    ('layers.cell',               'layers.edit',                              'cells.reached(r.territory_id, ST_PointOnSurface(r.geom))', 'access.layer(r.layer)', 'r.layer || '' '' || r.code'),
    ('layers.undone',             'layers.edit',                              'true',                                    'true', 'r.batch'),
    ('objects.object',            'objects.edit draft.publish',               'objects.reached(r.territory_id, r.geom, r.hint_cell)', 'access.layer(objects.layers(r.kind, r.attributes))', 'r.kind || '' '' || r.code'),
    ('objects.placement',         'objects.edit draft.publish',               'cells.reached(r.territory_id, r.cell_id)', 'true', 'r.object_id'),
    ('objects.undone',            'objects.edit',                             'true',                                    'true', 'r.batch'),
    ('people.person',             'people.edit',                              'people.reached(r.territory_id, r.id)',    'true', 'r.staff_no'),
    ('people.assignment',         'assignments.edit draft.publish conflicts.settle', 'cells.reached(r.territory_id, r.cell_id)', 'access.layer(r.layer)', '(SELECT v.code FROM cells.version v WHERE v.territory_id = r.territory_id AND v.cell_id = r.cell_id ORDER BY v.from_edition DESC LIMIT 1)'),
    ('people.assignment_journal', 'assignments.edit',                         'cells.reached(r.territory_id, r.cell_id)', 'access.layer(r.layer)', 'r.batch'),
    ('people.intake_assignment',  'assignments.edit conflicts.settle',        'true',                                    'true', 'r.batch'),
    ('people.intake_lead',        'assignments.edit conflicts.settle draft.publish', 'true',                             'true', 'r.batch'),
    ('people.handover',           'assignments.edit',                         'cells.reached(r.territory_id, r.cell_id)', 'access.layer(r.layer)', 'r.id'),
    ('people.leave',              'assignments.edit',                         'people.reached(r.territory_id, r.person_id)', 'true', 'r.id'),
    ('people.leave_cell',         'assignments.edit',                         'cells.reached(r.territory_id, r.cell_id)', 'true', 'r.leave_id'),
    ('people.alarm',              'assignments.edit duty.read',               'true',                                    'true', 'r.id'),
    ('people.question',           'assignments.edit draft.publish',           'cells.reached(r.territory_id, r.cell_id)', 'access.layer(r.layer)', 'r.id'),
    ('people.unit',               'people.edit',                              'people.unit_reached(r.territory_id, r.division)', 'true', 'r.name'),
    ('people.post',               'people.edit',                              'people.unit_reached(r.territory_id, coalesce((SELECT u.division FROM people.unit u WHERE u.territory_id = r.territory_id AND u.id = r.unit_id), ''''))', 'true', 'r.title'),
    ('people.person_post',        'people.edit',                              'people.reached(r.territory_id, r.person_id)', 'true', 'r.person_id'),
    ('people.person_layer',       'people.edit',                              'people.reached(r.territory_id, r.person_id)', 'true', 'r.layer'),
    ('people.search_key',         'people.edit',                              'people.reached(r.territory_id, r.person_id)', 'true', 'r.person_id'),
    ('people.membership_before',  'people.edit',                              'people.reached(r.territory_id, r.person_id)', 'true', 'r.batch'),
    ('people.undone',             'people.edit assignments.edit',             'true',                                    'true', 'r.batch'),
    ('merge.run',                 'draft.edit draft.publish conflicts.settle', 'true',                                   'true', 'r.id'),
    ('merge.crosswalk',           'draft.edit draft.publish conflicts.settle', 'true',                                   'true', 'r.id'),
    ('merge.stretch',             'draft.edit draft.publish conflicts.settle', 'true',                                   'true', 'r.crosswalk_id'),
    ('merge.move',                'draft.edit draft.publish conflicts.settle', 'true',                                   'true', 'r.run_id'),
    ('merge.sliver',              'draft.edit draft.publish conflicts.settle', 'true',                                   'true', 'r.id'),
    ('merge.move',               'draft.edit draft.publish conflicts.settle', 'true',                                   'true', 'r.conflict_id'),
    ('merge.seen_leaf',          'draft.edit draft.publish conflicts.settle', 'true',                                   'true', 'r.cell_id'),
    ('workdays.own',              'territories.edit',                         'true',                                    'true', 'r.day'),
    ('merge.rules',               'conflicts.settle',                         'true',                                    'true', 'r.version'),
    ('merge.comment',             'conflicts.comment',                        'true',                                    'true', 'r.conflict_id'),
    ('merge.conflict',            'draft.edit draft.publish conflicts.settle', 'true',                                   'true', 'r.id')
  ) AS g (name, actions, place, layer, called)
  LOOP
    FOREACH op IN ARRAY ARRAY['INSERT', 'UPDATE', 'DELETE'] LOOP
      tables := CASE op WHEN 'INSERT' THEN 'NEW TABLE AS new_row' WHEN 'DELETE' THEN 'OLD TABLE AS old_row' ELSE 'OLD TABLE AS old_row NEW TABLE AS new_row' END;
      wanted := format('CREATE TRIGGER guard_%s AFTER %s ON %s REFERENCING %s FOR EACH STATEMENT EXECUTE FUNCTION access.guard(%L, %L, %L, %L, %L)',
                       lower(op), op, g.name, tables, g.actions, g.place, g.layer, g.called, CASE g.name WHEN 'cells.territory' THEN 'id' ELSE 'territory_id' END);
      CONTINUE WHEN wanted = (SELECT pg_get_triggerdef(t.oid) FROM pg_trigger t WHERE t.tgrelid = g.name::regclass AND t.tgname = 'guard_' || lower(op));
      EXECUTE format('DROP TRIGGER IF EXISTS guard_%s ON %s', lower(op), g.name);
      EXECUTE wanted;
    END LOOP;
  END LOOP;
  FOR g IN SELECT * FROM (VALUES
    ('staging.row_copied',   'imports.make'),
    ('cells.intake',         'draft.edit'),
    ('layers.intake',        'layers.edit'),
    ('objects.intake',       'objects.edit'),
    ('people.intake_person', 'people.edit')
  ) AS g (name, actions)
  LOOP
    FOR op, wanted IN VALUES
      ('guard_role', format('CREATE TRIGGER guard_role BEFORE INSERT OR DELETE OR UPDATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION access.guard_bulk(%L)', g.name, g.actions)),
      ('guard_new', format('CREATE TRIGGER guard_new AFTER INSERT OR UPDATE ON %s FOR EACH ROW WHEN ((NOT access.governs(new.territory_id))) EXECUTE FUNCTION access.guard_bulk()', g.name)),
      ('guard_old', format('CREATE TRIGGER guard_old AFTER DELETE OR UPDATE ON %s FOR EACH ROW WHEN ((NOT access.governs(old.territory_id))) EXECUTE FUNCTION access.guard_bulk()', g.name))
    LOOP
      CONTINUE WHEN wanted = (SELECT pg_get_triggerdef(t.oid) FROM pg_trigger t WHERE t.tgrelid = g.name::regclass AND t.tgname = op);
      EXECUTE format('DROP TRIGGER IF EXISTS %s ON %s', op, g.name);
      EXECUTE wanted;
    END LOOP;
  END LOOP;
END $do$;
