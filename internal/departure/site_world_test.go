package departure_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/departure"
	"habilis/internal/fault"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/recordgroup"
	"habilis/internal/resource"
	"habilis/internal/role"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/storetest"
	"habilis/internal/text"
	"habilis/internal/workitem"
)

// sites is two organisations. A has the sites A1 and A2:
//
//	claire  administers A and belongs to A1 and A2       nadege  administers A1
//	edith   edits members of A1, and nothing else        julie   a physician of A1 and A2, administers A1
//	paul    a physician of A1     lise  a secretary of A1
//
// julie holds an agenda, a mailbox and an identity at A1, and an agenda at A2; she manages lise's
// room at A1 alone, reads another at A2, sends in the name of the service of A1; lise sends in hers.
// She holds two tasks and one appointment of A1, and a task of A2, and is in a group. B has odile.
type sites struct {
	*storetest.Bench

	removals departure.Sites
	members  member.Members
	things   resource.Resources
	grants   grant.Grants
	items    workitem.Items
	names    grant.Delegations
	a, b     ident.Org
	site     map[string]ident.Site
	account  map[string]ident.Account
	id       map[string]ident.Member
	thing    map[string]resource.ID
	group    ident.Group
}

func eachSites(t *testing.T, fn func(w *sites)) {
	t.Helper()
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) { fn(newSites(t, e)) })
	}
}

func newSites(t *testing.T, e store.Engine) *sites {
	t.Helper()
	w := &sites{
		Bench: &storetest.Bench{T: t}, site: map[string]ident.Site{}, account: map[string]ident.Account{}, id: map[string]ident.Member{}, thing: map[string]resource.ID{},
	}
	w.DB = storetest.Open(t, e, storetest.Options{})
	run := &action.Runner{DB: w.DB, Ring: secret.NewRing(time.Now()), Log: slog.New(slog.DiscardHandler)}
	w.members = member.Members{Run: run, AtSite: departure.AtSite}
	w.removals, w.things = departure.Sites{Members: w.members}, resource.Resources{Run: run, Held: grant.HolderNamed}
	w.grants, w.items, w.names = grant.Grants{Run: run}, workitem.Items{Run: run}, grant.Delegations{Run: run}
	if err := w.DB.Write(t.Context(), []store.Lock{store.Installation}, func(tx *store.Tx) error { return w.populate(t.Context(), tx) }); err != nil {
		t.Fatal(err, fault.Of(err).Fields)
	}
	w.furnish(run)
	return w
}

func (w *sites) populate(ctx context.Context, tx *store.Tx) (err error) {
	for slug, to := range map[string]*ident.Org{"tilleuls": &w.a, "deux-rives": &w.b} {
		o, err := org.Insert(ctx, tx, org.New{Slug: slug, Details: org.Details{Name: "Maison " + slug, Kind: org.Practice}})
		if err != nil {
			return err
		}
		if *to = o.ID; role.Seed(ctx, tx, o.ID) != nil {
			return errors.New("no roles")
		}
		for _, name := range map[string][]string{"tilleuls": {"A1", "A2"}, "deux-rives": {"B1"}}[slug] {
			s, err := org.InsertSite(ctx, tx, o.ID, org.SiteDetails{Name: name})
			if err != nil {
				return err
			}
			w.site[name] = s.ID
		}
	}
	whole, a1 := access.OrgScope(w.a), access.SiteScope(w.a, w.site["A1"])
	for _, p := range []struct {
		name, function string
		in             ident.Org
		sites          []string
		admin          access.Scope
		may            []access.Permission
	}{
		{"claire", "manager", w.a, []string{"A1", "A2"}, whole, nil},
		{"nadege", "manager", w.a, []string{"A1"}, a1, nil},
		{"edith", "secretary", w.a, []string{"A1"}, access.Scope{}, []access.Permission{access.MembersEdit, access.MembersRead}},
		{"julie", "physician", w.a, []string{"A1", "A2"}, a1, nil},
		{"paul", "physician", w.a, []string{"A1"}, access.Scope{}, nil},
		{"lise", "secretary", w.a, []string{"A1"}, access.Scope{}, nil},
		{"marc", "physician", w.a, []string{"A2"}, access.Scope{}, nil},
		{"odile", "manager", w.b, []string{"B1"}, access.OrgScope(w.b), nil},
	} {
		gift := member.Gift{Org: p.in, By: "test"}
		if p.admin.Org != "" {
			roles, err := role.All(ctx, tx, p.in)
			if err != nil {
				return err
			}
			i := slices.IndexFunc(roles, func(r role.Role) bool { return r.BuiltIn == role.Administrator })
			gift.Roles = []role.Given{{Role: roles[i].ID, Scope: p.admin}}
			for _, c := range access.Care {
				gift.Permissions = append(gift.Permissions, member.GivenPermission{Permission: c, Scope: p.admin})
			}
		}
		for _, m := range p.may {
			gift.Permissions = append(gift.Permissions, member.GivenPermission{Permission: m, Scope: a1})
		}
		if err := w.join(ctx, tx, p.name, p.function, p.sites, gift); err != nil {
			return err
		}
	}
	return nil
}

func (w *sites) join(ctx context.Context, tx *store.Tx, name, function string, at []string, gift member.Gift) error {
	key, given := name+"@exemple.fr", strings.ToUpper(name[:1])+name[1:]
	a, err := account.Insert(ctx, tx, account.New{
		Email: account.Email{Key: key, Address: key}, Names: account.Names{GivenName: given, FamilyName: "Essai"}, Language: text.FR,
	})
	if err != nil {
		return err
	}
	n := member.New{
		Org: gift.Org, Account: a.ID, Status: member.Active, GivenName: given, FamilyName: "Essai", Email: key, Function: function,
		ProfileType: member.NonPractitioner, GivenBy: "test",
	}
	if function == "physician" {
		n.ProfileType, n.Specialty = member.Unregulated, "Médecine générale"
	}
	for _, s := range at {
		n.Sites = append(n.Sites, w.site[s])
	}
	m, err := member.Insert(ctx, tx, n)
	if err != nil {
		return err
	}
	w.account[name], w.id[name], gift.Member = a.ID, m.ID, m.ID
	return member.Give(ctx, tx, gift)
}

func (w *sites) as(name string) access.Actor {
	return access.Actor{Kind: access.Person, Account: w.account[name], Name: name, Session: ident.NewSession(), StepUp: w.DB.Now(), Via: "test"}
}

func (w *sites) furnish(run *action.Runner) {
	w.Helper()
	ctx, claire := w.Context(), w.as("claire")
	for _, r := range []struct {
		key, site, holder string
		kind              resource.Type
	}{
		{"agenda", "A1", "julie", resource.Agenda}, {"mailbox", "A1", "julie", resource.MessagingProfile}, {"name", "A1", "julie", resource.Identity},
		{"elsewhere", "A2", "julie", resource.Agenda}, {"room", "A1", "", resource.Agenda}, {"room2", "A2", "", resource.Agenda},
		{"service", "A1", "", resource.Identity},
	} {
		d := resource.Details{Site: w.site[r.site], Kind: resource.OfService, Name: r.key}
		if r.holder != "" {
			d.Kind, d.Holder = resource.OfPractitioner, w.id[r.holder]
		}
		v, err := w.things.Create(ctx, claire, w.a, r.kind, d)
		w.Must(err)
		w.thing[r.key] = v.ID
	}
	_, err := w.grants.Apply(ctx, claire, w.a, grant.Wanted{Changes: []grant.Change{
		{Member: w.id["julie"], Resource: w.thing["room"], Level: grant.Manage}, {Member: w.id["julie"], Resource: w.thing["room2"], Level: grant.Read},
		{Member: w.id["lise"], Resource: w.thing["agenda"], Level: grant.Manage},
	}})
	w.Must(err)
	for _, d := range []grant.NewDelegations{
		{Identities: []resource.ID{w.thing["service"]}, Member: w.id["julie"], Acts: []grant.Act{grant.Send, grant.Receive}},
		{Identities: []resource.ID{w.thing["name"]}, Member: w.id["lise"], Acts: []grant.Act{grant.Send}},
	} {
		_, err := w.names.Give(ctx, claire, w.a, d)
		w.Must(err)
	}
	due := w.DB.Now().Add(24 * time.Hour)
	for i, l := range []workitem.Details{
		{Kind: workitem.Task, Site: w.site["A1"]}, {Kind: workitem.Task, Site: w.site["A1"]}, {Kind: workitem.Task, Site: w.site["A2"]},
		{Kind: workitem.Appointment, Site: w.site["A1"], Due: &due}, {Kind: workitem.Letter},
	} {
		l.Owner = w.id["julie"]
		_, err := w.items.Register(ctx, claire, w.a, workitem.Line{Ref: workitem.Ref{Source: "test", External: fmt.Sprint(i)}, Details: l})
		w.Must(err)
	}
	groups := recordgroup.Groups{Run: run}
	g, err := groups.Create(ctx, claire, w.a, recordgroup.Details{Name: "Enfants"})
	w.Must(err)
	_, err = groups.SetMembers(ctx, claire, w.a, g.ID, g.Version, []ident.Member{w.id["julie"]}, recordgroup.Dates{})
	w.Must(err)
	w.group = g.ID
}

func (w *sites) remove(by string, o departure.SiteOrder) (member.Sheet, error) {
	return w.removals.Remove(w.Context(), w.as(by), w.a, w.id["julie"], w.site["A1"], o)
}

// held says what julie has at A1, in one line.
func (w *sites) held() string {
	w.Helper()
	var said []string
	err := w.DB.Read(w.Context(), func(tx *store.Tx) error {
		at, err := grant.HeldAtSite(w.Context(), tx, w.a, w.id["julie"], w.site["A1"])
		if err != nil {
			return err
		}
		things, err := resource.HeldAt(w.Context(), tx, w.a, w.id["julie"], w.site["A1"])
		if err != nil {
			return err
		}
		items, err := workitem.HeldAt(w.Context(), tx, w.a, w.id["julie"], w.site["A1"])
		for _, i := range items {
			said = append(said, fmt.Sprint(i.Kind, i.Items))
		}
		given, e := access.GivenTo(w.Context(), tx, w.a, w.id["julie"])
		said = append(said, fmt.Sprint("levels", len(at.Levels)), fmt.Sprint("received", len(at.Received)), fmt.Sprint("given", len(at.Given)),
			fmt.Sprint("things", len(things)), fmt.Sprint("administers", given.Has(access.MembersEdit, access.SiteScope(w.a, w.site["A1"]))))
		return errors.Join(err, e)
	})
	w.Must(err)
	return strings.Join(said, " ")
}

func (w *sites) status(thing string) (resource.Status, ident.Member) {
	w.Helper()
	v, err := w.things.Get(w.Context(), w.as("claire"), w.a, w.thing[thing])
	w.Must(err)
	return v.Status, v.Holder
}
