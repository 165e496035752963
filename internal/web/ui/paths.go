package ui

// Addresses that the layouts link to on every page. The routes of package web
// use these constants, so that they cannot differ.
const (
	PathAccount       = "/account"
	PathSecurity      = "/account/security"
	PathLocked        = "/locked"
	PathOrganizations = "/organizations"
	PathLanguage      = "/language" // POST lang, next
	PathLogout        = "/logout"   // POST
	PathHelp          = "/help"
	PathSiteMap       = "/site-map"
	PathAccessibility = "/accessibility"
	PathPrivacy       = "/privacy"
)
