package draw

import "math"

// pressure keeps cells at their load while their borders are smoothed: a cell
// with too much gives way to its neighbours, as bubbles do.
type pressure struct {
	load    []float64 // by label, as the mesh has it
	target  []float64
	density []float64 // load per square metre, by label
	radius  float64   // half a cell's width in metres
}

// newPressure measures the sheet's labels, of which there are n, given each
// triangle's load. Without a target, labels are to keep what they have.
func newPressure(s *sheet, n int, loads, target []float64) *pressure {
	p := &pressure{load: make([]float64, n), target: target, density: make([]float64, n)}
	for t, l := range s.label {
		if l != none {
			p.load[l] += loads[t]
			p.density[l] += s.m2(int32(t))
		}
	}
	for l := range p.density {
		p.density[l] = p.load[l] / p.density[l]
	}
	if target == nil {
		p.target = append([]float64(nil), p.load...)
	}
	p.radius = math.Sqrt(s.parent.m2/float64(n)) / 2
	return p
}

// bellows is the pressure at work on bands.
type bellows struct {
	*pressure
	borders []border
	start   []float64 // area term of each band where it started
	built   []float64 // pressure built up over the rounds, metres per round
}

func (p *pressure) bellows(bs []border, bands []band) *bellows {
	w := &bellows{pressure: p, borders: bs, start: make([]float64, len(bs)), built: make([]float64, len(p.load))}
	for i := range bands {
		w.start[i] = bands[i].areaTerm()
	}
	return w
}

// areaTerm is the band's part of the area to its left.
func (b *band) areaTerm() float64 {
	sum := 0.0
	for k := 1; k < len(b.now); k++ {
		sum += b.now[k-1].x*b.now[k].y - b.now[k-1].y*b.now[k].x
	}
	return sum / 2
}

// blow moves every band a little towards the side with more load than it should
// have, no more than most metres.
func (w *bellows) blow(bands []band, most float64) {
	const direct, slow = 0.08, 0.004
	load := append([]float64(nil), w.load...)
	for i, b := range w.borders {
		d := bands[i].areaTerm() - w.start[i]
		d *= (w.density[b.left] + w.density[b.right]) / 2
		load[b.left] += d
		load[b.right] -= d
	}
	push := make([]float64, len(load))
	for l := range load {
		dev := load[l]/w.target[l] - 1
		w.built[l] += slow * dev * w.radius
		push[l] = direct*dev*w.radius + w.built[l]
	}
	for i, b := range w.borders {
		if b.firm {
			continue
		}
		shift := math.Min(math.Max(push[b.left]-push[b.right], -most), most)
		now := bands[i].now
		for k := 1; k < len(now)-1; k++ {
			along := now[k+1].sub(now[k-1])
			if l := along.length(); l > 0 {
				now[k] = now[k].add(vec{-along.y, along.x}.times(shift / l))
			}
		}
	}
}
