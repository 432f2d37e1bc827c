package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"github.com/spf13/cobra"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/drawing"
	"unigrid/grids/editions"
	"unigrid/importers/source"
)

// drawFlags are what a person asks of a draw, as typed.
type drawFlags struct {
	request                               drawing.Request
	parent, method, from                  string
	points, lines, codes, barriers, atoms string
	load                                  []string
	loadPoints                            string
	lock                                  []string
	tier, intoPerParent, batch, edition   int
	publish                               bool
}

func drawCommand(c *config) *cobra.Command {
	var f drawFlags
	cmd := &cobra.Command{
		Use:   "draw",
		Short: "Draw the children of a cell, or of all cells of a tier, in the draft",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.read(); err != nil {
				return err
			}
			return with(cmd.Context(), c, func(a *app) error {
				if f.tier != 0 {
					return a.drawTier(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), f)
				}
				return a.draw(cmd.Context(), cmd.OutOrStdout(), grids.Code(f.parent), f.request, f.publish)
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.parent, "parent", "", "code of the cell to divide")
	flags.IntVar(&f.tier, "tier", 0, "draw this tier under all cells above it that have no children; what is drawn already is passed over, so a stopped run goes on when it is started again")
	flags.StringVar(&f.method, "method", "", "nearest (to --points), balanced (--into cells of equal load) or split (by --lines)")
	flags.IntVar(&f.request.Into, "into", 0, "how many cells a balanced draw makes (default: one per code of --codes, or as many as there are)")
	flags.IntVar(&f.intoPerParent, "into-per-parent", 0, "with --tier: how many cells in each parent (default: one per code of --codes)")
	flags.IntVar(&f.batch, "batch", 16, "with --tier: parents in each transaction")
	flags.StringVar(&f.points, "points", "", "seed points of a nearest draw: CSV, XLSX, GeoJSON or shapefile; columns 代码/code and 名称/name are taken over")
	flags.StringVar(&f.lines, "lines", "", "lines of a split draw: GeoJSON, shapefile, …")
	flags.StringVar(&f.codes, "codes", "", "table of codes and names for the children (columns 代码/code, 名称/name; rows under other parents are passed over)")
	flags.StringVar(&f.from, "from", "", "lon,lat from which names go outward (default: the parent's middle)")
	flags.StringSliceVar(&f.load, "load", nil, "what balanced cells share equally, mixed by weight: area=0.5,enterprises=0.5; also monitors, water-sources, KIND.ATTRIBUTE, or a column of --load-points; NAME alone counts 1 (default area)")
	flags.StringVar(&f.loadPoints, "load-points", "", "points whose numeric columns --load may name, such as population: CSV, XLSX, GeoJSON or shapefile")
	flags.StringVar(&f.barriers, "barriers", "", "lines that borders prefer to run along: a file, or \"rivers\" for the river reaches on the map")
	flags.StringVar(&f.atoms, "atoms", "", "group these without cutting them: a tier of cells inside the parent, or a file of polygons that cover it exactly")
	flags.BoolVar(&f.request.Replace, "replace", false, "draw a parent anew that has children; they keep code and id where they go on, statutory and disputed ones stay")
	flags.StringSliceVar(&f.lock, "lock", nil, "with --replace: codes of children that stay as they are")
	flags.IntVar(&f.edition, "edition", 0, "with --replace: begin from the children of this edition (default: the draft's)")
	flags.Uint64Var(&f.request.Seed, "seed", 1, "a balanced draw is the same for the same seed")
	flags.Float64Var(&f.request.MaxSegment, "max-segment", 0, "longest segment of a new border in metres (default: suits the cells, at most 50)")
	flags.BoolVar(&f.publish, "publish", false, "publish the draft afterwards")
	cobra.CheckErr(cmd.MarkFlagRequired("method"))
	cmd.MarkFlagsOneRequired("parent", "tier")
	cmd.MarkFlagsMutuallyExclusive("parent", "tier")
	return cmd
}

func wrongUse(field, zh, en string, args ...any) error {
	return usageError{grids.Errorf(grids.Invalid, field, zh, en, args...)}
}

// read makes the request of the flags and reads the files they name.
func (f *drawFlags) read() error {
	r := &f.request
	r.Method = drawing.Method(f.method)
	if f.from != "" {
		var at orb.Point
		if _, err := fmt.Sscanf(f.from, "%f,%f", &at[0], &at[1]); err != nil {
			return usageError{grids.Errorf(grids.Invalid, "from", "位置 %q 无法识别", "place %q is not understood", f.from).Fix("写作 经度,纬度", "write it as lon,lat")}
		}
		r.From = &at
	}
	switch {
	case r.Method == drawing.Nearest && f.points == "":
		return wrongUse("points", "nearest 需要 --points", "nearest takes --points")
	case r.Method == drawing.ByLines && f.lines == "":
		return wrongUse("lines", "split 需要 --lines", "split takes --lines")
	case !r.Replace && (len(f.lock) > 0 || f.edition != 0):
		return wrongUse("replace", "--lock 和 --edition 与 --replace 同用", "--lock and --edition go with --replace")
	case f.tier != 0 && (r.Method != drawing.Balanced || r.Replace || f.atoms != ""):
		return wrongUse("tier", "--tier 只用于 balanced,且不与 --replace、--atoms 同用", "--tier is for balanced draws, without --replace or --atoms")
	case f.tier != 0 && f.intoPerParent == 0 && f.codes == "":
		return wrongUse("into-per-parent", "--tier 需要 --into-per-parent 或 --codes", "--tier takes --into-per-parent or --codes")
	case f.tier == 0 && f.intoPerParent != 0:
		return wrongUse("into-per-parent", "--into-per-parent 与 --tier 同用", "--into-per-parent goes with --tier")
	}
	r.Edition = grids.EditionID(f.edition)
	for _, code := range f.lock {
		r.Lock = append(r.Lock, grids.Code(strings.TrimSpace(code)))
	}
	return f.readFiles()
}

// readFiles reads the files that the flags name.
func (f *drawFlags) readFiles() error {
	r := &f.request
	if f.points != "" {
		if err := eachRecord(f.points, func(code, name string, record source.Record) error {
			at, ok := pointOf(record)
			if !ok {
				return grids.Errorf(grids.Invalid, "points", "第 %d 行没有点位", "row %d has no point", record.Row)
			}
			r.Seeds = append(r.Seeds, drawing.SeedPoint{Code: grids.Code(code), Name: name, At: at})
			return nil
		}); err != nil {
			return err
		}
	}
	var err error
	if f.lines != "" {
		if r.Lines, err = readLines(f.lines); err != nil {
			return err
		}
	}
	if r.Rivers = f.barriers == "rivers"; f.barriers != "" && !r.Rivers {
		if r.Barriers, err = readLines(f.barriers); err != nil {
			return err
		}
	}
	if tier, err := strconv.Atoi(f.atoms); err == nil {
		r.Atoms = grids.Tier(tier)
	} else if f.atoms != "" {
		if r.Areas, err = readAreas(f.atoms); err != nil {
			return err
		}
	}
	if r.Load, err = readLoad(f.load, f.loadPoints); err != nil {
		return err
	}
	if f.codes == "" {
		return nil
	}
	return eachRecord(f.codes, func(code, name string, record source.Record) error {
		r.Codes = append(r.Codes, drawing.CodeName{Code: grids.Code(code), Name: name})
		return nil
	})
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
		if r, err = drawing.Prepare(ctx, tx, t, edition, parent, r); err != nil {
			return err
		}
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
			crossed := grids.Text{}
			if q.BarriersCrossed > 0 {
				crossed = grids.Textf(",跨阻隔 %d 处", ", %d barriers crossed", q.BarriersCrossed)
			}
			a.tell(w, "%s %s:%.3f 平方公里,负荷偏差 %+.1f %%,紧凑度 %.2f,%d 块%s", "%s %s: %.3f km², %+.1f %% load, compactness %.2f, %d parts%s",
				child.Code, child.Name, q.AreaM2/1e6, q.Deviation*100, q.PolsbyPopper, q.Parts, crossed)
		}
		if len(plan.Ended)+len(plan.Moved) > 0 {
			a.tell(w, "撤销 %d 个网格,%d 个改属其他上级并换新代码", "%d cells ended, %d came under another parent with a new code", len(plan.Ended), len(plan.Moved))
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
