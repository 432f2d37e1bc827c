package main

import (
	"context"
	"errors"
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
					return inFile(rulesFile, err)
				}
				rules = &merge.RuleList{Rules: list, File: filepath.Base(rulesFile)}
			}
			return withTerritory(cmd, c, func(ctx context.Context, a *app, t cells.Territory) error {
				err := a.merge(ctx, cmd.OutOrStdout(), t, editions.Wish{Layers: layerCodes(only), Base: grids.LayerCode(base), Capacity: capacity, Rules: rules, Publish: publish, Note: "merge"})
				return inFile(rulesFile, err)
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

// inFile says in a refusal of rules which file they are of.
func inFile(file string, err error) error {
	var known *grids.Error
	if errors.As(err, &known) && known.Field == "rules" && known.Value == "" {
		known.Value = file
	}
	return err
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
	if err := a.print(w, report, func(w io.Writer) { a.printUnified(w, report) }); err != nil {
		return err
	}
	if wish.Publish && report.Edition == nil {
		return grids.Errorf(grids.Conflict, "publish", "没有发布:%d 个阻止发布的冲突尚未解决", "not published: %d blocking conflicts are open", len(report.Blocking))
	}
	return nil
}

func (a *app) printUnified(w io.Writer, r editions.Unified) {
	a.tell(w, "第 %d 次融合,条线:%v", "run %d over %v", r.Run.ID, r.Run.Layers)
	if r.Drawn.Parents > 0 {
		a.tell(w, "已按决定画入:%[2]d 个上级网格之下,%[1]d 个网格改了界线,新增 %[3]d 个", "drawn as decided: %d cells below %d parents have another line, %d new", r.Drawn.Changed, r.Drawn.Parents, r.Drawn.Created)
	}
	switch {
	case r.Rules.File != "":
		a.tell(w, "按 %[2]s 的 %[1]d 条规则解决", "settled by %d rules of %s", r.Rules.Count, r.Rules.File)
	case r.Rules.Version > 0:
		a.tell(w, "按辖区保存的规则(第 %[2]d 版,%[1]d 条)解决", "settled by %d rules, version %d of the territory's", r.Rules.Count, r.Rules.Version)
	default:
		a.tell(w, "没有规则可用:辖区没有保存规则,也没有给出文件", "settled by no rules: the territory has saved none, and no file was given")
	}
	for _, c := range r.Conflicts {
		a.tell(w, "  %s:%d 处,未解决 %d 处,其中 %d 处阻止发布", "  %-18s %5d, %d unsettled, %d of them blocking", kindOf(c.Kind), c.Total, c.Open+c.Deferred, c.Blocking)
	}
	for i, c := range r.Blocking {
		if i == blockingShown {
			a.tell(w, "  …… 还有 %d 处阻止发布;--json 列出全部", "  … and %d more that block; --json lists all", len(r.Blocking)-i)
			break
		}
		proposal := grids.Text{ZH: merge.ResolutionName(c.Proposal).ZH, EN: c.Proposal}
		a.tell(w, "  阻止发布:%s %s %s,建议:%s", "  blocking: %s %s %s: proposed %s", kindOf(c.Kind), c.Cell, c.CellName, proposal)
	}
	if r.Edition != nil {
		fmt.Fprintln(w, published(*r.Edition).In(a.lang))
	}
}

// kindOf names a kind of conflict; in English by the word that --rules and the API
// take.
func kindOf(k merge.Kind) grids.Text { return grids.Text{ZH: k.Name().ZH, EN: string(k)} }
