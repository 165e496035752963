package demo_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/app"
	"habilis/internal/credential"
	"habilis/internal/demo"
	"habilis/internal/ident"
	"habilis/internal/invitation"
	"habilis/internal/login"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/resource"
	"habilis/internal/secret"
	"habilis/internal/session"
	"habilis/internal/store"
)

var operator = access.Operator("test")

// open opens the demonstration in a folder, and loads it.
func open(t *testing.T, data, password string) (*app.App, demo.Guide) {
	t.Helper()
	c := app.Config{Place: app.Place{Data: data}, Listen: "127.0.0.1:0", Demo: true, DemoPassword: secret.NewText(password)}
	a, err := app.New(t.Context(), c, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	guide, err := demo.Load(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	return a, guide
}

func orgOf(t *testing.T, a *app.App, slug string) org.Org {
	t.Helper()
	o, _, err := a.Orgs.Enter(t.Context(), operator, slug)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func membersOf(t *testing.T, a *app.App, id ident.Org, q member.Query) []member.Row {
	t.Helper()
	var rows []member.Row
	q.Size = member.MaxPageSize
	for q.Page = 1; ; q.Page++ {
		list, err := a.Members.List(t.Context(), operator, id, q)
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, list.Rows...)
		if int64(len(rows)) >= list.Total || len(list.Rows) == 0 {
			return rows
		}
	}
}

// loadTime is how long a person waits for the demonstration, at most.
const loadTime = 6 * time.Second

// TestDemo: the three organisations of rest.md, quickly, with everything that a
// screen can show, in a trail that holds.
func TestDemo(t *testing.T) {
	began := time.Now()
	data := t.TempDir()
	a, guide := open(t, data, "")
	took := time.Since(began)
	for n := 0; took > loadTime && n < 2; n++ { // other packages' tests run beside: the best of three counts
		again := time.Now()
		open(t, t.TempDir(), "")
		took = min(took, time.Since(again))
	}
	if took > loadTime {
		t.Errorf("loading took %s", took)
	}
	now := time.Now()
	for _, want := range []struct {
		slug, name string
		kind       org.Kind
		sites      int64
		members    int
		admins     int
	}{
		{"tilleuls", "Maison de santé des Tilleuls", org.Practice, 2, 34, 2},
		{"deux-rives", "CPTS des Deux Rives", org.CPTS, 2, 123, 2},
		{"saint-aubin", "Groupe clinique Saint-Aubin", org.Clinic, 6, 600, 8},
	} {
		o := orgOf(t, a, want.slug)
		rows := membersOf(t, a, o.ID, member.Query{})
		if o.Name != want.name || o.Kind != want.kind || o.Sites != want.sites || len(rows) != want.members {
			t.Errorf("%s: %+v, %d members", want.slug, o, len(rows))
		}
		if admins := membersOf(t, a, o.ID, member.Query{Admin: true}); len(admins) != want.admins {
			t.Errorf("%s: %d administrators", want.slug, len(admins))
		}
		believable(t, now, rows)
		administered(t, a, o.ID)
		list, err := a.Invitations.List(t.Context(), operator, o.ID, invitation.Query{})
		if err != nil {
			t.Fatal(err)
		}
		expired := 0
		for _, i := range list.Items {
			if i.Expired(now) {
				expired++
			}
		}
		if expired == 0 || expired == len(list.Items) {
			t.Errorf("%s: %d invitations, %d expired", want.slug, len(list.Items), expired)
		}
	}
	o := orgOf(t, a, "tilleuls")
	states := map[string]int{}
	for _, r := range membersOf(t, a, o.ID, member.Query{}) {
		states[string(r.Status)]++
		if r.Locked {
			states["locked"]++
		}
		if r.FamilyName == "Diallo" && (r.Invitation == nil || r.Invitation.ExpiresAt.Sub(now).Round(24*time.Hour) != 72*time.Hour) {
			t.Errorf("the invitation of Aïcha Diallo: %+v", r.Invitation)
		}
		if r.FamilyName == "Marchetti" && !r.Locked {
			t.Error("Luca Marchetti is not locked")
		}
	}
	if states["active"] != 26 || states["created"] != 5 || states["deactivated"] != 3 || states["locked"] != 1 {
		t.Errorf("tilleuls: %v", states)
	}
	if both := membersOf(t, a, orgOf(t, a, "deux-rives").ID, member.Query{Search: "claire.morvan@tilleuls.example"}); len(both) != 1 || both[0].Admin {
		t.Errorf("Claire Morvan in the CPTS: %+v", both)
	}
	if info, err := os.Stat(filepath.Join(data, "demo-password")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the kept password: %v %v", info, err)
	}
	var said bytes.Buffer
	guide.Print(&said)
	if info, err := os.Stat(filepath.Join(data, "demo-totp")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the kept secret of the code application: %v %v", info, err)
	}
	for _, part := range []string{guide.Password.Reveal(), guide.TOTP.Reveal(), a.Public.String(), "bruno.lacaze@tilleuls.example"} {
		if !strings.Contains(said.String(), part) {
			t.Errorf("the guide does not say %s", part)
		}
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if err := app.VerifyAudit(t.Context(), a.Config, "", io.Discard, io.Discard); err != nil {
		t.Errorf("the trail: %v", err)
	}
}

// believable: names once, addresses that lead nowhere, numbers that are nobody's
// and yet well formed, nobody who signs in tomorrow.
func believable(t *testing.T, now time.Time, rows []member.Row) {
	t.Helper()
	names, numbers := map[string]bool{}, map[string]bool{}
	for _, r := range rows {
		if names[r.Name()] {
			t.Errorf("%s is there twice", r.Name())
		}
		names[r.Name()] = true
		if !strings.HasSuffix(r.Email, ".example") {
			t.Errorf("%s could be somebody's address", r.Email)
		}
		if r.LastSignInAt.After(now.Add(time.Minute)) {
			t.Errorf("%s signs in on %s", r.Name(), r.LastSignInAt)
		}
		if waits := r.Status == member.Created || r.Status == member.PendingApproval; waits != r.LastSignInAt.Equal(store.Never) {
			t.Errorf("%s is %s and signed in on %s", r.Name(), r.Status, r.LastSignInAt)
		}
		if len(r.Sites) == 0 || len(r.Roles) == 0 {
			t.Errorf("%s has no site or no role", r.Name())
		}
		if r.ProfileType == member.Regulated != (r.RPPS != "") {
			t.Errorf("%s is %s with the RPPS %q", r.Name(), r.ProfileType, r.RPPS)
		}
		if r.RPPS != "" && (len(r.RPPS) != 11 || !strings.HasPrefix(r.RPPS, "99700") || !luhn(r.RPPS) || numbers[r.RPPS]) {
			t.Errorf("%s has the RPPS %s", r.Name(), r.RPPS)
		}
		numbers[r.RPPS] = true
	}
}

// luhn checks the key of a number, written from its definition.
func luhn(number string) bool {
	sum := 0
	for i, c := range number {
		d := int(c - '0')
		if (len(number)-i)%2 == 0 {
			d *= 2
		}
		sum += d/10 + d%10
	}
	return sum%10 == 0
}

// administered (ORG-4): every site has an administrator who belongs to it.
func administered(t *testing.T, a *app.App, id ident.Org) {
	t.Helper()
	sites, err := a.Orgs.Sites(t.Context(), operator, id, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sites {
		if list := membersOf(t, a, id, member.Query{Site: s.ID, Admin: true}); len(list) == 0 {
			t.Errorf("nobody administers %s", s.Name)
		}
	}
}

// TestDemoOnce: a restart finds what was there, with the same password; the flag
// gives every account another one.
func TestDemoOnce(t *testing.T) {
	data := t.TempDir()
	a, first := open(t, data, "")
	before := orgOf(t, a, "tilleuls").ID
	a.Close()
	a, second := open(t, data, "")
	if !second.Password.Equal(first.Password) || orgOf(t, a, "tilleuls").ID != before {
		t.Error("a restart made another demonstration")
	}
	a.Close()
	a, _ = open(t, data, "un-autre-mot-de-passe-connu")
	signIn(t, a, "bruno.lacaze@tilleuls.example", "un-autre-mot-de-passe-connu", true)
	signIn(t, a, "philippe.renaud@saint-aubin.example", "un-autre-mot-de-passe-connu", true)
	signIn(t, a, "claire.morvan@tilleuls.example", first.Password.Reveal(), false)
}

// SEC-2: those who administer, and they alone, have the code application that the guide
// prints; a restart with another secret gives them that one instead.
func TestDemoTOTP(t *testing.T) {
	data := t.TempDir()
	a, guide := open(t, data, "un-autre-mot-de-passe-connu")
	half := func(a *app.App, email string) *session.OpenedHalf {
		by := access.Actor{Kind: access.Anonymous, Via: "test", Address: "192.0.2.1"}
		res, err := a.Logins.SignIn(t.Context(), by, email, secret.NewText("un-autre-mot-de-passe-connu"), login.Client{})
		if err != nil {
			t.Fatalf("%s: %v", email, err)
		}
		return res.Half
	}
	comesIn := func(a *app.App, email string, seed secret.Text) bool {
		code, err := credential.TOTPCode(seed, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		by := access.Actor{Kind: access.Anonymous, Via: "test", Address: "192.0.2.1"}
		h := half(a, email)
		if h == nil {
			t.Fatalf("%s is asked for no code", email)
		}
		res, err := a.Logins.Second(t.Context(), by, h.Token.Reveal(), login.Answer{Kind: credential.TOTP, Code: code}, login.Client{})
		return err == nil && res.Session != nil
	}
	if half(a, "julie.delmas@tilleuls.example") != nil {
		t.Error("a secretary is asked for a code")
	}
	for _, email := range []string{"bruno.lacaze@tilleuls.example", "sophie.jamet@saint-aubin.example", "admin@habilis.example"} {
		if !comesIn(a, email, guide.TOTP) {
			t.Errorf("%s does not come in with the code", email)
		}
	}
	a.Close()
	other := secret.NewText("KRUGS4ZANFZSA3TPOQQGCIDTMVRXEZLU")
	c := app.Config{Place: app.Place{Data: data}, Listen: "127.0.0.1:0", Demo: true, DemoTOTP: other}
	a, err := app.New(t.Context(), c, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if guide, err = demo.Load(t.Context(), a); err != nil || !guide.TOTP.Equal(other) {
		t.Fatalf("the secret of the command line is not taken: %v", err)
	}
	if !comesIn(a, "claire.morvan@tilleuls.example", other) {
		t.Error("the new secret opens nothing")
	}
}

func signIn(t *testing.T, a *app.App, email, password string, good bool) {
	t.Helper()
	by := access.Actor{Kind: access.Anonymous, Via: "test", Address: "192.0.2.1"}
	_, err := a.Logins.SignIn(t.Context(), by, email, secret.NewText(password), login.Client{UserAgent: "test"})
	if (err == nil) != good {
		t.Errorf("%s with %s: %v", email, password, err)
	}
}

// TestDemoApart: never beside other data, nor over a load that was cut off.
func TestDemoApart(t *testing.T) {
	load := func(data string) error {
		c := app.Config{Place: app.Place{Data: data}, Listen: "127.0.0.1:0", Demo: true}
		a, err := app.New(t.Context(), c, io.Discard)
		if err != nil {
			return err
		}
		defer a.Close()
		_, err = demo.Load(t.Context(), a)
		return err
	}
	occupied := t.TempDir()
	other := app.Config{Place: app.Place{Data: occupied}, Listen: "127.0.0.1:0"}
	a, err := app.New(t.Context(), other, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Logins.NewSetUpLink(t.Context(), operator, "op@habilis.example"); err != nil {
		t.Fatal(err)
	}
	a.Close()
	if err := load(occupied); err == nil || !strings.Contains(err.Error(), "no demonstration") {
		t.Errorf("beside other data: %v", err)
	}
	cut := t.TempDir()
	c := app.Config{Place: app.Place{Data: cut}, Listen: "127.0.0.1:0", Demo: true}
	if a, err = app.New(t.Context(), c, io.Discard); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	err = a.DB.Write(ctx, []store.Lock{store.Installation}, func(tx *store.Tx) error { return store.SetFact(ctx, tx, app.FactDemo, "loading") })
	if err != nil {
		t.Fatal(err)
	}
	a.Close()
	if err := load(cut); err == nil || !strings.Contains(err.Error(), "to its end") {
		t.Errorf("over a load that was cut off: %v", err)
	}
}

// RGT-1, RGT-2, RGT-3, RGT-6: each organisation has agendas, mailboxes and identities, closed
// ones among the first, and people with levels on them that their founder gave.
func TestDemoRights(t *testing.T) {
	a, _ := open(t, t.TempDir(), "")
	for slug, want := range map[string][3]int64{"tilleuls": {27, 24, 24}, "deux-rives": {30, 30, 30}, "saint-aubin": {150, 120, 120}} {
		o := orgOf(t, a, slug)
		for i, typ := range resource.Types {
			p, err := a.Resources.List(t.Context(), operator, o.ID, resource.Query{Type: typ, Size: resource.MaxPageSize})
			if err != nil || p.Total < want[i] || p.Counts.Closed == 0 {
				t.Errorf("%s: %d of %s, %d closed (%v)", slug, p.Total, typ, p.Counts.Closed, err)
			}
		}
	}
	o := orgOf(t, a, "tilleuls")
	p, err := a.Resources.List(t.Context(), operator, o.ID, resource.Query{Type: resource.Agenda, Search: "morvan"})
	if err != nil || len(p.Rows) != 1 || p.Rows[0].HolderName != "Claire Morvan" {
		t.Fatalf("%+v %v", p, err)
	}
	who, err := a.Grants.OfResource(t.Context(), operator, o.ID, p.Rows[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	levels := map[string]string{}
	for _, e := range who.Entries {
		levels[e.Name] = string(e.Level) + " " + e.GivenBy
	}
	for name, want := range map[string]string{"Julie Delmas": "manage Bruno Lacaze", "Yanis Belkacem": "read Bruno Lacaze", "Thomas Guérin": "availability Bruno Lacaze"} {
		if levels[name] != want {
			t.Errorf("%s: %q, want %q", name, levels[name], want)
		}
	}
}
