package grant_test

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/credential"
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

// names is an organisation with the sites «nord» and «sud», and another without a link to it:
//
//	bruno   administers all          tina   administers nord    hugo  administers sud
//	morvan  physician, nord          yanis  physician, sud
//	julie   secretary, nord          paul   secretary, sud
//	odile   administers the other organisation, where marc is a secretary
//
// Identities: «morvan» of morvan at nord, «yanis» of yanis at sud, «accueil» a service at
// nord, «siege» a service of the whole organisation.
type names struct {
	*testing.T
	db       *store.DB
	clock    *storetest.Clock
	x        grant.Delegations
	org, b   ident.Org
	sites    map[string]ident.Site
	roles    map[ident.Org]map[string]ident.Role
	member   map[string]ident.Member
	account  map[string]ident.Account
	identity map[string]resource.ID
}

func eachNames(t *testing.T, fn func(w *names)) {
	t.Helper()
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) { fn(newNames(t, e)) })
	}
}

func newNames(t *testing.T, e store.Engine) *names {
	t.Helper()
	w := &names{
		T: t, clock: &storetest.Clock{}, sites: map[string]ident.Site{}, roles: map[ident.Org]map[string]ident.Role{},
		member: map[string]ident.Member{}, account: map[string]ident.Account{}, identity: map[string]resource.ID{},
	}
	w.db = storetest.Open(t, e, storetest.Options{Clock: w.clock.Now})
	run := &action.Runner{DB: w.db, Ring: secret.NewRing(w.clock.Now()), Log: slog.New(slog.DiscardHandler)}
	w.x = grant.Delegations{Run: run}
	w.org, w.b = w.organisation("tilleuls", "nord", "sud"), w.organisation("rives", "est")
	w.join(w.org, "bruno", "manager", role.Administrator, access.OrgScope(w.org), "nord", "sud")
	w.join(w.org, "tina", "manager", role.Administrator, w.at("nord"), "nord")
	w.join(w.org, "hugo", "manager", role.Administrator, w.at("sud"), "sud")
	w.join(w.org, "morvan", "physician", role.Practitioner, w.at("nord"), "nord")
	w.join(w.org, "yanis", "physician", role.Practitioner, w.at("sud"), "sud")
	w.join(w.org, "julie", "secretary", role.Secretary, w.at("nord"), "nord")
	w.join(w.org, "paul", "secretary", role.Secretary, w.at("sud"), "sud")
	w.join(w.b, "odile", "manager", role.Administrator, access.OrgScope(w.b), "est")
	w.join(w.b, "marc", "secretary", role.Secretary, access.SiteScope(w.b, w.sites["est"]), "est")
	w.named(w.org, "morvan", "nord", "morvan")
	w.named(w.org, "yanis", "sud", "yanis")
	w.named(w.org, "accueil", "nord", "")
	w.named(w.org, "siege", "", "")
	w.named(w.b, "autre", "est", "")
	return w
}

func (w *names) at(site string) access.Scope { return access.SiteScope(w.org, w.sites[site]) }

func (w *names) organisation(slug string, sites ...string) (id ident.Org) {
	w.Helper()
	w.write(func(ctx context.Context, tx *store.Tx) error {
		o, err := org.Insert(ctx, tx, org.New{Slug: slug, Details: org.Details{Name: "Maison " + slug, Kind: org.Practice}})
		if err != nil {
			return err
		}
		id = o.ID
		for _, name := range sites {
			s, err := org.InsertSite(ctx, tx, o.ID, org.SiteDetails{Name: name})
			if err != nil {
				return err
			}
			w.sites[name] = s.ID
		}
		if err := role.Seed(ctx, tx, o.ID); err != nil {
			return err
		}
		w.roles[id] = map[string]ident.Role{}
		all, err := role.All(ctx, tx, o.ID)
		for _, r := range all {
			w.roles[id][r.BuiltIn] = r.ID
		}
		return err
	})
	return id
}

// join makes a person with a password an active member.
func (w *names) join(in ident.Org, name, function, builtIn string, at access.Scope, sites ...string) {
	w.Helper()
	w.write(func(ctx context.Context, tx *store.Tx) error {
		key := name + "@exemple.fr"
		a, err := account.Insert(ctx, tx, account.New{
			Email: account.Email{Key: key, Address: key}, Names: account.Names{GivenName: "P", FamilyName: name}, Language: text.FR,
		})
		if err != nil {
			return err
		}
		w.account[name] = a.ID
		if err := credential.SetPassword(ctx, tx, a.ID, "$argon2id$test"); err != nil {
			return err
		}
		n := member.New{
			Org: in, Account: a.ID, Status: member.Active, GivenName: "P", FamilyName: name, Email: key, Function: function,
			Roles: []role.Given{{Role: w.roles[in][builtIn], Scope: at}}, GivenBy: "test",
		}
		if function == "physician" || function == "manager" { // who may hold an identity
			n.ProfileType, n.Specialty = member.Unregulated, "Sophrologie"
		}
		for _, s := range sites {
			n.Sites = append(n.Sites, w.sites[s])
		}
		m, err := member.Insert(ctx, tx, n)
		w.member[name] = m.ID
		return err
	})
}

// named makes an identity, of a member or of a service.
func (w *names) named(in ident.Org, name, site, holder string) {
	w.Helper()
	d := resource.Details{Kind: resource.OfService, Name: "Identité " + name}
	if site != "" {
		d.Site = w.sites[site]
	}
	if holder != "" {
		d.Kind, d.Holder = resource.OfPractitioner, w.member[holder]
	}
	r, err := resource.Resources{Run: w.x.Run}.Create(w.Context(), access.Operator("test"), in, resource.Identity, d)
	w.must(err)
	w.identity[name] = r.ID
}

func (w *names) write(fn func(ctx context.Context, tx *store.Tx) error) {
	w.Helper()
	locks := []store.Lock{store.Installation, store.Lock(w.org), store.Lock(w.b)}
	w.must(w.db.Write(w.Context(), locks, func(tx *store.Tx) error { return fn(w.Context(), tx) }))
}

func (w *names) exec(query string, args ...any) {
	w.Helper()
	w.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, query, slices.Clone(args)...)
		return err
	})
}

func (w *names) count(query string, args ...any) (n int) {
	w.Helper()
	w.must(w.db.Read(w.Context(), func(tx *store.Tx) error { return tx.QueryRow(w.Context(), query, args...).Scan(&n) }))
	return n
}

func (w *names) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err, delegationFields(err))
	}
}

// as is a signed-in person who has just proved who they are.
func (w *names) as(name string) access.Actor {
	return access.Actor{
		Kind: access.Person, Account: w.account[name], Name: "P " + name, Session: ident.NewSession(), StepUp: w.db.Now(),
		Via: "test", Address: "192.0.2.7",
	}
}

// want fails unless err is the wanted fault, with exactly these fields ("at code").
func (w *names) want(what string, err error, code string, fields ...string) {
	w.Helper()
	got := ""
	if err != nil {
		got = fault.Of(err).Code
	}
	if found := delegationFields(err); got != code || (len(fields) > 0 && !slices.Equal(found, fields)) {
		w.Errorf("%s: %v %q, want %q %q", what, err, found, code, fields)
	}
}

func delegationFields(err error) []string {
	var list []string
	if err != nil {
		for _, f := range fault.Of(err).Fields {
			list = append(list, f.Location+" "+f.Code)
		}
	}
	return list
}

// on are the identities of these names.
func (w *names) on(identities ...string) []resource.ID {
	var ids []resource.ID
	for _, n := range identities {
		ids = append(ids, w.identity[n])
	}
	return ids
}

func (w *names) give(by, to string, acts []grant.Act, identities ...string) ([]grant.Delegation, error) {
	return w.x.Give(w.Context(), w.as(by), w.org, grant.NewDelegations{Identities: w.on(identities...), Member: w.member[to], Acts: acts})
}

// given gives one act on one identity.
func (w *names) given(by, to string, act grant.Act, identity string) grant.Delegation {
	w.Helper()
	list, err := w.give(by, to, []grant.Act{act}, identity)
	w.must(err)
	return list[0]
}

// inForce reads the table by the words of doc.go, sharing nothing with the code: which
// acts a member may do in the name of an identity at a moment.
func (w *names) inForce(member, identity string, at time.Time) (acts []string) {
	w.Helper()
	const here = `s.known_until is null and s.status in ('created', 'active') and (s.starts_at is null or s.starts_at <= $4)
		and (s.ends_at is null or s.ends_at > $4) and exists (select 1 from account_state a where a.account_id = s.account_id
			and a.known_until is null and a.status = 'active')`
	w.must(w.db.Read(w.Context(), func(tx *store.Tx) (err error) {
		acts, err = store.All(w.Context(), tx, store.Value[string], `
			select d.act from delegation d
			join resource_state r on r.org_id = d.org_id and r.resource_id = d.identity_id and r.known_until is null and r.status = 'active'
			where d.org_id = $1 and d.member_id = $2 and d.identity_id = $3 and d.known_until is null and d.state = 'active'
				and d.starts_at <= $4 and (d.ends_at is null or d.ends_at > $4)
				and exists (select 1 from member_state s where s.org_id = d.org_id and s.member_id = d.member_id and `+here+`)
				and (r.holder_id is null or exists (select 1 from member_state s where s.org_id = d.org_id and s.member_id = r.holder_id and `+here+`))
				and (d.act <> 'draft_consultation' or exists (select 1 from member_state s where s.org_id = d.org_id
					and s.member_id = r.holder_id and s.known_until is null and s.account_id = d.given_by))
			order by d.act`, w.org, w.member[member], w.identity[identity], at)
		return err
	}))
	return acts
}

func (w *names) holds(what, member, identity string, want ...string) {
	w.Helper()
	if got := w.inForce(member, identity, w.db.Now()); !slices.Equal(got, want) {
		w.Errorf("%s: %s may %q as %s, want %q", what, member, got, identity, want)
	}
}

// events are the done and refused acts of the trail: "verb outcome code".
func (w *names) events(verb string) (list []string) {
	w.Helper()
	w.must(w.db.Read(w.Context(), func(tx *store.Tx) (err error) {
		list, err = store.All(w.Context(), tx, store.Value[string], `
			select outcome || ' ' || code || ' ' || actor || ' ' || subject || ' ' || p.payload from audit_event e
			join audit_payload p on p.chain = e.chain and p.seq = e.seq where e.chain = $1 and e.verb = $2 order by e.seq`, w.org, verb)
		return err
	}))
	return list
}

// justNow: within the minute that a test takes at most; the clock of the tests runs.
func (w *names) justNow(at time.Time) bool { return w.db.Now().Sub(at).Abs() < time.Minute }
