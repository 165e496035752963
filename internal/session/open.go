package session

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
	"unicode"

	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// Reason is why a session ended, as its row keeps it.
type Reason string

// The reasons.
const (
	SignedOut       Reason = "signed_out"
	Ended           Reason = "ended"            // by its person, from another browser
	TooMany         Reason = "too_many"         // SES-07
	PasswordChanged Reason = "password_changed" // SES-02
	Blocked         Reason = "blocked"          // by the platform
	AccountClosed   Reason = "account_closed"   // no membership of it can be used any more (INV-15)
	ByPolicy        Reason = "policy"           // an organisation allows less (SEC-4)
	FactorsReset    Reason = "factors_reset"    // by an administrator (MFA-11)
	Merged          Reason = "merged"           // the account gave way to another of the same person, or got back what did
	ErasureAsked    Reason = "erasure_asked"    // whoever is still there signs in again, which stops it (AUD-4)
	ByAdministrator Reason = "administrator"    // of an organisation of theirs, who did nothing else
)

// ClosedLetter tells a person that sessions were closed to make room (SES-07).
type ClosedLetter struct {
	Account ident.Account
	Count   int64
	At      time.Time
}

// Kind names the job.
func (ClosedLetter) Kind() string { return "letter.session_closed" }

// The functions below join the caller's transaction, which holds the
// installation's lock (action.Act's Accounts).

// New is a session to open for somebody who has just proved who they are.
type New struct {
	Account   ident.Account
	Idle      time.Duration // Idle or IdleAdmin, or what a policy says
	Absolute  time.Duration // whatever happens; zero: the longest there is
	Address   string
	UserAgent string
	First     First        // zero: ByPassword
	Second    string       // the factor just proved, ByDevice, or "" when none was due
	Device    ident.Device // the remembered browser it is opened in
}

// life is how long it lasts whatever happens.
func (n New) life() time.Duration {
	if n.Absolute <= 0 {
		return Absolute
	}
	return min(n.Absolute, Absolute)
}

// secondAt is when the second factor was proved: not at all by a remembered browser.
func (n New) secondAt(now time.Time) time.Time {
	if n.Second == "" || n.Second == ByDevice {
		return time.Time{}
	}
	return now
}

// Open opens a session and says how many older ones made room for it: who opens
// it orders a ClosedLetter for them.
func Open(ctx context.Context, tx *store.Tx, n New) (Opened, int64, error) {
	closed, err := makeRoom(ctx, tx, n.Account)
	if err != nil {
		return Opened{}, 0, err
	}
	token, hash := secret.NewToken(secret.Session)
	s := Session{
		ID: ident.NewSession(), Account: n.Account, CreatedAt: tx.Now, SeenAt: tx.Now, ExpiresAt: tx.Now.Add(n.life()), StepUpAt: tx.Now,
		IdleUntil: tx.Now.Add(n.Idle),
		Address:   clip(n.Address, MaxAddress), UserAgent: clip(n.UserAgent, MaxUserAgent), Current: true,
		First: cmp.Or(n.First, ByPassword), Second: n.Second, SecondAt: n.secondAt(tx.Now), Device: n.Device,
	}
	s.StepUpBy = s.First
	if s.First != ByPasskey {
		s.StepUpBy = ByPassword
	}
	return Opened{Session: s, Token: token}, closed, insert(ctx, tx, s, hash, tx.Now.Add(n.Idle))
}

// makeRoom ends the oldest sessions until one more fits.
func makeRoom(ctx context.Context, tx *store.Tx, account ident.Account) (closed int64, err error) {
	all, err := openOldestFirst(ctx, tx, account)
	if err != nil {
		return 0, err
	}
	for len(all) >= MaxSessions {
		if _, err := endOne(ctx, tx, account, all[0], TooMany); err != nil {
			return 0, err
		}
		all = all[1:]
		closed++
	}
	return closed, nil
}

// Renew gives an open session of the account another token: the person has just
// proved who they are, in this session (SES-03, STP-02). The token before is worth
// nothing. It ends when it would have ended. Errors: ErrNotFound.
func Renew(ctx context.Context, tx *store.Tx, account ident.Account, id ident.Session, idle time.Duration) (Opened, error) {
	return RenewBy(ctx, tx, account, id, idle, ByPassword)
}

// RenewBy is Renew for a proof that may be other than the password: a user-verified
// passkey (rules.md 6).
func RenewBy(ctx context.Context, tx *store.Tx, account ident.Account, id ident.Session, idle time.Duration, by First) (Opened, error) {
	token, hash := secret.NewToken(secret.Session)
	return renewed(token)(renew(ctx, tx, account, id, hash, tx.Now.Add(idle), by))
}

// Prove notes in an open session of the account that its person has just proved a
// second factor, and gives it another token (SES-03). It is no step-up. Errors: ErrNotFound.
func Prove(ctx context.Context, tx *store.Tx, account ident.Account, id ident.Session, idle time.Duration, second string) (Opened, error) {
	token, hash := secret.NewToken(secret.Session)
	return renewed(token)(prove(ctx, tx, account, id, hash, tx.Now.Add(idle), second))
}

// renewed gives the session that was found its new token.
func renewed(token secret.Text) func(Session, bool, error) (Opened, error) {
	return func(s Session, found bool, err error) (Opened, error) {
		switch {
		case err != nil:
			return Opened{}, err
		case !found:
			return Opened{}, ErrNotFound
		}
		s.Current = true
		return Opened{Session: s, Token: token}, nil
	}
}

// CountOpen counts the open sessions of an account.
func CountOpen(ctx context.Context, tx *store.Tx, account ident.Account) (int64, error) {
	open, err := openOldestFirst(ctx, tx, account)
	return int64(len(open)), err
}

// EndOne ends one session of the account and reports whether it was open.
func EndOne(ctx context.Context, tx *store.Tx, account ident.Account, id ident.Session, why Reason) (bool, error) {
	n, err := endOne(ctx, tx, account, id, why)
	return n > 0, err
}

// EndAll ends every session of the account, and says how many were open.
func EndAll(ctx context.Context, tx *store.Tx, account ident.Account, why Reason) (int64, error) {
	return EndAllBut(ctx, tx, account, "", why)
}

// EndAllBut ends every session of the account but one. For some reasons, what was known of the
// others is forgotten too (Meet), also where none is open any more.
func EndAllBut(ctx context.Context, tx *store.Tx, account ident.Account, but ident.Session, why Reason) (int64, error) {
	if err := forgetBut(ctx, tx, account, but, why); err != nil {
		return 0, err
	}
	return endAllBut(ctx, tx, account, but, why)
}

// Kept is how long a session that is over stays in its table; the trail remembers
// sign-ins for longer.
const Kept = 30 * 24 * time.Hour

// Sweep removes the sessions, halves, known and remembered browsers of long ago; the timetable calls it.
func Sweep(ctx context.Context, db *store.DB) error {
	return db.Write(ctx, []store.Lock{"session sweep"}, func(tx *store.Tx) error {
		before := tx.Now.Add(-Kept)
		if err := sweep(ctx, tx, before); err != nil {
			return err
		}
		if err := sweepHalves(ctx, tx, before); err != nil {
			return err
		}
		if err := sweepKnown(ctx, tx, tx.Now.Add(-KnownFor)); err != nil {
			return err
		}
		return sweepDevices(ctx, tx, before)
	})
}

// clip keeps the printable beginning of what a browser says of itself.
func clip(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, s)
	if len(s) <= limit {
		return s
	}
	return strings.ToValidUTF8(s[:limit], "")
}

// Administers reports whether an account holds an administration permission in
// force anywhere: its sessions may be idle for less time (rules.md 7).
func Administers(ctx context.Context, tx *store.Tx, account ident.Account) (bool, error) {
	return administers(ctx, tx, account)
}

// OpenOf gives the open sessions of an account, the one used last first.
func OpenOf(ctx context.Context, tx *store.Tx, account ident.Account) ([]Session, error) {
	return open(ctx, tx, account)
}

// accountsAtOnce bounds the accounts that one statement asks about.
const accountsAtOnce = 500

// OpenOfAll gives the open sessions of these accounts, in no order.
func OpenOfAll(ctx context.Context, tx *store.Tx, accounts []ident.Account) ([]Session, error) {
	var out []Session
	for some := range slices.Chunk(accounts, accountsAtOnce) {
		list, err := openOfAll(ctx, tx, some)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}
