package web

import (
	"encoding/json"
	"net/http"
	"strings"

	"habilis/internal/draft"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/web/ui"
)

// startView is the first screen: a type of profile to begin with, or a draft.
type startView struct {
	Form    newMember
	Like    string // the member whose rights the new one gets
	LikeOf  string // their name
	Drafts  []draftLine
	Base    string // of the members
	Errors  map[string]string
	Summary []ui.FieldError
}

// draftLine is one draft, in words.
type draftLine struct {
	Name, Detail, Kept string
	Resume, Discard    string
	Initials           string
	Profile            ui.Profile
}

func (v *visit) showStart(status int, view startView) error {
	p, err := v.orgFrame(v.t.T("create.title"), atMembers)
	if err != nil {
		return err
	}
	p.Error = status != http.StatusOK
	if view.Drafts, err = v.draftLines(); err != nil {
		return err
	}
	view.Base = v.at("members")
	if id, err := ident.ParseMember(view.Like); err == nil {
		s, err := v.s.Members.Get(v.Context(), v.by, v.org.ID, id)
		if err != nil {
			return err
		}
		view.LikeOf = called(s.Member)
		if view.Form.Type == "" {
			view.Form.Type = string(s.ProfileType)
		}
	}
	return v.show(status, CreateStartPage(p, view))
}

// memberDrafts lists the forms that wait (DESIGN.md 15): this person's own.
func (v *visit) memberDrafts() error {
	if err := v.mayInvite(); err != nil {
		return err
	}
	p, err := v.orgFrame(v.t.T("create.drafts"), atInvitations)
	if err != nil {
		return err
	}
	lines, err := v.draftLines()
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, MemberDraftsPage(p, startView{Drafts: lines, Base: v.at("members")}))
}

func (v *visit) draftLines() ([]draftLine, error) {
	drafts, err := v.s.Drafts.List(v.Context(), v.by, v.org.ID, draftMember)
	lines := make([]draftLine, 0, len(drafts))
	for i := range drafts {
		lines = append(lines, v.draftLine(&drafts[i]))
	}
	return lines, err
}

// draftLine says whose form it is, how far it went, and until when it is kept.
func (v *visit) draftLine(d *draft.Draft) draftLine {
	var f newMember
	if json.Unmarshal([]byte(d.Body), &f) != nil {
		f = newMember{} // of an older shape: it can be deleted
	}
	given, family := f.names()
	l := draftLine{
		Name: v.draftName(f), Resume: v.stepPath(d.ID, f.Passed), Discard: v.at("members", "drafts", d.ID.String(), "discard"),
		Kept:     v.t.T("create.draft_line", "Ago", v.t.Ago(d.UpdatedAt, v.s.now()), "Date", v.t.Date(d.ExpiresAt)),
		Initials: initials(given, family), Profile: profile(member.ProfileType(f.Type)),
	}
	l.Detail = v.t.T("create.draft_step", "Step", v.t.T("create.step."+steps[f.Passed]))
	if f.Type != "" {
		l.Detail = named(v.t, "profile.", f.Type) + " · " + l.Detail
	}
	return l
}

// draftName is whose form it is, as far as it is known.
func (v *visit) draftName(f newMember) string {
	given, family := f.names()
	if name := strings.TrimSpace(given + " " + family); name != "" {
		return name
	}
	return v.t.T("create.nobody")
}

// discardDraft gives a draft up. It is nobody else's, and nothing was done yet: no
// question is asked (DESIGN.md 12, level 0).
func (v *visit) discardDraft() error {
	id, body, err := v.ownDraft()
	if err != nil {
		return err
	}
	if err := v.s.Drafts.Delete(v.Context(), v.by, id); err != nil {
		return err
	}
	var f newMember
	if json.Unmarshal([]byte(body), &f) != nil {
		f = newMember{}
	}
	v.flash(ui.ToneOK, v.t.T("create.discarded", "Name", v.draftName(f)))
	return v.to(v.at("members", "drafts"))
}
