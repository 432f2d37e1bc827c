package cluster

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

const (
	longestLog = 8 << 20 // bytes after which the supervisor's log starts anew
	tail       = 15      // lines of it in an error
)

// A child is a supervisor that this process started. A nil child is one that
// was never needed.
type child struct {
	cmd  *exec.Cmd
	log  string // the file with its messages
	from int64  // where they begin in it
	done chan struct{}
}

// spawn starts a supervisor in a session of its own, so that it outlives this
// process and its terminal. If two start at once, one of them ends quietly.
func (l *Lease) spawn() (*child, error) {
	path := filepath.Join(l.folder, supervisorLog)
	log, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, fmt.Errorf("supervisor's log: %w", err)
	}
	defer log.Close()
	from, err := log.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, fmt.Errorf("supervisor's log: %w", err)
	}
	if from > longestLog {
		if err := log.Truncate(0); err != nil {
			return nil, fmt.Errorf("supervisor's log: %w", err)
		}
		from = 0
	}
	cmd := exec.Command(l.supervisor[0], l.supervisor[1:]...)
	cmd.Dir = "/"
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the supervisor of the private PostgreSQL: %w", err)
	}
	c := &child{cmd: cmd, log: path, from: from, done: make(chan struct{})}
	go func() {
		_ = cmd.Wait() // reaps it; how it ended stays in ProcessState
		close(c.done)
	}()
	return c, nil
}

// alive tells whether the supervisor still runs.
func (c *child) alive() bool {
	if c == nil {
		return false
	}
	select {
	case <-c.done:
		return false
	default:
		return true
	}
}

// failed is the reason why the supervisor gave up, if it did. One that was
// killed or told to stop didn't, nor one that found another at work.
func (c *child) failed() error {
	if c == nil || c.alive() || c.cmd.ProcessState.ExitCode() <= 0 {
		return nil
	}
	return errors.Join(fmt.Errorf("the private PostgreSQL did not start: its supervisor (%s) ended with %s",
		strings.Join(c.cmd.Args, " "), c.cmd.ProcessState), c.words())
}

// words are the last lines that the supervisor and its server wrote.
func (c *child) words() error {
	if c == nil {
		return nil
	}
	file, err := os.Open(c.log)
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err := file.Seek(c.from, io.SeekStart); err != nil {
		return err
	}
	text, err := io.ReadAll(io.LimitReader(file, longestLog))
	if err != nil {
		return err
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	lines = lines[max(0, len(lines)-tail):]
	return fmt.Errorf("the last lines of %s:\n  %s", c.log, strings.Join(lines, "\n  "))
}
