package enrolment

import (
	"context"
	"errors"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/credential"
	"habilis/internal/directory"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/role"
	"habilis/internal/session"
	"habilis/internal/text"
	"habilis/internal/token"
)

// Registrant is somebody who came by themself (VER-1). What they say of themself is not
// verified yet; the number that they claim is not here: it becomes the member's with Verified.
type Registrant struct {
	Org            ident.Org
	Account        ident.Account // of somebody who has one; else it is made, pending
	Email          account.Email // proved
	PasswordHash   string        // of a new account
	Names          account.Names
	Language       text.Lang
	Function       string
	ProfessionCode string
	Site           ident.Site // the first of the organisation when zero
}

// VerifiedAs is what was verified with a member; the zero value: nothing but that they may come in.
type VerifiedAs struct {
	RPPS    string
	Import  *directory.Import // what the directory says of RPPS
	Settled bool              // support has decided that the number is theirs, whoever contests it elsewhere
}

// Refusals of a number.
var (
	ErrRPPSHeld  = fault.New(fault.Conflict, "enrolment.rpps_held")  // somebody else's already
	ErrRPPSOther = fault.New(fault.Conflict, "enrolment.rpps_other") // not the one that the member bears
)

// Verbs of these transitions.
const (
	verbRegister   = "member.register"
	verbVerified   = "member.verified"
	verbUnverified = "member.unverified"
	verbAbandoned  = "member.registration_abandoned"
)

// Register makes the member of a registration: created, unchecked, in force in nothing. A new
// account is pending. One that is gone makes nobody: whoever had it could never sign in. The act
// holds the organisation and the accounts. Errors: account.ErrTaken, account.ErrNotFound,
// member.ErrAlreadyMember, fields to correct.
func Register(ctx context.Context, tx *action.Tx, r Registrant) (member.Member, error) {
	var err error
	if r.Account, err = r.account(ctx, tx); err != nil {
		return member.Member{}, err
	}
	row, err := r.row(ctx, tx)
	if err != nil {
		return member.Member{}, err
	}
	m, err := member.Insert(ctx, tx.Tx, row)
	if err != nil {
		return member.Member{}, err
	}
	tx.Record(transition(m, verbRegister, nil, map[string]any{"verification": string(member.Unchecked)}))
	return m, nil
}

// account is the one that they have still, or a new one, pending.
func (r Registrant) account(ctx context.Context, tx *action.Tx) (ident.Account, error) {
	if !r.Account.IsZero() {
		_, found, err := account.Get(ctx, tx.Tx, r.Account)
		if err == nil && !found {
			err = account.ErrNotFound
		}
		return r.Account, err
	}
	a, err := account.Insert(ctx, tx.Tx, account.New{Email: r.Email, Names: r.Names, Language: r.Language, Status: account.Pending})
	if err != nil {
		return "", err
	}
	return a.ID, credential.SetPassword(ctx, tx.Tx, a.ID, r.PasswordHash)
}

// row is the membership, with «Lecture seule» at its site, as whoever is invited without a
// role has it: none of it is in force before the verification.
func (r Registrant) row(ctx context.Context, tx *action.Tx) (member.New, error) {
	sites, err := org.ActiveSites(ctx, tx.Tx, r.Org)
	if err != nil {
		return member.New{}, err
	}
	if r.Site.IsZero() && len(sites) > 0 {
		r.Site = sites[0].ID
	}
	reader, err := role.BuiltIn(ctx, tx.Tx, r.Org, role.Reader)
	return member.New{
		Org: r.Org, Account: r.Account, Verification: member.Unchecked, Title: r.Names.Title, GivenName: r.Names.GivenName,
		FamilyName: r.Names.FamilyName, Email: r.Email.Address, Function: r.Function, ProfessionCode: r.ProfessionCode,
		Sites: []ident.Site{r.Site}, Roles: []role.Given{{Role: reader.ID, Scope: access.SiteScope(r.Org, r.Site)}}, GivenBy: r.Account.String(),
	}, err
}

// Verified lets a registered member in: the membership is in force, and a pending account may
// be used. The number that opens is the one that was judged, and nobody else's (rules.md 11). It
// does nothing for whoever is in already. Errors: member.ErrNotFound, ErrRPPSHeld, ErrRPPSOther.
func Verified(ctx context.Context, tx *action.Tx, in ident.Org, id ident.Member, as VerifiedAs) error {
	before, err := member.Find(ctx, tx.Tx, in, id)
	if err != nil || before.Verification.Opens() {
		return err
	}
	if err := as.mayOpen(ctx, tx, before); err != nil {
		return err
	}
	after, changed, err := member.SetVerification(ctx, tx, in, id, member.Verified, as.adopted(before))
	if err != nil || !changed {
		return err
	}
	tx.Record(transition(after, verbVerified, facts(before), facts(after)))
	return OpenAccount(ctx, tx, in, after.Account)
}

// mayOpen refuses another number than the member's, and one that is somebody else's.
func (as VerifiedAs) mayOpen(ctx context.Context, tx *action.Tx, m member.Member) error {
	if m.RPPS != "" && m.RPPS != as.RPPS {
		return ErrRPPSOther
	}
	if as.RPPS == "" {
		return nil
	}
	held, err := member.RPPSHeld(ctx, tx.Tx, m.Org, as.RPPS, m.Account)
	if err == nil && held.Bars(as.Settled) {
		err = ErrRPPSHeld
	}
	return err
}

// adopted is what becomes the member's of what was verified; nil: they have it. An identity that
// was imported before is imported anew: names change with the directory (CHG-1).
func (as VerifiedAs) adopted(m member.Member) *member.Change {
	switch {
	case as.RPPS != "" && m.RPPS == "":
		return &member.Change{RPPS: &as.RPPS, Import: as.Import}
	case as.Import != nil:
		return &member.Change{Import: as.Import}
	}
	return nil
}

// Unverified closes what Verified opened, or says for the first time that something is missing.
// Other organisations are untouched. It does nothing for whoever needs no verification.
// Errors: member.ErrNotFound.
func Unverified(ctx context.Context, tx *action.Tx, in ident.Org, id ident.Member) error {
	before, err := member.Find(ctx, tx.Tx, in, id)
	if err != nil || before.Verification == member.NotNeeded {
		return err
	}
	after, changed, err := member.SetVerification(ctx, tx, in, id, member.Incomplete, nil)
	if err != nil || !changed {
		return err
	}
	tx.Record(transition(after, verbUnverified, facts(before), facts(after)))
	return CloseAccount(ctx, tx, in, after.Account)
}

// OpenAccount lets a pending account be used once a membership of it can be.
func OpenAccount(ctx context.Context, tx *action.Tx, in ident.Org, id ident.Account) error {
	usable, err := member.Usable(ctx, tx.Tx, id)
	if err != nil || !usable {
		return err
	}
	opened, err := account.Open(ctx, tx.Tx, id)
	if err != nil || !opened {
		return err
	}
	return touchOthers(ctx, tx, in, id)
}

// CloseAccount makes an account pending again once no membership of it was ever
// verified, or needed to be: its sessions end, and its tokens are revoked (rules.md 7, INV-15). The platform's own people
// keep theirs.
func CloseAccount(ctx context.Context, tx *action.Tx, in ident.Org, id ident.Account) error {
	a, found, err := account.Get(ctx, tx.Tx, id)
	if err != nil || !found || a.PlatformRole != account.NoRole {
		return err
	}
	// Who is but deactivated elsewhere keeps the account: that place may take them back.
	belongs, err := member.Belongs(ctx, tx.Tx, id)
	if err != nil || belongs {
		return err
	}
	shut, err := account.Shut(ctx, tx.Tx, id)
	if err != nil || !shut {
		return err
	}
	if err := endSessions(ctx, tx, id); err != nil {
		return err
	}
	if _, err := token.RevokeOf(ctx, tx.Tx, id, verbUnverified); err != nil {
		return err
	}
	return touchOthers(ctx, tx, in, id)
}

func endSessions(ctx context.Context, tx *action.Tx, id ident.Account) error {
	_, err := session.EndAll(ctx, tx.Tx, id, session.AccountClosed)
	_, halves := session.EndHalves(ctx, tx.Tx, id, session.AccountClosed)
	_, devices := session.EndDevices(ctx, tx.Tx, id, session.AccountClosed)
	return errors.Join(err, halves, devices)
}

// touchOthers: what an account may do elsewhere is decided with its state.
func touchOthers(ctx context.Context, tx *action.Tx, in ident.Org, id ident.Account) error {
	orgs, err := member.OrgsOf(ctx, tx.Tx, id)
	for _, o := range orgs {
		if o != in {
			tx.Touch(o)
		}
	}
	return err
}

// Abandon ends what a registration made and nobody ever let in; the account goes with it when
// it has no other place. It does nothing for whoever was let in.
func Abandon(ctx context.Context, tx *action.Tx, in ident.Org, id ident.Member) error {
	m, err := member.Find(ctx, tx.Tx, in, id)
	if errors.Is(err, member.ErrNotFound) || err == nil && m.Verification.Opens() {
		return nil
	}
	if err != nil {
		return err
	}
	if err := member.End(ctx, tx, in, id, verbAbandoned); err != nil {
		return err
	}
	a, found, err := account.Get(ctx, tx.Tx, m.Account)
	if err != nil || !found || a.Status != account.Pending {
		return err
	}
	left, err := member.OrgsOf(ctx, tx.Tx, m.Account)
	if err != nil || len(left) > 0 {
		return err
	}
	return account.Drop(ctx, tx.Tx, m.Account)
}

// transition is the trail of one of these.
func transition(m member.Member, verb string, before, after map[string]any) audit.Event {
	return audit.Event{
		Org: m.Org, Verb: verb, Object: m.ID.String(), Subject: m.ID.String(), Names: map[string]string{"member": m.Name()},
		Before: before, After: after,
	}
}

// facts are what a transition changes, as the trail shows it.
func facts(m member.Member) map[string]any {
	return map[string]any{"verification": string(m.Verification), "rpps": m.RPPS}
}
