package api

import (
	"context"
	"net/http"
	"time"

	"habilis/internal/credential"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/login"
	"habilis/internal/session"
)

// MemberFactors is how a member proves who they are beside the password, without secrets.
type MemberFactors struct {
	Items         []MemberFactor `json:"items"`
	RecoveryCodes bool           `json:"recovery_codes" doc:"Has printed codes in force."`
	Required      bool           `json:"required" doc:"A second factor is asked of the person."`
	DueAt         time.Time      `json:"due_at,omitzero" doc:"From when; absent: at once."`
	Sessions      int            `json:"sessions" doc:"How many browsers are signed in."`
	LostAt        time.Time      `json:"lost_at,omitzero" doc:"When all of them are taken, as somebody who knows the password asked, unless they are kept. Absent: nobody asked."` //nolint:lll // a tag is one literal
}

// MemberFactor is one second factor of a member.
type MemberFactor struct {
	ID         string    `json:"id" example:"fct_019aa0f3-9e2c-7b35-b7d1-4a60c8f2e917"`
	Kind       string    `json:"kind" enum:"passkey,totp,sms,address"`
	Name       string    `json:"name,omitempty" doc:"What the person calls it."`
	Hint       string    `json:"hint,omitempty" doc:"The end of a number."`
	Given      bool      `json:"given" doc:"An administrator added it."`
	CreatedAt  time.Time `json:"created_at"`
	ProvedAt   time.Time `json:"proved_at,omitzero" doc:"Absent: not proved yet, worth nothing."`
	LastUsedAt time.Time `json:"last_used_at,omitzero"`
	Removable  bool      `json:"removable" doc:"An administrator may remove it."`
}

// MemberSession is one browser in which a member is signed in; where it is, is not told.
type MemberSession struct {
	ID        string    `json:"id" example:"ses_019aa0f3-9e2c-7b35-b7d1-4a60c8f2e917"`
	CreatedAt time.Time `json:"created_at"`
	SeenAt    time.Time `json:"seen_at" doc:"Last use, to the minute."`
	ExpiresAt time.Time `json:"expires_at"`
	UserAgent string    `json:"user_agent" doc:"What the browser says it is."`
	Second    string    `json:"second,omitempty" doc:"The second factor it was opened with; absent: none was asked."`
}

type memberSessionsInput struct {
	InMember
	Paged
}

type giveFactorInput struct {
	InMember

	Body givenFactor
}

type givenFactor struct {
	Kind   string `json:"kind" enum:"address,sms" doc:"address: the organisation's network. sms: a mobile number."`
	Number string `json:"number,omitempty" doc:"Of sms." example:"06 39 98 00 12"`
}

type memberFactorInput struct {
	InMember

	Factor string `path:"fct" doc:"The factor's ID." example:"fct_019aa0f3-9e2c-7b35-b7d1-4a60c8f2e917"`
}

type resetFactorsInput struct {
	InMember

	Body resetReason
}

type resetReason struct {
	Reason string `json:"reason" maxLength:"300" doc:"Why: it stands in the trail and in the letters." example:"Téléphone perdu, identité vérifiée au guichet"` //nolint:lll // a tag is one literal
}

type resetAccountInput struct {
	Caller

	Body accountReset
}

type accountReset struct {
	Email  string `json:"email" maxLength:"254" example:"julie.delmas@exemple.fr"`
	Reason string `json:"reason" maxLength:"300"`
}

func (s *Server) aboutMemberFactors(d *door) {
	const path = "/organizations/{org}/members/{mbr}/factors"
	const needs = "Needs security.edit over the member, whose administration must be within the caller's own."
	add(d, route{
		id: "listMemberFactors", method: http.MethodGet, path: path, tag: tagMembers, summary: "Second factors of a member",
		about: "Without secrets. " + needs, errors: []int{http.StatusNotFound, http.StatusConflict},
	}, s.listMemberFactors)
	add(d, route{
		id: "giveMemberFactor", method: http.MethodPost, path: path, tag: tagMembers, summary: "Give a member a second factor",
		about:  "Worth nothing until the person has proved it; they are told. " + needs + " A person needs a fresh proof.",
		errors: []int{http.StatusNotFound, http.StatusConflict},
	}, s.giveMemberFactor)
	add(d, route{
		id: "takeMemberFactor", method: http.MethodDelete, path: path + "/{fct}", tag: tagMembers, summary: "Remove a factor that was given",
		about: "The organisation's network, or a number not proved yet; never the last one of somebody who must have one. " + needs +
			" A person needs a fresh proof.",
		errors: []int{http.StatusNotFound, http.StatusConflict},
	}, s.takeMemberFactor)
	add(d, route{
		id: "resetMemberFactors", method: http.MethodPost, path: path + "/reset", tag: tagMembers,
		summary: "Reset the second factors of a member",
		about: "All of them, and the recovery codes: the next sign-in must make another. The person's sessions end; they and the other " +
			"administrators are told. Only where the account belongs to this organisation alone: otherwise the platform does it. " + needs +
			" A person needs a fresh proof.",
		errors: []int{http.StatusNotFound, http.StatusConflict},
	}, s.resetMemberFactors)
	add(d, route{
		id: "keepMemberFactors", method: http.MethodDelete, path: path + "/loss", tag: tagMembers,
		summary: "Keep the second factors of a member",
		about: "Stops the request of somebody who gave the member's password and said that every second factor was lost: they would all be " +
			"taken after 72 hours. Ask the person first. They and the administrators of their organisations are told. Of somebody who belongs " +
			"elsewhere too, once in 30 days by the administrators of all organisations together. " + needs + " A person needs a fresh proof.",
		errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusGone},
	}, s.keepMemberFactors)
	add(d, route{
		id: "listMemberSessions", method: http.MethodGet, path: "/organizations/{org}/members/{mbr}/sessions", tag: tagMembers,
		summary: "Open sessions of a member", about: "The browsers where the person is signed in, the one used last first. " + needs,
		errors: []int{http.StatusNotFound, http.StatusConflict},
	}, s.listMemberSessions)
	add(d, route{
		id: "endMemberSessions", method: http.MethodDelete, path: "/organizations/{org}/members/{mbr}/sessions", tag: tagMembers,
		summary: "Sign a member out everywhere",
		about: "Every browser of the person is signed out, in their other organisations too, and forgotten where it was remembered: a session " +
			"belongs to no organisation. Their password, factors and tokens stay. They are told. " + needs,
		errors: []int{http.StatusNotFound, http.StatusConflict},
	}, s.endMemberSessions)
	add(d, route{
		id: "resetAccountFactors", method: http.MethodPost, path: "/platform/factor-resets", tag: tagOrganizations,
		summary: "Reset the second factors of somebody of several organisations",
		about: "As resetMemberFactors, by exact address; the administrators of each organisation are told. For the platform's people, " +
			"with a fresh proof.",
		errors: []int{http.StatusNotFound, http.StatusConflict},
	}, s.resetAccountFactors)
}

func (s *Server) listMemberFactors(ctx context.Context, in *InMember) (*plainReply[MemberFactors], error) {
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	v, err := s.Logins.MemberSecurity(ctx, in.By, id, known(ident.ParseMember, in.Member))
	if err != nil {
		return nil, err
	}
	out := MemberFactors{
		Items: []MemberFactor{}, RecoveryCodes: v.Codes, Required: v.Policy.Required, DueAt: utc(v.Policy.DueAt), Sessions: v.Sessions,
		LostAt: utc(v.LostAt),
	}
	for _, f := range v.Factors {
		out.Items = append(out.Items, memberFactorOf(f))
	}
	return replied(out), nil
}

func memberFactorOf(f login.MemberFactor) MemberFactor {
	return MemberFactor{
		ID: f.ID.String(), Kind: string(f.Kind), Name: f.Name, Hint: f.Hint, Given: f.GivenBy != "", CreatedAt: f.CreatedAt.UTC(),
		ProvedAt: utc(f.ProvedAt), LastUsedAt: utc(f.LastUsedAt), Removable: f.Takeable,
	}
}

// utc keeps the zero time, which says that there is none.
func utc(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC()
}

func (s *Server) giveMemberFactor(ctx context.Context, in *giveFactorInput) (*nothing, error) {
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	member := known(ident.ParseMember, in.Member)
	if in.Body.Kind == string(credential.SMS) {
		return nil, s.Logins.GivePhone(ctx, in.By, id, member, in.Body.Number)
	}
	if in.Body.Number != "" {
		return nil, fault.OnField("number", "api.unknown_field")
	}
	return nil, s.Logins.GiveAddress(ctx, in.By, id, member)
}

func (s *Server) takeMemberFactor(ctx context.Context, in *memberFactorInput) (*nothing, error) {
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	return nil, s.Logins.TakeFactor(ctx, in.By, id, known(ident.ParseMember, in.Member), known(ident.ParseFactor, in.Factor))
}

func (s *Server) resetMemberFactors(ctx context.Context, in *resetFactorsInput) (*nothing, error) {
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	return nil, s.Logins.ResetFactors(ctx, in.By, id, known(ident.ParseMember, in.Member), in.Body.Reason)
}

func (s *Server) keepMemberFactors(ctx context.Context, in *InMember) (*nothing, error) {
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	return nil, s.Logins.KeepFactors(ctx, in.By, id, known(ident.ParseMember, in.Member))
}

func (s *Server) listMemberSessions(ctx context.Context, in *memberSessionsInput) (*plainReply[List[MemberSession]], error) {
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	member := known(ident.ParseMember, in.Member)
	all, err := s.Logins.MemberSessions(ctx, in.By, id, member)
	if err != nil {
		return nil, err
	}
	return cut[session.Session, MemberSession]{
		ring: s.Run.Ring, name: "member-sessions|" + in.By.ID() + "|" + member.String(), page: in.Paged,
		id: func(v session.Session) string { return v.ID.String() },
		document: func(v session.Session) MemberSession {
			return MemberSession{
				ID: v.ID.String(), CreatedAt: v.CreatedAt.UTC(), SeenAt: v.SeenAt.UTC(), ExpiresAt: v.ExpiresAt.UTC(),
				UserAgent: v.UserAgent, Second: v.Second,
			}
		},
	}.of(all)
}

func (s *Server) endMemberSessions(ctx context.Context, in *InMember) (*nothing, error) {
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	return nil, s.Logins.EndMemberSessions(ctx, in.By, id, known(ident.ParseMember, in.Member))
}

func (s *Server) resetAccountFactors(ctx context.Context, in *resetAccountInput) (*nothing, error) {
	return nil, s.Logins.ResetAccount(ctx, in.By, in.Body.Email, in.Body.Reason)
}
