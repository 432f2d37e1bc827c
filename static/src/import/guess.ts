import type { Target } from './imports';

/** Words in names of files, in the order in which they are looked for. */
const WORDS: [RegExp, Target][] = [
  [/任职|责任人|分工|assign/i, 'assignments'],
  [/人员|花名册|网格员|通讯录|people|staff|roster/i, 'people'],
  [/企业|污染源|排污|单位|enterpris|compan|firm/i, 'enterprises'],
  [/水源|water.?source/i, 'water-sources'],
  [/河段|河流|河长|河道|river|reach/i, 'river-reaches'],
  [/监测|站点|点位|排口|monitor|station/i, 'monitors'],
  [/安监|应急|综治|环保|条线|layer/i, 'layer-cells'],
  [/网格|行政区|区划|村|社区|乡镇|街道|县|界|cell|grid|village|town|county|xzq/i, 'cells'],
];

/** What a file's name says its rows are; null when it says nothing. */
export function guess(name: string): Target | null {
  return WORDS.find(([word]) => word.test(name))?.[1] ?? null;
}
