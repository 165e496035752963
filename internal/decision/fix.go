package decision

import (
	"habilis/internal/access"
	"habilis/internal/ident"
)

// The smallest changes. Text key "decision.fix.<code>".
const (
	FixGiveLevel        = "give_level"
	FixRaiseLevel       = "raise_level"
	FixRenewLevel       = "renew_level"
	FixReopen           = "reopen"
	FixGiveDelegation   = "give_delegation"
	FixConfirm          = "confirm_delegation"
	FixRenewDelegation  = "renew_delegation"
	FixGivePermission   = "give_permission"
	FixAddToGroup       = "add_to_group"
	FixListRecord       = "list_record"
	FixReactivate       = "reactivate"
	FixInvite           = "invite"
	FixMoveDates        = "move_dates"
	FixApprove          = "approve"
	FixWidenReach       = "widen_reach"
	FixChangeFunction   = "change_function"
	FixUseSecondFactor  = "use_second_factor"
	FixUseOtherAddress  = "use_other_address"
	FixReactivateHolder = "reactivate_holder"
	FixReactivateOther  = "reactivate_other"
	FixAskHolder        = "ask_holder"
)

// Fixes lists the codes of fixes.
var Fixes = []string{
	FixGiveLevel, FixRaiseLevel, FixRenewLevel, FixReopen, FixGiveDelegation, FixConfirm, FixRenewDelegation, FixGivePermission, FixAddToGroup,
	FixListRecord, FixReactivate, FixInvite, FixMoveDates, FixApprove, FixWidenReach, FixChangeFunction, FixUseSecondFactor,
	FixUseOtherAddress, FixReactivateHolder, FixReactivateOther, FixAskHolder,
}

// fixOf is the smallest change for each refusal that has one.
var fixOf = map[Code]string{
	LevelNone: FixGiveLevel, LevelTooLow: FixRaiseLevel, LevelNotStarted: FixRenewLevel, LevelEnded: FixRenewLevel,
	AgendaClosed: FixReopen, MessagingClosed: FixReopen, IdentityClosed: FixReopen,
	DelegationNone: FixGiveDelegation, DelegationProposed: FixConfirm, DelegationNotStarted: FixRenewDelegation,
	DelegationEnded: FixRenewDelegation, DelegationHolderGone: FixReactivateHolder, DelegationHolderNew: FixAskHolder,
	PermissionMissing: FixGivePermission, GroupNoneShared: FixAddToGroup, RecordUnlistedClosed: FixListRecord,
	MemberNotActive: FixReactivate, MemberNoAccount: FixInvite, MemberNotStarted: FixMoveDates, MemberEnded: FixMoveDates,
	MemberPending: FixApprove, ReachNoSharedSite: FixWidenReach, ReachOtherNotActive: FixReactivateOther, FunctionOther: FixChangeFunction,
	SecondFactorRequired: FixUseSecondFactor, AddressNotAllowed: FixUseOtherAddress,
}

// fix gives the smallest change that would permit, to a reader who holds rights.read or
// members.read where it would be made; nil to others, and when no change would do.
func (s *snapshot) fix(q *Question, code Code, reader *access.Held, _ int64) *Fix {
	change, ok := fixOf[code]
	if !ok {
		return nil
	}
	m := s.subject(q)
	t := typeOf(q.Resource.Type)
	r, _ := s.resource(t, q.Resource.ID)
	if m == none || !s.mayKnow(reader, t, m, r) {
		return nil
	}
	f := &Fix{Code: change, ID: s.members.keys[m].text(prefixMember), Level: q.Action, Scope: access.WholeOrganization}
	switch code { //nolint:exhaustive // the others are about the member and the act
	case AgendaClosed, MessagingClosed, IdentityClosed:
		f.ID, f.Level = q.Resource.ID, ""
	case DelegationHolderGone, DelegationHolderNew:
		f.ID = s.members.keys[s.things[r].holder].text(prefixMember)
	case PermissionMissing:
		s.fixPermission(f, t, q)
	case GroupNoneShared:
		f.Level = s.oneGroup(q.Resource.ID)
	case ReachOtherNotActive:
		f.ID, f.Level = q.Resource.ID, ""
	case LevelNone, LevelTooLow:
		f.Level = s.wanted(t, q.Action)
	}
	return f
}

// wanted is the level that an act needs.
func (s *snapshot) wanted(t kind, action string) string {
	act, _ := actOf(t, action)
	return levelNames[t][act]
}

func (s *snapshot) fixPermission(f *Fix, t kind, q *Question) {
	switch t { //nolint:exhaustive // the action itself names the permission of the others
	case kindRecord:
		act, _ := actOf(t, q.Action)
		f.Level = permissionNames[recordNeeds[act]]
	case kindDocument:
		act, _ := actOf(t, q.Action)
		f.Level = permissionNames[documentNeeds[act]]
	case kindSite:
		f.Scope = q.Resource.ID
	}
}

// oneGroup names a group of the record, the one with the smallest number.
func (s *snapshot) oneGroup(record string) string {
	for _, g := range s.sets[s.records.find(printOf(record))] {
		if s.groups[g].active {
			return s.groups[g].id
		}
	}
	return ""
}

// mayKnow reports whether the reader may know of what stands between a member and a
// thing: at the thing's site, else at a site of the member.
func (s *snapshot) mayKnow(reader *access.Held, t kind, m, r uint32) bool {
	at := func(scope access.Scope) bool {
		return reader.Has(access.RightsRead, scope) || reader.Has(access.MembersRead, scope)
	}
	switch t { //nolint:exhaustive // the others have no site
	case kindAgenda, kindMessaging, kindIdentity:
		return at(s.scope(s.things[r].site))
	case kindSite:
		return at(s.scope(r))
	}
	if at(access.OrgScope(s.org)) {
		return true
	}
	for _, site := range s.blocks[m/blockSize].sites.of(m % blockSize) {
		if at(s.scope(site)) {
			return true
		}
	}
	return false
}

func (s *snapshot) scope(site uint32) access.Scope {
	if site == none {
		return access.OrgScope(s.org)
	}
	return access.SiteScope(s.org, ident.Site(s.siteID(site)))
}
