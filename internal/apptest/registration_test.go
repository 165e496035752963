package apptest_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"habilis/client"
	"habilis/internal/app"
	"habilis/internal/apptest"
	"habilis/internal/dossier"
	"habilis/internal/notify"
	"habilis/internal/papertest"
	"habilis/internal/setting"
)

// registered is a server with an organisation in which anybody may register.
type registered struct {
	*apptest.Server
	t   *testing.T
	org apptest.Org
}

func eachRegistered(t *testing.T, o apptest.Options, fn func(r *registered)) {
	t.Helper()
	apptest.EachWith(t, o, func(t *testing.T, s *apptest.Server) {
		r := &registered{s, t, s.NewOrg("CPTS des Essais", "claire.morvan@cpts.example")}
		_, err := s.App.Settings.SetRegistration(context.Background(), apptest.Operator, r.org.ID, 0, setting.Registration{Open: true})
		r.must(err)
		fn(r)
	})
}

func (r *registered) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// stranger is a program of somebody whom the server does not know.
func (r *registered) stranger() *client.Client {
	r.t.Helper()
	c, err := client.New(client.Config{BaseURL: r.URL, Retries: -1})
	r.must(err)
	return c
}

// refused fails the test unless the API refused so.
func (r *registered) refused(what string, err error, status int, code string) {
	r.t.Helper()
	if p, is := errors.AsType[*client.Problem](err); !is || p.Status != status || p.Code != code {
		r.t.Errorf("%s: %v, want %d %s", what, err, status, code)
	}
}

var sixDigits = regexp.MustCompile(`\b[0-9]{6}\b`)

// mailed is the code of the newest letter to an address.
func (r *registered) mailed(address string) string {
	r.t.Helper()
	return sixDigits.FindString(r.Mail(address).Text)
}

// texted is the code of the first message that was sent.
func (r *registered) texted() string {
	r.t.Helper()
	for until := time.Now().Add(10 * time.Second); time.Now().Before(until); time.Sleep(5 * time.Millisecond) {
		list, err := notify.ReadSMSOutbox(r.Data)
		r.must(err)
		if len(list) > 0 {
			return sixDigits.FindString(list[0].Text)
		}
	}
	r.t.Fatal("no message")
	return ""
}

// VER-1, INV-15, LST-2: the whole way of somebody who registers, by REST, from the public page to the
// file that is sent: they stand in the list, unchecked, and cannot sign in; the mailed link opens their
// file, and nothing else does.
func TestRegistrationByREST(t *testing.T) {
	eachRegistered(t, apptest.Options{}, func(r *registered) {
		const address = "rosa.vidal@cabinet.example"
		ctx, slug, c := t.Context(), r.org.Slug, r.stranger()
		if a := r.Browser().Get("/register/" + slug); a.Status != http.StatusOK || !strings.Contains(a.Body, "CPTS des Essais") {
			t.Fatalf("the page: %d", a.Status)
		}
		k, err := c.BeginRegistration(ctx, slug, client.RegistrationStart{Email: address, Language: "fr"})
		r.must(err)
		at := func(f client.Registration, err error, next string) client.Registration {
			t.Helper()
			r.must(err)
			if f.Next != next {
				t.Fatalf("the next step is %q, want %q", f.Next, next)
			}
			return f
		}
		f, err := c.GetRegistration(ctx, slug, k.Key)
		if f = at(f, err, "code"); f.Organization != "CPTS des Essais" || f.EmailProved || f.Member != nil || f.Verification != "unchecked" {
			t.Errorf("begun: %+v", f)
		}
		f, err = c.ProveRegistrationEmail(ctx, slug, k.Key, client.RegistrationCode{Code: r.mailed(address)})
		at(f, err, "password")
		_, err = c.ChooseRegistrationPassword(ctx, slug, k.Key, client.RegistrationPassword{NewPassword: "court"})
		r.refused("a weak password", err, http.StatusUnprocessableEntity, "invalid")
		f, err = c.ChooseRegistrationPassword(ctx, slug, k.Key, client.RegistrationPassword{NewPassword: apptest.Password})
		at(f, err, "person")
		person := client.RegistrationPerson{GivenName: "Rosa", FamilyName: "Vidal", Function: "nurse", Profession: "60", RPPS: "10002345675"}
		f, err = c.DeclareRegistration(ctx, slug, k.Key, person)
		if f = at(f, err, "documents"); f.Member == nil || f.RPPS != person.RPPS || f.Profession.Code != "60" || len(f.Missing) == 0 {
			t.Fatalf("declared: %+v", f)
		}
		r.completes(c, k.Key, f)
		r.waits(c, address, *f.Member)
	})
}

// completes gives the papers that are asked, proves the telephone and sends the file.
func (r *registered) completes(c *client.Client, key string, f client.Registration) {
	r.t.Helper()
	ctx, slug := r.t.Context(), r.org.Slug
	for _, kind := range f.Missing {
		var err error
		f, err = c.AddRegistrationDocument(ctx, slug, key, client.DocumentAbout{Kind: kind, Name: kind + ".pdf"}, papertest.PDF("% "+kind))
		r.must(err)
	}
	if len(f.Missing) != 0 || len(f.Documents) == 0 {
		r.t.Errorf("papers: %+v", f)
	}
	agreed := client.RegistrationAgreement{Version: f.ConsentsVersion, Accepted: []int{}}
	_, err := c.CompleteRegistration(ctx, slug, key, agreed)
	r.refused("sent without a telephone", err, http.StatusConflict, "registration.order")
	_, err = c.SendRegistrationCode(ctx, slug, key, client.RegistrationPhone{Number: "06 39 98 76 54"})
	r.must(err)
	f, err = c.ProveRegistrationPhone(ctx, slug, key, client.RegistrationCode{Code: r.texted()})
	r.must(err)
	_, err = c.CompleteRegistration(ctx, slug, key, agreed)
	r.refused("sent without agreement", err, http.StatusUnprocessableEntity, "invalid")
	for i := range f.Consents {
		agreed.Accepted = append(agreed.Accepted, i)
	}
	f, err = c.CompleteRegistration(ctx, slug, key, agreed)
	r.must(err)
	if f.CompletedAt == nil || f.Next != "done" || !f.PhoneProved || strings.Contains(f.Phone, "98 76") {
		r.t.Errorf("sent: %+v", f)
	}
}

// waits: the person of a file that was sent is listed unchecked, gets in nowhere, and comes back by the
// newest link.
func (r *registered) waits(c *client.Client, address, id string) {
	r.t.Helper()
	var list struct {
		Items []struct {
			ID, Verification string
			LastSignIn       *time.Time `json:"last_sign_in_at"`
		}
	}
	r.Token(r.org).Get(rest(r.org, "/members?verification=unchecked")).JSON(r.t, &list)
	if len(list.Items) != 1 || list.Items[0].ID != id || list.Items[0].Verification != "unchecked" || list.Items[0].LastSignIn != nil {
		r.t.Errorf("the list shows %+v", list.Items)
	}
	for _, path := range []string{"/login", "/password/forgot"} {
		same(r.t, path, r.Browser().Post(path, url.Values{"email": {address}, "password": {apptest.Password}}),
			r.Browser().Post(path, url.Values{"email": {"lina.petit@cabinet.example"}, "password": {apptest.Password}}))
	}
	r.MailAfter(address, 2) // the code, the link of the file that began, and that of the file that was sent
	var opened []client.Registration
	for _, k := range r.Mails(address) {
		if !slices.ContainsFunc(k.Links, func(l string) bool { return strings.Contains(l, "/resume/") }) {
			continue
		}
		_, key, _ := strings.Cut(r.Link(k, "/register/"), "/resume/")
		if f, err := c.GetRegistration(r.t.Context(), r.org.Slug, key); err == nil {
			opened = append(opened, f)
		}
	}
	if len(opened) != 1 || opened[0].Next != "done" || *opened[0].Member != id {
		r.t.Errorf("the links open %+v", opened)
	}
	_, err := c.GetMe(r.t.Context())
	r.refused("without a session", err, http.StatusUnauthorized, "access.unauthenticated")
}

// rules.md 4: five registrations begin from one network address in an hour, also where the
// failed sign-ins of that network are not counted together: a waiting room is behind it.
func TestRegistrationsOfAnExemptNetwork(t *testing.T) {
	o := apptest.Options{Config: func(c *app.Config) { c.ExemptNetworks = []string{"127.0.0.0/8"} }}
	eachRegistered(t, o, func(r *registered) {
		c := r.stranger()
		for range dossier.RegistrationsPerAddress {
			_, err := c.BeginRegistration(t.Context(), r.org.Slug, client.RegistrationStart{Email: "rosa.vidal@cabinet.example"})
			r.must(err)
		}
		_, err := c.BeginRegistration(t.Context(), r.org.Slug, client.RegistrationStart{Email: "paul.roy@cabinet.example"})
		r.refused("one too many", err, http.StatusTooManyRequests, "limit.exceeded")
	})
}
