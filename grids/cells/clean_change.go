package cells

import (
	"fmt"
	"strings"

	"github.com/paulmach/orb"

	"unigrid/grids"
)

// ChangeKind names what Clean changed.
type ChangeKind string

// What Clean changes, and what it only points at. A sliver (碎片) is an overlap
// or gap that moved no boundary further than the tolerance.
const (
	Invalid      ChangeKind = "invalid"       // 图形无效: rings that bound no area as they stand
	SelfCrossing ChangeKind = "self-crossing" // 自相交: a boundary crosses itself
	SelfTouch    ChangeKind = "self-touch"    // 自相接: a ring passes a place twice
	Duplicate    ChangeKind = "duplicate"     // 重复面: a row repeats an earlier one
	Spike        ChangeKind = "spike"         // 尖刺: a way out and back, cut off
	Snapped      ChangeKind = "snapped"       // 吸附: a boundary moved within the tolerance
	Overlap      ChangeKind = "overlap"       // 重叠
	Gap          ChangeKind = "gap"           // 缝隙, closed
	Sliver       ChangeKind = "sliver"        // 碎片
	TJunction    ChangeKind = "t-junction"    // 悬挂节点: an edge got a neighbour's vertex
	Trimmed      ChangeKind = "trimmed"       // 越界裁除: outside the parent
	HoleFilled   ChangeKind = "hole-filled"   // 补洞: a gap within one polygon
	Dropped      ChangeKind = "dropped"       // 舍去: an area that no row keeps
	Moved        ChangeKind = "moved"         // 边界移动: wider than the tolerance
	Vanished     ChangeKind = "vanished"      // 全部被盖: nothing is left of a row
	GapLeft      ChangeKind = "gap-left"      // 空白: a gap too large to be closed, left
	Unlocked     ChangeKind = "unlocked"      // 解锁: locked boundaries were allowed to move
)

// Chinese names the kind for people.
func (k ChangeKind) Chinese() string {
	return map[ChangeKind]string{
		Invalid: "图形无效", SelfCrossing: "自相交", SelfTouch: "自相接", Duplicate: "重复面", Spike: "尖刺", Snapped: "吸附",
		Overlap: "重叠", Gap: "缝隙", Sliver: "碎片", TJunction: "悬挂节点", Trimmed: "越界裁除", HoleFilled: "补洞",
		Dropped: "舍去", Moved: "边界移动", Vanished: "全部被盖", GapLeft: "空白", Unlocked: "解锁",
	}[k]
}

// ChangedRow is a row that a change concerns.
type ChangedRow struct {
	Row  int    `json:"row"`
	Code string `json:"code,omitempty"`
}

// Change is one thing that Clean did, or (GapLeft, Vanished, Duplicate with
// severity error) that it could not do.
type Change struct {
	Kind     ChangeKind
	Severity grids.Severity
	Place    orb.Geometry // EPSG:4326: the area, line or vertices that changed
	At       orb.Point    // a place in or on it
	AreaM2   float64      // of the place, in the projected CRS
	Metres   float64      // how far a boundary moved at most, to about 1 %
	Lost     []ChangedRow // those that had the place and have it no more
	Gained   []ChangedRow // those that have it now; for an overlap, had it before
	Message  string
}

// Changed tells whether the change altered a row, rather than pointed at one.
func (c Change) Changed() bool { return c.Kind != GapLeft && c.Kind != Unlocked }

// Finding gives the change as imports report it.
func (c Change) Finding() grids.Finding {
	f := grids.Finding{Check: "import", Kind: string(c.Kind), Severity: c.Severity, Message: c.Message, AreaM2: c.AreaM2}
	if c.Place != nil {
		f.Lon, f.Lat = &c.At[0], &c.At[1]
	}
	for _, rows := range [][]ChangedRow{c.Gained, c.Lost} {
		if len(rows) > 0 {
			f.Row, f.Code = rows[0].Row, rows[0].Code
		}
	}
	return f
}

// describe writes the message.
func (c *Change) describe() {
	lost, gained := names(c.Lost), names(c.Gained)
	switch c.Kind {
	case Overlap:
		c.Message = fmt.Sprintf("%.3f m² that %s and %s both claimed given to %s, the smaller", c.AreaM2, lost, gained, gained)
	case Gap:
		c.Message = fmt.Sprintf("gap of %.3f m² given to %s", c.AreaM2, gained)
	case HoleFilled:
		c.Message = fmt.Sprintf("hole of %.3f m² in %s filled", c.AreaM2, gained)
	case Sliver:
		c.Message = fmt.Sprintf("sliver of %.3f m² between %s and neighbours, up to %.3f m wide", c.AreaM2, first(gained, lost), c.Metres)
		if lost != "" {
			c.Message = fmt.Sprintf("sliver of %.3f m² that %s and %s both claimed, up to %.3f m wide, given to %s", c.AreaM2, lost, gained, c.Metres, gained)
		}
	case Snapped:
		c.Message = fmt.Sprintf("boundary of %s moved by up to %.4f m (%.3f m²)", first(lost, gained), c.Metres, c.AreaM2)
	case Spike:
		c.Message = fmt.Sprintf("spike of %s, %.3f m long, cut off", first(lost, gained), c.Metres)
	case Trimmed:
		c.Message = fmt.Sprintf("%.3f m² of %s outside the parent cut off", c.AreaM2, lost)
	case Dropped:
		c.Message = fmt.Sprintf("%.3f m² of %s left to no row", c.AreaM2, lost)
	case Moved:
		c.Message = fmt.Sprintf("%.3f m² went from %s to %s", c.AreaM2, lost, gained)
	case GapLeft:
		c.Message = fmt.Sprintf("gap of %.0f m² left open: it belongs to no cell", c.AreaM2)
	case Vanished:
		c.Message = fmt.Sprintf("nothing is left of %s; others cover it", lost)
	case Duplicate:
		c.Message = fmt.Sprintf("%s repeats %s", lost, gained)
	}
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func names(rows []ChangedRow) string {
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = r.Code
		if r.Code == "" {
			out[i] = fmt.Sprintf("row %d", r.Row)
		}
	}
	return strings.Join(out, ", ")
}
