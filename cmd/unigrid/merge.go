package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/editions"
	"unigrid/grids/merge"
)

func mergeCommand(c *config) *cobra.Command {
	var only []string
	var capacity int
	var base string
	var rulesFile string
	var publish bool
	cmd := &cobra.Command{
		Use:   "merge",
		Short: "Overlay the layers with the draft's leaves, list conflicts, settle them by rules",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var rules *merge.RuleList
			if rulesFile != "" {
				file, err := os.Open(rulesFile)
				if err != nil {
					return err
				}
				defer file.Close()
				list, err := merge.ParseRules(file)
				if err != nil {
					return fmt.Errorf("%s: %w", rulesFile, err)
				}
				rules = &merge.RuleList{Rules: list, File: filepath.Base(rulesFile)}
			}
			return withTerritory(cmd, c, func(ctx context.Context, a *app, t cells.Territory) error {
				return a.merge(ctx, cmd.OutOrStdout(), t, editions.Wish{Layers: layerCodes(only), Base: grids.LayerCode(base), Capacity: capacity, Rules: rules, Publish: publish, Note: "merge"})
			})
		},
	}
	cmd.Flags().StringSliceVar(&only, "layers", nil, "layers to merge (default: all that have cells)")
	cmd.Flags().StringVar(&base, "base", "unified", "what layers are held against: unified (the leaves), or a layer")
	cmd.Flags().IntVar(&capacity, "capacity", 0, "cells for which one person can be accountable; more is a conflict (0: not judged)")
	cmd.Flags().StringVar(&rulesFile, "rules", "", "JSON file of rules that settle conflicts (default: the rules that the territory has saved)")
	cmd.Flags().BoolVar(&publish, "publish", false, "publish when no blocking conflict is open")
	return cmd
}

func layerCodes(texts []string) []grids.LayerCode {
	var codes []grids.LayerCode
	for _, text := range texts {
		codes = append(codes, grids.LayerCode(text))
	}
	return codes
}

// How many blocking conflicts people are shown at once.
const blockingShown = 20

// merge does everything in one transaction: with publish, either the unified
// grid is there afterwards, or nothing changed but the list of conflicts.
func (a *app) merge(ctx context.Context, w io.Writer, t cells.Territory, wish editions.Wish) error {
	var report editions.Unified
	err := a.db.Tx(ctx, grids.Local, func(tx pgx.Tx) (err error) {
		report, err = editions.Unify(ctx, tx, t, grids.Local, wish)
		return err
	})
	if err != nil {
		return err
	}
	if err := a.print(w, report, func(w io.Writer) { printUnified(w, report) }); err != nil {
		return err
	}
	if wish.Publish && report.Edition == nil {
		return fmt.Errorf("not published: %d blocking conflicts are open", len(report.Blocking))
	}
	return nil
}

func printUnified(w io.Writer, r editions.Unified) {
	fmt.Fprintf(w, "run %d over %v\n", r.Run.ID, r.Run.Layers)
	if r.Drawn.Parents > 0 {
		fmt.Fprintf(w, "drawn as decided: %d cells below %d parents have another line, %d new\n", r.Drawn.Changed, r.Drawn.Parents, r.Drawn.Created)
	}
	switch {
	case r.Rules.File != "":
		fmt.Fprintf(w, "settled by %d rules of %s\n", r.Rules.Count, r.Rules.File)
	case r.Rules.Version > 0:
		fmt.Fprintf(w, "settled by %d rules, version %d of the territory's\n", r.Rules.Count, r.Rules.Version)
	default:
		fmt.Fprintln(w, "settled by no rules: the territory has saved none, and no file was given")
	}
	for _, c := range r.Conflicts {
		fmt.Fprintf(w, "  %-18s %5d, %d unsettled, %d of them blocking\n", c.Kind, c.Total, c.Open+c.Deferred, c.Blocking)
	}
	for i, c := range r.Blocking {
		if i == blockingShown {
			fmt.Fprintf(w, "  … and %d more that block; --json lists all\n", len(r.Blocking)-i)
			break
		}
		fmt.Fprintf(w, "  blocking: %s %s %s: proposed %s\n", c.Kind, c.Cell, c.CellName, c.Proposal)
	}
	if r.Edition != nil {
		fmt.Fprintf(w, "published edition %d, effective %s\n", r.Edition.Seq, r.Edition.Effective)
	}
}
