package duty

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/duty/share"
	"unigrid/grids/people"
)

var (
	//go:embed suggest_cells.sql
	suggestCells string
	//go:embed suggest_people.sql
	suggestPeople string
)

// mostSlots is how many places one suggestion gives out.
const mostSlots = 500

// Weights in metres that no territory sets: a vacancy is worse than any way, a
// place too many nearly.
const (
	vacantMetres = 100_000_000
	overMetres   = 1_000_000
)

// Suggestion says who could hold what: cells that lack somebody, and those of
// people who hold too many. It is a best one by its own measure (package share),
// and only suggests.
type Suggestion struct {
	Role    people.Role   `json:"role"`
	Limits  Limits        `json:"limits"`
	Before  share.Measure `json:"before"`
	After   share.Measure `json:"after"`
	Changes []Suggested   `json:"changes"`
	Vacant  []RowCell     `json:"vacant"` // cells for which nobody is left
	People  []Shared      `json:"people"` // those whose load changes
}

// Suggested is a cell that somebody could take, from whoever holds it too much.
type Suggested struct {
	Cell      RowCell    `json:"cell"`
	To        RowPerson  `json:"to"`
	DistanceM float64    `json:"distance_m"` // from their home
	From      *RowPerson `json:"from"`
	Replaces  *int64     `json:"replaces"` // the assignment of From
}

// Shared is somebody's number of cells in the role, now and then.
type Shared struct {
	Person RowPerson `json:"person"`
	Before int       `json:"before"`
	After  int       `json:"after"`
}

// wanting is a cell of a suggestion.
type wanting struct {
	RowCell
	assignments []int64 // of those who hold it too much, in their order
	held        []grids.PersonID
	stay        []grids.PersonID
	place       share.Place
}

// available is a person of a suggestion.
type available struct {
	RowPerson
	home   grids.Code
	tier   grids.Tier
	within bool
	asked  bool // by name
	share.Person
}

// Suggest says who could be accountable, or officer, in a cell and below it: the
// people given, or, when there are none, those at home there who have room; home
// is the lowest cell that one serves, else the division of one's unit. Without
// names, a cell is given to people at home in its tier or the one above.
// Distances are straight lines in the territory's CRS.
func Suggest(ctx context.Context, tx pgx.Tx, t cells.Territory, edition grids.EditionID, at time.Time, cell cells.Cell, role people.Role, asked []grids.PersonID) (Suggestion, error) {
	s := Suggestion{Role: role, Changes: []Suggested{}, Vacant: []RowCell{}, People: []Shared{}}
	if role != people.Accountable && role != people.Officer {
		e := grids.Errorf(grids.Invalid, "role", "只能为网格长(accountable)或网格员(officer)提出建议", "suggestions are for the accountable person and for officers")
		e.Value = string(role)
		return s, e.Fix("写 accountable 或 officer", "give accountable or officer")
	}
	limits, err := ReadLimits(ctx, tx, t.ID)
	if err != nil {
		return s, err
	}
	s.Limits = limits
	places, err := readWanting(ctx, tx, t, edition, at, cell.ID, role)
	if err != nil {
		return s, err
	}
	list, err := readAvailable(ctx, tx, t, edition, at, cell.ID, role, asked, places)
	if err != nil {
		return s, err
	}
	p := problemOf(places, list, limits, role)
	plan := share.Out(p)
	s.Before, s.After = p.Measure(p.Present()), p.Measure(plan)
	s.tell(places, list, p, plan)
	return s, nil
}

func readWanting(ctx context.Context, tx pgx.Tx, t cells.Territory, edition grids.EditionID, at time.Time, cell grids.CellID, role people.Role) ([]wanting, error) {
	rows, err := tx.Query(ctx, suggestCells, t.ID, edition, at, cell, role, t.EPSG)
	if err != nil {
		return nil, fmt.Errorf("cells of a suggestion: %w", err)
	}
	slots := 0
	places, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (w wanting, err error) {
		err = row.Scan(&w.Code, &w.Name, &w.Tier, &w.Lon, &w.Lat, &w.place.X, &w.place.Y, &w.place.Slots, &w.held, &w.assignments, &w.stay)
		slots += w.place.Slots
		return w, err
	})
	if err != nil {
		return nil, fmt.Errorf("cells of a suggestion: %w", err)
	}
	if slots > mostSlots {
		return nil, grids.Errorf(grids.TooMuch, "cell", "这里缺 %d 人次,一次最多为 %d 人次提出建议", "%d places are to be given here; a suggestion gives at most %d", slots, mostSlots).
			Fix("选下级网格,逐个提出", "choose cells below it, one by one")
	}
	return places, nil
}

func readAvailable(ctx context.Context, tx pgx.Tx, t cells.Territory, edition grids.EditionID, at time.Time, cell grids.CellID, role people.Role,
	asked []grids.PersonID, places []wanting) ([]available, error) {
	held := []grids.PersonID{}
	for _, w := range places {
		held = append(held, w.held...)
	}
	rows, err := tx.Query(ctx, suggestPeople, t.ID, edition, at, cell, role, t.EPSG, asked, held)
	if err != nil {
		return nil, fmt.Errorf("people of a suggestion: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (a available, err error) {
		err = row.Scan(&a.ID, &a.StaffNo, &a.Name, &a.Unit, &a.Post, &a.home, &a.tier, &a.X, &a.Y, &a.Base, &a.within)
		a.asked = slices.Contains(asked, a.ID)
		return a, err
	})
	if err != nil {
		return nil, fmt.Errorf("people of a suggestion: %w", err)
	}
	for _, id := range asked {
		i := slices.IndexFunc(list, func(a available) bool { return a.ID == id })
		switch {
		case i < 0:
			return nil, grids.Errorf(grids.NotFound, "people", "没有编号为 %d 的人员", "there is no person %d", id)
		case list[i].home == "":
			return nil, grids.Errorf(grids.Invalid, "people", "不知道 %s 在哪里:没有任职,单位也没有对应的区划", "nobody knows where %s is at home: no assignment, and a unit without a division", list[i].Name).
				Fix("先登记其单位,或不选此人", "give that person's unit first, or leave the person out")
		case !list[i].within:
			return nil, grids.Errorf(grids.Forbidden, "people", "%s 不在您的管辖范围内", "%s is not in your part of the territory", list[i].Name)
		}
	}
	return list, nil
}

// problemOf sets the problem: who holds places that are looked at keeps only the
// others for sure.
func problemOf(places []wanting, list []available, limits Limits, role people.Role) share.Problem {
	most := limits.MostCells
	if role == people.Officer {
		most = limits.MostRounds
	}
	p := share.Problem{Weights: share.Weights{Balance: int64(limits.BalanceM), Handover: int64(limits.HandoverM), Over: overMetres, Vacant: vacantMetres, Limit: most}}
	at := map[grids.PersonID]int{}
	for i := range list {
		at[list[i].ID] = i
	}
	for i := range places {
		w := &places[i]
		for _, id := range w.held {
			w.place.Held = append(w.place.Held, at[id])
			list[at[id]].Base--
		}
		for _, id := range w.stay {
			if who, ok := at[id]; ok {
				w.place.Barred = append(w.place.Barred, who)
			}
		}
		p.Places = append(p.Places, w.place)
	}
	for _, a := range list {
		a.Most = most
		p.People = append(p.People, a.Person)
	}
	p.May = func(place, who int) bool {
		tier := places[place].Tier
		a := list[who]
		return a.within && (a.asked || a.tier == tier || a.tier == tier-1)
	}
	return p
}

// tell says in words of the territory what a plan changes.
func (s *Suggestion) tell(places []wanting, list []available, p share.Problem, plan share.Plan) {
	before, after := make([]int, len(list)), make([]int, len(list))
	for who := range list {
		before[who], after[who] = p.People[who].Base, p.People[who].Base
	}
	for i, w := range places {
		var leaves []int // places among those who hold it
		for n, who := range w.place.Held {
			before[who]++
			if !slices.Contains(plan[i], who) {
				leaves = append(leaves, n)
			}
		}
		for _, who := range plan[i] {
			after[who]++
			if slices.Contains(w.place.Held, who) {
				continue
			}
			one := Suggested{Cell: w.RowCell, To: list[who].RowPerson, DistanceM: p.Way(i, who)}
			if len(leaves) > 0 {
				from := list[w.place.Held[leaves[0]]].RowPerson
				one.From, one.Replaces = &from, &w.assignments[leaves[0]]
				leaves = leaves[1:]
			}
			s.Changes = append(s.Changes, one)
		}
		if len(plan[i]) < w.place.Slots {
			s.Vacant = append(s.Vacant, w.RowCell)
		}
	}
	for who, a := range list {
		if before[who] != after[who] {
			s.People = append(s.People, Shared{Person: a.RowPerson, Before: before[who], After: after[who]})
		}
	}
}
