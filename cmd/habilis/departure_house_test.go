package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/app"
	"habilis/internal/apptest"
	"habilis/internal/credential"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/resource"
	"habilis/internal/role"
	"habilis/internal/store"
	"habilis/internal/text"
	"habilis/internal/token"
	"habilis/internal/workitem"
)

// What the practitioner has (issue 8, Must show 1).
const (
	tasksHeld, appointmentsHeld, agendasHeld = 40, 25, 3
	// partsOfLeaving: the end of all access; tasks, appointments; the agendas and the identity; the end.
	partsOfLeaving = 1 + 2 + agendasHeld + 1 + 1
	// partsOfReturn: rights and resources; the work; the end.
	partsOfReturn = 1 + 1 + 1
)

// house is an organisation whose only administrator, paul, is the practitioner who leaves. weber is a
// physician of the same site, julie and lise are secretaries.
type house struct {
	t     *testing.T
	app   *app.App
	name  string
	id    ident.Org
	site  ident.Site
	who   map[string]ident.Member
	held  []resource.ID // by paul
	token string        // of whoever administers the organisation
}

// newHouse makes an organisation, the same each time.
func newHouse(t *testing.T, a *app.App, name string) *house {
	t.Helper()
	h := &house{t: t, app: a, name: name, who: map[string]ident.Member{}}
	ctx := t.Context()
	h.must(a.DB.Write(ctx, []store.Lock{store.Installation}, func(tx *store.Tx) error { return h.found(ctx, tx) }))
	h.must(a.DB.Write(ctx, []store.Lock{store.Installation, store.Lock(h.id)}, func(tx *store.Tx) error { return h.people(ctx, tx) }))
	h.furnish(ctx)
	made, err := a.Tokens.Make(ctx, apptest.Operator, token.New{Kind: token.OfOrganization, Org: h.id, Name: "essai"})
	h.must(err)
	h.token = "Bearer " + made.Secret.Reveal()
	return h
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) found(ctx context.Context, tx *store.Tx) error {
	o, err := org.Insert(ctx, tx, org.New{Slug: h.name, Details: org.Details{Name: "Maison " + h.name, Kind: org.Practice}})
	if err != nil {
		return err
	}
	s, err := org.InsertSite(ctx, tx, o.ID, org.SiteDetails{Name: "Siège"})
	h.id, h.site = o.ID, s.ID
	return err
}

func (h *house) people(ctx context.Context, tx *store.Tx) error {
	if err := role.Seed(ctx, tx, h.id); err != nil {
		return err
	}
	for _, name := range []string{"paul", "weber", "julie", "lise"} {
		if err := h.join(ctx, tx, name); err != nil {
			return err
		}
	}
	return nil
}

// address is that of somebody of the house.
func (h *house) address(name string) string { return name + "@" + h.name + ".example" }

func (h *house) join(ctx context.Context, tx *store.Tx, name string) error {
	key := h.address(name)
	a, err := account.Insert(ctx, tx, account.New{
		Email: account.Email{Key: key, Address: key}, Names: account.Names{GivenName: name, FamilyName: "Essai"}, Language: text.FR,
	})
	if err != nil {
		return err
	}
	if err := credential.SetPassword(ctx, tx, a.ID, "$argon2id$test"); err != nil {
		return err
	}
	n := member.New{
		Org: h.id, Account: a.ID, Status: member.Active, GivenName: name, FamilyName: "Essai", Email: key, Function: "secretary",
		Sites: []ident.Site{h.site}, GivenBy: "test",
	}
	if name == "paul" || name == "weber" {
		n.Function, n.ProfileType, n.Specialty = "physician", member.Unregulated, "Médecine générale"
	}
	if name == "paul" {
		r, err := role.BuiltIn(ctx, tx, h.id, role.Administrator)
		if err != nil {
			return err
		}
		n.Roles = []role.Given{{Role: r.ID, Scope: access.OrgScope(h.id)}}
	}
	m, err := member.Insert(ctx, tx, n)
	h.who[name] = m.ID
	return err
}

// furnish gives paul agendas, an identity on which he gave a delegation, a delegation on one of the
// service, and work.
func (h *house) furnish(ctx context.Context) {
	h.t.Helper()
	for n := range agendasHeld {
		h.resource(ctx, resource.Agenda, fmt.Sprintf("Agenda %d", n+1), h.who["paul"])
	}
	own := h.resource(ctx, resource.Identity, "Docteur Paul", h.who["paul"])
	service := h.resource(ctx, resource.Identity, "Accueil", ident.Member(""))
	for _, d := range []grant.NewDelegations{
		{Identities: []resource.ID{own}, Member: h.who["lise"], Acts: []grant.Act{grant.Send}},
		{Identities: []resource.ID{service}, Member: h.who["paul"], Acts: []grant.Act{grant.Send}},
	} {
		_, err := h.app.Delegations.Give(ctx, apptest.Operator, h.id, d)
		h.must(err)
	}
	lines := slices.Concat(h.work(workitem.Task, tasksHeld), h.work(workitem.Appointment, appointmentsHeld))
	_, err := h.app.WorkItems.RegisterMany(ctx, apptest.Operator, h.id, lines)
	h.must(err)
}

func (h *house) resource(ctx context.Context, r resource.Type, name string, holder ident.Member) resource.ID {
	h.t.Helper()
	d := resource.Details{Site: h.site, Kind: resource.OfService, Name: name}
	if !holder.IsZero() {
		d.Kind, d.Holder = resource.OfPractitioner, holder
	}
	v, err := h.app.Resources.Create(ctx, apptest.Operator, h.id, r, d)
	h.must(err)
	if !holder.IsZero() {
		h.held = append(h.held, v.ID)
	}
	return v.ID
}

// work are items of paul's, one a day from the tenth day on.
func (h *house) work(k workitem.Kind, n int) []workitem.Line {
	lines := make([]workitem.Line, n)
	for i := range lines {
		due := time.Now().Add(time.Duration(i+10) * 24 * time.Hour)
		lines[i] = workitem.Line{
			Ref:     workitem.Ref{Source: "agenda", External: fmt.Sprintf("%s-%d", k, i)},
			Details: workitem.Details{Kind: k, Owner: h.who["paul"], Site: h.site, Due: &due},
		}
	}
	return lines
}

// order asks for the departure: julie administers from then on, lise has the tasks, weber the rest.
func (h *house) order() []byte {
	choice := func(what, object, to string) map[string]string {
		return map[string]string{"what": what, "object": object, "to": h.who[to].String()}
	}
	list := []map[string]string{
		choice("administration", "organization", "julie"), choice("work", "task", "lise"), choice("work", "appointment", "weber"),
	}
	for _, r := range h.held {
		list = append(list, choice("resource", string(r), "weber"))
	}
	return must(json.Marshal(map[string]any{"full_name": "paul Essai", "reassignments": list}))
}
