package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/resource"
	"habilis/internal/store"
)

const matrixPath = "/o/tilleuls/access/agendas"

// actor is somebody signed in, for the setting of a test.
func (w *world) actor(email string) access.Actor {
	w.Helper()
	by := access.Actor{Kind: access.Person, Session: ident.NewSession(), Via: "web"}
	w.read(func(ctx context.Context, tx *store.Tx) error {
		key, _ := account.ParseEmail(email)
		a, _, err := account.ByEmail(ctx, tx, key.Key)
		by.Account, by.Name = a.ID, a.Name()
		return err
	})
	return by
}

// thing makes an agenda or a mailbox at a site; holder may be empty.
func (w *world) thing(p place, t resource.Type, name, detail string, site ident.Site, holder string) resource.ID {
	w.Helper()
	d := resource.Details{Name: name, Detail: detail, Site: site, Kind: resource.OfRoom}
	if t != resource.Agenda {
		d.Kind = resource.OfService
	}
	if holder != "" {
		d.Kind, d.Holder = resource.OfPractitioner, w.id(p, holder)
	}
	admin := bruno
	if p.org.ID == w.rives.org.ID {
		admin = olivia
	}
	r, err := w.app.App.Resources.Create(w.Context(), w.actor(admin), p.org.ID, t, d)
	if err != nil {
		w.Fatal(err)
	}
	return r.ID
}

// office are the agendas and the mailbox of the tests: Claire's and the room at the first
// site, Yanis's at the second.
type office struct{ claire, yanis, room, mail resource.ID }

func (w *world) office() office {
	w.Helper()
	t := w.tilleuls
	w.write(func(ctx context.Context, tx *store.Tx) error { // who holds an agenda receives patients
		_, err := tx.Exec(ctx, `update member_state set profile_type = 'regulated' where email = $1`, yanis)
		return err
	})
	return office{
		claire: w.thing(t, resource.Agenda, "Dr Morvan", "Généraliste", t.sites[0].ID, claire),
		yanis:  w.thing(t, resource.Agenda, "Dr Belkacem", "Généraliste", t.sites[1].ID, yanis),
		room:   w.thing(t, resource.Agenda, "Échographie", "Salle", t.sites[0].ID, ""),
		mail:   w.thing(t, resource.MessagingProfile, "Accueil", "Secrétariat", t.sites[0].ID, ""),
	}
}

// give gives levels without the pages.
func (w *world) give(email string, changes ...grant.Change) {
	w.Helper()
	if _, err := w.app.App.Grants.Apply(w.Context(), w.actor(email), w.tilleuls.org.ID, grant.Wanted{Changes: changes}); err != nil {
		w.Fatal(err)
	}
}

func (w *world) levelOf(email string, r resource.ID) (l string) {
	w.Helper()
	err := w.db.Read(w.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(w.Context(), `select coalesce(max(level), '') from access_grant where org_id = $1 and member_id = $2 and resource_id = $3 and known_until is null`,
			w.tilleuls.org.ID, w.id(w.tilleuls, email), r).Scan(&l)
	})
	if err != nil {
		w.Fatal(err)
	}
	return l
}

// cell is the name of the control that has this label.
func (p *page) cell(label string) string {
	p.w.Helper()
	for _, n := range p.all("select") {
		if plain(attr(n, "aria-label")) == label {
			return attr(n, "name")
		}
	}
	p.w.Fatalf("%s (%d) has no cell %q:\n%s", p.path, p.status, label, p.text())
	return ""
}

func (p *page) hasCell(label string) bool {
	for _, n := range p.all("select") {
		if plain(attr(n, "aria-label")) == label {
			return true
		}
	}
	return false
}

// matrixForm gives the fields of the matrix, and where it is sent.
func (p *page) matrixForm() (url.Values, string) {
	p.w.Helper()
	for _, f := range p.all("form") {
		if action := attr(f, "action"); strings.Contains(action, "/access/") && attr(f, "method") == "post" && !strings.Contains(action, "/review") {
			return p.form(action), action
		}
	}
	p.w.Fatalf("%s (%d) has no matrix:\n%s", p.path, p.status, p.text())
	return nil, ""
}

// set changes cells of a matrix, presses a button and goes where that leads.
func (b *browser) set(p *page, do string, cells ...string) *page {
	b.w.Helper()
	form, action := p.matrixForm()
	for n := 0; n < len(cells); n += 2 {
		form.Set(p.cell(cells[n]), cells[n+1])
	}
	form.Set("do", do)
	return b.follow(b.post(action, form)).answers(http.StatusOK)
}

// save sends the review as it stands.
func (b *browser) save(p *page, reason string) *page {
	b.w.Helper()
	form := p.form(p.reviewAction())
	form.Set("do", "save")
	form.Set("reason", reason)
	return b.post(p.reviewAction(), form)
}

func (p *page) reviewAction() string {
	for _, f := range p.all("form") {
		if action := attr(f, "action"); strings.Contains(action, "/access/review-changes") {
			return action
		}
	}
	p.w.Fatalf("%s (%d) is no review:\n%s", p.path, p.status, p.text())
	return ""
}

// pendingLines counts the draft's cells as the plaque tells them.
func (p *page) pendingCount(n int) *page {
	p.w.Helper()
	want := "Aucun changement en attente"
	switch {
	case n == 1:
		want = "1 changement pour"
	case n > 1:
		want = fmt.Sprintf("%d changements pour", n)
	}
	return p.says(want)
}
