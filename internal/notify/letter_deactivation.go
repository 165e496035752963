package notify

import (
	"context"
	"errors"
	"time"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/member"
	"habilis/internal/store"
	"habilis/internal/text"
)

// The letters of planned deactivations (CHG-4).
const (
	KindDeactivationPlanned   Kind = "deactivation_planned"
	KindDeactivationCancelled Kind = "deactivation_cancelled"
	KindDeactivationHeld      Kind = "deactivation_held" // to the administrators
)

var deactivationKinds = []Kind{KindDeactivationPlanned, KindDeactivationCancelled, KindDeactivationHeld}

// PlanFacts are what is said of a planned deactivation.
type PlanFacts struct {
	Org     Org
	By      string    // who planned it, or took it back
	Day     time.Time // the last day of access
	Name    string    // of the member, to others
	Why     string    // code of the rule that refused it on its day
	Contact Contact
}

func writePlan(kind Kind, to Recipient, f PlanFacts) *writer {
	vars := map[string]any{"By": f.By, "Day": text.For(to.Lang).Date(f.Day)}
	if f.Name != "" {
		vars["Name"] = f.Name
	}
	return write(kind, to, &f.Org, vars)
}

// WriteDeactivationPlanned tells a person on which day their access to an organisation ends,
// and whom to ask.
func WriteDeactivationPlanned(to Recipient, f PlanFacts) (Letter, error) {
	w := writePlan(KindDeactivationPlanned, to, f)
	w.say("intro", "until_then", "elsewhere")
	return w.end("rights", f.Contact)
}

// WriteDeactivationCancelled tells a person that their access goes on.
func WriteDeactivationCancelled(to Recipient, f PlanFacts) (Letter, error) {
	w := writePlan(KindDeactivationCancelled, to, f)
	w.say("intro")
	return w.end("rights", f.Contact)
}

// WriteDeactivationHeld tells an administrator that a planned deactivation was not done, why,
// and that somebody must confirm it or take it back.
func WriteDeactivationHeld(to Recipient, f PlanFacts) (Letter, error) {
	w := writePlan(KindDeactivationHeld, to, f)
	w.say("intro")
	switch f.Why {
	case member.ErrLastAdministrator.Code:
		w.say("last_administrator")
	default:
		w.say("planner")
	}
	w.say("what_to_do")
	w.openYourself()
	return w.end("administers", f.Contact)
}

// deactivationPlanned tells a person the day that is planned, unless it is another by now, or
// none.
var deactivationPlanned = letter(
	func(l member.PlannedLetter) (ident.Org, ident.Member) { return l.Org, l.Member },
	func(ctx context.Context, tx *store.Tx, _ job.Job, l member.PlannedLetter, to addressee) (Letter, error) {
		p, err := member.PlannedFor(ctx, tx, l.Org, l.Member)
		if err == nil && (p == nil || p.Day != l.Day) {
			err = errMoot
		}
		return planLetter(err, l.Day, to, l.By, WriteDeactivationPlanned)
	})

// deactivationCancelled tells a person that nothing is planned any more, unless it is again.
var deactivationCancelled = letter(
	func(l member.UnplannedLetter) (ident.Org, ident.Member) { return l.Org, l.Member },
	func(ctx context.Context, tx *store.Tx, _ job.Job, l member.UnplannedLetter, to addressee) (Letter, error) {
		p, err := member.PlannedFor(ctx, tx, l.Org, l.Member)
		if err == nil && (p != nil || !to.inForce()) {
			err = errMoot
		}
		return planLetter(err, l.Day, to, l.By, WriteDeactivationCancelled)
	})

func planLetter(err error, day string, to addressee, by string, write func(Recipient, PlanFacts) (Letter, error)) (Letter, error) {
	if err != nil {
		return Letter{}, err
	}
	at, err := lastDay(day)
	if err != nil {
		return Letter{}, err
	}
	return write(recipient(to.account), PlanFacts{Org: to.org, By: to.by(by), Day: at})
}

// lastDay is the day of a plan, for a letter.
func lastDay(day string) (time.Time, error) {
	at, err := time.ParseInLocation(time.DateOnly, day, text.Zone)
	if err != nil {
		return at, job.Permanent(errors.New("notify: no such day"))
	}
	return at, nil
}

// deactivationHeld tells every administrator of the organisation, unless somebody has settled it.
func deactivationHeld(ctx context.Context, tx *store.Tx, j job.Job) (map[string]Letter, error) {
	args, err := decode[member.HeldLetter](j)
	if err != nil {
		return nil, err
	}
	p, err := member.PlannedFor(ctx, tx, args.Org, args.Member)
	if err != nil || p == nil || p.Held == "" {
		return nil, err
	}
	at, err := lastDay(args.Day)
	if err != nil {
		return nil, err
	}
	return toAdministrators(ctx, tx, access.OrgScope(args.Org), func(to addressee) (Letter, error) {
		return WriteDeactivationHeld(recipient(to.account), PlanFacts{Org: to.org, By: to.by(args.By), Day: at, Name: args.Name, Why: args.Code})
	})
}
