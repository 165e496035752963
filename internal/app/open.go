package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"

	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/approval"
	"habilis/internal/credential"
	"habilis/internal/dated"
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
	"habilis/internal/paper"
	"habilis/internal/preference"
	"habilis/internal/privacy"
	"habilis/internal/recordgroup"
	"habilis/internal/report"
	"habilis/internal/resource"
	"habilis/internal/review"
	"habilis/internal/role"
	"habilis/internal/secret"
	"habilis/internal/session"
	"habilis/internal/setting"
	"habilis/internal/store"
	"habilis/internal/token"
	"habilis/internal/webhook"
	"habilis/internal/workitem"
)

// Base is an installation opened: its folder, database, keys and nouns, without
// any door. The server and every command stand on one.
type Base struct {
	Config Config
	Log    *slog.Logger
	DB     *store.DB
	Ring   *secret.Ring
	Runner *action.Runner
	Hasher *credential.Hasher

	Orgs          org.Orgs
	Accounts      account.Accounts
	Roles         role.Roles
	Settings      setting.Settings
	Sessions      session.Sessions
	Tokens        token.Tokens
	Messages      message.Messages
	Members       member.Members
	SiteRemovals  departure.Sites
	Departures    departure.Departures
	People        privacy.People
	Retentions    privacy.Retentions
	Exits         privacy.Exits
	Reviews       review.Reviews
	Replacements  merge.Replacements
	Merges        merge.Accounts
	Dates         dated.Dates
	Invitations   invitation.Invitations
	Enrolments    enrolment.Enrolments
	Imports       exchange.Imports
	Approvals     approval.Approvals
	Logins        login.Logins
	Drafts        draft.Drafts
	Journal       journal.Journal
	Resources     resource.Resources
	Groups        recordgroup.Groups
	WorkItems     workitem.Items
	Preferences   preference.Preferences
	Grants        grant.Grants
	Delegations   grant.Delegations
	Directory     directory.Directory
	Alerts        dossier.Alerts
	Dossiers      dossier.Dossiers
	Documents     dossier.Documents
	Registrations dossier.Registrations
	Watch         dossier.Watch
	Webhooks      webhook.Webhooks
	Decisions     *decision.Decisions
	Decided       *decision.Log
	Uses          *decision.Uses
	Reports       report.Reports
	Insight       decision.Insight

	// Public is the address that people open; nil when no server runs here.
	Public *url.URL

	folder *folder
	index  *directory.Index
}

// manner is how an installation is opened.
type manner uint8

const (
	toUse   manner = iota // it must be there, with the right schema
	toServe               // made when it is new, brought up to date when it is old
	toRead                // beside whoever else has it open
)

// factKeys holds the ID of the first key of the installation: a database opened
// beside somebody else's keys is refused before anything is sealed with them.
const factKeys = "keys"

// ErrForeignKeys is the refusal of a key file that is not this database's.
var ErrForeignKeys = errors.New("the key file is not the one of this database; put back the copy you keep, or name it with --key-file")

// open opens the installation.
func open(ctx context.Context, c Config, log io.Writer, how manner) (_ *Base, err error) {
	b := &Base{Config: c.completed()}
	b.Log = newLog(b.Config.Place, log)
	defer func() {
		if err != nil {
			err = errors.Join(err, b.Close())
		}
	}()
	if err := b.lockFolder(how); err != nil {
		return nil, err
	}
	if b.DB, err = store.Open(ctx, store.Options{URL: c.DatabaseURL.Reveal(), Path: c.DatabasePath(), Clock: b.Config.Clock}); err != nil {
		return nil, refuse("--database-url", "the database cannot be opened: %s", err)
	}
	prepare := b.DB.CheckSchema
	if how == toServe {
		prepare = b.DB.Migrate
	}
	if err := prepare(ctx); err != nil {
		return nil, err
	}
	if err := b.DB.CheckWhole(ctx); err != nil {
		return nil, err
	}
	if err := b.openKeys(ctx); err != nil {
		return nil, err
	}
	b.build()
	if b.Documents.Scanner, err = paper.ParseScanner(c.ClamAV); err != nil {
		return nil, refuse("--clamav", "%s", err)
	}
	if b.Logins.Exempt, err = parseNetworks("--exempt-networks", c.ExemptNetworks); err != nil {
		return nil, err
	}
	err = b.openDirectory()
	return b, err
}

// lockFolder: with PostgreSQL the folder holds keys and heads only, and several
// servers may share one.
func (b *Base) lockFolder(how manner) (err error) {
	if b.Config.Postgres() {
		return makeFolder(b.Config.Data)
	}
	if _, err := os.Stat(b.Config.DatabasePath()); how != toServe && errors.Is(err, os.ErrNotExist) {
		return refuse("--data", "%s holds no installation; `habilis serve` or `habilis migrate` makes one", b.Config.Data)
	}
	if b.folder, err = openFolder(b.Config.Data); how == toRead && errors.Is(err, ErrRunning) {
		return nil
	}
	return err
}

// openKeys loads the key ring; only a new installation makes one.
func (b *Base) openKeys(ctx context.Context) (err error) {
	known, err := b.knownKey(ctx)
	if err != nil {
		return err
	}
	path := b.Config.KeyPath()
	if known == "" {
		b.Ring, err = secret.LoadOrCreate(path, b.Config.Clock())
	} else {
		b.Ring, err = secret.Load(path)
	}
	if err != nil {
		return refuseKeys(path, err)
	}
	if known == "" {
		if known, err = b.setKey(ctx); err != nil {
			return err
		}
	}
	for _, k := range b.Ring.Keys() {
		if k.ID.String() == known {
			return nil
		}
	}
	return ErrForeignKeys
}

func (b *Base) knownKey(ctx context.Context) (known string, err error) {
	err = b.DB.Read(ctx, func(tx *store.Tx) (err error) {
		known, _, err = store.Fact(ctx, tx, factKeys)
		return err
	})
	return known, err
}

// setKey notes our first key, unless another node was faster.
func (b *Base) setKey(ctx context.Context) (known string, err error) {
	err = b.DB.Write(ctx, []store.Lock{store.Installation}, func(tx *store.Tx) (err error) {
		var found bool
		if known, found, err = store.Fact(ctx, tx, factKeys); err != nil || found {
			return err
		}
		known = b.Ring.Keys()[0].ID.String()
		return store.SetFact(ctx, tx, factKeys, known)
	})
	return known, err
}

// build makes the nouns.
func (b *Base) build() {
	b.Runner = &action.Runner{DB: b.DB, Ring: b.Ring, Log: b.Log}
	b.Hasher = credential.NewHasher(b.Ring)
	b.Orgs = org.Orgs{Run: b.Runner}
	b.Accounts = account.Accounts{Run: b.Runner}
	b.Roles = role.Roles{Run: b.Runner}
	b.Settings = setting.Settings{Run: b.Runner}
	b.Sessions = session.Sessions{Run: b.Runner, Lasting: login.Lasting}
	b.Tokens = token.Tokens{Run: b.Runner}
	b.Messages = message.Messages{Run: b.Runner}
	b.Members = member.Members{Run: b.Runner, AtSite: departure.AtSite}
	b.SiteRemovals = departure.Sites{Members: b.Members}
	b.Departures = departure.Departures{Run: b.Runner}
	b.Reviews = review.Reviews{Run: b.Runner, Members: b.Members}
	b.Replacements = merge.Replacements{Run: b.Runner}
	b.Merges = merge.Accounts{Run: b.Runner}
	b.Dates = dated.Dates{Run: b.Runner}
	b.Documents = dossier.Documents{Run: b.Runner}
	b.Registrations = dossier.Registrations{Run: b.Runner, Hasher: b.Hasher, Network: login.Network}
	limits := invitation.Limits{PerDayOrg: b.Config.InvitationsPerDay}
	b.Invitations = invitation.Invitations{Run: b.Runner, Hasher: b.Hasher, Limits: limits}
	b.Enrolments = enrolment.Enrolments{Run: b.Runner, Hasher: b.Hasher, Limits: limits}
	b.Approvals = approval.Approvals{Run: b.Runner, Enrol: b.Enrolments}
	b.Logins = login.Logins{Run: b.Runner, Hasher: b.Hasher}
	b.Drafts = draft.Drafts{Run: b.Runner}
	b.Journal = journal.Journal{Run: b.Runner}
	b.People = privacy.People{Run: b.Runner, Departures: b.Departures, Journal: b.Journal, Installation: b.Config.retention()}
	b.Retentions = privacy.Retentions{Run: b.Runner, Installation: b.Config.retention()}
	b.Exits = privacy.Exits{Run: b.Runner}
	b.Decisions, b.Decided = decision.New(b.Runner), decision.NewLog(b.Runner)
	b.Uses, b.Reports = decision.NewUses(b.Runner), report.Reports{Run: b.Runner}
	b.Insight = decision.Insight{Run: b.Runner, Decisions: b.Decisions}
	b.Resources = resource.Resources{Run: b.Runner, Held: grant.HolderNamed}
	b.Groups = recordgroup.Groups{Run: b.Runner}
	b.WorkItems = workitem.Items{Run: b.Runner}
	b.Preferences = preference.Preferences{Run: b.Runner}
	b.Webhooks = webhook.Webhooks{Run: b.Runner}
	b.Grants = grant.Grants{Run: b.Runner}
	b.Delegations = grant.Delegations{Run: b.Runner}
}

// Close closes what was opened.
func (b *Base) Close() error {
	var err error
	if b.index != nil {
		err = b.index.Close()
	}
	if b.DB != nil {
		err = errors.Join(err, b.DB.Close())
	}
	return errors.Join(err, b.folder.Close())
}

// newLog makes the structured log. Secrets are typed and print three stars.
func newLog(p Place, w io.Writer) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(p.LogLevel)); err != nil {
		level = slog.LevelInfo
	}
	o := &slog.HandlerOptions{Level: level}
	if p.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}
