package web

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/fault"
	"habilis/internal/org"
	"habilis/internal/session"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

// visit is one request: who makes it, in which language, in which organisation.
type visit struct {
	*http.Request
	s     *Server
	w     http.ResponseWriter
	by    access.Actor
	me    account.Account // the zero value for a stranger
	t     *text.Printer
	nonce string

	session  session.Session // of whoever is signed in
	isLocked bool            // it is locked: only the pages that unlock it are open (lockOpens)
	shares   *bool           // chosen in this request: the workstation is shared, or is not

	whole    io.ReadCloser // the body of a form that sends a file, without its bound
	received func()        // gives back what that file took; nil: none did

	// Of a page under /o/{org}.
	org  org.Org
	held access.Held
}

// route is one page: its pattern, who may come, what answers.
type route struct {
	pattern string
	guard   guard
	handle  func(*visit) error
}

// guard says who may come to a page; the act itself checks the right.
type guard uint8

const (
	open      guard = iota // everybody
	signed                 // whoever is signed in
	within                 // a member of the organisation of the URL
	leaving                // the same, whatever its policy asks of the session: whoever may not come in may leave
	linkPages              // everybody, from a mailed link: no referrer leaves
)

// needsSession reports whether only somebody signed in may come.
func (g guard) needsSession() bool { return g == signed || g == within || g == leaving }

// MaxForm bounds a form (rules.md 14).
const (
	MaxForm       = 1 << 20
	MaxFormFields = 100
)

// Faults of the door itself.
var (
	errForm     = fault.New(fault.Malformed, "web.form")
	errTooLarge = fault.New(fault.TooLarge, "api.too_large")
	errFields   = fault.New(fault.TooLarge, "web.too_many_fields")
	errPage     = fault.New(fault.NotFound, "web.no_page")
	errOrigin   = fault.New(fault.Forbidden, "web.origin")
)

func (s *Server) serve(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &visit{Request: r, s: s, w: w, nonce: rand.Text()}
		v.headers(rt.guard)
		defer v.release()
		err := v.begin(rt) //nolint:contextcheck // a visit holds its request, and the context with it
		if err == nil {
			err = rt.handle(v)
		}
		if err != nil {
			v.fail(err) //nolint:contextcheck // the same
		}
	})
}

// begin finds who comes and in which language, reads the form, opens the guard.
func (v *visit) begin(rt route) error {
	v.by = access.Actor{Kind: access.Anonymous, Address: v.s.Address(v.Request), Via: "web", Request: v.s.RequestID(v.Request)}
	v.language("")
	in, ok, err := v.s.signedIn(v.Request)
	if err != nil {
		return err
	}
	if ok {
		v.me, v.by, v.session = in.Account, v.s.actor(v.Request, in), in.Session
		v.language(string(in.Account.Language))
	} else if ok, err = v.meetLock(rt); err != nil {
		return err
	}
	if err := v.form(ok); err != nil {
		return err
	}
	if rt.guard.needsSession() && !ok {
		return access.ErrUnauthenticated
	}
	if err := v.countSearch(); err != nil {
		return err
	}
	switch rt.guard {
	case within:
		return v.enter()
	case leaving:
		return v.whose()
	case open, signed, linkPages:
	}
	return nil
}

func (v *visit) language(of string) {
	if of == "" {
		of = v.s.cookie(v.Request, cookieLanguage)
	}
	v.t = text.For(text.Match(of, v.Header.Get("Accept-Language")))
}

// form reads the body of an unsafe request within its bounds. A request that
// carries our cookie must say where it comes from (rules.md 9).
func (v *visit) form(signedIn bool) error {
	if v.Method == http.MethodGet || v.Method == http.MethodHead {
		return nil
	}
	if signedIn && v.Header.Get("Sec-Fetch-Site") == "" && v.Header.Get("Origin") == "" {
		return errOrigin
	}
	if most, file := uploadForms[v.Pattern]; file {
		v.expectUpload(most)
		return nil
	}
	v.Body = http.MaxBytesReader(v.w, v.Body, MaxForm)
	if err := v.ParseForm(); err != nil {
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			return errTooLarge
		}
		return errForm.Because(err)
	}
	n := 0
	for _, values := range v.PostForm {
		n += len(values)
	}
	if most := v.maxFields(); n > most {
		return errFields.With("Max", most)
	}
	return nil
}

// maxFields bounds the fields of this form: the usual number, or that of the few
// pages that list people, sites or roles (rules.md 14).
func (v *visit) maxFields() int {
	if most, ok := formFields[v.Pattern]; ok {
		return most
	}
	return MaxFormFields
}

// headers of every page (rules.md 8). Pages opened by a mailed link send no
// referrer, and nothing that a person sees is kept by a cache.
func (v *visit) headers(g guard) {
	h := v.w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'nonce-"+v.nonce+"'; style-src 'self' 'nonce-"+v.nonce+"'; "+
		"img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; "+
		"base-uri 'none'; object-src 'none'; report-to csp")
	h.Set("Reporting-Endpoints", `csp="/csp-report"`)
	h.Set("Cache-Control", "no-store")
	if g == linkPages {
		h.Set("Referrer-Policy", "no-referrer")
	}
}

// show renders a page to a buffer and sends it.
func (v *visit) show(status int, page templ.Component) error {
	var b bytes.Buffer
	if err := page.Render(v.Context(), &b); err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.WriteHeader(status)
	_, err := b.WriteTo(v.w)
	return err
}

// to answers 303: the page to look at after an act.
func (v *visit) to(path string) error {
	http.Redirect(v.w, v.Request, path, http.StatusSeeOther)
	return nil
}

// page is what every layout needs to know of this request.
func (v *visit) page(title string) ui.Page {
	return ui.Page{
		Text: v.t, Title: title, Path: v.URL.RequestURI(), Nonce: v.nonce,
		Person: v.person(), Flashes: v.takeFlash(), SupportURL: v.s.supportURL(), Session: v.watch(),
	}
}

func (v *visit) person() *ui.Person {
	if v.me.ID.IsZero() {
		return nil
	}
	p := &ui.Person{Name: v.name(), Initials: initials(v.me.GivenName, v.me.FamilyName)}
	if v.me.PlatformRole != account.NoRole {
		p.Role = v.t.T("web.platform_role." + string(v.me.PlatformRole))
		p.Links = append(p.Links, ui.MenuLink{Label: v.t.T("web.platform"), Href: pathPlatform, Icon: ui.IconBuildings})
	}
	return p
}

// name is how the person signed in is called; an account without a name yet is
// called by its address.
func (v *visit) name() string {
	if n := strings.TrimSpace(v.me.Name()); n != "" {
		return n
	}
	return v.me.Email.Address
}

func initials(given, family string) string {
	var out []rune
	for _, s := range []string{given, family} {
		for _, r := range s {
			out = append(out, r)
			break
		}
	}
	return strings.ToUpper(string(out))
}

func (s *Server) supportURL() string {
	if s.Support == "" {
		return ""
	}
	return "mailto:" + s.Support
}

// setSession puts the token of a session into its cookie; it lives as long as
// the browser does, and no longer than the session.
func (v *visit) setSession(o session.Opened) {
	v.s.setCookie(v.w, cookieSession, o.Token.Reveal(), 0)
}
