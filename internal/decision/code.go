package decision

// Code names a reason: "grant.agenda", "agenda.closed". Text key "decision.<code>".
type Code string

// The reasons of permissions.
const (
	GrantAgenda     Code = "grant.agenda"
	HolderAgenda    Code = "holder.agenda"
	GrantMessaging  Code = "grant.messaging_profile"
	HolderMessaging Code = "holder.messaging_profile"
	IdentityOwn     Code = "identity.own"
	DelegationGiven Code = "delegation.active"
	GroupShared     Code = "group.shared"
	RecordUnlisted  Code = "record.unlisted"
	ReachSite       Code = "reach.site"
	ReachEveryone   Code = "reach.everyone"
	PermissionHeld  Code = "permission.held"
)

// The reasons of refusals.
const (
	UnknownSubject       Code = "unknown.subject"
	UnknownAction        Code = "unknown.action"
	UnknownResource      Code = "unknown.resource"
	SeveralOrganizations Code = "several_organizations"
	MomentFuture         Code = "moment.future"
	OrgSuspended         Code = "org.suspended"
	MemberPending        Code = "member.pending_approval"
	MemberUnverified     Code = "member.not_verified"
	MemberNotActive      Code = "member.not_active"
	MemberLeft           Code = "member.left"
	MemberNoAccount      Code = "member.no_account"
	MemberNotStarted     Code = "member.not_started"
	MemberEnded          Code = "member.ended"
	AccountBlocked       Code = "account.blocked"
	AddressNotAllowed    Code = "address.not_allowed"
	SecondFactorRequired Code = "second_factor.required"
	AgendaClosed         Code = "agenda.closed"
	MessagingClosed      Code = "messaging_profile.closed"
	IdentityClosed       Code = "identity.closed"
	LevelNone            Code = "level.none"
	LevelTooLow          Code = "level.too_low"
	LevelNotStarted      Code = "level.not_started"
	LevelEnded           Code = "level.ended"
	DelegationNone       Code = "delegation.none"
	DelegationProposed   Code = "delegation.proposed"
	DelegationNotStarted Code = "delegation.not_started"
	DelegationEnded      Code = "delegation.ended"
	DelegationHolderGone Code = "delegation.holder_gone"
	DelegationHolderNew  Code = "delegation.holder_changed"
	PermissionMissing    Code = "permission.missing"
	FunctionOther        Code = "function.other"
	GroupNoneShared      Code = "group.none_shared"
	RecordUnlistedClosed Code = "record.unlisted_closed"
	ReachNoSharedSite    Code = "reach.no_shared_site"
	ReachOtherNotActive  Code = "reach.other_not_active"
)

// BreakGlass is reserved (rest.md): nothing answers it yet.
const BreakGlass Code = "break_glass"

// Permissions and Refusals list every code that an answer may have.
var (
	Permissions = []Code{
		GrantAgenda, HolderAgenda, GrantMessaging, HolderMessaging, IdentityOwn, DelegationGiven, GroupShared, RecordUnlisted,
		ReachSite, ReachEveryone, PermissionHeld,
	}
	Refusals = []Code{
		UnknownSubject, UnknownAction, UnknownResource, SeveralOrganizations, MomentFuture, OrgSuspended, MemberPending,
		MemberUnverified, MemberNotActive,
		MemberLeft, MemberNoAccount, MemberNotStarted, MemberEnded, AccountBlocked, AddressNotAllowed, SecondFactorRequired, AgendaClosed,
		MessagingClosed, IdentityClosed, LevelNone, LevelTooLow, LevelNotStarted, LevelEnded, DelegationNone, DelegationProposed,
		DelegationNotStarted, DelegationEnded, DelegationHolderGone, DelegationHolderNew, PermissionMissing, FunctionOther, GroupNoneShared,
		RecordUnlistedClosed, ReachNoSharedSite, ReachOtherNotActive,
	}
)

// Allows reports whether the code is the reason of a permission.
func (c Code) Allows() bool {
	switch c { //nolint:exhaustive // every other one refuses
	case GrantAgenda, HolderAgenda, GrantMessaging, HolderMessaging, IdentityOwn, DelegationGiven, GroupShared, RecordUnlisted,
		ReachSite, ReachEveryone, PermissionHeld:
		return true
	}
	return false
}

// answer is the answer that a code stands for.
func (c Code) answer(version int64) Answer {
	return Answer{Allowed: c.Allows(), Code: c, Version: version}
}
