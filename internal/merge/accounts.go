package merge

import (
	"context"
	"errors"
	"slices"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/departure"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/secret"
	"habilis/internal/session"
	"habilis/internal/store"
	"habilis/internal/token"
)

// Accounts is the register of accounts that gave way to another one of the same person.
type Accounts struct{ Run *action.Runner }

// AccountsUndoFor is how long the merging of two accounts can be undone.
const AccountsUndoFor = departure.UndoFor

// AccountState says where the merging of two accounts stands.
type AccountState string

// The states.
const (
	AccountsMerged   AccountState = "merged"   // it can be undone until UndoTill
	AccountsApart    AccountState = "apart"    // it was undone
	AccountsFinished AccountState = "finished" // the one that gave way is no more
)

// AccountMerge is one account that gave way to another.
type AccountMerge struct {
	ID         ident.AccountMerge
	Kept, Gone ident.Account
	KeptName   string
	GoneName   string // empty once it is erased
	KeptEmail  string
	GoneEmail  string // empty once it is finished: the address is free
	Members    []MovedMember
	State      AccountState
	At         time.Time
	UndoTill   time.Time
	UndoneAt   time.Time // zero: it is not
	Version    int64     // what an undoing must name
	MayUndo    bool
	NoUndo     string // code of why it cannot be undone; empty: it can
	// Reset is the token of the page that chooses a password for the account that gave way, once it was
	// undone by the link; zero otherwise.
	Reset secret.Text `json:"-"`
}

// MovedMember is one membership that went, or would go, from one account to the other.
type MovedMember struct {
	Org     ident.Org
	OrgName string
	Member  ident.Member
	Name    string
	Status  member.Status // member.Left: it was over already
	Back    bool          // it went back to the account that gave way
}

// SharedOrg is an organisation in which both accounts have a membership that is not over.
type SharedOrg struct {
	Org        ident.Org
	Name       string
	Kept, Gone string // names of the two members
}

// ForeseenAccounts is what the merging of two accounts would do.
type ForeseenAccounts struct {
	Kept, Gone account.Account
	Members    []MovedMember // of the one that gives way, those that are over included
	Sessions   int64         // browsers that are signed in with it, which end
	Tokens     int64         // personal tokens of it, which end
	Refused    *fault.Error  // why it cannot be done now; nil: it can. Merge answers the same
	Shared     []SharedOrg   // of Refused ErrShared: where an administrator removes one of the two
}

// Refusals of the merging of two accounts.
var (
	ErrAccountsNotFound = fault.New(fault.NotFound, "merge.accounts_not_found")
	// ErrLinkGone is the one answer to a link that is spent, expired or made up.
	ErrLinkGone = fault.New(fault.Gone, "merge.link_gone")
	// ErrPlatformRole: whoever holds a role of the platform is merged with nobody.
	ErrPlatformRole = fault.New(fault.Conflict, "merge.platform_role")
	// ErrSameAccount: there is only one.
	ErrSameAccount = fault.New(fault.Conflict, "merge.same_account")
	// ErrChain: another account gave way to the one that now would, and that can still be undone.
	ErrChain = fault.New(fault.Conflict, "merge.chain")
	// ErrMoved: the address of the one that gives way changed so lately that whoever had the one before
	// may still take the account back, which only an open account lets them do.
	ErrMoved = fault.New(fault.Conflict, "merge.address_changed")
	// ErrUnsettled: a membership of it waits for a verification or an authorisation, or its departure or
	// deactivation is planned or under way.
	ErrUnsettled = fault.New(fault.Conflict, "merge.unsettled")
	// ErrShared: both have a membership in the same organisation, whose administrators decide which of
	// the two stays (FED-02).
	ErrShared = fault.New(fault.Conflict, "merge.same_organisation")
	// ErrTwoPeople: memberships of the two bear different numbers of the RPPS.
	ErrTwoPeople = fault.New(fault.Conflict, "merge.two_numbers")
	// ErrAccountsLate: AccountsUndoFor is over, or it was undone.
	ErrAccountsLate = fault.New(fault.Conflict, "merge.accounts_late")
	// ErrNotInPerson: only a person who is signed in merges their accounts; no token does.
	ErrNotInPerson = fault.New(fault.Forbidden, "merge.in_person")
)

// The acts, as the trail names them.
const (
	verbJoin       = "account.merge"
	verbPart       = "account.unmerge"
	verbFinishJoin = "account.finish_merge"
	verbForesee    = "merge.preview"
	verbJoined     = "merge.read"
	verbMoved      = "member.account"      // of each membership that went over
	verbMovedBack  = "member.account_back" // of each that went back
)

// own is an act of somebody signed in on their own accounts.
func own(verb string, by access.Actor, stepUp bool) action.Act {
	act := action.Act{Verb: verb, Needs: []access.Need{access.Myself(by.Account)}, Object: by.Account.String(), StepUp: stepUp}
	act.Resolve = func(context.Context, *store.Tx) ([]access.Need, error) {
		if by.Kind != access.Person || by.Session.IsZero() || !by.Token.IsZero() {
			return nil, ErrNotInPerson
		}
		return nil, nil
	}
	return act
}

// Preview says what Merge would do with the account that a half bound to the actor's session proves.
// Errors: session.ErrHalfGone, also for one that is not wholly proved; ErrNotInPerson.
func (a Accounts) Preview(ctx context.Context, by access.Actor, presented string) (ForeseenAccounts, error) {
	return action.View(ctx, a.Run, by, own(verbForesee, by, false), func(tx *store.Tx) (ForeseenAccounts, error) {
		j := joining{by: by}
		if err := j.read(ctx, tx, presented); err != nil {
			return ForeseenAccounts{}, err
		}
		f := ForeseenAccounts{Kept: j.kept, Gone: j.gone}
		var err error
		if f.Members, err = movedOf(ctx, tx, j.moving); err != nil {
			return f, err
		}
		if f.Sessions, err = session.CountOpen(ctx, tx, j.gone.ID); err != nil {
			return f, err
		}
		if f.Tokens, err = token.CountOf(ctx, tx, token.OfAccount(j.gone.ID)); err != nil {
			return f, err
		}
		refusal := j.refusal(ctx, tx)
		if refused, is := errors.AsType[*fault.Error](refusal); is {
			f.Refused, f.Shared, refusal = refused, j.shared, nil
		}
		return f, refusal
	})
}

// Merge has the account that a half bound to the actor's session proves give way to the actor's: all its
// memberships are theirs from now on, with their IDs, rights and history, and it opens nothing any more.
// Asked again with the same half it answers the same. Errors: session.ErrHalfGone, ErrSameAccount,
// ErrPlatformRole, ErrChain, ErrMoved, ErrUnsettled, ErrShared, ErrTwoPeople,
// member.ErrLastAdministrator, ErrNotInPerson, access.ErrStepUp.
func (a Accounts) Merge(ctx context.Context, by access.Actor, presented string) (AccountMerge, error) {
	done, found, err := a.mayMerge(ctx, by, presented)
	if err != nil || found {
		return done, err
	}
	var orgs []ident.Org
	err = a.Run.DB.Read(ctx, func(tx *store.Tx) error {
		j := joining{by: by}
		err := j.read(ctx, tx, presented)
		orgs = j.orgs()
		return err
	})
	if err != nil {
		return AccountMerge{}, err
	}
	act := own(verbJoin, by, true)
	act.Orgs, act.Accounts = orgs, true
	return action.Run(ctx, a.Run, by, act, func(tx *action.Tx) (AccountMerge, error) {
		j := joining{by: by, locked: orgs}
		if err := j.read(ctx, tx.Tx, presented); err != nil {
			return AccountMerge{}, err
		}
		if err := j.refusal(ctx, tx.Tx); err != nil {
			return AccountMerge{}, err
		}
		return j.run(ctx, tx)
	})
}

// mayMerge says beforehand why two accounts cannot be merged, so that the refusal is told in the trail
// of the installation and in no organisation's; or what became of it, when it is done already.
func (a Accounts) mayMerge(ctx context.Context, by access.Actor, presented string) (m AccountMerge, done bool, err error) {
	m, err = action.View(ctx, a.Run, by, own(verbJoin, by, true), func(tx *store.Tx) (m AccountMerge, err error) {
		half, spent, err := session.SpentBound(ctx, tx, presented, by.Session)
		if err != nil {
			return m, err
		}
		if spent {
			if m, done, err = ofHalf(ctx, tx, half); err != nil || done {
				return m, err
			}
		}
		j := joining{by: by}
		if err := j.read(ctx, tx, presented); err != nil {
			return m, err
		}
		return m, j.refusal(ctx, tx)
	})
	return m, done, err
}

// joining is the merging of two accounts under way.
type joining struct {
	by     access.Actor
	locked []ident.Org // that the act holds; nil: it is only looked at

	half       session.Half
	kept, gone account.Account
	staying    []member.Member // memberships of the one that is kept
	moving     []member.Member // of the other
	shared     []SharedOrg     // found by refusal
}

// read reads both accounts as they are. Errors: session.ErrHalfGone; store.ErrBusy when an organisation
// is concerned by now that the act does not hold.
func (j *joining) read(ctx context.Context, tx *store.Tx, presented string) (err error) {
	if j.half, err = session.AuthenticateBound(ctx, tx, presented, j.by.Session); err != nil {
		return err
	}
	if j.half.ProvedAt.IsZero() {
		return session.ErrHalfGone
	}
	var found, there bool
	if j.kept, found, err = account.Get(ctx, tx, j.by.Account); err != nil {
		return err
	}
	if j.gone, there, err = account.Get(ctx, tx, j.half.Account); err != nil {
		return err
	}
	if !found || !there || j.kept.Status != account.Active || j.gone.Status != account.Active {
		return session.ErrHalfGone
	}
	if j.staying, err = member.Ever(ctx, tx, j.kept.ID); err != nil {
		return err
	}
	if j.moving, err = member.Ever(ctx, tx, j.gone.ID); err != nil {
		return err
	}
	if j.locked != nil && slices.ContainsFunc(j.orgs(), func(o ident.Org) bool { return !slices.Contains(j.locked, o) }) {
		return store.ErrBusy
	}
	return nil
}

// orgs are all that are concerned: those of both.
func (j *joining) orgs() []ident.Org {
	orgs := []ident.Org{}
	for _, m := range slices.Concat(j.moving, j.staying) {
		orgs = append(orgs, m.Org)
	}
	return slices.Compact(slices.Sorted(slices.Values(orgs)))
}

// refusal says why the two cannot be merged now.
func (j *joining) refusal(ctx context.Context, tx *store.Tx) error {
	switch {
	case j.kept.ID == j.gone.ID:
		return ErrSameAccount
	case j.kept.PlatformRole != account.NoRole || j.gone.PlatformRole != account.NoRole:
		return ErrPlatformRole
	}
	chained, err := underWay(ctx, tx, j.gone.ID)
	if err == nil && chained {
		err = ErrChain
	}
	if err != nil {
		return err
	}
	moved, err := account.MovedLately(ctx, tx, j.gone.ID)
	if err == nil && moved {
		err = ErrMoved
	}
	if err != nil {
		return err
	}
	if err := j.share(ctx, tx); err != nil {
		return err
	}
	if j.twoPeople() {
		return ErrTwoPeople
	}
	return j.settled(ctx, tx)
}

// share finds the organisations of both.
func (j *joining) share(ctx context.Context, tx *store.Tx) error {
	var names []string
	for _, m := range j.moving {
		i := slices.IndexFunc(j.staying, func(s member.Member) bool { return s.Org == m.Org && s.Status != member.Left })
		if m.Status == member.Left || i < 0 {
			continue
		}
		name, err := nameOf(ctx, tx, m.Org)
		if err != nil {
			return err
		}
		names = append(names, name)
		j.shared = append(j.shared, SharedOrg{Org: m.Org, Name: name, Kept: j.staying[i].Name(), Gone: m.Name()})
	}
	if len(names) == 0 {
		return nil
	}
	return ErrShared.With("Orgs", names)
}

// twoPeople reports whether memberships that are not over bear different numbers: those of one person
// are one.
func (j *joining) twoPeople() bool {
	number := ""
	for _, m := range slices.Concat(j.staying, j.moving) {
		switch {
		case m.Status == member.Left || m.RPPS == "":
		case number != "" && m.RPPS != number:
			return true
		default:
			number = m.RPPS
		}
	}
	return false
}

// settled refuses an account of which something is planned or under way.
func (j *joining) settled(ctx context.Context, tx *store.Tx) error {
	for _, m := range j.moving {
		if m.Status == member.Left {
			continue
		}
		if m.Status == member.PendingApproval || !m.Verification.Opens() {
			return ErrUnsettled
		}
		plan, err := member.PlannedFor(ctx, tx, m.Org, m.ID)
		if err == nil && plan != nil {
			err = ErrUnsettled
		}
		if err == nil {
			err = departure.MayPass(ctx, tx, m)
		}
		if fault.Is(err, fault.Conflict) {
			err = ErrUnsettled
		}
		if err != nil {
			return err
		}
	}
	return nil
}
