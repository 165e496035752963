package departure_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/credential"
	"habilis/internal/departure"
	"habilis/internal/draft"
	"habilis/internal/event"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/invitation"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/outbound"
	"habilis/internal/recordgroup"
	"habilis/internal/resource"
	"habilis/internal/role"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/storetest"
	"habilis/internal/text"
	"habilis/internal/token"
	"habilis/internal/webhook"
	"habilis/internal/workitem"
)

// world is two organisations. «tilleuls» has the sites nord and sud:
//
//	claire  administers all, belongs to sud    bruno  administers all, belongs to sud
//	paul    physician of nord, whose only administrator he is
//	weber   physician of nord      anne  physician of nord     marc  physician of sud
//	julie   secretary of nord      lise  secretary of nord
//	tina    administers sud, belongs to sud
//
// «rives» has est, which odile administers. What paul has is said by furnish.
type world struct {
	*storetest.Bench

	clock   *storetest.Clock
	run     *action.Runner
	d       departure.Departures
	members member.Members
	things  resource.Resources
	items   workitem.Items
	grants  grant.Grants
	names   grant.Delegations
	groups  recordgroup.Groups
	hooks   webhook.Webhooks
	a, b    ident.Org
	site    map[string]ident.Site
	account map[string]ident.Account
	id      map[string]ident.Member
	thing   map[string]resource.ID
	group   ident.Group
	hook    ident.Webhook
	token   ident.Token
}

func eachWorld(t *testing.T, fn func(w *world)) {
	t.Helper()
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) { fn(newWorld(t, e)) })
	}
}

func newWorld(t *testing.T, e store.Engine) *world {
	t.Helper()
	w := &world{
		Bench: &storetest.Bench{T: t}, clock: &storetest.Clock{}, site: map[string]ident.Site{}, account: map[string]ident.Account{}, id: map[string]ident.Member{},
		thing: map[string]resource.ID{},
	}
	w.Locks = func() []store.Lock { return []store.Lock{store.Installation, store.Lock(w.a), store.Lock(w.b)} }
	w.DB = storetest.Open(t, e, storetest.Options{Clock: w.clock.Now})
	w.run = &action.Runner{DB: w.DB, Ring: secret.NewRing(time.Now()), Log: slog.New(slog.DiscardHandler)}
	w.d, w.members = departure.Departures{Run: w.run}, member.Members{Run: w.run, AtSite: departure.AtSite}
	w.things, w.items = resource.Resources{Run: w.run, Held: grant.HolderNamed}, workitem.Items{Run: w.run}
	w.grants, w.names, w.groups = grant.Grants{Run: w.run}, grant.Delegations{Run: w.run}, recordgroup.Groups{Run: w.run}
	w.hooks = webhook.Webhooks{Run: w.run, Client: outbound.New(outbound.Options{})}
	w.Write(w.populate)
	return w
}

func (w *world) populate(ctx context.Context, tx *store.Tx) (err error) {
	if w.a, err = w.organisation(ctx, tx, "tilleuls", "nord", "sud"); err != nil {
		return err
	}
	if w.b, err = w.organisation(ctx, tx, "rives", "est"); err != nil {
		return err
	}
	for _, p := range []struct {
		name, function string
		in             ident.Org
		admin          string // of which site, "*" of all
		sites          []string
	}{
		{"claire", "manager", w.a, "*", []string{"sud"}},
		{"bruno", "manager", w.a, "*", []string{"sud"}},
		{"tina", "manager", w.a, "sud", []string{"sud"}},
		{"paul", "physician", w.a, "nord", []string{"nord"}},
		{"weber", "physician", w.a, "", []string{"nord"}},
		{"anne", "physician", w.a, "", []string{"nord"}},
		{"marc", "physician", w.a, "", []string{"sud"}},
		{"julie", "secretary", w.a, "", []string{"nord"}},
		{"lise", "secretary", w.a, "", []string{"nord"}},
		{"odile", "manager", w.b, "*", []string{"est"}},
	} {
		if err := w.join(ctx, tx, p.name, p.function, p.in, p.admin, p.sites); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) organisation(ctx context.Context, tx *store.Tx, slug string, sites ...string) (ident.Org, error) {
	o, err := org.Insert(ctx, tx, org.New{Slug: slug, Details: org.Details{Name: "Maison " + slug, Kind: org.Practice}})
	if err != nil {
		return "", err
	}
	for _, name := range sites {
		s, err := org.InsertSite(ctx, tx, o.ID, org.SiteDetails{Name: name})
		if err != nil {
			return "", err
		}
		w.site[name] = s.ID
	}
	return o.ID, role.Seed(ctx, tx, o.ID)
}

// full is the name of somebody, as it is shown.
func full(name string) string { return strings.ToUpper(name[:1]) + name[1:] + " Lefèvre-D’Arc" }

func (w *world) join(ctx context.Context, tx *store.Tx, name, function string, in ident.Org, admin string, sites []string) error {
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
	given, family, _ := strings.Cut(full(name), " ")
	n := member.New{
		Org: in, Account: a.ID, Status: member.Active, GivenName: given, FamilyName: family, Email: key, Phone: "+33612345678",
		Function: function, GivenBy: "test",
	}
	if function == "physician" {
		n.ProfileType, n.Specialty = member.Unregulated, "Médecine générale"
	}
	for _, s := range sites {
		n.Sites = append(n.Sites, w.site[s])
	}
	if admin != "" {
		r, err := role.BuiltIn(ctx, tx, in, role.Administrator)
		if err != nil {
			return err
		}
		at := access.OrgScope(in)
		if admin != "*" {
			at = access.SiteScope(in, w.site[admin])
		}
		n.Roles = []role.Given{{Role: r.ID, Scope: at}}
	}
	m, err := member.Insert(ctx, tx, n)
	w.account[name], w.id[name] = a.ID, m.ID
	return err
}

// What paul has, beside the administration of nord: 3 agendas, a mailbox and an identity of his own;
// a room that he alone manages, with a level on another; 40 tasks, 25 appointments, 6 letters; a
// delegation given and one received; an access group, a single permission, a token, an endpoint, an
// invitation that he sent and a draft.
func (w *world) furnish() {
	w.Helper()
	ctx, claire := w.Context(), w.as("claire")
	for _, r := range []struct {
		key, holder string
		kind        resource.Type
	}{
		{"agenda1", "paul", resource.Agenda}, {"agenda2", "paul", resource.Agenda}, {"agenda3", "paul", resource.Agenda},
		{"mailbox", "paul", resource.MessagingProfile}, {"name", "paul", resource.Identity}, {"room", "", resource.Agenda},
		{"office", "", resource.Agenda}, {"service", "", resource.Identity}, {"own", "weber", resource.Agenda},
	} {
		d := resource.Details{Site: w.site["nord"], Kind: resource.OfService, Name: r.key}
		if r.holder != "" {
			d.Kind, d.Holder = resource.OfPractitioner, w.id[r.holder]
		}
		v, err := w.things.Create(ctx, claire, w.a, r.kind, d)
		w.Must(err)
		w.thing[r.key] = v.ID
	}
	_, err := w.grants.Apply(ctx, claire, w.a, grant.Wanted{Changes: []grant.Change{
		{Member: w.id["paul"], Resource: w.thing["room"], Level: grant.Manage},
		{Member: w.id["paul"], Resource: w.thing["office"], Level: grant.Read},
	}})
	w.Must(err)
	for _, d := range []grant.NewDelegations{
		{Identities: []resource.ID{w.thing["service"]}, Member: w.id["paul"], Acts: []grant.Act{grant.Send}},
		{Identities: []resource.ID{w.thing["name"]}, Member: w.id["lise"], Acts: []grant.Act{grant.Send}},
	} {
		_, err := w.names.Give(ctx, claire, w.a, d)
		w.Must(err)
	}
	w.work("paul", workitem.Task, 40)
	w.work("paul", workitem.Appointment, 25)
	w.work("paul", workitem.Letter, 6)
	w.work("lise", workitem.Task, 2)
	g, err := w.groups.Create(ctx, claire, w.a, recordgroup.Details{Name: "Enfants"})
	w.Must(err)
	_, err = w.groups.SetMembers(ctx, claire, w.a, g.ID, g.Version, []ident.Member{w.id["paul"]}, recordgroup.Dates{})
	w.Must(err)
	w.group = g.ID
	w.make()
}

// make is what paul made, with the rights that it takes.
func (w *world) make() {
	w.Helper()
	ctx := w.Context()
	whole := access.OrgScope(w.a)
	w.Write(func(ctx context.Context, tx *store.Tx) error {
		var list []member.GivenPermission
		for _, p := range []access.Permission{access.WebhooksEdit, access.TokensEdit} {
			list = append(list, member.GivenPermission{Permission: p, Scope: whole})
		}
		return member.Give(ctx, tx, member.Gift{Org: w.a, Member: w.id["paul"], Permissions: list, By: "test"})
	})
	made, err := token.Tokens{Run: w.run}.Make(ctx, w.as("paul"), token.New{
		Kind: token.OfOrganization, Org: w.a, Name: "Agenda", Permissions: []access.Permission{access.WebhooksEdit},
	})
	w.Must(err)
	w.token = made.Token.ID
	hook, err := w.hooks.Make(ctx, w.as("paul"), w.a, webhook.Details{
		Name: "Agenda", URL: "https://agenda.example/events", Kinds: []event.Kind{event.MemberLeft},
	})
	w.Must(err)
	w.hook = hook.Webhook.ID
	_, err = draft.Drafts{Run: w.run}.Save(ctx, w.as("paul"), draft.Draft{Org: w.a, Kind: "member.new", Body: "{}"})
	w.Must(err)
	w.Write(func(ctx context.Context, tx *store.Tx) error {
		_, err := invitation.Insert(ctx, tx, invitation.Batch{
			Org: w.a, By: invitation.InviterOf(w.as("paul"), w.a, false), ByName: "Paul", Language: text.FR, Welcome: invitation.ByLink,
			Sites: []ident.Site{w.site["nord"]}, To: []invitation.To{{Email: account.Email{Key: "x@exemple.fr", Address: "x@exemple.fr"}}},
		})
		return err
	})
}

// work registers items of somebody, one a day from the tenth day on.
func (w *world) work(of string, k workitem.Kind, n int) {
	w.Helper()
	lines := make([]workitem.Line, n)
	for i := range lines {
		due := w.DB.Now().Add(time.Duration(i+10) * 24 * time.Hour)
		lines[i] = workitem.Line{
			Ref:     workitem.Ref{Source: "agenda", External: fmt.Sprintf("%s-%s-%d", of, k, i)},
			Details: workitem.Details{Kind: k, Owner: w.id[of], Site: w.site["nord"], Due: &due},
		}
	}
	_, err := w.items.RegisterMany(w.Context(), w.as("claire"), w.a, lines)
	w.Must(err)
}

func (w *world) as(name string) access.Actor {
	return access.Actor{
		Kind: access.Person, Account: w.account[name], Name: full(name), Session: ident.NewSession(), StepUp: w.DB.Now(), Via: "test",
		Address: "192.0.2.7",
	}
}

// order names who is asked to leave, as it should be.
func order(name string, choices ...departure.Choice) departure.Order {
	return departure.Order{FullName: full(name), Choices: choices}
}

func (w *world) to(what departure.What, object, to string) departure.Choice {
	return departure.Choice{What: what, Object: object, To: w.id[to]}
}

// all gives everything that paul has to colleagues.
func (w *world) all() []departure.Choice {
	list := []departure.Choice{
		w.to(departure.Administration, w.site["nord"].String(), "julie"), w.to(departure.Work, "task", "lise"),
		w.to(departure.Work, "appointment", "weber"), w.to(departure.Management, w.thing["room"].String(), "julie"),
		w.to(departure.Webhook, w.hook.String(), "claire"),
	}
	for _, key := range []string{"agenda1", "agenda2", "agenda3", "mailbox", "name"} {
		list = append(list, w.to(departure.Resource, w.thing[key].String(), "weber"))
	}
	return list
}

// succeeds is the only choice that paul's departure asks for.
func (w *world) succeeds() departure.Choice {
	return w.to(departure.Administration, w.site["nord"].String(), "julie")
}

func (w *world) start(by string, o departure.Order) (departure.Departure, error) {
	return w.d.Start(w.Context(), w.as(by), w.a, w.id["paul"], o)
}

// sweep does what the server does by itself.
func (w *world) sweep() {
	w.Helper()
	w.Must(w.d.Sweep(w.Context()))
}

func (w *world) view(by string) departure.View {
	w.Helper()
	v, err := w.d.Preview(w.Context(), w.as(by), w.a, w.id["paul"])
	w.Must(err)
	return v
}

// line is the line of a view about one thing.
func line(v departure.View, what departure.What, object string) departure.Holding {
	i := slices.IndexFunc(v.Holdings, func(h departure.Holding) bool { return h.What == what && h.Object == object })
	if i < 0 {
		return departure.Holding{}
	}
	return v.Holdings[i]
}

// owned counts the open items of somebody, by kind.
func (w *world) owned(name string, k workitem.Kind) int {
	w.Helper()
	n := w.Count(`select count(*) from work_item where org_id = $1 and owner_id = $2 and kind = $3 and state = 'open' and detached_at is null`,
		w.a, w.id[name], k)
	if told := w.Count(`select coalesce(sum(items), 0) from work_item_count where org_id = $1 and owner_id = $2 and kind = $3`,
		w.a, w.id[name], k); told != n {
		w.Errorf("%s has %d of %s, and %d are told", name, n, k, told)
	}
	return n
}

// holder says who holds a resource, and whether it is open.
func (w *world) holder(key string) string {
	w.Helper()
	found := ""
	w.Must(w.DB.Read(w.Context(), func(tx *store.Tx) error {
		list, err := resource.Load(w.Context(), tx, w.a, []resource.ID{w.thing[key]})
		for _, r := range list {
			for name, id := range w.id {
				if id == r.Holder {
					found = name
				}
			}
			found += " " + string(r.Status)
		}
		return err
	}))
	return found
}

// state is everything that a departure can change, as text: what one undoing must give back.
func (w *world) state() string {
	w.Helper()
	var out []string
	for _, query := range []string{
		`select 'state ' || status from member_state where org_id = $1 and member_id = $2 and known_until is null`,
		`select 'role ' || role_id || ' ' || scope || ' ' || cast(starts_at as text) || ' ' || given_by from member_role
			where org_id = $1 and member_id = $2 and known_until is null order by role_id, scope`,
		`select 'permission ' || permission || ' ' || scope from member_permission where org_id = $1 and member_id = $2 and known_until is null
			order by permission`,
		`select 'site ' || site_id from member_site where org_id = $1 and member_id = $2 and known_until is null order by site_id`,
		`select 'level ' || resource_id || ' ' || level from access_grant where org_id = $1 and member_id = $2 and known_until is null order by resource_id`,
		`select 'group ' || group_id from record_group_member where org_id = $1 and member_id = $2 and known_until is null`,
		`select 'delegation ' || d.identity_id || ' ' || d.member_id || ' ' || d.act || ' ' || d.state from delegation d
			where d.org_id = $1 and d.known_until is null and (d.member_id = $2 or d.identity_id in (
				select r.resource_id from resource_state r where r.org_id = $1 and r.holder_id = $2 and r.known_until is null))
			order by d.identity_id, d.member_id, d.act`,
		`select 'holds ' || resource_id || ' ' || status from resource_state where org_id = $1 and holder_id = $2 and known_until is null order by resource_id`,
		`select 'item ' || external_id || ' ' || state from work_item where org_id = $1 and owner_id = $2 and detached_at is null order by external_id`,
	} {
		w.Must(w.DB.Read(w.Context(), func(tx *store.Tx) error {
			list, err := store.All(w.Context(), tx, store.Value[string], query, w.a, w.id["paul"])
			out = append(out, list...)
			return err
		}))
	}
	return strings.Join(out, "\n")
}

// trail counts the done acts of a verb.
func (w *world) trail(verb string) int {
	w.Helper()
	return w.Count(`select count(*) from audit_event where chain = $1 and verb = $2 and outcome = 'done'`, w.a, verb)
}

// jobs counts the letters of a kind that were ordered.
func (w *world) jobs(kind string) int {
	w.Helper()
	return w.Count(`select count(*) from job where kind = $1`, kind)
}

// sentByPaul counts the invitations that wait on paul's authority, and checks that they open nothing.
func (w *world) sentByPaul(tx *store.Tx) (int64, error) {
	ids, err := store.All(w.Context(), tx, store.Value[ident.Invitation], `select id from invitation where org_id = $1 and status = 'pending'`, w.a)
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		i, _, err := invitation.Read(w.Context(), tx, w.a, id)
		if err != nil {
			return 0, err
		}
		if stands, err := i.Stands(w.Context(), tx); err != nil || stands {
			w.Errorf("an invitation of paul stands: %v", err)
		}
	}
	return invitation.CountSentBy(w.Context(), tx, w.a, w.account["paul"])
}

func (w *world) on(key string) []resource.ID { return []resource.ID{w.thing[key]} }
