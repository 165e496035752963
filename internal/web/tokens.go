package web

import (
	"net/http"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/text"
	"habilis/internal/token"
	"habilis/internal/web/ui"
)

var tokenRoutes = []route{
	{"GET /o/{org}/tokens", within, atDesk((*visit).orgDesk, (*visit).tokens)},
	{"GET /o/{org}/tokens/new", within, atDesk((*visit).orgDesk, (*visit).tokenForm)},
	{"POST /o/{org}/tokens/new", within, atDesk((*visit).orgDesk, (*visit).makeToken)},
	{"GET /o/{org}/tokens/{token}/revoke", within, atDesk((*visit).orgDesk, (*visit).revokeForm)},
	{"POST /o/{org}/tokens/{token}/revoke", within, atDesk((*visit).orgDesk, (*visit).revokeToken)},
	{"GET /account/tokens", signed, atDesk((*visit).ownDesk, (*visit).tokens)},
	{"GET /account/tokens/new", signed, atDesk((*visit).ownDesk, (*visit).tokenForm)},
	{"POST /account/tokens/new", signed, atDesk((*visit).ownDesk, (*visit).makeToken)},
	{"GET /account/tokens/{token}/revoke", signed, atDesk((*visit).ownDesk, (*visit).revokeForm)},
	{"POST /account/tokens/{token}/revoke", signed, atDesk((*visit).ownDesk, (*visit).revokeToken)},
	{"GET /platform/tokens", signed, atDesk((*visit).platformDesk, (*visit).tokens)},
	{"GET /platform/tokens/new", signed, atDesk((*visit).platformDesk, (*visit).tokenForm)},
	{"POST /platform/tokens/new", signed, atDesk((*visit).platformDesk, (*visit).makeToken)},
	{"GET /platform/tokens/{token}/revoke", signed, atDesk((*visit).platformDesk, (*visit).revokeForm)},
	{"POST /platform/tokens/{token}/revoke", signed, atDesk((*visit).platformDesk, (*visit).revokeToken)},
}

// The addresses of the lists outside an organisation.
const (
	pathMyTokens       = ui.PathAccount + "/tokens"
	pathPlatformTokens = "/platform/tokens"
)

// tokensSoon is from how many days on a token about to expire asks for another one.
const tokensSoon = 14

// desk is where tokens of one owner are made and revoked: three places, the same pages.
type desk struct {
	of    token.Owner
	base  string
	side  bool                                // the page has an organisation's side column
	frame func(title string) (ui.Page, error) // of the pages of that place
}

func atDesk(find func(*visit) (desk, error), do func(*visit, desk) error) func(*visit) error {
	return func(v *visit) error {
		d, err := find(v)
		if err != nil {
			return err
		}
		return do(v, d)
	}
}

func (v *visit) orgDesk() (desk, error) {
	if !v.held.Has(access.TokensEdit, access.OrgScope(v.org.ID)) {
		return desk{}, v.lacks(access.TokensEdit)
	}
	frame := func(title string) (ui.Page, error) { return v.orgFrame(title, atTokens) }
	return desk{of: token.Of(v.org.ID), base: v.at(atTokens), side: true, frame: frame}, nil
}

func (v *visit) ownDesk() (desk, error) {
	frame := func(title string) (ui.Page, error) {
		p := v.accountFrame("tokens.mine")
		p.Title = title
		return p, nil
	}
	return desk{of: token.OfAccount(v.me.ID), base: pathMyTokens, frame: frame}, nil
}

// platformDesk leaves the right to the act, which puts a refusal into the trail (AUD-01).
func (v *visit) platformDesk() (desk, error) {
	return desk{of: token.Platform(), base: pathPlatformTokens, frame: v.platformFrame}, nil
}

// title is what the list is called.
func (d desk) title(t *text.Printer) string { return t.T("tokens.of." + string(d.of.Kind)) }

// tokensView is what a list of tokens shows.
type tokensView struct {
	Desk   desk
	Lead   string
	Lines  []tokenLine
	Soon   []string // names of those that expire soon
	Makers bool     // several people make such tokens
}

// tokenLine is one token, in words.
type tokenLine struct {
	Name, By, Made, Used, Expires string
	Rights                        []string // what it may do
	Over, Trusted                 bool
	Status                        ui.ChipProps
	Revoke                        string // address; empty when it is over
}

// tokens lists those in force and those that ended lately.
func (v *visit) tokens(d desk) error {
	list, err := v.s.Tokens.List(v.Context(), v.by, d.of)
	if err != nil {
		return v.offPlatform(err)
	}
	view := tokensView{Desk: d, Lead: v.t.T("tokens.lead." + string(d.of.Kind)), Makers: d.of.Kind != token.OfPerson}
	now := v.s.now()
	for i := range list {
		view.Lines = append(view.Lines, v.tokenLine(d, list[i], now))
		if list[i].State(now) == token.InForce && text.DaysUntil(list[i].ExpiresAt, now) <= tokensSoon {
			view.Soon = append(view.Soon, list[i].Name)
		}
	}
	p, err := d.frame(d.title(v.t))
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, TokensPage(p, view))
}

func (v *visit) tokenLine(d desk, t token.Token, now time.Time) tokenLine {
	l := tokenLine{
		Name: t.Name, By: t.MadeBy, Made: v.t.ShortDate(t.CreatedAt), Expires: v.t.ShortDate(t.ExpiresAt),
		Used: v.t.T("tokens.never_used"), Status: v.tokenStatus(t, now), Over: t.State(now) != token.InForce, Trusted: t.Trusted,
	}
	if l.By == "" {
		l.By = v.t.T("tokens.by_operator")
	}
	l.By = v.somebody(l.By)
	if t.LastUsedAt.After(t.CreatedAt) || t.LastUsedAt.Equal(t.CreatedAt) {
		l.Used = v.t.Ago(t.LastUsedAt, now)
	}
	for _, p := range t.Permissions {
		l.Rights = append(l.Rights, v.t.T("permission."+string(p)))
	}
	if !l.Over {
		l.Revoke = d.base + "/" + t.ID.String() + "/revoke"
	}
	return l
}

// tokenStatus is the chip of a token: green while nothing is to do (DESIGN.md 13).
func (v *visit) tokenStatus(t token.Token, now time.Time) ui.ChipProps {
	switch t.State(now) {
	case token.Revoked:
		return ui.ChipProps{Tone: ui.ToneOff, Label: v.t.T("tokens.status.revoked")}
	case token.Expired:
		return ui.ChipProps{Tone: ui.ToneOff, Label: v.t.T("tokens.status.expired")}
	case token.InForce:
	}
	switch days := text.DaysUntil(t.ExpiresAt, now); {
	case days == 0:
		return ui.ChipProps{Tone: ui.ToneWait, Icon: ui.IconClockFill, Label: v.t.T("members.expires_today")}
	case days <= tokensSoon:
		return ui.ChipProps{Tone: ui.ToneWait, Icon: ui.IconClockFill, Label: v.t.T("members.expires_in", "Count", days)}
	}
	return ui.ChipProps{Tone: ui.ToneOK, Label: v.t.T("tokens.status.in_force")}
}

// listed finds the token in force that the address names, among its owner's.
func (v *visit) listed(d desk) (token.Token, error) {
	id, err := ident.ParseToken(v.PathValue("token"))
	if err != nil {
		return token.Token{}, token.ErrNotFound
	}
	list, err := v.s.Tokens.List(v.Context(), v.by, d.of)
	if err != nil {
		return token.Token{}, v.offPlatform(err)
	}
	for i := range list {
		if list[i].ID == id && list[i].State(v.s.now()) == token.InForce {
			return list[i], nil
		}
	}
	return token.Token{}, token.ErrNotFound
}

func (v *visit) revokeForm(d desk) error {
	t, err := v.listed(d)
	if err != nil {
		return err
	}
	return v.askRevocation(d, t, nil)
}

// askRevocation asks before a program is shut out (DESIGN.md 12, level 2; the
// password too: rules.md 6).
func (v *visit) askRevocation(d desk, t token.Token, refusal error) error {
	wrong, summary := v.fieldErrors(refusal)
	l := v.tokenLine(d, t, v.s.now())
	p, err := d.frame(v.t.T("tokens.revoke"))
	if err != nil {
		return err
	}
	p.Error = refusal != nil
	status := http.StatusOK
	if refusal != nil {
		status = http.StatusUnprocessableEntity
	}
	return v.show(status, TokenRevokePage(p, tokenRevokeView{
		Desk: d, Summary: summary,
		Facts: []ui.Fact{
			{Term: v.t.T("tokens.column.by"), Value: v.t.T("tokens.made", "Name", l.By, "Date", l.Made)},
			{Term: v.t.T("tokens.column.used"), Value: l.Used}, {Term: v.t.T("tokens.column.expires"), Value: l.Expires},
		},
		Ask: ui.ConfirmProps{
			Title: v.t.T("tokens.revoke_question", "Name", t.Name), Text: v.t.T("tokens.revoke_text"), Action: l.Revoke,
			Button: ui.ButtonProps{Label: v.t.T("tokens.revoke")}, Keep: v.t.T("tokens.keep"), Back: d.base,
			StepUp: v.proof(v.t.T("tokens.proof"), wrong),
		},
	}))
}

// tokenRevokeView is what the question before revoking shows.
type tokenRevokeView struct {
	Desk    desk
	Summary []ui.FieldError
	Facts   []ui.Fact
	Ask     ui.ConfirmProps
}

func (v *visit) revokeToken(d desk) error {
	t, err := v.listed(d)
	if err != nil {
		return err
	}
	if err = v.prove(); err == nil {
		err = v.s.Tokens.Revoke(v.Context(), v.by, d.of, t.ID)
	}
	if fault.Is(err, fault.Invalid) {
		return v.askRevocation(d, t, err)
	}
	if err != nil {
		return v.offPlatform(err)
	}
	v.flash(ui.ToneOK, v.t.T("tokens.revoked", "Name", t.Name))
	return v.to(d.base)
}

// mayPlatformTokens reports whether the platform's tokens are this person's affair.
func (v *visit) mayPlatformTokens() bool { return v.me.PlatformRole == account.Administrator }
