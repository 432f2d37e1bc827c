package board

import (
	"fmt"
	"html"
	"html/template"
	"math"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/clip"

	"unigrid/geo"
	"unigrid/grids/duty"
)

// A map's sheet, in units of its own.
const (
	mapWidth, mapHeight = 1000, 720
	mapMargin           = 60
)

// frame puts degrees onto the sheet: true to shape around the cell's middle,
// north up.
type frame struct {
	middle orb.Point
	x, y   float64 // units per degree
	metres float64 // per unit
}

func frameOf(bound orb.Bound) frame {
	const degree = 111_320 // metres of latitude
	f := frame{middle: bound.Center()}
	squeeze := math.Cos(f.middle[1] * math.Pi / 180)
	f.y = min((mapWidth-2*mapMargin)/((bound.Max[0]-bound.Min[0])*squeeze), (mapHeight-2*mapMargin)/(bound.Max[1]-bound.Min[1]))
	f.x, f.metres = f.y*squeeze, degree/f.y
	return f
}

func (f frame) at(p orb.Point) (x, y float64) {
	return mapWidth/2 + (p[0]-f.middle[0])*f.x, mapHeight/2 - (p[1]-f.middle[1])*f.y
}

// path writes lines as the d of an SVG path, in tenths of a unit; closed for
// rings.
func (f frame) path(b *strings.Builder, line []orb.Point, closed bool) {
	if closed && len(line) > 1 {
		line = line[:len(line)-1]
	}
	for i, p := range line {
		x, y := f.at(p)
		fmt.Fprintf(b, "%c%.1f %.1f", "ML"[min(i, 1)], x, y)
	}
	if closed {
		b.WriteByte('Z')
	}
}

func (f frame) area(shape orb.MultiPolygon) string {
	var b strings.Builder
	for _, polygon := range shape {
		for _, ring := range polygon {
			f.path(&b, ring, true)
		}
	}
	return b.String()
}

// drawing draws a board's map: the cell with its children among its neighbours,
// rivers, north and a scale.
func drawing(b duty.Board) template.HTML {
	f := frameOf(b.Map.Outline.Bound())
	var s strings.Builder
	fmt.Fprintf(&s, `<svg class="map" viewBox="0 0 %d %d" role="img" aria-label="%s">`, mapWidth, mapHeight, html.EscapeString(b.Name))
	own := f.area(b.Map.Outline)
	for _, c := range b.Map.Near {
		fmt.Fprintf(&s, `<path class="near" d="%s"/>`, f.area(c.Shape))
	}
	fmt.Fprintf(&s, `<path class="own" d="%s"/>`, own)
	for i, c := range b.Map.Inner {
		fmt.Fprintf(&s, `<path class="inner tint%d" d="%s"/>`, i%4, f.area(c.Shape))
	}
	// the sheet ends at the territory's edge, and so do rivers
	s.WriteString(`<clipPath id="land">`)
	for _, shape := range append([]duty.MapCell{{Shape: b.Map.Outline}}, b.Map.Near...) {
		fmt.Fprintf(&s, `<path clip-rule="evenodd" d="%s"/>`, f.area(shape.Shape))
	}
	s.WriteString(`</clipPath><g clip-path="url(#land)">`)
	for _, line := range b.Map.Water {
		var d strings.Builder
		f.path(&d, line, false)
		fmt.Fprintf(&s, `<path class="water" d="%s"/>`, d.String())
	}
	s.WriteString(`</g>`)
	fmt.Fprintf(&s, `<path class="outline" d="%s"/>`, own)
	for _, c := range b.Map.Near {
		f.name(&s, "near-name", 17, c)
	}
	if len(b.Map.Inner) == 0 {
		f.name(&s, "inner-name", 34, duty.MapCell{Name: b.Name, Shape: b.Map.Outline})
	}
	size := 21.0
	if len(b.Map.Inner) > 20 {
		size = 15
	}
	for _, c := range b.Map.Inner {
		f.name(&s, "inner-name", size, c)
	}
	f.rose(&s)
	s.WriteString(`</svg>`)
	return template.HTML(s.String())
}

// name writes a cell's name into the part of it that is on the sheet, where that
// is wide enough for it to be read.
func (f frame) name(s *strings.Builder, class string, size float64, c duty.MapCell) {
	half := orb.Point{(mapWidth/2 - size/2) / f.x, (mapHeight/2 - size/2) / f.y}
	shape := clip.MultiPolygon(orb.Bound{
		Min: orb.Point{f.middle[0] - half[0], f.middle[1] - half[1]}, Max: orb.Point{f.middle[0] + half[0], f.middle[1] + half[1]},
	}, c.Shape.Clone())
	label, ok := geo.Label(shape)
	if !ok {
		return
	}
	x, y := f.at(label)
	long := size * float64(len([]rune(c.Name)))
	if x < long/2 || x > mapWidth-long/2 || (shape.Bound().Max[0]-shape.Bound().Min[0])*f.x < 0.6*long || (shape.Bound().Max[1]-shape.Bound().Min[1])*f.y < size {
		return
	}
	fmt.Fprintf(s, `<text class="%s" font-size="%.0f" x="%.1f" y="%.1f">%s</text>`, class, size, x, y+size*0.36, html.EscapeString(c.Name))
}

// rose draws the arrow to the north and the scale.
func (f frame) rose(s *strings.Builder) {
	s.WriteString(`<g class="north" transform="translate(955 60)"><path d="M0 -36L11 12L0 4L-11 12Z"/><text y="36">北 N</text></g>`)
	length := math.Pow(10, math.Floor(math.Log10(200*f.metres)))
	for _, step := range []float64{5, 2} {
		if length*step <= 200*f.metres {
			length *= step
			break
		}
	}
	label := fmt.Sprintf("%g m", length)
	if length >= 1000 {
		label = fmt.Sprintf("%g km", length/1000)
	}
	wide := length / f.metres
	fmt.Fprintf(s, `<g class="scale" transform="translate(30 %d)"><path d="M0 -8V0H%.1fV-8"/><text x="%.1f" y="-12">%s</text></g>`, mapHeight-24, wide, wide/2, label)
}
