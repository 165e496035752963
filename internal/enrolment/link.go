package enrolment

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/invitation"
	"habilis/internal/member"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// link is a presented token, and the invitation that it leads to.
type link struct {
	hash secret.Hash
	at   invitation.Place
}

// follow finds where a token leads, before anything is locked. A token that was
// already spent is recorded as a replay, in the organisation's trail (INV-01).
// Errors: invitation.ErrGone, the same for every token that is worth nothing.
func (e Enrolments) follow(ctx context.Context, by access.Actor, verb, presented string, need access.Need) (link, error) {
	act := action.Act{Verb: verb, Needs: []access.Need{need}}
	l, err := action.View(ctx, e.Run, by, act, func(tx *store.Tx) (link, error) {
		hash, ok := invitation.ParseLink(presented)
		if !ok {
			return link{}, invitation.ErrGone
		}
		at, ok, err := invitation.PlaceOf(ctx, tx, hash)
		if err == nil && !ok {
			err = invitation.ErrGone
		}
		return link{hash, at}, err
	})
	if err != nil || l.at.Status != invitation.Accepted {
		return l, err
	}
	replay := l.act("invitation.replay", need)
	if err := e.Run.RecordRefusal(ctx, by, replay, invitation.ErrGone.Code); err != nil {
		return link{}, err
	}
	return link{}, invitation.ErrGone
}

// act is the act that a link is used for.
func (l link) act(verb string, need access.Need) action.Act {
	return action.Act{Verb: verb, Orgs: []ident.Org{l.at.Org}, Object: l.at.ID.String(), Needs: []access.Need{need}}
}

// opened is the invitation that a link opens, with the member who waits for it, if
// there is one.
type opened struct {
	invitation.Invitation
	waiting member.Member
}

// opens reads the invitation that the link opens now. Errors: invitation.ErrClosed while
// the administration space is closed (ORG-6); invitation.ErrGone,
// also when whoever invited could not do so any more (rules.md 13), or when the
// member who waited for it does not wait any more.
func (l link) opens(ctx context.Context, tx *store.Tx) (opened, error) {
	i, ok, err := invitation.ByToken(ctx, tx, l.hash)
	if err != nil || !ok {
		return opened{}, firstError(err, invitation.ErrGone)
	}
	closed, err := i.Closed(ctx, tx)
	if err != nil || closed {
		return opened{}, firstError(err, invitation.ErrClosed)
	}
	stands, err := i.Stands(ctx, tx)
	if err != nil || !stands {
		return opened{}, firstError(err, invitation.ErrGone)
	}
	o := opened{Invitation: i}
	if i.Member.IsZero() {
		return o, nil
	}
	o.waiting, err = member.Find(ctx, tx, i.Org, i.Member)
	if errors.Is(err, member.ErrNotFound) || err == nil && !o.waiting.Waiting() {
		return opened{}, invitation.ErrGone
	}
	if err != nil {
		return opened{}, err
	}
	covered, err := o.covered(ctx, tx)
	if err != nil || !covered {
		return opened{}, firstError(err, invitation.ErrGone)
	}
	if o.Function == "" {
		o.Function = o.waiting.Function
	}
	return o, nil
}

// covered reports whether whoever invited may touch the member who waits, with all that
// they were given by now: whoever may not does not let them in either (AUZ-05).
func (i opened) covered(ctx context.Context, tx *store.Tx) (bool, error) {
	if i.Inviter.Platform {
		return true, nil
	}
	held, err := access.HeldBy(ctx, tx, i.Inviter.Actor, i.Org)
	if err != nil {
		return false, err
	}
	given, err := access.GivenTo(ctx, tx, i.Org, i.waiting.ID)
	return held.Covers(given), err
}

func firstError(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// mask shows enough of an address for its owner to know it: "a…@exemple.fr" (INV-02).
func mask(e account.Email) string {
	_, domain, _ := strings.Cut(e.Address, "@")
	first, _ := utf8.DecodeRuneInString(e.Address)
	return string(first) + "…@" + domain
}

// notForAnother refuses a person who is signed in with another address (INV-02).
// Whoever is signed in with the right one, or not at all, passes.
func notForAnother(ctx context.Context, tx *store.Tx, by access.Actor, i opened) error {
	if by.Kind != access.Person {
		return nil
	}
	a, ok, err := account.Get(ctx, tx, by.Account)
	if err != nil {
		return err
	}
	if !ok || a.Email.Key != i.Email.Key {
		return ErrOtherAddress
	}
	return nil
}
