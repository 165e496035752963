package credential

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/passkeytest"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

const (
	ourOrigin = "https://habilis.example.fr"
	aBrowser  = "the browser"
	aHalf     = "hlf_1"
)

// bench is a server with passkeys, and a person's device.
type bench struct {
	t      *testing.T
	db     *store.DB
	clock  *storetest.Clock
	keys   *Passkeys
	julie  ident.Account
	device *passkeytest.Device
}

func eachBench(t *testing.T, fn func(b *bench)) {
	t.Helper()
	clock := &storetest.Clock{}
	storetest.EachWith(t, storetest.Options{Clock: clock.Now}, func(t *testing.T, db *store.DB) {
		fn(&bench{t: t, db: db, clock: clock, keys: passkeysAt(t, ourOrigin), julie: newAccount(t, db), device: passkeytest.New(ourOrigin)})
	})
}

func passkeysAt(t *testing.T, origin string) *Passkeys {
	t.Helper()
	u, err := url.Parse(origin)
	if err != nil {
		t.Fatal(err)
	}
	return NewPasskeys(u)
}

func (b *bench) write(fn func(ctx context.Context, tx *store.Tx) error) error {
	b.t.Helper()
	return b.db.Write(b.t.Context(), []store.Lock{store.Installation}, func(tx *store.Tx) error { return fn(b.t.Context(), tx) })
}

func (b *bench) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// begin gives the options of a ceremony.
func (b *bench) begin(fn func(ctx context.Context, tx *store.Tx) ([]byte, error)) (options []byte) {
	b.t.Helper()
	b.must(b.write(func(ctx context.Context, tx *store.Tx) (err error) {
		options, err = fn(ctx, tx)
		return err
	}))
	return options
}

func (b *bench) toEnrol(who ident.Account, place string) []byte {
	b.t.Helper()
	return b.begin(func(ctx context.Context, tx *store.Tx) ([]byte, error) {
		return b.keys.BeginEnrol(ctx, tx, Holder{Account: who, Email: "julie@example.fr", Name: "Julie Aubry"}, place)
	})
}

func (b *bench) toSignIn() []byte {
	b.t.Helper()
	return b.begin(func(ctx context.Context, tx *store.Tx) ([]byte, error) { return b.keys.BeginLogin(ctx, tx, aBrowser) })
}

func (b *bench) toSecond(who ident.Account) []byte {
	b.t.Helper()
	return b.begin(func(ctx context.Context, tx *store.Tx) ([]byte, error) {
		return b.keys.BeginSecond(ctx, tx, who, aHalf)
	})
}

func (b *bench) enrol(who ident.Account, place string, response []byte) (id ident.Factor, ok bool, err error) {
	b.t.Helper()
	err = b.write(func(ctx context.Context, tx *store.Tx) (err error) {
		id, ok, err = b.keys.FinishEnrol(ctx, tx, who, place, "Clé du bureau", response)
		return err
	})
	return id, ok, err
}

// enrolled gives the person a passkey on a device.
func (b *bench) enrolled(who ident.Account, d *passkeytest.Device) ident.Factor {
	b.t.Helper()
	id, ok, err := b.enrol(who, aBrowser, d.Create(b.t, b.toEnrol(who, aBrowser)))
	if err != nil || !ok {
		b.t.Fatalf("not enrolled: %v, %v", ok, err)
	}
	return id
}

func (b *bench) signIn(place string, response []byte) (who ident.Account, used Used) {
	b.t.Helper()
	b.must(b.write(func(ctx context.Context, tx *store.Tx) (err error) {
		who, used, err = b.keys.FinishLogin(ctx, tx, place, response)
		return err
	}))
	return who, used
}

func (b *bench) second(who ident.Account, place string, response []byte) (used Used) {
	b.t.Helper()
	b.must(b.write(func(ctx context.Context, tx *store.Tx) (err error) {
		used, err = b.keys.FinishSecond(ctx, tx, who, place, response)
		return err
	}))
	return used
}

// SEC-2: a passkey is made, is a proved factor at once, signs in alone and after a password.
func TestPasskeyWholeRound(t *testing.T) {
	eachBench(t, func(b *bench) {
		id := b.enrolled(b.julie, b.device)
		who, used := b.signIn(aBrowser, b.device.Get(b.t, b.toSignIn()))
		if who != b.julie || !used.OK || used.Factor != id || used.Kind != Passkey {
			b.t.Errorf("signed in as %q: %+v", who, used)
		}
		if used := b.second(b.julie, aHalf, b.device.Get(b.t, b.toSecond(b.julie))); !used.OK || used.Factor != id {
			b.t.Errorf("second factor: %+v", used)
		}
		b.must(b.db.Read(b.t.Context(), func(tx *store.Tx) error {
			all, err := Factors(b.t.Context(), tx, b.julie)
			if len(all) != 1 || all[0].ID != id || all[0].Kind != Passkey || all[0].Name != "Clé du bureau" || !all[0].Usable(tx.Now) || all[0].LastUsedAt.IsZero() {
				b.t.Errorf("factors: %+v", all)
			}
			return err
		}))
	})
}

// rules.md 5, SEC-2: what the browser is asked says who the server is, that the person is to
// be verified and found without an address, and which algorithms; it names nobody's address
// as handle, and a device that has a passkey of theirs is left out.
func TestPasskeyOptions(t *testing.T) {
	eachBench(t, func(b *bench) {
		b.enrolled(b.julie, b.device)
		var made struct {
			PublicKey struct {
				RP   struct{ ID string }
				User struct{ ID, Name, DisplayName string }
				Pub  []struct{ Alg int } `json:"pubKeyCredParams"` //nolint:tagliatelle // of WebAuthn
				Sel  struct {
					ResidentKey, UserVerification string
				} `json:"authenticatorSelection"` //nolint:tagliatelle // of WebAuthn
				Exclude     []any `json:"excludeCredentials"` //nolint:tagliatelle // of WebAuthn
				Attestation string
			}
		}
		options := b.toEnrol(b.julie, aBrowser)
		b.must(json.Unmarshal(options, &made))
		o := made.PublicKey
		if o.RP.ID != "habilis.example.fr" || o.Sel.ResidentKey != "required" || o.Sel.UserVerification != "required" || len(o.Exclude) != 1 {
			b.t.Errorf("options: %s", options)
		}
		if len(o.Pub) != 3 || o.Pub[0].Alg != -7 || o.Pub[1].Alg != -8 || o.Pub[2].Alg != -257 {
			b.t.Errorf("algorithms: %+v", o.Pub)
		}
		if o.User.Name != "julie@example.fr" || o.User.DisplayName != "Julie Aubry" || strings.Contains(o.User.ID, "@") {
			b.t.Errorf("user: %+v", o.User)
		}
		if answer := b.device.Create(b.t, options); answer != nil {
			b.t.Error("a device with a passkey of theirs makes another")
		}
		for name, options := range map[string][]byte{"sign-in": b.toSignIn(), "second factor": b.toSecond(b.julie)} {
			if !strings.Contains(string(options), `"userVerification":"required"`) || strings.Contains(string(options), "julie") {
				b.t.Errorf("%s: %s", name, options)
			}
		}
		if strings.Contains(string(b.toSignIn()), "allowCredentials") { // ENU-01: nobody is named
			b.t.Error("the options of a sign-in say which passkeys there are")
		}
	})
}

// MFA-09: an answer for another server, from another page, of another person, without the
// person having proved themselves, or signed with a key that is not theirs opens nothing.
func TestPasskeyAttacks(t *testing.T) {
	eachBench(t, func(b *bench) {
		b.enrolled(b.julie, b.device)
		paul := newAccount(b.t, b.db)
		for name, spoil := range map[string]func(d *passkeytest.Device){
			"other rpId":          func(d *passkeytest.Device) { d.RPID = "autre.example.fr" },
			"parent rpId":         func(d *passkeytest.Device) { d.RPID = "example.fr" },
			"other origin":        func(d *passkeytest.Device) { d.Origin = "https://autre.example.fr" },
			"other port":          func(d *passkeytest.Device) { d.Origin = ourOrigin + ":8443" },
			"over http":           func(d *passkeytest.Device) { d.Origin = "http://habilis.example.fr" },
			"sub-domain":          func(d *passkeytest.Device) { d.Origin = "https://a.habilis.example.fr" },
			"frame of another":    func(d *passkeytest.Device) { d.Crossed = true },
			"person not verified": func(d *passkeytest.Device) { d.NoVerify = true },
			"other user handle":   func(d *passkeytest.Device) { d.Handle = []byte(paul) },
			"invented handle":     func(d *passkeytest.Device) { d.Handle = []byte("julie@example.fr") },
			"invented challenge":  func(d *passkeytest.Device) { d.Challenge = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" },
			"backup flag changed": func(d *passkeytest.Device) { d.Synced = true },
		} {
			spoiled := *b.device
			spoil(&spoiled)
			if _, used := b.signIn(aBrowser, spoiled.Get(b.t, b.toSignIn())); used.OK {
				b.t.Errorf("%s: signed in", name)
			}
			if used := b.second(b.julie, aHalf, spoiled.Get(b.t, b.toSecond(b.julie))); used.OK {
				b.t.Errorf("%s: second factor", name)
			}
		}
		nameless := *b.device
		nameless.NoHandle = true // a passkey found without an address must say whose it is
		if _, used := b.signIn(aBrowser, nameless.Get(b.t, b.toSignIn())); used.OK {
			b.t.Error("no user handle: signed in")
		}
		if used := b.second(b.julie, aHalf, nameless.Get(b.t, b.toSecond(b.julie))); !used.OK {
			b.t.Error("after a first proof, a handle is not needed")
		}
	})
}

// MFA-09, MFA-07: a passkey of one account opens no other, and a challenge serves for its
// purpose, its person and its browser only.
func TestPasskeyOfAnotherAccountOrPlace(t *testing.T) {
	eachBench(t, func(b *bench) {
		paul, theirs := newAccount(b.t, b.db), passkeytest.New(ourOrigin)
		b.enrolled(b.julie, b.device)
		b.enrolled(paul, theirs)
		if used := b.second(b.julie, aHalf, theirs.Use(b.t, theirs.Keys()[0], b.toSecond(b.julie))); used.OK {
			b.t.Error("paul's passkey is julie's second factor")
		}
		if used := b.second(paul, aHalf, b.device.Get(b.t, b.toSecond(b.julie))); used.OK {
			b.t.Error("julie's challenge serves paul")
		}
		if used := b.second(b.julie, "hlf_2", b.device.Get(b.t, b.toSecond(b.julie))); used.OK {
			b.t.Error("the challenge of one half serves another")
		}
		if _, used := b.signIn("another browser", b.device.Get(b.t, b.toSignIn())); used.OK {
			b.t.Error("the challenge of one browser serves another")
		}
		if _, used := b.signIn(aBrowser, b.device.Get(b.t, b.toSecond(b.julie))); used.OK {
			b.t.Error("a challenge for a second factor signs in")
		}
		if used := b.second(b.julie, aHalf, b.device.Get(b.t, b.toSignIn())); used.OK {
			b.t.Error("a challenge for a sign-in is a second factor")
		}
		if _, ok, err := b.enrol(paul, aBrowser, passkeytest.New(ourOrigin).Create(b.t, b.toEnrol(b.julie, aBrowser))); ok || err != nil {
			b.t.Errorf("a passkey asked for julie becomes paul's: %v", err)
		}
		if _, ok, err := b.enrol(b.julie, "another session", passkeytest.New(ourOrigin).Create(b.t, b.toEnrol(b.julie, aBrowser))); ok || err != nil {
			b.t.Errorf("a passkey asked in one session is added in another: %v", err)
		}
	})
}

// MFA-09, rules.md 2: a challenge serves once, whatever came of it, and for five minutes.
func TestPasskeyChallenge(t *testing.T) {
	eachBench(t, func(b *bench) {
		b.enrolled(b.julie, b.device)
		answer := b.device.Get(b.t, b.toSignIn())
		if _, used := b.signIn(aBrowser, answer); !used.OK {
			b.t.Fatal("refused")
		}
		if _, used := b.signIn(aBrowser, answer); used.OK {
			b.t.Error("replayed")
		}
		options, bad := b.toSignIn(), *b.device
		bad.NoVerify = true
		if _, used := b.signIn(aBrowser, bad.Get(b.t, options)); used.OK {
			b.t.Error("not verified")
		}
		if _, used := b.signIn(aBrowser, b.device.Get(b.t, options)); used.OK {
			b.t.Error("a challenge serves again after a refusal")
		}
		late, inTime := b.toSignIn(), b.toSignIn()
		b.clock.Add(CeremonyLife - time.Minute)
		if _, used := b.signIn(aBrowser, b.device.Get(b.t, inTime)); !used.OK {
			b.t.Error("refused within five minutes")
		}
		b.clock.Add(time.Minute)
		if _, used := b.signIn(aBrowser, b.device.Get(b.t, late)); used.OK {
			b.t.Error("expired")
		}
		expired := b.toEnrol(b.julie, aBrowser)
		b.clock.Add(CeremonyLife)
		if _, ok, err := b.enrol(b.julie, aBrowser, passkeytest.New(ourOrigin).Create(b.t, expired)); ok || err != nil {
			b.t.Errorf("an expired enrolment: %v", err)
		}
	})
}

// MFA-09: of two nodes that are shown the same answer at once, one lets it in.
func TestPasskeyChallengeRace(t *testing.T) {
	for _, engine := range storetest.Engines(t) {
		t.Run(string(engine), func(t *testing.T) {
			here := storetest.Place(t, engine)
			var nodes [2]*bench
			for i := range nodes {
				db, err := store.Open(t.Context(), here)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = db.Close() })
				nodes[i] = &bench{t: t, db: db, keys: passkeysAt(t, ourOrigin), device: passkeytest.New(ourOrigin)}
			}
			one := nodes[0]
			one.julie = newAccount(t, one.db)
			one.enrolled(one.julie, one.device)
			for range 5 {
				answer := one.device.Get(t, one.toSignIn())
				var wins [8]bool
				var wg sync.WaitGroup
				for i := range wins {
					wg.Go(func() { _, used := nodes[i%2].signIn(aBrowser, answer); wins[i] = used.OK })
				}
				wg.Wait()
				n := 0
				for _, won := range wins {
					if won {
						n++
					}
				}
				if n != 1 {
					t.Errorf("%d of %d got in", n, len(wins))
				}
			}
		})
	}
}

// rules.md 5: a counter that goes back means two devices with one key: it is refused, and
// said; a device that does not count is none.
func TestPasskeyCopied(t *testing.T) {
	eachBench(t, func(b *bench) {
		id := b.enrolled(b.julie, b.device)
		key := b.device.Keys()[0]
		for range 3 {
			if _, used := b.signIn(aBrowser, b.device.Get(b.t, b.toSignIn())); !used.OK {
				b.t.Fatal("refused")
			}
		}
		key.Count -= 2
		who, used := b.signIn(aBrowser, b.device.Get(b.t, b.toSignIn()))
		if used.OK || !used.Copied || used.Factor != id || who != b.julie {
			b.t.Errorf("a copy: %q %+v", who, used)
		}
		if used := b.second(b.julie, aHalf, b.device.Get(b.t, b.toSecond(b.julie))); !used.OK { // 2, then 3, then 4
			if !used.Copied {
				b.t.Errorf("refused for something else: %+v", used)
			}
		}
		key.Count += 10
		if _, used := b.signIn(aBrowser, b.device.Get(b.t, b.toSignIn())); !used.OK || used.Copied {
			b.t.Errorf("the counter is ahead again: %+v", used)
		}
	})
}

// SEC-2: what a browser sends is bounded, and what is no answer is a refusal, not a failure.
func TestPasskeyNonsense(t *testing.T) {
	eachBench(t, func(b *bench) {
		b.enrolled(b.julie, b.device)
		good := string(b.device.Get(b.t, b.toSignIn()))
		for _, response := range []string{"", "null", "{}", "[]", "{", `{"id":1}`, good[:len(good)/2], good + strings.Repeat(" ", MaxPasskeyResponse)} {
			if who, used := b.signIn(aBrowser, []byte(response)); used.OK || who != "" {
				b.t.Errorf("%.20q signs in", response)
			}
			if _, ok, err := b.enrol(b.julie, aBrowser, []byte(response)); ok || err != nil {
				b.t.Errorf("%.20q: enrolled %v, %v", response, ok, err)
			}
		}
		if who, used := b.signIn(aBrowser, []byte(good)); !used.OK || who != b.julie {
			b.t.Error("nonsense spent the challenge of somebody else's answer")
		}
	})
}

// rules.md 5: only the algorithms that were asked for, and each passkey is one account's.
func TestPasskeyEnrolmentRefused(t *testing.T) {
	eachBench(t, func(b *bench) {
		for name, spoil := range map[string]func(d *passkeytest.Device){
			"another algorithm":   func(d *passkeytest.Device) { d.Alg = passkeytest.ES384 },
			"person not verified": func(d *passkeytest.Device) { d.NoVerify = true },
			"other origin":        func(d *passkeytest.Device) { d.Origin = "https://autre.example.fr" },
			"other rpId":          func(d *passkeytest.Device) { d.RPID = "autre.example.fr" },
		} {
			d := passkeytest.New(ourOrigin)
			spoil(d)
			if _, ok, err := b.enrol(b.julie, aBrowser, d.Create(b.t, b.toEnrol(b.julie, aBrowser))); ok || err != nil {
				b.t.Errorf("%s: enrolled %v, %v", name, ok, err)
			}
		}
		paul := newAccount(b.t, b.db)
		b.enrolled(b.julie, b.device)
		key := b.device.Keys()[0]
		again := passkeytest.New(ourOrigin)
		again.Next(key.ID)
		_, _, err := b.enrol(paul, aBrowser, again.Create(b.t, b.toEnrol(paul, aBrowser)))
		if fault.Of(err).Code != ErrPasskeyKnown.Code { // factor.passkey_known
			b.t.Errorf("a passkey of somebody else: %v", err)
		}
		for n := 1; n < MaxFactors; n++ {
			b.enrolled(b.julie, passkeytest.New(ourOrigin))
		}
		err = b.write(func(ctx context.Context, tx *store.Tx) error {
			_, err := b.keys.BeginEnrol(ctx, tx, Holder{Account: b.julie}, aBrowser)
			return err
		})
		if fault.Of(err).Code != ErrTooManyFactors.Code {
			b.t.Errorf("one more: %v", err)
		}
	})
}

// rules.md 10: a server whose address is a number has no passkeys, and says so.
func TestPasskeysNeedAName(t *testing.T) {
	for origin, want := range map[string]bool{
		"https://habilis.example.fr": true, "http://localhost:8080": true, "http://127.0.0.1:8080": false, "http://[::1]:8080": false,
	} {
		if got := passkeysAt(t, origin).Available(); got != want {
			t.Errorf("%s: %v", origin, got)
		}
	}
	eachBench(t, func(b *bench) {
		none := passkeysAt(b.t, "http://127.0.0.1:8080")
		err := b.write(func(ctx context.Context, tx *store.Tx) error {
			_, err := none.BeginLogin(ctx, tx, aBrowser)
			return err
		})
		if !errors.Is(err, ErrNoPasskeys) { // factor.passkey_no_name
			b.t.Errorf("%v", err)
		}
		err = b.write(func(ctx context.Context, tx *store.Tx) error {
			_, err := b.keys.BeginSecond(ctx, tx, b.julie, aHalf)
			return err
		})
		if !errors.Is(err, ErrFactorNotFound) {
			b.t.Errorf("nobody's second factor: %v", err)
		}
		if _, used := b.signInWith(none); used.OK {
			b.t.Error("signed in")
		}
	})
}

func (b *bench) signInWith(keys *Passkeys) (who ident.Account, used Used) {
	b.enrolled(b.julie, b.device)
	answer := b.device.Get(b.t, b.toSignIn())
	b.must(b.write(func(ctx context.Context, tx *store.Tx) (err error) {
		who, used, err = keys.FinishLogin(ctx, tx, aBrowser, answer)
		return err
	}))
	return who, used
}

// A challenge of long ago leaves its table.
func TestCeremoniesAreSwept(t *testing.T) {
	eachBench(t, func(b *bench) {
		b.toSignIn()
		b.clock.Add(CeremonyLife + KeptDead + time.Second)
		kept := b.toSignIn()
		b.must(Sweep(b.t.Context(), b.db))
		var n int
		b.must(b.db.Read(b.t.Context(), func(tx *store.Tx) error { return tx.QueryRow(b.t.Context(), `select count(*) from ceremony`).Scan(&n) }))
		if n != 1 {
			b.t.Errorf("%d challenges are left", n)
		}
		b.enrolled(b.julie, b.device)
		if _, used := b.signIn(aBrowser, b.device.Get(b.t, kept)); !used.OK {
			b.t.Error("the one that is not old is gone")
		}
	})
}
