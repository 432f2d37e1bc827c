package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/collections"
	"unigrid/importers/export"
)

// exportFlags are what a person wants of a collection.
type exportFlags struct {
	r                      export.Request
	tier                   int
	layer, at, format, crs string
	output                 string
	progress               bool
}

func exportCommand(c *config) *cobra.Command {
	var f exportFlags
	var names []string
	for _, d := range collections.Exports() {
		names = append(names, d.ID)
	}
	cmd := &cobra.Command{
		Use:   "export COLLECTION -o FILE",
		Short: "Write a collection to a file: shapefile, GeoPackage, GeoJSON, CSV or XLSX",
		Long: "Write a collection, as it is or as it was at an instant, to a file.\n\n" +
			"Collections: " + strings.Join(names, ", ") + ".\n" +
			"Columns that a file brought come out with those of the collection. Telephone numbers are masked.\n" +
			"A character that the encoding lacks is listed, with its row, and nothing is written.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			f.r.Collection = args[0]
			if err := f.complete(); err != nil {
				return usageError{err}
			}
			return withTerritory(cmd, c, func(ctx context.Context, a *app, t cells.Territory) error {
				return a.export(ctx, cmd.OutOrStdout(), t, f)
			})
		},
	}
	flags := cmd.Flags()
	flags.IntVar(&f.tier, "tier", 0, "tier of the cells, 1 is the whole territory; all without it")
	flags.StringVar(&f.layer, "layer", "", "one layer of the layer cells, crosswalk or assignments, e.g. environment")
	flags.StringVar(&f.at, "at", "", "instant, e.g. 2026-01-02T03:04:05Z; now without it")
	flags.StringVar(&f.format, "format", "", "shp, gpkg, geojson, csv or xlsx; by the file's ending without it")
	flags.StringVar(&f.crs, "crs", "", "coordinate system of the file, e.g. EPSG:4547 (default EPSG:4326; GeoJSON always)")
	flags.StringVar(&f.r.Encoding, "encoding", "", "of shapefile and CSV: UTF-8, GBK, GB18030 or Big5 (default UTF-8, CSV with a byte order mark)")
	flags.BoolVar(&f.r.Original, "original", false, "the geometry that the file had, not what was made of it")
	flags.StringVarP(&f.output, "output", "o", "", "file to write; of a shapefile .shp, or .zip for all in one")
	flags.BoolVar(&f.progress, "progress", false, "print progress even where stderr is no terminal")
	cobra.CheckErr(cmd.MarkFlagRequired("output"))
	return cmd
}

// complete makes the request of the flags; its errors are wrong use.
func (f *exportFlags) complete() error {
	epsg, err := parseEPSG(f.crs)
	if err != nil {
		return err
	}
	when, err := collections.ParseWhen(f.at)
	if err != nil || when.Interval {
		return grids.Errorf(grids.Invalid, "at", "时刻 %q 无法识别", "instant %q is not understood", f.at).
			Fix("写成 RFC 3339,如 2026-01-02T03:04:05Z", "give RFC 3339, such as 2026-01-02T03:04:05Z")
	}
	ending := strings.ToLower(strings.TrimPrefix(filepath.Ext(f.output), "."))
	if f.format == "" {
		f.format = ending
		if ending == "zip" {
			f.format = string(export.Shapefile)
		}
	}
	switch {
	case f.format == "":
		return grids.Errorf(grids.Invalid, "format", "没有写明格式", "the format is missing").
			Fix("用 --format,或给文件名加上 .zip、.shp、.gpkg、.geojson、.csv 或 .xlsx", "give --format, or end the file's name in .zip, .shp, .gpkg, .geojson, .csv or .xlsx")
	case ending != f.format && !(ending == "zip" && f.format == string(export.Shapefile)):
		return grids.Errorf(grids.Invalid, "output", "文件名 %q 与格式 %s 不符", "the name %q doesn't fit the format %s", filepath.Base(f.output), f.format).
			Fix("写成 .%[1]s", "end it in .%[1]s", f.format)
	}
	f.r.Tier, f.r.Layer, f.r.At, f.r.Format, f.r.EPSG = grids.Tier(f.tier), grids.LayerCode(f.layer), when.From, export.Format(f.format), epsg
	return nil
}

// export writes into a folder beside the file and moves what it wrote there, so
// that an error leaves what was there before.
func (a *app) export(ctx context.Context, w io.Writer, t cells.Territory, f exportFlags) error {
	target := filepath.Dir(f.output)
	folder, err := os.MkdirTemp(target, ".export-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	stem := strings.TrimSuffix(filepath.Base(f.output), filepath.Ext(f.output))
	line := newProgressLine(os.Stderr, f.progress)
	var result export.Result
	err = a.db.Read(ctx, grids.Local, func(tx pgx.Tx) (err error) {
		result, err = export.Write(ctx, tx, t, f.r, time.Now(), folder, stem, line.rows)
		return err
	})
	line.end()
	var lacking *export.LackingError
	if errors.As(err, &lacking) {
		a.printLacking(os.Stderr, lacking)
	}
	if err != nil {
		return err
	}
	if strings.EqualFold(filepath.Ext(f.output), ".zip") {
		if result.Files, err = packed(folder, filepath.Base(f.output), result.Files); err != nil {
			return err
		}
	}
	for _, name := range result.Files {
		if err := os.Rename(filepath.Join(folder, name), filepath.Join(target, name)); err != nil {
			return err
		}
	}
	return a.print(w, result, func(w io.Writer) {
		a.tell(w, "%s:%d 行,截至 %s", "%s: %d rows as of %s", f.output, result.Rows, result.At.UTC().Format(time.RFC3339))
		for _, n := range result.Notes {
			fmt.Fprintln(w, "  "+n.In(a.lang))
		}
	})
}

// packed packs files of a folder into one there.
func packed(folder, name string, files []string) ([]string, error) {
	out, err := os.Create(filepath.Join(folder, name))
	if err != nil {
		return nil, err
	}
	return []string{name}, errors.Join(export.Pack(out, folder, files), out.Close())
}

// printLacking prints one line for each value, with its place.
func (c *config) printLacking(w io.Writer, e *export.LackingError) {
	for _, l := range e.List {
		c.tell(w, "  第 %d 行 %s %s:%s 没有 %q,原值 %s", "  row %d %s %s: %s lacks %q in %s", l.Row, l.Code, l.Field, e.Encoding(), l.Character, strconv.Quote(l.Value))
	}
	if rest := e.Count - len(e.List); rest > 0 {
		c.tell(w, "  还有 %d 处", "  and %d more", rest)
	}
}
