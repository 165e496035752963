package enrolment

import (
	"context"

	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/invitation"
	"habilis/internal/member"
	"habilis/internal/role"
	"habilis/internal/store"
)

// JoinedLetter tells a person with an account that they joined an organisation, as
// what and where, and that they can leave it (MEM-10).
type JoinedLetter struct {
	Org       ident.Org    `json:"org"`
	Member    ident.Member `json:"member"`
	InvitedBy string       `json:"invited_by"`
	Roles     []role.Given `json:"roles"`
	Sites     []ident.Site `json:"sites"`
}

// Kind names the job.
func (JoinedLetter) Kind() string { return "letter.joined" }

// newcomer is an account that becomes a member.
type newcomer struct {
	org      ident.Org
	account  account.Account
	function string
	roles    []role.Given
	sites    []ident.Site
	by       invitation.Inviter // who gives the roles and the sites
	levels   []grant.Given
	waiting  ident.Member // the member who waited for an account, if there is one
}

// status of a new member: whoever has signed in anywhere is no stranger to the
// product (MEM-10, LST-4).
func (n newcomer) status() member.Status {
	if n.account.LastSignInAt.Equal(store.Never) {
		return member.Created
	}
	return member.Active
}

// admit makes the membership, or gives a waiting member their account.
func admit(ctx context.Context, tx *action.Tx, n newcomer) (member.Member, error) {
	m, err := n.enter(ctx, tx.Tx)
	if err != nil || n.by.Platform {
		return m, err
	}
	return m, grant.Welcomed(ctx, tx, n.by.Actor, n.org, m.ID, n.levels)
}

func (n newcomer) enter(ctx context.Context, tx *store.Tx) (member.Member, error) {
	a := n.account
	row := member.New{
		Org: n.org, Account: a.ID, Status: n.status(), Title: a.Title, GivenName: a.GivenName, FamilyName: a.FamilyName,
		Email: a.Email.Address, Function: n.function, Sites: n.sites, Roles: n.roles, GivenBy: n.by.Actor.ID(),
	}
	if n.waiting.IsZero() {
		return member.Insert(ctx, tx, row)
	}
	return member.Attach(ctx, tx, n.org, n.waiting, row)
}

// join makes a member of an account at once, and tells the person (MEM-10).
func (s *sending) join(ctx context.Context, tx *action.Tx, k known) (ident.Member, error) {
	m, err := admit(ctx, tx, newcomer{
		org: s.org, account: k.account, function: s.function, roles: s.roles, sites: s.sites, levels: s.levels.Lasting(tx.Now),
		by: s.by, waiting: k.waiting,
	})
	if err != nil {
		return "", err
	}
	s.tell(tx, m)
	return m.ID, nil
}

// record is the trail of one person who comes in, or is asked to.
func (s *sending) record(verb, object, subject string, names map[string]string) audit.Event {
	e := audit.Event{
		Org: s.org, Verb: verb, Object: object, Subject: subject, Names: names,
		After: map[string]any{"roles": rolesOf(s.roles), "sites": s.sites, "welcome": s.welcome},
	}
	if len(s.levels.Lines) > 0 {
		e.After["levels"] = s.levels.Facts()
	}
	if len(s.sites) == 1 {
		e.Site = s.sites[0]
	}
	return e
}

// rolesOf writes roles with their scopes for the trail.
func rolesOf(given []role.Given) []map[string]string {
	list := make([]map[string]string, len(given))
	for n, g := range given {
		list[n] = map[string]string{"role": g.Role.String(), "scope": g.Scope.Code()}
	}
	return list
}
