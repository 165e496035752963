package privacy

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/credential"
	"habilis/internal/departure"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/login"
	"habilis/internal/org"
	"habilis/internal/session"
	"habilis/internal/store"
	"habilis/internal/text"
)

// AskedErasure is the erasure of an account that its person asked for in writing, and that waits for
// its day.
type AskedErasure struct {
	ID       string
	Account  ident.Account
	FullName string
	Email    string
	AskedAt  time.Time
	ActsAt   time.Time
}

// Requested is an account of which the erasure may be asked for.
type Requested struct {
	Account  ident.Account
	FullName string // to be typed: the address of an account that bears no name
	Email    string
	SignedIn time.Time // last; zero: never
	Orgs     []string  // where it is a member still, and leaves first
	Refused  string    // the code of what stands in the way; empty: nothing does
}

// AskedLetter tells a person that the erasure of their account was asked for in writing. The secret of its
// job stops it.
type AskedLetter struct {
	Account ident.Account
	At      time.Time
	ActsAt  time.Time
}

// Kind names the job.
func (AskedLetter) Kind() string { return "letter.erasure_asked" }

// AskedOrder begins an erasure whose day has come (People.DoAsked).
type AskedOrder struct{ ID string }

// Kind names the job.
func (AskedOrder) Kind() string { return "privacy.erase_asked" }

// byPlatform is an act of the platform's administrators on an account.
func byPlatform(verb string) action.Act {
	return action.Act{Verb: verb, Accounts: true, Needs: []access.Need{access.OfPlatform(access.PlatformAdminister)}}
}

// FindAccount says whose account an address is, and what stands in the way of its erasure; for the
// administrators of the platform. Errors: the field email, login.ErrNobody.
func (p People) FindAccount(ctx context.Context, by access.Actor, email string) (Requested, error) {
	return action.View(ctx, p.Run, by, byPlatform(verbEraseFind), func(tx *store.Tx) (Requested, error) {
		a, err := addressed(ctx, tx, email)
		if err != nil {
			return Requested{}, err
		}
		r := Requested{Account: a.ID, FullName: toType(a), Email: a.Email.Address}
		if a.LastSignInAt.After(store.Never) {
			r.SignedIn = a.LastSignInAt
		}
		if r.Orgs, err = membersOf(ctx, tx, a.ID); err != nil {
			return r, err
		}
		err = p.mayAsk(ctx, tx, by, a.ID)
		if f := fault.Of(err); err != nil && f.Kind == fault.Conflict {
			r.Refused, err = f.Code, nil
		}
		return r, err
	})
}

// addressed finds the account of an address. Errors: the field email, login.ErrNobody.
func addressed(ctx context.Context, tx *store.Tx, email string) (account.Account, error) {
	e, code := account.ParseEmail(email)
	if code != "" {
		return account.Account{}, fault.OnField("email", code)
	}
	a, found, err := account.ByEmail(ctx, tx, e.Key)
	if err == nil && !found {
		err = login.ErrNobody
	}
	return a, err
}

// toType is what is typed to name an account.
func toType(a account.Account) string {
	if strings.TrimSpace(a.Name()) == "" {
		return a.Email.Address
	}
	return a.Name()
}

// membersOf names the organisations of which an account is a member.
func membersOf(ctx context.Context, tx *store.Tx, of ident.Account) (names []string, err error) {
	places, err := placesOf(ctx, tx, of)
	for _, x := range places {
		if err != nil || x.left {
			continue
		}
		var o org.Org
		if o, err = org.Get(ctx, tx, x.org); err == nil && !slices.Contains(names, o.Name) {
			names = append(names, o.Name)
		}
	}
	return names, err
}

// mayAsk says what stands in the way of asking.
func (p People) mayAsk(ctx context.Context, tx *store.Tx, by access.Actor, of ident.Account) error {
	if of == by.Account {
		return ErrEraseSelf
	}
	if _, waits, err := credential.ErasingOf(ctx, tx, of); err != nil || waits {
		return firstOf(err, ErrErasureWaits)
	}
	_, err := p.mayEraseAsked(ctx, tx, of)
	return err
}

// mayEraseAsked is what stands in the way of the person, and of an account that gave way to another one:
// it goes with that one.
func (p People) mayEraseAsked(ctx context.Context, tx *store.Tx, of ident.Account) (account.Account, error) {
	a, err := p.mayEraseAccount(ctx, tx, of)
	if err == nil && a.Status == account.Blocked {
		err = ErrClosed
	}
	return a, err
}

// AskErasure asks to erase the account of an address, on its person's written request: for whoever cannot
// sign in any more, or never could (AUD-4, GDPR 17). It begins after ErasureWait, unless the person says
// no: the link of the letter they get at once, and signing in, stop it; so does TakeBack. Their open sessions end, so
// that whoever is still there is seen. fullName is the name, typed exactly; ground says where
// the request is kept, and names nobody: it stays in the trail of the installation. Errors: the fields
// email, full_name and ground, login.ErrNobody, ErrEraseSelf, ErrErasureWaits, ErrErasuresFull, ErrClosed,
// those of EraseAccount, access.ErrStepUp.
func (p People) AskErasure(ctx context.Context, by access.Actor, email, fullName, ground string) (AskedErasure, error) {
	act := byPlatform(verbEraseAsk)
	act.StepUp = true
	act.Resolve = func(context.Context, *store.Tx) ([]access.Need, error) { return nil, onlyInPerson(by) }
	return action.Run(ctx, p.Run, by, act, func(tx *action.Tx) (AskedErasure, error) {
		a, err := addressed(ctx, tx.Tx, email)
		if err != nil {
			return AskedErasure{}, err
		}
		if err := p.mayAsk(ctx, tx.Tx, by, a.ID); err != nil {
			return AskedErasure{}, err
		}
		if ground, err = typedRight(ctx, tx.Tx, a, fullName, ground); err != nil {
			return AskedErasure{}, err
		}
		waiting, err := credential.Erasures(ctx, tx.Tx, MaxErasuresAsked)
		if err != nil || len(waiting) >= MaxErasuresAsked {
			return AskedErasure{}, firstOf(err, ErrErasuresFull)
		}
		return askErasure(ctx, tx, a, ground)
	})
}

// typedRight checks what was typed, and gives the ground clean. Errors: the fields full_name and ground.
func typedRight(ctx context.Context, tx *store.Tx, a account.Account, fullName, ground string) (string, error) {
	var wrong fault.Fields
	if len(fullName) > MaxNameTyped || !departure.SameName(toType(a), fullName) {
		wrong.Add("full_name", "privacy.name_differs")
	}
	line, problem := text.Line(ground, MaxGround)
	wrong.Check("ground", string(problem), "Max", MaxGround)
	if problem == text.Fine {
		w := looking{account: a.ID}
		if err := w.prepare(ctx, tx); err != nil {
			return "", err
		}
		switch {
		case utf8.RuneCountInString(line) < MinGround:
			wrong.Add("ground", "privacy.ground_short", "Min", MinGround)
		case w.sure.Finds(line):
			wrong.Add("ground", "privacy.ground_names")
		}
	}
	return line, wrong.Err()
}

func askErasure(ctx context.Context, tx *action.Tx, a account.Account, ground string) (AskedErasure, error) {
	d, link, fresh, err := credential.AskErasing(ctx, tx.Tx, a.ID, ErasureWait)
	if err != nil || !fresh {
		return AskedErasure{}, firstOf(err, ErrErasureWaits)
	}
	if _, err := session.EndAll(ctx, tx.Tx, a.ID, session.ErasureAsked); err != nil {
		return AskedErasure{}, err
	}
	tx.Record(audit.Event{Verb: verbEraseAsk, Object: a.ID.String(), After: map[string]any{"reason": ground, "acts_at": d.ActsAt}})
	tx.After(job.Order{Args: AskedOrder{ID: d.ID}, Priority: job.Normal, At: d.ActsAt})
	tx.After(job.Order{
		Args: AskedLetter{Account: a.ID, At: tx.Now, ActsAt: d.ActsAt}, Priority: job.Urgent, Secret: link,
	})
	return askedOf(d, a), nil
}

func askedOf(d credential.Delayed, a account.Account) AskedErasure {
	return AskedErasure{
		ID: d.ID, Account: d.Account, FullName: toType(a), Email: a.Email.Address, AskedAt: d.AskedAt, ActsAt: d.ActsAt,
	}
}

// AskedErasures are those that wait, the first one to begin first; for the administrators of the platform.
func (p People) AskedErasures(ctx context.Context, by access.Actor) ([]AskedErasure, error) {
	return action.View(ctx, p.Run, by, byPlatform(verbEraseWaiting), func(tx *store.Tx) ([]AskedErasure, error) {
		list, err := credential.Erasures(ctx, tx, MaxErasuresAsked)
		if err != nil {
			return nil, err
		}
		var out []AskedErasure
		for _, d := range list {
			a, found, err := account.Get(ctx, tx, d.Account)
			if err != nil {
				return nil, err
			}
			if found {
				out = append(out, askedOf(d, a))
			}
		}
		return out, nil
	})
}

// TakeBack stops an erasure that waits: it takes nothing away, and needs no proof. The person is told.
// Errors: ErrErasureGone.
func (p People) TakeBack(ctx context.Context, by access.Actor, id string) error {
	_, err := action.Run(ctx, p.Run, by, byPlatform(verbEraseTakeBack), func(tx *action.Tx) (struct{}, error) {
		d, found, err := credential.ErasureByID(ctx, tx.Tx, id)
		if err != nil || !found {
			return struct{}{}, firstOf(err, ErrErasureGone)
		}
		err = login.StopErasing(ctx, tx, d, login.StayPlatform, "")
		if errors.Is(err, credential.ErrNoDelayed) {
			err = ErrErasureGone
		}
		return struct{}{}, err
	})
	return err
}

// DoAsked begins the erasure of an AskedOrder. What was stopped stays so; what stands in its way by then,
// or a person who signed in since, stops it. Run twice, it does nothing more.
func (p People) DoAsked(ctx context.Context, j job.Job) error {
	var order AskedOrder
	if err := j.Decode(&order); err != nil {
		return job.Permanent(err)
	}
	act := action.Act{Verb: verbEraseBegin, Accounts: true, Needs: []access.Need{access.Everybody()}, Object: order.ID}
	_, err := action.Run(ctx, p.Run, access.Operator("job"), act, func(tx *action.Tx) (struct{}, error) {
		d, due, err := credential.TakeDelayed(ctx, tx.Tx, order.ID)
		if err != nil {
			return struct{}{}, err
		}
		if !due {
			return struct{}{}, action.Nothing
		}
		a, err := p.mayEraseAsked(ctx, tx.Tx, d.Account)
		if err == nil && a.LastSignInAt.After(d.AskedAt) {
			err = ErrReturned
		}
		if f := fault.Of(err); err != nil && (f.Kind == fault.Conflict || f.Kind == fault.NotFound) {
			login.RecordStay(tx, d, login.StayRefused, f.Code)
			return struct{}{}, nil
		}
		if err != nil {
			return struct{}{}, err
		}
		tx.Record(audit.Event{Verb: verbEraseBegin, Object: d.Account.String()})
		_, err = beginAccount(ctx, tx, a)
		return struct{}{}, err
	})
	return err
}
