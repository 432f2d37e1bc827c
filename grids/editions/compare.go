package editions

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
)

var (
	//go:embed compare.sql
	compareSQL string
	//go:embed compare_areas.sql
	compareAreasSQL string
)

// leastShare is the least part of a cell's area that counts as where it went.
const leastShare = 0.001

// Comparison says what is another in one edition than in another. Areas are
// a GeoJSON FeatureCollection of what changed from one leaf to another.
type Comparison struct {
	From    grids.EditionID `json:"from"`
	To      grids.EditionID `json:"to"`
	Draft   bool            `json:"draft"` // To is the open draft
	Totals  Totals          `json:"totals"`
	Changes []Change        `json:"changes"`
	Areas   Areas           `json:"areas"`
}

// Totals count changes by what became of the cells.
type Totals struct {
	Created int     `json:"created"`
	Retired int     `json:"retired"`
	Split   int     `json:"split"`
	Merged  int     `json:"merged"`
	Changed int     `json:"changed"` // cells that go on and differ in anything
	Moved   int     `json:"moved"`   // of these, in their boundary
	Renamed int     `json:"renamed"` // of these, in code or name
	AreaM2  float64 `json:"area_m2"` // of leaves that changed hands, square metres
	Objects int     `json:"objects"` // in it
}

// Change is what became of one cell.
type Change struct {
	Op           string     `json:"op"` // created, retired, split, merged, moved, renamed, changed
	UID          string     `json:"uid"`
	Code         grids.Code `json:"code"`
	Name         string     `json:"name"`
	Tier         grids.Tier `json:"tier"`
	AreaM2       float64    `json:"area_m2"` // that the cell won or lost, square metres
	Objects      int        `json:"objects"` // in it
	People       int        `json:"people"`  // who hold a post in the cell
	Before       *Compared  `json:"before"`
	After        *Compared  `json:"after"`
	Successors   []Share    `json:"successors"`
	Predecessors []Share    `json:"predecessors"`
	BBox         [4]float64 `json:"bbox"` // west, south, east, north of what changed
	renamed      bool
}

// Compared is a cell in one of both editions.
type Compared struct {
	Code   grids.Code `json:"code"`
	Name   string     `json:"name"`
	AreaM2 float64    `json:"area_m2"`
}

// Share is a cell and what part of the area of the cell it came from it has.
type Share struct {
	UID   string     `json:"uid"`
	Code  grids.Code `json:"code"`
	Share float64    `json:"share"`
}

// Areas is a GeoJSON FeatureCollection.
type Areas struct {
	Type     string          `json:"type"`
	Features json.RawMessage `json:"features"`
}

// Compare says what is another in edition to than in the published edition from,
// neighbouring or not. To may be the open draft, or an earlier edition: then it is
// what publishing that one anew would change. It goes by the shapes themselves, so that it
// holds for drafts as well, whose lineage is not written yet.
func Compare(ctx context.Context, tx pgx.Tx, t cells.Territory, from, to grids.EditionID) (Comparison, error) {
	c := Comparison{From: from, To: to, Areas: Areas{Type: "FeatureCollection"}}
	if from == to {
		return c, grids.Errorf(grids.Invalid, "to", "不能与版本 %d 自身比较", "edition %d can't be compared with itself", to)
	}
	for field, seq := range map[string]grids.EditionID{"from": from, "to": to} {
		var state *string
		if err := tx.QueryRow(ctx, `SELECT (SELECT state FROM editions.edition WHERE territory_id = $1 AND seq = $2)`, t.ID, seq).Scan(&state); err != nil {
			return c, err
		}
		if state == nil || (field == "from" && *state != "published") {
			return c, grids.Errorf(grids.NotFound, field, "没有版本 %d", "there is no edition %d", seq).
				Fix("版本列表见 /v1/editions", "see /v1/editions for those there are")
		}
		if field == "to" {
			c.Draft = *state != "published"
		}
	}
	rows, err := tx.Query(ctx, compareSQL, t.ID, from, to, t.EPSG, leastShare, time.Now())
	if err != nil {
		return c, fmt.Errorf("comparing editions %d and %d: %w", from, to, err)
	}
	c.Changes, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (Change, error) {
		var x Change
		var box []float64
		err := row.Scan(&x.Op, &x.UID, &x.Code, &x.Name, &x.Tier, &x.AreaM2, &x.Objects, &x.People, &x.Before, &x.After,
			&x.Successors, &x.Predecessors, &box, &x.renamed)
		copy(x.BBox[:], box)
		return x, err
	})
	if err != nil {
		return c, fmt.Errorf("comparing editions %d and %d: %w", from, to, err)
	}
	for _, x := range c.Changes {
		c.Totals.count(x)
	}
	if err := tx.QueryRow(ctx, compareAreasSQL, t.ID, from, to, t.EPSG).Scan(&c.Totals.AreaM2, &c.Totals.Objects, &c.Areas.Features); err != nil {
		return c, fmt.Errorf("areas between editions %d and %d: %w", from, to, err)
	}
	return c, nil
}

func (n *Totals) count(x Change) {
	switch x.Op {
	case "created":
		n.Created++
	case "retired":
		n.Retired++
	case "split":
		n.Split++
	case "merged":
		n.Merged++
	default:
		n.Changed++
		if x.Op == "moved" {
			n.Moved++
		}
		if x.renamed {
			n.Renamed++
		}
	}
}
