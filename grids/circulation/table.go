package circulation

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/layers"
	"unigrid/grids/merge"
	"unigrid/grids/workdays"
)

// Table is the table of opinions (意见采纳情况表) of a round, as far as its reader
// sees it: a party gets its own part.
type Table struct {
	Territory string
	Round     Round
	Parties   []Party
	Rows      []Row // by party, then by cell
}

// Row is what one party said about one conflict, in words.
type Row struct {
	Party    grids.Text
	Conflict int64
	Kind     grids.Text
	Layer    grids.Text // "" where it is about none
	Cell     string     // name
	Code     grids.Code
	AreaM2   float64
	Draft    grids.Text // what the draft says
	Standing Standing
}

// Matter is what a row is about, in one phrase.
func (r Row) Matter() grids.Text {
	matter := r.Kind
	if r.Layer.ZH != "" {
		matter = grids.Textf("%s(%s)", "%s (%s)", r.Kind, r.Layer)
	}
	if r.Code == "" {
		return matter.And(grids.Text{ZH: ",在统一网格之外", EN: ", outside the unified cells"})
	}
	return grids.Textf("%s %s:%s", "%s %s: %s", r.Cell, r.Code, matter)
}

// MakeTable reads a round's table of opinions.
func MakeTable(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, id int64) (t Table, err error) {
	if t.Round, err = Get(ctx, tx, territory, id); err != nil {
		return t, err
	}
	if t.Parties, err = Parties(ctx, tx, territory, id); err != nil {
		return t, err
	}
	if len(t.Parties) == 0 {
		return t, grids.Errorf(grids.Forbidden, "", "您不代表本轮征求意见的任何单位", "you speak for none of those who are asked")
	}
	if err := tx.QueryRow(ctx, `SELECT name FROM cells.territory WHERE id = $1`, territory).Scan(&t.Territory); err != nil {
		return t, fmt.Errorf("table of opinions: %w", err)
	}
	items, err := Items(ctx, tx, territory, id, Filter{})
	if err != nil {
		return t, err
	}
	list, err := layers.List(ctx, tx, territory)
	if err != nil {
		return t, err
	}
	layerNames := map[grids.LayerCode]grids.Text{}
	for _, layer := range list {
		layerNames[layer.Code] = layer.Name
	}
	people, err := personNames(ctx, tx, territory, items)
	if err != nil {
		return t, err
	}
	slices.SortFunc(items, func(a, b Item) int { return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.Conflict, b.Conflict)) })
	of := map[int][]Row{}
	for _, item := range items {
		row := Row{Conflict: item.Conflict, Kind: item.Kind.Name(), Layer: layerNames[item.Layer], Cell: item.Name, Code: item.Code, AreaM2: item.AreaM2}
		if item.State == merge.Settled {
			row.Draft = merge.ResolutionName(naming(item.Resolution, people))
		} else {
			row.Draft = grids.Textf("拟%s", "proposed: %s", merge.ResolutionName(naming(item.Proposal, people)))
		}
		for _, s := range item.Standings {
			row.Standing = s
			of[s.Party] = append(of[s.Party], row)
		}
	}
	for _, p := range t.Parties {
		for _, row := range of[p.ID] {
			row.Party = p.Name
			t.Rows = append(t.Rows, row)
		}
	}
	return t, nil
}

// personNames gives the names of those whom the draft makes accountable, by
// staff number.
func personNames(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, items []Item) (map[string]string, error) {
	var numbers []string
	for _, item := range items {
		for _, decided := range []string{item.Resolution, item.Proposal} {
			if _, no, ok := strings.Cut(decided, ":"); ok {
				numbers = append(numbers, no)
			}
		}
	}
	rows, err := tx.Query(ctx, `SELECT staff_no, name FROM people.person WHERE territory_id = $1 AND staff_no = ANY ($2)`, territory, numbers)
	if err != nil {
		return nil, fmt.Errorf("names of people: %w", err)
	}
	names := map[string]string{}
	var no, name string
	_, err = pgx.ForEachRow(rows, []any{&no, &name}, func() error { names[no] = name; return nil })
	return names, err
}

// naming puts a person's name before their staff number in a resolution.
func naming(resolution string, names map[string]string) string {
	what, no, ok := strings.Cut(resolution, ":")
	if name := names[no]; ok && name != "" {
		return what + ":" + name + "(" + no + ")"
	}
	return resolution
}

var stateNames = map[State]grids.Text{
	Accepted:  {ZH: "同意", EN: "accepts"},
	Commented: {ZH: "提出意见", EN: "comments"},
	Pending:   {ZH: "待反馈", EN: "not answered yet"},
	IsOverdue: {ZH: "逾期未反馈", EN: "no answer in time"},
	Consented: {ZH: "逾期未反馈(视为同意)", EN: "no answer in time (taken as consent)"},
}

// Name is the state in words.
func (s State) Name() grids.Text { return stateNames[s] }

var outcomeNames = map[Outcome]grids.Text{
	Adopted:  {ZH: "采纳", EN: "adopted"},
	Partly:   {ZH: "部分采纳", EN: "adopted in part"},
	NotTaken: {ZH: "未采纳", EN: "not adopted"},
}

// Name is the outcome in words.
func (o Outcome) Name() grids.Text { return outcomeNames[o] }

// Day is an instant's day in words, in China's time.
func Day(at time.Time) grids.Text {
	at = at.In(workdays.China)
	return grids.Text{ZH: at.Format("2006年1月2日"), EN: at.Format("2 January 2006")}
}

// Summary says in sentences how the round went.
func (t Table) Summary() []grids.Text {
	r := t.Round
	var conflicts, accepted, commented, silent, late, adopted, partly, not, mute int
	for _, p := range t.Parties {
		conflicts, accepted, commented, silent = conflicts+p.Conflicts, accepted+p.Accepted, commented+p.Commented, silent+p.Silent
		late, adopted, partly, not = late+p.Late, adopted+p.Adopted, partly+p.Partly, not+p.NotTaken
		if p.Silent == p.Conflicts {
			mute++
		}
	}
	last := Day(r.DueAt.Add(-time.Second))
	list := []grids.Text{
		grids.Textf("统一网格划分方案(草案)第 %d 轮征求意见于%s发出,期限为 %d 个工作日,至%s止;征求意见的单位 %d 个,涉及不一致之处 %d 处。",
			"Round %d of circulating the draft of the unified grid began on %s, with %d working days to answer, until the end of %s; asked were %d departments and counties, about %d places of disagreement.",
			r.Number, Day(r.OpenedAt), r.WorkingDays, last, len(t.Parties), r.Items),
		grids.Textf("各单位应反馈 %d 项,其中同意 %d 项,提出意见 %d 项(采纳 %d 项,部分采纳 %d 项,未采纳 %d 项,尚未答复 %d 项)。",
			"They had %d answers to give: %d accept, %d comment (%d adopted, %d adopted in part, %d not adopted, %d not answered yet).",
			conflicts, accepted, commented, adopted, partly, not, commented-adopted-partly-not),
	}
	if !r.Known {
		list = append(list, grids.Text{ZH: "计算期限时,有关年份的节假日安排尚未录入,仅扣除周末。",
			EN: "When the deadline was set, the holidays of a year until then were not known: only weekends were left out."})
	}
	switch {
	case silent == 0:
	case !r.Due:
		list = append(list, grids.Textf("尚待反馈 %d 项。", "%d answers are still to come.", silent))
	case r.Silence == Consent:
		list = append(list, grids.Textf("逾期未反馈 %d 项(全部未反馈的单位 %d 个),按本轮规则视为同意。", "%d answers did not come in time (%d gave none); by the rule of this round that counts as consent.", silent, mute))
	default:
		list = append(list, grids.Textf("逾期未反馈 %d 项(全部未反馈的单位 %d 个),不视为同意。", "%d answers did not come in time (%d gave none), which is not consent.", silent, mute))
	}
	if late > 0 {
		list = append(list, grids.Textf("期限后补充反馈 %d 项。", "%d answers came after the deadline.", late))
	}
	if r.Withdrawn != nil {
		list = append(list, grids.Textf("本轮征求意见已撤回,理由:%s。", "This round was withdrawn: %s.", *r.Withdrawn))
	}
	return list
}
