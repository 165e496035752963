package decision

import (
	"encoding/json"
	"fmt"
	"slices"

	"habilis/internal/access"
)

// rule applies the line of rest.md's table that the question is about. m is in force.
func (p past) rule(q Question, m pastMember, r pastResource) (Code, []Fact, error) {
	switch q.Resource.Type {
	case TypeAgenda:
		return p.agenda(q, m, r)
	case TypeMessagingProfile:
		return p.messaging(q, m, r)
	case TypeIdentity:
		return p.identity(q, m, r)
	case TypePatientRecord:
		return p.record(q, m)
	case TypeMember:
		return p.converse(q, m)
	case TypePatientDocument:
		if m.function == "other" { // MEM-7: whatever role or grant says
			return FunctionOther, nil, nil
		}
		return p.permission(m, "documents."+q.Action, anyScope)
	case TypeOrganization:
		return p.permission(m, q.Action, access.WholeOrganization)
	case TypeSite:
		return p.permission(m, q.Action, q.Resource.ID)
	}
	return UnknownResource, nil, nil
}

// agenda: RGT-2, and OFF-3 for one left without its holder.
func (p past) agenda(q Question, m pastMember, r pastResource) (Code, []Fact, error) {
	if r.status == statusClosed {
		return AgendaClosed, []Fact{r.fact(q)}, nil
	}
	if r.holder != "" {
		holder, found, err := pastMemberByID(p.ctx, p.tx, p.org, r.holder, p.at)
		if err != nil {
			return "", nil, err
		}
		if !found || holder.status == "left" {
			return AgendaClosed, []Fact{r.fact(q)}, nil
		}
	}
	if r.holder == m.id.String() {
		return HolderAgenda, []Fact{r.fact(q)}, nil
	}
	wanted := slices.Index([]string{"", "view_availability", wordRead, wordManage}, q.Action)
	return p.level(q, m, GrantAgenda, []string{"", "availability", wordRead, wordManage}, wanted)
}

// messaging: RGT-3.
func (p past) messaging(q Question, m pastMember, r pastResource) (Code, []Fact, error) {
	if r.status == statusClosed {
		return MessagingClosed, []Fact{r.fact(q)}, nil
	}
	if r.holder == m.id.String() {
		return HolderMessaging, []Fact{r.fact(q)}, nil
	}
	wanted := slices.Index([]string{"", wordRead, wordReply, wordManage}, q.Action)
	return p.level(q, m, GrantMessaging, []string{"", wordRead, wordReply, wordManage}, wanted)
}

func (r pastResource) fact(q Question) Fact {
	return Fact{Kind: FactHolder, ID: r.holder, Name: r.name, Level: r.status, Scope: q.Resource.ID}
}

// level compares what the member was given with what is wanted.
func (p past) level(q Question, m pastMember, permit Code, levels []string, wanted int) (Code, []Fact, error) {
	g, found, err := pastGrant(p.ctx, p.tx, p.org, m.id, q.Resource.ID, p.at)
	switch {
	case err != nil:
		return "", nil, err
	case !found:
		return LevelNone, nil, nil
	case g.starts.After(p.at):
		return LevelNotStarted, []Fact{g.Fact}, nil
	case !g.holds(p.at):
		return LevelEnded, []Fact{g.Fact}, nil
	case slices.Index(levels, g.Level) < wanted:
		return LevelTooLow, []Fact{g.Fact}, nil
	}
	return permit, []Fact{g.Fact}, nil
}

// identity: RGT-6. A delegation on a practitioner's identity holds only while its holder
// is in force; to draft in somebody's name is given by that person.
func (p past) identity(q Question, m pastMember, r pastResource) (Code, []Fact, error) {
	switch {
	case r.status == statusClosed:
		return IdentityClosed, []Fact{r.fact(q)}, nil
	case r.holder == m.id.String():
		return IdentityOwn, []Fact{r.fact(q)}, nil
	}
	d, found, err := pastDelegation(p.ctx, p.tx, p.org, m.id, q.Resource.ID, q.Action, p.at)
	switch {
	case err != nil:
		return "", nil, err
	case !found:
		return DelegationNone, nil, nil
	}
	facts := []Fact{d.Fact}
	switch {
	case d.state == "proposed":
		return DelegationProposed, facts, nil
	case d.starts.After(p.at):
		return DelegationNotStarted, facts, nil
	case !d.holds(p.at):
		return DelegationEnded, facts, nil
	case r.holder == "":
		return DelegationGiven, facts, nil
	}
	holder, found, err := pastMemberByID(p.ctx, p.tx, p.org, r.holder, p.at)
	switch {
	case err != nil:
		return "", nil, err
	case !found || holder.away(p.at) != "":
		return DelegationHolderGone, append(facts, r.fact(q)), nil
	case q.Action == wordDraft && d.GivenBy != holder.account:
		return DelegationHolderNew, append(facts, r.fact(q)), nil
	}
	return DelegationGiven, facts, nil
}

// anyScope asks for a permission wherever it is held: records and documents have no site.
const anyScope = ""

// permission: a role or a single permission at that scope; the organisation's covers its
// sites.
func (p past) permission(m pastMember, permission, scope string) (Code, []Fact, error) {
	sources, err := pastPermissions(p.ctx, p.tx, p.org, m.id, permission, p.at)
	if err != nil {
		return "", nil, err
	}
	var facts []Fact
	for _, s := range sources {
		if s.holds(p.at) && (scope == anyScope || s.Scope == access.WholeOrganization || s.Scope == scope) {
			facts = append(facts, s.Fact)
		}
	}
	if len(facts) == 0 {
		return PermissionMissing, nil, nil
	}
	return PermissionHeld, facts, nil
}

// record: RGT-7.
func (p past) record(q Question, m pastMember) (Code, []Fact, error) {
	code, facts, err := p.permission(m, "records."+q.Action, anyScope)
	if err != nil || code != PermissionHeld {
		return code, facts, err
	}
	groups, err := pastRecordGroups(p.ctx, p.tx, p.org, q.Resource.ID, p.at)
	if err != nil {
		return "", nil, err
	}
	if len(groups) == 0 {
		return p.unlisted(facts)
	}
	mine, err := pastMemberGroups(p.ctx, p.tx, p.org, m.id, p.at)
	if err != nil {
		return "", nil, err
	}
	code = GroupNoneShared
	for _, g := range mine {
		if g.holds(p.at) && slices.Contains(groups, g.ID) {
			code, facts = GroupShared, append(facts, g.Fact)
		}
	}
	return code, facts, nil
}

// unlisted: a record in no group is open, unless the organisation closed those.
func (p past) unlisted(facts []Fact) (Code, []Fact, error) {
	text, found, err := pastSetting(p.ctx, p.tx, p.org, recordsName, p.at)
	if err != nil {
		return "", nil, err
	}
	var row struct {
		UnlistedClosed bool `json:"records_unlisted_closed"`
	}
	if found {
		if err := json.Unmarshal([]byte(text), &row); err != nil {
			return "", nil, fmt.Errorf("decision: setting %s of %s: %w", recordsName, p.org, err)
		}
	}
	if row.UnlistedClosed {
		return RecordUnlistedClosed, append(facts, Fact{Kind: FactSetting, ID: recordsName}), nil
	}
	return RecordUnlisted, facts, nil
}

// recordsName is the row of the setting that says what becomes of unlisted records.
const recordsName = "records"

// converse: MEM-8.
func (p past) converse(q Question, m pastMember) (Code, []Fact, error) {
	other, found, err := pastMemberByID(p.ctx, p.tx, p.org, q.Resource.ID, p.at)
	switch {
	case err != nil:
		return "", nil, err
	case !found:
		return UnknownResource, nil, nil
	case other.away(p.at) != "":
		return ReachOtherNotActive, nil, nil
	case m.reach == "everyone":
		return ReachEveryone, nil, nil
	}
	mine, err := pastSites(p.ctx, p.tx, p.org, m.id, p.at)
	if err != nil {
		return "", nil, err
	}
	theirs, err := pastSites(p.ctx, p.tx, p.org, other.id, p.at)
	if err != nil {
		return "", nil, err
	}
	for _, s := range mine {
		if slices.Contains(theirs, s) {
			return ReachSite, []Fact{{Kind: FactSite, ID: s}}, nil
		}
	}
	return ReachNoSharedSite, nil, nil
}
