package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/importers"
	"unigrid/importers/source/scratch"
)

// importFlags are what a person says about files on the command line.
type importFlags struct {
	r                             importers.Request
	as, crs, layer                string
	tier                          int
	rejects, changes, saveProfile string
	publish, progress             bool
	publishColumns, personal      []string
	reason                        string
	choices                       map[string]string
}

func importCommand(c *config) *cobra.Command {
	var f importFlags
	cmd := &cobra.Command{
		Use:   "import FILE...",
		Short: "Import cells, layer cells, objects, people or assignments into the draft",
		Long: "Import files, a folder or a .zip into the draft and the registers.\n\n" +
			"A command that was killed goes on with what it had staged when it is run again with the same file and flags.",
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, files []string) error {
			if err := f.complete(); err != nil {
				return usageError{err}
			}
			if c.keepDays < 1 {
				return usageError{grids.Errorf(grids.Invalid, "keep-imports", "--keep-imports 须为正整数", "--keep-imports takes a number from 1")}
			}
			f.r.Keep = time.Duration(c.keepDays) * 24 * time.Hour
			return with(cmd.Context(), c, func(a *app) error {
				return a.importFiles(cmd.Context(), cmd.OutOrStdout(), files, f)
			})
		},
	}
	f.register(cmd)
	c.registerKeep(cmd)
	cmd.AddCommand(importListCommand(c), importShowCommand(c), importUndoCommand(c), importDeleteCommand(c), importRejectsCommand(c), importProfilesCommand(c))
	return cmd
}

func (f *importFlags) register(cmd *cobra.Command) {
	flags, r := cmd.Flags(), &f.r
	flags.StringVar(&f.as, "as", "", targetNames())
	flags.IntVar(&f.tier, "tier", 0, "tier of the cells, 1 is the whole territory")
	flags.StringVar(&f.layer, "layer", "", "layer of the layer cells, e.g. environment")
	flags.StringVar(&f.crs, "crs", "", "coordinate system of the file, where it doesn't say or lies, e.g. EPSG:4547")
	flags.StringVar(&r.Source.Encoding, "encoding", "", "character encoding of the file, where it doesn't say or lies, e.g. GBK")
	flags.BoolVar(&r.Source.Swap, "swap-axes", false, "x and y, or longitude and latitude, are exchanged in the file: exchange them")
	flags.StringVar(&r.Source.Layer, "sheet", "", "sheet of a workbook, layer of a database or file of an archive")
	flags.StringToStringVar(&r.Map, "map", nil, "which column feeds a field: field=column; none with field=")
	flags.StringVar(&r.Profile, "profile", "", "use what this saved profile says, where no flag says otherwise")
	flags.StringVar(&f.saveProfile, "save-profile", "", "keep what the flags say as a profile of this name")
	flags.StringArrayVar(&f.publishColumns, "publish-column", nil, "extra column that collections may show; repeatable")
	flags.StringArrayVar(&f.personal, "personal", nil, "column of personal data to take in all the same (with --reason); repeatable")
	flags.StringVar(&f.reason, "reason", "", "why personal data is taken in; it is recorded")
	flags.StringToStringVar(&f.choices, "choose", nil, "answer to an ambiguous row: row=code or row=staff number; row=new for a new person")
	flags.StringVar(&r.Provenance, "provenance", "imported", "imported, surveyed or demo")
	flags.BoolVar(&r.DryRun, "dry-run", false, "check and report, change nothing")
	flags.BoolVar(&r.Strict, "strict", false, "refuse a file on any error in a row")
	flags.StringVar(&f.rejects, "rejects", "", "write the rows that stayed out, with the reasons, to this file, in the format of the input")
	flags.BoolVar(&f.publish, "publish", false, "publish the draft afterwards")
	flags.BoolVar(&f.progress, "progress", false, "print progress even where stderr is no terminal")
	flags.BoolVar(&r.Adopt.ReplaceParents, "replace-parents", false, "parents become the union of the imported cells")
	flags.BoolVar(&r.Adopt.RetireMissing, "retire-missing", false, "cells that are there and not in the file are retired, where others take their area; of layer cells all of the layer, unless a row stays out")
	flags.Float64Var(&r.Adopt.Tolerance, "tolerance", 0, "metres within which vertices are one place (default 0.1)")
	flags.Float64Var(&r.Adopt.MaxGap, "max-gap", 0, "square metres of a gap that is closed (default 1000)")
	flags.StringVar(&f.changes, "report", "", "write every change to the cells' boundaries to this file: .geojson or .csv")
	flags.BoolVar(&r.Adopt.Locked, "locked", false, "the boundaries in the files are statutory (法定界线): nothing moves them from now on")
	flags.StringVar(&r.Adopt.Unlock, "unlock", "", "reason for which locked boundaries may move")
}

// complete makes the request of the flags; its errors are wrong use.
func (f *importFlags) complete() error {
	epsg, err := parseEPSG(f.crs)
	if err != nil {
		return err
	}
	r := &f.r
	r.Target, r.Tier, r.Layer, r.Source.EPSG, r.Publish = importers.Target(f.as), grids.Tier(f.tier), grids.LayerCode(f.layer), epsg, f.publishColumns
	if len(f.personal) > 0 {
		r.Personal = &importers.Personal{Columns: f.personal, Reason: f.reason}
	}
	for row, code := range f.choices {
		n, err := strconv.Atoi(row)
		if err != nil || n < 1 {
			return grids.Errorf(grids.Invalid, "choose", "行号 %q 不对", "%q is not a row number", row).Fix("如 --choose 12=430281100201", "such as --choose 12=430281100201")
		}
		if r.Choices == nil {
			r.Choices = map[int]string{}
		}
		r.Choices[n] = code
	}
	switch {
	case r.Target == "" && r.Profile == "":
		return grids.Errorf(grids.Invalid, "as", "导入需要 --as(%s)", "importing takes --as (%s)", targetNames())
	case r.Profile == "" && r.Target == importers.Cells && r.Tier == 0:
		return grids.Errorf(grids.Invalid, "tier", "导入网格需要 --tier", "importing cells takes --tier")
	case r.Profile == "" && r.Target == importers.LayerCells && r.Layer == "":
		return grids.Errorf(grids.Invalid, "layer", "导入条线网格需要 --layer", "importing layer cells takes --layer")
	case r.DryRun && f.publish:
		return grids.Errorf(grids.Invalid, "publish", "--dry-run 与 --publish 不能同用", "--dry-run and --publish exclude each other")
	case len(f.personal) > 0 && strings.TrimSpace(f.reason) == "":
		return grids.Errorf(grids.Invalid, "reason", "--personal 须用 --reason 写明理由", "--personal takes a --reason")
	}
	return importers.CheckOutputs("", f.changes)
}

func (a *app) importFiles(ctx context.Context, w io.Writer, files []string, f importFlags) error {
	t, err := a.findTerritory(ctx)
	if err != nil {
		return err
	}
	if err := a.applyProfile(ctx, t, &f); err != nil {
		return err
	}
	if _, err := scratch.Sweep(); err != nil { // of a command that was killed
		a.log.Warn("sweeping temporary folders", "error", err)
	}
	rejected := 0
	var changed []importers.FileChange
	for n, file := range files {
		var changes []cells.Change
		if f.changes != "" {
			f.r.Told = func(change cells.Change) { changes = append(changes, change) }
		}
		report, err := a.importFile(ctx, w, t, file, f)
		if f.changes != "" {
			for _, change := range append(report.Opening, changes...) {
				changed = append(changed, importers.FileChange{File: report.File, Change: change})
			}
			if err := importers.WriteChanges(f.changes, changed); err != nil {
				return err
			}
		}
		if f.rejects != "" && report.Import != 0 && report.Errors > 0 {
			// Not found: what is wrong concerns no single row that could be read.
			if err := a.writeRejects(ctx, w, t, report.Import, numbered(f.rejects, n)); err != nil && !grids.IsKind(err, grids.NotFound) {
				return err
			}
		}
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		rejected += report.Rejected
	}
	if f.publish {
		if err := a.publishAndSay(ctx, w, t); err != nil {
			return err
		}
	}
	switch {
	case rejected > 0 && f.r.DryRun:
		return fmt.Errorf("%d rows would stay out", rejected)
	case rejected > 0:
		return fmt.Errorf("%d rows stayed out; the rest is in", rejected)
	}
	return nil
}

// importFile imports one file and prints what became of it.
func (a *app) importFile(ctx context.Context, w io.Writer, t cells.Territory, file string, f importFlags) (importers.Report, error) {
	r := f.r
	r.File = file
	line := newProgressLine(os.Stderr, f.progress)
	report, err := importers.Run(ctx, a.db, grids.Local, t, r, line.show)
	line.end()
	if printErr := a.printImport(w, report, err); printErr != nil {
		return report, printErr
	}
	if err == nil && f.saveProfile != "" {
		err = a.saveProfile(ctx, t, f, report)
	}
	return report, err
}

func (a *app) publishAndSay(ctx context.Context, w io.Writer, t cells.Territory) error {
	edition, err := a.publish(ctx, t, "")
	if err != nil {
		return err
	}
	return a.print(w, edition, func(w io.Writer) { fmt.Fprintln(w, published(edition).In(a.lang)) })
}

func (a *app) printImport(w io.Writer, report importers.Report, failed error) error {
	if failed != nil && len(report.Findings) == 0 {
		return nil
	}
	return a.print(w, report, func(w io.Writer) {
		verb := grids.Text{ZH: "已导入", EN: "imported"}
		if report.DryRun {
			verb = grids.Text{ZH: "试运行", EN: "would import"}
		}
		if failed != nil {
			verb = grids.Text{ZH: "没有导入", EN: "did not import"}
		}
		a.tell(w, "%s:%s %s:%d 行,写入 %d,未变 %d,退回 %d(EPSG:%d,%s)", "%s: %s %s: %d rows, %d applied, %d unchanged, %d rejected (EPSG:%d, %s)",
			report.File, verb, report.Target, report.Rows, report.Applied, report.Unchanged, report.Rejected, report.EPSG, report.Encoding)
		printFindings(w, a.lang, report.Findings)
		if all, n := report.Errors+report.Repairs+report.Warnings, len(report.Findings); n < all {
			a.tell(w, "  以上是 %[2]d 条中的前 %[1]d 条;边界的全部改动见 --report 文件", "  these are the first %d of %d findings; --report FILE writes every change to boundaries", n, all)
		}
		if report.DryRun {
			a.printDifferences(w, report)
		}
	})
}

// printDifferences prints one line for each thing that would change or go; what
// would come in is only counted.
func (a *app) printDifferences(w io.Writer, report importers.Report) {
	for _, d := range report.Differences {
		if d.Op == "created" {
			continue
		}
		op := grids.Text{ZH: "变更", EN: d.Op}
		if d.Op == "retired" {
			op.ZH = "撤销"
		}
		line := "  " + op.In(a.lang)
		if d.Row > 0 {
			line += grids.Textf(" 第 %d 行", " row %d", d.Row).In(a.lang)
		}
		line += " " + d.Code + " " + d.Name
		for _, field := range slices.Sorted(maps.Keys(d.After)) {
			if before := d.Before[field]; before != "" || field != "geometry" {
				line += fmt.Sprintf("; %s %q → %q", field, before, d.After[field])
			} else {
				line += "; " + d.After[field]
			}
		}
		fmt.Fprintln(w, line)
	}
	if all := report.Created + report.Changed + report.Retired; all > 0 {
		a.tell(w, "  将新增 %d,变更 %d,撤销 %d", "  %d would be created, %d changed, %d retired", report.Created, report.Changed, report.Retired)
		if n := len(report.Differences); n < all {
			a.tell(w, "  以上取自 %[2]d 处差异中的前 %[1]d 处", "  these are of the first %d of %d differences", n, all)
		}
	}
}

// printFindings prints one line each, with its place.
func printFindings(w io.Writer, lang string, findings []grids.Finding) {
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
		fmt.Fprintf(w, "  %s: %s\n", strings.Join(parts, " "), f.Said().In(lang))
		for _, c := range f.Candidates {
			fmt.Fprintf(w, "    --choose %d=%s  %s\n", f.Row, c.Code, cmp.Or(c.Path, c.Name))
		}
	}
}

// writeRejects writes the rows that stayed out to path; where its ending says
// another format than the file's, the right one is added.
func (a *app) writeRejects(ctx context.Context, w io.Writer, t cells.Territory, id int64, path string) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".rejects-*")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	var name string
	err = a.db.Read(ctx, grids.Local, func(tx pgx.Tx) (err error) {
		name, err = importers.WriteRejects(ctx, tx, t, id, a.lang, file)
		return err
	})
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	if ending := filepath.Ext(name); !strings.EqualFold(filepath.Ext(path), ending) {
		path += ending
	}
	if err := os.Chmod(file.Name(), 0o600); err != nil {
		return err
	}
	if err := os.Rename(file.Name(), path); err != nil {
		return err
	}
	if !a.json {
		fmt.Fprintf(w, "rejected rows: %s\n", path)
	}
	return nil
}

// numbered is the name of the nth file of rejects.
func numbered(path string, n int) string {
	if n == 0 {
		return path
	}
	extension := filepath.Ext(path)
	return strings.TrimSuffix(path, extension) + "-" + strconv.Itoa(n+1) + extension
}

// targetNames lists what rows may become, for --help.
func targetNames() string {
	names := make([]string, 0, 8)
	for _, t := range importers.Targets() {
		names = append(names, string(t))
	}
	return "one of " + strings.Join(names, ", ")
}
