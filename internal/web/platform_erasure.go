package web

import (
	"errors"
	"strings"

	"habilis/internal/account"
	"habilis/internal/fault"
	"habilis/internal/login"
	"habilis/internal/privacy"
	"habilis/internal/web/ui"
)

// Where the platform's administrators erase an account on its person's written request (AUD-4), and where
// the link of the letter leads that stops it.
const (
	pathErasures    = "/platform/erasures"
	pathStopErasure = "/erasure/stop"
)

var platformErasureRoutes = []route{
	{"GET " + pathErasures, signed, (*visit).erasures},
	{"POST " + pathErasures, signed, (*visit).findErasable},
	{"POST " + pathErasures + "/ask", signed, (*visit).askAccountErasure},
	{"POST " + pathErasures + "/{erasure}/stop", signed, (*visit).stopAccountErasure},
	{"GET " + pathStopErasure + "/{token}", linkPages, (*visit).stayLink},
	{"GET " + pathStopErasure, linkPages, (*visit).stayForm},
	{"POST " + pathStopErasure, linkPages, (*visit).keepAccount},
}

// fieldGround is where the written request is kept.
const fieldGround = "ground"

// erasuresView is what waits, and the form that finds an account.
type erasuresView struct {
	told

	Lines []erasureLine
	Email string
}

// erasureLine is one erasure that waits.
type erasureLine struct {
	ui.ItemProps

	ID, Name string
}

// erasableView asks for the ground and the name, beside whose account it is.
type erasableView struct {
	told

	Facts         []ui.Fact
	Refused       string // what stands in the way; empty: nothing does
	Name, Email   string
	Typed, Ground string
	Proof         *ui.StepUpProps
}

func (v *visit) erasures() error { return v.showErasures(nil) }

// showErasures lists what waits; after a refusal, says what to do about it.
func (v *visit) showErasures(refusal error) error {
	if errors.Is(refusal, login.ErrNobody) { // something to correct in the field
		refusal = fault.OnField(fieldEmail, login.ErrNobody.Code)
	}
	said, status, err := v.tell(refusal)
	if err != nil {
		return v.offPlatform(err)
	}
	list, err := v.s.People.AskedErasures(v.Context(), v.by)
	if err != nil {
		return v.offPlatform(err)
	}
	p, err := v.platformFrame(v.t.T("erasure.title"))
	if err != nil {
		return err
	}
	view := erasuresView{told: said, Email: v.PostFormValue(fieldEmail)}
	for _, x := range list {
		view.Lines = append(view.Lines, erasureLine{ID: x.ID, Name: x.FullName, ItemProps: ui.ItemProps{
			Icon: ui.IconTrash, Title: x.FullName, Strong: true,
			Detail: strings.Join([]string{
				x.Email, v.t.T("erasure.asked_at", "Day", v.t.Date(x.AskedAt)), v.t.T("erasure.begins", "Time", v.t.DateTime(x.ActsAt)),
			}, " · "),
		}})
	}
	p.Error = refusal != nil
	return v.show(status, ErasuresPage(p, view))
}

func (v *visit) findErasable() error {
	found, err := v.s.People.FindAccount(v.Context(), v.by, v.PostFormValue(fieldEmail))
	if err != nil {
		return v.showErasures(err)
	}
	return v.confirmErasure(found, nil)
}

// erasureSpots are the fields whose refusals do not name them.
var erasureSpots = map[string]spot{fieldGround: {fieldGround, "erasure.ground"}}

// confirmErasure asks for the ground, the name and the password.
func (v *visit) confirmErasure(found privacy.Requested, refusal error) error {
	said, status, err := v.tellAt(refusal, erasureSpots)
	if err != nil {
		return v.offPlatform(err)
	}
	p, err := v.platformFrame(v.t.T("erasure.question", "Name", found.FullName))
	if err != nil {
		return err
	}
	view := erasableView{
		told: said, Name: found.FullName, Email: found.Email, Typed: v.PostFormValue(fieldFullName), Ground: v.PostFormValue(fieldGround),
	}
	signedIn := v.t.T("erasure.never")
	if !found.SignedIn.IsZero() {
		signedIn = v.t.DateTime(found.SignedIn)
	}
	view.Facts = []ui.Fact{{Term: v.t.T("care.email"), Value: found.Email}, {Term: v.t.T("erasure.signed_in"), Value: signedIn}}
	if len(found.Orgs) > 0 {
		view.Facts = append(view.Facts, ui.Fact{Term: v.t.T("erasure.orgs"), Value: v.t.List(found.Orgs)})
	}
	if found.Refused != "" {
		view.Refused, view.Failure = ended(v.sentence(fault.New(fault.Conflict, found.Refused))), ""
	}
	view.Proof = v.proof(v.t.T("erasure.proof"), said.Errors)
	p.Error = refusal != nil
	return v.show(status, ErasablePage(p, view))
}

func (v *visit) askAccountErasure() error {
	email := v.PostFormValue(fieldEmail)
	found, err := v.s.People.FindAccount(v.Context(), v.by, email)
	if err != nil {
		return v.showErasures(err)
	}
	if err = v.provePlatform(); err == nil {
		_, err = v.s.People.AskErasure(v.Context(), v.by, email, v.PostFormValue(fieldFullName), v.PostFormValue(fieldGround))
	}
	if err != nil {
		return v.confirmErasure(found, err)
	}
	v.flash(ui.ToneOK, v.t.T("erasure.asked", "Name", found.FullName, "Days", privacy.ErasureWaitDays))
	return v.to(pathErasures)
}

func (v *visit) stopAccountErasure() error {
	if err := v.s.People.TakeBack(v.Context(), v.by, v.PathValue("erasure")); err != nil {
		return v.offPlatform(err)
	}
	v.flash(ui.ToneOK, v.t.T("erasure.stopped"))
	return v.to(pathErasures)
}

func (v *visit) stayLink() error { return v.keepLink(pathStopErasure) }

// stayForm says what the link stops. Opening it stops nothing: mail programs open links.
func (v *visit) stayForm() error {
	e, err := v.s.Logins.CheckStay(v.Context(), v.by, v.s.cookie(v.Request, cookieLink))
	if err != nil {
		return err
	}
	return v.showLink(nil, linkView{
		Title: v.t.T("erasure.stay_title"), Lead: v.t.T("erasure.stay_lead", "Time", v.t.DateTime(e.ActsAt)), Action: pathStopErasure,
		Button: v.t.T("erasure.stay"),
		Facts: []ui.Fact{
			{Term: v.t.T("care.email"), Value: e.Email}, {Term: v.t.T("erasure.asked_on"), Value: v.t.DateTime(e.AskedAt)},
		},
	})
}

func (v *visit) keepAccount() error {
	if err := v.s.Logins.Stay(v.Context(), v.by, v.s.cookie(v.Request, cookieLink)); err != nil {
		return err
	}
	v.s.setCookie(v.w, cookieLink, "", -1)
	v.flash(ui.ToneOK, v.t.T("erasure.stayed"))
	if v.me.ID.IsZero() {
		return v.to(pathLogin)
	}
	return v.to(ui.PathSecurity)
}

// findField is the address of somebody: there is no list to choose from.
func (w erasuresView) findField(label string) ui.FieldProps {
	return ui.FieldProps{
		Name: fieldEmail, Label: label, Type: typeEmail, Value: w.Email, Error: w.Errors[fieldEmail], MaxLength: account.MaxEmail,
	}
}
