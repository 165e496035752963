package decision

import (
	"slices"
	"strings"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/ident"
)

// The permissions that acts of connected applications on records and documents use.
var (
	recordActs   = map[string]string{wordRead: string(access.RecordsRead), "write": string(access.RecordsWrite)}
	documentActs = map[string]string{"share": string(access.DocumentsShare), "consult": string(access.DocumentsConsult)}
)

// noteAct notes what was done in Habilis, by a person or by a token that they made. An act that
// says which permission it needed used that one; others find what they need as they go, and their
// name says which it was (usedBy).
func (u *Uses) noteAct(by access.Actor, act action.Act, needs []access.Need) {
	if by.Account.IsZero() || by.Kind != access.Person && by.Kind != access.OrgToken {
		return
	}
	said := false
	for _, n := range needs {
		if !access.Known(n.Permission) {
			continue
		}
		said = true
		for _, s := range n.All {
			u.note(used{org: s.Org, subject: by.Account.String(), typ: usedPermission, on: s.Code(), act: string(n.Permission)})
		}
		if len(n.AnyOf) > 0 {
			u.note(used{org: n.AnyOf[0].Org, subject: by.Account.String(), typ: usedPermission, act: string(n.Permission)})
		}
	}
	if p := permissionOf(act.Verb); !said && p != "" && len(act.Orgs) > 0 {
		u.note(used{
			org: act.Orgs[0], subject: by.Account.String(), typ: usedPermission, act: string(p), unless: ident.Member(act.Subject),
		})
	}
}

// permissionOf is the permission that an act uses which does not say so itself; empty for what
// everybody may do.
func permissionOf(verb string) access.Permission {
	if slices.Contains(usesNone, verb) {
		return ""
	}
	if p, named := usedBy[verb]; named {
		return p
	}
	noun, _, _ := strings.Cut(verb, ".")
	return usedBy[noun]
}

// usedBy is the permission that acts use, by their verb or by the noun of their verb.
var usedBy = map[string]access.Permission{
	"alert":      access.MembersEdit,
	"approval":   access.ApprovalsDecide,
	"audit":      access.AuditRead,
	"delegation": access.DelegationsEdit,
	"departure":  access.MembersDelete,
	"document":   access.DossiersCertify,
	"dossier":    access.DossiersCertify,
	"email":      access.MembersEdit,
	"factor":     access.MembersEdit,
	"group":      access.GroupsEdit,
	"import":     access.ImportsRun,
	"invitation": access.MembersInvite,
	"member":     access.MembersEdit,
	"message":    access.MembersMessage,
	"report":     access.RightsRead,
	"resource":   access.RightsEdit,
	"review":     access.ReviewsRun,
	"rights":     access.RightsEdit,
	"role":       access.RolesEdit,
	"security":   access.SecurityEdit,
	"settings":   access.SettingsEdit,
	"site":       access.SitesEdit,
	"token":      access.TokensEdit,
	"webhook":    access.WebhooksEdit,
	"workitem":   access.WorkitemsEdit,

	"audit.export":               access.AuditExport,
	"decision.ask":               access.DecisionsAsk,
	"decision.list":              access.AuditRead,
	"decision.read":              access.RightsRead,
	"departure.list":             access.MembersRead,
	"departure.read":             access.MembersRead,
	"member.cancel_deactivation": access.MembersDeactivate,
	"member.create":              access.MembersInvite,
	"member.deactivate":          access.MembersDeactivate,
	"member.export":              access.MembersRead,
	"member.list":                access.MembersRead,
	"member.plan_deactivation":   access.MembersDeactivate,
	"member.read":                access.MembersRead,
	"member.remove":              access.MembersDelete,
	"member.review_deactivation": access.MembersDeactivate,
	"member.review_reactivation": access.MembersDeactivate,
	"report.review_factors":      access.SecurityEdit,
	"report.review_leavers":      access.MembersRead,
	"rights.list":                access.RightsRead,
	"rights.page":                access.RightsRead,
	"rights.read":                access.RightsRead,
}

// usesNone are acts that whoever belongs to an organisation may do, or on what is their own.
var usesNone = []string{
	"audit.mine", "audit.read", "audit.sign_ins", "delegation.confirm", "delegation.find", "delegation.list", "delegation.mine",
	"delegation.preview", "delegation.read", "delegation.refuse", "factor.add", "factor.list", "group.list", "invitation.accept",
	"invitation.open", "member.helpers", "member.join", "resource.list", "resource.read", "role.grantable", "role.list", "role.read",
	"security.read", "settings.defaults", "settings.read", "site.list", "site.read", "workitem.read",
}
