package cluster

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func (b *bench) ordinaryUser(t *testing.T) {
	asRoot(t)
	nobody := &syscall.Credential{Uid: 65534, Gid: 65534}
	folder := b.folder(t, "nobody")
	check(t, os.Mkdir(folder, 0o700))
	check(t, os.Chown(folder, int(nobody.Uid), int(nobody.Gid)))
	hurry(t, folder)
	c := b.client(t, folder, nobody)
	c.ready(t)
	owner, err := ownerOf(filepath.Join(folder, "cluster", "pgdata"))
	check(t, err)
	if owner.uid != nobody.Uid {
		t.Errorf("pgdata belongs to %s", owner)
	}
	// Root shares it, and starts it as nobody's again when it was stopped.
	shared := b.acquire(t, folder)
	if _, err := postgis(t.Context(), shared); err != nil {
		t.Error(err)
	}
	c.finish(t)
	shared.Close()
	stopped(t, folder)
	if _, err := postgis(t.Context(), b.acquire(t, folder)); err != nil {
		t.Error(err)
	}
	if owner, err := ownerOf(fmt.Sprintf("/proc/%d", postmaster(t, folder))); err != nil || owner.uid != nobody.Uid {
		t.Errorf("the server belongs to %s, %v", owner, err)
	}

	// Another user is told whose it is.
	check(t, os.Chmod(folder, 0o711))
	other := exec.Command(b.program, "client", folder)
	other.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 1, Gid: 1}}
	other.Dir = "/"
	out, err := other.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "belongs to nobody") {
		t.Errorf("another user is told: %s", out)
	}
}

// barredFolder is a data folder below one that only root can enter.
func (b *bench) barredFolder(t *testing.T) {
	asRoot(t)
	parent := filepath.Join(b.dir, "roots-own")
	check(t, os.Mkdir(parent, 0o700))
	folder := b.folder(t, "roots-own/data")
	hurry(t, folder)
	lease := b.acquire(t, folder)
	if _, err := postgis(t.Context(), lease); err != nil {
		t.Error(err)
	}
	target, err := os.Readlink(filepath.Join(folder, "cluster"))
	check(t, err)
	if want := filepath.Join(elsewhere, shortHash(folder)); target != want {
		t.Errorf("the cluster is in %s, want %s", target, want)
	}
	log, err := os.ReadFile(filepath.Join(folder, supervisorLog))
	check(t, err)
	if !strings.Contains(string(log), "barred="+parent+" ") {
		t.Errorf("the log doesn't say why:\n%s", log)
	}
	lease.Close()
	stopped(t, folder)

	// The folder is deleted and made anew: a fresh cluster, the old one kept.
	check(t, os.RemoveAll(folder))
	b.acquire(t, folder)
	old, err := filepath.Glob(target + ".old-*")
	check(t, err)
	if len(old) != 1 {
		t.Errorf("set aside: %v", old)
	}
	for _, path := range old {
		check(t, os.RemoveAll(path))
	}
}

func (b *bench) oddPaths(t *testing.T) {
	for _, name := range []string{
		strings.Repeat("long/", 25) + "data",
		"株洲 网格's \"data\"",
		"with,comma",
	} {
		folder := b.copy(t, name)
		lease := b.acquire(t, folder)
		if _, err := postgis(t.Context(), lease); err != nil {
			t.Error(err)
		}
		at, err := locate(folder)
		check(t, err)
		t.Log("socket in", at.socket)
		lease.Close()
		stopped(t, folder)
		if _, err := os.Lstat(at.socket); strings.HasPrefix(at.socket, "/tmp/unigrid-") && err == nil {
			t.Errorf("%s was left behind", at.socket)
		}
	}
}

// A short socket folder in /tmp may be somebody else's trap.
func TestMakePrivate(t *testing.T) {
	me := account{uid: uint32(os.Geteuid()), gid: uint32(os.Getegid())}
	dir := t.TempDir()
	good := filepath.Join(dir, "good")
	check(t, makePrivate(good, me))
	check(t, makePrivate(good, me)) // again, as after a crash
	open := filepath.Join(dir, "open")
	check(t, os.Mkdir(open, 0o755))
	link := filepath.Join(dir, "link")
	check(t, os.Symlink(good, link))
	for _, bad := range []string{open, link} {
		if err := makePrivate(bad, me); err == nil || !strings.Contains(err.Error(), "is not a private folder") {
			t.Errorf("%s: %v", bad, err)
		}
	}
	if os.Geteuid() == 0 {
		check(t, os.Chown(good, 65534, 65534))
		if err := makePrivate(good, account{uid: 1, gid: 1}); err == nil {
			t.Error("took another user's folder")
		}
	}
}

// removed deletes a data folder under its running server.
func (b *bench) removed(t *testing.T) {
	folder := b.copy(t, "removed")
	b.acquire(t, folder)
	server := postmaster(t, folder)
	start := time.Now()
	within(t, 5*time.Second, "the folder is removed", func() error { return os.RemoveAll(folder) })
	t.Log("removed after", time.Since(start))
	defer func() { t.Log("server gone after", time.Since(start)) }()
	within(t, 30*time.Second, "the server goes", func() error {
		if _, err := os.Stat(fmt.Sprintf("/proc/%d", server)); err == nil {
			return errors.New("it is still there")
		}
		return nil
	})
}
