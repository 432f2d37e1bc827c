package editions

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/merge"
)

// Condition is one thing that has to be so before a draft is published, what is
// lacking and what to do about it. Not all are required: a territory says which
// of the papers it wants. Places are codes of cells, at most 20.
type Condition struct {
	Check    string       `json:"check"` // partition, merge, layers, conflicts, lines, circulation, assigned, sign-offs, decision, scan
	Met      bool         `json:"met"`
	Required bool         `json:"required"`
	Detail   grids.Text   `json:"detail"`
	Fix      grids.Text   `json:"fix"`
	Count    int          `json:"count"` // of what is lacking
	Places   []grids.Code `json:"places"`
	findings []grids.Finding
}

// lacks says that a condition isn't met.
func (c Condition) lacks(count int, detail, fix grids.Text) Condition {
	c.Met, c.Count, c.Detail, c.Fix = false, count, detail, fix
	return c
}

// at names places of what is lacking.
func (c Condition) at(found []grids.Finding) Condition {
	c.findings = found
	for _, f := range found {
		if f.Code != "" && len(c.Places) < 20 {
			c.Places = append(c.Places, grids.Code(f.Code))
		}
	}
	return c
}

// Gate gives the conditions for publishing a draft, in the order in which they
// are worked off. Publish asks it, and so does the database where it can.
func Gate(ctx context.Context, tx pgx.Tx, t cells.Territory, draft grids.EditionID) ([]Condition, error) {
	return gate(ctx, tx, t, draft, false)
}

// gate gives the conditions; only those that are required, when one costs time.
func gate(ctx context.Context, tx pgx.Tx, t cells.Territory, draft grids.EditionID, required bool) ([]Condition, error) {
	settings, err := ReadSettings(ctx, tx, t, time.Time{})
	if err != nil {
		return nil, err
	}
	open, err := OpenDraft(ctx, tx, t)
	if err != nil {
		return nil, err
	}
	if open.Restores != 0 { // that edition was signed, and people go on as they are
		settings.SignOffs, settings.Assigned = nil, false
	}
	partition, err := gatePartition(ctx, tx, t, draft)
	if err != nil {
		return nil, err
	}
	merged, err := gateMerge(ctx, tx, t, draft)
	if err != nil {
		return nil, err
	}
	list := append(append([]Condition{partition}, merged...), gateCirculation(open))
	if settings.Assigned || !required {
		assigned, err := gateAssigned(ctx, tx, t, draft, settings)
		if err != nil {
			return nil, err
		}
		list = append(list, assigned)
	}
	papers, err := gatePapers(ctx, tx, t, draft, settings)
	if err != nil {
		return nil, err
	}
	list = append(list, papers...)
	for i := range list {
		if list[i].Places == nil {
			list[i].Places = []grids.Code{}
		}
	}
	return list, nil
}

func gatePartition(ctx context.Context, tx pgx.Tx, t cells.Territory, draft grids.EditionID) (Condition, error) {
	c := Condition{Check: "partition", Required: true, Met: true, Detail: grids.Text{ZH: "草案是精确划分", EN: "the draft is an exact partition"}}
	// The edition before passed this gate, so only what changed since can be
	// wrong.
	found, checked, err := cells.CheckChanged(ctx, tx, t, draft)
	switch {
	case err != nil:
		return c, err
	case checked == 0:
		return c.lacks(1, grids.Text{ZH: "草案中没有网格", EN: "the draft has no cells"}, grids.Text{ZH: "先导入或绘制", EN: "import or draw some"}), nil
	case len(found) > 0:
		f := found[0]
		return c.lacks(len(found), grids.Textf("草案不是精确划分(%d 处,第一处:%s,%.7f,%.7f)",
			"the draft is no exact partition (%d places, the first: %s at %.7f,%.7f)", len(found), f.Kind+" "+f.Code, *f.Lon, *f.Lat),
			grids.Text{ZH: "修正这些网格,或撤销造成问题的步骤", EN: "mend these cells, or undo the step that broke them"}).at(found), nil
	}
	return c, nil
}

// gateMerge asks for a merge that is not stale, of all layers that were merged
// before, without blocking conflicts, and whose decisions are drawn; where nothing was merged there is nothing to ask.
func gateMerge(ctx context.Context, tx pgx.Tx, t cells.Territory, draft grids.EditionID) ([]Condition, error) {
	fresh := Condition{Check: "merge", Required: true, Met: true, Detail: grids.Text{ZH: "融合与草案一致", EN: "the merge is of the draft as it is"}}
	whole := Condition{Check: "layers", Required: true, Met: true, Detail: grids.Text{ZH: "没有条线被遗漏", EN: "no layer was left out"}}
	settled := Condition{Check: "conflicts", Required: true, Met: true, Detail: grids.Text{ZH: "没有未解决的阻断性冲突", EN: "no blocking conflict is open"}}
	drawn := Condition{Check: "lines", Required: true, Met: true, Detail: grids.Text{ZH: "决定移动的界线都已画入", EN: "lines that were decided to move are drawn"}}
	run, err := merge.Latest(ctx, tx, t.ID, draft)
	if grids.IsKind(err, grids.NotFound) {
		fresh.Detail = grids.Text{ZH: "没有融合过条线", EN: "no layers were merged"}
		return []Condition{fresh, whole, settled, drawn}, nil
	}
	if err != nil {
		return nil, err
	}
	if run.Edition == draft {
		out, err := run.LeftOut(ctx, tx, t.ID)
		if err != nil {
			return nil, err
		}
		if len(out) > 0 {
			list := listed(out)
			whole = whole.lacks(len(out), grids.Textf("%s未参加融合,其对照表将随发布失效", "%s left out of the merge: with publishing the crosswalk would end", list),
				grids.Text{ZH: "连同这些条线重新融合(unigrid merge 不带 --layers)", EN: "merge again with all (unigrid merge without --layers)"})
		}
	}
	if run.Edition != draft {
		fresh.Detail = grids.Textf("此草案没有融合,沿用版本 %d 的融合", "the draft was not merged; it rests on the merge of edition %d", run.Edition)
	} else if run.HasChanged {
		fresh = fresh.lacks(1, grids.Text{ZH: "草案在融合之后又有改动", EN: "the draft was changed after its layers were merged"},
			grids.Text{ZH: "重新融合(unigrid merge)", EN: "merge again (unigrid merge)"})
	}
	blocking, err := merge.Blocking(ctx, tx, t.ID, run.ID)
	if err != nil {
		return nil, err
	}
	if len(blocking) > 0 {
		settled = settled.lacks(len(blocking), grids.Textf("有 %d 处冲突未解决", "%d blocking conflicts are open", len(blocking)),
			grids.Text{ZH: "按规则(unigrid merge)或逐条解决", EN: "settle them by rules (unigrid merge), or one by one"}).at(conflicts(blocking))
	}
	waiting, err := merge.Undrawn(ctx, tx, t.ID, run.ID)
	if err != nil {
		return nil, err
	}
	if run.Edition == draft && waiting > 0 {
		drawn = drawn.lacks(waiting, grids.Textf("有 %d 个决定要移动界线,尚未画入草案", "%d decisions move lines and are not drawn in the draft yet", waiting),
			grids.Text{ZH: "画入草案并再融合(POST /v1/merges/draw,unigrid merge)", EN: "draw them and merge anew (POST /v1/merges/draw, unigrid merge)"})
	}
	return []Condition{fresh, whole, settled, drawn}, nil
}

// conflicts are open conflicts of a merge as findings.
func conflicts(list []merge.Conflict) []grids.Finding {
	found := make([]grids.Finding, len(list))
	for i, c := range list {
		kind := c.Kind.Name()
		found[i] = grids.Finding{Check: "merge", Kind: string(c.Kind), Severity: grids.SeverityError, Code: string(c.Cell), Lon: c.Lon, Lat: c.Lat}.
			Say(grids.Text{ZH: kind.ZH + "\uff1a" + c.Reason.ZH, EN: kind.EN + ": " + c.Reason.EN})
	}
	return found
}

// gateCirculation asks that nobody is being asked: a draft is in review as long
// as a round of circulation is open.
func gateCirculation(draft Edition) Condition {
	c := Condition{Check: "circulation", Required: true, Met: true, Detail: grids.Text{ZH: "没有未结束的征求意见", EN: "no round of circulation is open"}}
	if draft.State != "review" {
		return c
	}
	return c.lacks(1, grids.Text{ZH: "草案正在征求意见", EN: "the draft is being circulated"},
		grids.Text{ZH: "答复各方意见后结束这一轮,或说明理由撤回", EN: "answer the comments and close the round, or withdraw it with a reason"})
}

func gateAssigned(ctx context.Context, tx pgx.Tx, t cells.Territory, draft grids.EditionID, settings Settings) (Condition, error) {
	c := Condition{Check: "assigned", Required: settings.Assigned, Met: true,
		Detail: grids.Text{ZH: "每个网格都有责任人,或空缺已确认", EN: "every cell has somebody of its own, or its vacancy is accepted"}}
	vacant, err := Unassigned(ctx, tx, t, draft, time.Now())
	if err != nil || len(vacant) == 0 {
		return c, err
	}
	found := make([]grids.Finding, len(vacant))
	for i, v := range vacant {
		found[i] = grids.Finding{Check: "assigned", Kind: "vacant", Severity: grids.SeverityError, Code: string(v.Code)}.
			Say(grids.Textf("%s没有责任人", "%s has nobody of its own", v.Name))
	}
	return c.lacks(len(vacant), grids.Textf("%d 个网格没有责任人,空缺也未确认", "%d cells have nobody of their own, and their vacancies are not accepted", len(vacant)),
		grids.Text{ZH: "任命责任人,或逐个确认空缺由上级代管", EN: "assign somebody, or accept the vacancies by name"}).at(found), nil
}

// gatePapers asks for the sign-offs and the decision that the territory requires.
func gatePapers(ctx context.Context, tx pgx.Tx, t cells.Territory, draft grids.EditionID, settings Settings) ([]Condition, error) {
	signed := Condition{Check: "sign-offs", Required: len(settings.SignOffs) > 0, Met: true, Detail: grids.Text{ZH: "会签齐全", EN: "all have signed off"}}
	signatures, err := SignOffs(ctx, tx, t, draft)
	if err != nil {
		return nil, err
	}
	if len(settings.SignOffs) == 0 {
		signed.Detail = grids.Text{ZH: "本辖区不要求会签", EN: "the territory asks for no sign-offs"}
	}
	there, before := map[string]bool{}, map[string]bool{}
	for _, s := range signatures {
		if s.WithdrawnAt == nil {
			before[s.Party.key()] = true
			there[s.Party.key()] = there[s.Party.key()] || !s.Stale
		}
	}
	var lacking, stale []Party
	for _, p := range settings.SignOffs {
		if there[p.key()] {
			continue
		}
		lacking = append(lacking, p)
		if before[p.key()] {
			stale = append(stale, p)
		}
	}
	if len(lacking) > 0 {
		detail := grids.Textf("尚缺会签:%s", "not signed off yet by: %s", names(lacking))
		if len(stale) > 0 {
			detail = detail.And(grids.Textf("(%s 会签之后草案又有改动)", " (%s signed before the draft was changed)", names(stale)))
		}
		signed = signed.lacks(len(lacking), detail, grids.Text{ZH: "请各方查看当前草案后会签", EN: "let each look at the draft as it is and sign"})
	}
	decided := Condition{Check: "decision", Required: settings.Decision, Met: true}
	scanned := Condition{Check: "scan", Required: settings.Scan, Met: true}
	decision, err := ReadDecision(ctx, tx, t, draft)
	if err != nil {
		return nil, err
	}
	if decision == nil {
		decided = decided.lacks(1, grids.Text{ZH: "没有登记印发文号和日期", EN: "no document number and date are recorded"},
			grids.Text{ZH: "登记文号和日期", EN: "record the decision's number and date"})
	} else {
		decided.Detail = grids.Textf("%s,日期 %s", "%s of %s", decision.DocumentNo, decision.Date)
	}
	if decision == nil || decision.Scan == nil {
		scanned = scanned.lacks(1, grids.Text{ZH: "没有印发文件的扫描件", EN: "there is no scan of the decision"},
			grids.Text{ZH: "上传 PDF、JPEG 或 PNG", EN: "upload a PDF, JPEG or PNG file"})
	} else {
		scanned.Detail = grids.Textf("%s", "%s", decision.Scan.Name)
	}
	return []Condition{signed, decided, scanned}, nil
}

// pass refuses a draft that lacks something that is required.
func pass(conditions []Condition) error {
	var refused *Blocked
	for _, c := range conditions {
		if c.Met || !c.Required {
			continue
		}
		if refused == nil {
			refused = &Blocked{err: &grids.Error{Kind: grids.Conflict, Field: "publish", Message: c.Detail, Fixes: []grids.Text{c.Fix}}}
		}
		if refused.Findings = append(refused.Findings, c.findings...); c.findings == nil {
			refused.Findings = append(refused.Findings, grids.Finding{Check: c.Check, Kind: c.Check, Severity: grids.SeverityError}.Say(c.Detail))
		}
	}
	if refused == nil {
		return nil
	}
	return refused
}

// Blocked is why a draft can't be published, place by place. It unwraps to a
// *grids.Error of kind Conflict.
type Blocked struct {
	Findings []grids.Finding
	err      *grids.Error
}

// Error says how many places there are.
func (b *Blocked) Error() string { return b.err.Error() }

// Unwrap gives the *grids.Error.
func (b *Blocked) Unwrap() error { return b.err }
