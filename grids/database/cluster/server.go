package cluster

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// settings are the defaults of postgresql.conf: one machine shared with the
// program, bulk loads now and then, many small reads.
const settings = `# Written by unigrid at every start. Put settings of your own into extra.conf in
# the data folder, or use ALTER SYSTEM.
shared_buffers = '256MB'
work_mem = '64MB'
maintenance_work_mem = '256MB'
max_connections = 100
jit = off
random_page_cost = 1.1
effective_io_concurrency = 200
max_wal_size = '4GB'
checkpoint_timeout = '15min'
max_locks_per_transaction = 128
timezone = 'UTC'
log_timezone = 'UTC'
log_checkpoints = off
log_line_prefix = '%m [%p] %q%u@%d '
`

// A server is a running postmaster.
type server struct {
	at   place
	cmd  *exec.Cmd
	gone chan struct{} // closed when the postmaster is gone
}

// startServer starts PostgreSQL on a cluster that nothing else uses.
func startServer(at place, bin Binaries, extra string) (*server, error) {
	conf := filepath.Join(at.cluster, "postgresql.conf")
	if err := writeConf(conf, settings+extra); err != nil {
		return nil, err
	}
	if err := makePrivate(at.socket, at.owner); err != nil {
		return nil, err
	}
	// On the command line stands what neither extra.conf nor ALTER SYSTEM may
	// change: clients count on it.
	cmd := exec.Command(bin.Path("postgres"), "-D", at.pgdata,
		"-c", "config_file="+conf,
		"-c", "listen_addresses=",
		"-c", "port=5432",
		"-c", `unix_socket_directories="`+at.socket+`"`,
		"-c", "unix_socket_permissions=0700",
		"-c", "logging_collector=off",
	)
	cmd.Dir, cmd.Env = "/", serverEnv()
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	// Its own process group, so that a Ctrl-C at a terminal reaches only the
	// supervisor, who then stops it in order.
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: at.owner.credential(), Setpgid: true}
	// If the supervisor is killed: SIGINT, a fast shutdown. It rolls back open
	// transactions and writes a checkpoint, so the successor starts at once;
	// SIGTERM would wait for clients to leave, SIGQUIT need crash recovery.
	ended, err := startTied(cmd, syscall.SIGINT)
	if err != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	s := &server{at: at, cmd: cmd, gone: make(chan struct{})}
	go func() {
		<-ended // how it ended stays in cmd.ProcessState
		close(s.gone)
	}()
	return s, nil
}

// writeConf writes a configuration file whole or not at all, and never through
// a link that the folder's owner may have put there for root to follow.
func writeConf(path, text string) error {
	fresh := path + ".new"
	if err := os.Remove(fresh); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("write settings: %w", err)
	}
	file, err := os.OpenFile(fresh, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return fmt.Errorf("write settings: %w", err)
	}
	_, err = file.WriteString(text)
	err = errors.Join(err, file.Chmod(0o644), file.Close()) // whatever the umask
	if err == nil {
		err = os.Rename(fresh, path)
	}
	if err != nil {
		return fmt.Errorf("write settings: %w", err)
	}
	return nil
}

// serverEnv is the whole environment of PostgreSQL's programs: nothing of the
// caller's (PGDATA, PGOPTIONS, a locale that isn't installed) gets in.
func serverEnv() []string {
	return []string{"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C.UTF-8", "TZ=UTC"}
}

// died tells whether the postmaster is gone.
func (s *server) died() bool {
	select {
	case <-s.gone:
		return true
	default:
		return false
	}
}

// stop shuts the server down, the fast way first, and returns when it is gone.
func (s *server) stop(log *slog.Logger) {
	for _, step := range []struct {
		send syscall.Signal
		wait time.Duration
	}{
		{syscall.SIGINT, time.Minute}, // fast: roll back, checkpoint
		{syscall.SIGQUIT, 10 * time.Second},
		{syscall.SIGKILL, time.Minute},
	} {
		if s.died() {
			break
		}
		_ = s.cmd.Process.Signal(step.send)
		select {
		case <-s.gone:
		case <-time.After(step.wait):
			log.Warn("PostgreSQL does not stop", "sent", step.send.String(), "waited", step.wait.String())
		}
	}
	// In /tmp nothing is left behind; inside the cluster the folder may stay.
	if filepath.Dir(s.at.socket) == "/tmp" {
		if err := os.Remove(s.at.socket); err != nil && !errors.Is(err, fs.ErrNotExist) {
			log.Warn("the socket folder stays", "cause", err)
		}
	}
}

// furnish waits until the server answers and sees to the program's database
// and PostGIS in it. It may take as long as crash recovery takes.
func (s *server) furnish(ctx context.Context, bin Binaries) error {
	root, err := s.connect(ctx, "postgres")
	if err != nil {
		return err
	}
	defer root.Close(context.WithoutCancel(ctx))
	var there bool
	err = root.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", database).Scan(&there)
	if err != nil {
		return fmt.Errorf("look for database %s: %w", database, err)
	}
	if !there {
		if _, err := root.Exec(ctx, "CREATE DATABASE "+database); err != nil {
			return fmt.Errorf("create database %s: %w", database, err)
		}
	}
	conn, err := s.connect(ctx, database)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	_, err = conn.Exec(ctx, "CREATE EXTENSION IF NOT EXISTS postgis")
	var refused *pgconn.PgError
	if errors.As(err, &refused) && (refused.Code == "0A000" || refused.Code == "58P01") {
		return fmt.Errorf("PostgreSQL %d has no PostGIS, install the package %s: %w", bin.Major, postgisPackage(bin.Major), err)
	}
	if err != nil {
		return fmt.Errorf("create extension postgis: %w", err)
	}
	return nil
}

// connect tries until the server lets it in, dies, or ctx is done.
func (s *server) connect(ctx context.Context, database string) (*pgx.Conn, error) {
	for {
		conn, err := connect(ctx, s.at.socket, database)
		if err == nil {
			return conn, nil
		}
		var refused *pgconn.PgError
		if errors.As(err, &refused) && refused.Code[:2] != "57" && refused.Code[:2] != "53" {
			// Neither still starting up (57P03) nor full of early clients (53300).
			return nil, fmt.Errorf("connect to the new server: %w", err)
		}
		if s.died() {
			return nil, fmt.Errorf("PostgreSQL ended before it was ready: %s", s.cmd.ProcessState)
		}
		if err := sleep(ctx, 20*time.Millisecond); err != nil {
			return nil, err
		}
	}
}

// connect opens one connection as the superuser.
func connect(ctx context.Context, socket, database string) (*pgx.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	return pgx.Connect(ctx, socketURL(socket, database))
}

// socketURL is the connection string for a database behind a socket folder.
func socketURL(socket, database string) string {
	query := url.Values{"host": {socket}, "port": {"5432"}, "sslmode": {"disable"}}
	u := url.URL{Scheme: "postgres", User: url.User(superuser), Path: "/" + database, RawQuery: query.Encode()}
	return u.String()
}
