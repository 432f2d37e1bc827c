// Package duty looks at a territory's team from above: what stands on the
// responsibility boards (网格公示牌) of its cells, where duty is not covered, who
// carries how much, and how vacant cells could be given out evenly.
//
// Boards are a public view, whoever asks: names, units and posts, never a way to
// reach a person; a vacant post is said to be vacant, with the unit that acts
// for it.
package duty

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/people"
)

//go:embed board_cells.sql
var boardCells string

// Board is what stands on the board of a cell.
type Board struct {
	Territory cells.Territory
	MapNumber string // approval number of the territory's maps (审图号); may be empty
	Edition   grids.EditionID
	At        time.Time
	Link
	Above  []Link          // the cells above, nearest first
	Team   []people.Member // those who serve the cell itself, without its chiefs
	Roles  map[people.Role]grids.Text
	Duties []LayerDuty // by layer
	Phone  Hotline
	Map    Map
}

// Link is a cell of a chain with those who preside over it, in protocol order.
type Link struct {
	Cell   grids.CellID
	Code   grids.Code
	Name   string
	Tier   grids.Tier
	Chiefs []people.Member // accountable and joint chiefs
	// ActedBy is set when the post of the accountable person is vacant.
	ActedBy *people.StandIn
}

// LayerDuty is what a layer asks of the people of a cell, and who leads it
// there.
type LayerDuty struct {
	Layer grids.LayerCode
	Name  grids.Text
	Text  grids.Text
	Leads []people.Member
}

// Hotline is a telephone for complaints: an office's, never a person's.
type Hotline struct {
	Phone string
	Name  grids.Text // what answers there; may be empty
}

// Boards calls each with the board of a cell of an edition at an instant and,
// with below, then with those of all cells below it, by tier and code.
func Boards(ctx context.Context, tx pgx.Tx, t cells.Territory, edition grids.EditionID, at time.Time, code grids.Code, below bool, each func(Board) error) error {
	rows, err := tx.Query(ctx, boardCells, t.ID, edition, code, below, at)
	if err != nil {
		return fmt.Errorf("cells of boards: %w", err)
	}
	type place struct {
		Link
		Up []grids.CellID // parent first
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (p place, err error) {
		err = row.Scan(&p.Cell, &p.Code, &p.Name, &p.Tier, &p.Up)
		return p, err
	})
	if err != nil {
		return fmt.Errorf("cells of boards: %w", err)
	}
	if len(list) == 0 {
		return grids.Errorf(grids.NotFound, "code", "没有网格 %s", "there is no cell %s", code)
	}
	known := map[grids.CellID]*Link{}
	var wanted []grids.CellID // with a board
	for i := range list {
		known[list[i].Cell] = &list[i].Link
		wanted = append(wanted, list[i].Cell)
	}
	var above []grids.CellID // of cells without a board
	for _, p := range list {
		for _, up := range p.Up {
			if _, has := known[up]; !has {
				above = append(above, up)
			}
		}
	}
	if err := fillAbove(ctx, tx, t, edition, known, above); err != nil {
		return err
	}
	team, err := fillChiefs(ctx, tx, t, edition, at, known)
	if err != nil {
		return err
	}
	frame, err := readFrame(ctx, tx, t, edition, wanted)
	if err != nil {
		return err
	}
	const chunk = 64 // boards whose maps are in memory at once
	for first := 0; first < len(list); first += chunk {
		part := list[first:min(first+chunk, len(list))]
		maps, err := readMaps(ctx, tx, t, edition, at, wanted[first:first+len(part)], frame.metres)
		if err != nil {
			return err
		}
		for _, p := range part {
			b := Board{Territory: t, MapNumber: frame.mapNumber, Edition: edition, At: at, Link: p.Link, Roles: frame.roles, Phone: frame.phones[p.Cell], Map: maps[p.Cell]}
			for _, up := range p.Up {
				b.Above = append(b.Above, *known[up])
			}
			b.Duties = append([]LayerDuty(nil), frame.duties...)
			for _, m := range team[p.Cell] {
				if m.Role != people.Lead {
					b.Team = append(b.Team, m)
					continue
				}
				for i := range b.Duties {
					if b.Duties[i].Layer == m.Layer {
						b.Duties[i].Leads = append(b.Duties[i].Leads, m)
					}
				}
			}
			if err := each(b); err != nil {
				return err
			}
		}
	}
	return nil
}

// fillAbove adds the cells above the first one, which are above all.
func fillAbove(ctx context.Context, tx pgx.Tx, t cells.Territory, edition grids.EditionID, known map[grids.CellID]*Link, up []grids.CellID) error {
	rows, err := tx.Query(ctx, `SELECT v.cell_id, v.code, v.name, v.tier FROM cells.of($1, $2) v WHERE v.cell_id = ANY ($3)`, t.ID, edition, up)
	if err != nil {
		return fmt.Errorf("cells above a board: %w", err)
	}
	var l Link
	_, err = pgx.ForEachRow(rows, []any{&l.Cell, &l.Code, &l.Name, &l.Tier}, func() error {
		above := l
		known[l.Cell] = &above
		return nil
	})
	if err != nil {
		return fmt.Errorf("cells above a board: %w", err)
	}
	return nil
}

// fillChiefs says who presides over the cells, and gives those who serve them
// otherwise.
func fillChiefs(ctx context.Context, tx pgx.Tx, t cells.Territory, edition grids.EditionID, at time.Time, known map[grids.CellID]*Link) (map[grids.CellID][]people.Member, error) {
	ids := make([]grids.CellID, 0, len(known))
	for id := range known {
		ids = append(ids, id)
	}
	members, err := people.Team(ctx, tx, t.ID, at, ids)
	if err != nil {
		return nil, err
	}
	team := map[grids.CellID][]people.Member{}
	for _, m := range members {
		if m.Role == people.Accountable || m.Role == people.JointChief {
			known[m.Cell].Chiefs = append(known[m.Cell].Chiefs, m)
		} else {
			team[m.Cell] = append(team[m.Cell], m)
		}
	}
	vacant, err := people.StandIns(ctx, tx, t.ID, edition, at, ids)
	if err != nil {
		return nil, err
	}
	for i := range vacant {
		known[vacant[i].Cell].ActedBy = &vacant[i]
	}
	return team, nil
}

// frame is what boards have in common, and their telephones.
type frame struct {
	mapNumber string
	metres    int // to which maps are generalised
	roles     map[people.Role]grids.Text
	duties    []LayerDuty
	phones    map[grids.CellID]Hotline
}

func readFrame(ctx context.Context, tx pgx.Tx, t cells.Territory, edition grids.EditionID, ids []grids.CellID) (frame, error) {
	f := frame{metres: GeneralisedMetres, phones: map[grids.CellID]Hotline{}, roles: map[people.Role]grids.Text{}}
	err := tx.QueryRow(ctx, `
		SELECT coalesce(nullif(t.map_number, ''), o.approval_no, ''), greatest(o.precision_m, $2)
		FROM cells.territory t LEFT JOIN access.opened o ON o.territory_id = t.id AND o.collection = 'cells' WHERE t.id = $1`, t.ID, f.metres).
		Scan(&f.mapNumber, &f.metres)
	if err != nil {
		return f, fmt.Errorf("what the public may see of maps: %w", err)
	}
	roles, err := people.Roles(ctx, tx)
	if err != nil {
		return f, fmt.Errorf("roles: %w", err)
	}
	for _, r := range roles {
		f.roles[r.Code] = r.Name
	}
	texts, err := Texts(ctx, tx, t.ID)
	if err != nil {
		return f, err
	}
	for _, text := range texts {
		f.duties = append(f.duties, LayerDuty{Layer: text.Layer, Name: text.Name, Text: text.Text})
	}
	rows, err := tx.Query(ctx, `SELECT cell_id, phone, zh, en FROM duty.hotlines($1, $2, $3)`, t.ID, edition, ids)
	if err != nil {
		return f, fmt.Errorf("telephones of boards: %w", err)
	}
	var cell grids.CellID
	var h Hotline
	_, err = pgx.ForEachRow(rows, []any{&cell, &h.Phone, &h.Name.ZH, &h.Name.EN}, func() error {
		f.phones[cell] = h
		return nil
	})
	if err != nil {
		return f, fmt.Errorf("telephones of boards: %w", err)
	}
	return f, nil
}
