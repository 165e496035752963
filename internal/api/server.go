package api

import (
	"log/slog"
	"net/http"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/approval"
	"habilis/internal/decision"
	"habilis/internal/departure"
	"habilis/internal/directory"
	"habilis/internal/dossier"
	"habilis/internal/enrolment"
	exchanges "habilis/internal/exchange" // huma has an exchange too
	"habilis/internal/grant"
	"habilis/internal/invitation"
	"habilis/internal/journal"
	"habilis/internal/login"
	"habilis/internal/member"
	"habilis/internal/merge"
	"habilis/internal/message"
	"habilis/internal/org"
	"habilis/internal/preference"
	"habilis/internal/privacy"
	"habilis/internal/recordgroup"
	"habilis/internal/report"
	"habilis/internal/resource"
	"habilis/internal/review"
	"habilis/internal/role"
	"habilis/internal/session"
	"habilis/internal/setting"
	"habilis/internal/text"
	"habilis/internal/token"
	"habilis/internal/webhook"
	"habilis/internal/workitem"
)

// Server is what the door needs: the nouns, and what the roof knows of a request.
type Server struct {
	Run           *action.Runner // records the refusals that happen before an act
	Accounts      account.Accounts
	Orgs          org.Orgs
	Settings      setting.Settings
	Roles         role.Roles
	Sessions      session.Sessions
	Tokens        token.Tokens
	Messages      message.Messages
	Members       member.Members
	SiteRemovals  departure.Sites
	Departures    departure.Departures
	People        privacy.People
	Reviews       review.Reviews
	Retentions    privacy.Retentions
	Exits         privacy.Exits
	Replacements  merge.Replacements
	Resources     resource.Resources
	Groups        recordgroup.Groups
	WorkItems     workitem.Items
	Preferences   preference.Preferences
	Webhooks      webhook.Webhooks
	Grants        grant.Grants
	Delegations   grant.Delegations
	Invitations   invitation.Invitations
	Enrolments    enrolment.Enrolments
	Imports       exchanges.Imports
	Approvals     approval.Approvals
	Logins        login.Logins
	Journal       journal.Journal
	Directory     directory.Directory
	Alerts        dossier.Alerts
	Dossiers      dossier.Dossiers
	Registrations dossier.Registrations
	Documents     dossier.Documents
	Decided       *decision.Log
	Reports       report.Reports
	Insight       decision.Insight

	// Browser gives who is signed in by the browser's cookie, and their language;
	// false when nobody is. Nil: cookies are not looked at.
	Browser func(*http.Request) (access.Actor, text.Lang, bool, error)
	// Renewed puts the new token of the current session into the browser's cookie.
	Renewed func(http.ResponseWriter, *http.Request, session.Opened)
	// Address and RequestID are what the roof decided of a request (rules.md 10).
	Address   func(*http.Request) string
	RequestID func(*http.Request) string
	// BaseURL is the address that people open, without a slash at its end.
	BaseURL string
	Log     *slog.Logger
}

// Prefix is where the routes of this version begin.
const Prefix = "/api/v1"

// The addresses of the description.
const (
	pathOpenAPI  = "/api/openapi.json"
	pathDocs     = "/api/docs"
	pathDocsLook = "/api/docs/docs.css"
)

// routes are all routes, by the file that answers them.
func (s *Server) routes() []func(*door) {
	return []func(*door){
		s.aboutMe,
		s.aboutSessions,
		s.aboutMyEmail,
		s.aboutMyDevices,
		s.aboutMyFactors,
		s.aboutMyPhone,
		s.aboutOrganizations,
		s.aboutSecurity,
		s.aboutDecisionPolicy,
		s.aboutSettings,
		s.aboutSites,
		s.aboutMembers,
		s.aboutDeactivation,
		s.aboutMemberCreation,
		s.aboutMemberEdition,
		s.aboutMemberRights,
		s.aboutMemberFactors,
		s.aboutMembersTogether,
		s.aboutMessages,
		s.aboutMemberships,
		s.aboutDepartures,
		s.aboutPrivacy,
		s.aboutReviews,
		s.aboutReviewSettings,
		s.aboutReplacements,
		s.aboutRetention,
		s.aboutExit,
		s.aboutPlatformErasures,
		s.aboutInvitations,
		s.aboutImports,
		s.aboutApprovals,
		s.aboutFeatures,
		s.aboutRoles,
		s.aboutCatalogues,
		s.aboutResources,
		s.aboutGroups,
		s.aboutWorkItems,
		s.aboutMemberSettings,
		s.aboutNotices,
		s.aboutRights,
		s.aboutAccess,
		s.aboutDelegations,
		s.aboutTokens,
		s.aboutWebhooks,
		s.aboutJournal,
		s.aboutDecisionLog,
		s.aboutReports,
		s.aboutDirectory,
		s.aboutNomenclatures,
		s.aboutAlerts,
		s.aboutDossiers,
		s.aboutDocuments,
		s.aboutDocumentSettings,
		s.aboutActivations,
		s.aboutRegistrations,
		s.aboutRegistrationSettings,
		s.aboutPasswords,
	}
}

// Handler answers everything under /api/.
func (s *Server) Handler() http.Handler {
	d := s.registered()
	d.describe()
	return d
}

// registered is a door with every operation.
func (s *Server) registered() *door {
	d := newDoor(s)
	for _, about := range s.routes() {
		about(d)
	}
	return d
}
