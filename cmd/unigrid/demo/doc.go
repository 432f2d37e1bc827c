// Package demo invents the demo territory: a sketch of Zhuzhou with people,
// firms, monitors and the grids of four departments, and loads it the way a
// city would load its own, as files through the importers.
//
// Real are only the division codes and names and, roughly, where counties,
// seats and rivers lie (data/). All else comes from a seeded generator: the same
// seed and cells give the same files. Invented things bear names that nobody can
// take for real: 示例人员 0001, telephone 000-0000-0001, 示例单位 0001, 示例企业 0001 号;
// codes of people and objects begin with DEMO. Boundaries are drawn, not surveyed.
//
// Faults are planted so that there is something to see: a few vacant posts,
// firms without coordinates or outside the territory, a monitor on a vertex that
// villages share, a gap and overlaps in the river chiefs' grid, and layers that
// differ from each other in boundaries and people.
package demo
