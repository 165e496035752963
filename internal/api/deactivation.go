package api

import (
	"context"
	"net/http"
	"time"

	"habilis/internal/access"
	"habilis/internal/decision"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/text"
)

func (s *Server) aboutDeactivation(d *door) {
	const base = "/organizations/{org}/members/{mbr}"
	problems := []int{http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed}
	add(d, route{
		id: "deactivateMember", method: http.MethodPost, path: base + "/deactivate", tag: tagMembers, summary: "Deactivate a member",
		about: "Ends the access to this organisation at once, and the tokens that the member made for it; other organisations of the same " +
			"person go on. With a date, plans it for the end of that day instead, by the calendar of metropolitan France: the answer has " +
			"planned_deactivation, and whoever planned must still be allowed to then. A plan takes the place of the one before. " +
			"Needs members.deactivate. With If-Match, only that version.",
		errors: problems,
	}, s.deactivate)
	add(d, route{
		id: "cancelDeactivation", method: http.MethodDelete, path: base + "/deactivation", tag: tagMembers,
		summary: "Cancel a planned deactivation",
		about: "The member keeps the access, and is told. Also of one that was not done on its day and waits for a confirmation. " +
			"Needs members.deactivate. With If-Match, only that version.",
		errors: problems,
	}, s.cancelDeactivation)
	add(d, route{
		id: "reactivateMember", method: http.MethodPost, path: base + "/reactivate", tag: tagMembers, summary: "Reactivate a member",
		about: "Gives the rights back as they were, but for what changed meanwhile, which the answer lists; the person signs in again. " +
			"Needs members.deactivate. With If-Match, only that version.",
		errors: problems,
	}, s.reactivate)
	add(d, route{
		id: "getReactivation", method: http.MethodGet, path: base + "/reactivation", tag: tagMembers,
		summary: "What a reactivation gives back",
		about: "Of a deactivated member, what they would hold otherwise than before; of one who was reactivated, what they hold otherwise " +
			"since. Needs members.deactivate; of what the caller may know.",
		errors: []int{http.StatusNotFound, http.StatusConflict},
	}, s.reactivation)
}

type deactivateInput struct {
	InMember
	Versioned

	Body *deactivation
}

type deactivation struct {
	Date *string `json:"date,omitempty" format:"date" doc:"The last day of access; left out: none, the access ends at once." example:"2026-11-30"` //nolint:lll // a tag is one literal
}

// PlannedDeactivation is a deactivation that waits for its day, or for a confirmation.
type PlannedDeactivation struct {
	Date      string    `json:"date" format:"date" doc:"The last day of access, by the calendar of metropolitan France." example:"2026-11-30"` //nolint:lll // a tag is one literal
	At        time.Time `json:"at" doc:"The end of that day: the first moment without access."`
	PlannedBy string    `json:"planned_by" doc:"Name of who answers for it." example:"Claire Morvan"`
	PlannedAt time.Time `json:"planned_at"`
	HeldBy    string    `json:"held_by" doc:"The rule that refused it on its day: somebody must deactivate the member, plan again or cancel. Empty: it waits for its day." example:"member.planner"` //nolint:lll // a tag is one literal
}

func plannedOf(p *member.Planned) *PlannedDeactivation {
	if p == nil {
		return nil
	}
	return &PlannedDeactivation{Date: p.Day, At: p.At.UTC(), PlannedBy: p.By, PlannedAt: p.Since.UTC(), HeldBy: p.Held}
}

// DeactivatedMember is a member who was deactivated, or will be.
type DeactivatedMember struct {
	Member

	Planned *PlannedDeactivation `json:"planned_deactivation" doc:"Null once the access has ended."`
}

func (s *Server) deactivate(ctx context.Context, in *deactivateInput) (*reply[DeactivatedMember], error) {
	on := &memberActInput{in.InMember, in.Versioned}
	if in.Body == nil || in.Body.Date == nil {
		m, err := onMember(ctx, s, on, s.Members.Deactivate)
		if err != nil {
			return nil, err
		}
		return &reply[DeactivatedMember]{ETag: etag(m.Version), Body: DeactivatedMember{Member: memberOf(m)}}, nil
	}
	plan := func(ctx context.Context, by access.Actor, org ident.Org, id ident.Member, version int64) (member.Sheet, error) {
		return s.Members.PlanDeactivation(ctx, by, org, id, *in.Body.Date, version)
	}
	v, err := onMember(ctx, s, on, plan)
	if err != nil {
		return nil, err
	}
	return &reply[DeactivatedMember]{
		ETag: etag(v.Version), Body: DeactivatedMember{Member: memberOf(v.Member), Planned: plannedOf(v.Planned)},
	}, nil
}

func (s *Server) cancelDeactivation(ctx context.Context, in *memberActInput) (*reply[MemberSheet], error) {
	v, err := onMember(ctx, s, in, s.Members.CancelDeactivation)
	return in.call.sheet(ctx, v, err)
}

// onMember does an act on the member that the address names, from the version that was read.
func onMember[T any](ctx context.Context, s *Server, in *memberActInput,
	act func(context.Context, access.Actor, ident.Org, ident.Member, int64) (T, error),
) (T, error) {
	var none T
	version, err := in.optional()
	if err != nil {
		return none, err
	}
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return none, err
	}
	return act(ctx, in.By, id, known(ident.ParseMember, in.Member), version)
}

// ReactivatedMember is a member who was let in again, with what is not as before.
type ReactivatedMember struct {
	Member

	Reactivation
}

// Reactivation is what somebody holds otherwise after a deactivation than before.
type Reactivation struct {
	DeactivatedAt time.Time         `json:"deactivated_at"`
	ReactivatedAt *time.Time        `json:"reactivated_at" doc:"Null while the member is deactivated."`
	Changed       []ChangedMeantime `json:"changed_meanwhile" doc:"What the member holds otherwise than when they were deactivated; empty: all is as it was."` //nolint:lll // a tag is one literal
	Withheld      bool              `json:"withheld" doc:"Levels, delegations and access groups are left out: the caller reads nobody's rights."`              //nolint:lll // a tag is one literal
	Tokens        int64             `json:"tokens_revoked" doc:"Tokens that the member had made for the organisation: they stay revoked."`
	Webhooks      int64             `json:"webhooks_stopped" doc:"Receivers of events that are still stopped since."`
}

// ChangedMeantime is one thing that is not as before.
type ChangedMeantime struct {
	Kind      string   `json:"kind" enum:"membership,function,reach,site,role,permission,agenda,messaging_profile,identity,delegation,group,setting"`                        //nolint:lll // a tag is one literal
	ID        string   `json:"id" doc:"Of the role, resource, group or site; the permission's code, the setting's name." example:"agd_019aa0f4-8c31-7e02-9d55-b0c7a1e3f284"` //nolint:lll // a tag is one literal
	Name      string   `json:"name" doc:"In the caller's language." example:"Dr Morvan"`
	Act       string   `json:"act" doc:"Of a delegation." example:"send"`
	Scope     string   `json:"scope" doc:"Of a role or a permission: organization, or the ID of a site." example:"organization"`
	ScopeName string   `json:"scope_name" doc:"Of a site's scope."`
	Before    string   `json:"before" doc:"held, holder, a level, or a code of the kind; empty: nothing." example:"manage"`
	After     string   `json:"after" example:"read"`
	Gained    []string `json:"gained" doc:"Permissions that were added to the role."`
	Lost      []string `json:"lost" doc:"Permissions that were taken out of the role."`
	Why       string   `json:"why" doc:"taken, given, altered, over, redated, handed_over, group_gone, site_closed, usable, or the code by which a decision refuses it." example:"altered"` //nolint:lll // a tag is one literal
	Detail    string   `json:"detail" doc:"The same in words, in the caller's language." example:"Modifié entre-temps"`
}

func reactivationOf(t *text.Printer, m decision.Meanwhile) Reactivation {
	r := Reactivation{
		DeactivatedAt: m.Since.UTC(), ReactivatedAt: moment(m.Until), Changed: make([]ChangedMeantime, 0, len(m.Moved)), Withheld: m.Withheld,
		Tokens: m.Tokens, Webhooks: m.Webhooks,
	}
	for i := range m.Moved {
		v := &m.Moved[i]
		r.Changed = append(r.Changed, ChangedMeantime{
			Kind: string(v.Kind), ID: v.ID, Name: v.Said(t), Act: v.Act, Scope: v.Scope, ScopeName: v.ScopeName, Before: v.Before, After: v.After,
			Gained: listOf(v.Gained), Lost: listOf(v.Lost), Why: string(v.Why), Detail: t.T("meanwhile.why." + string(v.Why)),
		})
	}
	return r
}

// listOf is a list that is never null.
func listOf(list []string) []string { return append([]string{}, list...) }

func (s *Server) reactivate(ctx context.Context, in *memberActInput) (*reply[ReactivatedMember], error) {
	m, err := onMember(ctx, s, in, s.Members.Reactivate)
	if err != nil {
		return nil, err
	}
	told, err := s.Insight.Meanwhile(ctx, in.By, m.Org, m.ID)
	if err != nil {
		return nil, err
	}
	return &reply[ReactivatedMember]{
		ETag: etag(m.Version), Body: ReactivatedMember{Member: memberOf(m), Reactivation: reactivationOf(in.call.words(ctx), told)},
	}, nil
}

func (s *Server) reactivation(ctx context.Context, in *InMember) (*plainReply[Reactivation], error) {
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	told, err := s.Insight.Meanwhile(ctx, in.By, id, known(ident.ParseMember, in.Member))
	if err != nil {
		return nil, err
	}
	return replied(reactivationOf(in.call.words(ctx), told)), nil
}
