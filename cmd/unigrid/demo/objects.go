package demo

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"

	"github.com/paulmach/orb"

	"unigrid/geo"
	"unigrid/grids"
)

const (
	enterpriseCount   = 600
	unlocatedCount    = 12
	outsideCount      = 2
	airMonitors       = 30
	outletMonitors    = 9
	seatReachMetres   = 5000  // mean distance of firms from a county's seat
	reachMetres       = 12000 // length of a river reach
	sectionMetres     = 15000 // between monitored river sections
	firstZoneMetres   = 300   // radius of a first-class protection zone
	secondZoneMetres  = 1500  // of a second-class one
	waterSourcesApart = 25000
)

// near is a random place round a seat, inside the territory.
func (w *world) near(at orb.Point, r *rand.Rand) orb.Point {
	for {
		distance, angle := r.ExpFloat64()*seatReachMetres, r.Float64()*2*math.Pi
		if p := moved(at, distance*math.Cos(angle), distance*math.Sin(angle)); w.outline.holds(p, 20) {
			return p
		}
	}
}

// enterprises writes enterprises.csv: firms round the seats, a dozen without
// coordinates (one naming a village name that occurs twice), two outside.
func (o *output) enterprises(w *world) error {
	r := stream(w.seed, "enterprises")
	industries := []string{"化学原料制造", "金属冶炼", "机械加工", "陶瓷制品", "食品加工", "仓储物流", "污水处理", "汽车维修"}
	risks := []string{"一般", "一般", "一般", "较大", "重大"}
	located := []string{"导入", "地址", "手工", "卫星定位"}
	rows := [][]string{{"统一社会信用代码", "单位名称", "行业", "风险等级", "状态", "地址", "经度", "纬度", "村社区", "定位方式"}}
	names := map[string]int{}
	for _, v := range w.villages {
		names[v.Name]++
	}
	total := 0
	for _, s := range w.seats {
		total += s.villages
	}
	for n := 1; n <= enterpriseCount; n++ {
		pick := r.IntN(total)
		at := w.seats[0].at
		for _, s := range w.seats {
			if pick < s.villages {
				at = s.at
				break
			}
			pick -= s.villages
		}
		place := w.near(at, r)
		row := []string{fmt.Sprintf("DEMO-ENT-%04d", n), fmt.Sprintf("示例企业 %04d 号", n), industries[r.IntN(len(industries))], risks[r.IntN(len(risks))],
			"在产", fmt.Sprintf("示例路 %d 号", n), degrees(place[0]), degrees(place[1]), "", located[r.IntN(len(located))]}
		switch {
		case n <= unlocatedCount:
			row[6], row[7], row[9] = "", "", ""
			if n > 2 {
				row[8] = w.villageName(names, 1, n)
			} else if n == 2 {
				row[8] = w.villageName(names, 2, n)
			}
		case n <= unlocatedCount+outsideCount:
			out := w.beyond(n)
			row[6], row[7] = degrees(out[0]), degrees(out[1])
		}
		rows = append(rows, row)
	}
	o.add(File{Name: "enterprises.csv", As: "enterprises", Encoding: "UTF-8", Rows: enterpriseCount,
		About: grids.Text{ZH: "企业,少数无坐标,两家在市域外", EN: "firms; a few without coordinates, two outside the city"}})
	text, err := csvText(rows)
	if err != nil {
		return err
	}
	return o.write("enterprises.csv", []byte("\ufeff"+text))
}

// villageName is the n-th name, round the list, that so many villages bear.
func (w *world) villageName(names map[string]int, bearers, n int) string {
	var list []string
	for _, v := range w.villages {
		if names[v.Name] == bearers {
			list = append(list, v.Name)
		}
	}
	if len(list) == 0 {
		return ""
	}
	return list[(n*37)%len(list)]
}

// beyond is a place outside the territory, east of it.
func (w *world) beyond(n int) orb.Point {
	corner := w.outline.box.Max.Orb()
	return moved(corner, 2000+100*float64(n), -3000)
}

type monitorProperties struct {
	Code     string `json:"编码"`
	Name     string `json:"名称"`
	Category string `json:"类别"`
	Factors  string `json:"因子"`
}

// monitors writes monitors.geojson: air round the seats, sections of rivers,
// outlets, and one on a vertex that villages share.
func (o *output) monitors(w *world) error {
	r := stream(w.seed, "monitors")
	var list []feature
	add := func(at orb.Point, category, factors string) {
		n := len(list) + 1
		list = append(list, newFeature(at, monitorProperties{fmt.Sprintf("DEMO-MON-%04d", n), fmt.Sprintf("示例%s站 %04d", category, n), category, factors}))
	}
	for n := range airMonitors {
		add(w.near(w.seats[n%len(w.seats)].at, r), "环境空气", "PM2.5,PM10,SO2,NO2,CO,O3")
	}
	for _, river := range w.rivers {
		for _, at := range along(river.Line, sectionMetres) {
			if w.outline.holds(at, 50) {
				add(at, "地表水", "pH,DO,CODMn,NH3-N,TP")
			}
		}
	}
	for n := range outletMonitors {
		add(w.near(w.seats[n%len(w.seats)].at, r), "废水排口", "COD,NH3-N")
	}
	shared, err := w.sharedVertex()
	if err != nil {
		return err
	}
	add(shared, "扬尘", "PM10")
	o.add(File{Name: "monitors.geojson", As: "monitors", Encoding: "UTF-8", EPSG: 4326, Rows: len(list),
		About: grids.Text{ZH: "监测点,其中一点在网格公共顶点上", EN: "monitors, one of them on a vertex that cells share"}})
	return o.features("monitors.geojson", list)
}

// sharedVertex is in the middle of a border between two villages.
func (w *world) sharedVertex() (orb.Point, error) {
	areas := []orb.MultiPolygon{}
	for _, v := range w.children[w.tiers[3][0].ID] {
		areas = append(areas, v.Geom)
	}
	coverage, err := geo.NewCoverage(areas)
	if err != nil {
		return orb.Point{}, err
	}
	for _, arc := range coverage.Arcs() {
		if arc.Left >= 0 && arc.Right >= 0 && len(arc.Line) > 2 {
			return arc.Line[len(arc.Line)/2], nil
		}
	}
	return w.tiers[4][0].Geom[0][0][0], nil
}

// waterSources writes water-sources.shp, protection zones round places on the
// rivers, and water-intakes.geojson, the intakes in them.
func (o *output) waterSources(w *world) error {
	var zones []shape
	var intakes []feature
	for _, river := range w.rivers {
		for _, at := range along(river.Line, waterSourcesApart) {
			if !w.outline.holds(at, 2*secondZoneMetres) {
				continue
			}
			n := len(intakes) + 1
			for _, zone := range []struct {
				code, class string
				radius      float64
			}{{"A", "一级", firstZoneMetres}, {"B", "二级", secondZoneMetres}} {
				zones = append(zones, shape{area: circle(at, zone.radius),
					values: []any{fmt.Sprintf("DEMO-WS-%03d-%s", n, zone.code), fmt.Sprintf("示例水源地 %03d %s保护区", n, zone.class), zone.class}})
			}
			intakes = append(intakes, newFeature(at, map[string]string{"编码": fmt.Sprintf("DEMO-WS-%03d", n), "名称": fmt.Sprintf("示例水源地 %03d 取水口", n), "级别": "取水口"}))
		}
	}
	if err := o.shapes("water-sources.shp", []string{"编码", "名称", "级别"}, zones); err != nil {
		return err
	}
	o.add(File{Name: "water-sources.shp", As: "water-sources", Encoding: "GBK", EPSG: EPSG, Rows: len(zones),
		About: grids.Text{ZH: "饮用水水源保护区", EN: "protection zones of drinking water"}})
	o.add(File{Name: "water-intakes.geojson", As: "water-sources", Encoding: "UTF-8", EPSG: 4326, Rows: len(intakes),
		About: grids.Text{ZH: "取水口", EN: "intakes"}})
	return o.features("water-intakes.geojson", intakes)
}

// reaches writes river-reaches.geojson: the sketched rivers cut into reaches,
// the first of which begins outside the territory.
func (o *output) reaches(w *world) error {
	type properties struct {
		Code  string `json:"编码"`
		Name  string `json:"名称"`
		River string `json:"河流"`
		Chief string `json:"河长"`
	}
	var list []feature
	for k, river := range w.rivers {
		line := slices.Clone(river.Line)
		if k == 0 {
			line = append(orb.LineString{moved(line[0], -9000, 1500)}, line...)
		}
		for i, piece := range pieces(line, reachMetres) {
			n := strconv.Itoa(i + 1)
			list = append(list, newFeature(piece, properties{fmt.Sprintf("DEMO-RR-%02d-%02d", k+1, i+1), river.Name + "第" + n + "河段", river.Name,
				fmt.Sprintf("示例人员 %04d", 9000+len(list))}))
		}
	}
	o.add(File{Name: "river-reaches.geojson", As: "river-reaches", Encoding: "UTF-8", EPSG: 4326, Rows: len(list),
		About: grids.Text{ZH: "河段,由示意河流切分", EN: "reaches of the sketched rivers"}})
	return o.features("river-reaches.geojson", list)
}

// along gives places on a line every so many metres, from its start.
func along(line orb.LineString, step float64) []orb.Point {
	var out []orb.Point
	for _, piece := range pieces(line, step) {
		out = append(out, piece[0])
	}
	return append(out, line[len(line)-1])
}

// pieces cuts a line into pieces of so many metres; the last may be shorter.
func pieces(line orb.LineString, length float64) []orb.LineString {
	var out []orb.LineString
	piece, left := orb.LineString{line[0]}, length
	for i := 1; i < len(line); i++ {
		from, to := piece[len(piece)-1], line[i]
		for d := metres(from, to); d > left; d = metres(from, to) {
			f := left / d
			cut := round(orb.Point{from[0] + f*(to[0]-from[0]), from[1] + f*(to[1]-from[1])})
			out = append(out, append(piece, cut))
			piece, left, from = orb.LineString{cut}, length, cut
		}
		left -= metres(from, to)
		piece = append(piece, to)
	}
	if len(piece) > 1 {
		out = append(out, piece)
	}
	return out
}

// circle is a polygon of 48 vertices round a place, in EPSG:4326.
func circle(at orb.Point, radius float64) orb.MultiPolygon {
	const vertices = 48
	ring := make(orb.Ring, 0, vertices+1)
	for i := range vertices {
		a := 2 * math.Pi * float64(i) / vertices
		ring = append(ring, moved(at, radius*math.Cos(a), radius*math.Sin(a)))
	}
	return orb.MultiPolygon{{append(ring, ring[0])}}
}
