package database

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"unigrid/grids"
)

//go:embed migrations/*.sql
var migrations embed.FS

// policy fills the policy table, and is run again at every migrate.
//
//go:embed policy.sql
var policy string

// watched names the tables that the log covers, and is run likewise.
//
//go:embed watched.sql
var watched string

// guardsSQL puts the guards on the tables, and is run again at every migrate.
//
//go:embed guards.sql
var guardsSQL string

// Migrate checks the server and brings its schema up to date, as the user of
// url, who owns what it makes. Two processes that start at once are kept apart
// by an advisory lock.
func Migrate(ctx context.Context, url string) error {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return fmt.Errorf("DATABASE_URL: %w", err)
	}
	db := stdlib.OpenDB(*config)
	defer db.Close()
	if err := checkServer(ctx, db); err != nil {
		return err
	}
	if err := migrate(ctx, db); err != nil {
		return err
	}
	if _, err := db.ExecContext(ctx, policy); err != nil {
		return fmt.Errorf("policy table: %w", err)
	}
	if _, err := db.ExecContext(ctx, watched); err != nil {
		return fmt.Errorf("what is logged: %w", err)
	}
	if _, err := db.ExecContext(ctx, guardsSQL); err != nil {
		return fmt.Errorf("guards: %w", err)
	}
	return migrateJobs(ctx, url)
}

func migrate(ctx context.Context, db *sql.DB) error {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 120))
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, sub, goose.WithSessionLocker(locker))
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	return nil
}

// checkServer says plainly when a server can't serve unigrid.
func checkServer(ctx context.Context, db *sql.DB) error {
	var version int
	if err := db.QueryRowContext(ctx, `SELECT current_setting('server_version_num')::int`).Scan(&version); err != nil {
		return explainConnect(err)
	}
	if version < minPostgreSQL {
		return grids.Errorf(grids.Unavailable, "DATABASE_URL", "数据库是 PostgreSQL %d,需要 15 或更新的版本", "the server is PostgreSQL %d; 15 or newer is needed", version/10000)
	}
	var postgis sql.NullString
	err := db.QueryRowContext(ctx, `SELECT coalesce(installed_version, default_version) FROM pg_available_extensions WHERE name = 'postgis'`).Scan(&postgis)
	if errors.Is(err, sql.ErrNoRows) || (err == nil && !postgis.Valid) {
		return grids.Errorf(grids.Unavailable, "DATABASE_URL", "该数据库服务器没有 PostGIS", "this server has no PostGIS").
			Fix("在服务器上安装 PostGIS(Debian:postgresql-15-postgis-3)", "install PostGIS on it (Debian: postgresql-15-postgis-3)")
	}
	if err != nil {
		return fmt.Errorf("looking for PostGIS: %w", err)
	}
	if olderThan(postgis.String, minPostGIS) {
		return grids.Errorf(grids.Unavailable, "DATABASE_URL", "PostGIS 版本为 %s,需要 %s 或更新的版本", "PostGIS is %s; %s or newer is needed", postgis.String, minPostGIS)
	}
	return nil
}

// olderThan compares versions such as 3.3.2 by their first two numbers.
func olderThan(version, least string) bool {
	var a, b, x, y int
	if n, _ := fmt.Sscanf(version, "%d.%d", &a, &b); n != 2 {
		return false
	}
	_, _ = fmt.Sscanf(least, "%d.%d", &x, &y)
	return a < x || (a == x && b < y)
}

// explainConnect says what to do about a server that does not let us in.
func explainConnect(err error) error {
	e := grids.Errorf(grids.Unavailable, "DATABASE_URL", "无法连接数据库", "can't connect to the database")
	e.Cause = err
	var pg *pgconn.PgError
	var op *net.OpError
	switch {
	case errors.As(err, &pg) && pg.Code == "3D000":
		return e.Fix("先建立该数据库:createdb 名称", "create the database first: createdb NAME")
	case errors.As(err, &pg) && strings.HasPrefix(pg.Code, "28"):
		return e.Fix("检查 DATABASE_URL 中的用户名和密码", "check user and password in DATABASE_URL")
	case errors.As(err, &op):
		return e.Fix("检查服务器是否运行、主机和端口是否正确", "check that the server runs, and host and port")
	}
	return e
}

// SchemaHash identifies the state of the migrations.
func SchemaHash() (string, error) {
	hash := sha256.New()
	err := fs.WalkDir(migrations, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := migrations.ReadFile(path)
		if err != nil {
			return err
		}
		fmt.Fprintf(hash, "%s %d\n", path, len(content))
		hash.Write(content)
		return nil
	})
	if err != nil {
		return "", err
	}
	hash.Write([]byte(policy + watched + guardsSQL))
	migrator, err := jobsMigrator(nil)
	if err != nil {
		return "", err
	}
	fmt.Fprintf(hash, "jobs %d\n", len(migrator.AllVersions()))
	return hex.EncodeToString(hash.Sum(nil)), err
}
