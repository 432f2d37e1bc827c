package board

import (
	"archive/zip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"unigrid/grids"
	"unigrid/grids/duty"
)

// Site is a folder of boards for a website of one's own: index.html, a page for
// each cell, their style. Its links are relative, and it loads nothing from
// elsewhere. Close completes it.
type Site struct {
	paper Paper
	base  string // of the public pages, for QR codes
	file  func(name string) (io.WriteCloser, error)
	list  listing
}

// listing is what the index shows.
type listing struct {
	Territory string
	Demo      bool
	At        time.Time
	Entries   []entry
}

type entry struct {
	Code grids.Code
	Name string
	Tier grids.Tier
}

// InFolder makes a site in a folder, which is made when it isn't there.
func InFolder(folder string, paper Paper, base string) (*Site, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, fmt.Errorf("folder of boards: %w", err)
	}
	return newSite(paper, base, func(name string) (io.WriteCloser, error) {
		return os.Create(filepath.Join(folder, name))
	})
}

// InZip makes a site in an archive, whose files are dated at. The caller closes
// the archive after the site.
func InZip(z *zip.Writer, paper Paper, base string, at time.Time) (*Site, error) {
	return newSite(paper, base, func(name string) (io.WriteCloser, error) {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: at})
		return keepOpen{w}, err
	})
}

type keepOpen struct{ io.Writer }

func (keepOpen) Close() error { return nil }

func newSite(paper Paper, base string, file func(string) (io.WriteCloser, error)) (*Site, error) {
	s := &Site{paper: paper, base: base, file: file}
	return s, s.write("board.css", func(w io.Writer) error {
		_, err := io.WriteString(w, css)
		return err
	})
}

func (s *Site) write(name string, fill func(io.Writer) error) error {
	w, err := s.file(name)
	if err != nil {
		return fmt.Errorf("file of boards: %w", err)
	}
	err = fill(w)
	if closing := w.Close(); err == nil && closing != nil {
		err = fmt.Errorf("file of boards: %w", closing)
	}
	return err
}

// Add adds the page of a board.
func (s *Site) Add(b duty.Board) error {
	s.list.Territory, s.list.Demo, s.list.At = b.Territory.Name, b.Territory.Demo, b.At
	s.list.Entries = append(s.list.Entries, entry{b.Code, b.Name, b.Tier})
	return s.write(string(b.Code)+".html", func(w io.Writer) error {
		return write(w, b, s.paper, Address(s.base, b.Territory.Code, b.Code), "", "index.html")
	})
}

// Count is the number of boards so far.
func (s *Site) Count() int { return len(s.list.Entries) }

// Close writes the index.
func (s *Site) Close() error {
	return s.write("index.html", func(w io.Writer) error { return index.Execute(w, s.list) })
}
