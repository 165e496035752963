package merge

import (
	"context"
	"errors"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/departure"
	"habilis/internal/dossier"
	"habilis/internal/enrolment"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/member"
	"habilis/internal/store"
	"habilis/internal/workitem"
)

// Replacements is the register of members who were replaced because of a wrong number (MEM-3).
type Replacements struct{ Run *action.Runner }

// AnyVersion is for whoever read no version.
const AnyVersion = 0

// The acts, as the trail names them.
const (
	verbReplace = "member.replace"
	verbReturn  = "member.undo_replacement"
	verbGiveWay = "member.give_way" // of the one who gave way
	verbSucceed = "member.succeed"  // of the new one
	verbResume  = "member.return"   // of the old one
	verbRead    = "replacement.read"
)

// Faults of this package.
var (
	ErrNotFound = fault.New(fault.NotFound, "merge.not_found")
	// ErrNoNumber: only whoever bears a number is replaced because of it.
	ErrNoNumber = fault.New(fault.Conflict, "merge.no_number")
	// ErrPlanned: who is to be deactivated on a day is not replaced, so that the day is not forgotten.
	ErrPlanned = fault.New(fault.Conflict, "merge.planned")
	// ErrSuccessorGone: nothing comes back from a member who left since.
	ErrSuccessorGone = fault.New(fault.Conflict, "merge.successor_gone")
	ErrStale         = fault.New(fault.Stale, "api.version_stale")
)

const codeSame = "merge.same_number"

// Order is what is asked of a replacement.
type Order struct {
	member.Renumbered

	FullName string // as typed: departure.SameName
	Version  int64  // of the member, that was read; AnyVersion: whatever it is
}

// Foreseen is what a replacement would do.
type Foreseen struct {
	Before, After member.Member
	Fields        []member.Field // that differ
	Warnings      []string       // text keys of what is only plausible
	Passes        Passed
	Verifies      bool // the person must be verified anew, and is in force in nothing here until then
}

// Replacement is one membership that took the place of another.
type Replacement struct {
	Org          ident.Org
	Old, New     ident.Member
	OldName      string
	NewName      string
	OldRPPS      string // empty once it is erased
	NewRPPS      string
	By           string
	At           time.Time
	Finished     bool // everything has passed, work items too
	Undone       bool
	UndoTill     time.Time
	Version      int64 // what an undoing must name
	MayUndo      bool
	NoUndo       string // code of why it cannot be undone; empty: it can, or the one who looks may not
	MayOpen      bool   // the one who looks may look at the old one
	Verification member.Verification
}

// replacing is a replacement under way.
type replacing struct {
	by     access.Actor
	held   access.Held
	member member.Member
}

// act resolves an act on a member who is there: members.edit and members.delete over the whole of
// them.
func (r *replacing) act(verb string, by access.Actor, org ident.Org, of ident.Member) action.Act {
	r.by = by
	act := action.Act{Verb: verb, Orgs: []ident.Org{org}, Accounts: true, Object: of.String(), Subject: of.String()}
	act.Resolve = func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		if r.held, err = access.HeldBy(ctx, tx, by, org); err != nil {
			return nil, err
		}
		if r.member, err = overBoth(ctx, tx, by, org, of); err != nil {
			return nil, err
		}
		return []access.Need{access.MemberOf(org)}, nil
	}
	return act
}

func overBoth(ctx context.Context, tx *store.Tx, by access.Actor, org ident.Org, of ident.Member) (member.Member, error) {
	if _, err := member.Over(ctx, tx, by, org, of, access.MembersEdit); err != nil {
		return member.Member{}, err
	}
	return member.Over(ctx, tx, by, org, of, access.MembersDelete)
}

// Preview says what Replace would do: it does it, and keeps nothing of it. Errors: those of Replace,
// but for the name and the proof.
func (m Replacements) Preview(ctx context.Context, by access.Actor, org ident.Org, of ident.Member, o Order) (Foreseen, error) {
	var r replacing
	return action.Run(ctx, m.Run, by, r.act(verbReplace, by, org, of), func(tx *action.Tx) (Foreseen, error) {
		if err := r.mayBegin(ctx, tx, o); err != nil {
			return Foreseen{}, err
		}
		_, out, err := r.replace(ctx, tx, o)
		if err != nil {
			return Foreseen{}, err
		}
		return out, action.Nothing
	})
}

// Replace has a new member with the right number take the place of one with the wrong one. Errors:
// fields to correct (full_name, rpps, given_name, family_name), member.ErrYourself, member.ErrNotActive,
// ErrNoNumber, ErrPlanned, departure.ErrPlanned, departure.ErrReturning, enrolment.ErrRPPSHeld,
// ErrStale, member.ErrLastAdministrator when nobody else administers while they are verified, those of
// member.Over, access.ErrStepUp.
func (m Replacements) Replace(ctx context.Context, by access.Actor, org ident.Org, of ident.Member, o Order) (Replacement, error) {
	var r replacing
	act := r.act(verbReplace, by, org, of)
	act.StepUp = true
	return action.Run(ctx, m.Run, by, act, func(tx *action.Tx) (Replacement, error) {
		if err := r.mayBegin(ctx, tx, o); err != nil {
			return Replacement{}, err
		}
		if len(o.FullName) > departure.MaxTyped || !departure.SameName(r.member.Name(), o.FullName) {
			return Replacement{}, fault.OnField("full_name", departure.ErrName.Code, "Name", r.member.Name())
		}
		held, err := member.RPPSHeld(ctx, tx.Tx, org, o.RPPS, r.member.Account)
		if err == nil && held == member.NumberHeld { // in this organisation the field says it
			err = enrolment.ErrRPPSHeld
		}
		if err != nil {
			return Replacement{}, err
		}
		d, f, err := r.replace(ctx, tx, o)
		if err != nil {
			return Replacement{}, err
		}
		return replacementOf(d, f.Before, f.After), nil
	})
}

// mayBegin says why a member cannot be replaced.
func (r *replacing) mayBegin(ctx context.Context, tx *action.Tx, o Order) error {
	m := r.member
	switch {
	case isSelf(r.by, r.held, m):
		return member.ErrYourself
	case m.Status != member.Active && m.Status != member.Created:
		return member.ErrNotActive
	case m.RPPS == "":
		return ErrNoNumber
	case o.Version != AnyVersion && o.Version != m.Version:
		return ErrStale
	case o.RPPS == m.RPPS:
		return fault.OnField("rpps", codeSame)
	}
	return settled(ctx, tx, m)
}

// settled refuses somebody of whom something is planned, or not done yet.
func settled(ctx context.Context, tx *action.Tx, m member.Member) error {
	plan, err := member.PlannedFor(ctx, tx.Tx, m.Org, m.ID)
	if err == nil && plan != nil {
		err = ErrPlanned
	}
	if err != nil {
		return err
	}
	return departure.MayPass(ctx, tx.Tx, m)
}

// replace does it.
func (r *replacing) replace(ctx context.Context, tx *action.Tx, o Order) (d departure.Departure, f Foreseen, err error) {
	p := passing{from: r.member}
	closed := o.Import != nil && !o.Import.Practitioner.Active
	if closed { // the directory says no more than the number, which is then typed, to be verified
		o.Import = nil
	}
	err = member.Keeping(ctx, tx.Tx, r.member.Org, func() error {
		if err := p.begin(ctx, tx); err != nil {
			return err
		}
		if p.to, f.Warnings, err = member.Renumber(ctx, tx.Tx, p.from, p.from.Status, o.Renumbered); err != nil {
			return err
		}
		if d, err = p.follow(ctx, tx); err != nil {
			return err
		}
		return p.verifyAnew(ctx, tx, o)
	})
	if err != nil {
		return d, f, err
	}
	p.record(tx, verbReplace, verbSucceed)
	p.tell(tx)
	if closed {
		f.Warnings = append(f.Warnings, "doubt.rpps_closed")
	}
	f.Before, f.After, f.Passes = p.from, p.to, p.done
	f.Fields, f.Verifies = member.Differences(p.from, p.to), !p.to.Verification.Opens()
	return d, f, nil
}

// begin counts what is held, and has the one give way.
func (p *passing) begin(ctx context.Context, tx *action.Tx) error {
	work, err := workitem.HeldBy(ctx, tx.Tx, p.from.Org, p.from.ID)
	if err != nil {
		return err
	}
	for _, k := range work {
		p.done.Items += k.Items
	}
	if p.estate, err = member.EstateOf(ctx, tx.Tx, p.from.Org, p.from.ID); err != nil {
		return err
	}
	_, err = member.GiveWay(ctx, tx, p.from.Org, p.from.ID)
	return err
}

// follow passes everything, and leaves the rest to the work that follows.
func (p *passing) follow(ctx context.Context, tx *action.Tx) (departure.Departure, error) {
	if err := p.run(ctx, tx); err != nil {
		return departure.Departure{}, err
	}
	return departure.Pass(ctx, tx, p.from, p.to.ID, p.set.ID)
}

// verifyAnew has the file of whoever registered by themself wait with the new number, and an account
// that nothing else opens with it (INV-15).
func (p *passing) verifyAnew(ctx context.Context, tx *action.Tx, o Order) error {
	if p.from.Verification == member.NotNeeded {
		return nil
	}
	if _, err := dossier.Renumber(ctx, tx.Tx, p.from.Org, p.from.ID, p.to.ID, p.to.RPPS, o.Import); err != nil {
		return err
	}
	if p.to.Account.IsZero() {
		return nil
	}
	return enrolment.CloseAccount(ctx, tx, p.to.Org, p.to.Account)
}

// tell writes to the person.
func (p *passing) tell(tx *action.Tx) {
	if !p.to.Account.IsZero() {
		tx.After(job.Order{Priority: job.Normal, Args: RenumberedLetter{Org: p.to.Org, Member: p.to.ID, By: tx.By.Name}})
	}
}

// RenumberedLetter tells a person that their sheet bears another number, and whether it must be
// verified; package notify writes it.
type RenumberedLetter struct {
	Org    ident.Org
	Member ident.Member
	By     string
}

// Kind names the job.
func (RenumberedLetter) Kind() string { return "letter.member_renumbered" }

// replacementOf is a departure as a replacement.
func replacementOf(d departure.Departure, old, now member.Member) Replacement {
	return Replacement{
		Org: d.Org, Old: d.Member, New: d.Into, OldName: d.Name, NewName: now.Name(), OldRPPS: old.RPPS, NewRPPS: now.RPPS, By: d.By, At: d.At,
		Finished: d.Finished, Undone: d.State == departure.Undone, UndoTill: d.UndoTill, Version: d.Version, Verification: now.Verification,
	}
}

// unlessMissing is no error for what is not there.
func unlessMissing(err error) error {
	if errors.Is(err, member.ErrNotFound) {
		return nil
	}
	return err
}
