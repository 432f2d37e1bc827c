package draw

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/uber/h3-go/v4"

	"unigrid/geo/lattice"
)

// link is a border between two atoms.
type link struct {
	to     int32
	metres float64
	cost   float64 // metres, less where a given line runs along it
}

// atom is the smallest thing that a balanced draw gives to a cell: a connected
// set of triangles of one H3 cell.
type atom struct {
	at    vec // centroid
	m2    float64
	load  float64 // share of the parent's
	links []link
}

// atoms cuts the sheet into atoms, given each triangle's load; of tells each
// triangle's atom.
func (s *sheet) atoms(res int, loads []float64) (list []atom, of []int32, err error) {
	hexagon := make([]h3.Cell, len(s.label))
	for t := range hexagon {
		if !s.mesh.Inside[t] {
			continue
		}
		at := s.parent.frame.point(s.middle[t]).Orb()
		if hexagon[t], err = h3.LatLngToCell(h3.LatLng{Lat: at[1], Lng: at[0]}, res); err != nil {
			return nil, nil, fmt.Errorf("H3 cell at %v: %w", at, err)
		}
	}
	of, n := s.pieces(func(t int32, i int, u int32) bool { return hexagon[t] == hexagon[u] && !s.firm(t, i) })
	list = make([]atom, n)
	borders := map[[2]int32]link{}
	for t, a := range of {
		if a == none {
			continue
		}
		m2 := s.m2(int32(t))
		list[a].m2 += m2
		list[a].load += loads[t]
		list[a].at = list[a].at.add(s.middle[t].times(m2))
		for i := range 3 {
			if u := s.across(int32(t), i); u >= 0 && of[u] != a {
				l := borders[[2]int32{a, of[u]}]
				m := s.edge(int32(t), i)
				l.metres += m
				if s.firm(int32(t), i) {
					m *= ease
				}
				l.cost += m
				borders[[2]int32{a, of[u]}] = l
			}
		}
	}
	for i := range list {
		list[i].at = list[i].at.times(1 / list[i].m2)
	}
	for k, l := range borders {
		l.to = k[1]
		list[k[0]].links = append(list[k[0]].links, l)
	}
	sortLinks(list)
	return list, of, nil
}

func sortLinks(list []atom) {
	for i := range list {
		slices.SortFunc(list[i].links, func(a, b link) int { return cmp.Compare(a.to, b.to) })
	}
}

// loads returns each triangle's share of the load.
func (s *sheet) loads(load Load) ([]float64, error) {
	out := make([]float64, len(s.label))
	sum := 0.0
	add := func(t int32, w float64) {
		out[t] += w
		sum += w
	}
	for t := range out {
		if len(load.Points) > 0 || !s.mesh.Inside[t] {
			continue
		}
		w := s.m2(int32(t))
		if load.Density != nil {
			w *= load.Density(s.parent.frame.point(s.middle[t]).Orb())
		}
		if !(w >= 0) || math.IsInf(w, 0) {
			return nil, fmt.Errorf("%w: density gives a load of %v", ErrOptions, w)
		}
		add(int32(t), w)
	}
	for n, w := range load.Points {
		p, err := lattice.FromOrb(w.At)
		if err != nil {
			return nil, fmt.Errorf("%w: point %d: %w", ErrOptions, n, err)
		}
		if t := s.mesh.At(p); t >= 0 && s.mesh.Inside[t] {
			add(t, w.Weight)
		}
	}
	if sum == 0 {
		return nil, fmt.Errorf("%w: there is no load inside the parent", ErrOptions)
	}
	for t := range out {
		out[t] /= sum
		if load.AreaShare > 0 && s.mesh.Inside[t] {
			out[t] = (1-load.AreaShare)*out[t] + load.AreaShare*s.m2(int32(t))/s.parent.m2
		}
	}
	return out, nil
}

// areas returns each triangle's share of the parent's area.
func (s *sheet) areas() []float64 {
	out := make([]float64, len(s.label))
	for t := range out {
		if s.mesh.Inside[t] {
			out[t] = s.m2(int32(t)) / s.parent.m2
		}
	}
	return out
}

// island is a connected set of atoms and the number of cells it is to have.
type island struct {
	atoms []int32
	load  float64
	cells int
}

// islands finds the connected sets of atoms and shares the cells out among
// those that are worth half a cell at least. The load of the others goes to the
// nearest atom of an island with cells; follow tells which atom's cell each
// atom joins, itself on an island with cells.
func islands(list []atom, cells int) (main []island, follow []int32) {
	seen := make([]bool, len(list))
	var all []island
	for i := range list {
		if seen[i] {
			continue
		}
		is := island{atoms: []int32{int32(i)}}
		seen[i] = true
		for k := 0; k < len(is.atoms); k++ {
			a := &list[is.atoms[k]]
			is.load += a.load
			for _, l := range a.links {
				if !seen[l.to] {
					seen[l.to] = true
					is.atoms = append(is.atoms, l.to)
				}
			}
		}
		all = append(all, is)
	}
	slices.SortStableFunc(all, func(a, b island) int { return cmp.Compare(b.load, a.load) })
	n := 1
	for n < len(all) && n < cells && all[n].load*float64(cells) >= 0.5 {
		n++
	}
	main = all[:n]
	follow = make([]int32, len(list))
	for i := range follow {
		follow[i] = int32(i)
	}
	for _, small := range all[n:] {
		host, at := nearestAtoms(list, main, small)
		for _, a := range small.atoms {
			follow[a] = at
			list[at].load += list[a].load
		}
		main[host].load += small.load
	}
	for i := range main {
		main[i].cells = 1
	}
	for range cells - n {
		best := -1
		for i, m := range main {
			if m.cells < len(m.atoms) && (best < 0 || m.load/float64(m.cells) > main[best].load/float64(main[best].cells)) {
				best = i
			}
		}
		if best < 0 {
			break
		}
		main[best].cells++
	}
	return main, follow
}

// nearestAtoms returns the main island and its atom nearest to a small one.
func nearestAtoms(list []atom, main []island, small island) (host int, at int32) {
	best := math.Inf(1)
	for i, m := range main {
		for _, b := range m.atoms {
			for _, a := range small.atoms {
				if d := list[a].at.distance2(list[b].at); d < best {
					best, host, at = d, i, b
				}
			}
		}
	}
	return host, at
}
