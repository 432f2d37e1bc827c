package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"

	"unigrid/grids"
	"unigrid/grids/audit"
	"unigrid/grids/cells"
	"unigrid/grids/editions"
	"unigrid/grids/merge"
	"unigrid/grids/objects"
	"unigrid/grids/people"
)

// check is one invariant looked at on the live data.
type check struct {
	Territory grids.Code      `json:"territory"` // "": what belongs to none
	Name      string          `json:"name"`
	Checked   int             `json:"checked"`
	Findings  []grids.Finding `json:"findings"`
	Note      string          `json:"note,omitempty"`
}

type diagnosis struct {
	OK       bool                                 `json:"ok"`
	Checks   []check                              `json:"checks"`
	Staffing map[grids.Code][]people.TierStaffing `json:"staffing"`
}

func doctorCommand(c *config) *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Check every invariant on the live data and say where it fails",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return with(cmd.Context(), c, func(a *app) error {
				d, err := a.diagnose(cmd.Context())
				if err != nil {
					return err
				}
				if err := c.print(cmd.OutOrStdout(), d, func(w io.Writer) { c.printDiagnosis(w, d) }); err != nil {
					return err
				}
				if !d.OK {
					return &silentError{}
				}
				return nil
			})
		},
	}
}

// diagnose looks at the territory that is named, else at all.
func (a *app) diagnose(ctx context.Context) (diagnosis, error) {
	d := diagnosis{OK: true, Checks: []check{}, Staffing: map[grids.Code][]people.TierStaffing{}}
	err := a.db.Read(ctx, grids.Local, func(tx pgx.Tx) error {
		list, err := cells.Territories(ctx, tx)
		if err != nil {
			return err
		}
		if a.territory != "" {
			one, err := cells.FindTerritory(ctx, tx, a.territory)
			if err != nil {
				return err
			}
			list = []cells.Territory{one}
		}
		for _, t := range list {
			if err := d.examine(ctx, tx, t); err != nil {
				return fmt.Errorf("territory %s: %w", t.Code, err)
			}
		}
		return d.examineLog(ctx, tx, 0, "")
	})
	return d, err
}

func (d *diagnosis) examine(ctx context.Context, tx pgx.Tx, t cells.Territory) error {
	now := time.Now()
	edition, err := editions.Current(ctx, tx, t, now)
	if err != nil {
		return err
	}
	note := fmt.Sprintf("edition %d", edition)
	if edition == 0 {
		if err := tx.QueryRow(ctx, `SELECT coalesce(max(seq), 0) FROM editions.edition WHERE territory_id = $1`, t.ID).Scan(&edition); err != nil {
			return err
		}
		note = fmt.Sprintf("draft %d, nothing published yet", edition)
	}
	found, checked, err := cells.Check(ctx, tx, t, edition)
	if err != nil {
		return err
	}
	d.add(t.Code, "partition", checked, found, note)
	if found, checked, err = cells.CheckDisplay(ctx, tx, t, edition); err != nil {
		return err
	}
	d.add(t.Code, "display", checked, found, "")
	if found, checked, err = editions.Check(ctx, tx, t); err != nil {
		return err
	}
	d.add(t.Code, "history", checked, found, "")
	if found, checked, err = people.Check(ctx, tx, t.ID); err != nil {
		return err
	}
	d.add(t.Code, "accountable", checked, found, "")
	if found, checked, err = objects.Check(ctx, tx, t.ID); err != nil {
		return err
	}
	unlocated, err := objects.Unlocated(ctx, tx, t.ID)
	if err != nil {
		return err
	}
	outside, err := objects.Outside(ctx, tx, t.ID)
	if err != nil {
		return err
	}
	d.add(t.Code, "placement", checked, found, fmt.Sprintf("%d unlocated and %d partly or wholly outside, listed", len(unlocated), len(outside)))
	found, checked, worst, err := merge.Check(ctx, tx, t.ID)
	if err != nil {
		return err
	}
	d.add(t.Code, "crosswalk", checked, found, fmt.Sprintf("largest area error %.2g", worst))
	if err := d.examineLog(ctx, tx, t.ID, t.Code); err != nil {
		return err
	}
	if d.Staffing[t.Code], err = people.Staffing(ctx, tx, t.ID, edition, now); err != nil {
		return err
	}
	return nil
}

// examineLog walks the chain of a territory; that of no territory (0) belongs to
// every diagnosis, and with it whether the log still gets what it should. The note
// is what to keep elsewhere.
func (d *diagnosis) examineLog(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, code grids.Code) error {
	found, checked, err := audit.Check(ctx, tx, territory)
	if err != nil {
		return err
	}
	if territory == 0 {
		unwatched, _, err := audit.CheckWatch(ctx, tx)
		if err != nil {
			return err
		}
		found = append(found, unwatched...)
	}
	head, err := audit.ReadHead(ctx, tx, territory)
	if err != nil {
		return err
	}
	d.add(code, "audit", checked, found, "ends with "+head.String())
	return nil
}

func (d *diagnosis) add(territory grids.Code, name string, checked int, found []grids.Finding, note string) {
	if found == nil {
		found = []grids.Finding{}
	}
	d.Checks = append(d.Checks, check{Territory: territory, Name: name, Checked: checked, Findings: found, Note: note})
	d.OK = d.OK && len(found) == 0
}

func (c *config) printDiagnosis(w io.Writer, d diagnosis) {
	for _, found := range d.Checks {
		more := grids.Text{}
		if found.Name == "partition" {
			more = grids.Textf(":重叠 %d 处,空白 %d 处", ": %d overlaps, %d gaps", count(found.Findings, "overlap"), count(found.Findings, "parent-uncovered")+count(found.Findings, "area"))
		}
		if found.Note != "" {
			more.ZH, more.EN = more.ZH+" ("+found.Note+")", more.EN+" ("+found.Note+")"
		}
		c.tell(w, "%-12s %-12s 检查 %d 项,发现 %d 处%s", "%-12s %-12s %6d checked, %d findings%s", cmp.Or(found.Territory, "-"), found.Name, found.Checked, len(found.Findings), more)
		printFindings(w, c.lang, found.Findings)
	}
	for code, tiers := range d.Staffing {
		for _, s := range tiers {
			c.tell(w, "%s %d级网格 %d 个:专任 %d,代理 %d,空缺 %d", "%s tier %d: %d cells, %d with their own person, %d acting, %d without", code, s.Tier, s.Cells, s.Own, s.Acting, s.Without)
		}
	}
}

func count(findings []grids.Finding, kind string) int {
	n := 0
	for _, f := range findings {
		if f.Kind == kind {
			n++
		}
	}
	return n
}
