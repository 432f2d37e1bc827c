package merge_test

import (
	"flag"
	"os"
	"testing"
)

// Each check of a property merges layers several times; -rapid.checks asks for
// more of them.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "30"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
