package client

import "time"

// PlannedDeactivation is a deactivation that waits for its day, or for a confirmation.
type PlannedDeactivation struct {
	Date      string    `json:"date"` // the last day of access
	At        time.Time `json:"at"`   // the first moment without it
	PlannedBy string    `json:"planned_by"`
	PlannedAt time.Time `json:"planned_at"`
	HeldBy    string    `json:"held_by"` // the rule that refused it on its day; empty: it waits for its day
}

// DeactivatedMember is a member who was deactivated, or will be.
type DeactivatedMember struct {
	Member

	Planned *PlannedDeactivation `json:"planned_deactivation"` // nil once the access has ended
}

// ReactivatedMember is a member who was let in again, with what is not as before.
type ReactivatedMember struct {
	Member

	Reactivation
}

// Reactivation is what somebody holds otherwise after a deactivation than before.
type Reactivation struct {
	DeactivatedAt time.Time         `json:"deactivated_at"`
	ReactivatedAt *time.Time        `json:"reactivated_at"`    // nil while the member is deactivated
	Changed       []ChangedMeantime `json:"changed_meanwhile"` // empty: all is as it was
	Withheld      bool              `json:"withheld"`          // the caller reads nobody's rights: levels, delegations and groups are left out
	Tokens        int64             `json:"tokens_revoked"`
	Webhooks      int64             `json:"webhooks_stopped"`
}

// ChangedMeantime is one thing that is not as before.
type ChangedMeantime struct {
	// Kind is membership, function, reach, site, role, permission, agenda, messaging_profile, identity, delegation, group or setting.
	Kind      string   `json:"kind"`
	ID        string   `json:"id"`
	Name      string   `json:"name"`
	Act       string   `json:"act"`   // of a delegation
	Scope     string   `json:"scope"` // of a role or a permission: "organization", or the ID of a site
	ScopeName string   `json:"scope_name"`
	Before    string   `json:"before"` // held, holder, a level, a code; empty: nothing
	After     string   `json:"after"`
	Gained    []string `json:"gained"` // permissions added to the role
	Lost      []string `json:"lost"`   // and taken out of it
	Why       string   `json:"why"`
	Detail    string   `json:"detail"` // the same in words
}
