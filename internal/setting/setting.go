package setting

import (
	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
)

// Settings is the register of what organisations have set.
type Settings struct{ Run *action.Runner }

// ErrStale is the refusal of a change to a version that is no longer in force.
var ErrStale = fault.New(fault.Stale, "api.version_stale")

// verbRead is the name of the act that reads a setting.
const verbRead = "settings.read"

// readers are the permissions of which one, anywhere, lets read the policy.
var readers = []access.Permission{access.SecurityEdit, access.SettingsEdit, access.MembersInvite}

// editAct is the act that changes a setting of a whole organisation: with a permission there, and
// a fresh proof of the person (rules.md 6).
func editAct(verb string, p access.Permission, org ident.Org) action.Act {
	return action.Act{
		Verb: verb, Orgs: []ident.Org{org}, Object: org.String(), StepUp: true, Needs: []access.Need{access.At(p, access.OrgScope(org))},
	}
}
