package merge_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"unigrid/grids/cells"
	"unigrid/grids/cells/cellstest"
	"unigrid/grids/layers"
	"unigrid/grids/merge"
)

// The generator of planted conflicts.
//
// A site is a block of two by two leaves: A and B (south and north) in one
// column, which is their parent, C and D beside them in the next. Four layers
// have a cell for each leaf, along its lines, and every leaf has an accountable
// person of its own: as it stands, a site has no conflict. Then one conflict of
// a kind is planted in it, by one variety of cause:
//
//	one      in one layer, at the line between A and B
//	several  in two to four layers at once
//	edge     at the line between A and C, where two parents meet
//	parts    in several parts: patches within the leaf, or a leaf that itself has
//	         a part within its neighbour
//	fixed    (gap and overlap) along a line that is statutory or disputed
//
// How deep it reaches, in which layers and with whom is drawn at random, within
// the bounds that classify.go and RULES.md state. Layers that a planting leaves
// alone get noise that lies below every tolerance, and some layer cells bear the
// code of the very leaf that they cover. What is expected is written down when
// it is planted, by what was meant and not by measuring what came out. The test
// merges all sites in one run and compares: nothing may be missing, nothing may
// be found that was not planted.

// rect is in leaf sides from the territory's corner.
type rect struct{ x0, y0, x1, y1 float64 }

func (r rect) area() float64 { return (r.x1 - r.x0) * (r.y1 - r.y0) }

func (r rect) wkt() string {
	x0, y0 := cellstest.At(r.x0, r.y0)
	x1, y1 := cellstest.At(r.x1, r.y1)
	return fmt.Sprintf("((%[1]v %[2]v,%[3]v %[2]v,%[3]v %[4]v,%[1]v %[4]v,%[1]v %[2]v))", x0, y0, x1, y1)
}

func wkt(rects []rect) *string {
	if len(rects) == 0 {
		return nil
	}
	texts := make([]string, len(rects))
	for i, r := range rects {
		texts[i] = r.wkt()
	}
	text := "MULTIPOLYGON(" + strings.Join(texts, ",") + ")"
	return &text
}

// planted is what one layer cell is made of: the union of some rectangles
// without others.
type planted struct {
	layer, code, staff string
	plus, minus        []rect
}

// expected is what a merge must find. Share is of the leaf, Width in leaf
// heights or widths (0: not foretold).
type expected struct {
	key          string
	share, width float64
	wide         bool // the width runs east to west
	pending      bool
}

// The leaves of a site.
const (
	leafA = iota
	leafB
	leafC
	leafD
)

var everyLayer = []string{"environment", "safety", "river-chief", "social-order"}

type site struct {
	x, y    int
	number  int
	random  *rand.Rand
	cells   map[string]*[4]*planted // by layer
	own     [4]string               // staff numbers; empty: vacant
	extra   []*planted              // beside those
	exclave *rect                   // of leaf A, within B
	fixed   map[int]string          // leaves that are locked or disputed
	used    map[string]bool         // layers that were planted in
	want    []expected
}

func newSite(number, x, y int, random *rand.Rand) *site {
	s := &site{x: x, y: y, number: number, random: random, cells: map[string]*[4]*planted{}, fixed: map[int]string{}, used: map[string]bool{}}
	for i := range s.own {
		s.own[i] = s.person(i)
	}
	for _, layer := range everyLayer {
		s.cells[layer] = new([4]*planted)
		for leaf := range 4 {
			code := fmt.Sprintf("%d-%d", number, leaf)
			if random.IntN(10) == 0 {
				code = s.code(leaf)
			}
			s.cells[layer][leaf] = &planted{layer: layer, code: code, plus: []rect{s.leaf(leaf)}}
		}
	}
	return s
}

// person gives the staff number of the site's i-th person: the first four hold
// its leaves, the others nothing.
func (s *site) person(i int) string { return fmt.Sprintf("P%d-%d", s.number, i) }

func (s *site) leaf(leaf int) rect {
	x, y := float64(s.x+leaf/2), float64(s.y+leaf%2)
	return rect{x, y, x + 1, y + 1}
}

func (s *site) code(leaf int) string {
	return fmt.Sprintf("4302%02d%03d000", s.x+leaf/2+1, s.y+leaf%2+1)
}

func (s *site) between(low, high float64) float64 { return low + (high-low)*s.random.Float64() }

// pick gives n layers and notes that they are planted in.
func (s *site) pick(n int) []string {
	list := slices.Clone(everyLayer)
	s.random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	for _, layer := range list[:n] {
		s.used[layer] = true
	}
	return list[:n]
}

// strip is the part of a leaf, f of it, that lies along its line with another.
func (s *site) strip(leaf, other int, f float64) rect {
	r, o := s.leaf(leaf), s.leaf(other)
	switch {
	case o.y0 > r.y0:
		r.y0 = r.y1 - f
	case o.y0 < r.y0:
		r.y1 = r.y0 + f
	case o.x0 > r.x0:
		r.x0 = r.x1 - f
	default:
		r.x1 = r.x0 + f
	}
	return r
}

// patches are two or three parts of a leaf, f of it together, that touch none of
// its lines.
func (s *site) patches(leaf int, f float64) []rect {
	r := s.leaf(leaf)
	n := 2 + s.random.IntN(2)
	height := s.between(0.9, 0.96)
	width := f / height / float64(n)
	gap := (1 - width*float64(n)) / float64(n+1)
	list := make([]rect, n)
	for i := range list {
		x := r.x0 + gap + float64(i)*(width+gap)
		y := r.y0 + s.between(0.01, 0.99-height)
		list[i] = rect{x, y, x + width, y + height}
	}
	return list
}

// enclose gives leaf A a square within B that makes up f of it.
func (s *site) enclose(f float64) rect {
	side := math.Sqrt(f / (1 - f))
	b := s.leaf(leafB)
	x, y := b.x0+s.between(0.01, 0.99-side), b.y0+s.between(0.01, 0.99-side)
	e := rect{x, y, x + side, y + side}
	s.exclave = &e
	for _, layer := range everyLayer {
		a, b := s.cells[layer][leafA], s.cells[layer][leafB]
		a.plus, b.minus = append(a.plus, e), append(b.minus, e)
	}
	return e
}

func (s *site) expect(kind merge.Kind, layer string, leaf int, e expected) {
	if kind == merge.Split { // what the cell with most of the leaf doesn't hold
		e.share, e.width = min(e.share, 1-e.share), min(e.width, 1-e.width)
	}
	e.key = fmt.Sprintf("%s %s %s", kind, layer, s.code(leaf))
	s.want = append(s.want, e)
}

// ground plants a conflict of lines: some of leaf A goes to the cell of another
// (moved), to nobody (gap) or to both (overlap).
func (s *site) ground(kind merge.Kind, cause string) {
	bounds := map[merge.Kind][2]float64{merge.Split: {0.15, 0.85}, merge.Mismatch: {0.015, 0.09}, merge.Gap: {0.015, 0.9}, merge.Overlap: {0.015, 0.9}}[kind]
	take := func(layer string, leaf, other int, shapes ...rect) {
		from, to := s.cells[layer][leaf], s.cells[layer][other]
		if kind != merge.Overlap {
			from.minus = append(from.minus, shapes...)
		}
		if kind != merge.Gap {
			to.plus = append(to.plus, shapes...)
		}
	}
	switch cause {
	case "one", "several", "fixed":
		n := 1
		if cause == "several" {
			n = 2 + s.random.IntN(3)
		}
		if cause == "fixed" {
			bounds[1] = 0.7 // what is deeper than long doesn't lie along the line
			s.fixed[[]int{leafA, leafB}[s.random.IntN(2)]] = []string{"locked", "disputed"}[s.random.IntN(2)]
		}
		for _, layer := range s.pick(n) {
			f := s.between(bounds[0], bounds[1])
			take(layer, leafA, leafB, s.strip(leafA, leafB, f))
			s.expect(kind, layer, leafA, expected{share: f, width: f, pending: cause == "fixed"})
		}
	case "edge":
		layer := s.pick(1)[0]
		f := s.between(bounds[0], bounds[1])
		take(layer, leafA, leafC, s.strip(leafA, leafC, f))
		s.expect(kind, layer, leafA, expected{share: f, width: f, wide: true})
		if kind == merge.Gap { // on both sides
			f := s.between(bounds[0], bounds[1])
			take(layer, leafC, leafA, s.strip(leafC, leafA, f))
			s.expect(kind, layer, leafC, expected{share: f, width: f, wide: true})
		}
	case "parts":
		layer := s.pick(1)[0]
		if s.random.IntN(2) == 0 {
			f := s.between(bounds[0], bounds[1])
			take(layer, leafA, leafB, s.patches(leafA, f)...)
			s.expect(kind, layer, leafA, expected{share: f})
			return
		}
		f := s.between(bounds[0], min(bounds[1], 0.45))
		e := s.enclose(f)
		cell := s.cells[layer]
		if kind != merge.Overlap { // not of leaf A's cell
			cell[leafA].plus = cell[leafA].plus[:1]
		}
		if kind != merge.Gap { // of leaf B's
			cell[leafB].minus = nil
		}
		s.expect(kind, layer, leafA, expected{share: e.area() / (1 + e.area())})
	}
}

// clash gives layer cells the code of a leaf that they don't cover.
func (s *site) clash(cause string) {
	n, leaf := 1, leafD
	switch cause {
	case "several":
		n = 2 + s.random.IntN(3)
	case "edge":
		leaf = leafC
	case "parts":
		s.enclose(s.between(0.1, 0.4))
	}
	for _, layer := range s.pick(n) {
		if cause == "several" {
			leaf = leafB + s.random.IntN(3)
		}
		cell := s.cells[layer]
		cell[leafA].code, cell[leaf].code = s.code(leaf), fmt.Sprintf("%d-%d", s.number, leaf)
		s.expect(merge.CodeClash, layer, leaf, expected{})
	}
}

// across makes one cell of a layer of those of leaves A and C.
func (s *site) across(layer, staff string) {
	a, c := s.cells[layer][leafA], s.cells[layer][leafC]
	a.plus, a.staff, a.code, c.plus = append(a.plus, c.plus...), staff, fmt.Sprintf("%d-AC", s.number), nil
}

func (s *site) twoAccountable(cause string) {
	switch cause {
	case "one":
		s.cells[s.pick(1)[0]][leafA].staff = s.person(4)
	case "several":
		if s.random.IntN(2) == 0 { // nobody on the roster
			s.own[leafA] = ""
		}
		for i, layer := range s.pick(2 + s.random.IntN(3)) {
			s.cells[layer][leafA].staff = s.person(4 + i)
		}
	case "edge": // whose person is right for A and wrong for C
		s.across(s.pick(1)[0], s.own[leafA])
		s.expect(merge.TwoAccountable, "", leafC, expected{})
		return
	case "parts":
		s.enclose(s.between(0.1, 0.4))
		s.cells[s.pick(1)[0]][leafA].staff = s.person(4)
	}
	s.expect(merge.TwoAccountable, "", leafA, expected{})
}

func (s *site) noneAccountable(cause string) {
	s.own[leafA] = ""
	s.expect(merge.NoneAccountable, "", leafA, expected{})
	switch cause {
	case "several":
		for _, layer := range s.pick(2 + s.random.IntN(3)) {
			s.cells[layer][leafA].staff = s.person(4)
		}
	case "edge":
		s.own[leafC] = ""
		s.across(s.pick(1)[0], "")
		s.expect(merge.NoneAccountable, "", leafC, expected{})
	case "parts":
		s.enclose(s.between(0.1, 0.4))
	}
}

// overCapacity gives a person a second leaf; the merge is told that one can have
// one.
func (s *site) overCapacity(cause string) {
	switch cause {
	case "one":
		s.own[leafB] = s.own[leafA]
	case "several": // the layers want them there, where nobody is
		s.own[leafB] = ""
		for _, layer := range s.pick(2 + s.random.IntN(3)) {
			s.cells[layer][leafB].staff = s.own[leafA]
		}
		s.expect(merge.NoneAccountable, "", leafB, expected{})
	case "edge":
		s.own[leafC] = s.own[leafA]
	case "parts":
		s.enclose(s.between(0.1, 0.4))
		s.own[leafB] = s.own[leafA]
	}
	s.expect(merge.OverCapacity, "", leafA, expected{})
}

// nest divides the cells that layers have for leaf A, into strips, or so that
// each has two of them.
func (s *site) nest(cause string) {
	n := 1
	if cause == "several" {
		n = 2 + s.random.IntN(3)
	}
	for _, layer := range s.pick(n) {
		a := s.cells[layer][leafA]
		into := 2 + s.random.IntN(8)
		r, width := s.leaf(leafA), 1/float64(into)
		a.plus, a.code = nil, fmt.Sprintf("%d-0", s.number)
		cells := []*planted{a}
		for i := range into {
			x := r.x0 + float64(i)*width
			strip := rect{x, r.y0, x + width, r.y1}
			switch {
			case i == 0:
				a.plus = []rect{strip}
			case cause == "parts" && i > 1:
				cells[i%2].plus = append(cells[i%2].plus, strip)
			default:
				cells = append(cells, &planted{layer: layer, code: fmt.Sprintf("%d-0-%d", s.number, i), plus: []rect{strip}})
			}
		}
		s.extra = append(s.extra, cells[1:]...)
		s.expect(merge.Nested, layer, leafA, expected{share: 1})
	}
}

// noise moves a line in a layer that nothing was planted in, by less than every
// tolerance.
func (s *site) noise() {
	for _, layer := range everyLayer {
		if s.used[layer] || s.exclave != nil || s.random.IntN(2) == 0 {
			continue
		}
		f := s.between(0.001, 0.008)
		from, to := s.cells[layer][leafB], s.cells[layer][leafD]
		shape := s.strip(leafB, leafD, f)
		kind := s.random.IntN(3)
		if kind != 0 {
			from.minus = append(from.minus, shape)
		}
		if kind != 1 {
			to.plus = append(to.plus, shape)
		}
	}
}

type planting struct {
	kind  merge.Kind
	cause string
}

func (p planting) in(s *site) {
	switch p.kind {
	case merge.CodeClash:
		s.clash(p.cause)
	case merge.TwoAccountable:
		s.twoAccountable(p.cause)
	case merge.NoneAccountable:
		s.noneAccountable(p.cause)
	case merge.OverCapacity:
		s.overCapacity(p.cause)
	case merge.Nested:
		s.nest(p.cause)
	default:
		s.ground(p.kind, p.cause)
	}
	s.noise()
}

func plantings() []planting {
	list := []planting{{merge.Gap, "fixed"}, {merge.Overlap, "fixed"}, {merge.Nested, "one"}, {merge.Nested, "several"}, {merge.Nested, "parts"}}
	for _, kind := range []merge.Kind{merge.Split, merge.Gap, merge.Overlap, merge.Mismatch, merge.CodeClash, merge.TwoAccountable, merge.NoneAccountable, merge.OverCapacity} {
		for _, cause := range []string{"one", "several", "edge", "parts"} {
			list = append(list, planting{kind, cause})
		}
	}
	return list
}

// grow puts sites into the database.
func (w world) grow(t testing.TB, sites []*site) {
	t.Helper()
	w.run(t, func(tx pgx.Tx) error {
		var staff, held, places, exclaves, enclosing, inclosed, fixed, how []string
		var layer, codes, names []string
		var plus, minus []*string
		hold := func(person, code string) { held, places = append(held, person), append(places, code) }
		hold("P", string(w.Root()))
		for _, s := range sites {
			for i := range 8 {
				staff = append(staff, s.person(i))
			}
			for leaf, person := range s.own {
				if person != "" {
					hold(person, s.code(leaf))
				}
			}
			if s.exclave != nil {
				exclaves, enclosing, inclosed = append(exclaves, s.code(leafA)), append(enclosing, s.code(leafB)), append(inclosed, *wkt([]rect{*s.exclave}))
			}
			for leaf, kind := range s.fixed {
				fixed, how = append(fixed, s.code(leaf)), append(how, kind)
			}
			all := s.extra
			for _, name := range everyLayer {
				all = append(all, s.cells[name][:]...)
			}
			for _, c := range all {
				if len(c.plus) > 0 {
					layer, codes, names, plus, minus = append(layer, c.layer), append(codes, c.code), append(names, c.staff), append(plus, wkt(c.plus)), append(minus, wkt(c.minus))
				}
			}
		}
		_, err := tx.Exec(t.Context(), `
			INSERT INTO people.person (territory_id, staff_no, name, provenance)
			SELECT $1, s, '示例人员 ' || s, 'demo' FROM unnest(ARRAY['P'] || $2::text[]) AS s`, w.Territory, staff)
		if err != nil {
			return err
		}
		_, err = tx.Exec(t.Context(), `
			INSERT INTO people.assignment (territory_id, person_id, cell_id, role, during, recorded_by)
			SELECT $1, p.id, v.cell_id, 'accountable', tstzrange('2020-01-01', NULL), 'test'
			FROM unnest($2::text[], $3::text[]) AS h (staff, code)
			JOIN people.person p ON p.territory_id = $1 AND p.staff_no = h.staff
			JOIN cells.of($1, 1) v ON v.code = h.code`, w.Territory, held, places)
		if err != nil {
			return err
		}
		for _, change := range []string{`e.owner`, `e.host`} {
			shape := `ST_Union(v.geom, ST_GeomFromText(e.shape, 4326))`
			if change == `e.host` {
				shape = `ST_Difference(v.geom, ST_GeomFromText(e.shape, 4326))`
			}
			_, err = tx.Exec(t.Context(), `
				UPDATE cells.version v SET geom = ST_Multi(`+shape+`), area_m2 = ST_Area(ST_Transform(`+shape+`, 4547))
				FROM unnest($2::text[], $3::text[], $4::text[]) AS e (owner, host, shape)
				WHERE v.territory_id = $1 AND v.code = `+change, w.Territory, exclaves, enclosing, inclosed)
			if err != nil {
				return err
			}
		}
		_, err = tx.Exec(t.Context(), `
			UPDATE cells.version v SET locked = f.how = 'locked', disputed = f.how = 'disputed'
			FROM unnest($2::text[], $3::text[]) AS f (code, how) WHERE v.territory_id = $1 AND v.code = f.code`, w.Territory, fixed, how)
		if err != nil {
			return err
		}
		_, err = tx.Exec(t.Context(), `
			INSERT INTO layers.intake (territory_id, batch, row, layer, code, name, staff_no, geom, provenance)
			SELECT $1, 1, n, layer, code, code, staff,
				coalesce(ST_Difference(ST_UnaryUnion(ST_GeomFromText(plus, 4326)), ST_UnaryUnion(ST_GeomFromText(minus, 4326))), ST_UnaryUnion(ST_GeomFromText(plus, 4326))), 'demo'
			FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) WITH ORDINALITY AS c (layer, code, staff, plus, minus, n)`,
			w.Territory, layer, codes, names, plus, minus)
		if err != nil {
			return err
		}
		report, err := layers.Take(t.Context(), tx, w.Territory, 1)
		if err == nil && report.Rejected > 0 {
			err = fmt.Errorf("rejected: %+v", report.Findings[:1])
		}
		return err
	})
	if err := cells.RefreshStatistics(t.Context(), w.db); err != nil {
		t.Fatal(err)
	}
}

const plantedEach = 50

func TestPlantedConflicts(t *testing.T) {
	t.Parallel()
	kinds := plantings()
	total := len(kinds) * plantedEach
	const columns = 40 // of sites
	w := newWorld(t, 2*columns, 2*(total/columns+1))
	random := rand.New(rand.NewPCG(7, 7))
	order := random.Perm(total)
	sites := make([]*site, total)
	for i, k := range order {
		sites[i] = newSite(i, 2*(i%columns), 2*(i/columns), random)
		kinds[k/plantedEach].in(sites[i])
	}
	for i := total; i < (total/columns+1)*columns; i++ { // the row's rest has nothing
		sites = append(sites, newSite(i, 2*(i%columns), 2*(i/columns), random))
	}
	w.grow(t, sites)
	var run merge.Run
	w.run(t, func(tx pgx.Tx) (err error) {
		run, err = merge.Overlay(t.Context(), tx, w.Territory, w.Edition, merge.Options{Capacity: 1}, "test")
		return err
	})

	want := map[string]expected{}
	for _, s := range sites {
		for _, e := range s.want {
			want[e.key] = e
		}
	}
	found, height, width := 0, 0.0, 0.0
	w.run(t, func(tx pgx.Tx) error { // of a leaf in the territory's middle, in metres
		return tx.QueryRow(t.Context(), `
			SELECT ST_Distance(ST_Transform(p, 4547), ST_Transform(ST_Translate(p, 0, $1::float8), 4547)),
				ST_Distance(ST_Transform(p, 4547), ST_Transform(ST_Translate(p, $1, 0), 4547))
			FROM ST_SetSRID(ST_MakePoint($2, $3), 4326) AS p`,
			cellstest.Step, cellstest.West+cellstest.Step*float64(w.Columns)/2, cellstest.South+cellstest.Step*float64(w.Rows)/2).Scan(&height, &width)
	})
	for _, c := range w.list(t, run, merge.Filter{}) {
		key := fmt.Sprintf("%s %s %s", c.Kind, c.Layer, c.Cell)
		e, ok := want[key]
		if !ok {
			t.Errorf("not planted: %s %+v", key, c)
			continue
		}
		found++
		delete(want, key)
		side := height
		if e.wide {
			side = width
		}
		if e.share > 0 && math.Abs(c.Detail.Share-e.share) > 1e-4 {
			t.Errorf("%s: share %g, planted %g", key, c.Detail.Share, e.share)
		}
		if e.width > 0 && math.Abs(c.WidthM/min(side*e.width, height, width)-1) > widthError {
			t.Errorf("%s: %g m wide, planted %g", key, c.WidthM, e.width*side)
		}
		if c.Pending != e.pending || e.pending && (c.Blocking || c.Proposal != merge.Interim || c.Detail.Interim == nil) {
			t.Errorf("%s: pending %t, planted %t: %+v", key, c.Pending, e.pending, c)
		}
		if slices.Contains([]merge.Kind{merge.Split, merge.Mismatch, merge.Gap, merge.Overlap}, c.Kind) != (c.WidthM > 0) {
			t.Errorf("%s: %g m wide", key, c.WidthM)
		}
	}
	for key := range want {
		t.Errorf("not found: %s", key)
	}
	if found < 600 {
		t.Errorf("only %d were planted", found)
	}
	t.Logf("%d sites, %d planted conflicts", total, found)
	w.sound(t)
}

// widthError is how far a measured width may be off, as a share: a degree is not
// as long in the south of the territory as it is in the north.
const widthError = 0.01

// Layers that are the leaves themselves disagree with nothing.
func TestIdenticalLayers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 4, 4)
	var sites []*site
	random := rand.New(rand.NewPCG(1, 1))
	for i := range 4 {
		sites = append(sites, newSite(i, 2*(i%2), 2*(i/2), random))
	}
	w.grow(t, sites)
	if run := w.overlay(t); run.Conflicts != 0 || run.Slivers != 0 || run.Pieces != 4*16 {
		t.Errorf("%+v", run)
	}
}

// A layer that lies d metres off gives a mismatch in every leaf that its
// neighbour's cell reaches into by more than the tolerances, as wide as it was
// moved, a gap where nothing follows, and what sticks out on the other side.
func TestMovedLayer(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ dx, dy float64 }{{0.005, 0}, {0.02, 0}, {-0.03, 0}, {0.08, 0}, {0, 0.05}, {0, -0.012}, {0.03, 0.03}, {0.3, 0}, {0, 0.6}} {
		t.Run(fmt.Sprint(test.dx, test.dy), func(t *testing.T) {
			t.Parallel()
			const n = 4
			w := newWorld(t, n, n)
			w.staffed(t)
			var boxes []box
			for x := range n {
				for y := range n {
					x0, y0 := float64(x)+test.dx, float64(y)+test.dy
					boxes = append(boxes, box{"safety", fmt.Sprint(x, "-", y), x0, y0, x0 + 1, y0 + 1, "", 0})
				}
			}
			w.put(t, boxes...)
			want := map[string]bool{}
			const leafM2 = 672_000 // and a bit: nothing lies between a hectare and 1 %
			tolerated := func(share float64) bool { return share <= 0.01 && share*leafM2 <= 10_000 }
			along := func(i int, d float64) (own, other, none float64) { // of leaf i along one axis
				d, into := math.Abs(d), d
				own, other = 1-d, d
				if into > 0 && i == 0 || into < 0 && i == n-1 {
					other, none = 0, d
				}
				return own, other, none
			}
			for x := range n {
				for y := range n {
					ox, rx, _ := along(x, test.dx)
					oy, ry, _ := along(y, test.dy)
					claims := []float64{ox * oy, rx * oy, ox * ry, rx * ry} // by up to four cells
					largest, sum, claimants := slices.Max(claims), 0.0, 0
					for _, c := range claims {
						if sum += c; c > 0.01 {
							claimants++
						}
					}
					leaf := w.Leaf(x+1, y+1)
					if others := sum - largest; largest < 0.9 && claimants > 1 {
						want[fmt.Sprint("split ", leaf)] = true
					} else if largest >= 0.9 && !tolerated(others) {
						want[fmt.Sprint("boundary-mismatch ", leaf)] = true
					}
					if !tolerated(1 - sum) {
						want[fmt.Sprint("gap ", leaf)] = true
					}
				}
			}
			got := map[string]bool{}
			outside, metres := 0, map[bool]float64{false: cellstest.Step * 110_800 * math.Abs(test.dy), true: cellstest.Step * 99_330 * math.Abs(test.dx)}
			for _, c := range w.list(t, w.overlay(t), merge.Filter{}) {
				if c.Detail.Outside {
					outside++
					continue
				}
				got[fmt.Sprint(c.Kind, " ", c.Cell)] = true
				if (test.dx == 0) != (test.dy == 0) && c.Kind == merge.Mismatch && math.Abs(c.WidthM/metres[test.dx != 0]-1) > widthError {
					t.Errorf("%s %s: %g m wide, moved by %g", c.Kind, c.Cell, c.WidthM, metres[test.dx != 0])
				}
			}
			for key := range want {
				if !got[key] {
					t.Errorf("not found: %s", key)
				}
			}
			for key := range got {
				if !want[key] {
					t.Errorf("not expected: %s", key)
				}
			}
			out := 0
			for x := range n {
				for y := range n {
					beyond := func(i int, d float64) float64 {
						if d > 0 && i == n-1 || d < 0 && i == 0 {
							return math.Abs(d)
						}
						return 0
					}
					if share := 1 - (1-beyond(x, test.dx))*(1-beyond(y, test.dy)); !tolerated(share) {
						out++
					}
				}
			}
			if outside != out {
				t.Errorf("%d layer cells reach beyond the territory, want %d", outside, out)
			}
		})
	}
}
