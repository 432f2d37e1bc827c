package cluster

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// settle decides where the data folder's cluster lives and makes that folder.
// Only the supervisor calls it.
func settle(folder string, log *slog.Logger) (place, error) {
	found, err := locate(folder)
	if err == nil {
		return found, checkWay(found.cluster, found.owner)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return place{}, err
	}
	owner, err := serverAccount()
	if err != nil {
		return place{}, err
	}
	cluster, err := clusterFolder(folder, owner, log)
	if err != nil {
		return place{}, err
	}
	return newPlace(cluster, owner), checkWay(cluster, owner)
}

// serverAccount is the user who runs a new cluster: whoever runs this program,
// or postgres in place of root.
func serverAccount() (account, error) {
	if os.Geteuid() != 0 {
		return account{uid: uint32(os.Geteuid()), gid: uint32(os.Getegid())}, nil
	}
	found, err := user.Lookup("postgres")
	if err != nil {
		return account{}, fmt.Errorf("PostgreSQL refuses to run as root and there is no user \"postgres\" to run it (install postgresql-15-postgis-3, or run unigrid as an ordinary user): %w", err)
	}
	uid, err := strconv.ParseUint(found.Uid, 10, 32)
	if err != nil {
		return account{}, fmt.Errorf("user postgres: %w", err)
	}
	gid, err := strconv.ParseUint(found.Gid, 10, 32)
	if err != nil {
		return account{}, fmt.Errorf("user postgres: %w", err)
	}
	return account{uid: uint32(uid), gid: uint32(gid)}, nil
}

// clusterFolder makes DATA/cluster, or, where the server's user cannot get
// there, a folder under /var/lib/unigrid with DATA/cluster as a link to it.
// The folder stays the caller's own; the server's user owns only what is in it.
func clusterFolder(folder string, owner account, log *slog.Logger) (string, error) {
	link := filepath.Join(folder, "cluster")
	info, err := os.Lstat(link)
	switch {
	case err == nil && info.Mode()&fs.ModeSymlink != 0:
		cluster, err := filepath.EvalSymlinks(link)
		if err != nil {
			return "", fmt.Errorf("the cluster's folder is gone (bring it back, or remove the link %s to start afresh): %w", link, err)
		}
		return cluster, nil
	case err == nil:
		return link, nil
	case !errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("cluster folder: %w", err)
	case canEnter(owner, folder):
		return link, makePassable(link)
	}
	cluster := filepath.Join(elsewhere, shortHash(folder))
	log.Info("the server's user cannot get into the data folder, so the cluster goes elsewhere",
		"user", owner.String(), "barred", barred(owner, folder), "cluster", cluster)
	if err := setAside(cluster, log); err != nil {
		return "", err
	}
	for _, dir := range []string{elsewhere, cluster} {
		if err := makePassable(dir); err != nil {
			return "", err
		}
	}
	if err := os.Symlink(cluster, link); err != nil {
		return "", fmt.Errorf("cluster folder: %w", err)
	}
	return cluster, nil
}

// setAside moves a cluster out of the way whose data folder was deleted and
// made anew: the person expects a fresh start, but nothing is destroyed unasked.
func setAside(cluster string, log *slog.Logger) error {
	if _, err := os.Lstat(filepath.Join(cluster, "pgdata")); err != nil {
		return nil
	}
	old := cluster + ".old-" + time.Now().UTC().Format("20060102T150405.000")
	if err := os.Rename(cluster, old); err != nil {
		return fmt.Errorf("set an older cluster aside: %w", err)
	}
	log.Warn("an earlier data folder of this name left a cluster behind; it was set aside, remove it if nobody needs it", "cluster", old)
	return nil
}

// makePassable makes a folder that others can pass through, but not list. As
// an ordinary user the server has the same rights, so it need not be.
func makePassable(folder string) error {
	mode := fs.FileMode(0o700)
	if os.Geteuid() == 0 {
		mode = 0o711
	}
	if err := os.Mkdir(folder, mode); errors.Is(err, fs.ErrExist) {
		return nil
	} else if err != nil {
		return fmt.Errorf("cluster folder: %w", err)
	}
	if err := os.Chmod(folder, mode); err != nil { // whatever the umask
		return fmt.Errorf("cluster folder: %w", err)
	}
	return nil
}

// checkWay makes sure that the server's user can get into the cluster's
// folder, which may have been moved or locked since it was made.
func checkWay(cluster string, owner account) error {
	if canEnter(owner, cluster) {
		return nil
	}
	return fmt.Errorf("PostgreSQL runs as %s, who may not pass through %s: allow it with chmod o+x %[2]s",
		owner, barred(owner, cluster))
}

// canEnter tells whether the account may enter a folder, by having a process of
// that account do so: mode bits alone would miss access lists and mount options.
func canEnter(who account, folder string) bool {
	if os.Geteuid() != 0 {
		return true // the server is this very user; its own errors say enough
	}
	nothing, err := exec.LookPath("true")
	if err != nil {
		return false
	}
	visit := exec.Command(nothing)
	visit.Dir = folder
	visit.SysProcAttr = &syscall.SysProcAttr{Credential: who.credential()}
	return visit.Run() == nil
}

// barred is the topmost folder on the way to path that the account can't enter.
func barred(who account, path string) string {
	parts := strings.Split(filepath.Clean(path), "/")
	for i := 1; i <= len(parts); i++ {
		if way := "/" + filepath.Join(parts[:i]...); !canEnter(who, way) {
			return way
		}
	}
	return path
}
