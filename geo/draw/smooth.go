package draw

import "math"

// levels is the number of degrees of smoothing between a border's mesh line
// (level 0) and its smoothest form (level levels).
const levels = 4

// slack is how far smoothing may move a border from its mesh line at each
// level, in lattice edges.
var slack = [levels + 1]float64{0, 0.15, 0.35, 0.65, 1}

// shape is the form of all borders at one level of smoothing.
type shape struct {
	lines [][]vec
	nodes map[int32]vec
}

// band is a border drawn as an elastic line: each point stays within reach of
// where it started, so the whole comes out as straight as its corridor allows.
type band struct {
	from, to int32
	closed   bool
	firm     bool
	start    []vec
	now      []vec
	reach    []float64
}

// smooth draws the borders as elastic lines with at most reach metres of play,
// more towards ends on the parent's boundary, which would have hooks else. The
// points that fixed knows stay; other nodes move to where the pull of their
// borders is in balance. Even, where there is one, keeps the cells' loads. Step is the distance between points in metres.
func (s *sheet) smooth(bs []border, fixed map[int32]bool, even *pressure, reach, step float64) shape {
	f := s.parent.frame
	// Ends on the boundary may be half a boundary segment off the lattice's line.
	spacing := math.Min(s.parent.spacing, 8*step)
	play := math.Max(2.5*reach, reach/(2*step)*spacing)
	taper := 4 * math.Max(2*step, spacing)
	bands := make([]band, len(bs))
	type end struct {
		band int
		last bool
	}
	ends := map[int32][]end{}
	var order []int32
	for i, b := range bs {
		raw := make([]vec, len(b.vertices))
		for k, v := range b.vertices {
			raw[k] = f.vec(s.mesh.Points[v])
		}
		n := max(2, int(math.Round(lineLength(raw)/step)))
		bd := band{from: b.vertices[0], to: b.vertices[len(b.vertices)-1], closed: b.closed(), firm: b.firm}
		if bd.closed {
			n = max(n, 6)
		}
		bd.start = resample(raw, n)
		bd.now = append([]vec(nil), bd.start...)
		bd.reach = make([]float64, n+1)
		length := lineLength(raw) / float64(n)
		for k := range bd.reach {
			away := math.Inf(1) // pieces to the nearest fixed end
			if fixed[bd.from] {
				away = float64(k)
			}
			if fixed[bd.to] {
				away = math.Min(away, float64(n-k))
			}
			bd.reach[k] = reach + (play-reach)*math.Max(0, 1-away*length/taper)
		}
		bands[i] = bd
		for _, e := range [2]end{{i, false}, {i, true}} {
			v := bd.from
			if e.last {
				v = bd.to
			}
			if bd.closed || bd.firm || fixed[v] {
				continue
			}
			if ends[v] == nil {
				order = append(order, v)
			}
			ends[v] = append(ends[v], e)
		}
	}
	const rounds, rounding = 300, 5
	var bellows *bellows
	if even != nil {
		bellows = even.bellows(bs, bands)
	}
	for round := range rounds + rounding {
		if round == rounds {
			for i := range bands {
				bands[i].free()
			}
		}
		if bellows != nil {
			bellows.blow(bands, reach/10)
		}
		for i := range bands {
			bands[i].relax()
		}
		for _, v := range order {
			var sum vec
			weight := 0.0
			for _, e := range ends[v] {
				p := bands[e.band].beside(e.last)
				w := 1 / (p.distance(bands[e.band].tip(e.last)) + step/10)
				sum, weight = sum.add(p.times(w)), weight+w
			}
			home := f.vec(s.mesh.Points[v])
			to := clampTo(sum.times(1/weight), home, reach)
			for _, e := range ends[v] {
				bands[e.band].moveTip(e.last, to)
			}
		}
	}
	out := shape{lines: make([][]vec, len(bs)), nodes: map[int32]vec{}}
	for i, b := range bands {
		out.lines[i] = chaikin(chaikin(b.now, b.closed), b.closed)
		if !b.closed {
			out.nodes[b.from], out.nodes[b.to] = b.now[0], b.now[len(b.now)-1]
		}
	}
	return out
}

// free lets every point move as far as it likes.
func (b *band) free() {
	for k := range b.reach {
		b.reach[k] = math.Inf(1)
	}
}

// relax moves every point between its neighbours, as far as its reach allows.
func (b *band) relax() {
	if b.firm {
		return
	}
	last := len(b.now) - 1
	for k := 1; k < last; k++ {
		b.now[k] = clampTo(b.now[k-1].add(b.now[k+1]).times(0.5), b.start[k], b.reach[k])
	}
	if b.closed {
		b.now[0] = clampTo(b.now[last-1].add(b.now[1]).times(0.5), b.start[0], b.reach[0])
		b.now[last] = b.now[0]
	}
}

func (b *band) tip(last bool) vec {
	if last {
		return b.now[len(b.now)-1]
	}
	return b.now[0]
}

func (b *band) beside(last bool) vec {
	if last {
		return b.now[len(b.now)-2]
	}
	return b.now[1]
}

func (b *band) moveTip(last bool, to vec) {
	if last {
		b.now[len(b.now)-1] = to
	} else {
		b.now[0] = to
	}
}

// clampTo returns p, or the nearest place to it within reach of home.
func clampTo(p, home vec, reach float64) vec {
	d := p.distance(home)
	if d <= reach {
		return p
	}
	return home.add(p.sub(home).times(reach / d))
}

// chaikin cuts the corners of a line; the ends of an open one stay.
func chaikin(line []vec, closed bool) []vec {
	n := len(line)
	out := make([]vec, 0, 2*n)
	if !closed {
		out = append(out, line[0])
	}
	for i := 1; i < n; i++ {
		a, b := line[i-1], line[i]
		if closed || i > 1 {
			out = append(out, a.times(0.75).add(b.times(0.25)))
		}
		if closed || i < n-1 {
			out = append(out, a.times(0.25).add(b.times(0.75)))
		}
	}
	if closed {
		return append(out, out[0])
	}
	return append(out, line[n-1])
}
