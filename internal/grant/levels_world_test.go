package grant_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/grant"
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

// levels is two organisations. A has the sites A1 and A2:
//
//	claire  administers A, receives patients at A1 and A2   ines  receives patients at A1
//	nadege  administers A1      hugo  administers A2         emile receives patients at A2
//	gaelle  manages the office: rights.edit and members.read in A, no care
//	julie, lea  secretaries, A1      paul  secretary, A2
//
// B: odile administers it. Agendas of A: "ines" (hers), "claire" (hers) and "room" at A1,
// "emile" (his) at A2; mailboxes: "desk" at A1, "whole" of the organisation; an identity:
// "sign". In B: the agenda "rive".
type levels struct {
	*testing.T
	db      *store.DB
	clock   *storetest.Clock
	grants  grant.Grants
	a, b    ident.Org
	sites   []ident.Site // A1, A2, B1
	account map[string]ident.Account
	member  map[string]ident.Member
	thing   map[string]resource.ID
	roles   map[ident.Org]map[string]ident.Role
}

func eachLevels(t *testing.T, fn func(w *levels)) {
	t.Helper()
	clock := &storetest.Clock{}
	storetest.EachWith(t, storetest.Options{Clock: clock.Now}, func(t *testing.T, db *store.DB) {
		t.Helper()
		fn(newLevels(t, db, clock))
	})
}

func newLevels(t *testing.T, db *store.DB, clock *storetest.Clock) *levels {
	t.Helper()
	w := &levels{
		T: t, db: db, clock: clock, account: map[string]ident.Account{}, member: map[string]ident.Member{}, thing: map[string]resource.ID{},
		roles: map[ident.Org]map[string]ident.Role{},
	}
	w.grants.Run = &action.Runner{DB: db, Ring: secret.NewRing(time.Now()), Log: slog.New(slog.DiscardHandler)}
	w.a = w.organisation("tilleuls", "Grand-Pré", "Saint-Aubin")
	w.b = w.organisation("deux-rives", "Rive gauche")
	admin, none := role.Administrator, ""
	w.join(w.a, "claire", "physician", admin, "", 0, 1)
	w.join(w.a, "nadege", "manager", admin, w.sites[0], 0)
	w.join(w.a, "hugo", "manager", admin, w.sites[1], 1)
	w.join(w.a, "gaelle", "manager", none, "", 0, 1)
	w.join(w.a, "ines", "physician", none, "", 0)
	w.join(w.a, "emile", "physician", none, "", 1)
	w.join(w.a, "julie", "secretary", none, "", 0)
	w.join(w.a, "lea", "secretary", none, "", 0)
	w.join(w.a, "paul", "secretary", none, "", 1)
	w.join(w.b, "odile", "manager", admin, "", 2)
	w.permit("gaelle", access.OrgScope(w.a), access.RightsEdit, access.MembersRead)
	w.agenda("ines", w.a, 0, "ines")
	w.agenda("claire", w.a, 0, "claire")
	w.agenda("room", w.a, 0, "")
	w.agenda("emile", w.a, 1, "emile")
	w.agenda("rive", w.b, 2, "")
	w.make("desk", w.a, resource.MessagingProfile, resource.Details{Kind: resource.OfService, Site: w.sites[0], Name: "Accueil"})
	w.make("whole", w.a, resource.MessagingProfile, resource.Details{Kind: resource.OfService, Name: "Direction"})
	w.make("sign", w.a, resource.Identity, resource.Details{Kind: resource.OfService, Site: w.sites[0], Name: "Secrétariat"})
	return w
}

func (w *levels) write(fn func(ctx context.Context, tx *store.Tx) error) {
	w.Helper()
	locks := []store.Lock{store.Installation, store.Lock(w.a), store.Lock(w.b)}
	if err := w.db.Write(w.Context(), locks, func(tx *store.Tx) error { return fn(w.Context(), tx) }); err != nil {
		w.Fatal(err, fieldsOf(err))
	}
}

func (w *levels) exec(query string, args ...any) {
	w.Helper()
	w.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, query, append([]any{}, args...)...)
		return err
	})
}

func (w *levels) count(query string, args ...any) (n int) {
	w.Helper()
	if err := w.db.Read(w.Context(), func(tx *store.Tx) error { return tx.QueryRow(w.Context(), query, args...).Scan(&n) }); err != nil {
		w.Fatal(err)
	}
	return n
}

func (w *levels) organisation(slug string, sites ...string) ident.Org {
	w.Helper()
	var id ident.Org
	known := len(w.sites)
	w.write(func(ctx context.Context, tx *store.Tx) error {
		w.sites = w.sites[:known]
		o, err := org.Insert(ctx, tx, org.New{Slug: slug, Details: org.Details{Name: "Maison " + slug, Kind: org.Practice}})
		if err != nil {
			return err
		}
		id = o.ID
		for _, name := range sites {
			s, err := org.InsertSite(ctx, tx, id, org.SiteDetails{Name: name})
			if err != nil {
				return err
			}
			w.sites = append(w.sites, s.ID)
		}
		if err := role.Seed(ctx, tx, id); err != nil {
			return err
		}
		w.roles[id] = map[string]ident.Role{}
		for _, code := range role.BuiltIns {
			r, err := role.BuiltIn(ctx, tx, id, code)
			if err != nil {
				return err
			}
			w.roles[id][code] = r.ID
		}
		return nil
	})
	return id
}

// join makes an active member with a role at a site, or in the whole organisation.
func (w *levels) join(in ident.Org, name, function, held string, at ident.Site, sites ...int) {
	w.Helper()
	n := member.New{
		Org: in, Status: member.Active, ProfileType: member.NonPractitioner, GivenName: titled(name), FamilyName: "Essai",
		Email: name + "@exemple.fr", Function: function, GivenBy: "test",
	}
	if function == "physician" {
		n.ProfileType, n.Specialty = member.Unregulated, "Psychothérapie"
	}
	if held != "" {
		n.Roles = []role.Given{{Role: w.roles[in][held], Scope: access.Scope{Org: in, Site: at}}}
	}
	for _, i := range sites {
		n.Sites = append(n.Sites, w.sites[i])
	}
	w.write(func(ctx context.Context, tx *store.Tx) error {
		a, err := account.Insert(ctx, tx, account.New{
			Email: account.Email{Key: n.Email, Address: n.Email}, Names: account.Names{GivenName: n.GivenName, FamilyName: "Essai"}, Language: text.FR,
		})
		if err != nil {
			return err
		}
		w.account[name], n.Account = a.ID, a.ID
		m, err := member.Insert(ctx, tx, n)
		w.member[name] = m.ID
		return err
	})
}

func titled(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// permit gives single permissions outside of any act.
func (w *levels) permit(name string, at access.Scope, permissions ...access.Permission) {
	w.Helper()
	g := member.Gift{Org: at.Org, Member: w.member[name], By: "test"}
	for _, p := range permissions {
		g.Permissions = append(g.Permissions, member.GivenPermission{Permission: p, Scope: at})
	}
	w.write(func(ctx context.Context, tx *store.Tx) error { return member.Give(ctx, tx, g) })
}

func (w *levels) agenda(name string, in ident.Org, site int, holder string) {
	w.Helper()
	d := resource.Details{Kind: resource.OfRoom, Site: w.sites[site], Name: "Agenda " + name}
	if holder != "" {
		d.Kind, d.Holder = resource.OfPractitioner, w.member[holder]
	}
	w.make(name, in, resource.Agenda, d)
}

func (w *levels) make(name string, in ident.Org, t resource.Type, d resource.Details) {
	w.Helper()
	w.write(func(ctx context.Context, tx *store.Tx) error {
		held, err := access.HeldBy(ctx, tx, access.Operator("test"), in)
		if err != nil {
			return err
		}
		r, err := resource.Insert(ctx, tx, held, t, d)
		w.thing[name] = r.ID
		return err
	})
}

// as is a signed-in person.
func (w *levels) as(name string) access.Actor {
	return access.Actor{
		Kind: access.Person, Account: w.account[name], Name: titled(name) + " Essai", Session: ident.NewSession(), StepUp: w.db.Now(), Via: "test",
	}
}

// to is one change: "julie", "ines", Read.
func (w *levels) to(name, thing string, l grant.Level) grant.Change {
	w.Helper()
	m, r := w.member[name], w.thing[thing]
	if m == "" || r == "" {
		w.Fatalf("no %s or %s", name, thing)
	}
	return grant.Change{Member: m, Resource: r, Level: l}
}

func edit(changes ...grant.Change) grant.Wanted { return grant.Wanted{Changes: changes} }

// give edits levels, as it must succeed.
func (w *levels) give(by string, changes ...grant.Change) grant.ChangeSet {
	w.Helper()
	set, err := w.grants.Apply(w.Context(), w.as(by), w.a, edit(changes...))
	if err != nil {
		w.Fatalf("%s: %v %s", by, err, fieldsOf(err))
	}
	return set
}

// level is what a member has now, by the rows.
func (w *levels) level(name, thing string) grant.Level {
	w.Helper()
	var l grant.Level
	err := w.db.Read(w.Context(), func(tx *store.Tx) error {
		v, _, err := store.One(w.Context(), tx, store.Value[grant.Level], `
			select level from access_grant where org_id = $1 and member_id = $2 and resource_id = $3 and known_until is null
				and starts_at <= $4 and (ends_at is null or ends_at > $4)`, w.a, w.member[name], w.thing[thing], tx.Now)
		l = v
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return l
}

// refused checks an error and the fields that it must name, "changes[0].resource resource.not_found".
func (w *levels) refused(what string, err, want error, fields ...string) {
	w.Helper()
	if !errors.Is(err, want) {
		w.Errorf("%s: %v %s, want %v", what, err, fieldsOf(err), want)
		return
	}
	if got := fieldsOf(err); len(fields) > 0 && got != strings.Join(fields, "; ") {
		w.Errorf("%s: fields %s, want %s", what, got, strings.Join(fields, "; "))
	}
}

func fieldsOf(err error) string {
	if err == nil {
		return ""
	}
	var out []string
	for _, f := range fault.Of(err).Fields {
		out = append(out, f.Location+" "+f.Code)
	}
	return strings.Join(out, "; ")
}

// invalid is a fault of fields to correct.
var invalid = &fault.Error{Kind: fault.Invalid, Code: fault.CodeInvalid}

// warned are the warnings as an administrator reads them.
func warned(set grant.ChangeSet) string {
	var out []string
	for _, v := range set.Warnings {
		out = append(out, strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(text.For(text.FR).T("warning."+v.Code, v.Args...)))
	}
	return strings.Join(out, " | ")
}

// told are the lines of a set, in short: "Lea room none>manage until".
func told(set grant.ChangeSet) string {
	var out []string
	for _, l := range set.Lines {
		first, _, _ := strings.Cut(l.MemberName, " ")
		s := first + " " + short(l.Resource.Name) + " " + l.Before.Level.Word() + ">" + l.After.Level.Word()
		if l.After.Until != nil {
			s += " until"
		}
		out = append(out, s)
	}
	return strings.Join(out, "; ")
}

func short(name string) string {
	switch name {
	case "Accueil":
		return "desk"
	case "Direction":
		return "whole"
	}
	return strings.TrimPrefix(name, "Agenda ")
}

// domain is a type by the word of the API.
var domain = map[string]resource.Type{"agendas": resource.Agenda, "messaging": resource.MessagingProfile, "identity": resource.Identity}

// sentence is what a person reads of one field of a refusal.
func sentence(err error, field int) string {
	f := fault.Of(err).Fields[field]
	return strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(text.For(text.FR).TMap("fault."+f.Code, f.Args))
}
