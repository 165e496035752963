//go:build race

package decision_test

import (
	"flag"
	"os"
	"testing"
)

// TestMain: what random organisations show does not depend on goroutines; under the race
// detector, ten times slower, fewer of them do.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "10"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
