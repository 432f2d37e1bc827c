package cells

import (
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
	Message  grids.Text
}

// Changed tells whether the change altered a row, rather than pointed at one.
func (c Change) Changed() bool { return c.Kind != GapLeft && c.Kind != Unlocked }

// Finding gives the change as imports report it.
func (c Change) Finding() grids.Finding {
	f := grids.Finding{Check: "import", Kind: string(c.Kind), Severity: c.Severity, AreaM2: c.AreaM2}.Say(c.Message)
	if c.Place != nil {
		at := c.At // of the change, only this is kept
		f.Lon, f.Lat = &at[0], &at[1]
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
	lost, gained, either := names(c.Lost), names(c.Gained), names(c.Lost)
	if len(c.Lost) == 0 {
		either = gained
	}
	switch c.Kind {
	case Overlap:
		c.say("%[2]s 与 %[3]s 重叠 %.3[1]f 平方米,已归面积较小的 %[3]s", "%.3[1]f m² that %[2]s and %[3]s both claimed given to %[3]s, the smaller", c.AreaM2, lost, gained)
	case Gap:
		c.say("%.3f 平方米的缝隙已归 %s", "gap of %.3f m² given to %s", c.AreaM2, gained)
	case HoleFilled:
		c.say("%[2]s 中 %.3[1]f 平方米的洞已补上", "hole of %.3[1]f m² in %[2]s filled", c.AreaM2, gained)
	case Sliver:
		if len(c.Lost) == 0 {
			c.say("%[2]s 与相邻网格之间有 %.3[1]f 平方米的碎片,最宽 %.3[3]f 米", "sliver of %.3[1]f m² between %[2]s and neighbours, up to %.3[3]f m wide", c.AreaM2, gained, c.Metres)
			return
		}
		c.say("%[2]s 与 %[3]s 之间有 %.3[1]f 平方米的重叠碎片,最宽 %.3[4]f 米,已归 %[3]s", "sliver of %.3[1]f m² that %[2]s and %[3]s both claimed, up to %.3[4]f m wide, given to %[3]s", c.AreaM2, lost, gained, c.Metres)
	case Snapped:
		c.say("%s 的边界最多移动 %.4f 米(%.3f 平方米)", "boundary of %s moved by up to %.4f m (%.3f m²)", either, c.Metres, c.AreaM2)
	case Spike:
		c.say("%s 的尖刺已切除,长 %.3f 米", "spike of %s, %.3f m long, cut off", either, c.Metres)
	case Trimmed:
		c.say("%[2]s 超出上级范围的 %.3[1]f 平方米已裁去", "%.3[1]f m² of %[2]s outside the parent cut off", c.AreaM2, lost)
	case Dropped:
		c.say("%[2]s 的 %.3[1]f 平方米不再属于任何一行", "%.3[1]f m² of %[2]s left to no row", c.AreaM2, lost)
	case Moved:
		c.say("%.3f 平方米由 %s 划入 %s", "%.3f m² went from %s to %s", c.AreaM2, lost, gained)
	case GapLeft:
		c.say("%.0f 平方米的空白未填补,不属于任何网格", "gap of %.0f m² left open: it belongs to no cell", c.AreaM2)
	case Vanished:
		c.say("%s 全部被其他网格覆盖,没有剩余", "nothing is left of %s; others cover it", lost)
	case Duplicate:
		c.say("%s 与 %s 重复", "%s repeats %s", lost, gained)
	}
}

// say sets the message.
func (c *Change) say(zh, en string, args ...any) { c.Message = grids.Textf(zh, en, args...) }

// names lists codes, or numbers of rows that have none.
func names(rows []ChangedRow) grids.Text {
	var chinese, english []string
	for _, r := range rows {
		name := grids.Text{ZH: r.Code, EN: r.Code}
		if r.Code == "" {
			name = grids.Textf("第 %d 行", "row %d", r.Row)
		}
		chinese, english = append(chinese, name.ZH), append(english, name.EN)
	}
	return grids.Text{ZH: strings.Join(chinese, "、"), EN: strings.Join(english, ", ")}
}
