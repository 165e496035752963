package apptest_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"habilis/client"
	"habilis/internal/app"
	"habilis/internal/apptest"
	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// saucier is the practitioner of the published examples, with a number whose key is right.
const (
	saucierRPPS = "10002345675"
	saucierBox  = "jeromebonnet@pro.mssante.fr"
)

// annuaire is the API of the Annuaire Santé, which publishes one practitioner and their mailbox.
func annuaire(t *testing.T) string {
	t.Helper()
	read := func(name string) string {
		b, err := os.ReadFile("../directory/testdata/fhir/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	person := strings.ReplaceAll(read("constructed_Bundle-practitioner-by-rpps_revinclude-roles.json"), "10003461033", saucierRPPS)
	roles := read("constructed_Bundle-practitionerrole-by-practitioner_include-organization.json")
	empty := read("constructed_Bundle-empty.json")
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/fhir+json")
		body := empty
		switch {
		case strings.HasSuffix(r.URL.Path, "/PractitionerRole"):
			body = roles
		case strings.HasSuffix(r.URL.Query().Get("identifier"), "|"+saucierRPPS):
			body = person
		}
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(srv.Close)
	return srv.URL + "/fhir/v2"
}

// VER-2, INV-15: by REST, somebody who registers proves a mailbox that the directory publishes for
// the number they claim; the code goes nowhere else. Once all else is there they get in, decided by
// nobody of the organisation, whose file says why.
func TestRegistrationByMailbox(t *testing.T) {
	api := annuaire(t)
	o := apptest.Options{Config: func(c *app.Config) { c.DirectoryURL, c.DirectoryKey = api, secret.NewText("cle-de-l-annuaire") }}
	eachRegistered(t, o, func(r *registered) {
		const address = "arthur.saucier@cabinet.example"
		c := r.stranger()
		key, f := r.declares(c, address)
		if len(f.Mailboxes) != 1 || f.Mailboxes[0] != saucierBox || f.Mailbox != nil {
			r.t.Fatalf("offered %v, %+v", f.Mailboxes, f.Mailbox)
		}
		r.provesMailbox(c, key)
		r.completes(c, key, f)
		r.enters(address)
		var file struct {
			Verification          string
			Certification, Ruling *struct{}
			Mailbox               struct{ Address, Worth string }
		}
		dos := ident.DossierOf(ident.Member(*f.Member)).String()
		r.Token(r.org).Get(rest(r.org, "/dossiers/"+dos)).JSON(r.t, &file)
		if file.Verification != "verified" || file.Mailbox.Address != saucierBox || file.Mailbox.Worth != "stands" || file.Certification != nil || file.Ruling != nil {
			r.t.Errorf("the file: %+v", file)
		}
	})
}

// declares comes to the step of the papers as the practitioner of the directory.
func (r *registered) declares(c *client.Client, address string) (key string, f client.Registration) {
	r.t.Helper()
	ctx, slug := r.t.Context(), r.org.Slug
	k, err := c.BeginRegistration(ctx, slug, client.RegistrationStart{Email: address, Language: "fr"})
	r.must(err)
	_, err = c.ProveRegistrationEmail(ctx, slug, k.Key, client.RegistrationCode{Code: r.mailed(address)})
	r.must(err)
	_, err = c.ChooseRegistrationPassword(ctx, slug, k.Key, client.RegistrationPassword{NewPassword: apptest.Password})
	r.must(err)
	f, err = c.DeclareRegistration(ctx, slug, k.Key, client.RegistrationPerson{
		GivenName: "Arthur", FamilyName: "Saucier", Function: "physician", Profession: "10", RPPS: saucierRPPS,
	})
	r.must(err)
	return k.Key, f
}

// VER-2: on the page an address that the directory does not publish any more is refused once, and the
// one that it publishes now is offered instead and gets its code. Where the directory said nothing, the
// page says so and nothing else.
func TestMailboxPageFollowsTheDirectory(t *testing.T) {
	api := annuaire(t)
	o := apptest.Options{Config: func(c *app.Config) { c.DirectoryURL, c.DirectoryKey = api, secret.NewText("cle-de-l-annuaire") }}
	eachRegistered(t, o, func(r *registered) {
		const former = "ancienne@pro.mssante.fr"
		key, f := r.declares(r.stranger(), "arthur.saucier@cabinet.example")
		said := func(query string, args ...any) {
			r.t.Helper()
			r.must(r.App.DB.Write(r.t.Context(), []store.Lock{store.Lock(r.org.ID)}, func(tx *store.Tx) error {
				_, err := tx.Exec(r.t.Context(), query, append(args, f.ID)...)
				return err
			}))
		}
		said(`update registration set directory_body = replace(directory_body, $1, $2) where id = $3`, saucierBox, former)
		b, base := r.Browser(), "/register/"+r.org.Slug
		b.Get(base + "/resume/" + key)
		if a := b.Get(base + "/mailbox"); a.Status != http.StatusOK || !strings.Contains(a.Body, `value="`+former+`"`) {
			r.t.Fatalf("what the directory said before: %d", a.Status)
		}
		a := b.Post(base+"/mailbox", url.Values{"address": {former}})
		if a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, "Choisissez une des adresses") ||
			!strings.Contains(a.Body, `value="`+saucierBox+`"`) || strings.Contains(a.Body, `value="`+former+`"`) {
			r.t.Errorf("refused, and then offered: %d\n%s", a.Status, a.Body)
		}
		if a := b.Post(base+"/mailbox", url.Values{"address": {saucierBox}}); a.Status != http.StatusSeeOther || r.mailed(saucierBox) == "" {
			r.t.Errorf("the address of now: %d", a.Status)
		}
		const unsaid, other = "n’a pas dit quelle messagerie MSSanté", "Aucune messagerie MSSanté"
		if a := b.Get(base + "/done"); strings.Contains(a.Body, unsaid) || strings.Contains(a.Body, other) {
			r.t.Error("told that none is offered")
		}
		said(`update registration set directory_body = '' where id = $1`)
		if a := b.Get(base + "/done"); !strings.Contains(a.Body, unsaid) || strings.Contains(a.Body, other) {
			r.t.Errorf("of a directory that was silent:\n%s", a.Body)
		}
	})
}

func (r *registered) provesMailbox(c *client.Client, key string) {
	r.t.Helper()
	ctx, slug := r.t.Context(), r.org.Slug
	_, err := c.SendRegistrationMailboxCode(ctx, slug, key, client.RegistrationMailboxChoice{Address: "moi@pro.mssante.fr"})
	r.refused("an address of their own", err, http.StatusUnprocessableEntity, "invalid")
	_, err = c.ProveRegistrationMailbox(ctx, slug, key, client.RegistrationCode{Code: "123456"})
	r.refused("before any code", err, http.StatusConflict, "registration.mailbox_code_gone")
	f, err := c.SendRegistrationMailboxCode(ctx, slug, key, client.RegistrationMailboxChoice{Address: saucierBox})
	r.must(err)
	if f.Mailbox == nil || !f.Mailbox.Waits || f.Mailbox.ProvedAt != nil {
		r.t.Errorf("sent: %+v", f.Mailbox)
	}
	f, err = c.ProveRegistrationMailbox(ctx, slug, key, client.RegistrationCode{Code: r.mailed(saucierBox)})
	r.must(err)
	if f.Mailbox == nil || f.Mailbox.ProvedAt == nil || f.Verification != "unchecked" {
		r.t.Errorf("proved: %+v, %s", f.Mailbox, f.Verification)
	}
}

// enters signs in: the file is judged after the answer, so that the door opens a moment later.
func (r *registered) enters(address string) {
	r.t.Helper()
	for until := time.Now().Add(10 * time.Second); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		for _, m := range r.Mails(address) {
			if !strings.Contains(m.Subject, "est ouvert") {
				continue
			}
			if a := r.Browser().Post("/login", url.Values{"email": {address}, "password": {apptest.Password}}); a.Status != http.StatusSeeOther {
				r.t.Errorf("at the door: %d", a.Status)
			}
			return
		}
	}
	r.t.Error("nobody was let in")
}
