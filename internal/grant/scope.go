package grant

import (
	"slices"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
)

// Realm is what a matrix of people and scopes is about. Its levels are the roles and single
// permissions of members, told as levels: nothing else is kept of them (DESIGN.md 14).
type Realm string

// The realms.
const (
	Records        Realm = "records"        // the patient record: «Dossier patient»
	Administration Realm = "administration" // of the organisation, or of a site
)

// Realms lists them in the order of the screens.
var Realms = []Realm{Records, Administration}

// ScopeLevel is what somebody may do in a realm at a scope, whatever it comes from.
type ScopeLevel string

// The levels. Of records: none, documents, read, write. Of administration: none and
// administrator. Custom is any other combination: it is told, never given.
const (
	ScopeNone          ScopeLevel = "none"
	ScopeDocuments     ScopeLevel = "documents" // documents, and no record is opened
	ScopeRead          ScopeLevel = "read"
	ScopeWrite         ScopeLevel = "write"
	ScopeAdministrator ScopeLevel = "administrator"
	ScopeCustom        ScopeLevel = "custom"
)

// ScopeLevelsOf lists the levels of a realm from none to the highest, then custom; nil for
// what is no realm.
func ScopeLevelsOf(r Realm) []ScopeLevel {
	switch r {
	case Records:
		return []ScopeLevel{ScopeNone, ScopeDocuments, ScopeRead, ScopeWrite, ScopeCustom}
	case Administration:
		return []ScopeLevel{ScopeNone, ScopeAdministrator, ScopeCustom}
	}
	return nil
}

// permissionsOf are the permissions that a realm is made of.
func permissionsOf(r Realm) []access.Permission {
	if r == Administration {
		return access.Administration
	}
	return []access.Permission{access.RecordsRead, access.RecordsWrite, access.DocumentsConsult, access.DocumentsShare}
}

// combinations are what each level of records may be made of. The first that holds what
// somebody has already by a role is the one that is given.
var combinations = map[ScopeLevel][][]access.Permission{
	ScopeNone: {{}},
	ScopeDocuments: {
		{access.DocumentsConsult, access.DocumentsShare}, // what a secretary has
		{access.DocumentsConsult},
	},
	ScopeRead: {
		{access.RecordsRead, access.DocumentsConsult},
		{access.RecordsRead, access.DocumentsConsult, access.DocumentsShare},
	},
	ScopeWrite: {{access.RecordsRead, access.RecordsWrite, access.DocumentsConsult, access.DocumentsShare}},
}

// levelOfRecords names a set of permissions on records.
func levelOfRecords(has []access.Permission) ScopeLevel {
	for _, l := range ScopeLevelsOf(Records) {
		for _, c := range combinations[l] {
			if len(c) == len(has) && includes(has, c) {
				return l
			}
		}
	}
	return ScopeCustom
}

// includes reports whether all of b are among a.
func includes(a, b []access.Permission) bool {
	return !slices.ContainsFunc(b, func(p access.Permission) bool { return !slices.Contains(a, p) })
}

// within are those of a list that the realm is made of.
func (r Realm) within(list []access.Permission) []access.Permission {
	all := permissionsOf(r)
	return slices.DeleteFunc(slices.Clone(list), func(p access.Permission) bool { return !slices.Contains(all, p) })
}

// ScopeCell is what one member may do in a realm at one scope.
type ScopeCell struct {
	Level   ScopeLevel
	Has     []access.Permission // all that it is made of, from every source
	Belongs bool                // the site is one of theirs; of the organisation, always
	// Sources are the roles and single permissions that make the level: those given at that
	// very scope first, then those of the whole organisation.
	Sources []member.HeldRight
	// Offers are the levels that the one who looks may give, the present one among them;
	// none, when they may change nothing here. What comes from a role stays: it is changed
	// where roles are.
	Offers []ScopeLevel
}

// May reports whether the one who looks may change the cell.
func (c ScopeCell) May() bool { return len(c.Offers) > 1 }

// ScopeChange is one cell as somebody wants it.
type ScopeChange struct {
	Member ident.Member
	Scope  access.Scope
	Realm  Realm
	Level  ScopeLevel
	Was    *ScopeLevel // what the editor saw; nil: not compared
}

// ScopeLine is one cell before and after.
type ScopeLine struct {
	Member     ident.Member
	MemberName string
	Scope      access.Scope
	SiteName   string // of a site
	Realm      Realm
	Before     ScopeLevel
	After      ScopeLevel
}

// ScopesWanted is a whole edit of levels at scopes.
type ScopesWanted struct {
	Changes []ScopeChange
	Reason  string // optional, shown in the history
}

// ScopeSet is an edit of levels at scopes: done, or as it would be. Of one that was done,
// ID is its change set, of roles and single permissions.
type ScopeSet struct {
	ID          ident.ChangeSet // zero in a preview, and when nothing was to be done
	Lines       []ScopeLine
	Warnings    []Warning
	NeedsStepUp bool // administration is given or taken (rules.md 6)
}

// MaxScopeChanges bounds the lines of one edit of levels at scopes.
const MaxScopeChanges = 500

// Faults of levels at scopes; each line that is refused has its field, "changes[3]".
var (
	// ErrByRole: the level would take away what a role, or the whole organisation, gives.
	ErrByRole = fault.New(fault.Conflict, "grant.by_role")
	// ErrNotYoursHere: a scope where one may not give these rights.
	ErrNotYoursHere = fault.New(fault.Forbidden, "grant.not_yours_here")
	// errScopeLevel: a level that is none of the realm's, or that is told and not given.
	errScopeLevel    = fault.New(fault.Invalid, "grant.scope_level_unknown")
	ErrTooManyScopes = fault.New(fault.Invalid, "grant.too_many").With("Max", MaxScopeChanges)
)
