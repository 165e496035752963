package app

import (
	"cmp"
	"crypto/x509"
	"net/netip"
	"net/url"
	"path/filepath"
	"time"

	"habilis/internal/authzen"
	"habilis/internal/credential"
	"habilis/internal/invitation"
	"habilis/internal/login"
	"habilis/internal/secret"
	"habilis/internal/setting"
)

// Place says where an installation is: what every command needs to find it.
// The tags are those of the command line; HABILIS_DATA, HABILIS_DATABASE_URL and
// so on, and the keys "data", "database_url" of the file, are made from them.
type Place struct {
	Data        string      `default:"./habilis-data" help:"Folder of the database, the keys and the lock." placeholder:"DIR"`
	DatabaseURL secret.Text `name:"database-url" help:"PostgreSQL instead of SQLite: postgres://user:password@host/name?sslmode=verify-full."`
	BaseURL     string      `name:"base-url" help:"Address that people open. By default http:// and --listen, on this machine only."`
	KeyFile     string      `name:"key-file" help:"File of the keys; by default keys.json in the data folder." placeholder:"FILE"`
	Dev         bool        `help:"Development, on this machine only: letters are kept in DIR/outbox and shown at /dev/mail, SMS at /dev/sms."`
	LogLevel    string      `name:"log-level" enum:"debug,info,warn,error" default:"info" help:"Least important line to log: ${enum}."`
	LogFormat   string      `name:"log-format" enum:"text,json" default:"text" help:"Form of the log: ${enum}."`
}

// Mail says how letters leave.
type Mail struct {
	From         string `name:"mail-from" help:"Address that letters are sent from." placeholder:"ADDRESS"`
	Host         string `name:"smtp-host" help:"Mail server. Without one, letters wait." placeholder:"HOST"`
	Port         int    `name:"smtp-port" default:"0" help:"Port of the mail server; by default 587, 465 with tls, 25 with none."`
	User         string `name:"smtp-user" help:"User of the mail server." placeholder:"NAME"`
	PasswordFile string `name:"smtp-password-file" help:"File, readable by its owner alone, that holds the password." placeholder:"FILE"`
	TLS          string `name:"smtp-tls" enum:"starttls,tls,none" default:"starttls" help:"Protection: ${enum}; none on this machine only."`
}

// Annuaire says where the national directory of health professionals is asked. Without any
// of it only the files that were loaded answer.
type Annuaire struct {
	DirectoryURL     string      `name:"directory-url" help:"FHIR API of the Annuaire Santé; the national one with a key." placeholder:"URL"`
	DirectoryKey     secret.Text `name:"directory-key" help:"Key of the subscription (ESANTE-API-KEY); best in the environment."`
	DirectoryKeyFile string      `name:"directory-key-file" help:"File, readable by its owner alone, that holds it." placeholder:"FILE"`
	OutboundProxy    string      `name:"outbound-proxy" help:"Proxy to other servers; never the environment's." placeholder:"URL"`
}

// Config is the whole configuration of a server.
type Config struct {
	Place
	Mail
	SMS
	Annuaire
	Outward
	Listen             string      `default:"127.0.0.1:8080" help:"Address and port to listen on." placeholder:"ADDRESS"`
	MetricsListen      string      `name:"metrics-listen" help:"Address and port of /metrics, never a public one; none by default."`
	TrustedProxies     []string    `name:"trusted-proxies" help:"Addresses or networks of the proxies whose X-Forwarded-For is believed."`
	ExemptNetworks     []string    `name:"exempt-networks" help:"Networks whose failed sign-ins are not counted together."`
	ClamAV             string      `name:"clamav" help:"ClamAV daemon that judges the files people send: unix:/run/clamav/clamd.ctl or tcp:HOST:PORT." placeholder:"ADDRESS"` //nolint:lll // a tag is one literal
	SupportAddress     string      `name:"support-address" help:"Address of whom to ask, shown on the help page." placeholder:"ADDRESS"`
	DecisionsPerMinute int         `name:"decisions-per-minute" default:"60000" help:"Decision requests of one token in a minute."`
	InvitationsPerDay  int64       `name:"invitations-per-day" default:"200" help:"Invitations that one organisation may send in a day."`
	SecurityLogMonths  int64       `name:"security-log-months" default:"12" help:"How long the installation's own trail keeps the details of sign-ins and refusals, in months; organisations choose for theirs."` //nolint:lll // a tag is one literal
	AuditMonths        int64       `name:"audit-months" default:"36" help:"How long it keeps the details of everything else, in months."`
	Demo               bool        `help:"Demonstration organisations, in development mode on SQLite."`
	DemoPassword       secret.Text `name:"demo-password" help:"Password of every demonstration account; by default one is drawn."`
	DemoTOTP           secret.Text `name:"demo-totp" help:"Secret (base32) of the code application of every demonstration administrator; by default one is drawn."` //nolint:lll // a tag is one literal

	Clock func() time.Time `kong:"-"` // time.Now by default; tests move it
	Roots *x509.CertPool   `kong:"-"` // authorities believed of the SMS gateway and of receivers; the system's by default
}

// DefaultListen is where a server listens when nothing else is said.
const DefaultListen = "127.0.0.1:8080"

// Names of what the data folder holds.
const (
	databaseFile = "habilis.db"
	lockFile     = "habilis.lock"
	socketFile   = "habilis.sock"
	keysFile     = "keys.json"
	headsFile    = "audit-heads.jsonl"
)

// MaxInvitationsPerDay bounds what an operator may allow an organisation.
const MaxInvitationsPerDay = invitation.MaxPerRequest * 10

// MaxDecisionsPerMinute bounds what an operator may allow a token.
const MaxDecisionsPerMinute = 100_000_000

// Postgres reports whether the data is in PostgreSQL.
func (p Place) Postgres() bool { return !p.DatabaseURL.IsZero() }

// DatabasePath is the file of SQLite.
func (p Place) DatabasePath() string { return filepath.Join(p.Data, databaseFile) }

// KeyPath is the key file.
func (p Place) KeyPath() string {
	if p.KeyFile != "" {
		return p.KeyFile
	}
	return filepath.Join(p.Data, keysFile)
}

// HeadsPath is the file of the signed heads of the audit trail.
func (p Place) HeadsPath() string { return filepath.Join(p.Data, headsFile) }

// completed fills in what follows from the rest: a demonstration is development.
func (c Config) completed() Config {
	if c.Demo {
		c.Dev = true
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.DecisionsPerMinute == 0 {
		c.DecisionsPerMinute = authzen.PerMinute
	}
	if c.InvitationsPerDay == 0 {
		c.InvitationsPerDay = invitation.MaxPerDayOrg
	}
	c.SecurityLogMonths = cmp.Or(c.SecurityLogMonths, setting.Retention{}.Of(setting.KeepSecurityLog))
	c.AuditMonths = cmp.Or(c.AuditMonths, setting.Retention{}.Of(setting.KeepRightsAudit))
	if c.SMSPerDay == 0 {
		c.SMSPerDay = login.MessagesPerDay
	}
	if len(c.SMSPrefixes) == 0 {
		c.SMSPrefixes = credential.FrenchPrefixes
	}
	return c
}

// retention is how long the installation's own trail keeps what.
func (c Config) retention() setting.Retention {
	return setting.Retention{Values: map[setting.RetentionKind]int64{
		setting.KeepSecurityLog: c.SecurityLogMonths, setting.KeepRightsAudit: c.AuditMonths,
	}}
}

// loopbackURL reports whether nobody but this machine can open the address.
func loopbackURL(u *url.URL) bool { return loopbackHost(u.Hostname()) }

// loopbackHost reports whether a host, name or address, is this machine.
func loopbackHost(host string) bool {
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.Unmap().IsLoopback()
}
