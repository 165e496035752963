package invitation

import (
	"context"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// Room says which of several letters of one organisation would be one too many today, in
// their order, each to another address; nothing is counted.
func (l Limits) Room(ctx context.Context, tx *store.Tx, org ident.Org, emailKeys []string) ([]bool, error) {
	if len(emailKeys) == 0 {
		return nil, nil
	}
	whole, here, anywhere := l.counters(org, emailKeys)
	sent, err := whole.Count(ctx, tx, org.String())
	if err != nil {
		return nil, err
	}
	inOrg, err := here.CountMany(ctx, tx, here.subjects)
	if err != nil {
		return nil, err
	}
	inAll, err := anywhere.CountMany(ctx, tx, anywhere.subjects)
	room := make([]bool, len(emailKeys))
	for i := range emailKeys {
		room[i] = sent < whole.Max && inOrg[here.subjects[i]] < here.Max && inAll[anywhere.subjects[i]] < anywhere.Max
		if room[i] {
			sent++
		}
	}
	return room, err
}

// TakeMany counts several letters for which Room found place in the same transaction.
func (l Limits) TakeMany(ctx context.Context, tx *store.Tx, org ident.Org, emailKeys []string) error {
	if len(emailKeys) == 0 {
		return nil
	}
	whole, here, anywhere := l.counters(org, emailKeys)
	if _, err := whole.AddN(ctx, tx, org.String(), int64(len(emailKeys))); err != nil {
		return err
	}
	if err := here.AddMany(ctx, tx, here.subjects); err != nil {
		return err
	}
	return anywhere.AddMany(ctx, tx, anywhere.subjects)
}

// several is a counter with the subjects that it counts.
type several struct {
	counted

	subjects []string
}

// counters are those of several letters: of the organisation, of each address in it, and of
// each address everywhere.
func (l Limits) counters(org ident.Org, emailKeys []string) (whole, here, anywhere several) {
	for i, key := range emailKeys {
		of := l.of(org, key)
		if i == 0 {
			whole, here, anywhere = several{counted: of[0]}, several{counted: of[1]}, several{counted: of[2]}
		}
		here.subjects, anywhere.subjects = append(here.subjects, of[1].subject), append(anywhere.subjects, of[2].subject)
	}
	return whole, here, anywhere
}

// InviterFrom reads what String of an Inviter wrote; what cannot be read is nobody.
func InviterFrom(s string, org ident.Org) Inviter { return parseInviter(s, org) }
