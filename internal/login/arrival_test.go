package login_test

import (
	"sync"
	"testing"
	"time"

	"habilis/internal/credential"
	"habilis/internal/login"
	"habilis/internal/secret"
	"habilis/internal/storetest"
)

const (
	onLinux   = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
	onWindows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/139.0.0.0 Safari/537.36 Edg/139.0.0.0"
)

func (b *bench) from(logins login.Logins, address, agent string) (login.Result, error) {
	return logins.SignIn(b.Context(), stranger(address), julie, secret.NewText(good), login.Client{UserAgent: agent})
}

// newBrowsers are the letters about a new device that were ordered since the last time.
func (b *bench) newBrowsers() (list []login.NewBrowserLetter) {
	b.Helper()
	for _, j := range b.letters("letter.new_browser") {
		var l login.NewBrowserLetter
		if err := j.Decode(&l); err != nil {
			b.Fatal(err)
		}
		list = append(list, l)
	}
	return list
}

// A sign-in from a browser and network that the person did not use is told to them, with
// both; the first one ever is not, nor one that is known.
func TestNewBrowserIsTold(t *testing.T) {
	each(t, func(b *bench) {
		a := b.account(julie)
		for _, c := range []struct {
			address, agent string
			told           int
		}{
			{"192.0.2.1", onLinux, 0}, {"192.0.2.1", onLinux, 0}, {"198.51.100.9", onLinux, 1}, {"198.51.100.9", onLinux, 0}, {"192.0.2.1", onWindows, 1},
		} {
			if _, err := b.from(b.logins, c.address, c.agent); err != nil {
				t.Fatal(err)
			}
			told := b.newBrowsers()
			if len(told) != c.told {
				t.Fatalf("%s, %s: %d letters", c.address, c.agent, len(told))
			}
			if c.told == 1 && (told[0].Account != a.ID || told[0].Address != c.address || told[0].Browser != c.agent || told[0].At.IsZero()) {
				t.Errorf("%+v", told[0])
			}
		}
	})
}

// Who has given a first proof only has not signed in: nothing is known of their browser, and
// it is told when the second is given.
func TestNewBrowserOfASecondFactor(t *testing.T) {
	each(t, func(b *bench) {
		b.administrator(zoe, true)
		if _, err := b.second(b.half(zoe), b.totp()); err != nil {
			t.Fatal(err)
		}
		res := b.first(zoe, login.Client{UserAgent: onWindows})
		if n := len(b.newBrowsers()); n != 0 || res.Half == nil {
			t.Fatalf("%d letters before the second proof: %+v", n, res)
		}
		b.clock.Add(30 * time.Second) // a code works once
		answer := login.Answer{Kind: credential.TOTP, Code: b.totp()}
		if _, err := b.logins.Second(b.Context(), stranger("192.0.2.1"), res.Half.Token.Reveal(), answer, login.Client{UserAgent: onWindows}); err != nil {
			t.Fatal(err)
		}
		if n := len(b.newBrowsers()); n != 1 {
			t.Errorf("%d letters", n)
		}
	})
}

// Whoever changes their password because somebody else came in is told when that one comes in
// again, from where it was told before; not of the browser in which they changed it.
func TestNewBrowserAfterAChangedPassword(t *testing.T) {
	each(t, func(b *bench) {
		b.account(julie)
		enter := func(address, agent string, told int) (res login.Result) {
			res, err := b.from(b.logins, address, agent)
			if err != nil {
				t.Fatal(err)
			}
			if n := len(b.newBrowsers()); n != told {
				t.Errorf("%s, %s: %d letters, want %d", address, agent, n, told)
			}
			return res
		}
		own := enter("192.0.2.1", onLinux, 0)
		enter("198.51.100.9", onWindows, 1)
		change := func(current, next string) {
			o, err := b.logins.ChangePassword(b.Context(), b.actor(*own.Session), secret.NewText(current), secret.NewText(next))
			if err != nil {
				t.Fatal(err)
			}
			own.Session = &o
		}
		change(good, other)
		change(other, good) // so that the same password signs in below
		enter("192.0.2.1", onLinux, 0)
		enter("198.51.100.9", onWindows, 1)
		enter("198.51.100.9", onWindows, 0)
	})
}

// Of many sign-ins at once from one new place, on both nodes, one is told.
func TestNewBrowserRaced(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) {
			b, nodes := twoNodes(t, e)
			b.account(julie)
			if _, err := b.from(nodes[0], "192.0.2.1", onLinux); err != nil {
				t.Fatal(err)
			}
			var wg sync.WaitGroup
			for i := range 4 { // fewer than make the account wait
				wg.Go(func() {
					if _, err := b.from(nodes[i%2], "198.51.100.9", onWindows); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if n := b.count(`select count(*) from job where kind = 'letter.new_browser'`); n != 1 {
				t.Errorf("%d letters", n)
			}
		})
	}
}
