package main

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"

	"unigrid/cmd/unigrid/demo"
	"unigrid/grids"
	"unigrid/grids/cells"
)

func demoCommand(c *config) *cobra.Command {
	return &cobra.Command{
		Use:   "demo",
		Short: "Load the demo territory: a sketch of Zhuzhou with invented people and firms",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return with(cmd.Context(), c, func(a *app) error { return a.loadDemo(cmd.Context(), true) })
		},
	}
}

// loadDemo loads the demo territory. Without must it does so only into a
// database that has no territory yet; a load that was cut short goes on where
// it stopped.
func (a *app) loadDemo(ctx context.Context, must bool) error {
	var list []cells.Territory
	if err := a.db.Read(ctx, grids.Local, func(tx pgx.Tx) (err error) {
		list, err = cells.Territories(ctx, tx)
		return err
	}); err != nil {
		return err
	}
	there := false
	for _, t := range list {
		there = there || t.Code == demo.Code
	}
	if len(list) > 0 && !there && !must {
		return nil
	}
	if err := demo.Load(ctx, a.db, a.log); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	return nil
}
