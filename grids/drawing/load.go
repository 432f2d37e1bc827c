package drawing

import (
	"context"
	_ "embed"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/ewkb"

	"unigrid/geo/draw"
	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/database"
	"unigrid/grids/objects"
)

// Area is the load that counts square metres.
const Area = "area"

// LoadShare is one part of the load that cells share equally. Name is area, a
// kind of object but river reaches (its kind or collection in grids.ObjectKinds),
// each counting once, or KIND.ATTRIBUTE, a numeric attribute of that kind. With
// Points, their weights count, whatever the name. Share says how much the part
// counts relative to the others.
type LoadShare struct {
	Name   string
	Share  float64
	Points []draw.WeightedPoint
}

// known is what a request needs of the database.
type known struct {
	children []cells.Cell          // below the parent in the draft
	kept     []cells.Cell          // those to stay, or to come back, as they are
	open     []cells.Cell          // cells to begin from in the rest of the parent
	parents  map[grids.CellID]bool // those of children and atoms that have children
	atoms    []cells.Cell
	rest     orb.MultiPolygon // the parent without what is kept
	load     draw.Load
	rivers   []orb.LineString
	// used are the codes that cells a tier or two below the parent ever had, and
	// whose they are.
	used, usedBelow map[grids.Code]grids.CellID
}

// wantsReading tells whether a request can't be made without the database.
func (r *Request) wantsReading() bool {
	return r.Rivers || r.Atoms != 0 || r.Replace || r.Edition != 0 || len(r.Lock) > 0 ||
		slices.ContainsFunc(r.Load, func(l LoadShare) bool { return len(l.Points) > 0 || l.Name != Area })
}

// Prepare reads what a draw of a parent in a draft needs: codes that were ever
// used, loads, barriers, atoms, and the cells that are there.
func Prepare(ctx context.Context, tx pgx.Tx, t cells.Territory, edition grids.EditionID, parent cells.Cell, r Request) (Request, error) {
	k := &known{rest: parent.Geom, parents: map[grids.CellID]bool{}}
	r.known = k
	if int(parent.Tier) >= len(t.Scheme.Lengths) {
		return r, nil // Make refuses it
	}
	var err error
	if k.used, err = usedCodes(ctx, tx, t, parent, parent.Tier+1); err != nil {
		return r, err
	}
	if err := k.readChildren(ctx, tx, t, edition, parent, r); err != nil {
		return r, err
	}
	if err := k.readAtoms(ctx, tx, t, edition, parent, r.Atoms); err != nil {
		return r, err
	}
	if k.load, err = readLoad(ctx, tx, t, k.rest, r.Load); err != nil {
		return r, err
	}
	if r.Rivers {
		k.rivers, err = readRivers(ctx, tx, t, k.rest)
	}
	return r, err
}

// usedCodes gives the codes that cells of a tier below a parent ever had, and
// whose they are.
func usedCodes(ctx context.Context, tx pgx.Tx, t cells.Territory, parent cells.Cell, tier grids.Tier) (map[grids.Code]grids.CellID, error) {
	rows, err := tx.Query(ctx, `SELECT DISTINCT code, cell_id FROM cells.version WHERE territory_id = $1 AND tier = $2 AND code LIKE $3 || '%'`,
		t.ID, tier, t.Scheme.Significant(parent.Code, parent.Tier))
	if err != nil {
		return nil, err
	}
	used := map[grids.Code]grids.CellID{}
	var code grids.Code
	var id grids.CellID
	_, err = pgx.ForEachRow(rows, []any{&code, &id}, func() error {
		used[code] = id
		return nil
	})
	return used, err
}

//go:embed load_points.sql
var loadPointsSQL string

// readLoad mixes the parts of a load: each part's points are scaled so that
// together they weigh its share.
func readLoad(ctx context.Context, tx pgx.Tx, t cells.Territory, area orb.MultiPolygon, parts []LoadShare) (draw.Load, error) {
	total := 0.0
	for _, p := range parts {
		if !(p.Share >= 0) {
			return draw.Load{}, grids.Errorf(grids.Invalid, "load", "负荷 %s 的权重 %v 无效", "load %s has the share %v", p.Name, p.Share)
		}
		total += p.Share
	}
	if total == 0 {
		if len(parts) > 0 {
			return draw.Load{}, grids.Errorf(grids.Invalid, "load", "各项负荷的权重之和为零", "the shares of the load add up to nothing")
		}
		return draw.Load{}, nil
	}
	var load draw.Load
	geom, err := database.Geometry(area)
	if err != nil {
		return load, err
	}
	for _, p := range parts {
		if p.Share == 0 {
			continue
		}
		if p.Name == Area && len(p.Points) == 0 {
			load.AreaShare += p.Share / total
			continue
		}
		points := p.Points
		if len(points) == 0 {
			if points, err = readPoints(ctx, tx, t, geom, p.Name); err != nil {
				return load, err
			}
		}
		sum := 0.0
		for _, w := range points {
			sum += w.Weight
		}
		if sum == 0 {
			return load, grids.Errorf(grids.Invalid, "load", "范围内没有负荷 %s", "there is nothing of the load %s inside", p.Name).
				Fix("改用 area,或先导入对象", "use area, or import the objects first")
		}
		for _, w := range points {
			load.Points = append(load.Points, draw.WeightedPoint{At: w.At, Weight: w.Weight / sum * p.Share / total})
		}
	}
	if len(load.Points) == 0 {
		load.AreaShare = 0 // area alone
	}
	return load, nil
}

func readPoints(ctx context.Context, tx pgx.Tx, t cells.Territory, area []byte, name string) ([]draw.WeightedPoint, error) {
	of, attribute, _ := strings.Cut(name, ".")
	kinds := grids.ObjectKinds()
	i := slices.IndexFunc(kinds, func(k grids.ObjectKind) bool { return of == k.Kind || of == k.Collection })
	if i < 0 || kinds[i].Kind == string(objects.RiverReach) { // a line weighs on no place
		return nil, grids.Errorf(grids.Invalid, "load", "未知的负荷 %q", "unknown load %q", name).
			Fix("用 area、enterprises、monitors、water-sources、KIND.ATTRIBUTE,或 --load-points 中的列", "use area, enterprises, monitors, water-sources, KIND.ATTRIBUTE, or a column of --load-points")
	}
	rows, err := tx.Query(ctx, loadPointsSQL, t.ID, kinds[i].Kind, attribute, area)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (draw.WeightedPoint, error) {
		var w draw.WeightedPoint
		err := row.Scan(&w.At[0], &w.At[1], &w.Weight)
		return w, err
	})
}

// readRivers gives the river reaches that run through an area, each line of one
// by itself.
func readRivers(ctx context.Context, tx pgx.Tx, t cells.Territory, area orb.MultiPolygon) ([]orb.LineString, error) {
	geom, err := database.Geometry(area)
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, `
		SELECT ST_AsEWKB(d.geom) FROM objects.object o, ST_Dump(o.geom) d
		WHERE o.territory_id = $1 AND o.kind = 'river-reach' AND ST_Intersects(o.geom, $2::geometry) AND ST_Dimension(d.geom) = 1
		ORDER BY o.code, d.path`, t.ID, geom)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (orb.LineString, error) {
		var line orb.LineString
		err := row.Scan(ewkb.Scanner(&line))
		return line, err
	})
}
