package cluster

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// temporary marks folders in which a cluster is being made.
const temporary = "initdb-"

// ensureCluster makes the cluster if there is none. It is made in a temporary
// folder and renamed when whole, so a half-made one is never taken for a
// cluster; what an interrupted attempt left is removed.
func ensureCluster(ctx context.Context, at place, bin Binaries, log *slog.Logger) error {
	if err := removeHalfMade(ctx, at.cluster, log); err != nil {
		return err
	}
	if _, err := os.Stat(at.pgdata); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	log.Info("making a new PostgreSQL cluster", "folder", at.pgdata, "version", bin.Major, "user", at.owner.String())
	made, err := os.MkdirTemp(at.cluster, temporary)
	if err != nil {
		return fmt.Errorf("new cluster: %w", err)
	}
	if err := os.Lchown(made, int(at.owner.uid), int(at.owner.gid)); err != nil {
		return fmt.Errorf("new cluster: %w", err)
	}
	if err := initdb(ctx, made, at.owner, bin); err != nil {
		return errors.Join(err, os.RemoveAll(made))
	}
	if err := os.Rename(made, at.pgdata); err != nil {
		return fmt.Errorf("new cluster: %w", err)
	}
	return syncFolder(at.cluster)
}

// initdb fills an empty folder. Collation C makes LIKE 'prefix%' use an
// ordinary index and doesn't change with the C library; the character type
// still knows Unicode. Anyone who reaches the socket is trusted, and only the
// server's user and root can reach it.
func initdb(ctx context.Context, folder string, owner account, bin Binaries) error {
	var output strings.Builder
	cmd := exec.Command(bin.Path("initdb"), "-D", folder, "-U", superuser,
		"--encoding=UTF8", "--locale=C.UTF-8", "--lc-collate=C",
		"--auth-local=trust", "--auth-host=reject", "--no-instructions")
	cmd.Dir, cmd.Env = "/", serverEnv()
	cmd.Stdout, cmd.Stderr = &output, &output
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: owner.credential(), Setpgid: true}
	ended, err := startTied(cmd, syscall.SIGKILL)
	if err != nil {
		return fmt.Errorf("initdb: %w", err)
	}
	select {
	case err = <-ended:
	case <-ctx.Done():
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // its children too
		<-ended
		return ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("initdb failed (%w): %s", err, strings.TrimSpace(output.String()))
	}
	return nil
}

// removeHalfMade removes what interrupted attempts left, once the server
// processes that initdb had started there are gone.
func removeHalfMade(ctx context.Context, cluster string, log *slog.Logger) error {
	entries, err := os.ReadDir(cluster)
	if err != nil {
		return fmt.Errorf("cluster folder: %w", err)
	}
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), temporary) {
			continue
		}
		folder := filepath.Join(cluster, entry.Name())
		log.Warn("removing a half-made cluster", "folder", folder)
		if err := evict(ctx, folder, log); err != nil {
			return err
		}
		if err := os.RemoveAll(folder); err != nil {
			return fmt.Errorf("half-made cluster: %w", err)
		}
	}
	return nil
}

// syncFolder makes a rename inside the folder durable.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	defer folder.Close()
	if err := folder.Sync(); err != nil {
		return fmt.Errorf("sync %s: %w", path, err)
	}
	return nil
}
