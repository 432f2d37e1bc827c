package drawing

import (
	"os"
	"regexp"
	"testing"

	"unigrid/geo/edit"
)

// Every fault of geo/edit has a text in both languages.
func TestFaultsAreTranslated(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("../../geo/edit/fault.go")
	if err != nil {
		t.Fatal(err)
	}
	kinds := regexp.MustCompile(`FaultKind = "([a-z-]+)"`).FindAllStringSubmatch(string(source), -1)
	if len(kinds) < 10 {
		t.Errorf("only %d kinds were found", len(kinds))
	}
	for _, kind := range kinds {
		if said := faults[edit.FaultKind(kind[1])].what; said.ZH == "" || said.EN == "" {
			t.Errorf("%s has no text", kind[1])
		}
	}
}
