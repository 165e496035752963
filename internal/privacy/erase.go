package privacy

import (
	"context"
	"slices"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/departure"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/member"
	"habilis/internal/merge"
	"habilis/internal/secret"
	"habilis/internal/session"
	"habilis/internal/setting"
	"habilis/internal/store"
	"habilis/internal/text"
	"habilis/internal/token"
)

// Erasure is the erasure of a member, or of an account. It ends done, or stopped by its person's return.
type Erasure struct {
	ID      ident.Erasure
	Org     ident.Org    // zero: of an account, in the installation
	Member  ident.Member // zero: of an account
	Account ident.Account
	Stage   string // how far it is; empty once it is done, stageStopped once its person came back
	AskedAt time.Time
	DoneAt  time.Time
	Count   int64 // rows that were deleted, emptied or rewritten so far

	subject string // the ID of the member, or of the account
	askedBy string
	place   string // where the stage goes on
}

// Done reports whether all is erased.
func (e Erasure) Done() bool { return !e.DoneAt.IsZero() }

// Preview says what an erasure would do.
type Preview struct {
	FullName string    // to be typed
	UndoTill time.Time // until when the departure could still be undone; zero: it cannot be
	Rows     int64     // in tables, by the person's IDs
	Trail    int64     // records whose details go
	// Named are things of the organisation whose name holds the person's: it is taken out.
	Named []Named
	// Namesake: somebody else bears the name; where it stands without an ID, it stays.
	Namesake bool
	// Forgotten: their telephone and numbers went some time after they left. A text that holds one of
	// these alone cannot be found any more, and stays.
	Forgotten bool
	Refused   string // the code of what stands in the way; empty: nothing does
}

// Named is a thing whose name holds somebody's.
type Named struct{ What, Name, After string }

// EraseMember erases somebody who left an organisation, for good: what could be undone of their
// departure cannot be any more (AUD-4). Earlier memberships of their account go with it.
// fullName is their name, typed exactly. Errors: ErrStillMember,
// ErrCameBack, departure.ErrUnfinished, ErrErasing, ErrErased, ErrName, those of reach,
// access.ErrStepUp.
func (p People) EraseMember(ctx context.Context, by access.Actor, org ident.Org, of ident.Member, fullName string) (Erasure, error) {
	var l leaver
	var besides []leaver
	act := action.Act{Verb: verbErase, Orgs: []ident.Org{org}, Object: of.String(), Subject: of.String(), StepUp: true}
	act.Resolve = func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		if l, err = reach(ctx, tx, by, org, of, access.MembersDelete, access.MembersRead); err == nil {
			err = onlyInPerson(by)
		}
		if err == nil {
			besides, err = earlier(ctx, tx, by, l)
		}
		return []access.Need{access.MemberOf(org)}, err
	}
	return action.Run(ctx, p.Run, by, act, func(tx *action.Tx) (Erasure, error) {
		if err := mayErase(ctx, tx.Tx, l); err != nil {
			return Erasure{}, err
		}
		if len(fullName) > MaxNameTyped || !departure.SameName(l.Name(), fullName) {
			return Erasure{}, ErrName
		}
		for _, o := range besides {
			if err := beginMember(ctx, tx, o); err != nil {
				return Erasure{}, err
			}
		}
		if err := departure.Conclude(ctx, tx, org, of); err != nil {
			return Erasure{}, err
		}
		if !l.Account.IsZero() {
			tx.After(job.Order{Args: ErasedLetter{Org: org, Account: l.Account}, Priority: job.Normal})
		}
		tx.Record(audit.Event{Org: org, Verb: verbErase, Object: of.String(), Subject: of.String()})
		return begin(ctx, tx, Erasure{Org: org, Member: of, Account: l.Account, subject: of.String(), Stage: stageDeparture})
	})
}

// earlier finds the other memberships that the same account had in the organisation, and those that
// replaced one another: they are one person, and go together. Errors: those of reach.
func earlier(ctx context.Context, tx *store.Tx, by access.Actor, l leaver) (out []leaver, err error) {
	list, err := member.LeftTogether(ctx, tx, l.Org, l.Account, l.ID)
	if err != nil {
		return nil, err
	}
	same, err := departure.SamePerson(ctx, tx, l.Org, l.ID)
	for _, id := range same {
		_, there := member.LeftAt(ctx, tx, l.Org, id) // whoever is there still is refused by backHere
		if there == nil && !slices.Contains(list, id) {
			list = append(list, id)
		}
	}
	for _, id := range list {
		o, err := reach(ctx, tx, by, l.Org, id, access.MembersDelete, access.MembersRead)
		if err != nil {
			return nil, err
		}
		out = append(out, o)
	}
	return out, err
}

// beginMember begins the erasure of another membership of a person, unless there is one already.
func beginMember(ctx context.Context, tx *action.Tx, l leaver) error {
	if e, found, err := erasureOf(ctx, tx.Tx, l.Org, l.ID.String()); err != nil || found && !e.Stopped() {
		return err
	}
	if err := departure.Conclude(ctx, tx, l.Org, l.ID); err != nil {
		return err
	}
	tx.Record(audit.Event{Org: l.Org, Verb: verbErase, Object: l.ID.String(), Subject: l.ID.String()})
	_, err := begin(ctx, tx, Erasure{Org: l.Org, Member: l.ID, Account: l.Account, subject: l.ID.String(), Stage: stageDeparture})
	return err
}

// begin writes a new erasure, or begins anew one that had stopped, and orders its work.
func begin(ctx context.Context, tx *action.Tx, e Erasure) (Erasure, error) {
	e.ID, e.AskedAt, e.askedBy = ident.NewErasure(), tx.Now, tx.By.ID()
	stopped, again, err := erasureOf(ctx, tx.Tx, e.Org, e.subject)
	if err != nil {
		return e, err
	}
	write := insertErasure
	if again {
		e.ID, e.Count, write = stopped.ID, stopped.Count, restartErasure
	}
	tx.After(job.Order{Args: EraseOrder{Org: e.Org, ID: e.ID}, Priority: job.Bulk})
	return e, write(ctx, tx.Tx, e)
}

// mayErase says what stands in the way of an erasure.
func mayErase(ctx context.Context, tx *store.Tx, l leaver) error {
	switch e, found, err := erasureOf(ctx, tx, l.Org, l.ID.String()); {
	case err != nil:
		return err
	case found && e.Done():
		return ErrErased
	case found && !e.Stopped():
		return ErrErasing
	}
	if err := backHere(ctx, tx, l); err != nil {
		return err
	}
	_, _, err := departure.Settled(ctx, tx, l.Org, l.ID)
	return err
}

func firstOf(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}

// MemberErasure is the erasure of somebody who left, if one was asked for; for whoever may ask.
// Errors: those of reach.
func (p People) MemberErasure(ctx context.Context, by access.Actor, org ident.Org, of ident.Member) (e Erasure, found bool, err error) {
	e, err = action.View(ctx, p.Run, by, lookAt(by, org, of, nil), func(tx *store.Tx) (e Erasure, err error) {
		e, found, err = erasureOf(ctx, tx, org, of.String())
		return e, err
	})
	return e, found, err
}

// lookAt is a look at somebody who left.
func lookAt(by access.Actor, org ident.Org, of ident.Member, l *leaver) action.Act {
	act := action.Act{Verb: verbEraseLook, Orgs: []ident.Org{org}, Object: of.String(), Subject: of.String()}
	act.Resolve = func(ctx context.Context, tx *store.Tx) ([]access.Need, error) {
		found, err := reach(ctx, tx, by, org, of, access.MembersDelete, access.MembersRead)
		if l != nil {
			*l = found
		}
		return []access.Need{access.MemberOf(org)}, err
	}
	return act
}

// PreviewMember says what the erasure of somebody who left would do. Errors: those of reach.
func (p People) PreviewMember(ctx context.Context, by access.Actor, org ident.Org, of ident.Member) (Preview, error) {
	var l leaver
	return action.ViewLong(ctx, p.Run, by, lookAt(by, org, of, &l), func(tx *store.Tx) (Preview, error) {
		v := Preview{FullName: l.Name()}
		if err := mayErase(ctx, tx, l); err != nil {
			if v.Refused = fault.Of(err).Code; fault.Of(err).Kind != fault.Conflict {
				return v, err
			}
			return v, nil
		}
		if d, found, err := departure.Settled(ctx, tx, org, of); err != nil {
			return v, err
		} else if v.Forgotten = !found; found && d.UndoTill.After(tx.Now) {
			v.UndoTill = d.UndoTill
		}
		w := looking{org: org, member: of, account: l.Account}
		err := w.preview(ctx, tx, &v)
		v.Forgotten = v.Forgotten && w.forgotten
		return v, err
	})
}

// EraseAccount erases the actor's own account, for good, once they are a member of no organisation
// any more. What organisations keep about them, they erase. The accounts that gave way to it go with it,
// once that cannot be undone. Errors: ErrMemberships, ErrPlatform, ErrPlatformPast, ErrErasing, ErrMerged,
// ErrName, access.ErrStepUp.
func (p People) EraseAccount(ctx context.Context, by access.Actor, fullName string) (Erasure, error) {
	of := by.Account
	act := action.Act{Verb: verbEraseMine, Needs: []access.Need{access.Myself(of)}, Object: of.String(), StepUp: true}
	act.Resolve = func(context.Context, *store.Tx) ([]access.Need, error) { return nil, onlyInPerson(by) }
	return action.Run(ctx, p.Run, by, act, func(tx *action.Tx) (Erasure, error) {
		a, err := p.mayEraseAccount(ctx, tx.Tx, of)
		if err != nil {
			return Erasure{}, err
		}
		if len(fullName) > MaxNameTyped || !departure.SameName(a.Name(), fullName) {
			return Erasure{}, ErrName
		}
		tx.Record(audit.Event{Verb: verbEraseMine, Object: of.String()})
		return beginAccount(ctx, tx, a)
	})
}

// beginAccount closes an account, says so to its person, and begins its erasure.
func beginAccount(ctx context.Context, tx *action.Tx, a account.Account) (Erasure, error) {
	tx.After(job.Order{
		Args: AccountErasedLetter{Language: string(a.Language)}, Priority: job.Normal, Secret: secret.NewText(a.Email.Address),
	})
	if err := account.Close(ctx, tx, a.ID); err != nil {
		return Erasure{}, err
	}
	if _, err := session.EndAll(ctx, tx.Tx, a.ID, session.AccountClosed); err != nil {
		return Erasure{}, err
	}
	if _, err := token.RevokeOf(ctx, tx.Tx, a.ID, a.ID.String()); err != nil {
		return Erasure{}, err
	}
	return begin(ctx, tx, Erasure{Account: a.ID, subject: a.ID.String(), Stage: stageRowsGo})
}

// mayEraseAccount says what stands in the way.
func (p People) mayEraseAccount(ctx context.Context, tx *store.Tx, of ident.Account) (account.Account, error) {
	a, found, err := account.Get(ctx, tx, of)
	if err != nil || !found {
		return a, firstOf(err, account.ErrNotFound)
	}
	if a.PlatformRole != account.NoRole {
		return a, ErrPlatform
	}
	if err := p.notLately(ctx, tx, of); err != nil {
		return a, err
	}
	if err := memberNowhere(ctx, tx, of); err != nil {
		return a, err
	}
	if e, found, err := erasureOf(ctx, tx, "", of.String()); err != nil || found && !e.Stopped() {
		return a, firstOf(err, ErrErasing)
	}
	// What was merged into it may be somebody else's, who has that long to say so.
	if merged, err := merge.Undoable(ctx, tx, of); err != nil || merged {
		return a, firstOf(err, ErrMerged)
	}
	return a, nil
}

// notLately refuses whoever had a role on the platform, for as long as the trail keeps the details of
// what they did by it: whoever acted on everybody does not take their name out of it. Errors:
// ErrPlatformPast.
func (p People) notLately(ctx context.Context, tx *store.Tx, of ident.Account) error {
	b, _ := setting.BoundsOf(setting.KeepRightsAudit)
	same, err := merge.Covered(ctx, tx, of)
	for _, id := range same {
		if err != nil {
			return err
		}
		var until time.Time
		if until, err = account.PlatformUntil(ctx, tx, id); err == nil && until.After(b.Before(tx.Now, p.Installation.Of(b.Kind))) {
			err = ErrPlatformPast
		}
	}
	return err
}

// memberNowhere refuses whoever is a member of any organisation. Errors: ErrMemberships.
func memberNowhere(ctx context.Context, tx *store.Tx, of ident.Account) error {
	places, err := placesOf(ctx, tx, of)
	if err != nil {
		return err
	}
	for _, p := range places {
		if !p.left {
			return ErrMemberships
		}
	}
	return nil
}

// PreviewAccount says what the erasure of the actor's own account would do.
func (p People) PreviewAccount(ctx context.Context, by access.Actor) (Preview, error) {
	of := by.Account
	act := action.Act{Verb: verbEraseLook, Needs: []access.Need{access.Myself(of)}, Object: of.String()}
	return action.ViewLong(ctx, p.Run, by, act, func(tx *store.Tx) (Preview, error) {
		a, err := p.mayEraseAccount(ctx, tx, of)
		v := Preview{FullName: a.Name()}
		if err != nil {
			if v.Refused = fault.Of(err).Code; fault.Of(err).Kind != fault.Conflict {
				return v, err
			}
			return v, nil
		}
		w := looking{account: of}
		err = w.preview(ctx, tx, &v)
		return v, err
	})
}

// place is a membership.
type place struct {
	org    ident.Org
	member ident.Member
	left   bool
}

// ErasedLetter tells a person that an organisation has erased what it kept about them. Their account
// is still theirs.
type ErasedLetter struct {
	Org     ident.Org
	Account ident.Account
}

// Kind names the job.
func (ErasedLetter) Kind() string { return "letter.erased" }

// AccountErasedLetter is the last one to a person: their account is erased. The address is the secret
// of the job, and goes with it.
type AccountErasedLetter struct{ Language string }

// Kind names the job.
func (AccountErasedLetter) Kind() string { return "letter.account_erased" }

// langOf is the language of a document.
func langOf(s string) text.Lang {
	if text.Lang(s) == text.EN {
		return text.EN
	}
	return text.FR
}
