// Package scratch makes temporary folders: what an archive unpacks to, what GDAL
// converts, what is exported. They lie in os.TempDir, and those of a process
// that was killed are found and removed by another.
package scratch

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

const (
	prefix   = "unigrid-scratch-"
	lockName = "lock"
	// unlocked is how long a folder may be without its lock: its maker is about
	// to lock it, or was killed.
	unlocked = 10 * time.Minute
)

// Folder is a temporary folder. It stays as long as its process lives, or until
// Remove.
type Folder struct {
	// Path is the empty folder that was made.
	Path string
	lock *os.File // locked while the folder is in use; its folder holds Path, too
}

// New makes a folder.
func New() (*Folder, error) {
	around, err := os.MkdirTemp("", prefix)
	if err != nil {
		return nil, fmt.Errorf("temporary folder: %w", err)
	}
	f := &Folder{Path: filepath.Join(around, "files")}
	if f.lock, err = lock(around); err == nil {
		err = os.Mkdir(f.Path, 0o700)
	}
	if err != nil {
		return nil, fmt.Errorf("temporary folder: %w", errors.Join(err, f.Remove()))
	}
	return f, nil
}

// lock makes a folder's lock, which nobody sees before it is locked. The kernel
// unlocks it when the process ends, however it does; children don't get it.
func lock(around string) (*os.File, error) {
	name := filepath.Join(around, lockName)
	file, err := os.OpenFile(name+".new", os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, os.Rename(file.Name(), name)
}

// Remove removes the folder with all that is in it.
func (f *Folder) Remove() error {
	err := os.RemoveAll(filepath.Dir(f.Path))
	if f.lock != nil {
		err = errors.Join(err, f.lock.Close())
	}
	return err
}

// Sweep removes this user's folders whose processes are gone, and tells how
// many.
func Sweep() (int, error) {
	entries, err := filepath.Glob(filepath.Join(os.TempDir(), prefix+"*"))
	if err != nil {
		return 0, err
	}
	swept := 0
	var all []error
	for _, around := range entries {
		info, err := os.Lstat(around)
		if err != nil || !info.IsDir() || int(info.Sys().(*syscall.Stat_t).Uid) != os.Getuid() {
			continue
		}
		gone, err := abandoned(around, info)
		if err == nil && gone {
			err = os.RemoveAll(around)
			swept++
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			all = append(all, fmt.Errorf("temporary folder: %w", err))
		}
	}
	return swept, errors.Join(all...)
}

// abandoned tells whether no process holds a folder.
func abandoned(around string, info os.FileInfo) (bool, error) {
	file, err := os.OpenFile(filepath.Join(around, lockName), os.O_RDWR|syscall.O_NOFOLLOW, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return time.Since(info.ModTime()) > unlocked, nil
	}
	if err != nil {
		return false, err
	}
	defer file.Close()
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, err
}
