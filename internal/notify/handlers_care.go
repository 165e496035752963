package notify

import (
	"context"
	"errors"
	"slices"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/login"
	"habilis/internal/member"
	"habilis/internal/store"
	"habilis/internal/text"
)

// cares names the letter to the person, of each change.
var cares = map[login.CareChange]Kind{
	login.CareGiven: KindCareGiven, login.CareRemoved: KindCareRemoved, login.CareReset: KindCareReset, login.CareKept: KindCareKept,
	login.CareSignedOut: KindCareOut,
}

// care tells what an administrator, or the platform, did to somebody's second factors or sessions.
func care(ctx context.Context, tx *store.Tx, j job.Job) (map[string]Letter, error) {
	l, err := decode[login.CareLetter](j)
	if err != nil {
		return nil, err
	}
	whose, err := person(ctx, tx, l.Account)
	if err != nil {
		return nil, err
	}
	readers, err := careReaders(ctx, tx, l, whose)
	if err != nil {
		return nil, err
	}
	letters := make(map[string]Letter, len(readers))
	for _, a := range readers {
		if letters[a.ID.String()], err = careTo(ctx, tx, l, a, whose); err != nil {
			return nil, err
		}
	}
	return letters, nil
}

// careReaders are the accounts that a letter goes to.
func careReaders(ctx context.Context, tx *store.Tx, l login.CareLetter, whose account.Account) ([]account.Account, error) {
	switch l.To {
	case login.CarePerson:
		return []account.Account{whose}, nil
	case login.CareActor:
		a, err := person(ctx, tx, l.Actor)
		return []account.Account{a}, err
	case login.CareOthers:
	}
	return administrators(ctx, tx, l.Org, l.Actor, l.Account)
}

// administrators are the accounts of those who administer an organisation, without some.
func administrators(ctx context.Context, tx *store.Tx, of ident.Org, but ...ident.Account) ([]account.Account, error) {
	all, err := member.Administrators(ctx, tx, access.OrgScope(of))
	if err != nil {
		return nil, err
	}
	var out []account.Account
	for i := range all {
		if slices.Contains(but, all[i].Account) {
			continue
		}
		a, err := person(ctx, tx, all[i].Account)
		if errors.Is(err, errMoot) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, nil
}

func careTo(ctx context.Context, tx *store.Tx, l login.CareLetter, to, whose account.Account) (Letter, error) {
	t := text.For(to.Language)
	f := CareFacts{By: l.By, At: l.At, Reason: reasonOf(l.Reason)}
	if l.Of != "" {
		f.Of = factorWords(to.Language, l.Of)
	}
	if !l.Org.IsZero() {
		o, err := plaque(ctx, tx, l.Org)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return Letter{}, err
		}
		f.Org = &o
	}
	if f.By == "" {
		f.By = t.T("letters.care_program")
	}
	if l.To == login.CarePerson {
		return WriteCare(cares[l.Change], recipient(to), f)
	}
	f.Person, f.What = whose.Name(), t.T("letters.care_what."+string(l.Change))
	return WriteCareTold(recipient(to), f)
}

// reasonOf is a reason where a letter can say it: one that cannot stand in one must not keep
// it from being sent.
func reasonOf(reason string) string {
	if checkLine("reason", reason) != nil {
		return ""
	}
	return reason
}
