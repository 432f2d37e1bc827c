package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/importers"
)

// mostListed is how many imports and findings a list shows.
const mostListed = 100

// importLine is an import as list and show print it.
type importLine struct {
	ID      int64              `json:"id"`
	File    string             `json:"file"`
	Target  importers.Target   `json:"target"`
	State   importers.State    `json:"state"`
	By      string             `json:"created_by"`
	Created time.Time          `json:"created_at"`
	Applied *time.Time         `json:"applied_at"`
	Undone  *time.Time         `json:"undone_at"`
	Expires *time.Time         `json:"expires_at"`
	Source  importers.Found    `json:"source"`
	Mapping map[string]string  `json:"mapping"`
	Report  *importers.Report  `json:"report"`
	Error   *importers.Problem `json:"error"`
}

func importLineOf(i importers.Import) importLine {
	return importLine{i.ID, i.File, i.Request.Target, i.State, i.CreatedBy, i.CreatedAt, i.AppliedAt, i.UndoneAt, i.ExpiresAt, i.Source, i.Mapping, i.Report, i.Error}
}

func (l importLine) print(w io.Writer) {
	fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s", l.ID, l.Created.Format(time.DateTime), l.State, l.Target, l.File)
	if r := l.Report; r != nil {
		fmt.Fprintf(w, "\t%d rows, %d applied, %d unchanged, %d rejected", r.Rows, r.Applied, r.Unchanged, r.Rejected)
	}
	if l.Error != nil {
		fmt.Fprintf(w, "\t%s", l.Error.Err())
	}
	fmt.Fprintln(w)
}

// onImport is a command about the import whose number is its argument.
func onImport(c *config, use, short string, fn func(context.Context, *app, io.Writer, cells.Territory, int64) error) *cobra.Command {
	return &cobra.Command{
		Use:   use + " ID",
		Short: short,
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil {
				return usageError{grids.Errorf(grids.Invalid, "ID", "%q 不是导入编号", "%q is not the number of an import", args[0])}
			}
			return withTerritory(cmd, c, func(ctx context.Context, a *app, t cells.Territory) error {
				return fn(ctx, a, cmd.OutOrStdout(), t, id)
			})
		},
	}
}

func importListCommand(c *config) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the newest imports",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withTerritory(cmd, c, func(ctx context.Context, a *app, t cells.Territory) error {
				var list []importers.Import
				if err := a.db.Read(ctx, grids.Local, func(tx pgx.Tx) (err error) {
					list, err = importers.List(ctx, tx, t, mostListed)
					return err
				}); err != nil {
					return err
				}
				lines := make([]importLine, len(list))
				for n, i := range list {
					lines[n] = importLineOf(i)
				}
				return a.print(cmd.OutOrStdout(), lines, func(w io.Writer) {
					for _, l := range lines {
						l.print(w)
					}
				})
			})
		},
	}
}

func importShowCommand(c *config) *cobra.Command {
	return onImport(c, "show", "Show an import: what its file holds, what was found, what it changes", func(ctx context.Context, a *app, w io.Writer, t cells.Territory, id int64) error {
		var out struct {
			importLine
			Findings    []grids.Finding    `json:"findings"`
			Differences []grids.Difference `json:"differences"`
		}
		var found, differ int
		if err := a.db.Read(ctx, grids.Local, func(tx pgx.Tx) error {
			i, err := importers.Find(ctx, tx, t, id)
			if err != nil {
				return err
			}
			out.importLine = importLineOf(i)
			if out.Findings, found, _, err = importers.Findings(ctx, tx, t, id, "", "", 0, mostListed); err != nil {
				return err
			}
			out.Differences, differ, err = importers.Differences(ctx, tx, t, id, 0, mostListed)
			return err
		}); err != nil {
			return err
		}
		return a.print(w, out, func(w io.Writer) {
			out.print(w)
			for _, column := range out.Source.Columns {
				fmt.Fprintf(w, "  column %s (%s): %d filled, e.g. %q\n", column.Name, column.Type, column.Filled, column.Samples)
			}
			for field, column := range out.Mapping {
				fmt.Fprintf(w, "  %s from %s\n", field, column)
			}
			printFindings(w, a.lang, out.Findings)
			for _, d := range out.Differences {
				fmt.Fprintf(w, "  %s %s %s: %v -> %v\n", d.Op, d.Code, d.Name, d.Before, d.After)
			}
			if found > mostListed || differ > mostListed {
				fmt.Fprintf(w, "  %d findings and %d differences in all\n", found, differ)
			}
		})
	})
}

func importUndoCommand(c *config) *cobra.Command {
	return onImport(c, "undo", "Put back what an applied import created or changed", func(ctx context.Context, a *app, w io.Writer, t cells.Territory, id int64) error {
		took, err := importers.Undo(ctx, a.db, grids.Local, t, id)
		if err != nil {
			return err
		}
		return a.print(w, took, func(w io.Writer) { fmt.Fprintf(w, "undone: import %d, %d rows\n", id, took.Applied) })
	})
}

func importDeleteCommand(c *config) *cobra.Command {
	return onImport(c, "delete", "Forget an import that isn't applied, and of an applied one what is kept of its file", func(ctx context.Context, a *app, _ io.Writer, t cells.Territory, id int64) error {
		return importers.Delete(ctx, a.db, grids.Local, t, id)
	})
}

func importRejectsCommand(c *config) *cobra.Command {
	var output string
	cmd := onImport(c, "rejects", "Write the rows of an import that stayed out, with the reasons, to mend and import again", func(ctx context.Context, a *app, w io.Writer, t cells.Territory, id int64) error {
		if output != "" {
			return a.writeRejects(ctx, w, t, id, output)
		}
		return a.db.Read(ctx, grids.Local, func(tx pgx.Tx) error {
			_, err := importers.WriteRejects(ctx, tx, t, id, a.lang, w)
			return err
		})
	})
	cmd.Flags().StringVarP(&output, "output", "o", "", "file to write; standard output without it")
	return cmd
}
