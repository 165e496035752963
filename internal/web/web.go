package web

import (
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-chi/httprate"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/approval"
	"habilis/internal/decision"
	"habilis/internal/departure"
	"habilis/internal/directory"
	"habilis/internal/dossier"
	"habilis/internal/draft"
	"habilis/internal/enrolment"
	"habilis/internal/exchange"
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
	"habilis/internal/web/assets"
	"habilis/internal/webhook"
	"habilis/internal/workitem"
)

// Server holds what the pages need.
type Server struct {
	Run           *action.Runner
	Orgs          org.Orgs
	Accounts      account.Accounts
	Roles         role.Roles
	Settings      setting.Settings
	Sessions      session.Sessions
	Members       member.Members
	Invitations   invitation.Invitations
	Enrolments    enrolment.Enrolments
	Imports       exchange.Imports
	Approvals     approval.Approvals
	Logins        login.Logins
	Drafts        draft.Drafts
	Journal       journal.Journal
	Resources     resource.Resources
	Grants        grant.Grants
	Groups        recordgroup.Groups
	WorkItems     workitem.Items
	Preferences   preference.Preferences
	Departures    departure.Departures
	People        privacy.People
	Retentions    privacy.Retentions
	Exits         privacy.Exits
	Reviews       review.Reviews
	Replacements  merge.Replacements
	Merges        merge.Accounts
	SiteRemovals  departure.Sites
	Webhooks      webhook.Webhooks
	Delegations   grant.Delegations
	Tokens        token.Tokens
	Messages      message.Messages
	Directory     directory.Directory
	Alerts        dossier.Alerts
	Dossiers      dossier.Dossiers
	Documents     dossier.Documents
	Registrations dossier.Registrations
	Insight       decision.Insight
	Reports       report.Reports
	Decided       *decision.Log
	Watch         dossier.Watch

	BaseURL   *url.URL // from the configuration only (rules.md 10)
	Support   string   // the installation's support address, shown on the help page
	Dev       bool     // development: /dev/mail is offered on the sign-in page
	Address   func(*http.Request) string
	RequestID func(*http.Request) string
	Log       *slog.Logger

	pages    *http.ServeMux        // the addresses of the pages, for next
	searches *httprate.RateLimiter // of one person, on this node
}

// Handler serves every page and the static files.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	s.pages, s.searches = pagesOf(s.routes()), newSearches()
	mux.Handle("GET /static/", assets.Handler())
	for _, r := range s.routes() {
		mux.Handle(r.pattern, s.serve(r))
	}
	mux.Handle("/", s.serve(route{handle: (*visit).nowhere}))
	return mux
}

// Browser gives the actor behind the session cookie of a request, for the REST
// API when a signed-in browser calls it.
func (s *Server) Browser(r *http.Request) (access.Actor, text.Lang, bool, error) {
	in, ok, err := s.signedIn(r)
	if err != nil || !ok {
		return access.Actor{}, "", false, err
	}
	return s.actor(r, in), in.Account.Language, true, nil
}

func (s *Server) now() time.Time { return s.Run.DB.Now() }

// secure reports whether cookies carry Secure and the __Host- prefix: always,
// but for loopback development over plain http (rules.md 23).
func (s *Server) secure() bool { return s.BaseURL.Scheme == "https" }

// cookieName gives the name of a cookie of ours.
func (s *Server) cookieName(short string) string {
	if s.secure() {
		return "__Host-" + short
	}
	return "habilis-" + short
}

// setCookie writes a cookie that scripts cannot read; an age of 0 is a cookie of
// the browser's session, a negative one removes it.
func (s *Server) setCookie(w http.ResponseWriter, short, value string, age time.Duration) {
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure but for loopback development over plain http (rules.md 23)
		Name: s.cookieName(short), Value: value, Path: "/", MaxAge: int(age.Seconds()),
		Secure: s.secure(), HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

func (s *Server) cookie(r *http.Request, short string) string {
	c, err := r.Cookie(s.cookieName(short))
	if err != nil {
		return ""
	}
	return c.Value
}

// The cookies.
const (
	cookieSession      = "s" // the session's token
	cookieLanguage     = "l" // the language chosen before signing in
	cookieFlash        = "f" // the answer to the act just made
	cookieLink         = "a" // the token of an invitation's, reset's or set-up link
	cookieRegistration = "r" // the key of a registration
	cookieHalf         = "h" // the token of a half: the first proof is given, the second is due
	cookieMerge        = "m" // the token of a half of another account of the person, which proves that it is theirs
	cookieDevice       = "d" // the token of a browser that its person said to remember
)

func (s *Server) signedIn(r *http.Request) (session.SignedIn, bool, error) {
	presented := s.cookie(r, cookieSession)
	if presented == "" {
		return session.SignedIn{}, false, nil
	}
	return s.Sessions.Authenticate(r.Context(), presented)
}

func (s *Server) actor(r *http.Request, in session.SignedIn) access.Actor {
	return access.Actor{
		Kind: access.Person, Account: in.Account.ID, Session: in.Session.ID, Name: strings.TrimSpace(in.Account.Name()),
		StepUp: in.Session.StepUpAt, Second: in.Session.Second, SecondAt: in.Session.SecondAt,
		Opened: in.Session.CreatedAt, Seen: in.Session.SeenAt,
		Address: s.Address(r), Via: "web", Request: s.RequestID(r),
	}
}
