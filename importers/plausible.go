package importers

import (
	"cmp"
	"context"
	_ "embed"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"unigrid/geo/crs"
	"unigrid/grids"
	"unigrid/grids/cells"
)

//go:embed plausible_outside.sql
var outsideSQL string

// Kinds of warnings about where a file's coordinates put its rows.
const (
	nullIsland    = "null-island"      // (0, 0) stands for no position
	sameOrdinates = "same-ordinates"   // longitude and latitude are one number
	otherUnit     = "other-unit"       // degrees among metres, or metres among degrees
	axesSwapped   = "axes-swapped"     // fits with x and y exchanged
	zonePrefix    = "zone-prefix"      // the zone's number is missing in the easting, or one too many
	otherMeridian = "central-meridian" // fits with the zone beside
	otherSystem   = "other-crs"        // fits with another system
	farOutside    = "far-outside"      // lies kilometres outside the territory
	inexactShift  = "inexact-shift"    // the datum has no public exact shift
	gcjSuspected  = "gcj02-suspected"  // fits once shifted back from GCJ-02
	bdSuspected   = "bd09-suspected"   // fits once shifted back from BD-09
	otherDatum    = "datum-suspected"  // fits on another datum
	otherScale    = "gk-utm-suspected" // fits as UTM instead of Gauss-Krüger, or the reverse
	mostPerKind   = 100                // rows that are named for one kind; the rest is counted
	mostLookedAt  = 50_000             // rows whose place is looked at
)

// plausible looks at where a known coordinate system puts the staged rows and
// warns, with the evidence, where another reading puts them better: axes
// exchanged, a zone number missing or too many, the meridian beside, another
// datum, GCJ-02 (火星坐标) or BD-09; and of rows at (0, 0), of degrees among
// metres, and of rows far outside the territory. Nothing is changed. Warnings
// without a row are about the file.
func plausible(ctx context.Context, tx pgx.Tx, t cells.Territory, batch int64, epsg int) ([]grids.Finding, error) {
	looked, err := spotsOf(ctx, tx, t, batch, mostLookedAt)
	if err != nil || looked.total == 0 {
		return nil, err
	}
	var known, degrees bool
	if err := tx.QueryRow(ctx, `SELECT count(*) > 0, coalesce(bool_or(proj4text LIKE '%+proj=longlat%'), false) FROM spatial_ref_sys WHERE srid = $1`, epsg).Scan(&known, &degrees); err != nil || !known {
		return nil, err
	}
	findings, sound := byNumbers(looked, epsg, degrees)
	if len(sound.row) == 0 {
		return findings, nil
	}
	if crs.Inexact(epsg) {
		f, err := inexact(ctx, tx, sound, epsg)
		if err != nil {
			return nil, err
		}
		findings = append(findings, f)
	}
	west, east, placed, err := longitudes(ctx, tx, t)
	if err != nil || !placed {
		return findings, err
	}
	sample := sound.thin(1000)
	fits, err := fitsOf(ctx, tx, t, sample, append([]int{epsg}, systemsFor(t, west, east, true, sample)...))
	if err != nil {
		return nil, err
	}
	if f, found := otherReading(fits, epsg, sample, t.Name); found {
		return append(findings, f), nil // where its rows lie means nothing then
	}
	within := sound.inRange(epsg, degrees)
	outside, err := outsiders(ctx, tx, t, within, epsg)
	if err != nil {
		return nil, err
	}
	findings = append(findings, outside...)
	shifted, err := shifts(ctx, tx, t, batch, within.thin(1000), epsg)
	return append(findings, shifted...), err
}

// byNumbers finds what the numbers alone show, row by row, and gives the spots
// that remain to be placed.
func byNumbers(looked spots, epsg int, degrees bool) ([]grids.Finding, spots) {
	sound := spots{total: looked.total}
	found := map[string][]grids.Finding{}
	for i, row := range looked.row {
		x, y := looked.x[i], looked.y[i]
		var kind string
		var why grids.Text
		small := math.Abs(x) <= 180 && math.Abs(y) <= 180
		switch {
		case x == 0 && y == 0:
			kind, why = nullIsland, grids.Text{ZH: "坐标为 (0, 0),等于没有位置", EN: "the position is (0, 0), which stands for none"}
		case degrees && !small:
			kind, why = otherUnit, grids.Textf("文件以度为单位(EPSG:%d),本行却以米为单位", "the file is in degrees (EPSG:%d), and this row is in metres", epsg)
		case !degrees && small:
			kind, why = otherUnit, grids.Textf("文件以米为单位(EPSG:%d),本行却以度为单位", "the file is in metres (EPSG:%d), and this row is in degrees", epsg)
		case degrees && x == y:
			kind, why = sameOrdinates, grids.Text{ZH: "经度与纬度相同", EN: "longitude and latitude are the same number"}
		default:
			sound.row, sound.x, sound.y = append(sound.row, row), append(sound.x, x), append(sound.y, y)
			continue
		}
		found[kind] = append(found[kind], grids.Finding{Kind: kind, Row: row, Value: fmt.Sprintf("%v, %v", x, y)}.Say(why))
	}
	var findings []grids.Finding
	for _, kind := range []string{otherUnit, nullIsland, sameOrdinates} {
		list := found[kind]
		if kind == otherUnit && len(list) > 0 && len(list)*2 > len(looked.row) {
			unit, other := grids.Text{ZH: "米", EN: "metres"}, grids.Text{ZH: "度", EN: "degrees"}
			if degrees {
				unit, other = other, unit
			}
			findings = append(findings, warn(kind, "%[2]d 行中有 %[1]d 行不像 EPSG:%[4]d 那样以%[3]s为单位,而以%[5]s为单位(如第 %[6]d 行:%[7]s);请另选坐标系", "%d of %d rows are not in %s, as EPSG:%d is, but in %s (such as row %d: %s); name another coordinate system",
				len(list), len(looked.row), unit, epsg, other, list[0].Row, list[0].Value))
			continue
		}
		findings = append(findings, named(list, len(looked.row))...)
	}
	return findings, sound
}

// warn is a warning about the file.
func warn(kind, zh, en string, args ...any) grids.Finding {
	return grids.Finding{Check: "import", Kind: kind, Severity: grids.SeverityWarning}.Say(grids.Textf(zh, en, args...))
}

// named makes warnings of rows, and one for the file where there are more than
// a person looks at.
func named(list []grids.Finding, all int) []grids.Finding {
	for i := range list {
		list[i].Check, list[i].Severity = "import", grids.SeverityWarning
	}
	if len(list) <= mostPerKind {
		return list
	}
	more := warn(list[0].Kind, "%[2]d 行中有 %[1]d 行:%[3]s;只列出前 %[4]d 行", "%d of %d rows: %s; the first %d are listed", len(list), all, list[0].Said(), mostPerKind)
	return append([]grids.Finding{more}, list[:mostPerKind]...)
}

// thin keeps at most about most spots, evenly.
func (s spots) thin(most int) spots {
	step := max(1, (len(s.row)+most-1)/most)
	kept := spots{total: s.total}
	for i := 0; i < len(s.row); i += step {
		kept.row, kept.x, kept.y = append(kept.row, s.row[i]), append(kept.x, s.x[i]), append(kept.y, s.y[i])
	}
	return kept
}

// inRange keeps the spots that PROJ can transform.
func (s spots) inRange(epsg int, degrees bool) spots {
	w, south, e, n, ok := crs.Range(epsg)
	switch {
	case degrees:
		w, south, e, n = -180, -90, 180, 90
	case !ok:
		w, south, e, n = -5e7, -2e7, 5e7, 2e7
	default: // a neighbour's zone on either side
		w, south, e, n = w-6e5, south-1e6, e+6e5, n+2e6
	}
	kept := spots{total: s.total}
	for i, x := range s.x {
		if y := s.y[i]; x >= w && x <= e && y >= south && y <= n {
			kept.row, kept.x, kept.y = append(kept.row, s.row[i]), append(kept.x, x), append(kept.y, y)
		}
	}
	return kept
}

// inexact warns of a datum without a public exact shift, with the metres by
// which PROJ shifts these rows' datum: often none at all.
func inexact(ctx context.Context, tx pgx.Tx, s spots, epsg int) (grids.Finding, error) {
	datum, _ := crs.DatumOf(epsg)
	degrees, _ := crs.Geographic(epsg)
	within := s.inRange(epsg, degrees)
	shift := grids.Text{}
	if geographic, ok := crs.Base(epsg); ok && len(within.row) > 0 {
		var metres float64
		middle := len(within.row) / 2
		if err := tx.QueryRow(ctx, `
			SELECT ST_DistanceSphere(ST_SetSRID(ST_Transform(p, $4::int), 4326), ST_Transform(p, 4326))
			FROM ST_SetSRID(ST_MakePoint($1, $2), $3::int) AS p`, within.x[middle], within.y[middle], epsg, geographic).Scan(&metres); err != nil {
			return grids.Finding{}, err
		}
		shift = grids.Textf("(此处按 %.0f 米改正)", "; here it is shifted by %.0f m", metres)
		if metres < 0.5 {
			shift = grids.Text{ZH: "(此处未作改正)", EN: "; here it is taken for CGCS2000 without a shift"}
		}
	}
	return warn(inexactShift, "%s(EPSG:%d)没有公开的精确转换参数可转到 CGCS2000%s,位置可能偏几十米到一百多米;请向测绘部门索取 CGCS2000 的数据",
		"%s (EPSG:%d) has no public exact shift to CGCS2000%s, so positions may be off by tens of metres, up to over a hundred. Ask the survey office for the data in CGCS2000",
		datumName(datum), epsg, shift), nil
}

// datumName names a datum for people.
func datumName(datum string) grids.Text {
	chinese := map[string]string{"Xian 1980": "1980 西安坐标系", "Beijing 1954": "1954 北京坐标系"}
	return grids.Text{ZH: cmp.Or(chinese[datum], datum), EN: datum}
}

// otherReading finds a system, or the order of axes, under which clearly more
// rows fall into the territory.
func otherReading(fits []placing, epsg int, looked spots, where string) (grids.Finding, bool) {
	all := len(looked.row)
	own := placing{epsg: epsg}
	if i := slices.IndexFunc(fits, func(f placing) bool { return f.epsg == epsg && !f.swapped }); i >= 0 {
		own = fits[i]
	}
	if len(fits) == 0 || fits[0].inside*10 < all*6 || own.inside*2 > fits[0].inside {
		return grids.Finding{}, false
	}
	best := fits[0]
	datum, _ := crs.DatumOf(epsg)
	for _, f := range fits { // what differs least from what the file says
		if d, _ := crs.DatumOf(f.epsg); f.inside == best.inside && (f.epsg == epsg || d == datum && best.epsg != epsg && kindOf(f, epsg) != otherSystem) {
			best = f
			break
		}
	}
	kind := kindOf(best, epsg)
	what := map[string]grids.Text{
		axesSwapped:   {ZH: "X、Y 似乎颠倒", EN: "x and y look exchanged"},
		zonePrefix:    {ZH: "横坐标似乎少了或多了带号", EN: "the zone number in the eastings is missing or one too many"},
		otherMeridian: {ZH: "中央经线似乎不对", EN: "the central meridian looks wrong"},
		otherSystem:   {ZH: "坐标系似乎不对", EN: "the coordinate system looks wrong"},
	}[kind]
	better := grids.Textf("按 EPSG:%d(%s)", "as EPSG:%d (%s)", best.epsg, crs.Name(best.epsg))
	if best.swapped {
		if better = better.And(grids.Text{ZH: "并对调 X、Y 后", EN: " with x and y exchanged"}); best.epsg == epsg {
			better = grids.Text{ZH: "对调 X、Y 后", EN: "with x and y exchanged"}
		}
	}
	remedy := grids.Text{}
	if best.swapped {
		remedy = grids.Text{ZH: ";请选“对调 x 和 y”(命令行 --swap-axes),已对调的请取消", EN: "; exchange them (--swap-axes, in the client \"Exchange x and y\"), or take that back where it was said"}
	}
	f := warn(kind, "%[1]s:按 EPSG:%[5]d 只有 %[2]d 行(共 %[3]d 行)落在%[4]s内,%[7]s则有 %[6]d 行%[8]s", "%s: %d of %d rows fall into %s as EPSG:%d, %d %s%s",
		what, own.inside, all, where, epsg, best.inside, better, remedy)
	f.Value = fmt.Sprintf("EPSG:%d", best.epsg)
	return f, true
}

// kindOf says how a better reading differs from the system that was given.
func kindOf(f placing, epsg int) string {
	a, okA := crs.Meridian(epsg)
	b, okB := crs.Meridian(f.epsg)
	datum, _ := crs.DatumOf(epsg)
	other, _ := crs.DatumOf(f.epsg)
	plane := okA && okB && datum == other
	switch {
	case f.swapped:
		return axesSwapped
	case plane && a == b && f.epsg != epsg:
		return zonePrefix
	case plane && numbered(epsg) != numbered(f.epsg):
		return zonePrefix
	case plane:
		return otherMeridian
	}
	return otherSystem
}

// numbered says whether a system's eastings begin with the zone's number.
func numbered(epsg int) bool {
	west, _, _, _, _ := crs.Range(epsg)
	return west > 1e6
}

// outsiders names the rows that lie far outside the territory.
func outsiders(ctx context.Context, tx pgx.Tx, t cells.Territory, s spots, epsg int) ([]grids.Finding, error) {
	const far = 2 // kilometres
	rows, err := tx.Query(ctx, outsideSQL, t.ID, s.row, s.x, s.y, epsg, far)
	if err != nil {
		return nil, err
	}
	var list []grids.Finding
	var farthest float64
	var first []string
	var row int
	var lon, lat, km float64
	if _, err := pgx.ForEachRow(rows, []any{&row, &lon, &lat, &km}, func() error {
		farthest = max(farthest, km)
		if len(first) < 5 {
			first = append(first, fmt.Sprint(row))
		}
		if len(list) < mostPerKind {
			x, y := lon, lat
			list = append(list, grids.Finding{Check: "import", Kind: farOutside, Severity: grids.SeverityWarning, Row: row, Lon: &x, Lat: &y}.
				Say(grids.Textf("在%[2]s之外 %.0[1]f 公里", "lies %.0[1]f km outside %[2]s", km, t.Name)))
			return nil
		}
		return nil
	}); err != nil || len(list) == 0 {
		return nil, err
	}
	count := int(rows.CommandTag().RowsAffected())
	looked := grids.Textf("%d 行", "%d rows", len(s.row))
	if !s.whole() {
		looked = grids.Textf("抽查的 %d 行(共 %d 行)", "%d rows looked at (of %d)", len(s.row), s.total)
	}
	all := warn(farOutside, "%[2]s中有 %[1]d 行在%[4]s之外 %[3]d 公里以上,最远 %.0[5]f 公里(最先几行:%[6]s)",
		"%d of %s lie more than %d km outside %s, up to %.0f km (first rows %s)", count, looked, far, t.Name, farthest, strings.Join(first, ", "))
	return append([]grids.Finding{all}, list...), nil
}
