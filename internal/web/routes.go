package web

import (
	"slices"

	"habilis/internal/member"
)

// formFields are the bounds of the forms that may hold more than MaxFormFields.
var formFields = map[string]int{
	"POST /o/{org}/members/bulk":            member.MaxBulk + MaxFormFields, // one box a member
	"POST /o/{org}/members/{member}/rights": maxInviteFields,                // boxes of sites, roles and permissions
	"POST /o/{org}/invitations/new":         maxInviteFields,                // boxes of roles, their scopes, sites

	"POST /o/{org}/access/agendas":            maxMatrixFields, // a level for each person and agenda shown
	"POST /o/{org}/access/messaging-profiles": maxMatrixFields,
	"POST /o/{org}/members/{member}/levels":   maxMatrixFields, // a level and two dates for each agenda and mailbox

	"POST /o/{org}/delegations/new":    maxDelegationFields, // one box an identity
	"POST /o/{org}/me/delegations/new": maxDelegationFields,

	"POST /o/{org}/members/new/{draft}/profile": maxInviteFields, // boxes of sites
	"POST /o/{org}/members/new/{draft}/rights":  maxInviteFields, // boxes of roles, and their scopes

	"POST /o/{org}/members/new/{draft}/agendas":   maxLevelFields, // a level and a box a line
	"POST /o/{org}/members/new/{draft}/messaging": maxLevelFields,
}

// routes lists every page of the product, by the file that answers it.
func (s *Server) routes() []route {
	return slices.Concat(
		loginRoutes,          // /login, /logout, /password/…, /setup/…
		activationRoutes,     // /activate/…
		accountRoutes,        // /account/…, /language
		placeRoutes,          // /organizations, /o/{org}/home
		memberRoutes,         // /o/{org}/members/…
		alertRoutes,          // /o/{org}/directory-alerts/…
		editRoutes,           // /o/{org}/members/{member}/edit/…
		rightsRoutes,         // /o/{org}/members/{member}/rights/…
		matrixRoutes,         // /o/{org}/access/…, /o/{org}/members/{member}/levels
		createRoutes,         // /o/{org}/members/new/…, /o/{org}/members/drafts/…
		delegationRoutes,     // /o/{org}/delegations/…, /o/{org}/me/delegations/…
		invitationRoutes,     // /o/{org}/invitations/…
		siteRoutes,           // /o/{org}/sites/…
		resourceRoutes,       // /o/{org}/agendas/…, /messaging-profiles/…, /identities/…
		roleRoutes,           // /o/{org}/roles/…
		journalRoutes,        // /o/{org}/journal/…, /o/{org}/me/journal
		groupRoutes,          // /o/{org}/access-groups/…, /o/{org}/settings/records
		settingRoutes,        // /o/{org}/settings/…
		platformRoutes,       // /platform/…
		whyRoutes,            // /o/{org}/access/why, /o/{org}/access/records, /o/{org}/members/{member}/access
		decisionLogRoutes,    // /o/{org}/decision-log
		decisionPolicyRoutes, // /o/{org}/settings/decisions
		tokenRoutes,          // /o/{org}/tokens/…, /account/tokens/…, /platform/tokens/…
		informationRoutes,    // /help, /accessibility, /privacy, /site-map, /csp-report
	)
}
