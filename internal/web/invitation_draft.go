package web

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"habilis/internal/access"
	"habilis/internal/enrolment"
	"habilis/internal/fault"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/invitation"
	"habilis/internal/org"
	"habilis/internal/role"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

// invite is the form «Inviter par e-mail» as it was typed. It is kept as a draft,
// so that a reload, the way back or the end of a session loses nothing; once it is
// sent, with what became of each address.
type invite struct {
	Emails   []string     `json:"emails,omitempty"` // of the fields
	Pasted   string       `json:"pasted,omitempty"`
	Roles    []pickedRole `json:"roles,omitempty"`
	Sites    []string     `json:"sites,omitempty"`
	Alike    string       `json:"alike,omitempty"` // whose levels on agendas and mailboxes they get
	Days     levelDays    `json:"days,omitzero"`   // from when, and until when
	Function string       `json:"function,omitempty"`
	Welcome  string       `json:"welcome,omitempty"`
	Language string       `json:"language,omitempty"`
	Report   []sentLine   `json:"report,omitempty"`
}

// pickedRole is a ticked role with the scope chosen beside it.
type pickedRole struct {
	Role  string `json:"role"`
	Scope string `json:"scope"`
}

// sentLine is what became of one address.
type sentLine struct {
	Email      string           `json:"email"`
	Fate       enrolment.Fate   `json:"fate"`
	Code       string           `json:"code,omitempty"`
	Invitation ident.Invitation `json:"invitation,omitempty"`
	Member     ident.Member     `json:"member,omitempty"`
}

// sentLines keeps a report.
func sentLines(report enrolment.Report) []sentLine {
	lines := make([]sentLine, 0, len(report.Lines))
	for _, l := range report.Lines {
		lines = append(lines, sentLine(l))
	}
	return lines
}

// scopeChosen is the scope «Les établissements choisis»: each of them.
const scopeChosen = "chosen"

// draftInvite is the kind of our drafts.
const draftInvite = "invitation"

// Bounds of the form.
const (
	maxEmailFields = 20
	maxAddresses   = invitation.Chunk // typed and pasted: one transaction

	maxInviteFields = 1000 // of the whole form: every site and role of a large organisation
)

// addresses are those of the fields and those of the pasted list, each once: one per
// line, or separated by commas, semicolons or tabs, as a spreadsheet or a mailbox
// gives them.
func (f invite) addresses() []string {
	separator := func(r rune) bool { return strings.ContainsRune("\r\n\t,;", r) }
	var list []string
	seen := map[string]bool{}
	for _, s := range append(slices.Clone(f.Emails), strings.FieldsFunc(f.Pasted, separator)...) {
		s = bare(strings.TrimSpace(s))
		if key := strings.ToLower(s); s != "" && !seen[key] {
			seen[key] = true
			list = append(list, s)
		}
	}
	return list
}

// bare takes the address out of «Inès Roussel <ines@cabinet.fr>».
func bare(s string) string {
	if from := strings.LastIndexByte(s, '<'); from >= 0 && strings.HasSuffix(s, ">") {
		return s[from+1 : len(s)-1]
	}
	return s
}

// command is what the form asks for. A scope or an ID that cannot be read is asked
// for as it stands: it is refused like one that does not exist.
func (v *visit) command(f invite) enrolment.Invite {
	in := enrolment.Invite{
		Org: v.org.ID, Emails: f.addresses(), Function: f.Function, Welcome: invitation.Welcome(f.Welcome), Language: text.Lang(f.Language),
	}
	for _, s := range f.Sites {
		in.Sites = append(in.Sites, ident.Site(s))
	}
	for _, p := range f.Roles {
		in.Roles = append(in.Roles, v.pickedGiven(p, in.Sites)...)
	}
	if f.Alike != "" {
		in.Levels.Like = &grant.Like{From: ident.Member(f.Alike), Domains: grant.Domains}
		in.Levels.Like.Starts, in.Levels.Like.Ends = v.span(f.Days)
	}
	return in
}

// pickedGiven is a picked role at its scope, or at each of the chosen sites.
func (v *visit) pickedGiven(p pickedRole, sites []ident.Site) []role.Given {
	return p.given(v.org.ID, sites)
}

func (p pickedRole) given(in ident.Org, sites []ident.Site) []role.Given {
	if p.Scope != scopeChosen {
		at, _ := access.ParseScope(in, p.Scope)
		return []role.Given{{Role: ident.Role(p.Role), Scope: at}}
	}
	var list []role.Given
	for _, s := range sites {
		list = append(list, role.Given{Role: ident.Role(p.Role), Scope: access.SiteScope(in, s)})
	}
	return list
}

// once makes a form that is sent twice invite once (RAC-08): the same draft with
// the same content is the same request.
func (v *visit) once(id ident.Draft, form any) (access.Actor, error) {
	b, err := json.Marshal(form)
	if err != nil {
		return access.Actor{}, err
	}
	sum := sha256.Sum256(b)
	by := v.by
	by.Once = access.Once{Key: id.String() + " " + hex.EncodeToString(sum[:8]), Body: sum}
	return by, nil
}

// inviteDraft loads the form that the address names.
func (v *visit) inviteDraft() (ident.Draft, invite, error) {
	var f invite
	id, err := v.loadDraft(draftInvite, &f)
	return id, f, err
}

// saveInvite keeps the form: under its draft, or a new one.
func (v *visit) saveInvite(id ident.Draft, f invite) (ident.Draft, error) {
	return v.saveDraft(draftInvite, id, f)
}

// openDraft is the draft that a form carries on with, if it is there and was not
// sent; else none, and a new one is made.
func (v *visit) openDraft() (ident.Draft, error) {
	if v.FormValue("draft") == "" {
		return "", nil
	}
	id, f, err := v.inviteDraft()
	switch {
	case fault.Is(err, fault.NotFound):
		return "", nil
	case err != nil:
		return "", err
	case f.Report != nil:
		return "", nil
	}
	return id, nil
}

// inviteChoices is what this person may choose from.
type inviteChoices struct {
	Roles     []role.Grantable
	Sites     []org.Site  // at which they may invite
	Alike     []ui.Option // whose levels may be copied; none for who may give none
	Temporary bool        // the policy allows temporary passwords (MEM-12)
}

func (v *visit) inviteChoices() (inviteChoices, error) {
	var c inviteChoices
	var err error
	if c.Roles, err = v.s.Roles.Grantable(v.Context(), v.by, v.org.ID); err != nil {
		return c, err
	}
	sites, err := v.s.Orgs.Sites(v.Context(), v.by, v.org.ID, "")
	if err != nil {
		return c, err
	}
	for i := range sites {
		if v.held.Has(access.MembersInvite, access.SiteScope(v.org.ID, sites[i].ID)) {
			c.Sites = append(c.Sites, sites[i])
		}
	}
	if v.held.HasAnywhere(access.RightsEdit) {
		if c.Alike, err = v.colleagueOptions(); err != nil {
			return c, err
		}
	}
	policy, err := v.s.Settings.Security(v.Context(), v.by, v.org.ID)
	c.Temporary = policy.TemporaryPasswords
	return c, err
}

// administersAny reports whether one of the roles gives administration.
func (v *visit) administersAny(given []role.Given) (bool, error) {
	roles, err := v.s.Roles.List(v.Context(), v.by, v.org.ID)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(roles, func(r role.Role) bool {
		held := slices.ContainsFunc(given, func(g role.Given) bool { return g.Role == r.ID })
		return held && slices.ContainsFunc(r.Permissions, access.IsAdministration)
	}), nil
}
