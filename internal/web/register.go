package web

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/dossier"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/nomenclature"
	"habilis/internal/org"
	"habilis/internal/secret"
	"habilis/internal/setting"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

// The public pages of registrations, one a step (VER-1).
const pathRegister = "/register/{org}"

const fieldNoRPPS = "no_rpps"

var registerRoutes = []route{
	{"GET " + pathRegister, linkPages, (*visit).registerForm},
	{"POST " + pathRegister, linkPages, (*visit).beginRegistration},
	{"POST " + pathRegister + "/account", linkPages, (*visit).registerWithAccount},
	{"GET " + pathRegister + "/resume/{token}", linkPages, (*visit).resumeRegistration},
	{"GET " + pathRegister + "/code", linkPages, registering(dossier.StepCode, (*visit).showRegistration)},
	{"POST " + pathRegister + "/code", linkPages, registering(dossier.StepCode, (*visit).proveRegistration)},
	{"GET " + pathRegister + "/password", linkPages, registering(dossier.StepPassword, (*visit).showRegistration)},
	{"POST " + pathRegister + "/password", linkPages, registering(dossier.StepPassword, (*visit).chooseRegistrationPassword)},
	{"GET " + pathRegister + "/person", linkPages, registering(dossier.StepPerson, (*visit).showRegistration)},
	{"POST " + pathRegister + "/person", linkPages, registering(dossier.StepPerson, (*visit).declareRegistration)},
	{"GET " + pathRegister + "/documents", linkPages, registering(dossier.StepDocuments, (*visit).showRegistration)},
	{"POST " + pathRegister + "/documents", linkPages, registering(dossier.StepDocuments, (*visit).addRegistrationPaper)},
	{
		"GET " + pathRegister + "/documents/{document}/remove", linkPages,
		registering(dossier.StepDocuments, (*visit).removeRegistrationPaperForm),
	},
	{"POST " + pathRegister + "/documents/{document}/remove", linkPages, registering(dossier.StepDocuments, (*visit).removeRegistrationPaper)},
	{"GET " + pathRegister + "/phone", linkPages, registering(dossier.StepPhone, (*visit).showRegistration)},
	{"POST " + pathRegister + "/phone", linkPages, registering(dossier.StepPhone, (*visit).sendRegistrationCode)},
	{"POST " + pathRegister + "/phone/code", linkPages, registering(dossier.StepPhone, (*visit).proveRegistrationPhone)},
	{"GET " + pathRegister + "/consents", linkPages, registering(dossier.StepConsents, (*visit).showRegistration)},
	{"POST " + pathRegister + "/consents", linkPages, registering(dossier.StepConsents, (*visit).completeRegistration)},
	{"GET " + pathRegister + "/done", linkPages, registering(dossier.StepDone, (*visit).showRegistration)},
}

// registerView is what a page of a registration shows.
type registerView struct {
	dossier.RegistrationFile
	told

	At     dossier.Step
	Base   string
	Plaque ui.PlaqueProps
	Steps  ui.StepperProps

	Typed    string // an address or a number, as it was typed
	Person   dossier.Person
	Papers   papersView
	Accepted []setting.Consent
	Removes  string // the name of the paper to remove
	Facts    []ui.Fact
	Lacking  []string // what is still missing, in words
	Me       string   // the address with which the visitor is signed in
}

func (v *visit) registerAt(below ...string) string {
	return "/register/" + strings.Join(append([]string{v.PathValue("org")}, below...), "/")
}

// registering opens the registration of this browser before a page of it: whoever has none begins, and
// whoever is not so far goes to where they are.
func registering(at dossier.Step, handle func(*visit, registerView) error) func(*visit) error {
	return func(v *visit) error {
		f, err := v.s.Registrations.Open(v.Context(), v.by, v.PathValue("org"), v.s.cookie(v.Request, cookieRegistration))
		if err != nil {
			return v.registrationOver(err)
		}
		if to := stepFor(f, at); to != at {
			return v.to(v.registerAt(string(to)))
		}
		return handle(v, v.registerView(f, at))
	}
}

// registrationOver leads whoever has no registration here to its first page, and says why.
func (v *visit) registrationOver(err error) error {
	if !errors.Is(err, dossier.ErrRegistrationGone) {
		return err
	}
	if v.s.cookie(v.Request, cookieRegistration) != "" {
		v.s.setCookie(v.w, cookieRegistration, "", -1)
		v.flash(ui.ToneWait, ended(v.sentence(fault.Of(err))))
	}
	return v.to(v.registerAt())
}

func (v *visit) registerView(f dossier.RegistrationFile, at dossier.Step) registerView {
	view := registerView{
		RegistrationFile: f, At: at, Base: v.registerAt(), Plaque: registerPlaque(v.t, f.Organization), Accepted: f.Asked.Accepted(v.t),
		Person: dossier.Person{
			Names: f.Names, Function: f.Function, ProfessionCode: f.ProfessionCode, Site: f.Site, RPPS: f.RPPS, NoRPPS: f.NoRPPS,
		},
	}
	if f.Member.IsZero() && !v.me.ID.IsZero() && v.me.ID == f.Account {
		view.Person.Names = account.Names{Title: v.me.Title, GivenName: v.me.GivenName, FamilyName: v.me.FamilyName}
	}
	view.Steps = v.registerSteps(f, at)
	return view
}

func registerPlaque(t *text.Printer, o org.Org) ui.PlaqueProps {
	return ui.PlaqueProps{Above: t.T("register.plaque"), Name: o.Name, Enamel: ui.Enamel(o.Enamel)}
}

// registerForm asks for the address; whoever is signed in may go on with their account.
func (v *visit) registerForm() error { return v.showRegisterForm("", nil) }

func (v *visit) showRegisterForm(typed string, refusal error) error {
	e, err := v.s.Registrations.Entrance(v.Context(), v.by, v.PathValue("org"))
	if err != nil {
		return err
	}
	said, status, err := v.tell(refusal)
	if err != nil {
		return err
	}
	view := registerView{told: said, Base: v.registerAt(), Plaque: registerPlaque(v.t, e.Org), Typed: typed, Me: v.me.Email.Address}
	view.Organization = e.Org
	p := v.page(v.t.T("register.title", "Org", e.Org.Name))
	p.Error = refusal != nil
	return v.show(status, RegisterPage(p, view))
}

// beginRegistration sends a code to the address; the answer is the same whether it has an
// account or not (ENU-01).
func (v *visit) beginRegistration() error {
	typed := v.PostFormValue(fieldEmail)
	key, err := v.s.Registrations.Begin(v.Context(), v.by, v.PathValue("org"), typed, v.t.Lang())
	if err != nil {
		return v.showRegisterForm(typed, err)
	}
	v.keepRegistration(key)
	return v.to(v.registerAt(string(dossier.StepCode)))
}

func (v *visit) keepRegistration(key secret.Text) {
	v.s.setCookie(v.w, cookieRegistration, key.Reveal(), 0)
}

// registerWithAccount goes on with the account of whoever is signed in: only this membership
// will wait.
func (v *visit) registerWithAccount() error {
	if v.me.ID.IsZero() {
		return v.to("/login?next=" + v.registerAt())
	}
	key, err := v.s.Registrations.BeginSignedIn(v.Context(), v.by, v.PathValue("org"))
	if err != nil {
		return v.showRegisterForm("", err)
	}
	v.keepRegistration(key)
	return v.to(v.registerAt(string(dossier.StepPerson)))
}

// resumeRegistration keeps the mailed key in the browser. Opening it changes nothing (INV-09).
func (v *visit) resumeRegistration() error {
	v.s.setCookie(v.w, cookieRegistration, v.PathValue("token"), 0)
	return v.to(v.registerAt(string(dossier.StepDone)))
}

// showRegistration shows the page of a step.
func (v *visit) showRegistration(view registerView) error { return v.showRegisterStep(view, nil) }

func (v *visit) showRegisterStep(view registerView, refusal error) error {
	said, status, err := v.tell(refusal)
	if err != nil {
		return v.registrationOver(err)
	}
	view.told = said
	page, title := RegisterCodePage, "register.step."+string(view.At)
	switch view.At {
	case dossier.StepPassword:
		page = RegisterPasswordPage
	case dossier.StepPerson:
		page = RegisterPersonPage
	case dossier.StepDocuments:
		page = RegisterPapersPage
		view.Papers = v.registerPapers(view, refusal)
	case dossier.StepMailbox:
		page = RegisterMailboxPage
	case dossier.StepPhone:
		page = RegisterPhonePage
	case dossier.StepConsents:
		page = RegisterConsentsPage
	case dossier.StepDone:
		page = RegisterDonePage
		v.fillDone(&view)
	case dossier.StepCode:
	}
	p := v.page(v.t.T(title))
	p.Error = refusal != nil
	return v.show(status, page(p, view))
}

// done goes on to the next page of a step, or says on the same one why not.
func (v *visit) done(view registerView, next dossier.Step, err error) error {
	if err != nil {
		return v.showRegisterStep(view, err)
	}
	return v.to(v.registerAt(string(next)))
}

func (v *visit) proveRegistration(view registerView) error {
	code := v.PostFormValue(fieldCode)
	if code == "" {
		return v.showRegisterStep(view, fault.OnField(fieldCode, "login.code_empty"))
	}
	f, err := v.s.Registrations.ProveEmail(v.Context(), v.by, v.PathValue("org"), v.registrationKey(), code)
	return v.done(view, f.Next(), err)
}

func (v *visit) registrationKey() string { return v.s.cookie(v.Request, cookieRegistration) }

func (v *visit) chooseRegistrationPassword(view registerView) error {
	password := secret.NewText(v.PostFormValue("new_password"))
	_, err := v.s.Registrations.ChoosePassword(v.Context(), v.by, v.PathValue("org"), v.registrationKey(), password)
	return v.done(view, dossier.StepPerson, err)
}

func (v *visit) declareRegistration(view registerView) error {
	view.Person = dossier.Person{
		Names: v.postedNames(), Function: v.PostFormValue(fieldFunction), ProfessionCode: v.PostFormValue(fieldProfession),
		Site: ident.Site(v.PostFormValue(fieldSite)), RPPS: v.PostFormValue(fieldRPPS), NoRPPS: v.PostFormValue(fieldNoRPPS),
	}
	_, err := v.s.Registrations.Declare(v.Context(), v.by, v.PathValue("org"), v.registrationKey(), view.Person)
	return v.done(view, dossier.StepDocuments, err)
}

func (v *visit) sendRegistrationCode(view registerView) error {
	view.Typed = v.PostFormValue(fieldNumber)
	_, err := v.s.Registrations.SendCode(v.Context(), v.by, v.PathValue("org"), v.registrationKey(), view.Typed)
	return v.done(view, dossier.StepPhone, err)
}

func (v *visit) proveRegistrationPhone(view registerView) error {
	code := v.PostFormValue(fieldCode)
	if code == "" {
		return v.showRegisterStep(view, fault.OnField(fieldCode, "login.code_empty"))
	}
	_, err := v.s.Registrations.ProvePhone(v.Context(), v.by, v.PathValue("org"), v.registrationKey(), code)
	return v.done(view, dossier.StepConsents, err)
}

// consentField is the box of one text.
func consentField(i int) string { return "consents[" + strconv.Itoa(i) + "]" }

func (v *visit) completeRegistration(view registerView) error {
	var accepted []int
	for i := range view.Accepted {
		if v.PostFormValue(consentField(i)) != "" {
			accepted = append(accepted, i)
		}
	}
	rev := parseVersion(v.PostFormValue(fieldVersion))
	_, err := v.s.Registrations.Complete(v.Context(), v.by, v.PathValue("org"), v.registrationKey(), rev, accepted)
	return v.done(view, dossier.StepDone, err)
}

// fillDone says where the file stands: what was declared, and what is missing.
func (v *visit) fillDone(view *registerView) {
	fact := func(key, value string) {
		if value != "" {
			view.Facts = append(view.Facts, ui.Fact{Term: v.t.T("register.fact." + key), Value: value})
		}
	}
	fact("email", view.Email.Address)
	fact("person", strings.TrimSpace(view.Names.Title+" "+view.Names.GivenName+" "+view.Names.FamilyName))
	fact("profession", view.Profession)
	fact("rpps", view.RPPS)
	fact("no_rpps", view.NoRPPS)
	if view.PhoneProvedAt != nil {
		fact("phone", view.Phone)
	}
	if view.MailboxProved() {
		fact("mailbox", view.Mailbox.Address)
	}
	for _, k := range view.Missing {
		view.Lacking = append(view.Lacking, v.kindOfPaper(k))
	}
	if view.PhoneProvedAt == nil && view.Texts {
		view.Lacking = append(view.Lacking, v.t.T("register.lacks_phone"))
	}
	if view.CompletedAt == nil {
		view.Lacking = append(view.Lacking, v.t.T("register.lacks_consents"))
	}
}

// lines are those of a text of several.
func lines(body string) []string { return strings.Split(body, "\n") }

// professions are the choices of the national register, and none of them.
func professions(t *text.Printer) []ui.Option {
	list := []ui.Option{{Label: t.T("register.no_profession")}}
	for _, p := range nomenclature.Professions() {
		list = append(list, ui.Option{Value: p.Code, Label: p.Label})
	}
	return list
}

// registerNumber is the field of a number that the organisation will see.
func registerNumber(t *text.Printer, view registerView) ui.FieldProps {
	f := numberField(t, view.Typed, view.Errors)
	f.Hint = t.T("register.phone_hint")
	return f
}

// siteChoices are the sites of the organisation.
func siteChoices(sites []org.Site) []ui.Option {
	list := make([]ui.Option, len(sites))
	for i, s := range sites {
		list[i] = ui.Option{Value: s.ID.String(), Label: s.Name}
	}
	return list
}

// Settings ---------------------------------------------------------------------------

var registerSettingRoutes = []route{
	{"GET /o/{org}/settings/registration", within, (*visit).registerSetting},
	{"POST /o/{org}/settings/registration", within, (*visit).saveRegisterSetting},
}

// registerSettingView is the page of the settings of registrations.
type registerSettingView struct {
	setting.Registration
	told

	Base, Back string
	Public     string // the address to give out
	Proof      *ui.StepUpProps
}

// registerFacts is the card of registrations on the page of settings.
func (v *visit) registerFacts() ([]ui.Fact, error) {
	s, err := v.s.Settings.Registration(v.Context(), v.by, v.org.ID)
	if err != nil {
		return nil, err
	}
	facts := []ui.Fact{{Term: v.t.T("register.setting.state"), Value: v.t.T("register.setting.is_closed")}}
	if s.Open {
		facts[0].Value = v.t.T("register.setting.is_open")
		facts = append(facts, ui.Fact{Term: v.t.T("register.setting.address"), Value: v.s.BaseURL.JoinPath("register", v.org.Slug).String()})
	}
	return facts, nil
}

func (v *visit) registerSetting() error { return v.showRegisterSetting(nil, nil) }

func (v *visit) showRegisterSetting(typed *setting.Registration, refusal error) error {
	if !v.held.Has(access.SettingsEdit, access.OrgScope(v.org.ID)) {
		return v.lacks(access.SettingsEdit)
	}
	s, err := v.s.Settings.Registration(v.Context(), v.by, v.org.ID)
	if err != nil {
		return err
	}
	if typed != nil {
		s.Open, s.Consents, s.TwoPeople = typed.Open, typed.Consents, typed.TwoPeople
	}
	said, status, err := v.tell(refusal)
	if err != nil {
		return err
	}
	view := registerSettingView{
		Registration: s, told: said, Base: v.at("settings", "registration"), Back: v.at("settings"),
		Public: v.s.BaseURL.JoinPath("register", v.org.Slug).String(), Proof: v.proof(v.t.T("register.setting.proof"), said.Errors),
	}
	if n := len(view.Consents); n < setting.MaxConsents { // one empty text to fill in
		view.Consents = append(slices.Clone(view.Consents), setting.Consent{})
	}
	p, err := v.orgFrame(v.t.T("register.setting.title"), atSettings)
	if err != nil {
		return err
	}
	p.Error = refusal != nil
	return v.show(status, RegisterSettingPage(p, view))
}

func (v *visit) saveRegisterSetting() error {
	next := setting.Registration{Open: v.PostFormValue("open") != "", TwoPeople: v.PostFormValue("two_people") != ""}
	for i := range setting.MaxConsents {
		at := consentField(i)
		next.Consents = append(next.Consents, setting.Consent{Title: v.PostFormValue(at + ".title"), Body: v.PostFormValue(at + ".body")})
	}
	next.Consents = slices.DeleteFunc(next.Consents, func(c setting.Consent) bool { return c == setting.Consent{} })
	err := v.prove()
	if err == nil {
		_, err = v.s.Settings.SetRegistration(v.Context(), v.by, v.org.ID, parseVersion(v.PostFormValue(fieldVersion)), next)
	}
	if err != nil {
		return v.showRegisterSetting(&next, err)
	}
	v.flash(ui.ToneOK, v.t.T("setting.saved"))
	return v.to(v.at("settings", "registration"))
}

// Papers -----------------------------------------------------------------------------

// registerPapers is the piece of the papers, without the bytes of any: they were given from here.
func (v *visit) registerPapers(view registerView, refusal error) papersView {
	papers := v.papersView(view.Documents, view.Missing, papersAt{Base: view.Base + "/documents", Add: true, Remove: true})
	for i := range papers.Lines {
		papers.Lines[i].Open, papers.Lines[i].Seen = "", ""
	}
	v.refusePaper(&papers, refusal, papers.Kind)
	return papers
}

func (v *visit) addRegistrationPaper(view registerView) error {
	n, err := v.upload()
	if err == nil {
		_, err = v.s.Registrations.AddDocument(v.Context(), v.by, v.PathValue("org"), v.registrationKey(), n)
	}
	switch {
	case err == nil:
		v.flash(ui.ToneOK, v.t.T("papers.was_added", "File", n.Name))
		return v.to(v.registerAt(string(dossier.StepDocuments)))
	case paperStays(err):
		view.Papers = v.registerPapers(view, err)
		p := v.page(v.t.T("register.step.documents"))
		p.Error = true
		return v.show(statusOf(fault.Of(err)), RegisterPapersPage(p, view))
	}
	return err
}

// thatRegistrationPaper finds the paper that the address names.
func (v *visit) thatRegistrationPaper(view registerView) (dossier.Document, error) {
	i := slices.IndexFunc(view.Documents, func(d dossier.Document) bool { return d.ID.String() == v.PathValue("document") })
	if i < 0 {
		return dossier.Document{}, dossier.ErrDocumentNotFound
	}
	return view.Documents[i], nil
}

func (v *visit) removeRegistrationPaperForm(view registerView) error {
	d, err := v.thatRegistrationPaper(view)
	if err != nil {
		return err
	}
	view.Removes, view.Typed = d.Name, view.Base+"/documents/"+d.ID.String()+"/remove"
	return v.show(http.StatusOK, RegisterRemovePage(v.page(v.t.T("papers.remove")), view))
}

func (v *visit) removeRegistrationPaper(view registerView) error {
	d, err := v.thatRegistrationPaper(view)
	if err == nil {
		_, err = v.s.Registrations.RemoveDocument(v.Context(), v.by, v.PathValue("org"), v.registrationKey(), d.ID)
	}
	return v.done(view, dossier.StepDocuments, err)
}
