import type { auditZh } from './audit.zh';

/** Texts of the log of changes in English. */
export const auditEn: typeof auditZh = {
  open: 'Audit',
  leave: 'Leave audit',
  heading: 'Log of changes',
  hint: 'Who changed what, when and from where. The log is only added to, each entry chained to the one before; unigrid doctor verifies it',
  log: 'Log',
  logs: { territory: 'This territory', system: 'Accounts, system' },
  fields: { words: 'Contains', who: 'Who', noun: 'Table', key: 'Key', person: 'Person', since: 'From', until: 'To' },
  anything: 'all',
  search: 'Search',
  everything: 'Clear',
  columns: ['No.', 'Time', 'Who', 'What', 'Change (before → after)'],
  nothing: 'No such entries',
  pages: 'Pages',
  newest: 'Newest',
  older: 'Older',
  history: 'Only the history of this one',
  rows: (n) => `${n} rows`,
  about: (id) => `person ${id}`,
  erased: 'What was personal has been erased and can’t be read',
  more: (n) => `${n} more`,
  head: (seq) => `Ends with entry ${seq}`,
  headHint: 'Keep number and hash elsewhere: with them you can tell later whether the whole log was written anew',
  ops: { insert: 'added', update: 'changed', delete: 'deleted', truncate: 'emptied', disclose: 'shown', forget: 'erased', watch: 'logged from here', begin: 'begins' },
  roles: {
    public: 'not signed in', agency: 'other agency', officer: 'officer', department: 'department', gis: 'GIS staff', planner: 'planner', admin: 'system administrator',
    security: 'security administrator', auditor: 'audit administrator', local: 'command on the machine', database: 'straight in the database',
  },
  nouns: {
    audit: 'log', 'access.account': 'account', 'access.grant_': 'right', 'access.key': 'key', 'access.policy': 'policy table', 'access.secret': 'password, second factor', 'access.session': 'session',
    'cells.territory': 'territory', 'cells.step': 'step of the draft', 'cells.version': 'cell', 'drawing.draw': 'draw', 'people.administration': 'administration of a cell', 'people.displaced': 'displaced person', 'people.question': 'question of staffing', 'people.setting': 'settings of staffing', 'circulation.round': 'round of circulation', 'circulation.opinion': 'opinion', 'circulation.answer': 'answer to an opinion', 'workdays.own': 'working calendar', 'duty.hotline': 'hotline', 'duty.setting': 'settings of duty', 'duty.text': 'text of duties',
    'editions.edition': 'edition', 'layers.cell': 'layer cell', 'layers.layer': 'layer', 'merge.conflict': 'conflict', 'merge.run': 'merge', 'objects.object': 'object',
    'people.alarm': 'alarm', 'people.assignment': 'assignment', 'people.contact': 'telephone', 'people.handover': 'handover', 'people.leave': 'leave', 'people.leave_cell': 'leave, stand-in', 'people.person': 'person', 'people.person_layer': 'layer of a person',
    'people.person_post': 'post of a person', 'people.post': 'post', 'people.role': 'role', 'people.unit': 'unit', 'staging.consent': 'consent to personal data', 'staging.profile': 'import profile',
  },
  names: {
    account: 'account', area_m2: 'area (m²)', batch: 'import batch', cell_id: 'cell', during: 'period', first: 'first rows', geom: 'shape', 'geom.lat': 'latitude', 'geom.lon': 'longitude', 'geom.sha256': 'digest of the shape', 'geom.type': 'shape', 'geom.vertices': 'vertices', keys: 'keys destroyed', located_by: 'located by',
    name_en: 'English name', name_zh: 'Chinese name', parent_id: 'parent', person_id: 'person', phone_masked: 'telephone (masked)', phone: 'telephone', revoked_at: 'ended', sha256: 'digest', staff_no: 'staff number',
    stand_in: 'stand-in', unit_id: 'unit', expires_at: 'expires',
  },
};
