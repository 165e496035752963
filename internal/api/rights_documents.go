package api

import (
	"time"

	"habilis/internal/changeset"
	"habilis/internal/grant"
	"habilis/internal/recordgroup"
	"habilis/internal/text"
)

// ChangeSet is an edit of rights: done, or as it would be.
type ChangeSet struct {
	ID         *string         `json:"id" doc:"Null when nothing was done." example:"cst_019aa0f5-91b4-7d20-a6c3-5e8f017d24b9"`
	Kind       string          `json:"kind" enum:"edit,clone,creation,undo"`
	Changes    int             `json:"changes" doc:"How many lines it has, of those that the caller may know of."`
	People     int             `json:"people" doc:"How many members they are about."`
	Resources  int             `json:"resources" doc:"How many things they are about: resources, roles, permissions, sites, groups."`
	Lines      []ChangeLine    `json:"lines" doc:"Those about levels. Empty in lists."`
	Rights     []ChangedRight  `json:"rights" doc:"The lines about anything else: sites, roles, permissions, delegations, access groups. Empty in lists."` //nolint:lll // a tag is one literal
	Stays      []StayingLine   `json:"stays" doc:"Of an undo: the lines that it leaves as they are, each with its reason."`
	Warnings   []ChangeWarning `json:"warnings" doc:"What is worth reading before saving; empty for a change set of the past."`
	Reason     string          `json:"reason"`
	MadeBy     string          `json:"made_by" doc:"The name of who made it, or empty." example:"Claire Morvan"`
	MadeAt     *time.Time      `json:"made_at" doc:"Null when nothing was done."`
	UndoUntil  *time.Time      `json:"undo_until" doc:"Until when it can be undone."`
	MayUndo    bool            `json:"may_undo" doc:"Whether the caller could undo it now."`
	NeedsProof bool            `json:"needs_step_up" doc:"Of a rehearsal of an undo: the act asks for a fresh proof of the person."`
	Undoes     *string         `json:"undoes" doc:"ID of the change set that it is the inverse of."`
	UndoneBy   *string         `json:"undone_by" doc:"ID of its inverse."`
}

// ChangeLine is one cell before and after.
type ChangeLine struct {
	Member       string       `json:"member" example:"mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	MemberName   string       `json:"member_name" example:"Julie Delmas"`
	Resource     string       `json:"resource" example:"agd_019aa0f5-2d71-7c40-8b3f-6a1e9d04c752"`
	ResourceName string       `json:"resource_name" example:"Dr Morvan"`
	Before       GrantedLevel `json:"before"`
	After        GrantedLevel `json:"after"`
}

// GrantedLevel is what a member has on a resource.
type GrantedLevel struct {
	Level   string     `json:"level" enum:"none,availability,read,reply,manage"`
	From    *time.Time `json:"from" doc:"Null for none."`
	Until   *time.Time `json:"until" doc:"Null without an end."`
	GivenBy string     `json:"given_by" doc:"The name of who gave it, or empty."`
	GivenAt *time.Time `json:"given_at"`
}

// ChangedRight is one right before and after, of any domain but levels.
type ChangedRight struct {
	Domain     string     `json:"domain" enum:"level,role,permission,site,delegation,group_member,group_record"`
	Member     *string    `json:"member" doc:"Whose right it is; null for records of a group." example:"mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"` //nolint:lll // a tag is one literal
	MemberName string     `json:"member_name" example:"Julie Delmas"`
	Object     string     `json:"object" doc:"What it is: the ID of a role, a site, an identity or a group; the code of a permission." example:"rol_019aa0f0-5c22-7e90-9d14-3b7fa2c86e05"` //nolint:lll // a tag is one literal
	ObjectName string     `json:"object_name" example:"Secrétariat"`
	Detail     string     `json:"detail" doc:"Of a role or a permission, its scope; of a delegation, the act." example:"organization"`
	Site       *string    `json:"site" doc:"Where it holds; null for the whole organisation." example:"ste_019aa0f0-5c20-7c11-8f52-6e1f4b0a9d77"` //nolint:lll // a tag is one literal
	Count      int        `json:"count" doc:"Of records, how many they are; 1 of the others."`
	Before     RightState `json:"before"`
	After      RightState `json:"after"`
	Sentence   string     `json:"sentence" doc:"What it is, in the caller's language." example:"Rôle « Secrétariat », Grand-Pré"`
}

// RightState is what there is of a right at a moment.
type RightState struct {
	Value string     `json:"value" enum:"none,held,proposed,active,availability,read,reply,manage" doc:"held, of what is simply held; proposed and active, of delegations; a level."` //nolint:lll // a tag is one literal
	From  *time.Time `json:"from" doc:"Null for none."`
	Until *time.Time `json:"until" doc:"Null without an end."`
}

// StayingLine is a line that an undo leaves as it is.
type StayingLine struct {
	ChangedRight

	Why    string `json:"why" enum:"changed,member_gone,object_gone,now_theirs,not_at_site,site_in_use,over,names_gone"`
	Reason string `json:"reason" doc:"In the caller's language." example:"quelqu’un l’a changée depuis"`
}

// ChangeWarning is a consequence of a change.
type ChangeWarning struct {
	Code   string `json:"code" example:"sees_patients"`
	Detail string `json:"detail" doc:"In the caller's language." example:"Julie Delmas verra les noms des patients sur 2 agendas"`
}

// MemberRights is what one member holds, with the source of each.
type MemberRights struct {
	Member      string           `json:"member" example:"mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	Name        string           `json:"name" example:"Julie Delmas"`
	InForce     bool             `json:"in_force" doc:"The member is active, with an account, inside their dates: else nothing has effect."`
	Levels      []MemberLevel    `json:"levels"`
	Roles       []HeldRole       `json:"roles"`
	Permissions []HeldPermission `json:"permissions" doc:"Single permissions, besides those of the roles."`
	Delegations []Delegation     `json:"delegations" doc:"What they may do in the names of others; not what waits to be confirmed. Of others, where the caller reads delegations."` //nolint:lll // a tag is one literal
	Groups      []HeldGroup      `json:"groups" doc:"Access groups: which patient records they see. Of others, for whoever reads groups."`
}

// HeldGroup is an access group of a member.
type HeldGroup struct {
	Group   string     `json:"group" example:"grp_019aa0f8-1d2e-7c3f-9a4b-5c6d7e8f9012"`
	Name    string     `json:"name" example:"Pédiatrie"`
	From    time.Time  `json:"from"`
	Until   *time.Time `json:"until" doc:"Null without an end."`
	GivenBy string     `json:"given_by" doc:"The name of who gave it, or empty."`
	GivenAt time.Time  `json:"given_at"`
	InForce bool       `json:"in_force" doc:"It has begun."`
}

// MemberLevel is a level of a member.
type MemberLevel struct {
	GrantedLevel

	Resource string `json:"resource" example:"agd_019aa0f5-2d71-7c40-8b3f-6a1e9d04c752"`
	Type     string `json:"type" enum:"agenda,messaging_profile,identity"`
	Name     string `json:"name" example:"Dr Morvan"`
	Source   string `json:"source" enum:"holder,grant" doc:"holder: it is theirs."`
	InForce  bool   `json:"in_force" doc:"It has begun, and is not over."`
	MayEdit  bool   `json:"may_edit" doc:"Whether the caller may change it."`
}

// ResourceAccess is who has access to a resource.
type ResourceAccess struct {
	Resource  string          `json:"resource" example:"agd_019aa0f5-2d71-7c40-8b3f-6a1e9d04c752"`
	At        time.Time       `json:"at" doc:"The moment that this tells of."`
	Entries   []AccessEntry   `json:"entries" doc:"The holder, then the highest levels."`
	Delegates []DelegateEntry `json:"delegations" doc:"Of an identity: who may act in its name, and how. Empty of the others."`
	MayEdit   bool            `json:"may_edit" doc:"Whether the caller gives and takes levels on it."`
}

// AccessEntry is one member with access to a resource.
type AccessEntry struct {
	GrantedLevel

	Member   string `json:"member" example:"mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	Name     string `json:"name" example:"Julie Delmas"`
	Function string `json:"function" example:"secretary"`
	Status   string `json:"status" enum:"pending_approval,created,active,deactivated"`
	Source   string `json:"source" enum:"holder,grant"`
	InForce  bool   `json:"in_force" doc:"Whether it had effect: the member and the level were in force."`
}

// DelegateEntry is what one member may do in the name of an identity.
type DelegateEntry struct {
	Member   string     `json:"member" example:"mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	Name     string     `json:"name" example:"Julie Delmas"`
	Function string     `json:"function" example:"secretary"`
	Status   string     `json:"status" enum:"pending_approval,created,active,deactivated"`
	Act      string     `json:"act" enum:"send,receive,draft_consultation"`
	From     time.Time  `json:"from"`
	Until    *time.Time `json:"until" doc:"Null without an end."`
	GivenBy  string     `json:"given_by" doc:"The name of who gave it, or empty."`
	GivenAt  time.Time  `json:"given_at"`
	InForce  bool       `json:"in_force" doc:"Whether it had effect: the member was in force, and it had begun."`
}

func changeSetOf(t *text.Printer, c grant.ChangeSet) ChangeSet {
	v := ChangeSet{
		ID: optionalID(c.ID), Kind: string(c.Kind), Changes: c.Changes, People: c.People, Resources: c.Resources, Reason: c.Reason,
		MadeBy: c.MadeBy, MadeAt: moment(c.MadeAt), UndoUntil: moment(c.UndoTill), MayUndo: c.MayUndo,
		Undoes: optionalID(c.Undoes), UndoneBy: optionalID(c.UndoneBy),
		Lines: make([]ChangeLine, 0, len(c.Lines)), Warnings: make([]ChangeWarning, 0, len(c.Warnings)),
	}
	for _, l := range c.Lines {
		v.Lines = append(v.Lines, ChangeLine{
			Member: l.Member.String(), MemberName: l.MemberName, Resource: l.Resource.ID.String(), ResourceName: l.Resource.Name,
			Before: grantedOf(l.Before), After: grantedOf(l.After),
		})
	}
	v.Rights, v.Stays, v.NeedsProof = make([]ChangedRight, 0, len(c.Rights)), make([]StayingLine, 0, len(c.Stays)), c.Proof
	for _, l := range c.Rights {
		v.Rights = append(v.Rights, changedOf(t, l))
	}
	for _, l := range c.Stays {
		v.Stays = append(v.Stays, StayingLine{ChangedRight: changedOf(t, l.RightLine), Why: string(l.Why), Reason: l.Reason(t)})
	}
	for _, w := range c.Warnings {
		v.Warnings = append(v.Warnings, ChangeWarning{Code: w.Code, Detail: t.T("warning."+w.Code, w.Args...)})
	}
	return v
}

func grantedOf(s grant.State) GrantedLevel {
	return GrantedLevel{Level: s.Level.Word(), From: moment(s.From), Until: end(s.Until), GivenBy: s.GivenBy, GivenAt: moment(s.GivenAt)}
}

func changedOf(t *text.Printer, l grant.RightLine) ChangedRight {
	v := ChangedRight{
		Domain: string(l.Domain), Member: optionalID(l.Member), MemberName: l.MemberName, Object: l.Object, ObjectName: l.ObjectName,
		Detail: l.Detail, Site: optionalID(l.Site), Count: max(l.Count, 1),
		Before: rightState(l.Before), After: rightState(l.After), Sentence: l.What(t),
	}
	if l.BuiltIn != "" {
		v.ObjectName = t.T("role." + l.BuiltIn)
	}
	return v
}

func rightState(s changeset.State) RightState {
	if s.None() {
		return RightState{Value: "none"}
	}
	return RightState{Value: s.Value, From: moment(s.From), Until: end(s.Until)}
}

func heldGroups(list []recordgroup.Membership, now time.Time) []HeldGroup {
	out := make([]HeldGroup, 0, len(list))
	for _, m := range list {
		out = append(out, HeldGroup{
			Group: m.Group.String(), Name: m.GroupName, From: m.StartsAt.UTC(), Until: end(m.EndsAt), GivenBy: m.GivenBy, GivenAt: m.GivenAt.UTC(),
			InForce: !m.StartsAt.After(now),
		})
	}
	return out
}
