package event

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"habilis/internal/audit"
	"habilis/internal/ident"
)

// Kind is what happened, "noun.participle": the type of the event.
type Kind string

// The kinds.
const (
	MemberCreated     Kind = "member.created"
	MemberRegistered  Kind = "member.registered"
	MemberJoined      Kind = "member.joined"
	MemberActivated   Kind = "member.activated"
	MemberEdited      Kind = "member.edited"
	MemberVerified    Kind = "member.verified"
	MemberUnverified  Kind = "member.unverified"
	MemberDeactivated Kind = "member.deactivated"
	MemberReactivated Kind = "member.reactivated"

	DeactivationPlanned   Kind = "member.deactivation_planned"
	DeactivationCancelled Kind = "member.deactivation_cancelled"
	DeactivationHeld      Kind = "member.deactivation_held" // it was not done on its day
	MemberLeft            Kind = "member.left"
	MemberStarted         Kind = "member.started" // the first day of a membership has come
	MemberEnded           Kind = "member.ended"   // its last day is over
	RightsChanged         Kind = "rights.changed"
	RoleChanged           Kind = "role.changed"
	DelegationChanged     Kind = "delegation.changed"
	GroupChanged          Kind = "group.changed"
	ResourceChanged       Kind = "resource.changed"
	SiteChanged           Kind = "site.changed"
	SettingsChanged       Kind = "settings.changed" // what members inherit: their calendars, their hours
	SessionOpened         Kind = "session.opened"
	SessionEnded          Kind = "session.ended"
	WorkReassigned        Kind = "work_items.reassigned" // from the subject, to the object
	WorkReceived          Kind = "work_items.received"   // by the subject, from the object

	MemberReturned     Kind = "member.returned" // whose departure was undone
	MemberErased       Kind = "member.erased"   // who left, and is to be erased elsewhere too (AUD-4)
	DeparturePlanned   Kind = "departure.planned"
	DepartureChanged   Kind = "departure.changed"
	DepartureCancelled Kind = "departure.cancelled"
	DepartureStarted   Kind = "departure.started"   // all access is over
	DepartureStepDone  Kind = "departure.step_done" // some of what they held changed hands, or is gone
	DepartureFinished  Kind = "departure.finished"
	DepartureUndone    Kind = "departure.undone"

	ReviewOpened   Kind = "review.opened"   // an access review: who runs reviews reads whom it is about
	ReviewEnded    Kind = "review.ended"    // all that was decided is done, or left to do by hand
	MemberReplaced Kind = "member.replaced" // the subject, by the object: another membership of the same person
)

// Test is the kind of what an administrator sends to try an endpoint. It is in no feed.
const Test Kind = "webhook.test"

// Domain is what the kind is about: "member".
func (k Kind) Domain() string {
	domain, _, _ := strings.Cut(string(k), ".")
	return domain
}

// whose account an act of the installation concerns.
type whose uint8

const (
	nobody  whose = iota // the act is one of an organisation
	actor                // of whoever acts
	ofEvent              // the object of the record
)

type telling struct {
	kind    Kind
	account whose
}

// tells says what each verb tells other systems.
var tells = map[string]telling{
	"member.create":                 {kind: MemberCreated},
	"approval.ask":                  {kind: MemberCreated},
	"member.register":               {kind: MemberRegistered},
	"member.join":                   {kind: MemberJoined},
	"invitation.accept":             {kind: MemberJoined},
	"approval.authorize":            {kind: MemberJoined},
	"member.activate":               {kind: MemberActivated},
	"member.edit":                   {kind: MemberEdited},
	"member.edit_settings":          {kind: MemberEdited},
	"settings.defaults":             {kind: SettingsChanged},
	"review.open":                   {kind: ReviewOpened},
	"review.finish":                 {kind: ReviewEnded},
	"review.reduce":                 {kind: RightsChanged},
	"member.email":                  {kind: MemberEdited},
	"member.account":                {kind: MemberEdited},
	"member.account_back":           {kind: MemberEdited},
	"alert.accept":                  {kind: MemberEdited},
	"account.edit":                  {MemberEdited, actor},
	"email.confirm":                 {MemberEdited, ofEvent},
	"email.undo":                    {MemberEdited, ofEvent},
	"member.verified":               {kind: MemberVerified},
	"member.unverified":             {kind: MemberUnverified},
	"member.deactivate":             {kind: MemberDeactivated},
	"member.reactivate":             {kind: MemberReactivated},
	"member.plan_deactivation":      {kind: DeactivationPlanned},
	"member.cancel_deactivation":    {kind: DeactivationCancelled},
	"member.hold_deactivation":      {kind: DeactivationHeld},
	"member.leave":                  {kind: MemberLeft},
	"approval.expire":               {kind: MemberLeft},
	"approval.refuse":               {kind: MemberLeft},
	"member.registration_abandoned": {kind: MemberLeft},
	"member.appoint":                {kind: RightsChanged},
	"member.withdraw":               {kind: RightsChanged},
	"member.role_give":              {kind: RightsChanged},
	"member.role_take":              {kind: RightsChanged},
	"member.permission_give":        {kind: RightsChanged},
	"member.permission_take":        {kind: RightsChanged},
	"member.add_site":               {kind: RightsChanged},
	"member.remove_site":            {kind: RightsChanged},
	"member.edit_rights":            {kind: RightsChanged},
	"rights.change":                 {kind: RightsChanged},
	"rights.undo":                   {kind: RightsChanged},
	"rights.date_passed":            {kind: RightsChanged},
	"delegation.date_passed":        {kind: DelegationChanged},
	"group.date_passed":             {kind: GroupChanged},
	"member.begin":                  {kind: MemberStarted},
	"member.end":                    {kind: MemberEnded},
	"privacy.erased":                {kind: MemberErased},
	"role.edit":                     {kind: RoleChanged},
	"role.remove":                   {kind: RoleChanged},
	"delegation.give":               {kind: DelegationChanged},
	"delegation.confirm":            {kind: DelegationChanged},
	"delegation.edit":               {kind: DelegationChanged},
	"delegation.end":                {kind: DelegationChanged},
	"group.create":                  {kind: GroupChanged},
	"group.edit":                    {kind: GroupChanged},
	"group.remove":                  {kind: GroupChanged},
	"group.change_records":          {kind: GroupChanged},
	"group.set_member":              {kind: GroupChanged},
	"group.remove_member":           {kind: GroupChanged},
	"resource.create":               {kind: ResourceChanged},
	"resource.edit":                 {kind: ResourceChanged},
	"resource.close":                {kind: ResourceChanged},
	"resource.reopen":               {kind: ResourceChanged},
	"site.create":                   {kind: SiteChanged},
	"site.edit":                     {kind: SiteChanged},
	"site.close":                    {kind: SiteChanged},
	"login.sign_in":                 {SessionOpened, ofEvent},
	"login.sign_out":                {SessionEnded, actor},
	"session.end":                   {SessionEnded, actor},
	"session.end_others":            {SessionEnded, actor},
	"member.end_sessions":           {kind: SessionEnded},
	"member.reset_factors":          {kind: SessionEnded},
	"workitem.reassign":             {kind: WorkReassigned},
	"workitem.receive":              {kind: WorkReceived},
	"member.remove":                 {kind: MemberLeft},
	"member.return":                 {kind: MemberReturned},
	"departure.plan":                {kind: DeparturePlanned},
	"departure.change":              {kind: DepartureChanged},
	"departure.hold":                {kind: DepartureChanged},
	"departure.cancel":              {kind: DepartureCancelled},
	"departure.start":               {kind: DepartureStarted},
	"departure.step":                {kind: DepartureStepDone},
	"departure.hand":                {kind: DepartureChanged},
	"departure.finish":              {kind: DepartureFinished},
	"departure.undo":                {kind: DepartureUndone},
	"member.replace":                {kind: MemberReplaced},
	"member.undo_replacement":       {kind: MemberReplaced},
	"member.give_way":               {kind: MemberLeft},
	"member.succeed":                {kind: MemberCreated},
}

// life is the order in which people choose: as the life of a member goes, from their creation to
// their departure, then what they work with and what is set for all.
var life = []Kind{
	MemberCreated, MemberRegistered, MemberJoined, MemberActivated, MemberVerified, MemberUnverified, MemberStarted, MemberEdited,
	DeactivationPlanned, DeactivationCancelled, DeactivationHeld, MemberDeactivated, MemberReactivated, MemberEnded, MemberLeft,
	MemberReturned, MemberReplaced, MemberErased,
	RightsChanged, SessionOpened, SessionEnded, RoleChanged, DelegationChanged, GroupChanged, WorkReassigned, WorkReceived,
	DeparturePlanned, DepartureChanged, DepartureCancelled, DepartureStarted, DepartureStepDone, DepartureFinished, DepartureUndone,
	ReviewOpened, ReviewEnded,
	ResourceChanged, SiteChanged, SettingsChanged,
}

// Kinds are those that can be chosen, in the order of life.
func Kinds() []Kind {
	set := map[Kind]bool{}
	for _, t := range tells {
		set[t.kind] = true
	}
	rank := func(k Kind) int {
		if i := slices.Index(life, k); i >= 0 {
			return i
		}
		return len(life)
	}
	return slices.SortedFunc(maps.Keys(set), func(a, b Kind) int { return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b)) })
}

// Known reports whether a text names a kind that can be chosen.
func Known(k Kind) bool { return slices.Contains(Kinds(), k) }

// SessionsEnded is where the trail says how many sessions of an account an act ended,
// whatever it was: a password, a factor or an address that changed.
const SessionsEnded = "sessions_ended"

// accountKinds are what an act of the installation tells of an account.
func accountKinds(a audit.Event) (kinds []Kind) {
	t, said := tells[a.Verb]
	if said && t.account != nobody {
		kinds = append(kinds, t.kind)
	}
	if n, _ := a.After[SessionsEnded].(int64); n > 0 && t.kind != SessionEnded {
		kinds = append(kinds, SessionEnded)
	}
	return kinds
}

// accountOf is the account that an act of the installation concerns: its object or its
// subject where that is one, else whoever acts.
func accountOf(by ident.Account, a audit.Event) ident.Account {
	if tells[a.Verb].account == actor {
		return by
	}
	for _, s := range []string{a.Object, a.Subject} {
		if id, err := ident.ParseAccount(s); err == nil {
			return id
		}
	}
	return by
}
