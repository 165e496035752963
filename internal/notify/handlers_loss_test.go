package notify

import (
	"strings"
	"testing"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/credential"
	"habilis/internal/ident"
	"habilis/internal/login"
	"habilis/internal/org"
	"habilis/internal/secret"
	sessions "habilis/internal/session"
	"habilis/internal/store"
)

// half is the token of somebody who gave the password and owes the second factor.
func (w *world) half(of account.Account) (token string) {
	w.Helper()
	w.write(func(tx *store.Tx) error {
		h, err := sessions.OpenHalf(ctx, tx, sessions.Half{Account: of.ID})
		token = h.Token.Reveal()
		return err
	})
	return token
}

// proved gives somebody a number that they proved.
func (w *world) proved(of ident.Account, typed string) {
	w.Helper()
	number, err := credential.FrenchPrefixes.Parse(typed)
	w.must(err)
	w.write(func(tx *store.Tx) error {
		f, err := credential.StartSMS(ctx, tx, w.run.Ring, of, number, "ses_x")
		if err != nil {
			return err
		}
		c, err := credential.NewSMS(ctx, tx, w.run.Ring, f, credential.CodeEnrol, "ses_x")
		if err == nil {
			_, err = credential.ProveSMS(ctx, tx, w.run.Ring, of, "ses_x", c.Code.Reveal())
		}
		return err
	})
}

// rules.md 5: whoever may be wronged hears it at once, everywhere: the person by letter and by
// message, and the administrators of the organisation; only the person's letter acts.
func TestLossIsTold(t *testing.T) {
	eachPhones(t, 100, func(p *phones) {
		stranger := access.Actor{Kind: access.Anonymous, Address: "198.51.100.7", Via: "web"}
		p.proved(p.bruno.account.ID, "06 12 34 56 12")
		ask := func() {
			_, err := p.logins.AskLoss(ctx, stranger, p.half(p.bruno.account), login.Client{UserAgent: "Firefox/140"})
			p.must(err)
		}
		ask()
		to := map[string]Kept{}
		for _, k := range p.work() {
			to[k.To] = k
		}
		bruno, claire := to["bruno@tilleuls.example"], to["claire@tilleuls.example"]
		if len(to) != 2 || len(bruno.Links) != 1 || !strings.HasPrefix(bruno.Links[0], base+"/factors/stop/hl_") || len(claire.Links) != 0 {
			p.Fatalf("%+v", to)
		}
		p.says(bruno, "tous vos seconds facteurs vont être retirés", "198.51.100.7", "Firefox", "un bouton les garde")
		p.says(claire, "second factors of Bruno Lacaze", "somebody who knows the password of Bruno Lacaze", "Maison de santé des Tilleuls")
		if got := p.gate.got(); len(got) != 1 || !strings.Contains(got[0].body, "+33612345612") || !strings.Contains(got[0].body, "seconds facteurs seront retir") ||
			strings.Contains(got[0].body, "hl_") {
			p.Errorf("%+v", got)
		}
		link := strings.TrimPrefix(bruno.Links[0], base+"/factors/stop/")
		p.must(p.logins.Stop(ctx, stranger, link, login.Client{}))
		for _, k := range p.work() {
			if k.To == "bruno@tilleuls.example" {
				p.says(k, "vos seconds facteurs sont gardés")
			} else {
				p.says(k, "was cancelled on")
			}
		}

		ask() // and stopped before its letter could leave, which would say what is no longer so
		by := p.in(p.bruno)
		p.must(p.logins.StopLoss(ctx, by, login.Client{}))
		for _, k := range p.work() {
			if len(k.Links) != 0 {
				p.Errorf("%+v", k)
			}
		}

		ask() // and stopped by an administrator, who hears of it as whoever acted
		p.work()
		p.must(p.logins.KeepFactors(ctx, p.in(p.claire), p.org.ID, p.bruno.member))
		for _, k := range p.work() {
			if len(k.Links) != 0 || k.To == "claire@tilleuls.example" && strings.Contains(k.Text, "cancelled the request") {
				p.Errorf("%+v", k)
			}
			if k.To == "bruno@tilleuls.example" {
				p.says(k, "vos seconds facteurs sont gardés", "Claire")
			} else {
				p.says(k, "Request to remove cancelled")
			}
		}
	})
}

// The administrators of each organisation of the person read which one's stopped the request.
func TestWhoKeptIsNamed(t *testing.T) {
	eachPhones(t, 100, func(p *phones) {
		var other org.Org
		p.write(func(tx *store.Tx) (err error) {
			other, err = org.Insert(ctx, tx, org.New{Details: org.Details{Name: "Cabinet du Port", Kind: org.Practice}})
			return err
		})
		p.order(login.LossToldLetter{
			Org: p.org.ID, Account: p.bruno.account.ID, Change: login.LossKept, By: other.ID, At: p.db.Now(), ActsAt: p.db.Now(),
		}, secret.Text{})
		told := p.work()
		if len(told) != 1 {
			p.Fatalf("%d letters", len(told))
		}
		for _, k := range told {
			p.says(k, "administration of “Cabinet du Port” cancelled", "Bruno Lacaze")
		}
	})
}
