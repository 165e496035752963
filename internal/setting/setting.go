package setting

import (
	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/fault"
)

// Settings is the register of what organisations have set.
type Settings struct{ Run *action.Runner }

// ErrStale is the refusal of a change to a version that is no longer in force.
var ErrStale = fault.New(fault.Stale, "api.version_stale")

// readers are the permissions of which one, anywhere, lets read the policy.
var readers = []access.Permission{access.SecurityEdit, access.SettingsEdit, access.MembersInvite}
