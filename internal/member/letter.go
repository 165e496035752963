package member

import (
	"habilis/internal/access"
	"habilis/internal/ident"
)

// The letters that acts on members order; package notify writes them. By is the
// name of whoever acted, as the trail shows it; Scope is access.Scope's code.

// AppointedLetter tells a person that they administer a scope, and what it opens (ORG-5).
type AppointedLetter struct {
	Org    ident.Org
	Member ident.Member
	Scope  string
	By     string
}

// Kind names the job.
func (AppointedLetter) Kind() string { return "letter.appointed" }

// WithdrawnLetter tells a person that they no longer administer a scope.
type WithdrawnLetter struct {
	Org    ident.Org
	Member ident.Member
	Scope  string
	By     string
}

// Kind names the job.
func (WithdrawnLetter) Kind() string { return "letter.withdrawn" }

// DeactivatedLetter tells a person that their access to an organisation is closed.
type DeactivatedLetter struct {
	Org    ident.Org
	Member ident.Member
	By     string
}

// Kind names the job.
func (DeactivatedLetter) Kind() string { return "letter.deactivated" }

// ReactivatedLetter tells a person that their access is open again.
type ReactivatedLetter struct {
	Org    ident.Org
	Member ident.Member
	By     string
}

// Kind names the job.
func (ReactivatedLetter) Kind() string { return "letter.reactivated" }

// SelfGrantLetter tells the other administrators that somebody gave themself the
// administration of a scope (RGT-1). Its readers are those of Administrators, at
// the time of sending, but for Member.
type SelfGrantLetter struct {
	Org    ident.Org
	Member ident.Member
	Scope  string
}

// Kind names the job.
func (SelfGrantLetter) Kind() string { return "letter.self_grant" }

// SelfRightsLetter tells the administrators of a scope that somebody gave themself
// roles, permissions or access groups there (RGT-1). Its readers are those of SelfGrantLetter, which
// tells of the administration itself.
type SelfRightsLetter struct {
	Org         ident.Org
	Member      ident.Member
	Scope       string
	Roles       []ident.Role
	Permissions []access.Permission
	Groups      []string // names of access groups
}

// Kind names the job.
func (SelfRightsLetter) Kind() string { return "letter.self_rights" }

// LeftLetter tells a person that they have left an organisation (SEC-5).
type LeftLetter struct {
	Org     ident.Org
	Account ident.Account
}

// Kind names the job.
func (LeftLetter) Kind() string { return "letter.left" }

// LeaverLetter tells the administrators of the organisation who has left it. The name is
// here: the member can be read no more.
type LeaverLetter struct {
	Org    ident.Org
	Member ident.Member
	Name   string
}

// Kind names the job.
func (LeaverLetter) Kind() string { return "letter.leaver" }
