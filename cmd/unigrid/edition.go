package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/editions"
)

func editionCommand(c *config) *cobra.Command {
	cmd := &cobra.Command{Use: "edition", Short: "List, compare, publish and restore editions; undo and redo the draft's steps"}
	cmd.AddCommand(editionListCommand(c), editionCompareCommand(c), editionPublishCommand(c), editionGateCommand(c), editionDecideCommand(c), editionRestoreCommand(c),
		editionStepCommand(c, "undo", "Take the draft's last step back", cells.Undo),
		editionStepCommand(c, "redo", "Make the step that was undone last again", cells.Redo),
		draftCommand(c, "discard", "Throw the open draft away; published editions stay", func(ctx context.Context, tx pgx.Tx, t cells.Territory) (any, grids.Text, error) {
			draft, err := editions.OpenDraft(ctx, tx, t)
			if err != nil {
				return nil, grids.Text{}, err
			}
			return draft, grids.Textf("已丢弃第%d版的草案", "draft of edition %d discarded", draft.Seq), editions.Discard(ctx, tx, t)
		}))
	return cmd
}

// draftCommand is a command without flags of its own that changes the draft in
// one transaction and says what it did, in JSON and in words.
func draftCommand(c *config, use, short string, act func(context.Context, pgx.Tx, cells.Territory) (any, grids.Text, error)) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withTerritory(cmd, c, func(ctx context.Context, a *app, t cells.Territory) error {
				var value any
				var words grids.Text
				if err := a.db.Tx(ctx, grids.Local, func(tx pgx.Tx) (err error) {
					value, words, err = act(ctx, tx, t)
					return err
				}); err != nil {
					return err
				}
				return a.print(cmd.OutOrStdout(), value, func(w io.Writer) { fmt.Fprintln(w, words.In(a.lang)) })
			})
		},
	}
}

func editionStepCommand(c *config, use, short string, swap func(context.Context, pgx.Tx, cells.Territory, grids.EditionID) (cells.Step, error)) *cobra.Command {
	return draftCommand(c, use, short, func(ctx context.Context, tx pgx.Tx, t cells.Territory) (any, grids.Text, error) {
		draft, err := editions.OpenDraft(ctx, tx, t)
		if err != nil {
			return nil, grids.Text{}, err
		}
		step, err := swap(ctx, tx, t, draft.Seq)
		return step, grids.Textf("%[1]s:%[2]s", "%s: %s", swapped[use], describeStep(step)), err
	})
}

func editionPublishCommand(c *config) *cobra.Command {
	var note string
	cmd := draftCommand(c, "publish", "Put the open draft in force", func(ctx context.Context, tx pgx.Tx, t cells.Territory) (any, grids.Text, error) {
		edition, err := editions.Publish(ctx, tx, t, grids.Local, note)
		if err != nil {
			return nil, grids.Text{}, err
		}
		return edition, published(edition), nil
	})
	cmd.Flags().StringVar(&note, "note", "", "what the edition is for")
	return cmd
}

func editionGateCommand(c *config) *cobra.Command {
	return &cobra.Command{
		Use: "gate", Short: "Say what the draft lacks to be published; exit code 1 when something is", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withTerritory(cmd, c, func(ctx context.Context, a *app, t cells.Territory) error {
				var conditions []editions.Condition
				if err := a.db.Read(ctx, grids.Local, func(tx pgx.Tx) error {
					draft, err := editions.OpenDraft(ctx, tx, t)
					if err != nil {
						return err
					}
					conditions, err = editions.Gate(ctx, tx, t, draft.Seq)
					return err
				}); err != nil {
					return err
				}
				if err := a.print(cmd.OutOrStdout(), conditions, func(w io.Writer) { a.printGate(w, conditions) }); err != nil {
					return err
				}
				for _, x := range conditions {
					if x.Required && !x.Met {
						return grids.Errorf(grids.Conflict, "publish", "草案尚不能发布", "the draft can't be published yet")
					}
				}
				return nil
			})
		},
	}
}

func (a *app) printGate(w io.Writer, conditions []editions.Condition) {
	for _, x := range conditions {
		mark := grids.Text{ZH: "具备", EN: "ok"}
		switch {
		case !x.Met && x.Required:
			mark = grids.Text{ZH: "缺少", EN: "lacks"}
		case !x.Met:
			mark = grids.Text{ZH: "未要求", EN: "not asked for"}
		}
		if x.Met {
			a.tell(w, "%s %s %s", "%-13s %-11s %s", mark, x.Check, x.Detail)
		} else {
			a.tell(w, "%s %s %s → %s", "%-13s %-11s %s -> %s", mark, x.Check, x.Detail, x.Fix)
		}
	}
}

func editionDecideCommand(c *config) *cobra.Command {
	var number, date, scan string
	cmd := draftCommand(c, "decide", "Record the document number, date and scan of the decision by which the draft is issued", func(ctx context.Context, tx pgx.Tx, t cells.Territory) (any, grids.Text, error) {
		draft, err := editions.OpenDraft(ctx, tx, t)
		if err != nil {
			return nil, grids.Text{}, err
		}
		if err := editions.Decide(ctx, tx, t, draft.Seq, number, date); err != nil {
			return nil, grids.Text{}, err
		}
		if scan != "" {
			content, err := os.ReadFile(scan)
			if err != nil {
				return nil, grids.Text{}, err
			}
			if err := editions.Attach(ctx, tx, t, draft.Seq, filepath.Base(scan), content); err != nil {
				return nil, grids.Text{}, err
			}
		}
		decision, err := editions.ReadDecision(ctx, tx, t, draft.Seq)
		return decision, grids.Textf("第%[1]d版依据 %[2]s(%[3]s)发布", "edition %d is issued by %s of %s", draft.Seq, number, date), err
	})
	cmd.Flags().StringVar(&number, "document-no", "", "document number (文号)")
	cmd.Flags().StringVar(&date, "date", "", "date of the decision, such as 2026-03-01")
	cmd.Flags().StringVar(&scan, "scan", "", "PDF, JPEG or PNG file of at most 20 MB")
	return cmd
}

func editionRestoreCommand(c *config) *cobra.Command {
	var of int32
	var r editions.Return
	var scan string
	cmd := draftCommand(c, "restore", "Publish an earlier edition anew as the next one", func(ctx context.Context, tx pgx.Tx, t cells.Territory) (any, grids.Text, error) {
		if scan != "" {
			content, err := os.ReadFile(scan)
			if err != nil {
				return nil, grids.Text{}, err
			}
			r.ScanName, r.Scan = filepath.Base(scan), content
		}
		edition, done, err := editions.Restore(ctx, tx, t, grids.EditionID(of), grids.Local, r)
		if err != nil {
			return nil, grids.Text{}, err
		}
		return edition, grids.Textf("已发布第%d版,内容为第%d版:恢复 %d 个网格,撤销 %d 个,还原 %d 个",
			"published edition %d, which is edition %d anew: %d cells are there again, %d are no more, %d are as they were", edition.Seq, of, done.Back, done.Gone, done.Changed), nil
	})
	cmd.Flags().Int32Var(&of, "edition", 0, "the earlier edition")
	cmd.Flags().StringVar(&r.Reason, "reason", "", "why")
	cmd.Flags().StringVar(&r.Unlock, "unlock", "", "why locked or disputed boundaries may move")
	cmd.Flags().StringVar(&r.DocumentNo, "document-no", "", "document number of the decision, where the territory asks for one")
	cmd.Flags().StringVar(&r.Date, "date", "", "its date")
	cmd.Flags().StringVar(&scan, "scan", "", "its scan")
	return cmd
}

// listedEdition is an edition with what was done to it.
type listedEdition struct {
	editions.Edition
	Steps []cells.Step
}

func editionListCommand(c *config) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List editions, newest first, and the steps of the open draft", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withTerritory(cmd, c, func(ctx context.Context, a *app, t cells.Territory) error {
				list := []listedEdition{}
				if err := a.db.Read(ctx, grids.Local, func(tx pgx.Tx) error {
					all, err := editions.List(ctx, tx, t)
					if err != nil {
						return err
					}
					for _, e := range all {
						listed := listedEdition{Edition: e}
						if e.State != "published" {
							if listed.Steps, err = cells.Steps(ctx, tx, t, e.Seq); err != nil {
								return err
							}
						}
						list = append(list, listed)
					}
					return nil
				}); err != nil {
					return err
				}
				return a.print(cmd.OutOrStdout(), list, func(w io.Writer) { a.printEditions(w, list) })
			})
		},
	}
}

func (a *app) printEditions(w io.Writer, list []listedEdition) {
	states := map[string]grids.Text{"published": {ZH: "已发布", EN: "published"}, "draft": {ZH: "草案", EN: "draft"}, "review": {ZH: "征求意见中", EN: "review"}}
	for _, e := range list {
		since := grids.Text{ZH: "尚未生效", EN: "open"}
		if e.Effective != nil {
			since = grids.Textf("%s 起生效", "effective %s", e.Effective.Format(time.RFC3339))
		}
		state, ok := states[e.State]
		if !ok {
			state = grids.Text{ZH: e.State, EN: e.State}
		}
		a.tell(w, "第%d版 %s,%s %s", "%d %s, %s %s", e.Seq, state, since, e.Note)
		for _, step := range e.Steps {
			a.tell(w, "  %s", "  %s", describeStep(step))
		}
	}
}

func describeStep(s cells.Step) grids.Text {
	undone := grids.Text{}
	if s.Undone {
		undone = grids.Text{ZH: "(已撤销)", EN: " (undone)"}
	}
	return grids.Textf("第 %d 步 %s %v,%s,%s%s", "step %d %s %v by %s, %s%s", s.Number, s.Kind, s.Cells, s.By, s.At.Format(time.RFC3339), undone)
}

// swapped says what undo and redo did.
var swapped = map[string]grids.Text{"undo": {ZH: "已撤销", EN: "undo"}, "redo": {ZH: "已重做", EN: "redo"}}

func published(e editions.Edition) grids.Text {
	return grids.Textf("已发布第%d版,%s 起生效", "published edition %d, effective %s", e.Seq, e.Effective.Format(time.RFC3339))
}

func editionCompareCommand(c *config) *cobra.Command {
	var from, to int32
	cmd := &cobra.Command{
		Use: "compare", Short: "Say what changed between two editions", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withTerritory(cmd, c, func(ctx context.Context, a *app, t cells.Territory) error {
				var comparison editions.Comparison
				if err := a.db.Read(ctx, grids.Local, func(tx pgx.Tx) (err error) {
					if to == 0 {
						draft, err := editions.OpenDraft(ctx, tx, t)
						if err != nil {
							return err
						}
						to = int32(draft.Seq)
					}
					if from == 0 {
						from = to - 1
					}
					comparison, err = editions.Compare(ctx, tx, t, grids.EditionID(from), grids.EditionID(to))
					return err
				}); err != nil {
					return err
				}
				return a.print(cmd.OutOrStdout(), comparison, func(w io.Writer) { a.printComparison(w, comparison) })
			})
		},
	}
	cmd.Flags().Int32Var(&from, "from", 0, "the older edition (default: the one before the newer)")
	cmd.Flags().Int32Var(&to, "to", 0, "the newer edition (default: the open draft)")
	return cmd
}

func (a *app) printComparison(w io.Writer, c editions.Comparison) {
	ops := map[string]grids.Text{
		"created": {ZH: "新增", EN: "created"}, "retired": {ZH: "撤销", EN: "retired"}, "split": {ZH: "拆分", EN: "split"}, "merged": {ZH: "合并", EN: "merged"},
		"moved": {ZH: "改界", EN: "moved"}, "renamed": {ZH: "改名", EN: "renamed"}, "changed": {ZH: "变更", EN: "changed"},
	}
	for _, x := range c.Changes {
		op, ok := ops[string(x.Op)]
		if !ok {
			op = grids.Text{ZH: string(x.Op), EN: string(x.Op)}
		}
		line := grids.Textf("%s %d级 %s %s", "%-8s tier %d %s %s", op, x.Tier, x.Code, x.Name)
		add := func(zh, en string, args ...any) {
			more := grids.Textf(zh, en, args...)
			line.ZH, line.EN = line.ZH+more.ZH, line.EN+more.EN
		}
		if x.AreaM2 > 0 {
			add(",%.4f 平方公里,%d 个对象", ", %.4f km², %d objects", x.AreaM2/1e6, x.Objects)
		}
		if x.People > 0 {
			add(",%d 人", ", %d people", x.People)
		}
		for _, to := range x.Successors {
			add(",%.1f %% 归 %s", ", %.1f %% to %s", to.Share*100, to.Code)
		}
		for _, from := range x.Predecessors {
			add(",来自 %s", ", from %s", from.Code)
		}
		fmt.Fprintln(w, line.In(a.lang))
	}
	n := c.Totals
	a.tell(w, "第%d版到第%d版:新增 %d,撤销 %d,拆分 %d,合并 %d,变更 %d(改界 %d,改名 %d);%.4f 平方公里易手,连同 %d 个对象",
		"edition %d to %d: %d created, %d retired, %d split, %d merged, %d changed (%d moved, %d renamed); %.4f km² changed hands, with %d objects",
		c.From, c.To, n.Created, n.Retired, n.Split, n.Merged, n.Changed, n.Moved, n.Renamed, n.AreaM2/1e6, n.Objects)
}
