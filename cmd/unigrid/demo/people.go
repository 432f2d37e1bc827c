package demo

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/importers/charset"
)

const (
	vacantTownships    = 2
	vacantVillageShare = 0.025
	officersEvery      = 11 // every so many villages have two officers
	firstOfLayers      = 2001
)

// person is somebody invented.
type person struct{ number, unit, post, phone, name string }

func newPerson(n int, unit, post string) person {
	return person{
		number: fmt.Sprintf("DEMO-%04d", n), name: fmt.Sprintf("示例人员 %04d", n),
		unit: unit, post: post, phone: fmt.Sprintf("000-0000-%04d", n),
	}
}

// duty is what somebody is to a cell.
type duty struct {
	number string
	cell   grids.Code
	role   string
	post   string
	side   string // party, government or ""
	rank   int
}

// unified is the unified team (统一队伍).
type unified struct {
	people      []person
	duties      []duty
	accountable map[grids.CellID]string // staff number
}

// team invents the unified team: for each cell somebody accountable, except
// for a few vacancies; down to the townships a joint chief on the party's side
// and a deputy; in some villages two officers.
func (w *world) team() unified {
	team := unified{accountable: map[grids.CellID]string{}}
	vacant := w.vacancies()
	unit, villages := 0, 0
	for tier := 1; tier <= 4; tier++ {
		for _, cell := range w.tiers[tier] {
			unit++
			name := fmt.Sprintf("示例单位 %04d", unit)
			add := func(role, side string, rank int, post string) string {
				p := newPerson(len(team.people)+1, name, post)
				team.people = append(team.people, p)
				team.duties = append(team.duties, duty{p.number, cell.Code, role, post, side, rank})
				return p.number
			}
			posts := postsOf(cell)
			if !vacant[cell.ID] {
				team.accountable[cell.ID] = add("网格长", "government", 2, posts.chief)
			}
			if tier < 4 {
				add("共同责任人", "party", 1, posts.party)
				add("副网格长", "government", 3, posts.deputy)
				continue
			}
			if villages++; villages%officersEvery == 0 {
				add("网格员", "", 4, "网格员")
				add("网格员", "", 5, "网格员")
			}
		}
	}
	return team
}

// vacancies chooses the cells that have nobody accountable of their own.
func (w *world) vacancies() map[grids.CellID]bool {
	r := stream(w.seed, "vacancies")
	out := map[grids.CellID]bool{}
	for _, i := range r.Perm(len(w.tiers[3]))[:min(vacantTownships, len(w.tiers[3])/20)] {
		out[w.tiers[3][i].ID] = true
	}
	for _, i := range r.Perm(len(w.tiers[4]))[:int(math.Round(vacantVillageShare*float64(len(w.tiers[4]))))] {
		out[w.tiers[4][i].ID] = true
	}
	return out
}

type posts struct{ chief, party, deputy string }

// postsOf gives the usual posts by the kind of cell that its name and code
// tell.
func postsOf(cell cells.Cell) posts {
	if cell.Tier == 4 {
		if n, err := strconv.Atoi(string(cell.Code[len(cell.Code)-3:])); err == nil && n < 200 {
			return posts{chief: "社区主任(网格长)"}
		}
		return posts{chief: "村主任(网格长)"}
	}
	for _, p := range []struct {
		suffix string
		posts  posts
	}{
		{"街道", posts{"街道办主任", "街道党工委书记", "街道办副主任"}},
		{"镇", posts{"镇长", "镇党委书记", "副镇长"}},
		{"乡", posts{"乡长", "乡党委书记", "副乡长"}},
		{"农场", posts{"场长", "农场党委书记", "副场长"}},
		{"区", posts{"区长", "区委书记", "副区长"}},
		{"县", posts{"县长", "县委书记", "副县长"}},
		{"市", posts{"市长", "市委书记", "副市长"}},
	} {
		if strings.HasSuffix(cell.Name, p.suffix) && (cell.Tier == 3) == slices.Contains([]string{"街道", "镇", "乡", "农场"}, p.suffix) {
			return p.posts
		}
	}
	return posts{"管委会主任", "党工委书记", "管委会副主任"}
}

func rosterHeading() []string {
	return []string{"工号", "姓名", "单位", "职务", "联系电话"}
}

func (p person) row() []string { return []string{p.number, p.name, p.unit, p.post, p.phone} }

// roster writes people.xlsx, with a title above the heading as offices do.
func (o *output) roster(team unified) (err error) {
	book := excelize.NewFile()
	defer func() {
		if e := book.Close(); err == nil {
			err = e
		}
	}()
	const sheet = "名册"
	if err := book.SetSheetName("Sheet1", sheet); err != nil {
		return err
	}
	s, err := book.NewStreamWriter(sheet)
	if err != nil {
		return err
	}
	if err := s.SetColWidth(1, 5, 18); err != nil {
		return err
	}
	rows := [][]string{{"统一网格队伍名册(" + Notice + ")"}, rosterHeading()}
	for _, p := range team.people {
		rows = append(rows, p.row())
	}
	for i, row := range rows {
		values := make([]any, len(row))
		for k, v := range row {
			values[k] = v
		}
		if err := s.SetRow(fmt.Sprintf("A%d", i+1), values); err != nil {
			return err
		}
	}
	if err := s.MergeCell("A1", "E1"); err != nil {
		return err
	}
	if err := s.Flush(); err != nil {
		return err
	}
	if err := book.SaveAs(o.path("people.xlsx")); err != nil {
		return err
	}
	o.add(File{Name: "people.xlsx", As: "people", Rows: len(team.people),
		About: grids.Text{ZH: "统一队伍名册,首行为标题", EN: "the unified team, with a title above the heading"}})
	return nil
}

// layerPeople writes layer-people.csv: whom the departments' grids name.
func (o *output) layerPeople(list []person) error {
	rows := [][]string{rosterHeading()}
	for _, p := range list {
		rows = append(rows, p.row())
	}
	o.add(File{Name: "layer-people.csv", As: "people", Encoding: "UTF-8", Rows: len(list),
		About: grids.Text{ZH: "四条线各自的人员", EN: "the four layers' own people"}})
	return writeCSV(o.path("layer-people.csv"), rows)
}

// assignments writes assignments.csv in GBK, as offices still send it.
func (o *output) assignments(team unified) error {
	rows := [][]string{{"工号", "网格代码", "角色", "条线", "职务", "党政", "排序号"}}
	for _, d := range team.duties {
		rows = append(rows, []string{d.number, string(d.cell), d.role, "", d.post, d.side, strconv.Itoa(d.rank)})
	}
	text, err := csvText(rows)
	if err != nil {
		return err
	}
	gbk, err := charset.Lookup("GBK")
	if err != nil {
		return err
	}
	encoded, err := gbk.Encode(text)
	if err != nil {
		return err
	}
	o.add(File{Name: "assignments.csv", As: "assignments", Encoding: "GBK", Rows: len(team.duties),
		About: grids.Text{ZH: "任职:一格一名网格长,少数空缺", EN: "who holds which role; a few posts are vacant"}})
	return o.write("assignments.csv", encoded)
}
