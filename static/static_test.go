package static_test

import (
	"io/fs"
	"regexp"
	"testing"

	"unigrid/static"
)

// Built or not, there is a page, and what it refers to is there.
func TestPage(t *testing.T) {
	t.Parallel()
	files, err := static.FS()
	if err != nil {
		t.Fatal(err)
	}
	page, err := fs.ReadFile(files, "index.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, asset := range regexp.MustCompile(`"/(assets/[^"]+)"`).FindAllSubmatch(page, -1) {
		if _, err := fs.Stat(files, string(asset[1])); err != nil {
			t.Error(err)
		}
	}
}
