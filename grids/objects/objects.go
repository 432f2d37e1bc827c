// Package objects owns what is mapped into cells (对象): enterprises, monitors,
// water sources and river reaches, and their placements (落格), which say how much
// of an object lies in which leaf, and when that was so.
//
// A point lies in exactly one leaf; on a shared border that is the one with the
// smallest code, so that the answer is always the same. A line is shared out by
// length in metres (in the territory's projected CRS), what runs along a shared
// border being counted once, for the smallest code; a polygon by area in square
// degrees. The shares of an object and its outside share sum to 1 within 1e-9.
// What lies outside the territory is listed, not dropped. An object without
// coordinates is kept as unlocated (未定位) and may carry the village that
// somebody named; how its place became known (import, address, by hand, GPS) is
// told apart.
//
// Objects and placements are dated: a change closes the old row and opens a new
// one at the same instant, what stayed the same stays one row, and what is
// retired is closed. objects.object is what there is now, objects.version what
// there was when. Geometry is EPSG:4326. Rows come in
// through objects.intake, keyed by a batch from the sequence cells.batch, and
// leave it once they are taken.
package objects

import (
	"context"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

// Kind is a sort of object.
type Kind string

// The kinds of object.
const (
	Enterprise  Kind = "enterprise"   // 企业
	Monitor     Kind = "monitor"      // 监测点
	WaterSource Kind = "water-source" // 饮用水水源地
	RiverReach  Kind = "river-reach"  // 河段
)

// LocatedBy tells how an object's place is known.
type LocatedBy string

// The ways to know a place; the empty LocatedBy is an unlocated object's.
const (
	ByImport  LocatedBy = "import"
	ByAddress LocatedBy = "address"
	ByHand    LocatedBy = "hand"
	ByGPS     LocatedBy = "gps"
)

// Object is one thing that is mapped into cells, as lists show it.
type Object struct {
	ID           int64      `json:"-"`
	Kind         Kind       `json:"kind"`
	Code         string     `json:"code"`
	Name         string     `json:"name"`
	LocatedBy    LocatedBy  `json:"located_by,omitempty"`
	OutsideShare float64    `json:"outside_share"`
	Lon          *float64   `json:"lon"` // a point on it, EPSG:4326; nil when unlocated
	Lat          *float64   `json:"lat"`
	HintCode     grids.Code `json:"cell_hint,omitempty"` // the village named for an unlocated one
	HintName     string     `json:"cell_hint_name,omitempty"`
}

const selectObject = `
	SELECT o.id, o.kind, o.code, o.name, coalesce(o.located_by, ''), o.outside_share,
	       ST_X(ST_PointOnSurface(o.geom)), ST_Y(ST_PointOnSurface(o.geom)), coalesce(h.code, ''), coalesce(h.name, '')
	FROM objects.object o
	LEFT JOIN LATERAL (SELECT v.code, v.name FROM cells.version v
		WHERE v.territory_id = o.territory_id AND v.cell_id = o.hint_cell ORDER BY v.from_edition DESC LIMIT 1) h ON true
	WHERE o.territory_id = $1`

// Outside lists located objects that lie wholly or partly outside the territory,
// those farthest out first.
func Outside(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID) ([]Object, error) {
	return list(ctx, tx, selectObject+` AND o.outside_share > 0 ORDER BY o.outside_share DESC, o.kind, o.code`, territory)
}

// Unlocated lists the objects whose place is not known.
func Unlocated(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID) ([]Object, error) {
	return list(ctx, tx, selectObject+` AND o.geom IS NULL ORDER BY o.kind, o.code`, territory)
}

func list(ctx context.Context, tx pgx.Tx, sql string, args ...any) ([]Object, error) {
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Object])
}

// findings reads rows of (row, field, value, kind, severity, code, message in
// Chinese and in English, lon, lat).
func findings(ctx context.Context, tx pgx.Tx, check, sql string, args ...any) ([]grids.Finding, error) {
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (grids.Finding, error) {
		f := grids.Finding{Check: check}
		var said grids.Text
		err := row.Scan(&f.Row, &f.Field, &f.Value, &f.Kind, &f.Severity, &f.Code, &said.ZH, &said.EN, &f.Lon, &f.Lat)
		return f.Say(said), err
	})
}

// TakeTurn lets the changes of one territory's objects follow one another: it
// holds them until the transaction ends.
func TakeTurn(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID) error {
	_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtext('objects'), $1)`, territory)
	return err
}
