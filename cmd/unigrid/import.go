package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/importers"
	"unigrid/importers/source"
)

func importCommand(c *config) *cobra.Command {
	var r importers.Request
	var as, crs, layer, rejects, changes string
	var tier int
	var publish bool
	cmd := &cobra.Command{
		Use:   "import FILE...",
		Short: "Import cells, layer cells, objects, people or assignments into the draft",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, files []string) error {
			epsg, err := parseEPSG(crs)
			if err != nil {
				return err
			}
			r.Target, r.Tier, r.Layer, r.Source.EPSG = importers.Target(as), grids.Tier(tier), grids.LayerCode(layer), epsg
			if err := checkImport(r, publish); err != nil {
				return usageError{err}
			}
			if err := importers.CheckOutputs("", changes); err != nil {
				return usageError{err}
			}
			return with(cmd.Context(), c, func(a *app) error {
				return a.importFiles(cmd.Context(), cmd.OutOrStdout(), files, r, rejects, changes, publish)
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&as, "as", "", targetNames())
	flags.IntVar(&tier, "tier", 0, "tier of the cells, 1 is the whole territory")
	flags.StringVar(&layer, "layer", "", "layer of the layer cells, e.g. environment")
	flags.StringVar(&crs, "crs", "", "coordinate system of the file, where it doesn't say, e.g. EPSG:4547")
	flags.StringVar(&r.Source.Encoding, "encoding", "", "character encoding of the file, where it doesn't say or lies, e.g. GBK")
	flags.StringVar(&r.Source.Layer, "sheet", "", "sheet of a workbook or file of an archive")
	flags.StringToStringVar(&r.Map, "map", nil, "which column feeds a field: field=column")
	flags.StringVar(&r.Provenance, "provenance", "imported", "imported, surveyed or demo")
	flags.BoolVar(&r.DryRun, "dry-run", false, "check and report, change nothing")
	flags.BoolVar(&r.Strict, "strict", false, "refuse a file on any error in a row")
	flags.StringVar(&rejects, "rejects", "", "write the rows that stayed out, with the reasons, to this CSV file")
	flags.BoolVar(&publish, "publish", false, "publish the draft afterwards")
	flags.BoolVar(&r.Adopt.ReplaceParents, "replace-parents", false, "parents become the union of the imported cells")
	flags.Float64Var(&r.Adopt.Tolerance, "tolerance", 0, "metres within which vertices are one place (default 0.1)")
	flags.Float64Var(&r.Adopt.MaxGap, "max-gap", 0, "square metres of a gap that is closed (default 1000)")
	flags.StringVar(&changes, "report", "", "write every change to the cells' boundaries to this file: .geojson or .csv")
	flags.BoolVar(&r.Adopt.Locked, "locked", false, "the boundaries in the files are statutory (法定界线): nothing moves them from now on")
	flags.StringVar(&r.Adopt.Unlock, "unlock", "", "reason for which locked boundaries may move")
	cobra.CheckErr(cmd.MarkFlagRequired("as"))
	return cmd
}

func checkImport(r importers.Request, publish bool) error {
	switch {
	case r.Target == importers.Cells && r.Tier == 0:
		return grids.Errorf(grids.Invalid, "tier", "导入网格需要 --tier", "importing cells takes --tier")
	case r.Target == importers.LayerCells && r.Layer == "":
		return grids.Errorf(grids.Invalid, "layer", "导入条线网格需要 --layer", "importing layer cells takes --layer")
	case r.DryRun && publish:
		return grids.Errorf(grids.Invalid, "publish", "--dry-run 与 --publish 不能同用", "--dry-run and --publish exclude each other")
	}
	return nil
}

func (a *app) importFiles(ctx context.Context, w io.Writer, files []string, r importers.Request, rejects, changes string, publish bool) error {
	t, err := a.findTerritory(ctx)
	if err != nil {
		return err
	}
	rejected := 0
	var changed []importers.FileChange
	for _, file := range files {
		r.File = file
		r.Source = source.Options{Encoding: r.Source.Encoding, EPSG: r.Source.EPSG, Layer: r.Source.Layer}
		report, err := importers.Run(ctx, a.db, grids.Local, t, r, nil)
		if changes != "" {
			for _, change := range report.Changes {
				changed = append(changed, importers.FileChange{File: report.File, Change: change})
			}
			if err := importers.WriteChanges(changes, changed); err != nil {
				return err
			}
		}
		if printErr := a.printImport(w, report, err); printErr != nil {
			return printErr
		}
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if rejects != "" {
			if err := writeRejects(rejects, report.Findings); err != nil {
				return err
			}
		}
		rejected += report.Rejected
	}
	if publish {
		if err := a.publishAndSay(ctx, w, t); err != nil {
			return err
		}
	}
	if rejected > 0 {
		return fmt.Errorf("%d rows stayed out; the rest is in", rejected)
	}
	return nil
}

func (a *app) publishAndSay(ctx context.Context, w io.Writer, t cells.Territory) error {
	edition, err := a.publish(ctx, t, "")
	if err != nil {
		return err
	}
	return a.print(w, edition, func(w io.Writer) {
		fmt.Fprintf(w, "published edition %d, effective %s\n", edition.Seq, edition.Effective)
	})
}

func (a *app) printImport(w io.Writer, report importers.Report, failed error) error {
	if failed != nil && len(report.Findings) == 0 {
		return nil
	}
	return a.print(w, report, func(w io.Writer) {
		verb := "imported"
		if report.DryRun {
			verb = "would import"
		}
		if failed != nil {
			verb = "did not import"
		}
		fmt.Fprintf(w, "%s: %s %s: %d rows, %d applied, %d unchanged, %d rejected (EPSG:%d, %s)\n",
			report.File, verb, report.Target, report.Rows, report.Applied, report.Unchanged, report.Rejected, report.EPSG, report.Encoding)
		printFindings(w, report.Findings)
	})
}

// printFindings prints one line each, with its place.
func printFindings(w io.Writer, findings []grids.Finding) {
	for _, f := range findings {
		parts := []string{string(f.Severity), f.Kind}
		if f.Row > 0 {
			parts = append(parts, "row "+strconv.Itoa(f.Row))
		}
		if f.Field != "" {
			parts = append(parts, f.Field)
		}
		if f.Value != "" {
			parts = append(parts, strconv.Quote(f.Value))
		}
		if f.Code != "" {
			parts = append(parts, f.Code)
		}
		if f.Lon != nil && f.Lat != nil {
			parts = append(parts, fmt.Sprintf("at %.7f,%.7f", *f.Lon, *f.Lat))
		}
		fmt.Fprintf(w, "  %s: %s\n", strings.Join(parts, " "), f.Message)
	}
}

// writeRejects lists what stayed out and why.
func writeRejects(path string, findings []grids.Finding) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	w := csv.NewWriter(file)
	rows := [][]string{{"文件", "行", "列", "值", "原因"}}
	for _, f := range findings {
		if f.Severity == grids.SeverityError {
			rows = append(rows, []string{f.File, strconv.Itoa(f.Row), f.Field, f.Value, f.Message})
		}
	}
	if err := w.WriteAll(rows); err != nil {
		return err
	}
	return file.Close()
}

// targetNames lists what rows may become, for --help.
func targetNames() string {
	names := make([]string, 0, 8)
	for _, t := range importers.Targets() {
		names = append(names, string(t))
	}
	return "one of " + strings.Join(names, ", ")
}
