package merge

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

// Kind tells in what way layers and unified grid disagree.
type Kind string

// The kinds of conflict.
const (
	Split           Kind = "split"             // no layer cell holds 90 % of a leaf
	Mismatch        Kind = "boundary-mismatch" // one does, but others reach in
	Gap             Kind = "gap"               // ground without a layer cell, or a layer cell beyond all leaves
	Overlap         Kind = "overlap"           // two cells of a layer claim the same ground
	TwoAccountable  Kind = "two-accountable"   // more than one person is named for a leaf
	NoneAccountable Kind = "none-accountable"  // a leaf has nobody of its own
	OverCapacity    Kind = "over-capacity"     // one person would answer for more leaves than one can
	Nested          Kind = "nested"            // cells of a layer lie within one leaf
	CodeClash       Kind = "code-clash"        // one code means two places
	ObjectUnplaced  Kind = "object-unplaced"   // an object inside the territory is in no leaf
)

// State is how far a conflict has come.
type State string

// The states of a conflict.
const (
	Open     State = "open"
	Settled  State = "settled"
	Deferred State = "deferred"
)

// Conflict is a place where layers and unified grid disagree. Lon and Lat
// (EPSG:4326) lie in the disputed piece. AreaM2 is the disputed area, WidthM how
// wide its widest part is on average (0: it has none). A pending one (界线待定)
// lies along a statutory or disputed line.
type Conflict struct {
	ID            int64           `json:"id"`
	Kind          Kind            `json:"kind"`
	Layer         grids.LayerCode `json:"layer,omitempty"`
	CellID        grids.CellID    `json:"cell_uid,omitempty"`
	Cell          grids.Code      `json:"cell,omitempty"`
	CellName      string          `json:"cell_name,omitempty"`
	Detail        Detail          `json:"detail"`
	Lon           *float64        `json:"lon,omitempty"`
	Lat           *float64        `json:"lat,omitempty"`
	AreaM2        float64         `json:"area_m2"`
	WidthM        float64         `json:"width_m,omitempty"`
	Pending       bool            `json:"pending,omitempty"`
	Touches       int             `json:"touches"` // people and objects of the cell
	People        int             `json:"people"`  // with a post in the cell
	Objects       int             `json:"objects"` // in the disputed ground, else in the cell
	Severity      Severity        `json:"severity"`
	Blocking      bool            `json:"blocking"`
	Alternatives  []Alternative   `json:"alternatives"`
	Proposal      string          `json:"proposal"`
	ReasonKey     string          `json:"reason_key"`
	Reason        grids.Text      `json:"reason"` // of the proposal
	State         State           `json:"state"`
	Resolution    string          `json:"resolution,omitempty"`
	SettledBy     string          `json:"settled_by,omitempty"`
	SettledReason *grids.Text     `json:"settled_reason,omitempty"`
	SettledAt     *time.Time      `json:"settled_at,omitempty"`
	Version       int64           `json:"version"`  // of the newest decision; 0: there was none
	Comments      int             `json:"comments"` // how many
}

// Severity is how much a conflict matters: high when it blocks, or when a water
// source or monitor lies in the disputed ground; medium when other objects or
// more than one person are concerned.
type Severity string

// The severities.
const (
	High   Severity = "high"
	Medium Severity = "medium"
	Low    Severity = "low"
)

// Alternative is a way to settle a conflict, and what it would come to: cells
// that get another line or person or are new, objects that get into another cell
// or under another person, accountable people who are affected, square metres
// that move.
type Alternative struct {
	Resolution string  `json:"resolution"`
	Cells      int     `json:"cells"`
	Objects    int     `json:"objects"`
	People     int     `json:"people"`
	AreaM2     float64 `json:"area_m2"`
}

// Detail holds what a conflict is about, by kind.
type Detail struct {
	MaxShare  float64     `json:"max_share,omitempty"` // largest share of the leaf that one layer cell claims
	Share     float64     `json:"share,omitempty"`     // disputed share of the leaf, or of the layer cell outside
	Outside   bool        `json:"outside,omitempty"`   // the layer cell reaches beyond all leaves
	Cells     []Claimant  `json:"cells,omitempty"`
	BaseCell  *Claimant   `json:"base_cell,omitempty"` // of the layer that is the base, whose lines are in dispute
	Own       *Named      `json:"own,omitempty"`       // the leaf's own accountable person
	Acting    *Named      `json:"acting,omitempty"`    // who acts while it has none
	Named     []Named     `json:"named,omitempty"`     // by the layers
	MostNamed string      `json:"most_named,omitempty"`
	Code      grids.Code  `json:"code,omitempty"`
	CellName  string      `json:"cell_name,omitempty"`
	Object    *ObjectName `json:"object,omitempty"`
	Person    *Named      `json:"person,omitempty"`   // who is over capacity
	Places    int         `json:"places,omitempty"`   // leaves for which they would be accountable
	Capacity  int         `json:"capacity,omitempty"` // for how many one can be
	Line      string      `json:"line,omitempty"`     // statutory or disputed: along which a pending one lies
	Interim   *Named      `json:"interim,omitempty"`  // who answers until the line is settled
}

// Claimant is a layer cell (or, where cells of the unified grid are at odds,
// one of them) and the share of the leaf that it claims.
type Claimant struct {
	Code  string  `json:"code"`
	Name  string  `json:"name,omitempty"`
	Share float64 `json:"share,omitempty"`
	Own   bool    `json:"own,omitempty"` // over capacity: it is theirs by the roster
}

// Named is a person and, if a layer names them, for which cell and share.
type Named struct {
	StaffNo   string          `json:"staff_no"`
	Name      string          `json:"name"`
	Layer     grids.LayerCode `json:"layer,omitempty"`
	LayerCell string          `json:"layer_cell,omitempty"`
	Share     float64         `json:"share,omitempty"`
}

// ObjectName identifies an object.
type ObjectName struct {
	ID   int64  `json:"id"`
	Kind string `json:"kind"`
	Code string `json:"code"`
	Name string `json:"name"`
}

// Filter chooses conflicts; zero values choose all.
type Filter struct {
	Kind      Kind            `json:"kind,omitempty"`
	Layer     grids.LayerCode `json:"layer,omitempty"`
	Severity  Severity        `json:"severity,omitempty"`
	State     State           `json:"state,omitempty"`
	Unsettled bool            `json:"unsettled,omitempty"` // open or deferred
	Blocking  bool            `json:"blocking,omitempty"`  // blocking ones only
	Cell      grids.Code      `json:"cell,omitempty"`      // of the leaf
	Within    string          `json:"within,omitempty"`    // prefix of the leaf's code
	IDs       []int64         `json:"ids,omitempty"`
}

// Order is how conflicts are listed; ties go by area, then by age.
type Order string

// The orders there are.
const (
	ByBlocking Order = ""         // blocking ones first, then by how much they touch
	BySeverity Order = "severity" // then as ByBlocking
	ByArea     Order = "area"     // the largest first
	ByWidth    Order = "width"    // the widest first
	ByTouches  Order = "touches"
	ByCell     Order = "cell" // by code of the leaf
)

// Page is a part of a list: After is the id of the last conflict of the page
// before, Limit 0 takes all.
type Page struct {
	Order Order
	After int64
	Limit int
}

//go:embed list.sql
var listSQL string

// List gives a run's conflicts in an order, a page of them.
func List(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, run int64, filter Filter, page Page) ([]Conflict, error) {
	var limit *int
	if page.Limit > 0 {
		limit = &page.Limit
	}
	rows, err := tx.Query(ctx, listSQL, territory, run, filter, page.After, page.Order, limit)
	if err != nil {
		return nil, fmt.Errorf("conflicts of run %d: %w", run, err)
	}
	conflicts, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Conflict, error) {
		var c Conflict
		err := row.Scan(&c.ID, &c.Kind, &c.Layer, &c.CellID, &c.Cell, &c.CellName, &c.Detail, &c.Lon, &c.Lat, &c.AreaM2, &c.WidthM, &c.Pending,
			&c.Touches, &c.People, &c.Objects, &c.Severity, &c.Alternatives, &c.Blocking, &c.Proposal, &c.ReasonKey, &c.State, &c.Resolution, &c.SettledBy, &c.SettledReason, &c.SettledAt,
			&c.Version, &c.Comments)
		c.Reason = Reason(c.ReasonKey)
		return c, err
	})
	if err != nil {
		return nil, fmt.Errorf("conflicts of run %d: %w", run, err)
	}
	return conflicts, nil
}

// Blocking gives the conflicts that forbid publishing: blocking and neither
// settled by a rule nor by a planner.
func Blocking(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, run int64) ([]Conflict, error) {
	return List(ctx, tx, territory, run, Filter{Blocking: true, Unsettled: true}, Page{})
}
