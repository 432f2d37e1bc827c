// Package database opens the PostGIS database, migrates it, and runs
// transactions in it on behalf of a principal.
package database

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"unigrid/grids"
)

// appRole is the role as which every request, job and command runs.
const appRole = "unigrid_app"

// The oldest servers whose features the migrations rely on: security_invoker
// views (PostgreSQL 15), GEOS overlay with a grid size (PostGIS 3.1; 3.3 tested).
const (
	minPostgreSQL = 150000
	minPostGIS    = "3.3"
)

// DB is a pool of connections that act as unigrid_app.
type DB struct {
	pool *pgxpool.Pool
}

// Open connects to a migrated database. maxConns 0 takes the default of the
// pool (four, or the number of processors).
func Open(ctx context.Context, url string, maxConns int) (*DB, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("DATABASE_URL: %w", err)
	}
	config.ConnConfig.RuntimeParams["role"] = appRole
	config.ConnConfig.RuntimeParams["timezone"] = "UTC"
	config.ConnConfig.RuntimeParams["application_name"] = "unigrid"
	config.MaxConnIdleTime = 5 * time.Minute
	if maxConns > 0 {
		config.MaxConns = int32(maxConns)
	}
	config.AfterConnect = registerGeometry
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, explainConnect(err)
	}
	return &DB{pool: pool}, nil
}

// registerGeometry lets EWKB bytes travel as geometry in binary, COPY included.
func registerGeometry(ctx context.Context, conn *pgx.Conn) error {
	var oid uint32
	if err := conn.QueryRow(ctx, `SELECT 'geometry'::regtype::oid`).Scan(&oid); err != nil {
		return fmt.Errorf("PostGIS is not installed in this database (CREATE EXTENSION postgis): %w", err)
	}
	conn.TypeMap().RegisterType(&pgtype.Type{Name: "geometry", OID: oid, Codec: pgtype.ByteaCodec{}})
	return nil
}

// Close waits for running queries and closes the pool.
func (db *DB) Close() { db.pool.Close() }

// Ping asks the server for a sign of life.
func (db *DB) Ping(ctx context.Context) error { return db.pool.Ping(ctx) }

// Tx runs fn in a transaction for who; it commits when fn returns nil and rolls
// back otherwise. Violated constraints come back as *grids.Error.
func (db *DB) Tx(ctx context.Context, who grids.Principal, fn func(pgx.Tx) error) error {
	return db.run(ctx, who, pgx.TxOptions{}, fn)
}

// Read runs fn in a read-only transaction that sees one state of the database.
func (db *DB) Read(ctx context.Context, who grids.Principal, fn func(pgx.Tx) error) error {
	return db.run(ctx, who, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, fn)
}

func (db *DB) run(ctx context.Context, who grids.Principal, options pgx.TxOptions, fn func(pgx.Tx) error) error {
	err := pgx.BeginTxFunc(ctx, db.pool, options, func(tx pgx.Tx) error {
		if err := setPrincipal(ctx, tx, who); err != nil {
			return err
		}
		return fn(tx)
	})
	return Violation(err)
}

// setPrincipal tells the transaction who it acts for, as schema access reads it.
func setPrincipal(ctx context.Context, tx pgx.Tx, who grids.Principal) error {
	layers := make([]string, len(who.Layers))
	for i, layer := range who.Layers {
		layers[i] = string(layer)
	}
	_, err := tx.Exec(ctx, `
		SELECT set_config('unigrid.role', $1, true), set_config('unigrid.name', $2, true), set_config('unigrid.territory', $3, true),
		       set_config('unigrid.within', $4, true), set_config('unigrid.layers', $5, true),
		       set_config('unigrid.account', $6, true), set_config('unigrid.from', $7, true),
		       set_config('unigrid.actions', $8, true), set_config('unigrid.collections', $9, true)`,
		string(who.Role), who.Name, strconv.Itoa(int(who.Territory)),
		strings.Join(who.Within, ","), strings.Join(layers, ","), strconv.FormatInt(who.Account, 10), who.From,
		strings.Join(who.Actions, ","), strings.Join(who.Collections, ","))
	return err
}

// Listen calls fn with the payload of every NOTIFY on channel until ctx ends
// or the connection, one of its own, breaks; then it returns the error. ready
// is called once it hears.
func (db *DB) Listen(ctx context.Context, channel string, ready func(), fn func(payload string)) error {
	conn, err := pgx.ConnectConfig(ctx, db.pool.Config().ConnConfig)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, "LISTEN "+pgx.Identifier{channel}.Sanitize()); err != nil {
		return err
	}
	ready()
	for {
		note, err := conn.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		fn(note.Payload)
	}
}
