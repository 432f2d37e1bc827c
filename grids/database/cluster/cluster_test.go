package cluster

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// TestMain makes the test binary stand in for unigrid: "supervise FOLDER" runs
// a supervisor; "client FOLDER" holds a lease until its input ends.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && (os.Args[1] == "supervise" || os.Args[1] == "client") {
		if err := act(os.Args[1], os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, "Error:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func act(role, folder string) error {
	ctx := context.Background()
	if role == "supervise" {
		return Supervise(ctx, folder, slog.New(slog.NewTextHandler(os.Stderr, nil)))
	}
	lease, err := Acquire(ctx, Options{Folder: folder, Supervisor: []string{os.Args[0], "supervise", folder}})
	if err != nil {
		return err
	}
	defer lease.Close()
	version, err := postgis(ctx, lease)
	if err != nil {
		return err
	}
	fmt.Println("ready", version)
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

func postgis(ctx context.Context, l *Lease) (version string, err error) {
	conn, err := pgx.Connect(ctx, l.URL("unigrid"))
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	err = conn.QueryRow(ctx, "SELECT postgis_version()").Scan(&version)
	return version, err
}

// A bench is what the cases share: a program that any user can run, and a
// stopped data folder to copy, since making a cluster takes seconds.
type bench struct {
	dir     string
	program string
	stopped string
}

func newBench(t *testing.T) *bench {
	t.Helper()
	if _, err := FindBinaries(0); err != nil {
		t.Skip(err)
	}
	// Not t.TempDir: its parent is 0700, so the server's user can't get in.
	dir, err := os.MkdirTemp("/tmp", "cluster-test-")
	check(t, err)
	check(t, os.Chmod(dir, 0o711))
	t.Cleanup(func() { check(t, os.RemoveAll(dir)) })
	b := &bench{dir: dir, program: filepath.Join(dir, "unigrid"), stopped: filepath.Join(dir, "stopped")}
	self, err := os.Executable()
	check(t, err)
	run(t, "cp", self, b.program)
	check(t, os.Chmod(b.program, 0o755))
	return b
}

// folder names a data folder of the case's own and sees that nothing of it is
// left at the end.
func (b *bench) folder(t *testing.T, name string) string {
	t.Helper()
	folder := filepath.Join(b.dir, name)
	t.Cleanup(func() { clean(t, folder) })
	return folder
}

// copy is a folder with a stopped cluster in it.
func (b *bench) copy(t *testing.T, name string) string {
	t.Helper()
	folder := b.folder(t, name)
	check(t, os.MkdirAll(folder, 0o711))
	run(t, "cp", "-a", b.stopped+"/.", folder)
	return folder
}

// hurry gives a folder settings for tests.
func hurry(t *testing.T, folder string) {
	t.Helper()
	check(t, os.MkdirAll(folder, 0o711))
	check(t, os.WriteFile(filepath.Join(folder, extraSettings), []byte("fsync = off\nshared_buffers = '32MB'\n"), 0o644))
}

func clean(t *testing.T, folder string) {
	t.Helper()
	if t.Failed() {
		text, _ := os.ReadFile(filepath.Join(folder, supervisorLog))
		t.Logf("%s of %s:\n%s", supervisorLog, folder, text)
	}
	signalSupervisor(folder, syscall.SIGTERM)
	stopped(t, folder)
	if real, err := filepath.EvalSymlinks(filepath.Join(folder, "cluster")); err == nil {
		check(t, os.RemoveAll(real))
		_ = os.Remove(elsewhere) // if nobody else's is there
	}
	check(t, os.RemoveAll(folder))
}

// acquire takes a lease that ends with the case at the latest.
func (b *bench) acquire(t *testing.T, folder string) *Lease {
	t.Helper()
	lease, err := Acquire(t.Context(), b.options(folder))
	check(t, err)
	t.Cleanup(lease.Close)
	return lease
}

func (b *bench) options(folder string) Options {
	return Options{Folder: folder, Supervisor: []string{b.program, "supervise", folder}}
}

// A client is another process with a lease.
type client struct {
	cmd   *exec.Cmd
	stdin io.Closer
	words *bufio.Reader
}

func (b *bench) client(t *testing.T, folder string, as *syscall.Credential) *client {
	t.Helper()
	cmd := exec.Command(b.program, "client", folder)
	cmd.Stderr = os.Stderr
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: as}
	stdin, err := cmd.StdinPipe()
	check(t, err)
	stdout, err := cmd.StdoutPipe()
	check(t, err)
	check(t, cmd.Start())
	return &client{cmd: cmd, stdin: stdin, words: bufio.NewReader(stdout)}
}

// ready waits until the client has its lease and an answer from PostGIS.
func (c *client) ready(t *testing.T) {
	t.Helper()
	line, err := c.words.ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "ready 3.") {
		t.Fatalf("client says %q, %v", line, err)
	}
}

func (c *client) finish(t *testing.T) {
	t.Helper()
	check(t, c.stdin.Close())
	check(t, c.cmd.Wait())
}

func (c *client) kill(t *testing.T) {
	t.Helper()
	check(t, c.cmd.Process.Kill())
	_ = c.cmd.Wait()
}

// stopped waits until neither a supervisor nor a server process is left.
func stopped(t *testing.T, folder string) {
	t.Helper()
	within(t, 30*time.Second, "the cluster stops", func() error {
		held, err := lockHeld(filepath.Join(folder, supervisorLock))
		if held {
			return errors.New("a supervisor runs")
		}
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		pids, err := serverProcesses(filepath.Join(folder, "cluster", "pgdata"))
		if len(pids) > 0 {
			return fmt.Errorf("processes %v run", pids)
		}
		return err
	})
}

// signalSupervisor signals the folder's supervisor if there is one. The pid in
// the lock file may be an older one's, so its command line has to fit.
func signalSupervisor(folder string, signal syscall.Signal) bool {
	pid := signature(filepath.Join(folder, supervisorLock))
	words, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	return err == nil && strings.HasSuffix(string(words), "\x00supervise\x00"+folder+"\x00") && syscall.Kill(pid, signal) == nil
}

func within(t *testing.T, limit time.Duration, what string, try func() error) {
	t.Helper()
	start := time.Now()
	for {
		err := try()
		if err == nil {
			return
		}
		if time.Since(start) > limit {
			t.Fatalf("%s: not within %s: %v", what, limit, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// postmaster is the pid of the running server.
func postmaster(t *testing.T, folder string) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "cluster", "pgdata", "postmaster.pid"))
	check(t, err)
	var pid int
	_, err = fmt.Sscan(string(text), &pid)
	check(t, err)
	return pid
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func run(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v: %s", name, args, err, out)
	}
}

func asRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
}
