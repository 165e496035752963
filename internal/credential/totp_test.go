package credential_test

import (
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"habilis/internal/account"
	"habilis/internal/credential"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/storetest"
	"habilis/internal/text"
)

// factors is a database with one person, whose clock the test moves.
type factors struct {
	*testing.T
	db     *store.DB
	ring   *secret.Ring
	hasher *credential.Hasher
	clock  *storetest.Clock
	me     ident.Account
}

func eachFactors(t *testing.T, fn func(f *factors)) {
	t.Helper()
	clock := &storetest.Clock{}
	storetest.EachWith(t, storetest.Options{Clock: clock.Now}, func(t *testing.T, db *store.DB) {
		fn(newFactors(t, db, clock))
	})
}

func newFactors(t *testing.T, db *store.DB, clock *storetest.Clock) *factors {
	t.Helper()
	ring := secret.NewRing(time.Now())
	f := &factors{T: t, db: db, ring: ring, hasher: credential.NewHasher(ring), clock: clock}
	f.hasher.Cost = credential.Cost{Memory: 64, Time: 1}
	e, _ := account.ParseEmail("julie@tilleuls.example")
	f.write(func(tx *store.Tx) error {
		a, err := account.Insert(t.Context(), tx, account.New{Email: e, Language: text.FR})
		f.me = a.ID
		return err
	})
	return f
}

func (f *factors) write(fn func(tx *store.Tx) error) {
	f.Helper()
	if err := f.db.Write(f.Context(), []store.Lock{store.Installation}, fn); err != nil {
		f.Fatal(err)
	}
}

// app enrols an application of codes and gives its seed.
func (f *factors) app(place string) secret.Text {
	f.Helper()
	var b credential.BegunTOTP
	f.write(func(tx *store.Tx) (err error) {
		b, err = credential.BeginTOTP(f.Context(), tx, f.ring, f.me, place)
		return err
	})
	f.write(func(tx *store.Tx) error {
		ok, err := credential.ProveTOTP(f.Context(), tx, f.ring, f.me, place, b.Factor, "Téléphone", f.code(b.Seed, 0))
		if !ok {
			f.Error("the first code is refused")
		}
		return err
	})
	f.clock.Add(credential.TOTPStep) // the step of the proof is spent
	return b.Seed
}

// code is what an application shows so many steps from now.
func (f *factors) code(seed secret.Text, steps int) string {
	f.Helper()
	code, err := credential.TOTPCode(seed, f.clock.Now().Add(time.Duration(steps)*credential.TOTPStep))
	if err != nil {
		f.Fatal(err)
	}
	return code
}

func (f *factors) use(code string) (u credential.Used) {
	f.Helper()
	f.write(func(tx *store.Tx) (err error) {
		u, err = credential.UseTOTP(f.Context(), tx, f.ring, f.me, code)
		return err
	})
	return u
}

// wrong is a code that none of the steps around now shows.
func (f *factors) wrong(seed secret.Text) string {
	for _, code := range []string{"000000", "111111", "222222", "333333", "444444"} {
		if code != f.code(seed, -1) && code != f.code(seed, 0) && code != f.code(seed, 1) {
			return code
		}
	}
	return ""
}

// RFC 6238, appendix B: the code that every application shows for the test seed.
func TestTOTPIsThatOfTheStandard(t *testing.T) {
	seed := secret.NewText("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ") // "12345678901234567890"
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 1234567890: "005924", 20000000000: "353130"} {
		if got, err := credential.TOTPCode(seed, time.Unix(at, 0)); err != nil || got != want {
			t.Errorf("%d: %s, want %s (%v)", at, got, want, err)
		}
	}
	if _, err := credential.TOTPCode(secret.NewText("not base32!"), time.Now()); err == nil {
		t.Error("a seed that is none has a code")
	}
}

func TestTOTPAddress(t *testing.T) {
	got := credential.TOTPAddress(secret.NewText("ABC"), "Habilis", "c.morvan+x@tilleuls.example").Reveal()
	want := "otpauth://totp/Habilis:c.morvan+x@tilleuls.example?algorithm=SHA1&digits=6&issuer=Habilis&period=30&secret=ABC"
	if got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

// MFA-01: a code works once, and no older one works after it; the next one does.
func TestTOTPOnce(t *testing.T) {
	eachFactors(t, func(f *factors) {
		seed := f.app("ses_1")
		previous, now := f.code(seed, -1), f.code(seed, 0)
		if u := f.use(now); !u.OK || u.Factor.IsZero() || u.Kind != credential.TOTP {
			f.Errorf("the right code: %+v", u)
		}
		for name, code := range map[string]string{"the same": now, "the one before": previous} {
			if u := f.use(code); u.OK {
				f.Errorf("%s is accepted after it", name)
			}
		}
		f.clock.Add(credential.TOTPStep)
		if u := f.use(f.code(seed, 0)); !u.OK {
			f.Errorf("the next code: %+v", u)
		}
	})
}

// rules.md 2: the current and the previous step, nothing else.
func TestTOTPSteps(t *testing.T) {
	eachFactors(t, func(f *factors) {
		seed := f.app("ses_1")
		f.clock.Add(5 * credential.TOTPStep)
		for _, steps := range []int{-2, 1, 2, -100} {
			if u := f.use(f.code(seed, steps)); u.OK {
				f.Errorf("the code of step %d is accepted", steps)
			}
		}
		if u := f.use(f.code(seed, -1)); !u.OK {
			f.Errorf("the previous step: %+v", u)
		}
		if u := f.use(f.code(seed, 0)); !u.OK {
			f.Errorf("the current step after the previous one: %+v", u)
		}
	})
}

// Written in groups, a code is the same; what is no code costs no try.
func TestTOTPAsTyped(t *testing.T) {
	eachFactors(t, func(f *factors) {
		seed := f.app("ses_1")
		for _, typed := range []string{"", "12345", "1234567", "abcdef", "12 34", strings.Repeat("1", 500), "１２３４５６"} {
			if u := f.use(typed); u.OK || u.Locked || u.Left != credential.FactorTries {
				f.Errorf("%q: %+v", typed, u)
			}
		}
		code := f.code(seed, 0)
		if u := f.use(" " + code[:3] + "\u00a0" + code[3:] + "\n"); !u.OK {
			f.Errorf("in groups: %+v", u)
		}
	})
}

// MFA-02: ten wrong codes in a day lock the factor for a day, whatever is right meanwhile;
// its person is told once. A right code takes back its own try only.
func TestTOTPRests(t *testing.T) {
	eachFactors(t, func(f *factors) {
		seed := f.app("ses_1")
		for n := 1; n < credential.FactorTries; n++ {
			if u := f.use(f.wrong(seed)); u.OK || u.Locked || u.Locks || u.Left != credential.FactorTries-n {
				f.Fatalf("wrong code %d: %+v", n, u)
			}
			if n == 5 { // signing in between forgets nothing of what somebody else guessed
				f.clock.Add(credential.TOTPStep)
				if u := f.use(f.code(seed, 0)); !u.OK {
					f.Errorf("the right one: %+v", u)
				}
			}
		}
		f.clock.Add(credential.TOTPStep)
		if u := f.use(f.wrong(seed)); !u.Locked || !u.Locks {
			f.Errorf("the tenth: %+v", u)
		}
		for range 3 {
			f.clock.Add(credential.TOTPStep)
			if u := f.use(f.code(seed, 0)); u.OK || !u.Locked || u.Locks {
				f.Errorf("the right code while it rests: %+v", u)
			}
		}
		f.clock.Add(credential.FactorRest)
		if u := f.use(f.code(seed, 0)); !u.OK {
			f.Errorf("a day later: %+v", u)
		}
		if u := f.use(f.wrong(seed)); u.Left != credential.FactorTries-1 {
			f.Errorf("the count of the day before is kept: %+v", u)
		}
	})
}

// MFA-01, MFA-02: fifty browsers on two nodes show one right code at once: one gets in;
// none of the wrong ones goes uncounted.
func TestTOTPRace(t *testing.T) {
	clock := &storetest.Clock{}
	for _, e := range storetest.Engines(t) {
		t.Run(string(e), func(t *testing.T) {
			place := storetest.Place(t, e)
			place.Clock = clock.Now
			nodes := openNodes(t, e, place)
			f := newFactors(t, nodes[0], clock)
			seed := f.app("ses_1")
			code := f.code(seed, 0)
			var mu sync.Mutex
			var wg sync.WaitGroup
			won := 0
			for n := range 50 {
				wg.Go(func() {
					var u credential.Used
					err := nodes[n%len(nodes)].Write(t.Context(), []store.Lock{store.Lock("race " + strconv.Itoa(n))}, func(tx *store.Tx) (err error) {
						u, err = credential.UseTOTP(t.Context(), tx, f.ring, f.me, code)
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
				})
			}
			wg.Wait()
			if won != 1 {
				t.Errorf("%d were let in by one code", won)
			}
			if u := f.use(f.wrong(seed)); !u.Locked {
				t.Errorf("49 wrong tries and one more: %+v", u)
			}
		})
	}
}

// rules.md 5: an enrolment is proved within ten minutes, in the browser that began it, and
// a new one forgets the one before. Not proved, it opens nothing.
func TestTOTPEnrolment(t *testing.T) {
	eachFactors(t, func(f *factors) {
		begin := func(place string) (b credential.BegunTOTP) {
			f.write(func(tx *store.Tx) (err error) {
				b, err = credential.BeginTOTP(f.Context(), tx, f.ring, f.me, place)
				return err
			})
			return b
		}
		prove := func(place string, b credential.BegunTOTP, code string) (ok bool, err error) {
			_ = f.db.Write(f.Context(), []store.Lock{store.Installation}, func(tx *store.Tx) error {
				ok, err = credential.ProveTOTP(f.Context(), tx, f.ring, f.me, place, b.Factor, "", code)
				return err
			})
			return ok, err
		}
		over := func(err error) bool { return fault.Of(err).Code == credential.ErrEnrolmentOver.Code }
		first, second := begin("ses_1"), begin("ses_1")
		if _, err := prove("ses_1", first, f.code(first.Seed, 0)); !over(err) {
			f.Errorf("the one before is proved: %v", err)
		}
		if u := f.use(f.code(second.Seed, 0)); u.OK {
			f.Error("it opens before it is proved")
		}
		if _, err := prove("ses_2", second, f.code(second.Seed, 0)); !over(err) {
			f.Errorf("proved in another browser: %v", err)
		}
		if ok, err := prove("ses_1", second, f.wrong(second.Seed)); ok || err != nil {
			f.Errorf("a wrong code: %v %v", ok, err)
		}
		f.clock.Add(credential.EnrolmentLife)
		if _, err := prove("ses_1", second, f.code(second.Seed, 0)); !over(err) {
			f.Errorf("proved after ten minutes: %v", err)
		}
		third := begin("ses_1")
		if ok, err := prove("ses_1", third, f.code(third.Seed, 0)); !ok || err != nil {
			f.Fatalf("the right code: %v %v", ok, err)
		}
		if u := f.use(f.code(third.Seed, 0)); u.OK {
			f.Error("the code that proved it opens too (MFA-01)")
		}
		f.write(func(tx *store.Tx) error {
			if _, found, err := credential.PendingTOTP(f.Context(), tx, f.ring, f.me, "ses_1"); found || err != nil {
				f.Errorf("the seed is shown after the proof: %v", err)
			}
			return nil
		})
	})
}

// A seed that nobody proved does not stay in the database.
func TestBegunIsSwept(t *testing.T) {
	eachFactors(t, func(f *factors) {
		proved := f.app("ses_1")
		f.write(func(tx *store.Tx) error {
			_, err := credential.BeginTOTP(f.Context(), tx, f.ring, f.me, "ses_1")
			return err
		})
		for _, want := range []int{2, 1} {
			if err := credential.Sweep(f.Context(), f.db); err != nil {
				f.Fatal(err)
			}
			f.write(func(tx *store.Tx) error {
				all, err := credential.Factors(f.Context(), tx, f.me)
				if len(all) != want {
					f.Errorf("%d factors, want %d", len(all), want)
				}
				return err
			})
			f.clock.Add(credential.EnrolmentLife)
		}
		if u := f.use(f.code(proved, 0)); !u.OK {
			f.Error("the proved one is gone")
		}
	})
}

// rules.md 21: the seed is in no column of the database in clear, opens in its own row and
// account only, and is gone when the factor is removed.
func TestSeedIsSealed(t *testing.T) {
	eachFactors(t, func(f *factors) {
		seed := f.app("ses_1")
		var id ident.Factor
		f.write(func(tx *store.Tx) error {
			all, err := credential.Factors(f.Context(), tx, f.me)
			if err != nil || len(all) != 1 || all[0].Name != "Téléphone" {
				f.Fatalf("%+v %v", all, err)
			}
			id = all[0].ID
			sealed, _, err := store.One(f.Context(), tx, store.Value[[]byte], `select secret from factor where id = $1`, id)
			if err != nil || strings.Contains(string(sealed), seed.Reveal()) {
				f.Errorf("kept in clear (%v)", err)
			}
			other := ident.NewFactor()
			_, err = tx.Exec(f.Context(), `insert into factor (id, account_id, kind, name, secret, day_began_at, created_at, proved_at)
				values ($1, $2, 'totp', '', $3, $4, $4, $4)`, other, f.me, sealed, tx.Now)
			return err
		})
		err := f.db.Write(f.Context(), []store.Lock{store.Installation}, func(tx *store.Tx) error {
			_, err := credential.UseTOTP(f.Context(), tx, f.ring, f.me, f.wrong(seed)) // tries them all
			return err
		})
		if err == nil {
			f.Error("a seed copied to another row opens there")
		}
		f.write(func(tx *store.Tx) error {
			if err := credential.RemoveFactor(f.Context(), tx, f.me, id, f.me); err != nil {
				return err
			}
			left, _, err := store.One(f.Context(), tx, store.Value[int64], `select count(*) from factor where id = $1 and secret is not null`, id)
			if left != 0 {
				f.Error("the seed stays after the removal")
			}
			return err
		})
	})
}

// openNodes opens one database from two nodes, where the engine can have two.
func openNodes(t *testing.T, e store.Engine, o store.Options) []*store.DB {
	t.Helper()
	var nodes []*store.DB
	for range 2 {
		db, err := store.Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		nodes = append(nodes, db)
		if e == store.SQLite {
			break
		}
	}
	return nodes
}

func FuzzTOTPAsTyped(f *testing.F) {
	for _, s := range []string{"123456", "123 456", "", "\u202f12-34-56", "1234567", "a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) { credential.CheckTyped(t, typed) })
}
