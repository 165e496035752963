package app

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"habilis/internal/api"
	"habilis/internal/authzen"
	"habilis/internal/credential"
	"habilis/internal/decision"
	"habilis/internal/job"
	"habilis/internal/login"
	"habilis/internal/notify"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/web"
	"habilis/internal/webhook"
)

// FactDemo is set on a database that holds the demonstration organisations.
const FactDemo = "demo"

// App is a server, ready to run.
type App struct {
	*Base
	Worker *job.Worker
	Mailer notify.Mailer // nil: letters wait in the queue
	// Gateway takes over messages by SMS; nil: none is sent.
	Gateway notify.Gateway
	// Sender sends events to the receivers that organisations chose.
	Sender *webhook.Dispatcher

	listener net.Listener
	metrics  *metrics
	sms      smsFigures
	tries    *prometheus.CounterVec // of deliveries
	health   *health
	front    *front
	heads    *headKeeper
}

// startGC is how far memory may grow between two collections while the server is built, in
// percent: what building leaves behind would stay with an idle server.
const startGC = 25

// New builds a server: it refuses unsafe settings, opens the database and brings
// its schema up to date, opens the port, and makes the doors. Nothing is served
// before Run. Close gives everything back when Run is not called.
func New(ctx context.Context, c Config, log io.Writer) (_ *App, err error) {
	defer debug.SetGCPercent(debug.SetGCPercent(startGC))
	c = c.completed()
	if err := c.Check(); err != nil {
		return nil, err
	}
	base, err := open(ctx, c, log, toServe)
	if err != nil {
		return nil, err
	}
	a := &App{Base: base, sms: newSMSFigures()}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	if err := a.checkDemoData(ctx); err != nil {
		return nil, err
	}
	if err := errors.Join(login.NoteAsked(ctx, a.DB), decision.NoteUsesFrom(ctx, a.DB)); err != nil {
		return nil, err
	}
	if a.listener, err = net.Listen("tcp", c.Listen); err != nil { //nolint:noctx // opened at once
		return nil, refuse("--listen", "%s", err)
	}
	if a.Public, err = a.baseURL(); err != nil {
		return nil, err
	}
	a.Logins.Passkeys = credential.NewPasskeys(a.Public)
	a.Reviews.Installation = strings.TrimSuffix(a.Public.String(), "/")
	a.Exits.Address = a.Reviews.Installation
	if a.Mailer, err = a.newMailer(); err != nil {
		return nil, err
	}
	if err := a.openGateway(); err != nil {
		return nil, err
	}
	if err := a.openSender(); err != nil {
		return nil, err
	}
	err = a.assemble()
	return a, err
}

// baseURL is the configured address, or the one we listen on.
func (a *App) baseURL() (*url.URL, error) {
	if a.Config.BaseURL == "" {
		return a.Config.ownURL(a.listener.Addr().String()), nil
	}
	return a.Config.parseBaseURL()
}

// ownURL is the address of a server that nobody gave one. The demonstration, where nothing
// else is said, has a name: browsers know no passkeys for addresses in numbers.
func (c Config) ownURL(listening string) *url.URL {
	if _, port, err := net.SplitHostPort(listening); err == nil && c.Demo && c.Listen == DefaultListen {
		listening = net.JoinHostPort("localhost", port)
	}
	return &url.URL{Scheme: "http", Host: listening}
}

// checkDemoData keeps demonstration and real data apart, both ways.
func (a *App) checkDemoData(ctx context.Context) error {
	var demo bool
	err := a.DB.Read(ctx, func(tx *store.Tx) (err error) {
		_, demo, err = store.Fact(ctx, tx, FactDemo)
		return err
	})
	if err == nil && demo && !a.Config.Demo {
		err = refuse("--data", "this folder holds the demonstration organisations; serve it with --demo, or choose another folder")
	}
	return err
}

// newMailer chooses how letters leave.
func (a *App) newMailer() (notify.Mailer, error) { //nolint:ireturn // SMTP or files, as configured
	m := a.Config.Mail
	if m.Host == "" && !a.Config.Dev {
		a.Log.Warn("no mail server: letters wait until --smtp-host names one; --dev keeps them as files")
		return nil, nil //nolint:nilnil // no mailer is a choice
	}
	sender := m.From
	if sender == "" {
		sender = devSender
	}
	from, err := notify.ParseFrom(sender)
	if err != nil {
		return nil, refuse("--mail-from", "write one plain address, for example ne-pas-repondre@habilis.example.fr")
	}
	if m.Host == "" {
		return notify.NewOutbox(from, a.Config.Data)
	}
	password, err := m.password()
	if err != nil {
		return nil, err
	}
	smtp, err := notify.NewSMTP(from, notify.SMTPConfig{
		Host: m.Host, Port: m.Port, Mode: notify.TLSMode(m.TLS), User: m.User, Password: password,
	})
	if err != nil {
		return nil, refuse("--smtp-host", "%s", err)
	}
	return smtp, nil
}

// devSender signs the letters that never leave this machine.
const devSender = "ne-pas-repondre@habilis.example"

// password reads the file of the mail server's password, without its last end of line.
func (m Mail) password() (secret.Text, error) {
	if m.PasswordFile == "" {
		return secret.Text{}, nil
	}
	b, err := readSecretFile(m.PasswordFile)
	if err != nil {
		return secret.Text{}, refuse("--smtp-password-file", "%s", err)
	}
	return secret.NewText(strings.TrimRight(string(b), "\r\n")), nil
}

// assemble makes the worker, the doors and what stands before them.
func (a *App) assemble() error {
	trusted, err := parseProxies(a.Config.TrustedProxies)
	if err != nil {
		return err
	}
	a.heads = newHeadKeeper(a.Base)
	a.Retentions.Signed, a.Exits.Signed, a.People.Signed = a.heads.signedNow, a.heads.signedNow, a.heads.signedNow
	a.Worker = &job.Worker{DB: a.DB, Ring: a.Ring, Log: a.Log, Handlers: a.handlers()}
	a.Runner.Wake = a.Worker.Wake
	a.metrics = newMetrics()
	a.Runner.Counted = a.metrics.act
	a.metrics.watch(a.Worker, a.Hasher, a.Log)
	a.metrics.watchDirectory(a.watchHalted)
	a.metrics.watchDecisions(a.Decided.Dropped, a.Uses.Dropped)
	a.metrics.registry.MustRegister(a.sms.total, a.tries)
	a.health = &health{db: a.DB, workers: a.workers(), remark: a.watchRemark}
	a.front = &front{
		base: a.Public, dev: a.Config.Dev, trusted: trusted, log: a.Log, metrics: a.metrics,
		origin: http.NewCrossOriginProtection(), doors: a.doors(),
	}
	return nil
}

// workers is how many workers run: none when letters cannot leave, so that they
// wait in the queue instead of failing.
func (a *App) workers() int32 {
	if a.Mailer == nil {
		return 0
	}
	return 1
}

// Handler is everything that people and programs reach, whole.
func (a *App) Handler() http.Handler { return a.front }

// Addr is the address we listen on.
func (a *App) Addr() net.Addr { return a.listener.Addr() }

// doors sends a request to its door.
func (a *App) doors() http.Handler {
	pages := a.web()
	rest := a.api(pages)
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+pathLive, a.health.live)
	mux.HandleFunc("GET "+pathReady, a.health.ready)
	mux.Handle("/api/", rest.Handler())
	a.authzen().Mount(mux)
	mux.HandleFunc("GET "+pathSigningKeys, a.signingKeys)
	if a.Config.Dev {
		a.devMail(mux)
		a.devSMS(mux)
	}
	mux.Handle("/", pages.Handler())
	return mux
}

func (a *App) web() *web.Server {
	return &web.Server{
		Run: a.Runner, Orgs: a.Orgs, Accounts: a.Accounts, Roles: a.Roles, Settings: a.Settings, Sessions: a.Sessions,
		Members: a.Members, Invitations: a.Invitations, Enrolments: a.Enrolments, Imports: a.Imports, Approvals: a.Approvals,
		Logins: a.Logins, Drafts: a.Drafts, Tokens: a.Tokens, Messages: a.Messages, Journal: a.Journal, Directory: a.Directory,
		Alerts: a.Alerts, Dossiers: a.Dossiers, Documents: a.Documents, Registrations: a.Registrations,
		Resources: a.Resources, Grants: a.Grants, Groups: a.Groups, WorkItems: a.WorkItems, Webhooks: a.Webhooks, Preferences: a.Preferences,
		Delegations: a.Delegations, Insight: a.Insight, Reports: a.Reports, Decided: a.Decided, SiteRemovals: a.SiteRemovals,
		Departures: a.Departures, Replacements: a.Replacements, Merges: a.Merges,
		Reviews: a.Reviews, People: a.People, Retentions: a.Retentions, Exits: a.Exits,
		BaseURL: a.Public, Support: a.Config.SupportAddress, Dev: a.Config.Dev,
		Address: Address, RequestID: RequestID, Log: a.Log,
	}
}

// authzen is the door of decisions.
func (a *App) authzen() *authzen.Server {
	return &authzen.Server{
		Decider: authzen.Index{Decisions: a.Decisions}, Run: a.Runner, PerMinute: a.Config.DecisionsPerMinute,
		Answered: func(by authzen.Caller, q *decision.Question, e *decision.Explained) {
			a.Decided.Note(by.Org, by.Key, by.Actor.Name, q, e.Answer)
			a.Uses.Note(by.Org, q, e.Answer)
		},
		Address: Address, RequestID: RequestID, BaseURL: a.Public.String(), Log: a.Log,
	}
}

func (a *App) api(pages *web.Server) *api.Server {
	return &api.Server{
		Run: a.Runner, Accounts: a.Accounts, Orgs: a.Orgs, Settings: a.Settings, Roles: a.Roles, Sessions: a.Sessions,
		Members: a.Members, Invitations: a.Invitations, Enrolments: a.Enrolments, Imports: a.Imports, Approvals: a.Approvals,
		Logins: a.Logins, Tokens: a.Tokens, Messages: a.Messages, Journal: a.Journal, Directory: a.Directory,
		Alerts: a.Alerts, Dossiers: a.Dossiers, Documents: a.Documents, Registrations: a.Registrations,
		Resources: a.Resources, Grants: a.Grants, Groups: a.Groups, WorkItems: a.WorkItems, Webhooks: a.Webhooks, Preferences: a.Preferences,
		Delegations: a.Delegations, Insight: a.Insight, Reports: a.Reports, Decided: a.Decided, SiteRemovals: a.SiteRemovals,
		Departures: a.Departures, People: a.People, Replacements: a.Replacements,
		Reviews: a.Reviews, Retentions: a.Retentions, Exits: a.Exits,
		Browser: pages.Browser, Renewed: pages.Renewed,
		Address: Address, RequestID: RequestID, BaseURL: a.Public.String(), Log: a.Log,
	}
}

// Close gives everything back.
func (a *App) Close() error {
	var err error
	if a.listener != nil {
		err = a.listener.Close()
		if errors.Is(err, net.ErrClosed) {
			err = nil
		}
	}
	return errors.Join(err, a.Base.Close())
}
