package web

import (
	"net/http"
	"slices"
	"strings"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/invitation"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

var invitationRoutes = []route{
	{"GET /o/{org}/invitations", within, (*visit).invitations},
	{"GET /o/{org}/invitations/new", within, (*visit).inviteForm},
	{"POST /o/{org}/invitations/new", within, (*visit).keepInvite},
	{"GET /o/{org}/invitations/new/review", within, (*visit).reviewInvite},
	{"POST /o/{org}/invitations/new/review", within, (*visit).sendInvite},
	{"GET /o/{org}/invitations/sent", within, (*visit).sentInvite},
	{"GET /o/{org}/invitations/{invitation}/resend", within, (*visit).resendForm},
	{"POST /o/{org}/invitations/{invitation}/resend", within, (*visit).resend},
	{"GET /o/{org}/invitations/{invitation}/delete", within, (*visit).deleteForm},
	{"POST /o/{org}/invitations/{invitation}/delete", within, (*visit).deleteInvitation},
}

// invitationsView is what the list of pending invitations shows.
type invitationsView struct {
	Search  string
	Lines   []invitationLine
	Total   int64
	Summary string
	Base    string
	Page    int
	Pages   int
	Size    int
}

// invitationLine is one pending invitation, in words.
type invitationLine struct {
	ID, Email, Role, Site, By string
	Sent                      string
	Expired                   bool
	Status                    ui.StatusProps
	Base                      string // address of its acts; empty: none is offered
}

// invitations lists those that wait, expired ones too (MEM-11).
func (v *visit) invitations() error {
	view := invitationsView{
		Search: strings.TrimSpace(v.FormValue("q")), Base: v.at("invitations"),
		Page: number(v.FormValue(fieldPage), 1, maxPage),
		Size: number(v.FormValue(fieldSize), invitation.DefaultPageSize, invitation.MaxPageSize),
	}
	if !slices.Contains(pageSizes, view.Size) {
		view.Size = invitation.DefaultPageSize
	}
	list, err := v.s.Invitations.List(v.Context(), v.by, v.org.ID, invitation.Query{Search: view.Search, Page: view.Page, Size: view.Size})
	if err != nil {
		return err
	}
	view.Total, view.Pages = list.Total, int((list.Total+int64(view.Size)-1)/int64(view.Size))
	if view.Pages > 0 && view.Page > view.Pages { // the list became shorter
		return v.to(view.href(view.Pages, view.Size))
	}
	for n := range list.Items {
		view.Lines = append(view.Lines, v.invitationLine(list.Items[n]))
	}
	view.Summary = v.t.T("invitation.none_shown")
	if n := len(view.Lines); n > 0 {
		first := (view.Page-1)*view.Size + 1
		view.Summary = v.t.T("invitation.summary", "First", first, "Last", first+n-1, "Total", int(list.Total))
	}
	p, err := v.orgFrame(v.t.T("web.invitations"), atInvitations)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, InvitationsPage(p, view))
}

// pageSizes are the sizes offered, those of the member list.
var pageSizes = []int{20, 50, 100, invitation.MaxPageSize}

// href is the address of a page of the list; what is as usual is left out.
func (l invitationsView) href(page, size int) string {
	return inState(l.Base, queryOf(map[string]string{
		"q": l.Search, fieldPage: unusual(page, 1), fieldSize: unusual(size, invitation.DefaultPageSize),
	}))
}

func (v *visit) invitationLine(i invitation.Invitation) invitationLine {
	l := invitationLine{
		ID: i.ID.String(), Email: i.Email.Address, Role: v.t.List(roleLabels(v.t, i.RoleLabels)), Site: v.t.List(i.SiteNames),
		By: v.somebody(i.InvitedBy), Sent: v.t.ShortDate(i.SentAt), Expired: i.Expired(v.s.now()), Status: v.invitationStatus(i),
	}
	if i.MayResend {
		l.Base = v.at("invitations", i.ID.String())
	}
	return l
}

// soon is from how many days on an invitation about to expire asks for something.
const soon = 3

// invitationStatus is the chip of the column «Expire» (DESIGN.md 13, 16).
func (v *visit) invitationStatus(i invitation.Invitation) ui.StatusProps {
	now := v.s.now()
	days := text.DaysUntil(i.ExpiresAt, now)
	s := ui.StatusProps{
		Chip:   ui.ChipProps{Tone: ui.ToneInfo, Icon: ui.IconClockFill, Label: v.t.T("members.expires_in", "Count", days)},
		Detail: v.t.T("invitation.on", "Date", v.t.ShortDate(i.ExpiresAt)),
	}
	switch {
	case i.Expired(now):
		s.Chip = ui.ChipProps{Tone: ui.ToneOff, Label: v.t.T("status.expired")}
	case days == 0:
		s.Chip.Tone, s.Chip.Label = ui.ToneWait, v.t.T("members.expires_today")
	case days <= soon:
		s.Chip.Tone = ui.ToneWait
	}
	return s
}

// one reads the invitation that the address names.
func (v *visit) one() (invitation.Invitation, error) {
	id, err := ident.ParseInvitation(v.PathValue("invitation"))
	if err != nil {
		return invitation.Invitation{}, errPage
	}
	return v.s.Invitations.Get(v.Context(), v.by, v.org.ID, id)
}

func (v *visit) resendForm() error {
	i, err := v.one()
	if err != nil {
		return err
	}
	if !i.MayResend {
		return invitation.ErrMorePowerful
	}
	return v.askResend(i, nil)
}

// resend gives 30 days again and kills the older link (MEM-11). With a role that
// administers, the password is asked (rules.md 6).
func (v *visit) resend() error {
	i, err := v.one()
	if err != nil {
		return err
	}
	administers, err := v.administersAny(i.Roles)
	if err != nil {
		return err
	}
	if administers {
		err = v.prove()
	}
	if err == nil {
		_, err = v.s.Invitations.Resend(v.Context(), v.by, v.org.ID, i.ID)
	}
	if err != nil {
		return v.askResend(i, err)
	}
	v.flash(ui.ToneOK, v.t.T("invitation.resent", "Email", i.Email.Address, "Life", invitation.Life))
	return v.to(v.at("invitations"))
}

func (v *visit) askResend(i invitation.Invitation, refusal error) error {
	administers, err := v.administersAny(i.Roles)
	if err != nil {
		return err
	}
	c := v.aboutInvitation(i, "resend", ui.Primary)
	c.Ask.Button.Icon, c.Ask.Button.Busy = ui.IconPaperPlaneTilt, v.t.T("invitation.sending")
	if administers {
		c.Why = v.t.T("invitation.proof")
	}
	return v.confirm(c, refusal)
}

func (v *visit) deleteForm() error {
	i, err := v.one()
	if err != nil {
		return err
	}
	if !i.MayResend {
		return invitation.ErrMorePowerful
	}
	return v.confirm(v.aboutInvitation(i, "delete", ui.DangerSolid), nil)
}

// deleteInvitation withdraws an invitation: its link is dead.
func (v *visit) deleteInvitation() error {
	i, err := v.one()
	if err != nil {
		return err
	}
	err = v.s.Invitations.Delete(v.Context(), v.by, v.org.ID, i.ID)
	if fault.Is(err, fault.Conflict) {
		return v.confirm(v.aboutInvitation(i, "delete", ui.DangerSolid), err)
	}
	if err != nil {
		return err
	}
	v.flash(ui.ToneOK, v.t.T("invitation.deleted", "Email", i.Email.Address))
	return v.to(v.at("invitations"))
}

// aboutInvitation is the page that asks before an act on an invitation.
func (v *visit) aboutInvitation(i invitation.Invitation, act string, kind ui.Kind) confirmation {
	key := "invitation." + act
	c := confirmation{
		At: atInvitations, Title: v.t.T(key + ".title"), Crumb: v.t.T("web.invitations"), Back: v.at("invitations"),
		Ask: ui.ConfirmProps{
			Title: v.t.T(key+".question", "Email", i.Email.Address), Text: v.t.T(key+".text", "Life", invitation.Life),
			Action: v.at("invitations", i.ID.String(), act), Button: ui.ButtonProps{Label: v.t.T(key + ".button"), Kind: kind},
			Keep: v.t.T(key + ".keep"),
		},
	}
	return c
}

// mayInvite refuses the pages of inviting to whoever may not, so that no form is
// filled in for nothing.
func (v *visit) mayInvite() error {
	if !v.held.HasAnywhere(access.MembersInvite) {
		return v.lacks(access.MembersInvite)
	}
	return nil
}
