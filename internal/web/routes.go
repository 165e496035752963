package web

import (
	"slices"

	"habilis/internal/member"
)

// formFields are the bounds of the forms that may hold more than MaxFormFields.
var formFields = map[string]int{
	"POST /o/{org}/members/bulk":    member.MaxBulk + MaxFormFields, // one box a member
	"POST /o/{org}/invitations/new": maxInviteFields,                // boxes of roles, their scopes, sites
}

// routes lists every page of the product, by the file that answers it.
func (s *Server) routes() []route {
	return slices.Concat(
		loginRoutes,       // /login, /logout, /password/…, /setup/…
		activationRoutes,  // /activate/…
		accountRoutes,     // /account/…, /language
		placeRoutes,       // /organizations, /o/{org}/home
		memberRoutes,      // /o/{org}/members/…
		invitationRoutes,  // /o/{org}/invitations/…
		siteRoutes,        // /o/{org}/sites/…
		settingRoutes,     // /o/{org}/settings/…
		platformRoutes,    // /platform/…
		informationRoutes, // /help, /accessibility, /privacy, /site-map, /csp-report
	)
}
