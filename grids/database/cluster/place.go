package cluster

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

const (
	superuser      = "unigrid"       // the cluster's superuser, who owns everything
	database       = "unigrid"       // the program's database
	socketName     = ".s.PGSQL.5432" // the socket's name inside the socket folder
	longestSocket  = 107             // bytes that fit into a unix socket address
	elsewhere      = "/var/lib/unigrid"
	usersLock      = "users.lock"
	supervisorLock = "supervisor.lock"
	supervisorLog  = "supervisor.log"
	extraSettings  = "extra.conf"
)

// An account is the system user as whom the server runs.
type account struct {
	uid, gid uint32
}

// credential is what a child process needs to run as the account: nothing,
// unless this process is root and has to step down.
func (a account) credential() *syscall.Credential {
	if os.Geteuid() != 0 {
		return nil
	}
	return &syscall.Credential{Uid: a.uid, Gid: a.gid}
}

func (a account) String() string {
	uid := strconv.FormatUint(uint64(a.uid), 10)
	if u, err := user.LookupId(uid); err == nil {
		return u.Username
	}
	return "uid " + uid
}

// A place says where a cluster lives. Both sides work it out from the data
// folder alone, so there is no file about it that could go stale.
type place struct {
	cluster string  // the cluster's folder, symbolic links resolved
	pgdata  string  // the server's data directory in it
	socket  string  // the folder with the socket, 0700
	owner   account // who owns pgdata and runs the server
}

func newPlace(cluster string, owner account) place {
	return place{
		cluster: cluster,
		pgdata:  filepath.Join(cluster, "pgdata"),
		socket:  socketFolder(cluster, owner),
		owner:   owner,
	}
}

// locate finds the cluster of a data folder. The error is fs.ErrNotExist as
// long as there is no whole cluster.
func locate(folder string) (place, error) {
	link := filepath.Join(folder, "cluster")
	cluster, err := filepath.EvalSymlinks(link)
	if err != nil {
		return place{}, err
	}
	pgdata := filepath.Join(cluster, "pgdata")
	owner, err := ownerOf(pgdata)
	if errors.Is(err, fs.ErrPermission) {
		if whose, err := ownerOf(cluster); err == nil {
			return place{}, othersCluster(cluster, whose)
		}
	}
	if err != nil {
		return place{}, err
	}
	if owner.uid == 0 {
		return place{}, fmt.Errorf("%s belongs to root, as whom PostgreSQL refuses to run: give it to its user again (chown -R postgres:)", pgdata)
	}
	if me := os.Geteuid(); me != 0 && me != int(owner.uid) {
		return place{}, othersCluster(cluster, owner)
	}
	return newPlace(cluster, owner), nil
}

func othersCluster(cluster string, owner account) error {
	return fmt.Errorf("the cluster %s belongs to %s: run unigrid as that user or as root, or choose another folder with UNIGRID_DATA", cluster, owner)
}

// dataFolder makes the data folder if need be and returns its absolute path
// without symbolic links. Others may pass through it (the server's user has
// to), but not list it.
func dataFolder(folder string) (string, error) {
	absolute, err := filepath.Abs(folder)
	if err != nil {
		return "", fmt.Errorf("data folder: %w", err)
	}
	if err := os.MkdirAll(absolute, 0o711); err != nil {
		return "", fmt.Errorf("data folder: %w", err)
	}
	real, err := filepath.EvalSymlinks(absolute)
	if err != nil {
		return "", fmt.Errorf("data folder: %w", err)
	}
	return real, nil
}

// socketFolder is a folder inside the cluster's, unless that makes an address
// too long for a socket, or one with a comma, which separates addresses in a
// connection string; then it is a folder of that user and cluster in /tmp.
func socketFolder(cluster string, owner account) string {
	folder := filepath.Join(cluster, "socket")
	if len(folder)+1+len(socketName) <= longestSocket && !strings.ContainsAny(folder, ",\"\n") {
		return folder
	}
	return filepath.Join("/tmp", fmt.Sprintf("unigrid-%d-%s", owner.uid, shortHash(cluster)))
}

// makePrivate makes a folder that only the owner can enter, or checks that the
// one that is there is just that.
func makePrivate(folder string, owner account) error {
	err := os.Mkdir(folder, 0o700)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("socket folder: %w", err)
	}
	// A folder of root's is ours from a start that was cut short here.
	if found, err := ownerOf(folder); err == nil && found.uid == 0 && os.Geteuid() == 0 {
		if err := os.Lchown(folder, int(owner.uid), int(owner.gid)); err != nil {
			return fmt.Errorf("socket folder: %w", err)
		}
	}
	return checkPrivate(folder, owner)
}

// checkPrivate refuses a socket folder that someone else made or can enter:
// behind it could be someone else's server.
func checkPrivate(folder string, owner account) error {
	info, err := os.Lstat(folder)
	if err != nil {
		return err
	}
	found, err := ownerOf(folder)
	if err != nil {
		return err
	}
	if !info.IsDir() || info.Mode().Perm() != 0o700 || found.uid != owner.uid {
		return fmt.Errorf("socket folder %s is not a private folder of %s (it is %s of %s): remove it",
			folder, owner, info.Mode(), found)
	}
	return nil
}

// ownerOf tells whose a file is; it does not follow a symbolic link.
func ownerOf(path string) (account, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return account{}, err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return account{}, fmt.Errorf("cannot tell the owner of %s", path)
	}
	return account{uid: stat.Uid, gid: stat.Gid}, nil
}

// shortHash names a path where the path itself is too long.
func shortHash(path string) string {
	sum := sha256.Sum256([]byte(path))
	return hex.EncodeToString(sum[:6])
}
