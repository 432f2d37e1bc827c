package editions_test

import (
	"flag"
	"os"
	"testing"
)

// TestMain keeps the property tests short; -rapid.checks on the command line
// wins.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "8"); err != nil {
		panic(err)
	}
	flag.Parse()
	os.Exit(m.Run())
}
