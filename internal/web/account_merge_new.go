package web

import (
	"errors"
	"net/http"

	"habilis/internal/credential"
	"habilis/internal/departure"
	"habilis/internal/fault"
	"habilis/internal/login"
	"habilis/internal/member"
	"habilis/internal/merge"
	"habilis/internal/secret"
	"habilis/internal/session"
	"habilis/internal/web/ui"
)

// Fields of the other account: `password` is the person's own.
const (
	fieldOtherEmail    = "other_email"
	fieldOtherPassword = "other_password"
)

// mergeSpots are where the page asks for what login names otherwise.
var mergeSpots = map[string]spot{fieldEmail: {Name: fieldOtherEmail}, fieldProof: {Name: fieldOtherPassword}}

// mergeAsk is the page that asks for the other account.
type mergeAsk struct {
	Email string // of the other account, as typed
	What  []ui.ItemProps
	Proof *ui.StepUpProps

	told
}

func (v *visit) mergeForm() error { return v.showMerge(http.StatusOK, mergeAsk{}) }

func (v *visit) showMerge(status int, view mergeAsk) error {
	mine := v.me.Email.Address
	view.Proof = v.proof(v.t.T("accounts.proof", "Email", mine), view.Errors)
	view.What = []ui.ItemProps{
		{Icon: ui.IconEnvelopeSimple, Title: v.t.T("accounts.what_keep", "Email", mine)},
		{Icon: ui.IconBuildings, Title: v.t.T("accounts.what_moves")},
		{Icon: ui.IconProhibit, Title: v.t.T("accounts.what_ends")},
		{Icon: ui.IconArrowCounterClockwise, Title: v.t.T("accounts.what_undo", "Count", departure.UndoDays)},
	}
	p := v.accountFrame("accounts.title")
	p.Error = status != http.StatusOK
	return v.show(status, MergePage(p, view))
}

// askMerge tries the address and the password of the other account, in the very words of the sign-in
// (ENU-01). What was typed stays, but for the passwords.
func (v *visit) askMerge() error {
	view := mergeAsk{Email: v.PostFormValue(fieldOtherEmail)}
	if err := v.prove(); err != nil {
		return v.mergeRefused(view, err)
	}
	password := secret.NewText(v.PostFormValue(fieldOtherPassword))
	proof, err := v.s.Logins.AskMerge(v.Context(), v.by, view.Email, password, v.client())
	if err != nil {
		return v.mergeRefused(view, err, mergeSpots)
	}
	v.s.setCookie(v.w, cookieMerge, proof.Half.Token.Reveal(), mergeCookieLife)
	if proof.Proved {
		return v.to(pathMergeReview)
	}
	return v.to(pathMergeSecond)
}

// mergeRefused shows the page again. A refused password of the other account is no end of this session:
// it is a point to correct.
func (v *visit) mergeRefused(view mergeAsk, err error, spots ...map[string]spot) error {
	f := fault.Of(err)
	status := statusOf(f)
	switch f.Kind {
	case fault.Invalid:
		view.Errors, view.Summary = v.fieldErrors(err, spots...)
		return v.showMerge(status, view)
	case fault.Unauthenticated:
		if len(spots) == 0 {
			return err
		}
		status = http.StatusUnprocessableEntity
	case fault.Conflict, fault.Limited, fault.Unavailable:
	default:
		return err
	}
	v.retryAfter(f)
	view.Failure = ended(v.sentence(f))
	return v.showMerge(status, view)
}

// leaveMerge: the person changed their mind.
func (v *visit) leaveMerge() error {
	if err := v.s.Logins.LeaveMerge(v.Context(), v.by, v.merging()); err != nil && !errors.Is(err, session.ErrHalfGone) {
		return err
	}
	v.s.setCookie(v.w, cookieMerge, "", -1)
	return v.to(ui.PathSecurity)
}

// mergeAstray leads from a page whose proof is over to the beginning, and says why.
func (v *visit) mergeAstray(err error) error {
	var key string
	switch {
	case errors.Is(err, session.ErrHalfGone):
		key = "accounts.half_gone"
	case errors.Is(err, login.ErrHalfOver):
		key = "accounts.half_over"
	default:
		return err
	}
	if v.merging() != "" {
		v.s.setCookie(v.w, cookieMerge, "", -1)
		v.flash(ui.ToneWait, v.t.T(key))
	}
	return v.to(pathMergeNew)
}

// pendingMerge reads what is asked of the other account.
func (v *visit) pendingMerge() (login.Pending, secondView, error) {
	p, err := v.s.Logins.PendingMerge(v.Context(), v.by, v.merging())
	if err != nil {
		return p, secondView{}, err
	}
	view := secondView{
		Action: pathMergeSecond, Email: p.Account.Email.Address, Ways: v.available(p.Ways()), Phone: phoneOf(p.Factors), Sent: p.Sent,
		Prove: true, Merge: true,
	}
	view.asks(v.FormValue(fieldWay))
	return p, view, nil
}

func (v *visit) mergeSecondForm() error {
	p, view, err := v.pendingMerge()
	if err != nil {
		return v.mergeAstray(err)
	}
	if p.Proved {
		return v.to(pathMergeReview)
	}
	return v.showSecond(http.StatusOK, view)
}

func (v *visit) mergeSecond() error {
	return v.proveMerge(func(view secondView) (login.Answer, error) { return v.answer(view) })
}

func (v *visit) mergeSecondPasskey() error {
	return v.proveMerge(func(secondView) (login.Answer, error) {
		return login.Answer{Kind: credential.Passkey, Response: []byte(v.PostFormValue(ui.FieldPasskey))}, nil
	})
}

// proveMerge tries a second factor of the other account.
func (v *visit) proveMerge(read func(secondView) (login.Answer, error)) error {
	p, view, err := v.pendingMerge()
	if err != nil {
		return v.mergeAstray(err)
	}
	if p.Proved { // the form was sent twice
		return v.to(pathMergeReview)
	}
	a, err := read(view)
	if err == nil {
		view.Way = a.Kind
		err = v.s.Logins.ProveMerge(v.Context(), v.by, v.merging(), a, v.client())
	}
	if err != nil {
		return v.secondRefused(view, err)
	}
	return v.to(pathMergeReview)
}

// mergeSecondSMS sends a code to the number of the other account.
func (v *visit) mergeSecondSMS() error {
	_, view, err := v.pendingMerge()
	if err != nil {
		return v.mergeAstray(err)
	}
	view.Way = credential.SMS
	if view.Phone == nil {
		return credential.ErrFactorNotFound
	}
	if _, err := v.s.Logins.SendMergeCode(v.Context(), v.by, v.merging(), view.Phone.ID); err != nil {
		return v.secondRefused(view, err)
	}
	return v.to(pathMergeSecond + "?" + wayQuery(credential.SMS, ""))
}

func (v *visit) passkeyMergeOptions() error {
	return v.options(v.s.Logins.BeginPasskeyMerge(v.Context(), v.by, v.merging()))
}

// mergeView is what is read before two accounts become one.
type mergeView struct {
	Kept, Gone string // their addresses
	Days       int
	Moves      []mergeMove
	Ends       []ui.ItemProps
	Stays      []ui.ItemProps
	Blocked    string // why it cannot be, and what to do; empty: it can
	Shared     []ui.ItemProps
	Proof      *ui.StepUpProps

	told
}

// title and lead say at once when it cannot be.
func (view mergeView) title() string {
	if view.Blocked != "" {
		return "accounts.blocked"
	}
	return "accounts.review"
}

func (view mergeView) lead() string { return view.title() + "_lead" }

// mergeMove is one membership that comes over.
type mergeMove struct {
	ui.ItemProps

	Chip *ui.ChipProps
}

func (v *visit) mergeReview() error { return v.showMergeReview(nil) }

// showMergeReview says what becomes of the other account; after a refusal, with what to do about it.
func (v *visit) showMergeReview(refusal error) error {
	p, _, err := v.pendingMerge()
	if err == nil && !p.Proved {
		return v.to(pathMergeSecond)
	}
	var f merge.ForeseenAccounts
	if err == nil {
		f, err = v.s.Merges.Preview(v.Context(), v.by, v.merging())
	}
	if err != nil {
		return v.mergeAstray(err)
	}
	said, status, err := v.tell(refusal)
	if err != nil {
		return err
	}
	view := mergeView{
		Kept: f.Kept.Email.Address, Gone: f.Gone.Email.Address, Days: departure.UndoDays,
		Moves: v.mergeMoves(f.Members), Ends: v.mergeEnds(&f), Stays: v.mergeStays(), told: said,
	}
	if f.Refused != nil {
		view.Blocked, view.Failure = ended(v.sentence(f.Refused)), ""
		for _, s := range f.Shared {
			view.Shared = append(view.Shared, ui.ItemProps{
				Icon: ui.IconBuildings, Title: s.Name, Detail: v.t.T("accounts.two_sheets", "Kept", s.Kept, "Gone", s.Gone),
			})
		}
	} else {
		view.Proof = v.proof(v.t.T("accounts.proof", "Email", view.Kept), view.Errors)
	}
	page := v.accountFrame(view.title())
	page.Error = status != http.StatusOK
	return v.show(status, MergeReviewPage(page, view))
}

func (v *visit) mergeMoves(list []merge.MovedMember) []mergeMove {
	moves := make([]mergeMove, 0, len(list))
	for i := range list {
		m := &list[i]
		line := mergeMove{ItemProps: ui.ItemProps{Icon: ui.IconBuildings, Title: m.OrgName, Detail: m.Name}}
		switch m.Status {
		case member.Active:
		case member.Left:
			line.Chip = &ui.ChipProps{Tone: ui.ToneOff, Label: v.t.T("accounts.over")}
		default:
			line.Chip = &ui.ChipProps{Tone: ui.ToneWait, Label: v.t.T("status." + string(m.Status))}
		}
		moves = append(moves, line)
	}
	return moves
}

// mergeEnds lists what ends with the other account.
func (v *visit) mergeEnds(f *merge.ForeseenAccounts) []ui.ItemProps {
	list := []ui.ItemProps{
		{Icon: ui.IconEnvelopeSimple, Title: v.t.T("accounts.end_address", "Email", f.Gone.Email.Address)},
		{Icon: ui.IconPassword, Title: v.t.T("accounts.end_proofs"), Detail: v.t.T("accounts.end_proofs_detail", "Count", departure.UndoDays)},
	}
	if f.Sessions > 0 {
		list = append(list, ui.ItemProps{Icon: ui.IconDesktop, Title: v.t.T("accounts.end_sessions", "Count", f.Sessions)})
	}
	if f.Tokens > 0 {
		list = append(list, ui.ItemProps{Icon: ui.IconKey, Title: v.t.T("accounts.end_tokens", "Count", f.Tokens)})
	}
	return list
}

func (v *visit) mergeStays() []ui.ItemProps {
	return []ui.ItemProps{
		{Icon: ui.IconCheck, Title: v.t.T("accounts.stay_rights")}, {Icon: ui.IconShieldCheck, Title: v.t.T("accounts.stay_account")},
		{Icon: ui.IconLockKey, Title: v.t.T("accounts.stay_rules")},
	}
}

// mergeAccounts has the other account give way, and shows that it can be taken back.
func (v *visit) mergeAccounts() error {
	err := v.prove()
	var m merge.AccountMerge
	if err == nil {
		m, err = v.s.Merges.Merge(v.Context(), v.by, v.merging())
	}
	if errors.Is(err, session.ErrHalfGone) { // over, or not wholly proved: the page knows which
		return v.showMergeReview(nil)
	}
	if err != nil {
		return v.showMergeReview(err)
	}
	v.s.setCookie(v.w, cookieMerge, "", -1)
	v.flash(ui.ToneOK, v.t.T("accounts.done", "Email", v.goneName(&m), "Count", departure.UndoDays))
	return v.to(pathMerges)
}
