package web

import (
	"net/http"
	"strings"
	"time"

	"habilis/internal/credential"
	"habilis/internal/ident"
	"habilis/internal/login"
	"habilis/internal/member"
	"habilis/internal/session"
	"habilis/internal/web/ui"
)

var careRoutes = []route{
	{"GET /o/{org}/members/{member}/security", within, (*visit).care},
	{"GET /o/{org}/members/{member}/security/address", within, (*visit).giveAddressForm},
	{"POST /o/{org}/members/{member}/security/address", within, (*visit).giveAddress},
	{"GET /o/{org}/members/{member}/security/phone", within, (*visit).givePhoneForm},
	{"POST /o/{org}/members/{member}/security/phone", within, (*visit).givePhone},
	{"GET /o/{org}/members/{member}/security/reset", within, (*visit).resetFactorsForm},
	{"POST /o/{org}/members/{member}/security/reset", within, (*visit).resetFactors},
	{"GET /o/{org}/members/{member}/security/{factor}/remove", within, (*visit).takeFactorForm},
	{"POST /o/{org}/members/{member}/security/{factor}/remove", within, (*visit).takeFactor},
}

// careView is how a member proves who they are, for who administers them.
type careView struct {
	Name, Sheet, Base string
	Due               string // what is asked of the person
	Lost              string // that everything is to be taken; empty: nobody asked
	Factors           []careFactor
	Sessions          []ui.LogEntry
	Codes             bool
	May               login.MemberSecurity
}

// careFactor is one second factor, and what may be done with it.
type careFactor struct {
	ui.ItemProps

	Remove string // address; empty: it may not be
	Hidden string
	Chip   *ui.ChipProps
}

// care shows it, without a secret.
func (v *visit) care() error {
	s, err := v.sheet()
	if err != nil {
		return err
	}
	if s.Account == v.me.ID {
		return v.to(ui.PathSecurity)
	}
	c, err := v.s.Logins.MemberSecurity(v.Context(), v.by, v.org.ID, s.ID)
	if err != nil {
		return err
	}
	open, err := v.s.Logins.MemberSessions(v.Context(), v.by, v.org.ID, s.ID)
	if err != nil {
		return err
	}
	view := careView{
		Name: called(s.Member), Sheet: v.sheetPath(s.ID), Base: v.sheetPath(s.ID) + "/security",
		Due: v.dueWords(c.Policy), Codes: c.Codes, May: c,
	}
	if !c.LostAt.IsZero() {
		view.Lost = v.t.T("care.loss_text", "Time", v.t.DateTime(c.LostAt))
	}
	for _, f := range c.Factors {
		view.Factors = append(view.Factors, v.careFactor(f, view.Base))
	}
	for i := range open {
		view.Sessions = append(view.Sessions, v.careSession(&open[i]))
	}
	p, err := v.orgFrame(v.t.T("care.title_of", "Name", view.Name), atMembers)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, CarePage(p, view))
}

// dueWords say what is asked of a person.
func (v *visit) dueWords(p login.Policy) string {
	switch {
	case !p.Required:
		return v.t.T("care.not_required")
	case p.Due(v.s.now()):
		return v.t.T("care.required")
	}
	return v.t.T("care.required_from", "Date", v.t.Date(p.DueAt))
}

func (v *visit) careFactor(f login.MemberFactor, base string) careFactor {
	kind := v.t.T("factors.kind." + string(f.Kind))
	facts := []string{v.t.T("care.added", "Date", v.t.Date(f.CreatedAt))}
	if f.GivenBy != "" {
		facts = []string{v.t.T("care.given", "Date", v.t.Date(f.CreatedAt))}
	}
	if !f.LastUsedAt.IsZero() {
		facts = append(facts, v.t.T("care.used", "Ago", v.t.Ago(f.LastUsedAt, v.s.now())))
	}
	line := careFactor{ItemProps: ui.ItemProps{
		Icon: factorIcon(f.Kind), Title: strings.TrimSpace(kind + " " + f.Hint), Detail: strings.Join(facts, " · "),
	}}
	if f.ProvedAt.IsZero() {
		line.Chip = &ui.ChipProps{Tone: ui.ToneWait, Label: v.t.T("care.unproved")}
	}
	if f.Takeable {
		line.Remove, line.Hidden = base+"/"+f.ID.String()+"/remove", kind
	}
	return line
}

func factorIcon(k credential.FactorKind) ui.IconName {
	switch k {
	case credential.Passkey, credential.TOTP, credential.Recovery:
		return ui.IconKey
	case credential.SMS:
		return ui.IconPhone
	case credential.Address:
		return ui.IconBuildings
	}
	return ui.IconLock
}

func (v *visit) careSession(s *session.Session) ui.LogEntry {
	return ui.LogEntry{
		Text:   v.t.Browser(s.UserAgent),
		Detail: v.t.T("care.session", "Since", v.t.DateTime(s.CreatedAt), "Ago", v.t.Ago(s.SeenAt, v.s.now())),
	}
}

// careAct is a page that asks before something is done to somebody's factors, with at most
// one thing to type.
type careAct struct {
	Crumb, Back  string
	Title, Text  string
	Action       string
	Field        *ui.FieldProps
	Hidden       []ui.Hidden
	Button       ui.ButtonProps
	Proof        *ui.StepUpProps
	Facts        []ui.Fact
	withoutProof bool

	told
}

// askCare shows the page; after a refusal, with what to do about it.
func (v *visit) askCare(p ui.Page, c careAct, refusal error) error {
	said, status, err := v.tell(refusal)
	if err != nil {
		return err
	}
	c.told = said
	if c.Field != nil {
		c.Field.Error, c.Field.Value = c.Errors[c.Field.Name], v.PostFormValue(c.Field.Name)
	}
	if !c.withoutProof {
		c.Proof = v.proof(v.t.T("care.proof"), c.Errors)
	}
	p.Error = refusal != nil
	return v.show(status, CareActPage(p, c))
}

// aboutCare is a page of one act on a member's factors; key names its texts.
func (v *visit) aboutCare(s member.Sheet, key, path string, refusal error, field *ui.FieldProps, kind ui.Kind) error {
	p, err := v.orgFrame(v.t.T("care."+key), atMembers)
	if err != nil {
		return err
	}
	base := v.sheetPath(s.ID) + "/security"
	return v.askCare(p, careAct{
		Crumb: v.t.T("care.title_of", "Name", called(s.Member)), Back: base, Title: v.t.T("care."+key+"_question", "Name", called(s.Member)),
		Text: v.t.T("care." + key + "_text"), Action: base + "/" + path, Field: field,
		Button: ui.ButtonProps{Label: v.t.T("care." + key), Kind: kind},
	}, refusal)
}

// doCare does an act on a member's factors and goes back to them; a refusal stays on ask.
func (v *visit) doCare(key string, act func(member.Sheet) error, ask func(member.Sheet, error) error) error {
	s, err := v.sheet()
	if err != nil {
		return err
	}
	if err = v.prove(); err == nil {
		err = act(s)
	}
	if err != nil {
		return ask(s, err)
	}
	v.flash(ui.ToneOK, v.t.T("care."+key+"_done", "Name", called(s.Member)))
	return v.to(v.sheetPath(s.ID) + "/security")
}

// formOf shows the page of an act to whoever could do it.
func (v *visit) formOf(ask func(member.Sheet, error) error) error {
	s, err := v.sheet()
	if err != nil {
		return err
	}
	if _, err := v.s.Logins.MemberSecurity(v.Context(), v.by, v.org.ID, s.ID); err != nil {
		return err
	}
	return ask(s, nil)
}

func (v *visit) giveAddressForm() error { return v.formOf(v.askAddress) }

func (v *visit) askAddress(s member.Sheet, refusal error) error {
	return v.aboutCare(s, "give_address", "address", refusal, nil, ui.Primary)
}

func (v *visit) giveAddress() error {
	return v.doCare("give_address", func(s member.Sheet) error {
		return v.s.Logins.GiveAddress(v.Context(), v.by, v.org.ID, s.ID)
	}, v.askAddress)
}

func (v *visit) givePhoneForm() error { return v.formOf(v.askPhone) }

func (v *visit) askPhone(s member.Sheet, refusal error) error {
	return v.aboutCare(s, "give_phone", "phone", refusal, &ui.FieldProps{
		Name: fieldNumber, Label: v.t.T("care.number"), Hint: v.t.T("care.number_hint"), Type: "tel", Autocomplete: "off", Digits: true,
		MaxLength: maxNumber,
	}, ui.Primary)
}

func (v *visit) givePhone() error {
	return v.doCare("give_phone", func(s member.Sheet) error {
		return v.s.Logins.GivePhone(v.Context(), v.by, v.org.ID, s.ID, v.PostFormValue(fieldNumber))
	}, v.askPhone)
}

func (v *visit) takeFactorForm() error { return v.formOf(v.askTake) }

func (v *visit) askTake(s member.Sheet, refusal error) error {
	return v.aboutCare(s, "take", v.PathValue("factor")+"/remove", refusal, nil, ui.DangerSolid)
}

func (v *visit) takeFactor() error {
	return v.doCare("take", func(s member.Sheet) error {
		id, err := ident.ParseFactor(v.PathValue("factor"))
		if err != nil {
			return errPage
		}
		return v.s.Logins.TakeFactor(v.Context(), v.by, v.org.ID, s.ID, id)
	}, v.askTake)
}

func (v *visit) resetFactorsForm() error { return v.formOf(v.askReset) }

func (v *visit) askReset(s member.Sheet, refusal error) error {
	return v.aboutCare(s, "reset", "reset", refusal, v.reasonField(), ui.DangerSolid)
}

func (v *visit) reasonField() *ui.FieldProps {
	return &ui.FieldProps{Name: fieldReason, Label: v.t.T("care.reason"), Hint: v.t.T("care.reason_hint"), MaxLength: login.MaxReason}
}

func (v *visit) resetFactors() error {
	return v.doCare("reset", func(s member.Sheet) error {
		return v.s.Logins.ResetFactors(v.Context(), v.by, v.org.ID, s.ID, v.PostFormValue(fieldReason))
	}, v.askReset)
}

// careFacts are the card «Sécurité» of a sheet: nothing for whoever may not act on it.
func (v *visit) careFacts(s member.Sheet) ([]ui.Fact, error) {
	if !s.May.Secure {
		return nil, nil
	}
	c, err := v.s.Logins.MemberSecurity(v.Context(), v.by, v.org.ID, s.ID)
	if err != nil {
		return nil, err
	}
	var last time.Time
	var kinds []string
	for _, f := range c.Factors {
		if f.ProvedAt.IsZero() {
			continue
		}
		kinds = append(kinds, v.t.T("factors.kind."+string(f.Kind)))
		if f.LastUsedAt.After(last) {
			last = f.LastUsedAt
		}
	}
	factors := v.t.T("care.none")
	if len(kinds) > 0 {
		factors = v.t.List(kinds)
	}
	facts := []ui.Fact{{Term: v.t.T("care.factors"), Value: factors}, {Term: v.t.T("care.asked"), Value: v.dueWords(c.Policy)}}
	if !c.LostAt.IsZero() {
		facts = append(facts, ui.Fact{Term: v.t.T("care.loss"), Value: v.t.T("care.loss_fact", "Time", v.t.DateTime(c.LostAt))})
	}
	if !last.IsZero() {
		facts = append(facts, ui.Fact{Term: v.t.T("care.last_used"), Value: v.t.Ago(last, v.s.now())})
	}
	return append(facts, ui.Fact{Term: v.t.T("care.sessions"), Value: v.t.Number(c.Sessions)}), nil
}
