package web

import (
	"net/http"
	"slices"

	"habilis/internal/account"
	"habilis/internal/enrolment"
	"habilis/internal/fault"
	"habilis/internal/member"
	"habilis/internal/merge"
	"habilis/internal/secret"
	"habilis/internal/session"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

var activationRoutes = []route{
	{"GET /activate/{token}", linkPages, (*visit).activationLink},
	{"GET /activate", linkPages, (*visit).activation},
	{"POST /activate", linkPages, (*visit).activate},
	{"POST /activate/join", linkPages, (*visit).join},
}

func (v *visit) activationLink() error { return v.keepLink("/activate") }

// activationView is what the page of an invitation shows.
type activationView struct {
	Offer    enrolment.Offer
	Person   personView
	Function string
	Choose   bool   // the person chooses their function: the invitation left it open
	Mine     bool   // signed in with the invited address: one button joins
	Other    bool   // signed in as somebody else (INV-02)
	Kept     string // their own address, when the account of the invited one gave way to theirs; else empty
}

// activation shows what the link offers. Opening it spends nothing (MEM-13, INV-09).
func (v *visit) activation() error {
	offer, err := v.offer()
	if err != nil {
		return err
	}
	view, err := v.activationView(offer)
	if err != nil {
		return err
	}
	view.Person.Title, view.Person.GivenName, view.Person.FamilyName = offer.Names.Title, offer.Names.GivenName, offer.Names.FamilyName
	return v.show(http.StatusOK, ActivationPage(v.page(v.t.T("activation.title")), view))
}

// offer reads what the kept link offers; a stranger reads it in the invitation's
// language unless the browser chose one.
func (v *visit) offer() (enrolment.Offer, error) {
	offer, err := v.s.Enrolments.Open(v.Context(), v.by, v.s.cookie(v.Request, cookieLink))
	if err == nil && v.me.ID.IsZero() && v.s.cookie(v.Request, cookieLanguage) == "" && offer.Language != "" {
		v.t = text.For(offer.Language)
	}
	return offer, err
}

func (v *visit) activationView(offer enrolment.Offer) (activationView, error) {
	mine := !v.me.ID.IsZero() && v.me.Email.Key == offer.Email.Key
	view := activationView{
		Offer: offer, Person: personView{Email: offer.Email.Address}, Function: offer.Function, Choose: offer.Function == "",
		Mine: mine, Other: !v.me.ID.IsZero() && !mine,
	}
	if !view.Other {
		return view, nil
	}
	list, err := v.s.Merges.List(v.Context(), v.by)
	if slices.ContainsFunc(list, func(m merge.AccountMerge) bool {
		gone, _ := account.ParseEmail(m.GoneEmail)
		return m.State == merge.AccountsMerged && gone.Key == offer.Email.Key
	}) {
		view.Kept = v.me.Email.Address
	}
	return view, err
}

// errExtra refuses a form that says more than its page asks: what an invitation gives
// is not to be typed (INV-03).
var errExtra = fault.New(fault.Invalid, "web.extra_fields")

// asksFor refuses every field but these.
func (v *visit) asksFor(names ...string) error {
	for name := range v.PostForm {
		if !slices.Contains(names, name) {
			return errExtra
		}
	}
	return nil
}

// activate spends the link: the account is made, and the person signed in.
func (v *visit) activate() error {
	offer, err := v.offer()
	if err != nil {
		return err
	}
	view, err := v.activationView(offer)
	if err != nil {
		return err
	}
	if view.Other {
		return enrolment.ErrOtherAddress
	}
	if err := v.checkFinish(view); err != nil {
		return err
	}
	names := v.postedNames()
	view.Person.Title, view.Person.GivenName, view.Person.FamilyName = names.Title, names.GivenName, names.FamilyName
	if view.Choose {
		view.Function = v.PostFormValue(fieldFunction)
	}
	password := secret.NewText(v.PostFormValue("new_password"))
	done, err := v.s.Enrolments.Finish(v.Context(), v.by, v.s.cookie(v.Request, cookieLink), enrolment.Finish{
		Names: names, Function: view.Function, Password: password, Language: v.t.Lang(),
	})
	if fault.Is(err, fault.Invalid) {
		view.Person.Errors, view.Person.Summary = v.fieldErrors(err, map[string]spot{fieldFunction: {fieldFunction, "activation.function"}})
		p := v.page(v.t.T("activation.title"))
		p.Error = true
		return v.show(http.StatusUnprocessableEntity, ActivationPage(p, view))
	}
	if err != nil {
		return err
	}
	v.s.setCookie(v.w, cookieLink, "", -1)
	return v.enterAfter(done, password)
}

// checkFinish: the form asks for these, and shows the invited address without asking.
func (v *visit) checkFinish(view activationView) error {
	asked := []string{fieldEmail, fieldTitle, fieldGiven, fieldFamily, "new_password"}
	if view.Choose {
		asked = append(asked, fieldFunction)
	}
	if v.PostForm.Has(fieldEmail) && v.PostFormValue(fieldEmail) != view.Person.Email {
		return errExtra
	}
	return v.asksFor(asked...)
}

// enterAfter signs the person in with the password just chosen. If that cannot be
// done now, the account is made all the same and the sign-in page takes over.
func (v *visit) enterAfter(done enrolment.Finished, password secret.Text) error {
	c := v.client()
	c.First = session.ByInvitation
	res, err := v.s.Logins.SignIn(v.Context(), v.by, done.Email, password, c)
	if err != nil || res.Finish != nil {
		v.flash(ui.ToneOK, v.t.T("activation.done_sign_in"))
		return v.to(pathLogin)
	}
	said := "activation.done"
	if res.Half != nil { // a second factor comes first
		said = "activation.done_second"
	}
	v.flash(ui.ToneOK, v.t.T(said))
	return v.arrive(res, "/o/"+done.Slug+"/home")
}

// join spends the link for somebody who has an account and is signed in with it.
func (v *visit) join() error {
	if v.me.ID.IsZero() {
		return v.to("/login?next=/activate")
	}
	if err := v.asksFor(); err != nil {
		return err
	}
	done, err := v.s.Enrolments.Join(v.Context(), v.by, v.s.cookie(v.Request, cookieLink))
	if err != nil {
		return err
	}
	v.s.setCookie(v.w, cookieLink, "", -1)
	v.flash(ui.ToneOK, v.t.T("activation.joined"))
	return v.to("/o/" + done.Slug + "/home")
}

// functions are the choices of MEM-1's list, with what «Autre» means (MEM-7).
func functions(t *text.Printer, empty bool) []ui.Option {
	var list []ui.Option
	if empty {
		list = append(list, ui.Option{Label: t.T("web.choose")})
	}
	for _, f := range member.Functions {
		list = append(list, ui.Option{Value: f, Label: t.T("function." + f)})
	}
	return list
}

func titles(t *text.Printer) []ui.Option {
	list := make([]ui.Option, 0, len(member.Titles))
	for _, title := range member.Titles {
		label := title
		if title == "" {
			label = t.T("account.no_title")
		}
		list = append(list, ui.Option{Value: title, Label: label})
	}
	return list
}

// offerLines are the lines of the plaque: what the invitation gives, and where.
func offerLines(t *text.Printer, o enrolment.Offer) []string {
	var lines []string
	if len(o.Roles) > 0 {
		lines = append(lines, t.T("activation.role", "Roles", t.List(roleLabels(t, o.Roles))))
	}
	if len(o.Sites) > 0 {
		lines = append(lines, t.List(o.Sites))
	}
	return append(lines, t.T("activation.until", "Date", t.DateTime(o.ExpiresAt)))
}
