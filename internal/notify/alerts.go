package notify

import (
	"context"
	"errors"

	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/preference"
	"habilis/internal/setting"
	"habilis/internal/store"
)

// whyAlert is the reason of a letter that its reader may refuse (MEM-6).
const whyAlert = "alert"

// matter is what an alert tells: of which organisation, and what its notice says.
type matter struct {
	org    ident.Org
	alert  setting.Alert
	notice preference.Told // but for To, and Count where each has their own
}

// told is what one job tells: letters by account, and notices.
type told struct {
	matter

	letters map[string]Letter
	notices []preference.Told
}

func (a matter) tells() *told { return &told{matter: a, letters: map[string]Letter{}} }

// tell adds somebody: a notice, and a letter, as they want them. Whom nothing may be sent to any
// more gets neither. count is that of their notice; 0: the one it has.
func (t *told) tell(ctx context.Context, tx *store.Tx, to preference.Subscriber, count int64, write func(addressee) (Letter, error)) error {
	who, err := addressed(ctx, tx, t.org, to.Member)
	if errors.Is(err, errMoot) || err == nil && !who.inForce() {
		return nil
	}
	if err != nil {
		return err
	}
	if to.Inside {
		n := t.notice
		n.To, n.Alert = to.Member, t.alert
		if count > 0 {
			n.Count = count
		}
		t.notices = append(t.notices, n)
	}
	if !to.Email {
		return nil
	}
	l, err := write(who)
	if errors.Is(err, errMoot) {
		return nil
	}
	if err == nil {
		t.letters[who.account.ID.String()] = l
	}
	return err
}

// subscribed tells whoever holds the right of an alert over each of some sites, and wants it.
func subscribed(ctx context.Context, tx *store.Tx, a matter, sites []ident.Site, write func(addressee) (Letter, error)) (*told, error) {
	list, err := preference.Subscribers(ctx, tx, a.org, a.alert, sites...)
	if err != nil {
		return nil, err
	}
	t := a.tells()
	for _, to := range list {
		if err := t.tell(ctx, tx, to, 0, write); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// tallied does it for several things at once, each with its sites: everybody is told how many
// concern them.
func tallied(ctx context.Context, tx *store.Tx, a matter, things [][]ident.Site, write func(addressee, int64) (Letter, error),
) (*told, error) {
	list, err := preference.Tally(ctx, tx, a.org, a.alert, things)
	if err != nil {
		return nil, err
	}
	t := a.tells()
	for _, to := range list {
		if err := t.tell(ctx, tx, to.Subscriber, to.Count, func(who addressee) (Letter, error) { return write(who, to.Count) }); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// wanted tells one member something of themself, if they want to be told.
func wanted(ctx context.Context, tx *store.Tx, a matter, of ident.Member, sites []ident.Site, write func(addressee) (Letter, error),
) (*told, error) {
	to, wants, err := preference.Wants(ctx, tx, a.org, of, a.alert, sites...)
	t := a.tells()
	if err != nil || !wants {
		return t, err
	}
	err = t.tell(ctx, tx, to, 0, write)
	return t, err
}

// toSubscribers leaves the notices and sends the letters of an alert. Tried again after a cut, no
// notice comes twice, and the letters that had left bear the same Message-ID.
func (h handlers) toSubscribers(compose func(context.Context, *store.Tx, job.Job) (*told, error)) job.Handler {
	return func(ctx context.Context, j job.Job) error {
		var t *told
		err := h.DB.Read(ctx, func(tx *store.Tx) (err error) {
			t, err = compose(ctx, tx, j)
			return err
		})
		if err != nil || t == nil {
			return h.sendAll(ctx, j, nil, err)
		}
		if err := h.leave(ctx, j, t); err != nil {
			return err
		}
		return h.sendAll(ctx, j, t.letters, nil)
	}
}

// leave writes the notices of a job.
func (h handlers) leave(ctx context.Context, j job.Job, t *told) error {
	if len(t.notices) == 0 {
		return nil
	}
	return h.DB.Write(ctx, []store.Lock{store.Lock("notices " + t.org.String())}, func(tx *store.Tx) error {
		return preference.Tell(ctx, tx, t.org, j.ID.String(), t.notices)
	})
}
