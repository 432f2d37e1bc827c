package main

import (
	"cmp"
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
	r := &f.r
	r.Target, r.Tier, r.Layer = cmp.Or(r.Target, p.Target), cmp.Or(r.Tier, p.Request.Tier), cmp.Or(r.Layer, p.Request.Layer)
	r.Source.Encoding = cmp.Or(r.Source.Encoding, p.Request.Source.Encoding)
	r.Source.EPSG = cmp.Or(r.Source.EPSG, p.Request.Source.EPSG)
	r.Source.Layer = cmp.Or(r.Source.Layer, p.Request.Source.Layer)
	for field, column := range p.Request.Map {
		if _, said := r.Map[field]; !said {
			if r.Map == nil {
				r.Map = map[string]string{}
			}
			r.Map[field] = column
		}
	}
	if r.Publish == nil {
		r.Publish = p.Request.Publish
	}
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
