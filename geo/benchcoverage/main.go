// Benchcoverage measures geo.Coverage on a made-up country and writes the same
// country for others to be measured on; .ci/bench/coverage runs it.
//
//	benchcoverage measure CELLS   a line for every step: name, seconds, CPU seconds, peak MB
//	benchcoverage copy CELLS      id, parent, geometry in PostgreSQL's binary COPY format
package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/ewkb"

	"unigrid/geo"
	"unigrid/geo/geotest"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "benchcoverage:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("usage: benchcoverage measure|copy CELLS")
	}
	n, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	country := geotest.NewCountry(n)
	switch args[0] {
	case "measure":
		return measure(country, os.Stdout)
	case "copy":
		return copyBinary(country, os.Stdout)
	}
	return fmt.Errorf("unknown command %q", args[0])
}

// measure runs every step once.
func measure(country *geotest.Country, w io.Writer) error {
	n := country.Len()
	builder := geo.NewBuilder(n, n*61)
	var c *geo.Coverage
	var united, whole []orb.MultiPolygon
	groups, all := make([]int, n), make([]int, n)
	for i := range groups {
		groups[i] = country.Parent(i)
	}
	steps := []struct {
		name string
		do   func() error
	}{
		{"read", func() error {
			for i := range n {
				if err := builder.Add(country.Cell(i)); err != nil {
					return err
				}
			}
			return nil
		}},
		{"build", func() error { c = builder.Build(); return nil }},
		{"validate", func() error {
			for _, f := range c.Validate(nil) {
				if f.Kind != geo.Unmatched {
					return fmt.Errorf("validate: %s", f)
				}
			}
			return nil
		}},
		{"dissolve", func() (err error) {
			united, err = c.Dissolve(groups)
			return err
		}},
		{"dissolve to one", func() (err error) {
			whole, err = c.Dissolve(all)
			return err
		}},
		{"validate in parent", func() error {
			if f := c.Validate(whole[0]); len(f) > 0 {
				return fmt.Errorf("validate in parent: %s", f[0])
			}
			return nil
		}},
		{"neighbours", func() error {
			if len(c.Neighbours()) == 0 {
				return fmt.Errorf("no neighbours")
			}
			return nil
		}},
		{"arcs", func() error { c.Simplify(0); return nil }},
	}
	for _, zoom := range []int{4, 9, 14} {
		steps = append(steps, struct {
			name string
			do   func() error
		}{fmt.Sprintf("simplify z%d", zoom), func() error {
			if got := len(c.Simplify(geotest.PixelAt(zoom))); got != n {
				return fmt.Errorf("simplify z%d: %d cells of %d", zoom, got, n)
			}
			return nil
		}})
	}
	for _, s := range steps {
		if err := timed(w, s.name, s.do); err != nil {
			return err
		}
	}
	fmt.Fprintf(w, "cells\t%d\nparents\t%d\nsegments\t%d\n", n, len(united), c.Segments())
	return nil
}

// timed runs a step and prints what it took.
func timed(w io.Writer, name string, do func() error) error {
	runtime.GC()
	debug.FreeOSMemory()
	// 5 resets the peak of the resident memory, VmHWM below.
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		return err
	}
	start, used := time.Now(), cpu()
	if err := do(); err != nil {
		return err
	}
	took, spent := time.Since(start), cpu()-used
	peak, err := peakMB()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\t%.3f\t%.3f\t%d\n", name, took.Seconds(), spent.Seconds(), peak)
	return err
}

// cpu returns the processor time that the program has used.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// peakMB returns the greatest resident memory since it was last reset.
func peakMB() (int, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.Atoi(strings.Fields(value)[0])
			return kb / 1024, err
		}
	}
	return 0, fmt.Errorf("no VmHWM in /proc/self/status")
}

// copyBinary writes rows (id int4, parent int4, geom geometry).
func copyBinary(country *geotest.Country, w io.Writer) error {
	out := bufio.NewWriterSize(w, 1<<20)
	out.WriteString("PGCOPY\n\xff\r\n\x00")
	out.Write(make([]byte, 8))
	var row []byte
	for i := range country.Len() {
		geom, err := ewkb.Marshal(country.Cell(i), 4326)
		if err != nil {
			return err
		}
		row = binary.BigEndian.AppendUint16(row[:0], 3)
		for _, v := range []int{i, country.Parent(i)} {
			row = binary.BigEndian.AppendUint32(row, 4)
			row = binary.BigEndian.AppendUint32(row, uint32(v))
		}
		row = binary.BigEndian.AppendUint32(row, uint32(len(geom)))
		if _, err := out.Write(append(row, geom...)); err != nil {
			return err
		}
	}
	out.Write([]byte{0xff, 0xff})
	return out.Flush()
}
