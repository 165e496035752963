package client

import (
	"context"
	"iter"
	"net/http"
	"time"
)

// GrantedLevel is what a member has on a resource.
type GrantedLevel struct {
	Level   string     `json:"level"`    // none, availability, read, reply, manage
	From    *time.Time `json:"from"`     // nil for none
	Until   *time.Time `json:"until"`    // nil without an end
	GivenBy string     `json:"given_by"` // the name of who gave it, or empty
	GivenAt *time.Time `json:"given_at"`
}

// ChangeSet is an edit of rights: done, or as it would be.
type ChangeSet struct {
	ID          *string         `json:"id"`      // nil when nothing was done
	Kind        string          `json:"kind"`    // edit, clone, creation, undo
	Changes     int             `json:"changes"` // how many lines, of those that the caller may know of
	People      int             `json:"people"`  // how many members they are about
	Resources   int             `json:"resources"`
	Lines       []ChangeLine    `json:"lines"`    // those about levels; empty in lists
	Rights      []ChangedRight  `json:"rights"`   // those about anything else; empty in lists
	Stays       []StayingLine   `json:"stays"`    // of an undo: what it leaves as it is
	Warnings    []ChangeWarning `json:"warnings"` // what is worth reading before saving
	Reason      string          `json:"reason"`
	MadeBy      string          `json:"made_by"`
	MadeAt      *time.Time      `json:"made_at"`
	UndoUntil   *time.Time      `json:"undo_until"`
	MayUndo     bool            `json:"may_undo"`      // whether the caller could undo it now
	NeedsStepUp bool            `json:"needs_step_up"` // of a rehearsal of an undo
	Undoes      *string         `json:"undoes"`        // the change set that it is the inverse of
	UndoneBy    *string         `json:"undone_by"`
}

// ChangeLine is one cell before and after.
type ChangeLine struct {
	Member       string       `json:"member"`
	MemberName   string       `json:"member_name"`
	Resource     string       `json:"resource"`
	ResourceName string       `json:"resource_name"`
	Before       GrantedLevel `json:"before"`
	After        GrantedLevel `json:"after"`
}

// ChangedRight is one right before and after, of any domain but levels.
type ChangedRight struct {
	Domain     string     `json:"domain"` // role, permission, site, delegation, group_member, group_record; of what stays, level too
	Member     *string    `json:"member"` // nil for records of a group
	MemberName string     `json:"member_name"`
	Object     string     `json:"object"` // ID of a role, a site, an identity or a group; code of a permission
	ObjectName string     `json:"object_name"`
	Detail     string     `json:"detail"` // scope of a role or permission, act of a delegation
	Site       *string    `json:"site"`   // nil: the whole organisation
	Count      int        `json:"count"`  // of records, how many
	Before     RightState `json:"before"`
	After      RightState `json:"after"`
	Sentence   string     `json:"sentence"` // in the caller's language
}

// RightState is what there is of a right at a moment.
type RightState struct {
	Value string     `json:"value"` // none, held, proposed, active, or a level
	From  *time.Time `json:"from"`
	Until *time.Time `json:"until"`
}

// StayingLine is a line that an undo leaves as it is.
type StayingLine struct {
	ChangedRight

	Why    string `json:"why"`
	Reason string `json:"reason"` // in the caller's language
}

// ChangeWarning is a consequence of a change.
type ChangeWarning struct {
	Code   string `json:"code"`
	Detail string `json:"detail"` // in the caller's language
}

// WantedRights is a whole edit of levels.
type WantedRights struct {
	Changes []LevelChange `json:"changes,omitempty"` // of two on one cell the later one wins
	Clone   *CloneRights  `json:"clone,omitempty"`   // before the changes
	Reason  string        `json:"reason,omitempty"`
	DryRun  bool          `json:"dry_run,omitempty"` // say what would be done, and do nothing
}

// LevelChange is one cell as somebody wants it.
type LevelChange struct {
	Member   string     `json:"member"`
	Resource string     `json:"resource"`
	Level    string     `json:"level"`           // none, availability, read, reply, manage
	From     *time.Time `json:"from,omitempty"`  // nil: now
	Until    *time.Time `json:"until,omitempty"` // nil: without an end
	Was      *string    `json:"was,omitempty"`   // the level it was made from: another one now refuses it
}

// CloneRights gives members the levels of a colleague.
type CloneRights struct {
	From    string   `json:"from"`
	To      []string `json:"to"`
	Domains []string `json:"domains"` // agendas, messaging
}

// ChangeSetQuery chooses change sets.
type ChangeSetQuery struct {
	Paging

	Member   string `query:"member"`   // ID
	Resource string `query:"resource"` // ID of an agenda or a messaging profile
	Object   string `query:"object"`   // ID of an identity, a role, a site or a group; code of a permission
}

// ChangeRights gives and takes levels, all of it or nothing. With DryRun, and when nothing
// would change, the answer has no ID.
func (c *Client) ChangeRights(ctx context.Context, org string, w WantedRights) (ChangeSet, error) {
	return call[ChangeSet](ctx, c, request{method: http.MethodPost, path: inOrg(org, "change-sets"), body: w})
}

// ListChangeSets gives a page of change sets, the latest first, without their lines.
func (c *Client) ListChangeSets(ctx context.Context, org string, q ChangeSetQuery) (List[ChangeSet], error) {
	return call[List[ChangeSet]](ctx, c, request{method: http.MethodGet, path: inOrg(org, "change-sets"), query: q})
}

// ChangeSets goes through change sets, the latest first.
func (c *Client) ChangeSets(ctx context.Context, org string, q ChangeSetQuery) iter.Seq2[ChangeSet, error] {
	return every(q.Paging, func(p Paging) (List[ChangeSet], error) { q.Paging = p; return c.ListChangeSets(ctx, org, q) })
}

// GetChangeSet reads one, with its lines.
func (c *Client) GetChangeSet(ctx context.Context, org, id string) (ChangeSet, error) {
	return call[ChangeSet](ctx, c, request{method: http.MethodGet, path: inOrg(org, "change-sets", id)})
}

// UndoChangeSet takes one back, of what still stands.
func (c *Client) UndoChangeSet(ctx context.Context, org, id string) (ChangeSet, error) {
	return call[ChangeSet](ctx, c, request{method: http.MethodPost, path: inOrg(org, "change-sets", id, "undo")})
}

// PreviewUndo says what UndoChangeSet would do.
func (c *Client) PreviewUndo(ctx context.Context, org, id string) (ChangeSet, error) {
	return call[ChangeSet](ctx, c, request{method: http.MethodPost, path: inOrg(org, "change-sets", id, "undo"), query: dryRun{true}})
}

// MemberRights is what one member holds, with the source of each.
type MemberRights struct {
	Member      string           `json:"member"`
	Name        string           `json:"name"`
	InForce     bool             `json:"in_force"` // else nothing below has any effect
	Levels      []MemberLevel    `json:"levels"`
	Roles       []HeldRole       `json:"roles"`
	Permissions []HeldPermission `json:"permissions"`
	Delegations []Delegation     `json:"delegations"` // what they may do in the names of others
	Groups      []HeldGroup      `json:"groups"`
}

// HeldGroup is an access group of a member.
type HeldGroup struct {
	Group   string     `json:"group"`
	Name    string     `json:"name"`
	From    time.Time  `json:"from"`
	Until   *time.Time `json:"until"`
	GivenBy string     `json:"given_by"`
	GivenAt time.Time  `json:"given_at"`
	InForce bool       `json:"in_force"`
}

// MemberLevel is a level of a member.
type MemberLevel struct {
	GrantedLevel

	Resource string `json:"resource"`
	Type     string `json:"type"` // agenda, messaging_profile, identity
	Name     string `json:"name"`
	Source   string `json:"source"`   // holder, grant
	InForce  bool   `json:"in_force"` // it has begun, and is not over
	MayEdit  bool   `json:"may_edit"`
}

// GetMemberRights reads the rights of a member, as far as the caller may know of them.
func (c *Client) GetMemberRights(ctx context.Context, org, member string) (MemberRights, error) {
	return call[MemberRights](ctx, c, request{method: http.MethodGet, path: inOrg(org, "members", member, "rights")})
}

// ResourceAccess is who has access to a resource.
type ResourceAccess struct {
	Resource    string          `json:"resource"`
	At          time.Time       `json:"at"`
	Entries     []AccessEntry   `json:"entries"`     // the holder, then the highest levels
	Delegations []DelegateEntry `json:"delegations"` // of an identity: who may act in its name
	MayEdit     bool            `json:"may_edit"`
}

// AccessEntry is one member with access to a resource.
type AccessEntry struct {
	GrantedLevel

	Member   string `json:"member"`
	Name     string `json:"name"`
	Function string `json:"function"`
	Status   string `json:"status"`
	Source   string `json:"source"`   // holder, grant
	InForce  bool   `json:"in_force"` // the member and the level were
}

// DelegateEntry is what one member may do in the name of an identity.
type DelegateEntry struct {
	Member   string     `json:"member"`
	Name     string     `json:"name"`
	Function string     `json:"function"`
	Status   string     `json:"status"`
	Act      string     `json:"act"` // send, receive, draft_consultation
	From     time.Time  `json:"from"`
	Until    *time.Time `json:"until"`
	GivenBy  string     `json:"given_by"`
	GivenAt  time.Time  `json:"given_at"`
	InForce  bool       `json:"in_force"`
}

// Moment is a past moment to ask about; its zero value is now.
type Moment struct {
	At time.Time `query:"at"`
}

// GetAgendaAccess tells who has, or had, access to an agenda.
func (c *Client) GetAgendaAccess(ctx context.Context, org, id string, at Moment) (ResourceAccess, error) {
	return c.accessTo(ctx, org, "agendas", id, at)
}

// GetMessagingProfileAccess tells who has, or had, access to a messaging profile.
func (c *Client) GetMessagingProfileAccess(ctx context.Context, org, id string, at Moment) (ResourceAccess, error) {
	return c.accessTo(ctx, org, "messaging-profiles", id, at)
}

// GetIdentityAccess tells who holds, or held, an identity.
func (c *Client) GetIdentityAccess(ctx context.Context, org, id string, at Moment) (ResourceAccess, error) {
	return c.accessTo(ctx, org, "identities", id, at)
}

func (c *Client) accessTo(ctx context.Context, org, kind, id string, at Moment) (ResourceAccess, error) {
	return call[ResourceAccess](ctx, c, request{method: http.MethodGet, path: inOrg(org, kind, id, "access"), query: at})
}
