//go:build bench

package decision

import (
	"math/rand/v2"
	"testing"
	"time"

	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// BenchOrg is a generated organisation, for the benches outside of the package.
type BenchOrg struct{ o *made }

// ID names it.
func (b BenchOrg) ID() ident.Org { return b.o.org }

// Ask draws a question about it.
func (b BenchOrg) Ask(r *rand.Rand) Question { return b.o.asked(r) }

// Change gives a level, as an administrator does; each call another.
func (b BenchOrg) Change(t *testing.T, run *action.Runner, n int) {
	t.Helper()
	w := &benched{T: t, db: run.DB, run: run}
	w.grantOne(b.o.org, b.o.members[n%len(b.o.members)].id, b.o.resources[0].id, []string{"availability", "read"}[n%2])
}

// CPUTime is what this process has used.
func CPUTime() time.Duration { return cpuTime() }

// BenchOrgs fills a database with n usual organisations.
func BenchOrgs(t *testing.T, db *store.DB, n int) []BenchOrg {
	t.Helper()
	list := make([]BenchOrg, n)
	at := db.Now().Add(-time.Hour)
	for i := range list {
		list[i].o = generate(usual, i, at)
		list[i].o.write(t, db)
	}
	return list
}
