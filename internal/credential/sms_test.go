package credential

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// smsBench is an account with a proved number, and the keys that seal it.
type smsBench struct {
	*testing.T
	db      *store.DB
	clock   *storetest.Clock
	ring    *secret.Ring
	account ident.Account
}

func eachSMS(t *testing.T, fn func(*smsBench)) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) {
			clock := &storetest.Clock{}
			db := storetest.Open(t, e, storetest.Options{Clock: clock.Now})
			fn(&smsBench{t, db, clock, secret.NewRing(time.Now()), newAccount(t, db)})
		})
	}
}

func phone(t *testing.T, typed string) Phone {
	t.Helper()
	p, err := FrenchPrefixes.Parse(typed)
	if err != nil {
		t.Fatalf("%s: %v", typed, err)
	}
	return p
}

// begun is a number that the person typed in a place.
func (b *smsBench) begun(of ident.Account, typed, place string) (f Factor) {
	b.Helper()
	write(b.T, b.db, func(tx *store.Tx) (err error) {
		f, err = StartSMS(b.Context(), tx, b.ring, of, phone(b.T, typed), place)
		return err
	})
	return f
}

func (b *smsBench) sent(f Factor, what CodeFor, place string) (c SMSCode) {
	b.Helper()
	write(b.T, b.db, func(tx *store.Tx) (err error) {
		c, err = NewSMS(b.Context(), tx, b.ring, f, what, place)
		return err
	})
	return c
}

func (b *smsBench) use(of ident.Account, what CodeFor, place, code string) (u Used) {
	b.Helper()
	write(b.T, b.db, func(tx *store.Tx) (err error) {
		u, err = UseSMS(b.Context(), tx, b.ring, of, what, place, code)
		return err
	})
	return u
}

func (b *smsBench) prove(place, code string) (p ProvedSMS) {
	b.Helper()
	write(b.T, b.db, func(tx *store.Tx) (err error) {
		p, err = ProveSMS(b.Context(), tx, b.ring, b.account, place, code)
		return err
	})
	return p
}

// had is a number that the account has proved.
func (b *smsBench) had(typed string) Factor {
	b.Helper()
	f := b.begun(b.account, typed, "ses_enrol")
	if p := b.prove("ses_enrol", b.sent(f, CodeEnrol, "ses_enrol").Code.Reveal()); !p.OK || p.Phone.ID != f.ID {
		b.Fatalf("not proved: %+v", p)
	}
	return f
}

func (b *smsBench) phones() (list []Factor) {
	b.Helper()
	if err := b.db.Read(b.Context(), func(tx *store.Tx) error {
		all, err := Factors(b.Context(), tx, b.account)
		for _, f := range all {
			if f.Kind == SMS {
				list = append(list, f)
			}
		}
		return err
	}); err != nil {
		b.Fatal(err)
	}
	return list
}

// MFA-07: a code opens what it was sent for: that purpose, that browser, that person, and
// nothing else, once.
func TestSMSCodeIsBound(t *testing.T) {
	eachSMS(t, func(b *smsBench) {
		f := b.had("06 12 34 56 12")
		other := newAccount(t, b.db)
		a := b.sent(f, CodeSignIn, "hlf_A")
		for name, u := range map[string]Used{
			"another browser":            b.use(b.account, CodeSignIn, "hlf_B", a.Code.Reveal()),
			"another purpose":            b.use(b.account, CodeProve, "hlf_A", a.Code.Reveal()),
			"the enrolment of a number":  b.use(b.account, CodeEnrol, "hlf_A", a.Code.Reveal()),
			"another person":             b.use(other, CodeSignIn, "hlf_A", a.Code.Reveal()),
			"another person, everything": b.use(other, CodeEnrol, "hlf_B", a.Code.Reveal()),
		} {
			if u.OK {
				t.Errorf("MFA-07: it opens for %s", name)
			}
		}
		// Of two that wait, in two browsers and for two purposes, each opens its own.
		e := b.sent(f, CodeProve, "ses_1")
		if u := b.use(b.account, CodeSignIn, "hlf_A", e.Code.Reveal()); u.OK && e.Code.Reveal() != a.Code.Reveal() {
			t.Error("MFA-07: the code of one thing opened another")
		}
		if u := b.use(b.account, CodeProve, "ses_1", e.Code.Reveal()); !u.OK || u.Factor != f.ID || u.Kind != SMS {
			t.Errorf("the right code: %+v", u)
		}
		if u := b.use(b.account, CodeSignIn, "hlf_A", " "+a.Code.Reveal()[:3]+"\u00a0"+a.Code.Reveal()[3:]); !u.OK {
			t.Errorf("the right code, with spaces: %+v", u)
		}
		if u := b.use(b.account, CodeSignIn, "hlf_A", a.Code.Reveal()); u.OK || !u.Locked {
			t.Errorf("a code used twice: %+v", u)
		}
	})
}

// rules.md 2 and 4: five minutes, five tries; a newer code kills the older.
func TestSMSCodeEnds(t *testing.T) {
	eachSMS(t, func(b *smsBench) {
		f := b.had("06 12 34 56 12")
		old := b.sent(f, CodeSignIn, "hlf_A")
		c := b.sent(f, CodeSignIn, "hlf_A")
		if old.Code.Reveal() != c.Code.Reveal() {
			if u := b.use(b.account, CodeSignIn, "hlf_A", old.Code.Reveal()); u.OK || u.Left != CodeTries-1 {
				t.Errorf("the older code: %+v", u)
			}
		}
		b.clock.Add(CodeLife)
		if u := b.use(b.account, CodeSignIn, "hlf_A", c.Code.Reveal()); u.OK || !u.Locked {
			t.Errorf("after five minutes: %+v", u)
		}
		c = b.sent(f, CodeSignIn, "hlf_A")
		for n := range CodeTries {
			if u := b.use(b.account, CodeSignIn, "hlf_A", wrong(c)); u.OK || u.Locked || u.Left != CodeTries-n-1 {
				t.Errorf("try %d: %+v", n, u)
			}
		}
		if u := b.use(b.account, CodeSignIn, "hlf_A", c.Code.Reveal()); u.OK || !u.Locked {
			t.Errorf("the right code after five wrong ones: %+v", u)
		}
	})
}

// wrong is a code that was not sent.
func wrong(c SMSCode) string {
	if c.Code.Reveal() == "000000" {
		return "000001"
	}
	return "000000"
}

// MFA-07, PWD-08: of many tries at once, on two nodes, five are looked at; of many that show
// the right code, one gets it.
func TestSMSCodeRace(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) {
			place := storetest.Place(t, e)
			nodes := make([]*store.DB, 2)
			for i := range nodes {
				db, err := store.Open(t.Context(), place)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = db.Close() })
				nodes[i] = db
			}
			b := &smsBench{t, nodes[0], &storetest.Clock{}, secret.NewRing(time.Now()), newAccount(t, nodes[0])}
			f := b.had("06 12 34 56 12")
			if n := b.atOnce(nodes, b.sent(f, CodeSignIn, "hlf_A").Code.Reveal()); n != 1 {
				t.Errorf("%d of 12 got the same code", n)
			}
			c := b.sent(f, CodeSignIn, "hlf_A")
			if n := b.atOnce(nodes, wrong(c)); n != 0 {
				t.Errorf("%d wrong ones opened", n)
			}
			if u := b.use(b.account, CodeSignIn, "hlf_A", c.Code.Reveal()); u.OK {
				t.Errorf("after twelve wrong tries: %+v", u)
			}
		})
	}
}

// atOnce shows one code twelve times on two nodes, each under its own lock, and says how
// often it opened.
func (b *smsBench) atOnce(nodes []*store.DB, code string) (opened int) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	for n := range 12 {
		wg.Go(func() {
			var u Used
			err := nodes[n%len(nodes)].Write(b.Context(), []store.Lock{store.Lock(fmt.Sprintf("try %d", n))}, func(tx *store.Tx) (err error) {
				u, err = UseSMS(b.Context(), tx, b.ring, b.account, CodeSignIn, "hlf_A", code)
				return err
			})
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				b.Error(err)
			}
			if u.OK {
				opened++
			}
		})
	}
	wg.Wait()
	return opened
}

// SEC-2: the new number is added, proved, and only then the old one removed; its own person
// proves what an administrator gave.
func TestPhoneChange(t *testing.T) {
	eachSMS(t, func(b *smsBench) {
		old := b.had("06 12 34 56 12")
		next := b.begun(b.account, "07 98 76 54 34", "ses_1")
		if got := b.phones(); len(got) != 2 || got[0].ProvedAt.IsZero() || !got[1].ProvedAt.IsZero() {
			t.Errorf("before the proof: %+v", got)
		}
		c := b.sent(next, CodeEnrol, "ses_1")
		if p := b.prove("ses_1", wrong(c)); p.OK || p.Left != CodeTries-1 || len(b.phones()) != 2 {
			t.Errorf("a wrong code: %+v", p)
		}
		p := b.prove("ses_1", c.Code.Reveal())
		if !p.OK || p.Replaced == nil || p.Replaced.ID != old.ID || p.Old.Reveal().Reveal() != "+33612345612" {
			t.Errorf("the proof: %+v", p)
		}
		if got := b.phones(); len(got) != 1 || got[0].ID != next.ID || got[0].ProvedAt.IsZero() || got[0].Hint != "07\u00a0••\u00a0••\u00a0••\u00a034" {
			t.Errorf("after the proof: %+v", got)
		}
		// A code sent to a number that was removed since opens nothing.
		dead := b.sent(old, CodeSignIn, "hlf_A")
		if u := b.use(b.account, CodeSignIn, "hlf_A", dead.Code.Reveal()); u.OK {
			t.Errorf("the code of a removed number: %+v", u)
		}
		admin := ident.NewAccount().String()
		var given ident.Factor
		write(t, b.db, func(tx *store.Tx) (err error) {
			given, err = AddSMS(t.Context(), tx, b.ring, b.account, phone(t, "06 11 22 33 44"), admin)
			return err
		})
		if got := b.phones(); len(got) != 2 || got[1].GivenBy != admin || got[1].Usable(time.Now()) {
			t.Errorf("given: %+v", got)
		}
		write(t, b.db, func(tx *store.Tx) error {
			f, err := SMSToProve(t.Context(), tx, b.account, given, "ses_any")
			if err != nil || f.ID != given {
				t.Errorf("what an administrator gave waits: %+v %v", f, err)
			}
			if _, err := SMSToProve(t.Context(), tx, newTarget, given, "ses_any"); !errors.Is(err, ErrFactorNotFound) {
				t.Errorf("for somebody else: %v", err)
			}
			return nil
		})
		if p := b.prove("ses_any", b.sent(Factor{ID: given, Account: b.account}, CodeEnrol, "ses_any").Code.Reveal()); !p.OK || p.Replaced == nil {
			t.Errorf("proved by its person: %+v", p)
		}
		if got := b.phones(); len(got) != 1 || got[0].ID != given {
			t.Errorf("at the end: %+v", got)
		}
	})
}

// newTarget is nobody.
var newTarget = ident.NewAccount()

// rules.md 5: an enrolment is proved within ten minutes, where it was begun; the number
// that the account has already is not taken twice.
func TestPhoneEnrolmentIsBound(t *testing.T) {
	eachSMS(t, func(b *smsBench) {
		b.had("06 12 34 56 12")
		write(t, b.db, func(tx *store.Tx) error {
			if _, err := StartSMS(t.Context(), tx, b.ring, b.account, phone(t, "+33 6 12 34 56 12"), "ses_1"); !errors.Is(err, ErrPhoneTaken) {
				t.Errorf("the same number: %v", err)
			}
			return nil
		})
		first := b.begun(b.account, "06 11 11 11 11", "ses_1")
		f := b.begun(b.account, "06 22 22 22 22", "ses_1")
		if got := b.phones(); len(got) != 2 || got[1].ID != f.ID {
			t.Errorf("begun twice: %+v", got)
		}
		look := func(id ident.Factor, place string) (err error) {
			write(t, b.db, func(tx *store.Tx) error {
				_, err = SMSToProve(t.Context(), tx, b.account, id, place)
				return nil
			})
			return err
		}
		if err := look(first.ID, "ses_1"); !errors.Is(err, ErrFactorNotFound) {
			t.Errorf("the one before: %v", err)
		}
		if err := look(f.ID, "ses_2"); !errors.Is(err, ErrEnrolmentOver) {
			t.Errorf("in another browser: %v", err)
		}
		if err := look(f.ID, "ses_1"); err != nil {
			t.Errorf("where it was begun: %v", err)
		}
		b.clock.Add(EnrolmentLife)
		if err := look(f.ID, "ses_1"); !errors.Is(err, ErrEnrolmentOver) {
			t.Errorf("ten minutes later: %v", err)
		}
		write(t, b.db, func(tx *store.Tx) error {
			if waits, err := CodeWaits(t.Context(), tx, ident.NewCode()); waits || err != nil {
				t.Errorf("a code that is none: %v %v", waits, err)
			}
			return nil
		})
	})
}

// rules.md 21: neither the number nor the code can be read in the database, and a sealed
// number opens in its own row alone.
func TestPhoneIsSealed(t *testing.T) {
	eachSMS(t, func(b *smsBench) {
		f := b.had("06 12 34 56 12")
		c := b.sent(f, CodeSignIn, "hlf_A")
		other := newAccount(t, b.db)
		var sealed, handle, hash []byte
		if err := b.db.Read(t.Context(), func(tx *store.Tx) error {
			if p, err := PhoneOf(t.Context(), tx, b.ring, b.account, f.ID); err != nil || p.Reveal().Reveal() != "+33612345612" {
				t.Errorf("opened: %v %v", p.Reveal().Reveal(), err)
			}
			if _, err := PhoneOf(t.Context(), tx, b.ring, other, f.ID); !errors.Is(err, ErrFactorNotFound) {
				t.Errorf("of somebody else: %v", err)
			}
			if err := tx.QueryRow(t.Context(), `select secret, handle from factor where id = $1`, f.ID).Scan(&sealed, &handle); err != nil {
				return err
			}
			return tx.QueryRow(t.Context(), `select hash from sms_code where id = $1`, c.ID).Scan(&hash)
		}); err != nil {
			t.Fatal(err)
		}
		for name, column := range map[string][]byte{"secret": sealed, "handle": handle, "hash": hash} {
			if bytes.Contains(column, []byte("12345612")) || bytes.Contains(column, []byte(c.Code.Reveal())) || len(column) < 32 {
				t.Errorf("%s: %q", name, column)
			}
		}
		for _, aad := range []secret.AAD{seedPlace(b.account, ident.NewFactor()), seedPlace(other, f.ID)} {
			if _, err := b.ring.Open(aad, sealed); err == nil {
				t.Errorf("it opens in %+v", aad)
			}
		}
		if s := fmt.Sprintf("%v %+v %#v %s", c, phone(t, "06 12 34 56 12"), c.Code, phone(t, "06 12 34 56 12").Reveal()); strings.Contains(s, c.Code.Reveal()) || strings.Contains(s, "12345612") {
			t.Errorf("printed: %s", s)
		}
	})
}

// MFA-08: French mobile numbers and no others, unless the operator's list says so; never a
// fixed, premium or shared-cost one.
func TestPhonePrefixes(t *testing.T) {
	for typed, want := range map[string]string{
		"06 12 34 56 78": "+33612345678", "+33 7 56 78 12 34": "+33756781234", "0033612345678": "+33612345678",
		"0692 12 34 56": "+262692123456", "0690 30 12 34": "+590690301234", "0694 20 12 34": "+594694201234", "0696 20 12 34": "+596696201234",
		"+689 87 12 34 56": "+68987123456", "06 39 98 00 12": "+33639980012", // ARCEP keeps this range for works of fiction
	} {
		p, err := FrenchPrefixes.Parse(typed)
		if err != nil || p.Reveal().Reveal() != want {
			t.Errorf("%s: %q %v", typed, p.Reveal().Reveal(), err)
		}
	}
	for typed, want := range map[string]error{
		"01 42 68 53 00": ErrPhoneForeign, "0262 20 12 34": ErrPhoneMobile, "0899 70 12 34": ErrPhoneForeign, "0811 02 03 04": ErrPhoneForeign,
		"+44 7911 123456": ErrPhoneForeign, "+1 900 555 0123": ErrPhoneForeign, "+225 07 01 02 03 04": ErrPhoneForeign, "+371 81 123 456": ErrPhoneForeign,
		"36 00": ErrPhone, "": ErrPhone, "06 12 34": ErrPhone, "06 12 34 56 78\r\n+33699999999": ErrPhone, "zéro six": ErrPhone,
	} {
		if p, err := FrenchPrefixes.Parse(typed); !errors.Is(err, want) {
			t.Errorf("%q: %q %v, want %v", typed, p.Reveal().Reveal(), err, want)
		}
	}
	everywhere := Prefixes{"+33", "+32", "+1"}
	for typed, want := range map[string]error{"+32 470 12 34 56": nil, "0899 70 12 34": ErrPhoneMobile, "0811 02 03 04": ErrPhoneMobile, "+1 900 234 5678": ErrPhoneMobile} {
		if _, err := everywhere.Parse(typed); !errors.Is(err, want) {
			t.Errorf("a longer list, %s: %v, want %v", typed, err, want)
		}
	}
	if !FrenchPrefixes.Allows(phone(t, "0612345678")) || (Prefixes{"+337"}).Allows(phone(t, "0612345678")) {
		t.Error("a list that became shorter")
	}
}

// A number is known again by its end, and by nothing else.
func TestPhoneMask(t *testing.T) {
	for typed, want := range map[string]string{
		"06 12 34 56 12": "06 •• •• •• 12", "0692 12 34 56": "06•• •• •• 56", "+689 87 12 34 56": "+689 •• •• •• 56", "+508 55 12 34": "05•• •• •• 34",
	} {
		got := strings.ReplaceAll(phone(t, typed).Mask(), "\u00a0", " ")
		if got != want {
			t.Errorf("%s: %s, want %s", typed, got, want)
		}
	}
}

// Codes are six digits, and the whole of them is drawn.
func TestDrawDigits(t *testing.T) {
	first := map[byte]bool{}
	for range 400 {
		c, err := drawDigits()
		if err != nil || len(c) != CodeDigits || strings.Trim(c, "0123456789") != "" {
			t.Fatalf("%q %v", c, err)
		}
		first[c[0]] = true
	}
	if len(first) != 10 {
		t.Errorf("400 codes begin with %d digits only", len(first))
	}
}
