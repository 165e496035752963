package dated_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/dated"
	"habilis/internal/event"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/resource"
	"habilis/internal/role"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/storetest"
	"habilis/internal/text"
)

// world is two organisations with one site each; julie is a member of both, and each has an
// agenda, an identity and a group.
type world struct {
	testing.TB
	db    *store.DB
	clock *storetest.Clock
	dates dated.Dates
	here  place
	far   place
}

type place struct {
	org            ident.Org
	site           ident.Site
	julie          ident.Member
	role           ident.Role
	agenda, letter resource.ID
	group          ident.Group
}

func eachWorld(t *testing.T, fn func(w *world)) {
	t.Helper()
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) {
			fn(newWorld(t, e))
		})
	}
}

func newWorld(t testing.TB, e store.Engine) *world {
	t.Helper()
	w := &world{TB: t, clock: &storetest.Clock{}}
	w.db = storetest.Open(t, e, storetest.Options{Clock: w.clock.Now})
	w.dates = dated.Dates{Run: &action.Runner{DB: w.db, Ring: secret.NewRing(time.Now()), Log: slog.New(slog.DiscardHandler)}}
	w.write(func(ctx context.Context, tx *store.Tx) error {
		a, err := account.Insert(ctx, tx, account.New{
			Email: account.Email{Key: "julie@exemple.fr", Address: "julie@exemple.fr"},
			Names: account.Names{GivenName: "Julie", FamilyName: "Delmas"}, Language: text.FR,
		})
		if err != nil {
			return err
		}
		if w.here, err = populate(ctx, tx, "tilleuls", a.ID); err == nil {
			w.far, err = populate(ctx, tx, "deux-rives", a.ID)
		}
		return err
	})
	return w
}

func populate(ctx context.Context, tx *store.Tx, slug string, julie ident.Account) (p place, err error) {
	o, err := org.Insert(ctx, tx, org.New{Slug: slug, Details: org.Details{Name: "Maison " + slug, Kind: org.Practice}})
	if err != nil {
		return p, err
	}
	p.org = o.ID
	s, err := org.InsertSite(ctx, tx, p.org, org.SiteDetails{Name: "Grand-Pré"})
	if err != nil {
		return p, err
	}
	p.site = s.ID
	if err := role.Seed(ctx, tx, p.org); err != nil {
		return p, err
	}
	roles, err := role.All(ctx, tx, p.org)
	if err != nil {
		return p, err
	}
	p.role = roles[0].ID
	m, err := member.Insert(ctx, tx, member.New{
		Org: p.org, Account: julie, Status: member.Active, GivenName: "Julie", FamilyName: "Delmas", Email: "julie@exemple.fr",
		Function: "secretary", Sites: []ident.Site{p.site}, GivenBy: "test",
	})
	if err != nil {
		return p, err
	}
	p.julie, p.agenda, p.letter, p.group = m.ID, resource.ID(ident.NewAgenda()), resource.ID(ident.NewIdentity()), ident.NewGroup()
	for id, kind := range map[resource.ID]resource.Type{p.agenda: resource.Agenda, p.letter: resource.Identity} {
		if _, err := tx.Exec(ctx, `insert into resource (org_id, id, type, version, created_at) values ($1, $2, $3, 1, $4)`, p.org, id, kind, tx.Now); err != nil {
			return p, err
		}
		if _, err := tx.Exec(ctx, `
			insert into resource_state (org_id, resource_id, rev, site_id, kind, name, detail, address, status, sort_key, search, known_from)
			values ($1, $2, 1, $3, 'service', 'Accueil', '', '', 'active', 'accueil', 'accueil', $4)`, p.org, id, p.site, tx.Now); err != nil {
			return p, err
		}
	}
	if _, err := tx.Exec(ctx, `insert into record_group (org_id, id, no, version, created_at) values ($1, $2, 1, 1, $3)`, p.org, p.group, tx.Now); err != nil {
		return p, err
	}
	_, err = tx.Exec(ctx, `
		insert into record_group_state (org_id, group_id, rev, name, description, status, sort_key, search, known_from)
		values ($1, $2, 1, 'Enfants', '', 'active', 'enfants', 'enfants', $3)`, p.org, p.group, tx.Now)
	return p, err
}

func (w *world) write(fn func(ctx context.Context, tx *store.Tx) error) {
	w.Helper()
	locks := []store.Lock{store.Installation}
	if w.here.org != "" {
		locks = append(locks, store.Lock(w.here.org), store.Lock(w.far.org))
	}
	if err := w.db.Write(w.Context(), locks, func(tx *store.Tx) error { return fn(w.Context(), tx) }); err != nil {
		w.Fatal(err, fault.Of(err).Fields)
	}
}

func (w *world) exec(query string, args ...any) {
	w.Helper()
	w.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, query, args...)
		return err
	})
}

// tell runs the sweep, later than the margin.
func (w *world) tell() {
	w.Helper()
	if err := w.dates.Tell(w.Context()); err != nil {
		w.Fatal(err)
	}
}

// feed is what the feed of a place tells: kind and object, in order.
func (w *world) feed(p place) (list []event.Event) {
	w.Helper()
	err := w.db.Read(w.Context(), func(tx *store.Tx) error {
		var after int64
		for {
			some, last, err := event.After(w.Context(), tx, p.org, &after, nil, event.MaxPage)
			list = append(list, some...)
			if err != nil || len(some) == 0 {
				return err
			}
			after = last
		}
	})
	if err != nil {
		w.Fatal(err)
	}
	return list
}

// kinds are those of the events of a place after the first n.
func (w *world) kinds(p place, n int) string {
	w.Helper()
	out := ""
	for _, e := range w.feed(p)[n:] {
		out += string(e.Kind) + " "
	}
	return out
}

// single gives a permission with dates.
func (w *world) single(p place, permission string, from time.Time, until any) {
	w.Helper()
	w.exec(`
		insert into member_permission (org_id, id, member_id, permission, scope, site_id, starts_at, ends_at, given_by, known_from)
		values ($1, $2, $3, $4, $5, $5, $6, $7, 'test', $8)`, p.org, fmt.Sprint("x_", permission), p.julie, permission, p.site, from, until, w.db.Now())
}
