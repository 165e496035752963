package decision

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/setting"
	"habilis/internal/store"
)

// The second evaluator: written from product.md §5 and rest.md alone, in plain SQL over
// the rows as they were known at a moment. It answers about the past, and holds the index
// to account in tests. It shares with the index the types of questions and answers, the
// list of actions (both are the contract's), and nothing else.

// past is one question being answered about a moment.
type past struct {
	ctx context.Context //nolint:containedctx // lives as long as one question
	tx  *store.Tx
	org ident.Org
	at  time.Time
	// back is a member who is taken as reactivated while they are deactivated (Meanwhile).
	back ident.Member
}

// away says why a member is not in force at the moment asked about.
func (p past) away(m pastMember) Code {
	if m.id == p.back && m.status == statusDeactivated {
		m.status = statusActive
	}
	return m.away(p.at)
}

// judge answers q. Errors: access.ErrNotFound for an organisation that did not exist.
func (p past) judge(q Question) (Explained, error) {
	status, found, err := pastOrg(p.ctx, p.tx, p.org, p.at)
	if err != nil || !found {
		return Explained{}, firstError(err, access.ErrNotFound)
	}
	code, facts, err := p.decide(q, status == "suspended")
	return Explained{Answer: code.answer(0), Facts: facts}, err
}

func (p past) decide(q Question, suspended bool) (Code, []Fact, error) {
	m, refusal, err := p.subject(q)
	if err != nil || refusal != "" {
		return refusal, nil, err
	}
	r, refusal, err := p.resource(q)
	switch {
	case err != nil || refusal != "":
		return refusal, nil, err
	case suspended:
		return OrgSuspended, nil, nil
	}
	if refusal := p.away(m); refusal != "" {
		return refusal, []Fact{m.fact()}, nil
	}
	code, facts, err := p.connection(q)
	if err == nil && code == "" {
		code, facts, err = p.rule(q, m, r)
	}
	return code, append([]Fact{m.fact()}, facts...), err
}

// subject finds the member whom the question is about.
func (p past) subject(q Question) (m pastMember, refusal Code, err error) {
	found := false
	switch q.Subject.Type {
	case TypeMember:
		m, found, err = pastMemberByID(p.ctx, p.tx, p.org, q.Subject.ID, p.at)
	case TypeAccount:
		if m, found, err = pastMemberByAccount(p.ctx, p.tx, p.org, q.Subject.ID, p.at); err == nil && found {
			refusal, err = p.several(q)
		}
	}
	if err == nil && (!found || (!q.In.IsZero() && q.In != p.org)) {
		refusal = UnknownSubject
	}
	return m, refusal, err
}

// several refuses a person of several organisations when none was stated.
func (p past) several(q Question) (Code, error) {
	if !q.In.IsZero() {
		return "", nil
	}
	n, err := pastPlaces(p.ctx, p.tx, q.Subject.ID, p.at)
	if err != nil || n < 2 {
		return "", err
	}
	return SeveralOrganizations, nil
}

// resource finds what the question is about, when it is a thing of the organisation.
func (p past) resource(q Question) (r pastResource, refusal Code, err error) {
	if !slices.Contains(pastTypes, q.Resource.Type) {
		return r, UnknownResource, nil
	}
	if !pastActions(q.Resource.Type, q.Action) {
		return r, UnknownAction, nil
	}
	found := q.Resource.ID != ""
	switch q.Resource.Type {
	case TypeAgenda, TypeMessagingProfile, TypeIdentity:
		r, found, err = pastResourceByID(p.ctx, p.tx, p.org, q.Resource.ID, p.at)
		found = found && r.typ == q.Resource.Type
	case TypeMember:
		_, found, err = pastMemberByID(p.ctx, p.tx, p.org, q.Resource.ID, p.at)
	case TypeOrganization:
		found = q.Resource.ID == p.org.String()
	case TypeSite:
		found, err = pastSiteKnown(p.ctx, p.tx, p.org, q.Resource.ID, p.at)
	}
	if err == nil && !found {
		refusal = UnknownResource
	}
	return r, refusal, err
}

// pastTypes and pastActions are the table of rest.md.
var pastTypes = []string{
	TypeAgenda, TypeMessagingProfile, TypeIdentity, TypePatientRecord, TypeMember, TypePatientDocument, TypeOrganization, TypeSite,
}

func pastActions(typ, action string) bool {
	switch typ {
	case TypeAgenda:
		return action == "view_availability" || action == wordRead || action == wordManage
	case TypeMessagingProfile:
		return action == wordRead || action == wordReply || action == wordManage
	case TypeIdentity:
		return action == "send" || action == "receive" || action == wordDraft
	case TypePatientRecord:
		return action == wordRead || action == "write"
	case TypeMember:
		return action == "converse"
	case TypePatientDocument:
		return action == "share" || action == "consult"
	case TypeOrganization, TypeSite:
		return access.Known(access.Permission(action))
	}
	return false
}

// away says why a member is not in force: it is what the view standing says, in words.
func (m pastMember) away(at time.Time) Code {
	switch {
	case m.status == "left":
		return MemberLeft
	case m.status == "pending_approval":
		return MemberPending
	case m.status == statusUnverified:
		return MemberUnverified
	case m.status != statusCreated && m.status != statusActive:
		return MemberNotActive
	case m.account == "":
		return MemberNoAccount
	case m.blocked:
		return AccountBlocked
	case m.starts != nil && m.starts.After(at):
		return MemberNotStarted
	case m.ends != nil && !m.ends.After(at):
		return MemberEnded
	}
	return ""
}

func (m pastMember) fact() Fact {
	return Fact{Kind: FactMembership, ID: m.id.String(), Level: m.status, Until: m.ends}
}

// connection asks what the organisation's policy asks of the connection.
func (p past) connection(q Question) (Code, []Fact, error) {
	text, found, err := pastSetting(p.ctx, p.tx, p.org, setting.DecisionsName, p.at)
	if err != nil || !found {
		return "", nil, err
	}
	policy, err := setting.ParseDecisions(text)
	if err != nil {
		return "", nil, err
	}
	fact := []Fact{{Kind: FactSetting, ID: setting.DecisionsName}}
	inside := func(n netip.Prefix) bool { return n.Contains(q.Address.Unmap()) }
	switch {
	case len(policy.Networks) > 0 && (!q.Address.IsValid() || !slices.ContainsFunc(policy.Networks, inside)):
		return AddressNotAllowed, fact, nil
	case policy.SecondFactor && (q.SecondFactor == nil || !*q.SecondFactor):
		return SecondFactorRequired, fact, nil
	}
	return "", nil, nil
}

func firstError(a, b error) error {
	if a != nil {
		return a
	}
	return b
}
