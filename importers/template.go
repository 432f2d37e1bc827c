package importers

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/layers"
	"unigrid/grids/people"
	"unigrid/importers/table"
)

// Template writes a workbook (.xlsx) to fill in for a target: its fields as
// headings that are mapped without a word, drop-downs of the territory's cells
// (code and name; of a tier, if it isn't 0), layers, roles and other words. layer
// names the sheet of layer cells. Shapes go into a column WKT, places of points
// into 经度 and 纬度. present are assignments that fill the rows of a template of
// assignments, to be changed into another roster.
func Template(ctx context.Context, tx pgx.Tx, t cells.Territory, target Target, tier grids.Tier, layer grids.LayerCode, present []people.Assignment, w io.Writer) error {
	fields := Request{Target: target, Tier: tier}.fields()
	if fields == nil {
		return grids.Errorf(grids.Invalid, "target", "未知的导入目标 %q", "unknown target %q", target)
	}
	if tier < 0 || int(tier) > len(t.Scheme.Lengths) {
		return grids.Errorf(grids.Invalid, "tier", "层级 %d 超出 1 至 %d", "tier %d is not between 1 and %d", tier, len(t.Scheme.Lengths))
	}
	lists, err := templateLists(ctx, tx, t, tier)
	if err != nil {
		return err
	}
	out := table.Template{Title: t.Name + " " + target.Label().ZH + "导入模板 / " + target.Label().EN, Sheet: target.Label().ZH}
	out.Rows = make([][]string, len(present))
	for _, f := range fields {
		if f.Headings == nil { // nothing lies above by that name
			continue
		}
		for i, a := range present {
			out.Rows[i] = append(out.Rows[i], lists.said(a, f.Name))
		}
		c := table.TemplateColumn{Heading: f.Label.ZH, Required: f.Required && f.Instead == "", Note: f.Label.EN, Text: f.Name != "rank", List: lists.of(target, f.Name)}
		switch f.Name {
		case "code", "cell_code", "staff_no":
			c.Note = "按文本填写 " + f.Label.EN
		case "post":
			c.Note = "多个职务用顿号分开;其他单位的写“单位:职务” " + f.Label.EN
		case "supports":
			c.Note = "多个条线用顿号分开;无 表示没有 " + f.Label.EN
		case "post_from":
			c.Note, c.Example = "与职务一一对应,用顿号分开 "+f.Label.EN, "2026-01-01"
		case "from", "to":
			c.Note, c.Example = "日期,不填即从现在起 / 长期 "+f.Label.EN, "2026-01-01"
		}
		out.Columns = append(out.Columns, c)
	}
	switch {
	case target == Cells || target == LayerCells || target == "river-reaches":
		out.Columns = append(out.Columns, table.TemplateColumn{Heading: "WKT", Note: "几何(经纬度) geometry in degrees, as well-known text", Text: true})
	case grids.KindOf(string(target)) != "":
		out.Columns = append(out.Columns, table.TemplateColumn{Heading: "经度", Note: "度 degrees"}, table.TemplateColumn{Heading: "纬度", Note: "度 degrees"})
	}
	if layer != "" {
		out.Title += " " + string(layer)
	}
	return table.WriteTemplate(w, out)
}

// choiceLists are what drop-downs offer; named are the layers' names by code.
type choiceLists struct {
	cells, counties, towns, leaves, layers []string
	named                                  map[grids.LayerCode]string
}

// said is what an assignment says of a field, in the words of the drop-downs.
// When it began isn't said: another roster begins together.
func (l choiceLists) said(a people.Assignment, field string) string {
	switch field {
	case "staff_no":
		return a.StaffNo + " " + a.Name
	case "cell_code":
		return string(a.Code) + " " + a.CellName
	case "role":
		for _, word := range l.of(Assignments, "role") {
			if roleWords()[word] == string(a.Role) {
				return word
			}
		}
	case "layer":
		if a.Layer != nil {
			return l.named[*a.Layer]
		}
	case "post":
		return a.OwnPost()
	case "side":
		for _, word := range l.of(Assignments, "side") {
			if a.Side != nil && sideWords()[word] == *a.Side {
				return word
			}
		}
	case "rank":
		if a.Rank != 0 {
			return strconv.Itoa(a.Rank)
		}
	}
	return ""
}

// of gives the list of a field, nil for none.
func (l choiceLists) of(target Target, field string) []string {
	switch field {
	case "code":
		if target == Cells {
			return l.cells
		}
	case "cell_code":
		return l.cells
	case "county":
		return l.counties
	case "town":
		return l.towns
	case "village":
		return l.leaves
	case "layer":
		return l.layers
	case "role":
		return []string{"责任人", "共同责任人", "副网格长", "网格员", "条线负责人", "监督员", "联络员", "技术员"}
	case "side":
		return []string{"党委", "政府"}
	case "located_by":
		return []string{"导入", "地址", "人工", "卫星定位"}
	}
	return nil
}

// templateLists reads the names that drop-downs offer, from the newest edition.
func templateLists(ctx context.Context, tx pgx.Tx, t cells.Territory, tier grids.Tier) (choiceLists, error) {
	var l choiceLists
	rows, err := tx.Query(ctx, `
		WITH newest AS (SELECT max(seq) AS seq FROM editions.edition WHERE territory_id = $1),
		leaf AS MATERIALIZED (SELECT l.cell_id FROM newest, cells.leaves($1, newest.seq) l)
		SELECT v.tier, v.code, v.name, EXISTS (SELECT FROM leaf WHERE leaf.cell_id = v.cell_id)
		FROM newest, cells.of($1, newest.seq) v ORDER BY v.code, v.tier`, t.ID)
	if err != nil {
		return l, err
	}
	var at int
	var code, name string
	var leaf bool
	seen := map[string]bool{}
	once := func(list []string) []string {
		if key := fmt.Sprint(at, name); !seen[key] {
			seen[key] = true
			return append(list, name)
		}
		return list
	}
	if _, err := pgx.ForEachRow(rows, []any{&at, &code, &name, &leaf}, func() error {
		if tier == 0 || at == int(tier) {
			l.cells = append(l.cells, code+" "+name)
		}
		switch at {
		case 2:
			l.counties = once(l.counties)
		case 3:
			l.towns = once(l.towns)
		}
		if leaf {
			l.leaves = append(l.leaves, code+" "+name)
		}
		return nil
	}); err != nil {
		return l, fmt.Errorf("names of cells: %w", err)
	}
	list, err := layers.List(ctx, tx, t.ID)
	if err != nil {
		return l, err
	}
	if len(list) == 0 {
		list = layers.Defaults()
	}
	l.named = map[grids.LayerCode]string{}
	for _, layer := range list {
		l.layers = append(l.layers, layer.Name.ZH)
		l.named[layer.Code] = layer.Name.ZH
	}
	return l, nil
}
