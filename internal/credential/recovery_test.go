package credential_test

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"habilis/internal/credential"
	"habilis/internal/ident"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// codes gives the person ten recovery codes.
func (f *factors) codes() []string {
	f.Helper()
	set, err := f.hasher.NewRecoverySet(f.Context())
	if err != nil {
		f.Fatal(err)
	}
	f.write(func(tx *store.Tx) error { return credential.SetRecovery(f.Context(), tx, f.me, set) })
	var out []string
	for _, c := range set.Codes {
		out = append(out, c.Reveal())
	}
	return out
}

func (f *factors) recover(typed string) (u credential.Used) {
	f.Helper()
	try, err := f.hasher.HashRecovery(f.Context(), f.db, f.me, typed)
	if err != nil {
		f.Fatal(err)
	}
	f.write(func(tx *store.Tx) (err error) {
		u, err = credential.UseRecovery(f.Context(), tx, f.me, try)
		return err
	})
	return u
}

const noCode = "0123-4567-89ab-cdef"

// rules.md 5: ten codes of 64 bits, none twice, kept by slow hashes under one salt.
func TestRecoveryCodes(t *testing.T) {
	eachFactors(t, func(f *factors) {
		codes := f.codes()
		if len(codes) != credential.RecoveryCodes {
			f.Fatalf("%d codes", len(codes))
		}
		seen := map[string]bool{}
		for _, c := range codes {
			if seen[c] || !regexp.MustCompile(`^[0-9a-f]{4}(-[0-9a-f]{4}){3}$`).MatchString(c) {
				f.Errorf("%q", c)
			}
			seen[c] = true
		}
		before := f.hasher.Computed()
		if u := f.recover(codes[3]); !u.OK || u.Left != 9 || u.Kind != credential.Recovery {
			f.Errorf("%+v", u)
		}
		if spent := f.hasher.Computed() - before; spent != 1 {
			f.Errorf("one try costs %d argon2", spent)
		}
		f.write(func(tx *store.Tx) error {
			hashes, err := store.All(f.Context(), tx, store.Value[[]byte], `select hash from recovery_code`)
			for _, h := range hashes {
				for c := range seen {
					if len(h) != 32 || strings.Contains(string(h), strings.ReplaceAll(c, "-", "")) {
						f.Error("a code can be read in the database")
					}
				}
			}
			return err
		})
	})
}

// MFA-10: a code works once, and only those of the last set do.
func TestRecoveryOnce(t *testing.T) {
	eachFactors(t, func(f *factors) {
		codes := f.codes()
		if u := f.recover(strings.ToUpper(strings.ReplaceAll(codes[0], "-", " "))); !u.OK {
			f.Errorf("typed in capitals, with blanks: %+v", u)
		}
		if u := f.recover(codes[0]); u.OK || u.Left != credential.FactorTries-1 {
			f.Errorf("used twice: %+v", u)
		}
		next := f.codes()
		if u := f.recover(codes[1]); u.OK {
			f.Errorf("one of the set before: %+v", u)
		}
		if u := f.recover(next[1]); !u.OK || u.Left != 9 {
			f.Errorf("one of the new set: %+v", u)
		}
	})
}

// A code hashed just before the set was replaced opens nothing after.
func TestRecoveryReplacedMeanwhile(t *testing.T) {
	eachFactors(t, func(f *factors) {
		try, err := f.hasher.HashRecovery(f.Context(), f.db, f.me, f.codes()[0])
		if err != nil {
			f.Fatal(err)
		}
		f.codes()
		f.write(func(tx *store.Tx) error {
			u, err := credential.UseRecovery(f.Context(), tx, f.me, try)
			if u.OK {
				f.Error("it opens")
			}
			return err
		})
	})
}

// MFA-10: ten wrong codes in a day lock the set for a day, and cost no slow hash then; what
// is no code costs neither a try nor a hash.
func TestRecoveryRests(t *testing.T) {
	eachFactors(t, func(f *factors) {
		codes := f.codes()
		before := f.hasher.Computed()
		for _, typed := range []string{"", "123", "3f9a-0c2e-88b1-7d4g", strings.Repeat("a", 1000)} {
			if u := f.recover(typed); u.OK || u.Locked || u.Left != credential.FactorTries {
				f.Errorf("%q: %+v", typed, u)
			}
		}
		if f.hasher.Computed() != before {
			f.Error("what is no code is hashed")
		}
		for n := 1; n <= credential.FactorTries; n++ {
			u := f.recover(noCode)
			if last := n == credential.FactorTries; u.OK || u.Locked != last || u.Locks != last || u.Left != credential.FactorTries-n {
				f.Fatalf("wrong code %d: %+v", n, u)
			}
		}
		before = f.hasher.Computed()
		if u := f.recover(codes[0]); u.OK || !u.Locked || u.Locks || f.hasher.Computed() != before {
			f.Errorf("the right code while they rest: %+v", u)
		}
		f.clock.Add(credential.FactorRest)
		if u := f.recover(codes[0]); !u.OK {
			f.Errorf("a day later: %+v", u)
		}
	})
}

func TestNoRecoveryCodes(t *testing.T) {
	eachFactors(t, func(f *factors) {
		if u := f.recover(noCode); u.OK || !u.Locked || u.Left != 0 {
			f.Errorf("%+v", u)
		}
		codes := f.codes()
		f.write(func(tx *store.Tx) error { return credential.DropRecovery(f.Context(), tx, f.me) })
		if u := f.recover(codes[0]); u.OK {
			f.Error("a code of a dropped set opens")
		}
		stranger := ident.NewAccount()
		f.write(func(tx *store.Tx) error {
			_, has, err := credential.RecoveryOf(f.Context(), tx, stranger)
			if has {
				f.Error("somebody else has them")
			}
			return err
		})
	})
}

// MFA-10: one code shown fifty times at once on two nodes opens once, and of fifty guesses
// beside it no more than ten are looked at.
func TestRecoveryRace(t *testing.T) {
	clock := &storetest.Clock{}
	for _, e := range storetest.Engines(t) {
		t.Run(string(e), func(t *testing.T) {
			place := storetest.Place(t, e)
			place.Clock = clock.Now
			nodes := openNodes(t, e, place)
			f := newFactors(t, nodes[0], clock)
			try, err := f.hasher.HashRecovery(t.Context(), f.db, f.me, f.codes()[0])
			if err != nil {
				t.Fatal(err)
			}
			var mu sync.Mutex
			var wg sync.WaitGroup
			won, locks := 0, 0
			for n := range 50 {
				wg.Go(func() {
					var u credential.Used
					err := nodes[n%len(nodes)].Write(t.Context(), []store.Lock{store.Lock("race " + strconv.Itoa(n))}, func(tx *store.Tx) (err error) {
						u, err = credential.UseRecovery(t.Context(), tx, f.me, try)
						return err
					})
					mu.Lock()
					defer mu.Unlock()
					if err != nil {
						t.Error(err)
					}
					if u.OK {
						won++
					}
					if u.Locks {
						locks++
					}
				})
			}
			wg.Wait()
			if won != 1 || locks == 0 {
				t.Errorf("%d were let in by one code, %d locked the set", won, locks)
			}
		})
	}
}
