package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"github.com/spf13/cobra"
	"github.com/twpayne/go-geom"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/drawing"
	"unigrid/grids/editions"
	"unigrid/importers/source"
	"unigrid/importers/source/formats"
)

func drawCommand(c *config) *cobra.Command {
	var r drawing.Request
	var parent, method, points, codes, from string
	var publish bool
	cmd := &cobra.Command{
		Use:   "draw",
		Short: "Draw the children of a cell in the draft",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r.Method = drawing.Method(method)
			if err := readDrawInput(&r, points, codes, from, parent); err != nil {
				return err
			}
			return with(cmd.Context(), c, func(a *app) error {
				return a.draw(cmd.Context(), cmd.OutOrStdout(), grids.Code(parent), r, publish)
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&parent, "parent", "", "code of the cell to divide")
	flags.StringVar(&method, "method", "", "nearest (to --points) or balanced (--into cells of equal area)")
	flags.IntVar(&r.Into, "into", 0, "how many cells a balanced draw makes (default: one per code of --codes)")
	flags.StringVar(&points, "points", "", "seed points of a nearest draw: CSV, XLSX, GeoJSON or shapefile; columns 代码/code and 名称/name are taken over")
	flags.StringVar(&codes, "codes", "", "table of codes and names for the children (columns 代码/code, 名称/name; rows under other parents are passed over)")
	flags.StringVar(&from, "from", "", "lon,lat from which names go outward (default: the parent's middle)")
	flags.Uint64Var(&r.Seed, "seed", 1, "a balanced draw is the same for the same seed")
	flags.Float64Var(&r.MaxSegment, "max-segment", 0, "longest segment of a new border in metres (default: suits the cells, at most 50)")
	flags.BoolVar(&publish, "publish", false, "publish the draft afterwards")
	for _, name := range []string{"parent", "method"} {
		cobra.CheckErr(cmd.MarkFlagRequired(name))
	}
	return cmd
}

func readDrawInput(r *drawing.Request, points, codes, from, parent string) error {
	if from != "" {
		var at orb.Point
		if _, err := fmt.Sscanf(from, "%f,%f", &at[0], &at[1]); err != nil {
			return usageError{grids.Errorf(grids.Invalid, "from", "位置 %q 无法识别", "place %q is not understood", from).Fix("写作 经度,纬度", "write it as lon,lat")}
		}
		r.From = &at
	}
	if r.Method == drawing.Nearest && points == "" {
		return usageError{grids.Errorf(grids.Invalid, "points", "nearest 需要 --points", "nearest takes --points")}
	}
	if points != "" {
		if err := eachRecord(points, func(code, name string, record source.Record) error {
			p, ok := record.Geometry.(*geom.Point)
			if !ok {
				return grids.Errorf(grids.Invalid, "points", "第 %d 行没有点位", "row %d has no point", record.Row)
			}
			r.Seeds = append(r.Seeds, drawing.SeedPoint{Code: grids.Code(code), Name: name, At: orb.Point{p.X(), p.Y()}})
			return nil
		}); err != nil {
			return err
		}
	}
	if codes == "" {
		return nil
	}
	return eachRecord(codes, func(code, name string, record source.Record) error {
		r.Codes = append(r.Codes, drawing.CodeName{Code: grids.Code(code), Name: name})
		return nil
	})
}

// eachRecord reads a table of codes and names.
func eachRecord(path string, fn func(code, name string, record source.Record) error) error {
	file, err := formats.Open(path, source.Options{})
	if err != nil {
		return err
	}
	defer file.Close()
	value := func(record source.Record, headings ...string) string {
		for i, f := range file.Fields() {
			for _, h := range headings {
				if f.Name == h && i < len(record.Values) && record.Values[i] != nil {
					if n, ok := record.Values[i].(int64); ok {
						return strconv.FormatInt(n, 10)
					}
					return fmt.Sprint(record.Values[i])
				}
			}
		}
		return ""
	}
	for {
		record, err := file.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if err := fn(value(record, "代码", "code"), value(record, "名称", "name"), record); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
}

func (a *app) draw(ctx context.Context, w io.Writer, code grids.Code, r drawing.Request, publish bool) error {
	t, err := a.findTerritory(ctx)
	if err != nil {
		return err
	}
	var plan drawing.Plan
	err = a.db.Tx(ctx, grids.Local, func(tx pgx.Tx) error {
		edition, err := editions.Draft(ctx, tx, t, grids.Local)
		if err != nil {
			return err
		}
		parent, err := cells.ByCode(ctx, tx, t, edition, code)
		if err != nil {
			return err
		}
		r.Codes = codesUnder(t, parent, r.Codes)
		if plan, err = drawing.Make(ctx, t, parent, r); err != nil {
			return err
		}
		return drawing.Apply(ctx, tx, t, edition, grids.Local, []drawing.Plan{plan})
	})
	if err != nil {
		return err
	}
	if err := cells.RefreshStatistics(ctx, a.db); err != nil {
		return err
	}
	if err := a.print(w, plan.Quality, func(w io.Writer) {
		for i, child := range plan.Children {
			q := plan.Quality[i]
			fmt.Fprintf(w, "%s %s: %.3f km², %+.1f %% load, compactness %.2f, %d parts\n", child.Code, child.Name, q.AreaM2/1e6, q.Deviation*100, q.PolsbyPopper, q.Parts)
		}
	}); err != nil {
		return err
	}
	if publish {
		return a.publishAndSay(ctx, w, t)
	}
	return nil
}

// codesUnder keeps the codes of the tier below parent that belong under it.
func codesUnder(t cells.Territory, parent cells.Cell, codes []drawing.CodeName) []drawing.CodeName {
	if int(parent.Tier) >= len(t.Scheme.Lengths) {
		return nil
	}
	var under []drawing.CodeName
	for _, c := range codes {
		code, err := t.Scheme.Parse(string(c.Code), parent.Tier+1)
		if err == nil && code != parent.Code && t.Scheme.Parent(code, parent.Tier+1) == parent.Code {
			under = append(under, drawing.CodeName{Code: code, Name: c.Name})
		}
	}
	return under
}
