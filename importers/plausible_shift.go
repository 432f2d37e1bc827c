package importers

import (
	"context"
	_ "embed"

	"github.com/jackc/pgx/v5"

	"unigrid/geo/crs"
	"unigrid/grids"
	"unigrid/grids/cells"
)

//go:embed plausible_edges.sql
var edgesSQL string

// hypothesis is a reading of the file's coordinates: as they are (the first),
// shifted back from GCJ-02 or BD-09, or as another system a few hundred metres
// off.
type hypothesis struct {
	kind string
	name grids.Text
	epsg int
	back func(lon, lat float64) (float64, float64) // nil: none
}

// hypotheses lists what a file in a system may be in truth.
func hypotheses(epsg int) []hypothesis {
	list := []hypothesis{
		{epsg: epsg},
		{kind: gcjSuspected, name: grids.Text{ZH: "GCJ-02(火星坐标)", EN: "GCJ-02"}, epsg: epsg, back: crs.GCJToWGS},
		{kind: bdSuspected, name: grids.Text{ZH: "BD-09(百度坐标)", EN: "BD-09"}, epsg: epsg, back: func(lon, lat float64) (float64, float64) { return crs.GCJToWGS(crs.BDToGCJ(lon, lat)) }},
	}
	for _, datum := range []string{"CGCS2000", "Xian 1980", "Beijing 1954"} {
		if code, ok := crs.OnDatum(epsg, datum); ok {
			list = append(list, hypothesis{kind: otherDatum, name: grids.Textf("%s(EPSG:%d)", "%s (EPSG:%d)", datumName(datum), code), epsg: code})
		}
	}
	if meridian, ok := crs.Meridian(epsg); ok && !numbered(epsg) {
		for _, code := range crs.Near(meridian) {
			if m, ok := crs.Meridian(code); ok && m == meridian && !numbered(code) && isUTM(code) != isUTM(epsg) && !crs.Inexact(code) {
				list = append(list, hypothesis{kind: otherScale, name: grids.Textf("%s(EPSG:%d)", "%s (EPSG:%d)", crs.Name(code), code), epsg: code})
			}
		}
	}
	return list
}

func isUTM(epsg int) bool { return epsg > 32600 && epsg <= 32760 }

// placed are spots in degrees under each hypothesis.
type placed struct {
	h, row   []int
	lon, lat []float64
}

// place transforms spots by every hypothesis.
func (s spots) place(ctx context.Context, tx pgx.Tx, list []hypothesis) (placed, error) {
	var p placed
	epsg := make([]int, len(list))
	for i, h := range list {
		epsg[i] = h.epsg
	}
	rows, err := tx.Query(ctx, `
		SELECT (h - 1)::int, row, ST_X(p), ST_Y(p)
		FROM unnest($1::int[]) WITH ORDINALITY AS e (epsg, h), unnest($2::int[], $3::float8[], $4::float8[]) AS s (row, x, y),
		     ST_Transform(ST_SetSRID(ST_MakePoint(x, y), epsg), 4326) AS p`, epsg, s.row, s.x, s.y)
	if err != nil {
		return p, err
	}
	var h, row int
	var lon, lat float64
	_, err = pgx.ForEachRow(rows, []any{&h, &row, &lon, &lat}, func() error {
		if list[h].back != nil {
			lon, lat = list[h].back(lon, lat)
		}
		p.h, p.row, p.lon, p.lat = append(p.h, h), append(p.row, row), append(p.lon, lon), append(p.lat, lat)
		return nil
	})
	return p, err
}

// shifts suspects GCJ-02, BD-09, another datum, or UTM for Gauss-Krüger where
// clearly more rows lie in the cells that they name, or more corners on
// boundaries of cells, or fewer rows outside the territory, once read so.
func shifts(ctx context.Context, tx pgx.Tx, t cells.Territory, batch int64, s spots, epsg int) ([]grids.Finding, error) {
	if len(s.row) == 0 {
		return nil, nil
	}
	list := hypotheses(epsg)
	middles, err := s.place(ctx, tx, list)
	if err != nil {
		return nil, err
	}
	n, err := namingOf(ctx, tx, t, batch, s.row)
	if err != nil {
		return nil, err
	}
	all := 0
	if n.field != "" {
		var hits []int
		if all, hits, err = n.inNamed(ctx, tx, t, middles, len(list)); err != nil {
			return nil, err
		}
		// A fifth more of the rows, and most of them, in the cells they name.
		if best, ok := bestOf(hits, func(best int) bool { return (best-hits[0])*5 >= all && best*10 >= all*6 }); ok {
			f := warn(list[best].kind, "%s:只有 %d 行(共 %d 行)在所写的网格内,按 %[5]s 则有 %[4]d 行", "%s: %d of %d rows lie in the cell that they name, %d once read as %s", suspicion(list[best]), hits[0], all, hits[best], list[best].name)
			f.Field = n.field
			return []grids.Finding{f}, nil
		}
		if hits[0]*10 >= all*9 {
			return nil, nil // names settle it
		}
	}
	if f, found, err := onEdges(ctx, tx, t, batch, list); err != nil || found {
		return f, err
	}
	if all > 0 {
		return nil, nil
	}
	return inTerritory(ctx, tx, t, list, middles, len(s.row))
}

func bestOf(hits []int, enough func(best int) bool) (int, bool) {
	best := 0
	for h, k := range hits {
		if k > hits[best] {
			best = h
		}
	}
	return best, best > 0 && enough(hits[best])
}

func suspicion(h hypothesis) grids.Text {
	if h.back != nil {
		return grids.Textf("坐标像是 %s,在此地偏几百米", "the coordinates look like %s, which is hundreds of metres off here", h.name)
	}
	return grids.Textf("坐标像是 %s", "the coordinates look like %s", h.name)
}

// onEdges compares corners of lines and polygons with the boundaries of cells.
func onEdges(ctx context.Context, tx pgx.Tx, t cells.Territory, batch int64, list []hypothesis) ([]grids.Finding, bool, error) {
	corners := spots{}
	rows, err := tx.Query(ctx, `
		WITH shape AS MATERIALIZED (
		  SELECT row, geom FROM staging.row
		  WHERE territory_id = $1 AND batch = $2 AND ST_Dimension(geom) > 0 AND ST_NPoints(geom) < 20000
		  ORDER BY hashint4(row) LIMIT 100
		), corner AS (
		  SELECT s.row, d.geom AS p, row_number() OVER (PARTITION BY s.row ORDER BY hashfloat8(ST_X(d.geom))) AS n FROM shape s, ST_DumpPoints(s.geom) d
		)
		SELECT row, ST_X(p), ST_Y(p) FROM corner WHERE n <= 400 / (SELECT count(*) FROM shape)`, t.ID, batch)
	if err != nil {
		return nil, false, err
	}
	var row int
	var x, y float64
	if _, err := pgx.ForEachRow(rows, []any{&row, &x, &y}, func() error {
		corners.row, corners.x, corners.y = append(corners.row, row), append(corners.x, x), append(corners.y, y)
		return nil
	}); err != nil {
		return nil, false, err
	}
	degrees, _ := crs.Geographic(list[0].epsg)
	corners = corners.inRange(list[0].epsg, degrees)
	if len(corners.row) == 0 {
		return nil, false, nil
	}
	on, err := corners.place(ctx, tx, list)
	if err != nil {
		return nil, false, err
	}
	hits, spread := make([]int, len(list)), make([]float64, len(list))
	if rows, err = tx.Query(ctx, edgesSQL, t.ID, on.h, on.lon, on.lat); err != nil {
		return nil, false, err
	}
	var h, k int
	var wide float64
	if _, err := pgx.ForEachRow(rows, []any{&h, &k, &wide}, func() error { hits[h], spread[h] = k, wide; return nil }); err != nil {
		return nil, false, err
	}
	// A quarter of the corners, four times as many as before, and not all in one
	// place: a small shape lies along some boundary by chance.
	best, ok := bestOf(hits, func(best int) bool { return best >= 20 && best*4 >= len(corners.row) && hits[0]*4 <= best })
	ok = ok && spread[best] > 0.02
	if !ok {
		return nil, false, nil
	}
	return []grids.Finding{warn(list[best].kind, "%s:只有 %d 个拐点(共 %d 个)距网格界线在 10 米以内,按 %[5]s 则有 %[4]d 个",
		"%s: %d of %d corners lie within 10 m of a cell's boundary, %d once read as %s",
		suspicion(list[best]), hits[0], len(corners.row), hits[best], list[best].name)}, true, nil
}

// inTerritory compares how many rows fall outside the territory.
func inTerritory(ctx context.Context, tx pgx.Tx, t cells.Territory, list []hypothesis, p placed, all int) ([]grids.Finding, error) {
	hits := make([]int, len(list))
	rows, err := tx.Query(ctx, `
		SELECT s.h, count(*)::int FROM unnest($2::int[], $3::float8[], $4::float8[]) AS s (h, lon, lat),
		  cells.of($1, (SELECT max(seq) FROM editions.edition WHERE territory_id = $1)) v
		WHERE v.tier = 1 AND ST_Intersects(v.geom, ST_SetSRID(ST_MakePoint(s.lon, s.lat), 4326))
		GROUP BY s.h`, t.ID, p.h, p.lon, p.lat)
	if err != nil {
		return nil, err
	}
	var h, k int
	if _, err := pgx.ForEachRow(rows, []any{&h, &k}, func() error { hits[h] = k; return nil }); err != nil {
		return nil, err
	}
	out := all - hits[0]
	best, ok := bestOf(hits, func(best int) bool { return out >= 5 && out*50 >= all && (all-best)*4 <= out })
	if !ok {
		return nil, nil
	}
	return []grids.Finding{warn(list[best].kind, "%s:%[3]d 行中有 %[2]d 行在%[4]s之外,按 %[6]s 则为 %[5]d 行",
		"%s: %d of %d rows lie outside %s, %d once read as %s",
		suspicion(list[best]), out, all, t.Name, all-hits[best], list[best].name)}, nil
}
