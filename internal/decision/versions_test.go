package decision

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"habilis/internal/ident"
)

// TestVersionsShared: a question that comes while a read is under way waits for the next
// one, which all that came meanwhile share, whatever organisation they ask about.
func TestVersionsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var reads []*reading
		var mu sync.Mutex
		gate := make(chan struct{})
		v := &versions{ask: func(r *reading) {
			mu.Lock()
			reads = append(reads, r)
			n := int64(len(reads))
			mu.Unlock()
			<-gate
			for _, o := range r.orgs {
				r.of[o] = n
			}
		}}
		a, b := ident.NewOrg(), ident.NewOrg()
		got := map[string]int64{}
		ask := func(name string, org ident.Org) {
			go func() {
				n, err := v.read(context.Background(), org)
				mu.Lock()
				defer mu.Unlock()
				if got[name] = n; err != nil {
					t.Error(err)
				}
			}()
			synctest.Wait()
		}
		for i := range maxReads {
			ask("early "+string(rune('a'+i)), a) // each begins a read of its own
		}
		ask("late 1", a)
		ask("late 2", b)
		ask("late 3", a)
		if len(reads) != maxReads || len(got) != 0 {
			t.Fatalf("%d reads under way, %v answered", len(reads), got)
		}
		for range maxReads {
			gate <- struct{}{}
		}
		synctest.Wait()
		if len(reads) != maxReads+1 || !slices.Equal(reads[maxReads].orgs, []ident.Org{a, b}) {
			t.Fatalf("%d reads, the last of %v", len(reads), reads[len(reads)-1].orgs)
		}
		if len(got) != maxReads {
			t.Errorf("answered by a read that began before them: %v", got)
		}
		close(gate)
		synctest.Wait()
		for _, name := range []string{"late 1", "late 2", "late 3"} {
			if got[name] != maxReads+1 {
				t.Errorf("%s was answered by read %d", name, got[name])
			}
		}
		if v.runs != 0 || v.next != nil {
			t.Errorf("%d still read", v.runs)
		}
	})
}

// TestVersionsLeft: who leaves is not waited for, and the others are answered; an error is
// everybody's.
func TestVersionsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		broken := errors.New("no database")
		v := &versions{ask: func(r *reading) { <-gate; r.err = broken }}
		ctx, leave := context.WithCancel(context.Background())
		errs := make(chan error, 2)
		for _, c := range []context.Context{ctx, context.Background()} {
			go func() { _, err := v.read(c, "org"); errs <- err }()
		}
		synctest.Wait()
		leave()
		synctest.Wait()
		if err := <-errs; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		close(gate)
		if err := <-errs; !errors.Is(err, broken) {
			t.Error(err)
		}
	})
}
