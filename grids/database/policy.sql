-- The policy table: what each role may do. + may, . may not. Where: in the
-- principal's territory, subtree of division codes and layers.
-- +, in the column public, for collections.read and boards.read: only what an
-- administrator has opened.
WITH matrix (action, public, agency, officer, department, gis, planner, admin, security, auditor, local) AS (VALUES
--                         public
--                         |    agency
--                         |    |    officer
--                         |    |    |    department
--                         |    |    |    |    gis
--                         |    |    |    |    |    planner
--                         |    |    |    |    |    |    admin
--                         |    |    |    |    |    |    |    security
--                         |    |    |    |    |    |    |    |    auditor
--                         |    |    |    |    |    |    |    |    |    local
  ('catalog',            '+', '+', '+', '+', '+', '+', '+', '+', '+', '+'),
  ('collections.read',   '+', '+', '+', '+', '+', '+', '+', '+', '+', '+'),
  ('boards.read',        '+', '+', '+', '+', '+', '+', '+', '+', '+', '+'),
  ('own',                '.', '.', '+', '+', '+', '+', '+', '+', '+', '+'), -- one's own account and sessions: whoever has a session
  ('editions.read',      '.', '+', '+', '+', '+', '+', '+', '.', '+', '+'),
  ('exports.make',       '.', '+', '.', '+', '+', '+', '+', '.', '.', '+'),
  ('draft.read',         '.', '.', '.', '+', '+', '+', '+', '.', '+', '+'),
  ('draft.edit',         '.', '.', '.', '.', '+', '+', '+', '.', '.', '+'),
  ('draft.sign',         '.', '.', '.', '+', '.', '+', '+', '.', '.', '+'), -- for one's own unit, layer or role
  ('draft.publish',      '.', '.', '.', '.', '.', '+', '+', '.', '.', '+'),
  ('boundaries.unlock',  '.', '.', '.', '.', '.', '.', '+', '.', '.', '+'),
  ('imports.make',       '.', '.', '.', '+', '+', '+', '+', '.', '.', '+'),
  ('imports.personal',   '.', '.', '.', '.', '.', '+', '+', '.', '.', '+'),
  ('objects.edit',       '.', '.', '.', '+', '+', '+', '+', '.', '.', '+'),
  ('layers.edit',        '.', '.', '.', '+', '+', '+', '+', '.', '.', '+'),
  ('conflicts.read',     '.', '.', '.', '+', '+', '+', '+', '.', '+', '+'),
  ('conflicts.comment',  '.', '.', '.', '+', '+', '+', '+', '.', '.', '+'),
  ('conflicts.settle',   '.', '.', '.', '.', '.', '+', '+', '.', '.', '+'),
  ('opinions.give',      '.', '.', '.', '+', '.', '.', '.', '.', '.', '.'), -- for the department of one's layer, or one's county
  ('people.read',        '.', '.', '+', '+', '+', '+', '+', '.', '+', '+'), -- telephones masked
  ('people.edit',        '.', '.', '.', '+', '.', '+', '+', '.', '.', '+'),
  ('phones.read',        '.', '.', '+', '+', '.', '+', '+', '.', '.', '+'), -- each showing recorded
  ('people.forget',      '.', '.', '.', '.', '.', '.', '+', '.', '.', '+'), -- erased from the log
  ('assignments.edit',   '.', '.', '.', '+', '.', '+', '+', '.', '.', '+'),
  ('duty.read',          '.', '.', '.', '+', '.', '+', '+', '.', '+', '+'),
  ('boards.edit',        '.', '.', '.', '+', '.', '+', '+', '.', '.', '+'), -- duties by layer, telephones for complaints, limits of duty
  ('territories.edit',   '.', '.', '.', '.', '.', '.', '+', '.', '.', '+'),
  ('collections.open',   '.', '.', '.', '.', '.', '.', '+', '.', '.', '+'),
  ('accounts.edit',      '.', '.', '.', '.', '.', '.', '+', '.', '.', '+'), -- made, closed; without rights
  ('accounts.read',      '.', '.', '.', '.', '.', '.', '+', '+', '+', '+'),
  ('grants.edit',        '.', '.', '.', '.', '.', '.', '.', '+', '.', '+'), -- rights of others, keys, sessions ended
  ('audit.read',         '.', '.', '.', '.', '.', '.', '.', '.', '+', '+'),
  ('metrics.read',       '.', '.', '.', '.', '+', '.', '+', '.', '+', '+')
), wanted AS (
  SELECT m.action, r.role FROM matrix m
  CROSS JOIN LATERAL (VALUES ('public', public), ('agency', agency), ('officer', officer), ('department', department), ('gis', gis),
    ('planner', planner), ('admin', admin), ('security', security), ('auditor', auditor), ('local', local)) AS r (role, mark)
  WHERE r.mark = '+'
), withdrawn AS (
  DELETE FROM access.policy p WHERE NOT EXISTS (SELECT FROM wanted w WHERE w.action = p.action AND w.role = p.role)
)
INSERT INTO access.policy (action, role) SELECT action, role FROM wanted ON CONFLICT DO NOTHING;
