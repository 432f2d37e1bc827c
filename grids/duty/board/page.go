// Package board prints responsibility boards: pages of HTML, one to a sheet of
// A3 or A4 across, that load nothing from elsewhere.
package board

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"

	"unigrid/grids"
	"unigrid/grids/duty"
	"unigrid/grids/people"
)

var (
	//go:embed page.html
	pageHTML string
	//go:embed index.html
	indexHTML string
	//go:embed board.css
	css string
)

// Paper is a sheet across.
type Paper string

// The sheets there are.
const (
	A3 Paper = "a3"
	A4 Paper = "a4"
)

// beijing is the clock that boards are dated by.
var beijing = time.FixedZone("CST", 8*60*60)

// mostOfRole is how many people of a role a board names; the rest is counted.
const mostOfRole = 8

var pages = template.Must(template.New("page").Funcs(template.FuncMap{
	"tier": tierName, "date": func(t time.Time) string { return t.In(beijing).Format("2006-01-02") },
	"disclaimer": func() grids.Text { return grids.Disclaimer }, "demo": func() grids.Text { return grids.DemoMark },
}).Parse(pageHTML))

var index = template.Must(template.Must(pages.Clone()).New("index").Parse(indexHTML))

// sheet is what the template prints.
type sheet struct {
	duty.Board
	Paper   Paper
	Style   template.CSS // within the page; "" when it is a file beside
	Home    string       // the page that lists all; "" without one
	Chain   []link       // nearest first
	Groups  []group
	Drawing template.HTML
	QR      template.HTML
	Address string // of the cell's public page
}

// link is a cell of the chain on paper.
type link struct {
	duty.Link
	Own bool // the board's cell
}

// group is the people of one role.
type group struct {
	Role   people.Role
	People []people.Member
	More   int // that are not named
}

// Dense says how closely the chain has to be set to fit the sheet: 0, 1 or 2.
func (s sheet) Dense() int {
	lines := len(s.Groups)
	for _, l := range s.Chain {
		lines += 1 + len(l.Chiefs)
	}
	for _, g := range s.Groups {
		lines += (len(g.People) + 1) / 2
	}
	switch {
	case lines <= 16:
		return 0
	case lines <= 24:
		return 1
	default:
		return 2
	}
}

// Write writes the page of one board. address is that of the cell's public page,
// for the QR code.
func Write(w io.Writer, b duty.Board, paper Paper, address string) error {
	return write(w, b, paper, address, template.CSS(css), "")
}

func write(w io.Writer, b duty.Board, paper Paper, address string, style template.CSS, home string) error {
	code, err := qr(address)
	if err != nil {
		return fmt.Errorf("QR code of %s: %w", b.Code, err)
	}
	s := sheet{Board: b, Paper: paper, Style: style, Home: home, Drawing: drawing(b), QR: code, Address: address, Groups: groups(b.Team)}
	s.Chain = append(s.Chain, link{b.Link, true})
	for _, above := range b.Above {
		s.Chain = append(s.Chain, link{above, false})
	}
	if err := pages.Execute(w, s); err != nil {
		return fmt.Errorf("board of %s: %w", b.Code, err)
	}
	return nil
}

func groups(team []people.Member) (list []group) {
	for _, m := range team {
		if len(list) == 0 || list[len(list)-1].Role != m.Role {
			list = append(list, group{Role: m.Role})
		}
		if g := &list[len(list)-1]; len(g.People) < mostOfRole {
			g.People = append(g.People, m)
		} else {
			g.More++
		}
	}
	return list
}

func tierName(t grids.Tier) grids.Text {
	numerals := []string{"", "一", "二", "三", "四", "五", "六"}
	n := fmt.Sprint(t)
	if int(t) < len(numerals) {
		n = numerals[t]
	}
	return grids.Text{ZH: n + "级网格", EN: fmt.Sprintf("Tier %d", t)}
}

// Address is that of a cell's public page below a base address.
func Address(base string, territory, cell grids.Code) string {
	return strings.TrimSuffix(base, "/") + "/t/" + string(territory) + "/?cell=" + string(cell)
}
