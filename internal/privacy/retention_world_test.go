package privacy_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/credential"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/privacy"
	"habilis/internal/role"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/storetest"
	"habilis/internal/text"
)

// place is two organisations. «Maison tilleuls» has the site nord: claire and bruno administer all of
// it, tina the site; paul is a physician there, and at «Maison rives» too, which odile administers.
type place struct {
	*testing.T
	db      *store.DB
	clock   *storetest.Clock
	run     *action.Runner
	keeps   privacy.Retentions
	exits   privacy.Exits
	a, b    ident.Org
	site    ident.Site
	account map[string]ident.Account
	heads   map[string]audit.Head // signed
}

func eachPlace(t *testing.T, fn func(p *place)) {
	t.Helper()
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) { fn(newPlace(t, e)) })
	}
}

func newPlace(t *testing.T, e store.Engine) *place {
	t.Helper()
	p := &place{T: t, clock: &storetest.Clock{}, account: map[string]ident.Account{}, heads: map[string]audit.Head{}}
	p.db = storetest.Open(t, e, storetest.Options{Clock: p.clock.Now})
	p.run = &action.Runner{DB: p.db, Ring: secret.NewRing(time.Now()), Log: slog.New(slog.DiscardHandler)}
	signed := func(context.Context) (map[string]audit.Head, error) { return p.heads, nil }
	p.keeps = privacy.Retentions{Run: p.run, Signed: signed}
	p.exits = privacy.Exits{Run: p.run, Signed: signed, Address: "https://habilis.exemple.fr"}
	p.write(func(ctx context.Context, tx *store.Tx) (err error) {
		clear(p.account) // a write may run twice
		if p.a, p.site, err = p.organisation(ctx, tx, "tilleuls"); err != nil {
			return err
		}
		var est ident.Site
		if p.b, est, err = p.organisation(ctx, tx, "rives"); err != nil {
			return err
		}
		for _, who := range []struct {
			name string
			in   ident.Org
			site ident.Site
			at   []access.Scope
		}{
			{"claire", p.a, p.site, []access.Scope{access.OrgScope(p.a)}}, {"bruno", p.a, p.site, []access.Scope{access.OrgScope(p.a)}},
			{"tina", p.a, p.site, []access.Scope{access.SiteScope(p.a, p.site)}}, {"paul", p.a, p.site, nil},
			{"odile", p.b, est, []access.Scope{access.OrgScope(p.b)}}, {"paul", p.b, est, nil},
		} {
			if err := p.join(ctx, tx, who.name, who.in, who.site, who.at); err != nil {
				return err
			}
		}
		return nil
	})
	return p
}

func (p *place) organisation(ctx context.Context, tx *store.Tx, slug string) (ident.Org, ident.Site, error) {
	o, err := org.Insert(ctx, tx, org.New{Slug: slug, Details: org.Details{Name: "Maison " + slug, Kind: org.Practice}})
	if err != nil {
		return "", "", err
	}
	s, err := org.InsertSite(ctx, tx, o.ID, org.SiteDetails{Name: "Site " + slug})
	if err != nil {
		return "", "", err
	}
	return o.ID, s.ID, role.Seed(ctx, tx, o.ID)
}

func (p *place) join(ctx context.Context, tx *store.Tx, name string, in ident.Org, at ident.Site, admin []access.Scope) error {
	if p.account[name].IsZero() {
		key := name + "@exemple.fr"
		a, err := account.Insert(ctx, tx, account.New{
			Email: account.Email{Key: key, Address: key}, Names: account.Names{GivenName: name, FamilyName: "Lefèvre"}, Language: text.FR,
		})
		if err != nil {
			return err
		}
		if err := credential.SetPassword(ctx, tx, a.ID, "$argon2id$test"); err != nil {
			return err
		}
		p.account[name] = a.ID
	}
	n := member.New{
		Org: in, Account: p.account[name], Status: member.Active, GivenName: name, FamilyName: "Lefèvre", Email: name + "@exemple.fr",
		Phone: "+33612345678", Function: "manager", GivenBy: "test", Sites: []ident.Site{at},
	}
	for _, scope := range admin {
		r, err := role.BuiltIn(ctx, tx, in, role.Administrator)
		if err != nil {
			return err
		}
		n.Roles = append(n.Roles, role.Given{Role: r.ID, Scope: scope})
	}
	_, err := member.Insert(ctx, tx, n)
	return err
}

func (p *place) write(fn func(ctx context.Context, tx *store.Tx) error) {
	p.Helper()
	locks := []store.Lock{store.Installation}
	for _, o := range []ident.Org{p.a, p.b} {
		if !o.IsZero() {
			locks = append(locks, store.Lock(o))
		}
	}
	p.must(p.db.Write(p.Context(), locks, func(tx *store.Tx) error { return fn(p.Context(), tx) }))
}

func (p *place) must(err error) {
	p.Helper()
	if err != nil {
		p.Fatal(err)
	}
}

// as is somebody in a browser, who has just proved who they are.
func (p *place) as(name string) access.Actor {
	return access.Actor{Kind: access.Person, Account: p.account[name], Name: name + " Lefèvre", StepUp: p.db.Now(), Via: "web", Address: "192.0.2.7"}
}

// act records an act, or a sign-in, in a chain.
func (p *place) act(in ident.Org, verb string) {
	p.Helper()
	a := action.Act{Verb: verb, Needs: []access.Need{access.Everybody()}}
	if !in.IsZero() {
		a.Orgs = []ident.Org{in}
	}
	_, err := action.Run(p.Context(), p.run, p.as("claire"), a, func(tx *action.Tx) (struct{}, error) {
		about, names := in, map[string]string{}
		if in.IsZero() {
			about = p.a
		}
		if about == p.a {
			names["organization"] = "Maison tilleuls"
		}
		tx.Record(audit.Event{Org: in, Verb: verb, Object: about.String(), Names: names})
		return struct{}{}, nil
	})
	p.must(err)
}

// sign signs the heads of all chains, as the server does each hour.
func (p *place) sign() {
	p.Helper()
	p.must(p.db.Read(p.Context(), func(tx *store.Tx) error {
		list, err := audit.Heads(p.Context(), tx)
		for _, h := range list {
			p.heads[h.Chain] = h
		}
		return err
	}))
}

// verify checks the trail against the heads that were signed.
func (p *place) verify() audit.Report {
	p.Helper()
	var r audit.Report
	var anchors []audit.Head
	for _, h := range p.heads {
		anchors = append(anchors, h)
	}
	p.must(p.db.ReadLong(p.Context(), func(tx *store.Tx) (err error) {
		r, err = audit.Verify(p.Context(), tx, anchors)
		return err
	}))
	if len(r.Problems) > 0 {
		p.Errorf("the trail does not hold: %v", r.Problems)
	}
	return r
}

// count gives the number of a query.
func (p *place) count(query string, args ...any) (n int64) {
	p.Helper()
	p.must(p.db.Read(p.Context(), func(tx *store.Tx) error { return tx.QueryRow(p.Context(), query, args...).Scan(&n) }))
	return n
}

// dump is every row of the database as text, by table.
func (p *place) dump() map[string][]string {
	p.Helper()
	var file bytes.Buffer
	_, err := p.db.Backup(p.Context(), &file, p.run.Ring)
	p.must(err)
	out := map[string][]string{}
	_, err = store.ReadBackup(&file, p.run.Ring, func(t store.Table, values []any) error {
		var line strings.Builder
		for i, v := range values {
			if b, ok := v.([]byte); ok {
				v = string(b)
			}
			fmt.Fprintf(&line, "%s=%v|", t.Columns[i], v)
		}
		out[t.Name] = append(out[t.Name], line.String())
		return nil
	})
	p.must(err)
	return out
}

func codeOf(err error) string {
	if err == nil {
		return ""
	}
	f := fault.Of(err)
	if len(f.Fields) > 0 {
		return f.Fields[0].Code
	}
	return f.Code
}
