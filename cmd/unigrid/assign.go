package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/editions"
	"unigrid/grids/people"
	"unigrid/importers"
)

// assignFlags are what a person says about an assignment on the command line.
type assignFlags struct {
	cell, person, role, layer, post, side, reason string
	rank                                          int
	from, to, at, until, known                    string // instants
	successor, note                               string
	below, dryRun                                 bool
	roster                                        string
}

func assignCommand(c *config) *cobra.Command {
	var f assignFlags
	cmd := &cobra.Command{
		Use:   "assign",
		Short: "Assign a person to a cell, or replace a cell's roster; hand over, end, list",
		Long: "Assign a person to a cell: --cell, --person (staff number) and --role. It takes nobody's place: hand over instead.\n\n" +
			"With --roster FILE the whole roster of --cell and all below it is replaced from --at on, in the roles that occur in the file.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.cell == "" || (f.roster == "") == (f.person == "") {
				return usageError{grids.Errorf(grids.Invalid, "cell", "需要 --cell,以及 --person 或 --roster 之一", "assign takes --cell, and either --person or --roster")}
			}
			return withTerritory(cmd, c, func(ctx context.Context, a *app, t cells.Territory) error {
				if f.roster != "" {
					return a.replaceRoster(ctx, cmd.OutOrStdout(), t, f)
				}
				return a.assign(ctx, cmd.OutOrStdout(), t, f)
			})
		},
	}
	flags := cmd.Flags()
	f.registerPlace(cmd)
	flags.StringVar(&f.person, "person", "", "staff number")
	flags.StringVar(&f.post, "post", "", "post, where it is another than the person's own")
	flags.StringVar(&f.side, "side", "", "party or government")
	flags.IntVar(&f.rank, "rank", 0, "place in the protocol order")
	flags.StringVar(&f.from, "from", "", "instant or day from which on (default: now)")
	flags.StringVar(&f.to, "to", "", "instant or day until which (default: for good)")
	flags.StringVar(&f.reason, "reason", "", "why; it is recorded")
	flags.StringVar(&f.roster, "roster", "", ".xlsx or .csv file of the new roster")
	flags.StringVar(&f.at, "at", "", "instant or day from which the roster holds (default: now)")
	flags.BoolVar(&f.dryRun, "dry-run", false, "say what the roster would change, change nothing")
	cmd.AddCommand(assignListCommand(c), assignHandoverCommand(c), assignEndCommand(c), assignMoveCommand(c))
	return cmd
}

func (f *assignFlags) registerPlace(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.cell, "cell", "", "code of the cell")
	cmd.Flags().StringVar(&f.role, "role", string(people.Accountable), "role")
	cmd.Flags().StringVar(&f.layer, "layer", "", "layer, of a role for one")
}

// instant reads a flag: an RFC 3339 instant, or a day, which begins at midnight
// here; "" is nil.
func instant(flag, text string) (*time.Time, error) {
	if text == "" {
		return nil, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		at, err = time.ParseInLocation(time.DateOnly, text, time.Local)
	}
	if err != nil {
		return nil, usageError{grids.Errorf(grids.Invalid, flag, "%q 不是时刻", "%q is no instant", text).Fix("写作 2027-01-01 或 2027-01-01T08:00:00+08:00", "write it as 2027-01-01 or 2027-01-01T08:00:00+08:00")}
	}
	return &at, nil
}

// editionNow gives the edition in force, else the newest there is.
func editionNow(ctx context.Context, tx pgx.Tx, t cells.Territory) (grids.EditionID, error) {
	edition, err := editions.Current(ctx, tx, t, time.Now())
	if err != nil || edition > 0 {
		return edition, err
	}
	draft, err := editions.OpenDraft(ctx, tx, t)
	return draft.Seq, err
}

func personOf(ctx context.Context, tx pgx.Tx, t cells.Territory, staffNo string) (grids.PersonID, error) {
	var id grids.PersonID
	err := tx.QueryRow(ctx, `SELECT id FROM people.person WHERE territory_id = $1 AND staff_no = $2`, t.ID, staffNo).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, grids.Errorf(grids.NotFound, "person", "没有工号为 %s 的人员", "no person has the staff number %s", staffNo)
	}
	return id, err
}

func (a *app) assign(ctx context.Context, w io.Writer, t cells.Territory, f assignFlags) error {
	from, err := instant("from", f.from)
	if err != nil {
		return err
	}
	to, err := instant("to", f.to)
	if err != nil {
		return err
	}
	wish := people.Wish{Role: people.Role(f.role), Layer: grids.LayerCode(f.layer), Post: f.post, Side: f.side, Rank: f.rank, To: to, Reason: f.reason}
	if from != nil {
		wish.From = *from
	}
	var made people.Assignment
	if err := a.db.Tx(ctx, grids.Local, func(tx pgx.Tx) error {
		edition, err := editionNow(ctx, tx, t)
		if err != nil {
			return err
		}
		cell, err := cells.ByCode(ctx, tx, t, edition, grids.Code(f.cell))
		if err != nil {
			return err
		}
		wish.Cell = cell.ID
		if wish.Person, err = personOf(ctx, tx, t, f.person); err != nil {
			return err
		}
		made, err = people.Assign(ctx, tx, t.ID, edition, wish)
		return err
	}); err != nil {
		return err
	}
	return a.print(w, made, func(w io.Writer) { printAssignments(w, []people.Assignment{made}) })
}

func printAssignments(w io.Writer, list []people.Assignment) {
	for _, x := range list {
		until := "…"
		if x.To != nil {
			until = x.To.Local().Format(time.DateTime)
		}
		layer := ""
		if x.Layer != nil {
			layer = " " + string(*x.Layer)
		}
		fmt.Fprintf(w, "%d %s %s %s%s: %s %s %s, %s – %s\n", x.ID, x.Code, x.CellName, x.Role, layer, x.StaffNo, x.Name, x.Post, x.From.Local().Format(time.DateTime), until)
	}
}

func assignListCommand(c *config) *cobra.Command {
	var f assignFlags
	var when string
	cmd := &cobra.Command{
		Use: "list", Short: "List who holds what: of a cell, a person, at an instant, as known at one", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			at, err := instant("at", f.at)
			if err != nil {
				return err
			}
			known, err := instant("known-at", f.known)
			if err != nil {
				return err
			}
			return withTerritory(cmd, c, func(ctx context.Context, a *app, t cells.Territory) error {
				list := []people.Assignment{}
				if err := a.db.Read(ctx, grids.Local, func(tx pgx.Tx) error {
					edition, err := editionNow(ctx, tx, t)
					if err != nil {
						return err
					}
					q := people.Asked{Role: people.Role(f.role), Layer: grids.LayerCode(f.layer), At: at, Known: known, When: people.When(when)}
					if f.person != "" {
						if q.Person, err = personOf(ctx, tx, t, f.person); err != nil {
							return err
						}
					}
					if f.cell != "" {
						if q.Cells, err = people.CellsOf(ctx, tx, t.ID, edition, grids.Code(f.cell), f.below); err != nil {
							return err
						}
					}
					list, _, err = people.Assignments(ctx, tx, t.ID, edition, q)
					return err
				}); err != nil {
					return err
				}
				return a.print(cmd.OutOrStdout(), list, func(w io.Writer) { printAssignments(w, list) })
			})
		},
	}
	flags := cmd.Flags()
	f.registerPlace(cmd)
	flags.Lookup("role").DefValue, f.role = "", ""
	flags.BoolVar(&f.below, "below", false, "of all cells below it, too")
	flags.StringVar(&f.person, "person", "", "staff number")
	flags.StringVar(&f.at, "at", "", "holding at this instant or day")
	flags.StringVar(&f.known, "known-at", "", "as it was known at this instant or day")
	flags.StringVar(&when, "when", "", "current, planned or past")
	return cmd
}

// held adds to a refusal who holds what was to change.
func held(err error) error {
	var h *people.Held
	if errors.As(err, &h) {
		for _, x := range h.Now {
			h.Err.Fix("现有:%d %s %s %s", "there is: %d %s %s %s", x.ID, x.Code, x.StaffNo, x.Name)
		}
	}
	return err
}

func assignHandoverCommand(c *config) *cobra.Command {
	var f assignFlags
	var replaces int64
	cmd := &cobra.Command{
		Use: "handover", Short: "Hand an assignment over to another person, in one step, with the list of what is open", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			at, err := instant("at", f.at)
			if err != nil {
				return err
			}
			until, err := instant("until", f.until)
			if err != nil {
				return err
			}
			return withTerritory(cmd, c, func(ctx context.Context, a *app, t cells.Territory) error {
				var made people.Handover
				if err := a.db.Tx(ctx, grids.Local, func(tx pgx.Tx) error {
					edition, err := editionNow(ctx, tx, t)
					if err != nil {
						return err
					}
					to, err := personOf(ctx, tx, t, f.successor)
					if err != nil {
						return err
					}
					made, err = people.HandOver(ctx, tx, t.ID, edition, people.Handing{Replaces: replaces, To: to, At: at, Until: until, Post: f.post, Note: f.note})
					return held(err)
				}); err != nil {
					return err
				}
				return a.print(cmd.OutOrStdout(), made, func(w io.Writer) {
					fmt.Fprintf(w, "%s %s %s: %s → %s from %s on (assignment %d)\n", made.Code, made.CellName, made.Role, made.FromName, made.ToName,
						made.At.Local().Format(time.DateTime), made.Assignment)
				})
			})
		},
	}
	flags := cmd.Flags()
	flags.Int64Var(&replaces, "replaces", 0, "number of the assignment that ends (see assign list)")
	flags.StringVar(&f.successor, "to", "", "staff number of the successor")
	flags.StringVar(&f.at, "at", "", "instant or day (default: now)")
	flags.StringVar(&f.until, "until", "", "instant or day at which the predecessor comes back (default: never)")
	flags.StringVar(&f.post, "post", "", "the successor's post, where it is another")
	flags.StringVar(&f.note, "note", "", "what to note")
	for _, name := range []string{"replaces", "to"} {
		cobra.CheckErr(cmd.MarkFlagRequired(name))
	}
	return cmd
}

func assignEndCommand(c *config) *cobra.Command {
	var f assignFlags
	var id int64
	cmd := &cobra.Command{
		Use: "end", Short: "End an assignment; one that is to come is taken back", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			at, err := instant("at", f.at)
			if err != nil {
				return err
			}
			return withTerritory(cmd, c, func(ctx context.Context, a *app, t cells.Territory) error {
				var ended people.Assignment
				if err := a.db.Tx(ctx, grids.Local, func(tx pgx.Tx) error {
					edition, err := editionNow(ctx, tx, t)
					if err != nil {
						return err
					}
					ended, err = people.End(ctx, tx, t.ID, edition, id, at, f.reason)
					return held(err)
				}); err != nil {
					return err
				}
				return a.print(cmd.OutOrStdout(), ended, func(w io.Writer) { printAssignments(w, []people.Assignment{ended}) })
			})
		},
	}
	cmd.Flags().Int64Var(&id, "id", 0, "number of the assignment (see assign list)")
	cmd.Flags().StringVar(&f.at, "at", "", "instant or day (default: now)")
	cmd.Flags().StringVar(&f.reason, "reason", "", "why; it is recorded")
	cobra.CheckErr(cmd.MarkFlagRequired("id"))
	return cmd
}

func assignMoveCommand(c *config) *cobra.Command {
	var f assignFlags
	cmd := &cobra.Command{
		Use: "move", Short: "Hand over all that a person holds, to one successor or, without, end it", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			at, err := instant("at", f.at)
			if err != nil {
				return err
			}
			return withTerritory(cmd, c, func(ctx context.Context, a *app, t cells.Territory) error {
				var done []people.Moved
				rehearsed := errors.New("dry run")
				err := a.db.Tx(ctx, grids.Local, func(tx pgx.Tx) error {
					edition, err := editionNow(ctx, tx, t)
					if err != nil {
						return err
					}
					m := people.Moving{At: at, Note: f.note}
					if m.From, err = personOf(ctx, tx, t, f.person); err != nil {
						return err
					}
					if f.successor != "" {
						if m.To, err = personOf(ctx, tx, t, f.successor); err != nil {
							return err
						}
					}
					if done, err = people.HandOverAll(ctx, tx, t.ID, edition, m); err == nil && f.dryRun {
						return rehearsed
					}
					return held(err)
				})
				if err != nil && !errors.Is(err, rehearsed) {
					return err
				}
				return a.print(cmd.OutOrStdout(), done, func(w io.Writer) {
					for _, x := range done {
						to := "ends"
						if x.ToName != nil {
							to = "→ " + *x.ToName
						}
						fmt.Fprintf(w, "%s %s %s: %s %s from %s on\n", x.Assignment.Code, x.Assignment.CellName, x.Assignment.Role, x.Assignment.Name, to, x.At.Local().Format(time.DateTime))
					}
				})
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.person, "person", "", "staff number of who moves on")
	flags.StringVar(&f.successor, "to", "", "staff number of the successor (default: all ends)")
	flags.StringVar(&f.at, "at", "", "instant or day (default: now)")
	flags.StringVar(&f.note, "note", "", "what to note")
	flags.BoolVar(&f.dryRun, "dry-run", false, "say what it would do, change nothing")
	cobra.CheckErr(cmd.MarkFlagRequired("person"))
	return cmd
}

// replaceRoster replaces the roster of a cell by a file.
func (a *app) replaceRoster(ctx context.Context, w io.Writer, t cells.Territory, f assignFlags) error {
	at, err := instant("at", f.at)
	if err != nil {
		return err
	}
	if at == nil {
		now := time.Now().Add(time.Minute) // reading comes first
		at = &now
	}
	report, err := importers.Run(ctx, a.db, grids.Local, t, importers.Request{File: f.roster, Target: importers.Assignments, Strict: true, DryRun: f.dryRun,
		Roster: &importers.Roster{Cell: grids.Code(f.cell), At: *at}}, nil)
	for _, found := range report.Findings {
		a.log.Warn(found.Said().In(a.lang), "row", found.Row, "field", found.Field, "value", found.Value)
	}
	if err != nil {
		return err
	}
	return a.print(w, report, func(w io.Writer) {
		said := report.Succession
		for _, part := range []struct {
			name string
			list []people.Successor
		}{{"joins", said.Joins}, {"leaves", said.Leaves}, {"stays", said.Stays}} {
			for _, p := range part.list {
				fmt.Fprintf(w, "%-6s %s %s:", part.name, p.StaffNo, p.Name)
				for _, s := range p.Before {
					fmt.Fprintf(w, " %s %s", s.CellName, s.Role)
				}
				fmt.Fprint(w, " →")
				for _, s := range p.After {
					fmt.Fprintf(w, " %s %s", s.CellName, s.Role)
				}
				fmt.Fprintln(w)
			}
		}
		fmt.Fprintf(w, "%d join, %d leave, %d stay from %s on; %d cells lose their accountable person; import %d\n", len(said.Joins), len(said.Leaves), len(said.Stays),
			at.Local().Format(time.DateTime), said.Vacant, report.Import)
	})
}
