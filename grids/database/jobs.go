package database

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

// JobsSchema is the PostgreSQL schema of the queue's tables.
const JobsSchema = "jobs"

// Pool is what the queue of jobs works with. Everything else goes through Tx
// and Read.
func (db *DB) Pool() *pgxpool.Pool { return db.pool }

func jobsMigrator(pool *pgxpool.Pool) (*rivermigrate.Migrator[pgx.Tx], error) {
	return rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Schema: JobsSchema})
}

// migrateJobs brings the queue's tables up to date by its own migrations, as the
// user of url. Those of two processes that start at once are kept apart.
func migrateJobs(ctx context.Context, url string) error {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return fmt.Errorf("DATABASE_URL: %w", err)
	}
	config.MaxConns = 2
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return fmt.Errorf("database: %w", err)
	}
	defer pool.Close()
	migrator, err := jobsMigrator(pool)
	if err != nil {
		return err
	}
	if done, err := migrator.ExistingVersions(ctx); err == nil && len(done) == len(migrator.AllVersions()) {
		return nil
	}
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtext('unigrid jobs migration'))`); err != nil {
			return err
		}
		if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
			return fmt.Errorf("migrations of the queue: %w", err)
		}
		return nil
	})
}
