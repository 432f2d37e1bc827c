package main

import (
	"context"
	"errors"
	"os"

	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/database"
	"unigrid/grids/database/cluster"
	"unigrid/grids/editions"
)

// app is what a command works with.
type app struct {
	*config
	db    *database.DB
	url   string
	lease *cluster.Lease // nil with a database of the user's own
}

// open gets the database going, private or not, and up to date.
func open(ctx context.Context, c *config) (*app, error) {
	a := &app{config: c}
	url := c.databaseURL
	if url == "" {
		lease, err := acquire(ctx, c)
		if err != nil {
			return nil, err
		}
		a.lease = lease
		url = lease.URL("unigrid")
	}
	a.url = url
	err := database.Migrate(ctx, url)
	if err == nil {
		a.db, err = database.Open(ctx, url, 0)
	}
	if err != nil {
		a.close()
		return nil, err
	}
	return a, nil
}

// acquire takes a lease on the private cluster; this program is its supervisor
// too.
func acquire(ctx context.Context, c *config) (*cluster.Lease, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return cluster.Acquire(ctx, cluster.Options{Folder: c.data, Supervisor: []string{self, "supervise", "--data", c.data}, Log: c.log})
}

func (a *app) close() {
	if a.db != nil {
		a.db.Close()
	}
	if a.lease != nil {
		a.lease.Close()
	}
}

// findTerritory gives the one that the settings name.
func (a *app) findTerritory(ctx context.Context) (cells.Territory, error) {
	var t cells.Territory
	err := a.db.Read(ctx, grids.Local, func(tx pgx.Tx) (err error) {
		t, err = cells.FindTerritory(ctx, tx, a.territory)
		return err
	})
	return t, err
}

// publish publishes the territory's draft in a transaction of its own.
func (a *app) publish(ctx context.Context, t cells.Territory, note string) (editions.Edition, error) {
	var edition editions.Edition
	err := a.db.Tx(ctx, grids.Local, func(tx pgx.Tx) (err error) {
		edition, err = editions.Publish(ctx, tx, t, grids.Local, note)
		return err
	})
	return edition, err
}

// with opens the app for the length of fn.
func with(ctx context.Context, c *config, fn func(*app) error) (err error) {
	a, err := open(ctx, c)
	if err != nil {
		return err
	}
	defer a.close()
	err = fn(a)
	if ctx.Err() != nil && err != nil {
		return errors.New("interrupted; nothing half-done is kept")
	}
	return err
}

// withTerritory opens the app and finds the territory.
func withTerritory(cmd *cobra.Command, c *config, fn func(context.Context, *app, cells.Territory) error) error {
	return with(cmd.Context(), c, func(a *app) error {
		t, err := a.findTerritory(cmd.Context())
		if err != nil {
			return err
		}
		return fn(cmd.Context(), a, t)
	})
}
