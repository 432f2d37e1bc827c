package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/importers"
)

func cleanCommand(c *config) *cobra.Command {
	var r importers.Request
	var o cells.CleanOptions
	var crs, output, report string
	var locked bool
	cmd := &cobra.Command{
		Use:   "clean FILE...",
		Short: "Make the polygons of files one exact coverage, without storing anything",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, files []string) error {
			epsg, err := parseEPSG(crs)
			if err != nil {
				return err
			}
			r.Source.EPSG = epsg
			if err := importers.CheckOutputs(output, report); err != nil {
				return usageError{err}
			}
			return with(cmd.Context(), c, func(a *app) error {
				return a.clean(cmd.Context(), cmd.OutOrStdout(), files, r, o, locked, output, report)
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVarP(&output, "output", "o", "", "file to write: .geojson (EPSG:4326) or .shp (in the files' coordinate system)")
	flags.StringVar(&report, "report", "", "write every change to this file: .geojson or .csv")
	flags.StringVar(&crs, "crs", "", "coordinate system of the files, where they don't say, e.g. EPSG:4547")
	flags.StringVar(&r.Source.Encoding, "encoding", "", "character encoding of the files, where they don't say or lie, e.g. GBK")
	flags.StringVar(&r.Source.Layer, "sheet", "", "file of an archive")
	flags.StringToStringVar(&r.Map, "map", nil, "code=COLUMN: which column names the cells in the report")
	flags.Float64Var(&o.Tolerance, "tolerance", 0, "metres within which vertices and edges are one place (default 0.1)")
	flags.Float64Var(&o.MaxGap, "max-gap", 0, "square metres of a gap that is closed (default 1000)")
	flags.BoolVar(&locked, "locked", false, "the boundaries are statutory: fail rather than move one")
	flags.StringVar(&o.Unlock, "unlock", "", "reason for which locked boundaries may move")
	cobra.CheckErr(cmd.MarkFlagRequired("output"))
	return cmd
}

func (a *app) clean(ctx context.Context, w io.Writer, files []string, r importers.Request, o cells.CleanOptions, locked bool, output, path string) error {
	report, err := importers.CleanFiles(ctx, a.db, grids.Local, files, r, o, locked, output)
	if path != "" && len(report.Changes) > 0 || path != "" && err == nil {
		changes := make([]importers.FileChange, len(report.Changes))
		for i, change := range report.Changes {
			changes[i] = importers.FileChange{File: strings.Join(report.Files, " "), Change: change}
		}
		if writeErr := importers.WriteChanges(path, changes); writeErr != nil {
			return writeErr
		}
	}
	if err != nil {
		return err
	}
	if err := a.print(w, report, func(w io.Writer) { printCleaned(w, report, a.lang) }); err != nil {
		return err
	}
	if report.Errors > 0 {
		return fmt.Errorf("%d places need a person; the rest is in %s", report.Errors, output)
	}
	return nil
}

// printCleaned prints a line for each kind of change, and what a person has to
// settle.
func printCleaned(w io.Writer, report importers.CleanReport, lang string) {
	fmt.Fprintf(w, "%s: %d rows, %d written, %d changes in %d passes (EPSG:%d)\n",
		strings.Join(report.Files, " "), report.Rows, report.Written, len(report.Changes), report.Passes, report.EPSG)
	area, metres := map[string]float64{}, map[string]float64{}
	for _, c := range report.Changes {
		area[string(c.Kind)] += c.AreaM2
		metres[string(c.Kind)] = max(metres[string(c.Kind)], c.Metres)
	}
	for _, kind := range slices.Sorted(maps.Keys(report.Counts)) {
		fmt.Fprintf(w, "  %-13s %6d  %14.3f m²  up to %.3f m\n", kind, report.Counts[kind], area[kind], metres[kind])
	}
	var open []grids.Finding
	for _, c := range report.Changes {
		if c.Severity != grids.SeverityRepair {
			open = append(open, c.Finding())
		}
	}
	slices.SortStableFunc(open, func(f, g grids.Finding) int { return cmp.Compare(g.AreaM2, f.AreaM2) })
	printFindings(w, lang, open[:min(len(open), mostOpen)])
	if len(open) > mostOpen {
		fmt.Fprintf(w, "  and %d smaller ones (--report lists all)\n", len(open)-mostOpen)
	}
}

// mostOpen is how many places for a person to look at are printed.
const mostOpen = 10
