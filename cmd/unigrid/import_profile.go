package main

import (
	"context"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/importers"
)

// applyProfile fills in from a saved profile what no flag says.
func (a *app) applyProfile(ctx context.Context, t cells.Territory, f *importFlags) error {
	if f.r.Profile == "" {
		return nil
	}
	var p importers.Profile
	if err := a.db.Read(ctx, grids.Local, func(tx pgx.Tx) (err error) {
		p, err = importers.FindProfile(ctx, tx, t, f.r.Profile)
		return err
	}); err != nil {
		return err
	}
	f.r = f.r.With(p)
	return nil
}

// saveProfile keeps what was said of a file that went in.
func (a *app) saveProfile(ctx context.Context, t cells.Territory, f importFlags, report importers.Report) error {
	return a.db.Tx(ctx, grids.Local, func(tx pgx.Tx) error {
		i, err := importers.Find(ctx, tx, t, report.Import)
		if err != nil {
			return err
		}
		p := importers.Profile{Name: f.saveProfile, Target: f.r.Target, Request: f.r, Headings: i.Source.Headings()}
		p.Request.Map = report.Mapping
		return importers.SaveProfile(ctx, tx, t, grids.Local, p)
	})
}

func importProfilesCommand(c *config) *cobra.Command {
	return &cobra.Command{
		Use:   "profiles",
		Short: "List the profiles that --profile takes",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withTerritory(cmd, c, func(ctx context.Context, a *app, t cells.Territory) error {
				var list []importers.Profile
				if err := a.db.Read(ctx, grids.Local, func(tx pgx.Tx) (err error) {
					list, err = importers.ListProfiles(ctx, tx, t)
					return err
				}); err != nil {
					return err
				}
				return a.print(cmd.OutOrStdout(), append([]importers.Profile{}, list...), func(w io.Writer) {
					for _, p := range list {
						fmt.Fprintf(w, "%s\t%s\n", p.Name, p.Target)
					}
				})
			})
		},
	}
}
