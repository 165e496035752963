package notify

import (
	"context"
	"maps"
	"time"

	"habilis/internal/access"
	"habilis/internal/departure"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/member"
	"habilis/internal/preference"
	"habilis/internal/setting"
	"habilis/internal/store"
	"habilis/internal/text"
)

// The letters of departures (OFF-1, OFF-6).
const (
	KindDeparturePlanned   Kind = "departure_planned"   // to the person
	KindDepartureCancelled Kind = "departure_cancelled" // to the person
	KindDepartureDone      Kind = "departure_done"      // to the person
	KindDepartureUndone    Kind = "departure_undone"    // to the person
	KindDepartureHeld      Kind = "departure_held"      // to the administrators
	KindDepartureWaiting   Kind = "departure_waiting"   // to whoever decides of members' departures
	KindDepartureComing    Kind = "departure_coming"    // to them: one is planned
	KindDepartureNews      Kind = "departure_news"      // to them: one is done
)

var departureKinds = []Kind{
	KindDeparturePlanned, KindDepartureCancelled, KindDepartureDone, KindDepartureUndone, KindDepartureHeld, KindDepartureWaiting,
	KindDepartureComing, KindDepartureNews,
}

// DepartureFacts are what is said of a departure.
type DepartureFacts struct {
	Org     Org
	By      string    // who decided; empty: nobody does, it is only waited for
	Name    string    // of the member, to others
	Day     time.Time // the last day of a planned one; when it was done; until when what waits can be handed over
	Why     string    // code of what kept it from being carried out
	Count   int64     // of what waits
	Follows bool      // its reader wants to hear of departures, and does not administer
	Contact Contact
}

func writeDeparture(kind Kind, to Recipient, f DepartureFacts) *writer {
	vars := map[string]any{"Day": text.For(to.Lang).Date(f.Day.In(text.Zone))}
	if f.By != "" {
		vars["By"] = f.By
	}
	if f.Name != "" {
		vars["Name"] = f.Name
	}
	if f.Count > 0 {
		vars["Count"] = f.Count
	}
	return write(kind, to, &f.Org, vars)
}

// WriteDeparturePlanned tells a person on which day their membership ends, and whom to ask.
func WriteDeparturePlanned(to Recipient, f DepartureFacts) (Letter, error) {
	w := writeDeparture(KindDeparturePlanned, to, f)
	w.say("intro", "until_then", "elsewhere")
	return w.end("rights", f.Contact)
}

// WriteDepartureCancelled tells a person that they stay.
func WriteDepartureCancelled(to Recipient, f DepartureFacts) (Letter, error) {
	w := writeDeparture(KindDepartureCancelled, to, f)
	w.say("intro")
	return w.end("rights", f.Contact)
}

// WriteDepartureDone tells a person that their membership has ended.
func WriteDepartureDone(to Recipient, f DepartureFacts) (Letter, error) {
	w := writeDeparture(KindDepartureDone, to, f)
	w.say("intro", "others")
	return w.end("rights", f.Contact)
}

// WriteDepartureUndone tells a person that they are a member again.
func WriteDepartureUndone(to Recipient, f DepartureFacts) (Letter, error) {
	w := writeDeparture(KindDepartureUndone, to, f)
	w.say("intro", "sign_in")
	w.openYourself()
	return w.end("rights", f.Contact)
}

// WriteDepartureHeld tells an administrator that a planned departure was not carried out, why, and
// that somebody must confirm it or give it up.
func WriteDepartureHeld(to Recipient, f DepartureFacts) (Letter, error) {
	w := writeDeparture(KindDepartureHeld, to, f)
	w.say("intro")
	switch f.Why {
	case member.ErrLastAdministrator.Code:
		w.say("last_administrator")
	case departure.ErrDecider.Code:
		w.say("decider")
	}
	w.say("what_to_do")
	w.openYourself()
	if f.Follows {
		return w.end(whyAlert, f.Contact)
	}
	return w.end("administers", f.Contact)
}

// WriteDepartureWaiting tells that something of somebody who left waits for a receiver.
func WriteDepartureWaiting(to Recipient, f DepartureFacts) (Letter, error) {
	w := writeDeparture(KindDepartureWaiting, to, f)
	w.say("intro", "until")
	w.openYourself()
	return w.end(whyAlert, f.Contact)
}

// WriteDepartureComing tells that somebody's departure is planned.
func WriteDepartureComing(to Recipient, f DepartureFacts) (Letter, error) {
	w := writeDeparture(KindDepartureComing, to, f)
	w.say("intro")
	w.openYourself()
	return w.end(whyAlert, f.Contact)
}

// WriteDepartureNews tells that somebody has left.
func WriteDepartureNews(to Recipient, f DepartureFacts) (Letter, error) {
	w := writeDeparture(KindDepartureNews, to, f)
	w.say("intro", "undo")
	w.openYourself()
	return w.end(whyAlert, f.Contact)
}

// departureLetters are those to the person.
func departureLetters() map[string]composer {
	return map[string]composer{
		departure.PlannedLetter{}.Kind():   departurePlanned,
		departure.CancelledLetter{}.Kind(): departureCancelled,
		departure.DoneLetter{}.Kind():      departureDone,
		departure.UndoneLetter{}.Kind():    departureUndone,
	}
}

// departurePlanned tells a person the day that is planned, unless it is another by now, or none.
var departurePlanned = letter(
	func(l departure.PlannedLetter) (ident.Org, ident.Member) { return l.Org, l.Member },
	func(ctx context.Context, tx *store.Tx, _ job.Job, l departure.PlannedLetter, to addressee) (Letter, error) {
		d, planned, err := departure.PlannedOf(ctx, tx, l.Org, l.Member)
		if err == nil && (!planned || d.Day != l.Day) {
			err = errMoot
		}
		return departureLetter(err, l.Day, to, l.By, WriteDeparturePlanned)
	})

// departureCancelled tells a person that they stay, unless another day is planned by now.
var departureCancelled = letter(
	func(l departure.CancelledLetter) (ident.Org, ident.Member) { return l.Org, l.Member },
	func(ctx context.Context, tx *store.Tx, _ job.Job, l departure.CancelledLetter, to addressee) (Letter, error) {
		_, planned, err := departure.PlannedOf(ctx, tx, l.Org, l.Member)
		if err == nil && planned {
			err = errMoot
		}
		return departureLetter(err, l.Day, to, l.By, WriteDepartureCancelled)
	})

func departureLetter(err error, day string, to addressee, by string, write func(Recipient, DepartureFacts) (Letter, error),
) (Letter, error) {
	if err != nil {
		return Letter{}, err
	}
	at, err := lastDay(day)
	if err != nil {
		return Letter{}, err
	}
	return write(recipient(to.account), DepartureFacts{Org: to.org, By: to.by(by), Day: at})
}

// departureDone tells a person that they are no member any more, unless they are again.
func departureDone(ctx context.Context, tx *store.Tx, j job.Job) (Letter, error) {
	args, err := decode[departure.DoneLetter](j)
	if err != nil {
		return Letter{}, err
	}
	if _, back, err := member.OfAccount(ctx, tx, args.Org, args.Account); err != nil || back {
		return Letter{}, firstError(err, errMoot)
	}
	to, o, err := reached(ctx, tx, args.Account, args.Org)
	if err != nil {
		return Letter{}, err
	}
	return WriteDepartureDone(to, DepartureFacts{Org: o, By: addressee{org: o}.by(args.By), Day: j.Created})
}

// departureUndone tells a person that they are a member again, unless they have left anew.
var departureUndone = letter(
	func(l departure.UndoneLetter) (ident.Org, ident.Member) { return l.Org, l.Member },
	func(_ context.Context, _ *store.Tx, j job.Job, l departure.UndoneLetter, to addressee) (Letter, error) {
		return WriteDepartureUndone(recipient(to.account), DepartureFacts{Org: to.org, By: to.by(l.By), Day: j.Created})
	})

// departureHeld tells every administrator of the organisation that somebody whose access should be
// over has it still, unless it was settled since: that is no matter of taste. Those who want to hear
// of departures are told too, as they want it.
func (h handlers) departureHeld(ctx context.Context, tx *store.Tx, j job.Job) (*told, error) {
	args, err := decode[departure.HeldLetter](j)
	if err != nil {
		return nil, err
	}
	d, planned, err := departure.PlannedOf(ctx, tx, args.Org, args.Member)
	if err != nil || !planned || !d.ToConfirm() {
		return nil, err
	}
	at, err := lastDay(args.Day)
	if err != nil {
		return nil, err
	}
	write := func(follows bool) func(addressee) (Letter, error) {
		return func(to addressee) (Letter, error) {
			return WriteDepartureHeld(recipient(to.account), DepartureFacts{
				Org: to.org, By: to.by(d.By), Day: at, Name: args.Name, Why: args.Code, Follows: follows,
			})
		}
	}
	sites, err := member.SitesOf(ctx, tx, args.Org, []ident.Member{args.Member})
	if err != nil {
		return nil, err
	}
	a := matter{args.Org, setting.AlertDeparture, preference.Told{What: preference.DepartureUnconfirmed, Subject: args.Member}}
	t, err := subscribed(ctx, tx, a, sites[args.Member], write(true))
	if err != nil {
		return nil, err
	}
	administrators, err := toAdministrators(ctx, tx, access.OrgScope(args.Org), write(false))
	maps.Copy(t.letters, administrators)
	return t, err
}

// departureWaiting tells those who decide of departures that something waits for a receiver.
func (h handlers) departureWaiting(ctx context.Context, tx *store.Tx, j job.Job) (*told, error) {
	args, err := decode[departure.WaitingLetter](j)
	if err != nil {
		return nil, err
	}
	a := matter{args.Org, setting.AlertDeparture, preference.Told{
		What: preference.DepartureReceiver, Subject: args.Member, Count: args.Count,
	}}
	return subscribed(ctx, tx, a, args.Sites, func(to addressee) (Letter, error) {
		return WriteDepartureWaiting(recipient(to.account), DepartureFacts{Org: to.org, Name: args.Name, Count: args.Count, Day: args.Until})
	})
}

// departureNews tells those who want to know it of a departure that is planned, or done.
func (h handlers) departureNews(ctx context.Context, tx *store.Tx, j job.Job) (*told, error) {
	args, err := decode[departure.NewsLetter](j)
	if err != nil {
		return nil, err
	}
	what, write, at := preference.DepartureDone, WriteDepartureNews, j.Created
	notice := preference.Told{Subject: args.Member}
	if args.Day != "" {
		d, planned, err := departure.PlannedOf(ctx, tx, args.Org, args.Member)
		if err != nil || !planned || d.Day != args.Day {
			return nil, err
		}
		if at, err = lastDay(args.Day); err != nil {
			return nil, err
		}
		what, write, notice.Day = preference.DeparturePlanned, WriteDepartureComing, at
	}
	notice.What = what
	return subscribed(ctx, tx, matter{args.Org, setting.AlertDeparture, notice}, args.Sites, func(to addressee) (Letter, error) {
		return write(recipient(to.account), DepartureFacts{Org: to.org, By: to.by(args.By), Name: args.Name, Day: at})
	})
}

// firstError is err, unless there is none.
func firstError(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}
