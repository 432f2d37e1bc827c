package partition_test

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/uber/h3-go/v4"

	"unigrid/geo/draw/partition"
)

// hexagons is a connected set of n H3 cells round Zhuzhou; with a ragged edge,
// and with whole-numbered loads that weigh gives.
func hexagons(b testing.TB, n int, weigh func(i int, at h3.LatLng) float64) partition.Graph {
	b.Helper()
	middle, err := h3.LatLngToCell(h3.LatLng{Lat: 27.83, Lng: 113.13}, 9)
	if err != nil {
		b.Fatal(err)
	}
	rings := 1
	for 3*rings*(rings+1)+1 < n {
		rings++
	}
	disk, err := h3.GridDisk(middle, rings) // from the middle outward
	if err != nil {
		b.Fatal(err)
	}
	disk = disk[:n]
	number := make(map[h3.Cell]int32, n)
	for i, c := range disk {
		number[c] = int32(i)
	}
	g := partition.Graph{First: make([]int32, 1, n+1)}
	for i, c := range disk {
		near, err := h3.GridDisk(c, 1)
		if err != nil {
			b.Fatal(err)
		}
		at, err := c.LatLng()
		if err != nil {
			b.Fatal(err)
		}
		g.Load = append(g.Load, weigh(i, at))
		g.At = append(g.At, [2]float64{at.Lng * 0.884, at.Lat})
		for _, u := range near {
			if j, ok := number[u]; ok && u != c {
				g.To, g.Weight = append(g.To, j), append(g.Weight, 1)
			}
		}
		g.First = append(g.First, int32(len(g.To)))
	}
	return g
}

func even(int, h3.LatLng) float64 { return 1 }

// towns are loads of 1 to 40: two dense places and the country round them.
func towns(i int, at h3.LatLng) float64 {
	d := func(lat, lng float64) float64 { return math.Hypot(at.Lat-lat, (at.Lng-lng)*0.88) }
	return math.Round(1 + 30*math.Exp(-d(27.83, 113.13)/0.03) + 15*math.Exp(-d(27.93, 113.2)/0.02) + float64(i*7919%9))
}

// cpu is the processor time that the process has used, which is what gpmetis
// reports of itself, so that a busy machine does neither wrong.
func cpu(b testing.TB) time.Duration {
	b.Helper()
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

var metisTime = regexp.MustCompile(`Partitioning:\s+([0-9.]+) sec`)

// metis divides a graph with gpmetis -contig.
func metis(b testing.TB, folder string, g partition.Graph, k int, seed uint64) ([]int32, time.Duration) {
	b.Helper()
	var text bytes.Buffer
	fmt.Fprintf(&text, "%d %d 010 1\n", g.Len(), len(g.To)/2)
	for v := range g.Load {
		fmt.Fprintf(&text, "%d", int(g.Load[v]))
		for e := g.First[v]; e < g.First[v+1]; e++ {
			fmt.Fprintf(&text, " %d", g.To[e]+1)
		}
		text.WriteByte('\n')
	}
	path := filepath.Join(folder, "graph")
	if err := os.WriteFile(path, text.Bytes(), 0o600); err != nil {
		b.Fatal(err)
	}
	out, err := exec.Command("gpmetis", "-contig", "-seed="+strconv.FormatUint(seed, 10), path, strconv.Itoa(k)).CombinedOutput()
	if err != nil {
		b.Fatalf("gpmetis: %v\n%s", err, out)
	}
	seconds, err := strconv.ParseFloat(string(metisTime.FindSubmatch(out)[1]), 64)
	if err != nil {
		b.Fatal(err)
	}
	answer, err := os.ReadFile(path + ".part." + strconv.Itoa(k))
	if err != nil {
		b.Fatal(err)
	}
	part := make([]int32, 0, g.Len())
	for field := range strings.FieldsSeq(string(answer)) {
		p, err := strconv.Atoi(field)
		if err != nil {
			b.Fatal(err)
		}
		part = append(part, int32(p))
	}
	return part, time.Duration(seconds * float64(time.Second))
}

// broken counts the parts in more than one piece, or none.
func broken(g partition.Graph, part []int32, k int) int {
	n := 0
	for p := range k {
		alone := make([]int32, len(part))
		for v := range part {
			if part[v] != int32(p) {
				alone[v] = -1
			}
		}
		if countPieces(g, alone) != 1 {
			n++
		}
	}
	return n
}

func countPieces(g partition.Graph, part []int32) int {
	seen, n := make([]bool, len(part)), 0
	for v := range part {
		if seen[v] || part[v] < 0 {
			continue
		}
		n++
		seen[v] = true
		for todo := []int32{int32(v)}; len(todo) > 0; {
			u := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			for e := g.First[u]; e < g.First[u+1]; e++ {
				if t := g.To[e]; part[t] >= 0 && !seen[t] {
					seen[t] = true
					todo = append(todo, t)
				}
			}
		}
	}
	return n
}

// BenchmarkMetis prints balance, edge cut, connected parts and time beside those
// of gpmetis -contig, on the same graphs and loads: medians of several seeds.
func BenchmarkParts(b *testing.B) {
	g := hexagons(b, 10_000, even)
	for b.Loop() {
		if _, err := partition.Parts(context.Background(), g, 100, partition.Options{Seed: 1}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMetis(b *testing.B) {
	if _, err := exec.LookPath("gpmetis"); err != nil {
		b.Skip("gpmetis (Debian package metis) is not installed")
	}
	const seeds = 7
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	defer w.Flush()
	fmt.Fprintln(w, "\ncells\tparts\tload\tcut ours\tmetis\tratio\tworst/mean ours\tmetis\tleast ours\tmetis\tbroken ours\tmetis\tCPU ms ours\tmetis\tratio")
	for _, c := range []struct {
		n, k  int
		name  string
		weigh func(int, h3.LatLng) float64
	}{
		{2000, 20, "even", even}, {10_000, 100, "even", even}, {50_000, 500, "even", even},
		{2000, 20, "towns", towns}, {10_000, 100, "towns", towns}, {50_000, 500, "towns", towns},
	} {
		g := hexagons(b, c.n, c.weigh)
		var cut, most, least, ms [2][]float64
		var gaps [2]int
		note := func(who int, part []int32, took time.Duration) {
			hi, lo := worst(g, part, c.k)
			cut[who] = append(cut[who], g.Cut(part))
			most[who], least[who] = append(most[who], hi), append(least[who], lo)
			ms[who] = append(ms[who], float64(took.Microseconds())/1000)
			gaps[who] += broken(g, part, c.k)
		}
		for seed := range uint64(seeds) {
			runtime.GC()
			start := cpu(b)
			part, err := partition.Parts(context.Background(), g, c.k, partition.Options{Seed: seed})
			if err != nil {
				b.Fatal(err)
			}
			note(0, part, cpu(b)-start)
			part, took := metis(b, b.TempDir(), g, c.k, seed)
			note(1, part, took)
		}
		m := func(list []float64) float64 {
			slices.Sort(list)
			return list[len(list)/2]
		}
		fmt.Fprintf(w, "%d\t%d\t%s\t%.0f\t%.0f\t%.3f\t%.3f\t%.3f\t%.3f\t%.3f\t%d\t%d\t%.1f\t%.1f\t%.1f\n", c.n, c.k, c.name,
			m(cut[0]), m(cut[1]), m(cut[0])/m(cut[1]), slices.Max(most[0]), slices.Max(most[1]), slices.Min(least[0]), slices.Min(least[1]),
			gaps[0], gaps[1], m(ms[0]), m(ms[1]), m(ms[0])/m(ms[1]))
	}
}
