package api

import (
	"time"

	"habilis/internal/grant"
	"habilis/internal/text"
)

// ChangeSet is an edit of levels: done, or as it would be.
type ChangeSet struct {
	ID        *string         `json:"id" doc:"Null when nothing was done." example:"cst_019aa0f5-91b4-7d20-a6c3-5e8f017d24b9"`
	Kind      string          `json:"kind" enum:"edit,clone,creation,undo"`
	Changes   int             `json:"changes" doc:"How many lines it has, of those that the caller may know of."`
	People    int             `json:"people" doc:"How many members they are about."`
	Resources int             `json:"resources" doc:"How many resources they are about."`
	Lines     []ChangeLine    `json:"lines" doc:"Empty in lists."`
	Warnings  []ChangeWarning `json:"warnings" doc:"What is worth reading before saving; empty for a change set of the past."`
	Reason    string          `json:"reason"`
	MadeBy    string          `json:"made_by" doc:"The name of who made it, or empty." example:"Claire Morvan"`
	MadeAt    *time.Time      `json:"made_at" doc:"Null when nothing was done."`
	UndoUntil *time.Time      `json:"undo_until" doc:"Until when it can be undone."`
	MayUndo   bool            `json:"may_undo" doc:"Whether the caller could undo it now."`
	Undoes    *string         `json:"undoes" doc:"ID of the change set that it is the inverse of."`
	UndoneBy  *string         `json:"undone_by" doc:"ID of its inverse."`
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
	Resource string        `json:"resource" example:"agd_019aa0f5-2d71-7c40-8b3f-6a1e9d04c752"`
	At       time.Time     `json:"at" doc:"The moment that this tells of."`
	Entries  []AccessEntry `json:"entries" doc:"The holder, then the highest levels."`
	MayEdit  bool          `json:"may_edit" doc:"Whether the caller gives and takes levels on it."`
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
	for _, w := range c.Warnings {
		v.Warnings = append(v.Warnings, ChangeWarning{Code: w.Code, Detail: t.T("warning."+w.Code, w.Args...)})
	}
	return v
}

func grantedOf(s grant.State) GrantedLevel {
	return GrantedLevel{Level: s.Level.Word(), From: moment(s.From), Until: end(s.Until), GivenBy: s.GivenBy, GivenAt: moment(s.GivenAt)}
}
