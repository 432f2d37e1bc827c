package demo

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/paulmach/orb"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/drawing"
)

// world is the drawn territory that files are invented for.
type world struct {
	seed     uint64
	root     cells.Cell
	tiers    [5][]cells.Cell // by tier; each by code
	children map[grids.CellID][]cells.Cell
	outline  *ground
	seats    []seat
	rivers   []River
	villages []place
}

// seat is a county and where its seat is.
type seat struct {
	county   cells.Cell
	at       orb.Point
	villages int
}

// place is a village and its ground.
type place struct {
	cells.Cell
	*ground
}

func newWorld(input Input) (*world, error) {
	w := &world{seed: input.Seed, children: map[grids.CellID][]cells.Cell{}}
	list := slices.Clone(input.Cells)
	slices.SortFunc(list, func(a, b cells.Cell) int { return cmp.Or(cmp.Compare(a.Tier, b.Tier), cmp.Compare(a.Code, b.Code)) })
	for _, cell := range list {
		if cell.Tier < 1 || cell.Tier > 4 {
			return nil, fmt.Errorf("cell %s has tier %d; the demo has four tiers", cell.Code, cell.Tier)
		}
		w.tiers[cell.Tier] = append(w.tiers[cell.Tier], cell)
		w.children[cell.ParentID] = append(w.children[cell.ParentID], cell)
	}
	for tier := 1; tier <= 4; tier++ {
		if len(w.tiers[tier]) == 0 {
			return nil, fmt.Errorf("there are no cells of tier %d", tier)
		}
	}
	w.root = w.tiers[1][0]
	var err error
	if w.outline, err = newGround(w.root.Geom); err != nil {
		return nil, fmt.Errorf("cell %s: %w", w.root.Code, err)
	}
	for _, cell := range w.tiers[4] {
		g, err := newGround(cell.Geom)
		if err != nil {
			return nil, fmt.Errorf("cell %s: %w", cell.Code, err)
		}
		w.villages = append(w.villages, place{cell, g})
	}
	if w.rivers, err = Rivers(); err != nil {
		return nil, err
	}
	return w, w.findSeats()
}

func (w *world) findSeats() error {
	known, err := Seats()
	if err != nil {
		return err
	}
	for _, county := range w.tiers[2] {
		s := seat{county: county}
		var ok bool
		if s.at, ok = known[county.Code]; !ok {
			s.at = drawing.Middle(county.Geom)
		}
		for _, township := range w.children[county.ID] {
			s.villages += len(w.children[township.ID])
		}
		w.seats = append(w.seats, s)
	}
	return nil
}
