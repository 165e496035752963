package invitation

import (
	"context"
	"time"

	"habilis/internal/ident"
	"habilis/internal/limit"
	"habilis/internal/store"
)

// day is the window of the limits below; it turns at midnight UTC.
const day = 24 * time.Hour

// Limits bound the letters that invitations send (rules.md 4, INV-10). The zero
// value holds the defaults.
type Limits struct {
	PerDayOrg int64 // letters of one organisation a day; MaxPerDayOrg when 0: the platform can raise it
}

// counted is one counter and the subject it counts for one letter.
type counted struct {
	limit.Counter
	subject string
}

func (l Limits) of(org ident.Org, emailKey string) []counted {
	perDay := l.PerDayOrg
	if perDay == 0 {
		perDay = MaxPerDayOrg
	}
	return []counted{
		{limit.Counter{Name: "invitation.org", Window: day, Max: perDay}, org.String()},
		{limit.Counter{Name: "invitation.address", Window: day, Max: MaxPerDayAddress}, org.String() + " " + emailKey},
		{limit.Counter{Name: "invitation.anywhere", Window: day, Max: MaxPerDayAnywhere}, emailKey},
	}
}

// Take counts one letter from org to an address before it is sent, in the
// caller's transaction, which holds the organisation's lock. Whether the address
// has an account makes no difference (ENU-02). It stops at the first limit that is
// reached: an organisation that floods does not use up what the address may get
// from others. Errors: limit.ErrExceeded, and the store's.
func (l Limits) Take(ctx context.Context, tx *store.Tx, org ident.Org, emailKey string) error {
	for _, c := range l.of(org, emailKey) {
		if err := c.Within(ctx, tx, c.subject); err != nil {
			return err
		}
	}
	return nil
}

// Foresee says what Take would say after `before` more letters of org, without
// counting: for a preview.
func (l Limits) Foresee(ctx context.Context, tx *store.Tx, org ident.Org, emailKey string, before int64) error {
	for _, c := range l.of(org, emailKey) {
		n, err := c.Count(ctx, tx, c.subject)
		if err != nil {
			return err
		}
		if n+before >= c.Max {
			return c.Exceeded(tx.Now)
		}
		before = 0 // the other addresses' letters count for the organisation only
	}
	return nil
}
