package api

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/labstack/echo/v4"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/editions"
	"unigrid/grids/merge"
	"unigrid/importers/docx"
)

// report reads the change report of an edition; that of a draft only for who may
// read drafts.
func (s *Server) report(c echo.Context, seq int32) (report editions.Report, head letterhead, err error) {
	err = s.read(c, func(ctx context.Context, r reading) error {
		t, err := cells.FindTerritory(ctx, r.tx, r.territory.code)
		if err != nil {
			return err
		}
		if newest, err := editions.Newest(ctx, r.tx, t); err != nil {
			return err
		} else if grids.EditionID(seq) > newest {
			if err := s.mayToo(c, "draft.read", ""); err != nil {
				return err
			}
		}
		if report, err = editions.ReadReport(ctx, r.tx, t, grids.EditionID(seq)); err != nil {
			return err
		}
		at := r.now
		if report.Effective != nil {
			at = *report.Effective
		}
		head, err = readLetterhead(ctx, r.tx, t, at)
		head.now = r.now
		return err
	})
	return report, head, err
}

// GetEditionReport says for people what an edition, or the draft, changes.
func (s *Server) GetEditionReport(c echo.Context, seq int32) error {
	report, _, err := s.report(c, seq)
	if err != nil {
		return err
	}
	return uncached(c, struct {
		editions.Report
		Disclaimer grids.Text `json:"disclaimer"`
	}{report, grids.Disclaimer})
}

// GetEditionReportDocx gives the report as a document.
func (s *Server) GetEditionReportDocx(c echo.Context, seq int32, params GetEditionReportDocxParams) error {
	lang := documentLang(c, params.Lang)
	return download(c, func(w io.Writer) (string, error) {
		report, head, err := s.report(c, seq)
		if err != nil {
			return "", err
		}
		name := grids.Textf("%s统一网格第%d版变更报告.docx", "Unified grid of %s, edition %d, report of changes.docx", report.Name, seq).In(lang)
		return name, reportDocument(report, head, lang).Write(w)
	})
}

// ops says what became of a cell.
var ops = map[string]grids.Text{
	"created": {ZH: "新设", EN: "new"}, "retired": {ZH: "撤销", EN: "retired"}, "split": {ZH: "拆分", EN: "split"}, "merged": {ZH: "合并", EN: "merged"},
	"moved": {ZH: "界线调整", EN: "boundary moved"}, "renamed": {ZH: "更名", EN: "renamed"}, "changed": {ZH: "属性调整", EN: "changed"}, "accountable": {ZH: "责任人调整", EN: "accountable person"},
}

// reportDocument has one page for leaders first, then what changed by township,
// for whom.
func reportDocument(r editions.Report, head letterhead, lang string) *docx.Document {
	say := func(zh, en string, args ...any) string { return inDocument(grids.Textf(zh, en, args...), lang) }
	d := &docx.Document{Title: say("%s统一网格第%d版\n变更报告", "Unified grid of %s, edition %d\nReport of changes", r.Name, r.Edition), Created: head.now}
	numbered := 0
	heading := func(zh, en string) {
		numbered++
		d.Heading(1, say("%[1]s、"+zh, "%[2]d. "+en, [...]string{"一", "二", "三", "四", "五"}[numbered-1], numbered))
	}
	switch {
	case r.Draft:
		d.Subtitle = say("(草案)", "(draft)")
	case r.Decision != nil:
		d.Subtitle = say("(%s,%s)", "(%s, %s)", r.Decision.DocumentNo, r.Decision.Date)
	}
	head.address(d, lang)
	n := r.Totals
	heading("总体情况", "Overview")
	switch {
	case r.Before == 0:
		d.Paragraph(say("这是第一个版本,共设网格 %d 个。", "This is the first edition. It has %d cells.", r.Cells))
	case r.Restores != 0:
		d.Paragraph(say("本版恢复第 %d 版的网格。理由:%s。", "This edition publishes edition %d anew. Reason: %s.", r.Restores, r.Note))
	}
	if r.Before != 0 {
		d.Paragraph(say("与第 %d 版相比:新设网格 %d 个,撤销 %d 个,拆分 %d 个,合并 %d 个,界线调整 %d 个,更名 %d 个;%.2f 平方公里划归其他网格,涉及企业、监测点等对象 %d 个。本版共有网格 %d 个。",
			"Against edition %d: %d cells are new, %d retired, %d split, %d merged, %d have other boundaries, %d other names. %.2f km² belong to another cell, with %d objects. The edition has %d cells.",
			r.Before, n.Created, n.Retired, n.Split, n.Merged, n.Moved, n.Renamed, n.AreaM2/1e6, n.Objects, r.Cells))
	}
	heading("需要知悉", "To know")
	if r.Vacant > 0 {
		d.Paragraph(say("有 %d 个网格没有本级责任人,由上级网格代管。", "%d cells have no accountable person of their own; the cell above stands in.", r.Vacant))
	}
	rules, hand := 0, 0
	for _, x := range r.Decisions {
		if x.Rule {
			rules += x.Count
		} else {
			hand += x.Count
		}
	}
	if rules+hand > 0 {
		d.Paragraph(say("条线冲突已处理 %d 处,其中按规则 %d 处,人工决定 %d 处。", "%d conflicts of the layers were settled: %d by rules, %d by hand.", rules+hand, rules, hand))
	}
	if r.Decision == nil {
		d.Paragraph(say("尚未登记印发文号。", "No document number is recorded."))
	} else {
		d.Paragraph(say("印发文号 %s,日期 %s。", "Issued by %s of %s.", r.Decision.DocumentNo, r.Decision.Date))
	}
	heading("涉及人员", "Who is affected")
	if r.Before == 0 {
		d.Paragraph(say("首次发布,责任人以名册为准。", "A first edition: see the roster for who is accountable."))
	} else {
		d.Paragraph(say("%d 个网格的责任人有调整,涉及 %d 人;涉及 %d 个乡镇(街道)及上级网格,逐项见后。",
			"%d cells have another accountable person, which concerns %d people; %d townships (or cells above them) are affected, as listed below.", r.Accountable, r.People, len(r.Towns)))
	}
	head.sign(d, lang)
	d.Note(inDocument(grids.Disclaimer, lang) + say("。", "."))
	if len(r.Towns) > 0 {
		d.Landscape()
		heading("分乡镇(街道)变更", "Changes by township")
	}
	who := func(p *grids.PersonID) string {
		if p == nil {
			return say("无(上级代管)", "none (the cell above stands in)")
		}
		if name := r.Names[*p]; name != "" {
			return name
		}
		return say("(不公开)", "(not shown)")
	}
	for i, town := range r.Towns {
		title := say("县区及以上", "Counties and above")
		if town.Code != "" {
			title = town.Name
		}
		d.Heading(2, say("(%d)%s", "(%d) %s", i+1, title))
		table := docx.Table{Columns: []docx.Column{{Heading: say("网格", "Cell"), Share: 9}, {Heading: say("变更", "Change"), Share: 5, Align: docx.Center}, {Heading: say("说明", "How"), Share: 14},
			{Heading: say("原责任人", "Accountable before"), Share: 7}, {Heading: say("现责任人", "Accountable now"), Share: 7}, {Heading: say("涉及对象", "Objects"), Share: 4, Align: docx.Right}}}
		for _, x := range town.Changes {
			was, is := "", ""
			if x.Was != nil || x.Is != nil {
				was, is = who(x.Was), who(x.Is)
				if x.Op != "accountable" && x.Before == nil {
					was = "—"
				}
				if x.Op != "accountable" && x.After == nil {
					is = "—"
				}
			}
			table.Rows = append(table.Rows, []string{x.Name + "\n" + string(x.Code), ops[x.Op].In(lang), how(x, say), was, is, fmt.Sprint(x.Objects)})
		}
		d.Table(table)
	}
	if len(r.Decisions) > 0 {
		if len(r.Towns) > 0 {
			d.Portrait()
		} else {
			d.PageBreak()
		}
		heading("冲突处理", "Conflicts settled")
		table := docx.Table{Columns: []docx.Column{{Heading: say("类别", "Kind"), Share: 7}, {Heading: say("处理", "Resolution"), Share: 9}, {Heading: say("依据", "By"), Share: 9}, {Heading: say("数量", "Number"), Share: 4, Align: docx.Right}}}
		for _, x := range r.Decisions {
			table.Rows = append(table.Rows, []string{merge.Kind(x.Kind).Name().In(lang), inDocument(resolutionName(x.Resolution), lang), inDocument(decidedBy(x), lang), fmt.Sprint(x.Count)})
		}
		d.Table(table)
		if len(r.Settled) > 0 {
			d.Table(settledByTown(r, lang))
		}
	}
	return d
}

// settledByTown has a line for each township: how many of its conflicts rules
// settled, and who settled how many by hand.
func settledByTown(r editions.Report, lang string) docx.Table {
	say := func(zh, en string, args ...any) string { return inDocument(grids.Textf(zh, en, args...), lang) }
	table := docx.Table{Caption: say("分乡镇(街道)冲突处理", "Conflicts settled by township"), Columns: []docx.Column{{Heading: say("乡镇(街道)", "Township"), Share: 8},
		{Heading: say("数量", "Number"), Share: 4, Align: docx.Right}, {Heading: say("按规则", "By rules"), Share: 4, Align: docx.Right}, {Heading: say("人工决定", "By hand"), Share: 13}}}
	for _, town := range r.Settled {
		rules, byHand, hands := 0, map[string]int{}, []string{}
		for _, x := range town.Decisions {
			if x.Rule {
				rules += x.Count
				continue
			}
			who := inDocument(decidedBy(x), lang)
			if byHand[who] == 0 {
				hands = append(hands, who)
			}
			byHand[who] += x.Count
		}
		all := rules
		for i, name := range hands {
			all += byHand[name]
			hands[i] = fmt.Sprintf("%s %d", name, byHand[name])
		}
		name := say("县区及以上、网格之外", "Counties and above, beyond the cells")
		if town.Code != "" {
			name = town.Name
		}
		table.Rows = append(table.Rows, []string{name, fmt.Sprint(all), fmt.Sprint(rules), strings.Join(hands, say("、", ", "))})
	}
	return table
}

// inDocument is a text as a document in that language has it.
func inDocument(text grids.Text, lang string) string {
	if lang == "zh" {
		return docx.FullWidth(text.In(lang))
	}
	return text.In(lang)
}

// decidedBy names the rule or the person that decided.
func decidedBy(x editions.Decided) grids.Text {
	var n int
	var resolution string
	if x.By == "" {
		return grids.Text{ZH: "人工决定", EN: "decided by hand"}
	}
	if _, err := fmt.Sscanf(x.By, "rule %d: %s", &n, &resolution); err != nil || !x.Rule {
		return grids.Text{ZH: x.By, EN: x.By}
	}
	name := merge.ResolutionName(resolution)
	return grids.Textf("规则 %d:%s", "rule %d: %s", n, name)
}

// how says what changed about a cell, in a few words.
func how(x editions.Reported, say func(zh, en string, args ...any) string) string {
	var parts []string
	shares := func(list []editions.Share) string {
		codes := make([]string, len(list))
		for i, s := range list {
			codes[i] = fmt.Sprintf("%s(%.0f%%)", s.Code, s.Share*100)
		}
		return strings.Join(codes, say("、", ", "))
	}
	if len(x.Successors) > 0 {
		parts = append(parts, say("划归 %s", "to %s", shares(x.Successors)))
	}
	if len(x.Predecessors) > 0 {
		parts = append(parts, say("来自 %s", "from %s", shares(x.Predecessors)))
	}
	if x.Before != nil && x.After != nil && (x.Before.Name != x.After.Name || x.Before.Code != x.After.Code) {
		parts = append(parts, say("原 %s %s", "was %s %s", x.Before.Name, x.Before.Code))
	}
	if x.Op == "moved" {
		switch {
		case x.AreaM2 < 1:
			parts = append(parts, say("变动不足 1 平方米", "less than 1 m² changed"))
		case x.AreaM2 < 1e5:
			parts = append(parts, say("变动 %.0f 平方米", "%.0f m² changed", x.AreaM2))
		default:
			parts = append(parts, say("变动 %.2f 平方公里", "%.2f km² changed", x.AreaM2/1e6))
		}
	}
	return strings.Join(parts, say(";", "; "))
}

// resolutionName is a resolution in words; report.Decisions leave out of whom.
func resolutionName(resolution string) grids.Text {
	switch resolution {
	case "accountable":
		return grids.Text{ZH: "确定责任人", EN: "an accountable person named"}
	case "interim":
		return grids.Text{ZH: "界线待定,确定临时责任人", EN: "pending line, an interim person named"}
	}
	return merge.ResolutionName(resolution)
}
