package table

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Sheets lists the sheets of an .xlsx by name, in its order, those that are
// hidden last.
func Sheets(path string) ([]string, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	var visible, hidden []string
	err = func() error {
		info, err := file.Stat()
		if err != nil {
			return err
		}
		book, err := openWorkbook(file, info.Size())
		if err != nil {
			return err
		}
		for _, s := range book.sheets {
			if s.hidden {
				hidden = append(hidden, s.name)
			} else {
				visible = append(visible, s.name)
			}
		}
		return nil
	}()
	if err := errors.Join(err, file.Close()); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	return append(visible, hidden...), nil
}
