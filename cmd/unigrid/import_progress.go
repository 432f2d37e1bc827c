package main

import (
	"fmt"
	"os"
	"time"

	"unigrid/importers"
)

// progressLine shows how far an import has come in one line of a terminal.
type progressLine struct {
	to       *os.File
	on, used bool
	terminal bool
}

// newProgressLine shows progress where the file is a terminal, or always.
func newProgressLine(to *os.File, always bool) *progressLine {
	info, err := to.Stat()
	terminal := err == nil && info.Mode()&os.ModeCharDevice != 0
	return &progressLine{to: to, on: terminal || always, terminal: terminal}
}

func (l *progressLine) show(p importers.Progress) {
	if !l.on {
		return
	}
	text := string(p.Stage)
	if p.BytesTotal > 0 {
		text += fmt.Sprintf(" %.1f of %.1f MB", float64(p.Bytes)/1e6, float64(p.BytesTotal)/1e6)
	}
	if p.Rows > 0 {
		text += fmt.Sprintf(" %d rows, %.0f rows/s", p.Rows, p.RowsPerSecond)
	} else if p.RowsTotal > 0 {
		text += fmt.Sprintf(" %d rows", p.RowsTotal)
	}
	if p.RemainingS >= 1 {
		text += fmt.Sprintf(", %s left", (time.Duration(p.RemainingS) * time.Second).String())
	}
	l.print(text)
}

// rows shows how many rows a stage has behind it, of how many (0: not known).
func (l *progressLine) rows(stage string, done, of int) {
	switch {
	case !l.on:
	case of > 0:
		l.print(fmt.Sprintf("%s %d of %d rows", stage, done, of))
	default:
		l.print(fmt.Sprintf("%s %d rows", stage, done))
	}
}

func (l *progressLine) print(text string) {
	if l.terminal {
		fmt.Fprintf(l.to, "\r\x1b[K%s", text)
		l.used = true
	} else {
		fmt.Fprintln(l.to, text)
	}
}

// end clears the line.
func (l *progressLine) end() {
	if l.used {
		fmt.Fprint(l.to, "\r\x1b[K")
	}
}
