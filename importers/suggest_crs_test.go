package importers

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"unigrid/geo/crs"
	"unigrid/grids/database/databasetest"
)

// Random places of China, each in every system that a file of them may be in:
// the right one is first, or among those that fit as well and are said to.
func TestSuggestedSystems(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	random := rand.New(rand.NewPCG(5, 3))
	first, among := 0, 0
	for range 8 {
		lon, lat := 75+59*random.Float64(), 19+33*random.Float64()
		inPlace(t, db, lon, lat, crs.Near(lon)[1], func(tx pgx.Tx, p place) error {
			for _, code := range crs.Near(lon) {
				if meridian, ok := crs.Meridian(code); ok && (meridian-lon > 4.5 || lon-meridian > 4.5) {
					continue // two zones away: nobody has that
				}
				if _, err := tx.Exec(t.Context(), `DELETE FROM staging.row WHERE territory_id = $1`, p.territory.ID); err != nil {
					return err
				}
				if err := p.scatter(t, tx, lon, lat, 0.2, 40, code); err != nil {
					return err
				}
				list, err := suggestCRS(t.Context(), tx, p.territory, p.batch)
				if err != nil {
					return err
				}
				twin, _ := crs.Twin(code)
				at := slices.IndexFunc(list, func(c CRSCandidate) bool { return (c.EPSG == code || c.EPSG == twin) && !c.Swapped })
				switch {
				case at < 0:
					t.Errorf("%.2f %.2f in EPSG:%d: not among %+v", lon, lat, code, list)
				case !strings.Contains(list[at].Why, "all 40 rows fall into 示例市"):
					t.Errorf("%.2f %.2f in EPSG:%d: %s", lon, lat, code, list[at].Why)
				case at == 0:
					first++
				default:
					among++
				}
			}
			return nil
		})
	}
	t.Logf("first %d times, among others that fit %d times", first, among)
	if first < 60 || among < 100 {
		t.Errorf("first %d times, among others that fit %d times", first, among)
	}
}

func TestSuggestion(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	cases := []struct {
		name      string
		lon, lat  float64 // of the territory; 0: no cells
		epsg      int     // of the rows
		change    string  // of the rows' geometry
		first     int
		swapped   bool
		why, also string
	}{
		{name: "degrees", lon: 113.1, lat: 27.8, epsg: 4490, first: 4490, why: "all 40 rows fall into 示例市", also: "WGS 84 (EPSG:4326) differs by centimetres"},
		{name: "zone without number", lon: 113.1, lat: 27.8, epsg: 4547, first: 4547, why: "all 40 rows", also: "can't tell CGCS2000 from Xian 1980 (EPSG:2383)"},
		{name: "zone with number", lon: 113.1, lat: 27.8, epsg: 4526, first: 4526, why: "all 40 rows"},
		{name: "Web Mercator", lon: 113.1, lat: 27.8, epsg: 3857, first: 3857, why: "all 40 rows"},
		{name: "survey order", lon: 113.1, lat: 27.8, epsg: 4547, change: "ST_FlipCoordinates(geom)", first: 4547, swapped: true, why: "once x and y are exchanged"},
		{name: "latitude first", lon: 113.1, lat: 27.8, epsg: 4490, change: "ST_FlipCoordinates(geom)", first: 4490, swapped: true, why: "once x and y are exchanged"},
		{name: "elsewhere", lon: 113.1, lat: 37.8, epsg: 4547, change: "ST_Translate(geom, 0, -1000000)", first: 4547, why: "none of 40 rows falls into 示例市; the nearest is"},
		{name: "one row at zero", lon: 113.1, lat: 27.8, epsg: 4547, change: "CASE WHEN row = 7 THEN ST_MakePoint(0, 0) ELSE geom END", first: 4547, why: "39 of 40 rows fall into"},
		{name: "no cells", epsg: 4547, first: 4547, why: "no cells yet", also: "the territory's own system"},
		{name: "no cells, zone number", epsg: 4526, first: 4526, why: "no cells yet"},
		{name: "nothing known", lon: 113.1, lat: 27.8, epsg: 4547, change: "ST_Translate(geom, 5e8, 0)", first: 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			inPlace(t, db, c.lon, c.lat, 4547, func(tx pgx.Tx, p place) error {
				lat := c.lat
				if c.lon == 0 {
					lat = 27.8
				}
				if err := p.scatter(t, tx, 113.1, lat, 0.2, 40, c.epsg); err != nil {
					return err
				}
				if c.change != "" {
					if _, err := tx.Exec(t.Context(), `UPDATE staging.row SET geom = `+c.change+` WHERE territory_id = $1`, p.territory.ID); err != nil {
						return err
					}
				}
				list, err := suggestCRS(t.Context(), tx, p.territory, p.batch)
				if err != nil || c.first == 0 {
					if len(list) > 0 {
						t.Errorf("%+v", list)
					}
					return err
				}
				if len(list) == 0 || list[0].EPSG != c.first || list[0].Swapped != c.swapped ||
					!strings.Contains(list[0].Why, c.why) || !strings.Contains(list[0].Why, c.also) || list[0].WhyZh == "" || list[0].Name == "" {
					t.Errorf("%+v", list)
				}
				return nil
			})
		})
	}
}

func TestNothingStagedSuggestsNothing(t *testing.T) {
	t.Parallel()
	inPlace(t, databasetest.New(t), 113.1, 27.8, 4547, func(tx pgx.Tx, p place) error {
		list, err := suggestCRS(t.Context(), tx, p.territory, p.batch)
		if len(list) > 0 {
			t.Errorf("%+v", list)
		}
		return err
	})
}
