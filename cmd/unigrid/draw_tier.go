package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/drawing"
	"unigrid/grids/editions"
)

// drawTier draws a tier under all cells above it that have no children, showing
// progress: a line that moves for people, JSON lines for machines.
func (a *app) drawTier(ctx context.Context, w, people io.Writer, f drawFlags) error {
	t, err := a.findTerritory(ctx)
	if err != nil {
		return err
	}
	if f.tier < 2 || f.tier > len(t.Scheme.Lengths) {
		return wrongUse("tier", "层级 %d 超出编码规则 %s", "tier %d is outside the code scheme %s", f.tier, t.Scheme)
	}
	codes := codesByParent(t, grids.Tier(f.tier), f.request.Codes)
	failed := 0
	run := drawing.Run{
		In: t, Tier: grids.Tier(f.tier), Who: grids.Local, Batch: f.batch,
		Draft: func(ctx context.Context, tx pgx.Tx) (grids.EditionID, error) {
			return editions.Draft(ctx, tx, t, grids.Local)
		},
		Request: func(parent cells.Cell) (drawing.Request, bool) {
			r := f.request
			r.Into, r.Codes = f.intoPerParent, codes[parent.Code]
			return r, r.Into > 0 || len(r.Codes) > 0
		},
		Report: func(p drawing.Progress) {
			failed += len(p.Failed)
			if a.json {
				a.printLine(w, p)
				return
			}
			for _, failure := range p.Failed {
				fmt.Fprintf(people, "\r%s: %s\n", failure.Code, failure.Error)
			}
			done := p.Drawn + p.Passed + failed
			left := time.Duration(float64(p.Took) / float64(max(done, 1)) * float64(p.Parents-done))
			fmt.Fprintf(people, "\r%d of %d parents, %d cells, %.1f parents/s, %s left, at %s  ", done, p.Parents, p.Cells,
				float64(done)/p.Took.Seconds(), left.Round(time.Second), p.Last)
		},
	}
	done, err := run.Do(ctx, a.db)
	if !a.json {
		fmt.Fprintln(people)
	}
	if errors.Is(err, drawing.ErrStopped) {
		fmt.Fprintf(people, "stopped after %d of %d parents; what is drawn stays, the same command goes on from there\n", done.Drawn, done.Parents)
		return &silentError{}
	}
	if err != nil {
		return err
	}
	if err := cells.RefreshStatistics(ctx, a.db); err != nil {
		return err
	}
	if !a.json {
		fmt.Fprintf(w, "drew %d cells in %d parents, %d passed over, %d failed\n", done.Cells, done.Drawn, done.Passed, failed)
	}
	if failed > 0 {
		return &silentError{}
	}
	if f.publish {
		return a.publishAndSay(ctx, w, t)
	}
	return nil
}

// printLine writes a value as one line of JSON.
func (a *app) printLine(w io.Writer, value any) {
	if err := json.NewEncoder(w).Encode(value); err != nil {
		a.log.Warn("progress", "error", err)
	}
}

// codesByParent sorts the codes of a tier by the parents they belong under.
func codesByParent(t cells.Territory, tier grids.Tier, codes []drawing.CodeName) map[grids.Code][]drawing.CodeName {
	out := map[grids.Code][]drawing.CodeName{}
	for _, c := range codes {
		code, err := t.Scheme.Parse(string(c.Code), tier)
		if err != nil {
			continue // of another tier
		}
		parent := t.Scheme.Parent(code, tier)
		if code != parent {
			out[parent] = append(out[parent], drawing.CodeName{Code: code, Name: c.Name})
		}
	}
	return out
}
