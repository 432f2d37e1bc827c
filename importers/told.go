package importers

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/importers/source/scratch"
)

// mostHeld is how many findings on changes to boundaries a report holds.
const mostHeld = 10_000

// told keeps the findings on changes to boundaries, of which there may be many
// times as many as fit into memory, in a temporary file: they come while the
// import is within a savepoint that is rolled back when it is only checked, or
// fails. The zero value is ready.
type told struct {
	first                     []grids.Finding // mostHeld
	errors, repairs, warnings int

	folder *scratch.Folder // nil: nothing was told
	file   *os.File
	buffer *bufio.Writer
	lines  *json.Encoder
}

// take keeps the finding on a change to cells of a file.
func (t *told) take(change cells.Change, file string) error {
	if t.folder == nil {
		if err := t.open(); err != nil {
			return err
		}
	}
	f := change.Finding()
	f.File = file
	switch f.Severity {
	case grids.SeverityError:
		t.errors++
	case grids.SeverityRepair:
		t.repairs++
	case grids.SeverityWarning:
		t.warnings++
	}
	if len(t.first) < mostHeld {
		t.first = append(t.first, f)
	}
	return t.lines.Encode(f)
}

func (t *told) open() (err error) {
	if t.folder, err = scratch.New(); err != nil {
		return err
	}
	if t.file, err = os.OpenFile(filepath.Join(t.folder.Path, "findings.jsonl"), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600); err != nil {
		return err
	}
	t.buffer = bufio.NewWriter(t.file)
	t.lines = json.NewEncoder(t.buffer)
	return nil
}

// store appends the findings to those of an import's last check, numbered after
// the given number.
func (t *told) store(ctx context.Context, tx pgx.Tx, of cells.Territory, id int64, after int) error {
	if t.file == nil {
		return nil
	}
	if err := t.buffer.Flush(); err != nil {
		return err
	}
	if _, err := t.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	lines := json.NewDecoder(bufio.NewReader(t.file))
	var page []json.RawMessage
	for {
		var line json.RawMessage
		err := lines.Decode(&line)
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		over := err != nil
		if !over {
			page = append(page, line)
		}
		if over || len(page) == pageRows {
			if err := copyFindings(ctx, tx, of, id, "check", after, page); err != nil || over {
				return err
			}
			after, page = after+len(page), page[:0]
		}
	}
}

// close removes the file.
func (t *told) close() error {
	if t.folder == nil {
		return nil
	}
	var err error
	if t.file != nil {
		err = t.file.Close()
	}
	return errors.Join(err, t.folder.Remove())
}
