package web

import (
	"net/http"

	"github.com/a-h/templ"

	"habilis/internal/access"
	"habilis/internal/directory"
	"habilis/internal/dossier"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/web/ui"
)

var dossierRoutes = []route{
	{"GET /o/{org}/dossiers/{dossier}", within, (*visit).dossier},
	{"POST /o/{org}/dossiers/{dossier}/refresh", within, (*visit).refreshDossier},
	{"POST /o/{org}/dossiers/{dossier}/tell", within, (*visit).tellDossier},
	{"GET /o/{org}/dossiers/{dossier}/certify", within, (*visit).certifyForm},
	{"POST /o/{org}/dossiers/{dossier}/certify", within, (*visit).certify},
	{"GET /o/{org}/dossiers/{dossier}/revoke", within, (*visit).uncertifyForm},
	{"POST /o/{org}/dossiers/{dossier}/revoke", within, (*visit).uncertify},
}

// Names of the fields of a decision on a file.
const (
	fieldKnows = "knows"
	fieldSeen  = "seen"
)

// dossierView is somebody's file (VER-3).
type dossierView struct {
	Base, Crumb, Back string
	Name, Marks       string
	Since             string
	Chip              ui.ChipProps
	Reasons           []string
	Checked           string // «Rafraîchi le … par …»; empty: never
	Declared          []ui.Fact
	Papers            papersView
	Decided           []ui.Fact // who certified, what support decided
	May               dossier.FileMay
	Why               string  // why the account may not be authorised by whoever looks
	Weight            ui.Kind // of «Autoriser ce compte»: with a paper missing, adding it comes first (DESIGN.md 16)

	// Of support only.
	Decision *ruleView
}

// fileID is the member whose file the address names.
func (v *visit) fileID() (ident.Member, error) {
	id, err := ident.ParseDossier(v.PathValue("dossier"))
	if err != nil {
		return "", errPage
	}
	return ident.MemberOf(id), nil
}

func (v *visit) file() (dossier.File, error) {
	id, err := v.fileID()
	if err != nil {
		return dossier.File{}, err
	}
	return v.s.Dossiers.Get(v.Context(), v.by, v.org.ID, id)
}

func (v *visit) dossierPath(id ident.Dossier) string { return v.at("dossiers", id.String()) }

// dossier shows «Voir».
func (v *visit) dossier() error {
	f, err := v.file()
	if err != nil {
		return err
	}
	view := v.dossierView(f)
	view.Base, view.Crumb, view.Back = v.dossierPath(f.ID), v.t.T("members.title"), v.at(atMembers)
	view.Papers = v.papersView(f.Documents, f.Missing, papersAt{Base: view.Base + "/documents", Add: true, Remove: true})
	p, err := v.orgFrame(v.t.T("dossier.title", "Name", view.Name), atMembers)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, DossierPage(p, view))
}

// dossierView words what the organisation and support see alike.
func (v *visit) dossierView(f dossier.File) dossierView {
	view := dossierView{
		Name: f.Member.Name(), Marks: initials(f.Member.GivenName, f.Member.FamilyName), May: f.May, Chip: v.verificationChip(f.State),
		Since: v.t.T("dossier.begun", "Date", v.t.DateTime(f.Declared.CreatedAt)), Reasons: v.reasonWords(f.Reasons),
		Declared: v.declaredFacts(f), Decided: v.decidedFacts(f),
	}
	if len(f.Missing) == 0 {
		view.Weight = ui.Primary
	}
	if f.Declared.CompletedAt != nil {
		view.Since = v.t.T("dossier.since", "Date", v.t.DateTime(*f.Declared.CompletedAt))
	}
	if f.Check != nil {
		view.Checked = v.t.T("dossier.checked", "Date", v.t.DateTime(f.Check.At), "Name", v.somebody(f.Check.By))
	}
	return view
}

// verificationChip is the state of a file, in words and colour; unchecked has no colour.
func (v *visit) verificationChip(state member.Verification) ui.ChipProps {
	c := ui.ChipProps{Tone: ui.ToneOff, Label: v.t.T("verification." + string(state))}
	switch state {
	case member.Verified:
		c.Tone = ui.ToneOK
	case member.Incomplete:
		c.Tone = ui.ToneWait
	case member.Unchecked, member.NotNeeded:
	}
	return c
}

// reasonWords say why a file is orange.
func (v *visit) reasonWords(reasons []dossier.Reason) []string {
	list := make([]string, 0, len(reasons))
	for _, r := range reasons {
		list = append(list, r.Words(v.t))
	}
	return list
}

// declaredFacts put what was declared beside what the directory publishes, and mark what
// differs.
func (v *visit) declaredFacts(f dossier.File) []ui.Fact {
	r := f.Declared
	facts := []ui.Fact{
		{Term: v.t.T("account.family_name"), Value: r.Names.FamilyName}, {Term: v.t.T("account.given_name"), Value: r.Names.GivenName},
		{Term: v.t.T("member.profession"), Value: r.Profession},
	}
	if r.Profession == "" {
		facts[2] = ui.Fact{Term: v.t.T("members.column.function"), Value: named(v.t, "function.", r.Function)}
	}
	for i, l := range f.Lines[:min(len(f.Lines), len(facts))] {
		facts[i].Aside = ui.Chip(v.directoryChip(!l.Differs))
		if l.Differs {
			facts[i].Content = SmallLine(v.t.T("dossier.published", "Value", l.Published))
		}
	}
	facts = append(facts, v.numberFact(f))
	for _, l := range f.Lines[min(len(f.Lines), len(facts)-1):] {
		if l.Published != "" {
			facts = append(facts, ui.Fact{Term: v.t.T("alert.field." + l.Field), Value: l.Published, Aside: ui.Chip(v.directoryChip(true))})
		}
	}
	if b := f.Bearer; b != nil {
		facts = append(facts, ui.Fact{Term: v.t.T("dossier.bearer"), Content: personLink(v.sheetPath(b.Member), b.Name)})
	}
	email, phone := r.Email.Address, said(r.Phone, v.t.T("dossier.nothing"))
	if f.OrgName != "" { // support need not know them (ORG-7)
		email, phone = v.t.T("dossier.kept"), v.t.T("dossier.kept")
	}
	return append(facts,
		ui.Fact{Term: v.t.T("member.email"), Value: email, Aside: v.provedChip(r.EmailProvedAt != nil)},
		ui.Fact{Term: v.t.T("member.phone"), Value: phone, Aside: v.provedChip(r.PhoneProvedAt != nil)})
}

// said is a value, or what is said when there is none.
func said(value, none string) string {
	if value == "" {
		return none
	}
	return value
}

func (v *visit) directoryChip(agrees bool) ui.ChipProps {
	if agrees {
		return ui.ChipProps{Tone: ui.ToneOK, Label: v.t.T("dossier.directory")}
	}
	return ui.ChipProps{Tone: ui.ToneWait, Label: v.t.T("dossier.differs")}
}

func (v *visit) provedChip(proved bool) templ.Component {
	if proved {
		return ui.Chip(ui.ChipProps{Tone: ui.ToneOK, Label: v.t.T("dossier.proved")})
	}
	return ui.Chip(ui.ChipProps{Tone: ui.ToneWait, Label: v.t.T("dossier.unproved")})
}

// numberFact is the RPPS number with what the directory says of it, or why there is none.
func (v *visit) numberFact(f dossier.File) ui.Fact {
	fact := ui.Fact{Term: v.t.T("dossier.rpps"), Value: grouped(f.Declared.RPPS)}
	if f.Declared.RPPS == "" {
		fact.Value = v.t.T("dossier.no_rpps", "Reason", said(f.Declared.NoRPPS, v.t.T("dossier.nothing")))
		return fact
	}
	chip := ui.ChipProps{Tone: ui.ToneWait}
	switch p := f.Published; {
	case !p.Asked:
		chip.Label = v.t.T("dossier.not_asked")
	case !p.Known:
		chip.Label = v.t.T("dossier.unknown")
	case !p.Active:
		chip.Label = v.t.T("alert.status.closed")
	default:
		chip = v.directoryChip(true)
	}
	fact.Aside = ui.Chip(chip)
	if f.Origin != directory.NotChecked {
		fact.Content = SmallLine(v.t.T("alert.origin."+string(f.Origin), "Date", v.t.Date(f.AsOf)))
	}
	return fact
}

// decidedFacts are what people have decided of a file so far.
func (v *visit) decidedFacts(f dossier.File) (facts []ui.Fact) {
	if c := f.Certification; c != nil {
		who := v.t.T("dossier.by", "Name", v.somebody(c.By), "Date", v.t.DateTime(c.At))
		fact := ui.Fact{Term: v.t.T("dossier.certification"), Value: who}
		switch {
		case c.Void:
			fact.Content = SmallLine(v.t.T("dossier.certification_void"))
		case c.ConfirmedAt != nil:
			fact.Content = SmallLine(v.t.T("dossier.by", "Name", v.somebody(c.ConfirmedBy), "Date", v.t.DateTime(*c.ConfirmedAt)))
		case c.People > 1:
			fact.Content = SmallLine(v.t.T("dossier.reason.second_person"))
		}
		facts = append(facts, fact)
	}
	if f.Mailbox != nil {
		facts = append(facts, v.mailboxFact(f))
	}
	if u := f.Ruled; u != nil {
		fact := ui.Fact{Term: v.t.T("dossier.support"), Value: v.t.T("dossier.ruling."+string(u.Decision), "Date", v.t.DateTime(u.At))}
		if u.Reason != "" {
			fact.Content = SmallLine(u.Reason)
		}
		facts = append(facts, fact)
	}
	return facts
}

func (v *visit) refreshDossier() error {
	id, err := v.fileID()
	if err != nil {
		return err
	}
	return v.refresh([]ident.Member{id}, v.dossierPath(ident.DossierOf(id)))
}

// refresh does «Rafraîchir» for one line or several, and says what came of it.
func (v *visit) refresh(ids []ident.Member, back string) error {
	list, err := v.s.Dossiers.Refresh(v.Context(), v.by, v.org.ID, ids)
	if err != nil {
		if f := fault.Of(err); staysOnPage(f) {
			v.flash(ui.ToneBad, ended(v.sentence(f)))
			return v.to(back)
		}
		return err
	}
	counts := map[member.Verification]int{}
	unasked := 0
	for _, r := range list {
		counts[r.State]++
		if r.Unasked {
			unasked++
		}
	}
	switch green, orange := counts[member.Verified], counts[member.Incomplete]; {
	case green+orange == 0:
		v.flash(ui.ToneInfo, v.t.T("dossier.refreshed_none"))
	case len(list) == 1 && green == 1:
		v.flash(ui.ToneOK, v.t.T("dossier.refreshed_green", "Name", list[0].Name))
	case len(list) == 1:
		v.flash(ui.ToneWait, v.t.T("dossier.refreshed_orange", "Name", list[0].Name, "What", v.t.List(v.reasonWords(list[0].Reasons))))
	default:
		v.flash(ui.ToneOK, v.t.T("dossier.refreshed", "Green", green, "Orange", orange))
	}
	if unasked > 0 {
		v.flash(ui.ToneWait, v.t.T("dossier.unasked", "Count", unasked))
	}
	return v.to(back)
}

// tellDossier writes to the person what is missing («Prévenir par e-mail»).
func (v *visit) tellDossier() error {
	id, err := v.fileID()
	if err != nil {
		return err
	}
	switch err := v.s.Dossiers.Tell(v.Context(), v.by, v.org.ID, id); {
	case err != nil && staysOnPage(fault.Of(err)):
		v.flash(ui.ToneBad, ended(v.sentence(fault.Of(err))))
	case err != nil:
		return err
	default:
		v.flash(ui.ToneOK, v.t.T("dossier.told"))
	}
	return v.to(v.dossierPath(ident.DossierOf(id)))
}

// certifyView warns before «Autoriser ce compte».
type certifyView struct {
	told

	Name, Base, Org string
	Seen            string
	Facts           []ui.Fact
	Still           []string // what stays wrong, whoever certifies
	Two, Second     bool     // two people are asked; the first has certified
	Knows           ui.CheckboxProps
	Proof           *ui.StepUpProps
}

func (v *visit) certifyForm() error {
	f, err := v.file()
	if err != nil {
		return err
	}
	return v.askCertify(f, nil)
}

// askCertify shows the warning; after a refusal, with what to do about it.
func (v *visit) askCertify(f dossier.File, refusal error) error {
	said, status, err := v.tell(refusal)
	if err != nil {
		return err
	}
	view := certifyView{
		told: said, Name: f.Member.Name(), Base: v.dossierPath(f.ID), Org: v.org.Name, Seen: f.Seen, Facts: v.declaredFacts(f)[:4],
		Still: v.reasonWords(f.Objections), Two: f.TwoPeople, Second: f.May.Certify && f.Certification != nil && !f.Certification.Void,
		Knows: ui.CheckboxProps{
			Name: fieldKnows, Label: v.t.T("dossier.knows", "Name", f.Member.Name()), Strong: true, Hint: v.t.T("dossier.knows_hint"),
			Checked: v.PostFormValue(fieldKnows) != "",
		},
	}
	view.Knows.Error = view.Errors[fieldKnows]
	view.Proof = v.proof(v.t.T("dossier.certify_proof"), view.Errors)
	p, err := v.orgFrame(v.t.T("dossier.certify_title", "Name", view.Name), atMembers)
	if err != nil {
		return err
	}
	p.Error = refusal != nil
	return v.show(status, CertifyPage(p, view))
}

func (v *visit) certify() error {
	f, err := v.file()
	if err != nil {
		return err
	}
	if err = v.prove(); err == nil {
		c := dossier.Certify{Seen: v.PostFormValue(fieldSeen), Knows: v.PostFormValue(fieldKnows) != ""}
		var after dossier.File
		if after, err = v.s.Dossiers.Certify(v.Context(), v.by, v.org.ID, f.Member.ID, c); err == nil {
			return v.certified(after)
		}
	}
	return v.askCertify(f, err)
}

// certified says what came of a certification.
func (v *visit) certified(f dossier.File) error {
	name := f.Member.Name()
	if f.State == member.Verified {
		v.flash(ui.ToneOK, v.t.T("dossier.certified_open", "Name", name))
	} else {
		v.flash(ui.ToneWait, v.t.T("dossier.certified_wait", "What", v.t.List(v.reasonWords(f.Reasons))))
	}
	return v.to(v.dossierPath(f.ID))
}

func (v *visit) uncertifyForm() error {
	f, err := v.file()
	if err != nil {
		return err
	}
	return v.askUncertify(f, nil)
}

func (v *visit) askUncertify(f dossier.File, refusal error) error {
	p, err := v.orgFrame(v.t.T("dossier.revoke"), atMembers)
	if err != nil {
		return err
	}
	base := v.dossierPath(f.ID)
	return v.askCare(p, careAct{
		Crumb: f.Member.Name(), Back: base, Title: v.t.T("dossier.revoke_question", "Name", f.Member.Name()), Text: v.t.T("dossier.revoke_text"),
		Action: base + "/revoke", Button: ui.ButtonProps{Label: v.t.T("dossier.revoke"), Kind: ui.DangerSolid}, Facts: v.decidedFacts(f),
		Field: &ui.FieldProps{Name: fieldReason, Label: v.t.T("care.reason"), Hint: v.t.T("dossier.revoke_hint"), MaxLength: dossier.MaxReason},
	}, refusal)
}

func (v *visit) uncertify() error {
	f, err := v.file()
	if err != nil {
		return err
	}
	if err = v.prove(); err == nil {
		f, err = v.s.Dossiers.Revoke(v.Context(), v.by, v.org.ID, f.Member.ID, v.PostFormValue(fieldReason))
	}
	if err != nil {
		return v.askUncertify(f, err)
	}
	v.flash(ui.ToneOK, v.t.T("dossier.revoked", "Name", f.Member.Name()))
	return v.to(v.dossierPath(f.ID))
}

// mayVerify reports whether the person looks after files.
func (v *visit) mayVerify() bool { return v.held.HasAnywhere(access.DossiersCertify) }
