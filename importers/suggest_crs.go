package importers

import (
	"cmp"
	"context"
	_ "embed"
	"fmt"
	"math"
	"slices"

	"github.com/jackc/pgx/v5"

	"unigrid/geo/crs"
	"unigrid/grids/cells"
)

//go:embed suggest_crs.sql
var suggestSQL string

// placing is how well the spots agree with the territory under one system.
type placing struct {
	epsg     int
	swapped  bool
	order    int // of preference
	inRange  int // spots that can be coordinates of the system
	inside   int
	away, at float64 // kilometres from the territory's extent of those outside: mean, least
}

// suggestCRS lists the coordinate systems that the staged shapes may be in,
// best first, by where they would put them: into the territory or elsewhere.
// Without cells only the size of the numbers and the territory's own system
// speak. Systems that differ by less than the numbers tell are all listed.
func suggestCRS(ctx context.Context, tx pgx.Tx, t cells.Territory, batch int64) ([]CRSCandidate, error) {
	const most = 1000
	looked, err := spotsOf(ctx, tx, t, batch, most)
	if err != nil || looked.total == 0 {
		return nil, err
	}
	west, east, known, err := longitudes(ctx, tx, t)
	if err != nil {
		return nil, err
	}
	fits, err := fitsOf(ctx, tx, t, looked, systemsFor(t, west, east, known, looked))
	if err != nil {
		return nil, err
	}
	where := t.Name
	if !known {
		where = ""
	}
	return candidates(fits, where, looked, t), nil
}

// longitudes is the territory's extent, from its cells.
func longitudes(ctx context.Context, tx pgx.Tx, t cells.Territory) (west, east float64, known bool, err error) {
	var w, e *float64
	err = tx.QueryRow(ctx, `
		SELECT min(ST_XMin(geom)), max(ST_XMax(geom))
		FROM cells.of($1, (SELECT max(seq) FROM editions.edition WHERE territory_id = $1)) WHERE tier = 1`, t.ID).Scan(&w, &e)
	if err != nil || w == nil || e == nil {
		return 0, 0, false, err
	}
	return *w, *e, true, nil
}

// systemsFor lists what to try: the territory's own system, those at its
// longitudes, and the zones whose number stands in the eastings.
func systemsFor(t cells.Territory, west, east float64, known bool, looked spots) []int {
	list := []int{4490}
	if _, _, _, _, ok := crs.Range(t.EPSG); ok {
		list = append(list, t.EPSG)
	}
	if !known {
		if meridian, ok := crs.Meridian(t.EPSG); ok {
			west, east, known = meridian, meridian, true
		}
	}
	if known {
		list = append(list, crs.Near((west+east)/2)...)
		for lon := west; lon <= east; lon += 3 { // a province takes several zones
			list = append(list, crs.Near(lon)...)
		}
	} else {
		list = append(list, 4326, 3857, 4610, 4214)
	}
	for _, values := range [][]float64{looked.x, looked.y} {
		sorted := slices.Sorted(slices.Values(values))
		list = append(list, crs.OfNumber(sorted[len(sorted)/2])...)
	}
	seen := map[int]bool{}
	return slices.DeleteFunc(list, func(code int) bool {
		twin, _ := crs.Twin(code)
		again := seen[code] || seen[twin]
		seen[code] = true
		return again
	})
}

// fitsOf tries every system, as it is and with the axes exchanged, best first.
func fitsOf(ctx context.Context, tx pgx.Tx, t cells.Territory, looked spots, systems []int) ([]placing, error) {
	var tried []placing
	var epsg []int
	var swapped []bool
	var bounds [4][]float64
	for i, code := range systems {
		w, s, e, n, ok := crs.Range(code)
		if !ok {
			continue
		}
		for _, exchanged := range []bool{false, true} {
			tried = append(tried, placing{epsg: code, swapped: exchanged, order: i})
			epsg, swapped = append(epsg, code), append(swapped, exchanged)
			for k, v := range [4]float64{w, s, e, n} {
				bounds[k] = append(bounds[k], v)
			}
		}
	}
	rows, err := tx.Query(ctx, suggestSQL, t.ID, looked.x, looked.y, epsg, swapped, bounds[0], bounds[1], bounds[2], bounds[3])
	if err != nil {
		return nil, err
	}
	var found []placing
	var n, inRange, inside int
	var away, at float64
	_, err = pgx.ForEachRow(rows, []any{&n, &inRange, &inside, &away, &at}, func() error {
		f := tried[n-1]
		f.inRange, f.inside, f.away, f.at = inRange, inside, away, at
		found = append(found, f)
		return nil
	})
	slices.SortFunc(found, func(a, b placing) int {
		return cmp.Or(cmp.Compare(b.inside, a.inside), cmp.Compare(b.inRange, a.inRange), cmp.Compare(exchange(a), exchange(b)),
			cmp.Compare(math.Round(a.away), math.Round(b.away)), cmp.Compare(a.order, b.order))
	})
	return found, err
}

func exchange(f placing) int {
	if f.swapped {
		return 1
	}
	return 0
}

// candidates keeps what is not clearly worse than the best and says why each
// may be it. where is the territory's name, "" without an extent.
func candidates(fits []placing, where string, looked spots, t cells.Territory) []CRSCandidate {
	const offered = 12
	if len(fits) == 0 {
		return nil
	}
	best := fits[0]
	var kept []placing
	for _, f := range fits {
		worse := f.inside*2 < best.inside || f.inRange*2 < best.inRange ||
			best.inside == 0 && where != "" && f.away > best.away*1.5+1
		if !worse && (f.swapped == best.swapped || f.inside > best.inside) && len(kept) < offered {
			kept = append(kept, f)
		}
	}
	list := make([]CRSCandidate, 0, len(kept))
	for _, f := range kept {
		c := CRSCandidate{EPSG: f.epsg, Name: crs.Name(f.epsg), Swapped: f.swapped}
		c.WhyZh, c.Why = f.evidence(where, looked, t)
		for _, other := range kept {
			zh, en := f.besides(other)
			c.WhyZh, c.Why = c.WhyZh+zh, c.Why+en
		}
		if twin, ok := crs.Twin(f.epsg); ok {
			c.WhyZh += fmt.Sprintf(";与 EPSG:%d 完全相同", twin)
			c.Why += fmt.Sprintf("; the same as EPSG:%d", twin)
		}
		list = append(list, c)
	}
	return list
}

// evidence says in figures where the system puts the rows.
func (f placing) evidence(where string, looked spots, t cells.Territory) (zh, en string) {
	all := len(looked.row)
	rowsZh, rows := fmt.Sprintf("%d 行", all), fmt.Sprintf("%d rows", all)
	if !looked.whole() {
		rowsZh = fmt.Sprintf("抽查的 %d 行(共 %d 行)", all, looked.total)
		rows = fmt.Sprintf("%d rows looked at (of %d)", all, looked.total)
	}
	switch {
	case where == "":
		zh, en = fmt.Sprintf("%s的坐标大小与之相符(%d 行);辖区还没有网格,无法按位置判断", rowsZh, f.inRange),
			fmt.Sprintf("%d of %s have coordinates of this size; there are no cells yet to compare places with", f.inRange, rows)
		if f.epsg == t.EPSG {
			zh, en = zh+";与辖区的坐标系相同", en+"; it is the territory's own system"
		}
	case f.inside == all:
		zh, en = fmt.Sprintf("%s全部落在%s内", rowsZh, where), fmt.Sprintf("all %s fall into %s", rows, where)
	case f.inside > 0:
		zh, en = fmt.Sprintf("%s中 %d 行落在%s内", rowsZh, f.inside, where), fmt.Sprintf("%d of %s fall into %s", f.inside, rows, where)
		if f.away >= 1 {
			zh, en = zh+fmt.Sprintf(",其余平均在其范围外 %.0f 公里", f.away), en+fmt.Sprintf(", the others lie %.0f km outside its extent on average", f.away)
		}
	default:
		zh, en = fmt.Sprintf("%s没有一行落在%s内,最近的相距 %.0f 公里", rowsZh, where, f.at),
			fmt.Sprintf("none of %s falls into %s; the nearest is %.0f km away", rows, where, f.at)
	}
	if f.swapped {
		zh, en = zh+",但要把 X、Y 对调", en+", once x and y are exchanged"
	}
	return zh, en
}

// besides says where another system fits as well and how little that tells.
func (f placing) besides(other placing) (zh, en string) {
	a, _ := crs.DatumOf(f.epsg)
	b, _ := crs.DatumOf(other.epsg)
	same, ok := crs.OnDatum(f.epsg, b)
	if !ok || same != other.epsg || other.inside != f.inside {
		return "", ""
	}
	if crs.Inexact(f.epsg) == crs.Inexact(other.epsg) && !crs.Inexact(f.epsg) {
		return fmt.Sprintf(";%s(EPSG:%d)只差厘米", b, other.epsg), fmt.Sprintf("; %s (EPSG:%d) differs by centimetres", b, other.epsg)
	}
	return fmt.Sprintf(";仅凭坐标分不清 %s 与 %s(EPSG:%d),选错会偏几十米到一百多米", a, b, other.epsg),
		fmt.Sprintf("; the numbers can't tell %s from %s (EPSG:%d), and the wrong one is tens of metres to over a hundred off", a, b, other.epsg)
}
