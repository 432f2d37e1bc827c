package people_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/people"
)

func ptr[T any](v T) *T { return &v }

// edit does edits as the machine itself.
func (w *town) edit(edits ...people.PersonEdit) ([]people.Person, error) {
	return w.editAs(grids.Local, edits...)
}

func (w *town) editAs(who grids.Principal, edits ...people.PersonEdit) ([]people.Person, error) {
	w.t.Helper()
	var list []people.Person
	err := w.db.Tx(w.t.Context(), who, func(tx pgx.Tx) (err error) {
		list, err = people.EditPeople(w.t.Context(), tx, w.Territory, w.Edition, edits)
		return err
	})
	return list, err
}

func (w *town) member(staff string) people.Person {
	w.t.Helper()
	list, _ := w.search(people.Search{Text: staff})
	for _, p := range list {
		if p.StaffNo == staff {
			return p
		}
	}
	w.t.Fatalf("no %s", staff)
	return people.Person{}
}

func (w *town) search(s people.Search) ([]people.Person, int) {
	w.t.Helper()
	if s.Limit == 0 {
		s.Limit = 100
	}
	var list []people.Person
	var matched int
	w.tx(func(tx pgx.Tx) (err error) {
		list, matched, err = people.People(w.t.Context(), tx, w.Territory, w.Edition, time.Now(), s)
		return err
	})
	return list, matched
}

func (w *town) unit(e people.UnitEdit) people.Unit {
	w.t.Helper()
	var u people.Unit
	w.tx(func(tx pgx.Tx) (err error) {
		u, err = people.EditUnit(w.t.Context(), tx, w.Territory, e)
		return err
	})
	return u
}

// posts writes the posts of a person as unit:title and state.
func posts(p people.Person) string {
	var list []string
	for _, h := range p.Posts {
		list = append(list, fmt.Sprintf("%s:%s %s", h.UnitLabel, h.Title, h.State))
	}
	return strings.Join(list, ", ")
}

func TestEditPeople(t *testing.T) {
	t.Parallel()
	w := newTown(t, 1, 1)
	if err := w.exec(grids.Local, `INSERT INTO layers.layer (territory_id, code, name_zh, name_en) VALUES ($1, 'environment', '环保', 'environment'), ($1, 'safety', '安监', 'safety')`, w.Territory); err != nil {
		t.Fatal(err)
	}
	office := w.unit(people.UnitEdit{Name: ptr("示例办"), Kind: ptr("department")})
	town := w.unit(people.UnitEdit{Name: ptr("示例镇"), Kind: ptr("township")})
	later, past := time.Now().AddDate(1, 0, 0), time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC)
	made, err := w.edit(people.PersonEdit{Name: ptr("曾三"), Unit: &town.ID, Phone: ptr("13812341234"),
		Posts:  &[]people.PostSaid{{Title: "镇长", From: &past}, {Title: "主任", Unit: office.ID}, {Title: "人大主席", From: &later}},
		Layers: &[]people.Membership{{Layer: "environment", Home: true}, {Layer: "safety"}}})
	if err != nil {
		t.Fatal(err)
	}
	p := made[0]
	if p.StaffNo != fmt.Sprintf("P%06d", p.ID) || p.Phone != "138****1234" || p.UnitLabel != "示例镇" || len(p.Layers) != 2 || !p.Layers[0].Home {
		t.Errorf("%+v", p)
	}
	if got := posts(p); got != "示例镇:镇长 current, 示例办:主任 current, 示例镇:人大主席 planned" {
		t.Error(got)
	}
	if p.Posts[0].From == nil || !p.Posts[0].From.Equal(past) || p.Posts[1].From != nil {
		t.Errorf("%+v", p.Posts)
	}
	if got := w.staff(); !strings.Contains(got, "|示例镇|镇长、示例办:主任|138****1234|13812341234") {
		t.Error(got)
	}
	// bare titles go along to another unit
	if made, err = w.edit(people.PersonEdit{ID: p.ID, Known: p.Version, Unit: &office.ID}); err != nil {
		t.Fatal(err)
	}
	if got := posts(made[0]); !strings.HasPrefix(got, "示例办:镇长 current, 示例办:主任 current, ") || !strings.Contains(got, "示例镇:镇长 past") {
		t.Error(got)
	}
	_, err = w.edit(people.PersonEdit{Name: ptr("新人"), StaffNo: ptr("N1")}, people.PersonEdit{ID: p.ID, Known: p.Version, Name: ptr("曾四")}, people.PersonEdit{ID: 999999})
	var refused *people.Refused
	if !errors.As(err, &refused) || len(refused.Rows) != 2 || !refused.Rows[0].Stale || refused.Rows[0].Now.Name != "曾三" || refused.Rows[1].Err.Kind != grids.NotFound || !grids.IsKind(err, grids.Conflict) {
		t.Fatalf("%+v", err)
	}
	if _, n := w.search(people.Search{}); n != 1 {
		t.Errorf("half of it was done: %d", n)
	}
	for what, e := range map[string]people.PersonEdit{
		"title":    {ID: p.ID, Posts: &[]people.PostSaid{{Title: "主任、书记"}}},
		"twice":    {ID: p.ID, Posts: &[]people.PostSaid{{Title: "主任"}, {Title: "主　任"}}},
		"two home": {ID: p.ID, Layers: &[]people.Membership{{Layer: "environment", Home: true}, {Layer: "safety", Home: true}}},
		"layer":    {ID: p.ID, Layers: &[]people.Membership{{Layer: "none"}}},
		"unit":     {ID: p.ID, Unit: ptr(people.UnitID(99999))},
		"phone":    {ID: p.ID, Phone: ptr("call me")},
		"name":     {ID: p.ID, Name: ptr(" ")},
	} {
		if _, err := w.edit(e); !grids.IsKind(err, grids.Invalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
	county := grids.Principal{Name: "county", Role: grids.RolePlanner, Territory: w.Territory, Within: []string{"430202"}}
	if _, err := w.editAs(county, people.PersonEdit{ID: p.ID, Name: ptr("曾五")}); !grids.IsKind(err, grids.Forbidden) {
		t.Errorf("another territory's: %v", err)
	}
}

func TestSearchPeople(t *testing.T) {
	t.Parallel()
	w := newTown(t, 2, 1)
	w.takePeople([]any{"S1", "张三", "甲办", "主任", ""}, []any{"S2", "曾国荃", "乙局", "局长、甲办:成员", ""}, []any{"S3", "单雄信", "", "", ""}, []any{"S4", "张三丰", "乙局", "", ""})
	w.must(day(0), accountable("S1", w.Leaf(1, 1)))
	found := func(s people.Search) string {
		list, _ := w.search(s)
		var nos []string
		for _, p := range list {
			nos = append(nos, p.StaffNo)
		}
		return strings.Join(nos, " ")
	}
	office, bureau := w.member("S1").Unit, w.member("S2").Unit
	above := w.unit(people.UnitEdit{Name: ptr("市政府")})
	w.unit(people.UnitEdit{ID: *bureau, Parent: &above.ID})
	for text, want := range map[string]string{
		"张": "S1 S4", "三丰": "S4", "zhangsan": "S1 S4", "Zhang San": "S1 S4", "zs": "S1 S4", "zsf": "S4", "zgq": "S2", "ceng": "S2", "zeng g": "S2",
		"shan": "S3", "dan": "S3", "张san": "S1 S4", "s2": "S2", "王": "", "!&'": "", "": "S1 S2 S3 S4", "sanf": "S4",
	} {
		if got := found(people.Search{Text: text}); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	for want, s := range map[string]people.Search{
		"S1 S2":    {Unit: *office},
		"S2 S4":    {Unit: above.ID},
		"S3":       {Unit: people.NoUnit},
		"S2 S3 S4": {WithoutCell: true},
		"S1":       {Cells: []grids.CellID{w.Cell(t, w.Leaf(1, 1))}},
		"S3 S4":    {After: "S2"},
		"S4":       {Text: "张三", WithoutCell: true},
		"":         {Layer: "safety"},
	} {
		if got := found(s); got != want {
			t.Errorf("%+v: %s, want %s", s, got, want)
		}
	}
	if list, n := w.search(people.Search{Text: "zs", Limit: 1}); len(list) != 1 || n != 2 {
		t.Errorf("%d of %d", len(list), n)
	}
	if p := w.member("S1"); p.CellCount != 1 || p.Cells[0].Role != people.Accountable {
		t.Errorf("%+v", p)
	}
}

func TestRetire(t *testing.T) {
	t.Parallel()
	w := newTown(t, 1, 2)
	w.hire(3)
	w.must(day(0), accountable("S1", w.Leaf(1, 1)))
	retire := func(staff string, known int) error {
		p := w.member(staff)
		if known == 0 {
			known = p.Version
		}
		return w.db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
			return people.Retire(t.Context(), tx, w.Territory, w.Edition, p.ID, known)
		})
	}
	if err := retire("S1", 0); !grids.IsKind(err, grids.Conflict) || !strings.Contains(err.Error(), string(w.Leaf(1, 1))) {
		t.Errorf("still in office: %v", err)
	}
	if err := retire("S2", 99); !grids.IsKind(err, grids.Conflict) {
		t.Errorf("stale: %v", err)
	}
	if err := retire("S2", 0); err != nil {
		t.Error(err)
	}
	list, _ := w.search(people.Search{})
	if len(list) != 2 || slices.ContainsFunc(list, func(p people.Person) bool { return p.StaffNo == "S2" }) {
		t.Errorf("%+v", list)
	}
	var held int
	w.tx(func(tx pgx.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT count(*) FROM people.person_post WHERE during @> clock_timestamp()`).Scan(&held)
	})
	if held != 2 {
		t.Errorf("%d posts are held", held)
	}
	unit := *w.member("S1").Unit
	err := w.db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error { return people.RetireUnit(t.Context(), tx, w.Territory, unit, 0) })
	if !grids.IsKind(err, grids.Conflict) {
		t.Errorf("a unit with people: %v", err)
	}
	if err := w.db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
		for _, staff := range []string{"S1", "S3"} {
			if _, err := people.EditPeople(t.Context(), tx, w.Territory, w.Edition, []people.PersonEdit{{ID: w.member(staff).ID, Unit: ptr(people.UnitID(0)), Posts: &[]people.PostSaid{}}}); err != nil {
				return err
			}
		}
		return people.RetireUnit(t.Context(), tx, w.Territory, unit, 0)
	}); err != nil {
		t.Error(err)
	}
}
