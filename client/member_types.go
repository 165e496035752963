package client

import "time"

// Member is a person in one organisation.
type Member struct {
	ID             string     `json:"id"`
	Organization   string     `json:"organization"`
	Account        *string    `json:"account"`      // nil for a member who has none yet
	Verification   string     `json:"verification"` // not_needed, unchecked, incomplete, verified
	Status         string     `json:"status"`       // pending_approval, created (never signed in), active, deactivated, left
	Locked         bool       `json:"locked"`       // the password is locked until it is reset
	ProfileType    string     `json:"profile_type"` // regulated, unregulated, non_practitioner
	Title          string     `json:"title"`
	GivenName      string     `json:"given_name"`
	FamilyName     string     `json:"family_name"`
	Email          string     `json:"email"` // empty for a member without one
	Function       string     `json:"function"`
	Profession     Coded      `json:"profession"`
	Specialty      Coded      `json:"specialty"`
	RPPS           string     `json:"rpps"`     // once saved it never changes, nor does the profile type
	Identity       *Identity  `json:"identity"` // nil without a professional identity
	SIRET          string     `json:"siret"`
	AMNumber       string     `json:"am_number"`
	Phone          string     `json:"phone"` // E.164, or empty
	MSSante        string     `json:"mssante"`
	MessagingReach string     `json:"messaging_reach"` // site, everyone
	Locum          *Locum     `json:"locum"`           // nil: replaces nobody
	StartsAt       *time.Time `json:"starts_at"`       // nil: it has begun
	EndsAt         *time.Time `json:"ends_at"`         // nil without an end
	LastSignInAt   *time.Time `json:"last_sign_in_at"` // nil before the first
	CreatedAt      time.Time  `json:"created_at"`
	Version        int64      `json:"version"`
}

// Coded is a value of a national nomenclature; the code is empty for free text.
type Coded struct {
	Code  string `json:"code"`
	Label string `json:"label"` // in French, as published
}

// Identity is where a professional identity comes from.
type Identity struct {
	Source string     `json:"source"` // declared, directory
	At     *time.Time `json:"at"`
}

// Locum is whom a practitioner replaces, and when: dates, the last one included.
type Locum struct {
	Member *string `json:"member"` // nil for somebody of elsewhere
	Name   string  `json:"name"`
	From   string  `json:"from"`
	Until  string  `json:"until"`
}

// MemberRow is a member as lists show them.
type MemberRow struct {
	Member

	Administrator bool               `json:"administrator"` // of the organisation, or of a site of it
	Sites         []SiteRef          `json:"sites"`
	Roles         []HeldRole         `json:"roles"`
	Invitation    *PendingInvitation `json:"invitation,omitempty"` // the one that waits for this member

	PlannedDeactivation *PlannedDeactivation `json:"planned_deactivation"` // nil: none
	PlannedDeparture    *PlannedDeparture    `json:"planned_departure"`    // nil: none
}

// MemberSheet is a member with every right, and what the caller may do.
type MemberSheet struct {
	MemberRow

	Permissions    []HeldPermission `json:"permissions"`    // single ones, besides those of the roles
	Administration []string         `json:"administration"` // scopes
	May            MemberActs       `json:"may"`
}

// MemberActs is what the caller may do with a member.
type MemberActs struct {
	Edit       bool     `json:"edit"`
	EditRights bool     `json:"edit_rights"`
	Deactivate bool     `json:"deactivate"`
	Reactivate bool     `json:"reactivate"`
	CancelPlan bool     `json:"cancel_deactivation"`
	Depart     bool     `json:"depart"`   // look at the departure, and decide it
	Resend     bool     `json:"resend"`   // send the invitation again
	Appoint    []string `json:"appoint"`  // scopes
	Withdraw   []string `json:"withdraw"` // scopes
}

// HeldRole is a role that a member holds, and its source.
type HeldRole struct {
	Role     string     `json:"role"`
	BuiltIn  string     `json:"built_in"`
	Name     string     `json:"name"`
	Scope    string     `json:"scope"` // "organization", or the ID of a site
	SiteName string     `json:"site_name"`
	GivenBy  string     `json:"given_by"`
	GivenAt  time.Time  `json:"given_at"`
	EndsAt   *time.Time `json:"ends_at"`
}

// HeldPermission is a single permission that a member holds, and its source.
type HeldPermission struct {
	Permission string     `json:"permission"`
	Scope      string     `json:"scope"`
	SiteName   string     `json:"site_name"`
	GivenBy    string     `json:"given_by"`
	GivenAt    time.Time  `json:"given_at"`
	EndsAt     *time.Time `json:"ends_at"`
}

// PendingInvitation is the invitation that waits for a member.
type PendingInvitation struct {
	ID        string    `json:"id"`
	ExpiresAt time.Time `json:"expires_at"`
}
