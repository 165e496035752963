package demo

import (
	"context"
	"errors"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/app"
	"habilis/internal/audit"
	"habilis/internal/directory"
	"habilis/internal/org"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/text"
)

// organization is one to load.
type organization struct {
	slug, domain string
	founded      int // days ago
	details      org.Details
	sites        []org.SiteDetails
	roles        map[string][]access.Permission // made by the organisation, by name
	people       []person
	invitations  []guest
	registrants  []registrant
	places       []thing  // agendas, mailboxes and identities that are nobody's own
	receive      []string // functions of those who have an agenda of their own; empty: everybody who receives
}

// guest is an address that was invited and has not come yet.
type guest struct {
	email string
	days  int // until it expires; negative: it has
	sites []int
	roles []string
}

// organizations in the order of loading; the first one's people may be in others.
var organizations = []organization{tilleuls, deuxRives, saintAubinGroup}

// The platform's own people.
const (
	platformDomain = "habilis.example"
	adminEmail     = "admin@" + platformDomain
	supportEmail   = "support@" + platformDomain
)

// States of the fact app.FactDemo.
const (
	loading = "loading"
	loaded  = "loaded"
)

// Refusals of a load.
var (
	errOccupied   = errors.New("--demo: this folder holds an installation that is no demonstration; choose another with --data")
	errUnfinished = errors.New("--demo: the demonstration was not loaded to its end here; remove the folder and start again")
)

// loader loads the organisations into one installation.
type loader struct {
	ctx      context.Context //nolint:containedctx // lives as long as one call of Load
	app      *app.App
	by       access.Actor
	now      time.Time
	password secret.Text // of everybody
	hash     string      // of the password
	totp     secret.Text // of the administrators' code application
	accounts map[string]account.Account
}

// Load loads the demonstration organisations, unless they are there, and says who
// can sign in. Errors: errOccupied on a folder with other data.
func Load(ctx context.Context, a *app.App) (Guide, error) {
	state, err := stateOf(ctx, a.DB)
	if err != nil {
		return Guide{}, err
	}
	password, changed, err := choosePassword(a.Config)
	if err != nil {
		return Guide{}, err
	}
	if err := directory.LoadSample(ctx, directory.Place{Folder: a.Config.Data}); err != nil {
		return Guide{}, err
	}
	totp, other, err := chooseTOTP(a.Config)
	if err != nil {
		return Guide{}, err
	}
	guide := Guide{Address: a.Public.String(), Password: password, TOTP: totp}
	l := &loader{ctx: ctx, app: a, by: access.Operator("demo"), now: a.DB.Now(), password: password, totp: totp, accounts: map[string]account.Account{}}
	if err := l.load(state, changed, other); err != nil {
		return guide, err
	}
	if err := keepFile(a.Config.Data, passwordFile, password); err != nil {
		return guide, err
	}
	return guide, keepFile(a.Config.Data, totpFile, totp)
}

// load loads what is not there yet, and changes the secrets that are others than before.
func (l *loader) load(state string, password, totp bool) (err error) {
	if state != loaded || password {
		if l.hash, err = l.app.Hasher.Hash(l.ctx, l.password); err != nil {
			return err
		}
	}
	switch {
	case state != loaded:
		return l.everything()
	case password:
		err = l.newPasswords()
	}
	if err == nil && totp {
		err = l.newTOTP()
	}
	return err
}

// stateOf says whether the demonstration is there, and refuses what is not ours.
func stateOf(ctx context.Context, db *store.DB) (state string, err error) {
	err = db.Read(ctx, func(tx *store.Tx) (err error) {
		if state, _, err = store.Fact(ctx, tx, app.FactDemo); err != nil {
			return err
		}
		heads, err := audit.Heads(ctx, tx)
		switch {
		case err != nil:
			return err
		case state == "" && len(heads) > 0: // somebody has done something here
			return errOccupied
		case state == loading:
			return errUnfinished
		}
		return nil
	})
	return state, err
}

func (l *loader) everything() error {
	if err := l.platform(); err != nil {
		return err
	}
	for _, o := range organizations {
		if err := l.organization(o); err != nil {
			return err
		}
	}
	if err := l.newTOTP(); err != nil {
		return err
	}
	return l.act(nil, "demo.load", l.now, func(tx *action.Tx) error {
		tx.Record(audit.Event{Verb: "demo.load", After: map[string]any{"organizations": len(organizations)}})
		return store.SetFact(l.ctx, tx.Tx, app.FactDemo, loaded)
	})
}

// act writes as if it were the time at: the history and the trail bear it.
func (l *loader) act(orgs []orgID, verb string, at time.Time, fn func(*action.Tx) error) error {
	a := action.Act{Verb: verb, Orgs: orgs, Accounts: true, Needs: []access.Need{access.OfPlatform(access.PlatformAdminister)}}
	_, err := action.Run(l.ctx, l.app.Runner, l.by, a, func(tx *action.Tx) (struct{}, error) {
		tx.Now = at.UTC().Truncate(time.Microsecond)
		return struct{}{}, fn(tx)
	})
	return err
}

// platform makes the administrator and the support agent of the platform.
func (l *loader) platform() error {
	return l.act(nil, "account.create", l.now.AddDate(-4, 0, 0), func(tx *action.Tx) error {
		if err := store.SetFact(l.ctx, tx.Tx, app.FactDemo, loading); err != nil {
			return err
		}
		for _, p := range []struct {
			email, given, family string
			role                 account.PlatformRole
		}{
			{adminEmail, "Alix", "Ferrier", account.Administrator},
			{supportEmail, "Sacha", "Lambert", account.Support},
		} {
			if _, err := l.account(tx, account.New{
				Email: email(p.email), Names: account.Names{GivenName: p.given, FamilyName: p.family}, Language: text.FR, PlatformRole: p.role,
			}, l.now.Add(-day)); err != nil {
				return err
			}
		}
		return nil
	})
}

// email reads one of our own addresses.
func email(address string) account.Email {
	e, problem := account.ParseEmail(address)
	if problem != "" {
		panic("demo: " + address + ": " + problem)
	}
	return e
}
