package grant

import (
	"context"
	"unicode/utf8"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/resource"
	"habilis/internal/store"
)

// The verbs of an edit of levels, of its inverse, and of what is consulted.
const (
	verbChange = "rights.change"
	verbUndo   = "rights.undo"
	verbRead   = "rights.read"
	verbList   = "rights.list"
	verbMatrix = "rights.page"
	verbMember = "rights.review_member"
	verbAccess = "rights.review_access"
)

// Preview says what Apply would do: lines before and after, warnings. It refuses what
// Apply would refuse, and keeps nothing. Errors: those of Apply.
func (g Grants) Preview(ctx context.Context, by access.Actor, in ident.Org, w Wanted) (ChangeSet, error) {
	var e editor
	return action.View(ctx, g.Run, by, editing(by, in, in.String(), &e), func(tx *store.Tx) (ChangeSet, error) {
		d, err := drawUp(ctx, tx, e, w, "")
		return d.ChangeSet, err
	})
}

// Apply edits levels, all of it or nothing, as one change set; when nothing would change,
// it does nothing, and the answer has no ID. Errors: ErrUnknown, ErrNotYours,
// ErrChangedMeanwhile, each with a field for each line; fields to correct; ErrTooMany.
func (g Grants) Apply(ctx context.Context, by access.Actor, in ident.Org, w Wanted) (ChangeSet, error) {
	var e editor
	return action.Run(ctx, g.Run, by, editing(by, in, in.String(), &e), func(tx *action.Tx) (ChangeSet, error) {
		return apply(ctx, tx, e, w, "")
	})
}

// ApplyIn gives a new member their levels, in the transaction that creates them: by the
// same rules as later, but that whoever creates somebody knows of them. The act holds the
// organisation's lock and writes the events. Errors: those of Apply, action.Nothing
// excepted: with nothing to give, the answer has no ID.
func ApplyIn(ctx context.Context, tx *action.Tx, in ident.Org, newcomer ident.Member, w Wanted) (ChangeSet, error) {
	return applyAs(ctx, tx, tx.By, in, newcomer, w)
}

// applyAs is ApplyIn on somebody's authority.
func applyAs(ctx context.Context, tx *action.Tx, as access.Actor, in ident.Org, newcomer ident.Member, w Wanted) (ChangeSet, error) {
	if len(w.Changes) == 0 && w.Clone == nil {
		return ChangeSet{}, nil
	}
	e, err := lookAs(ctx, tx.Tx, as, in)
	if err != nil {
		return ChangeSet{}, err
	}
	set, err := apply(ctx, tx, e, w, newcomer)
	if err == action.Nothing { //nolint:errorlint // a sentinel that is never wrapped
		err = nil
	}
	return set, err
}

// HolderNamed ends the level that somebody has on a resource, in the act that makes it
// theirs: they manage what is theirs, and a level must not come back the day it is another's.
func HolderNamed(ctx context.Context, tx *action.Tx, r resource.Resource) error {
	rows, err := grantsOn(ctx, tx.Tx, r.Org, []ident.Member{r.Holder}, []resource.ID{r.ID})
	if err != nil {
		return err
	}
	_, err = endRows(ctx, tx, r.Org, r.Holder, rows)
	return err
}

// endRows ends levels of one member, as one change set.
func endRows(ctx context.Context, tx *action.Tx, in ident.Org, id ident.Member, rows []row) (ChangeSet, error) {
	d, err := ending(ctx, tx, in, id, rows)
	if err != nil || len(d.Lines) == 0 {
		return ChangeSet{}, err
	}
	return d.keep(ctx, tx)
}

// ending draws up the end of levels of one member; without lines when none holds any more.
func ending(ctx context.Context, tx *action.Tx, in ident.Org, id ident.Member, rows []row) (draft, error) {
	if len(rows) == 0 {
		return draft{}, nil
	}
	things := make([]resource.ID, 0, len(rows))
	for _, r := range rows {
		things = append(things, r.resource)
	}
	e := editor{by: tx.By, held: access.Held{Org: in}}
	s, err := readScene(ctx, tx.Tx, e, []ident.Member{id}, things)
	if err != nil {
		return draft{}, err
	}
	d := draft{scene: s, ChangeSet: ChangeSet{Kind: Edit}}
	for _, r := range rows {
		if before := s.state(r.cell); before.Level != None {
			d.Lines = append(d.Lines, Line{Member: id, MemberName: s.people[id].name(), Resource: s.things[r.resource], Before: before})
		}
	}
	d.count()
	return d, nil
}

func apply(ctx context.Context, tx *action.Tx, e editor, w Wanted, newcomer ident.Member) (ChangeSet, error) {
	d, err := drawUp(ctx, tx.Tx, e, w, newcomer)
	if err != nil {
		return ChangeSet{}, err
	}
	if len(d.Lines) == 0 {
		return d.ChangeSet, action.Nothing
	}
	return d.keep(ctx, tx)
}

// draft is a change set that is not written yet, with what it was judged on.
type draft struct {
	ChangeSet

	scene *scene
}

// drawUp makes the change set that w asks for.
func drawUp(ctx context.Context, tx *store.Tx, e editor, w Wanted, newcomer ident.Member) (draft, error) {
	d := draft{ChangeSet: ChangeSet{Kind: kindOf(w, newcomer), Reason: w.Reason}}
	if utf8.RuneCountInString(w.Reason) > MaxReason {
		return d, fault.OnField("reason", "text.too_long", "Max", MaxReason)
	}
	if len(w.Changes) > MaxChanges || (w.Clone != nil && len(w.Clone.To) > MaxChanges) {
		return d, ErrTooMany
	}
	wishes, skipped, err := cloned(ctx, tx, e, w.Clone, newcomer)
	if err != nil {
		return d, err
	}
	wishes = append(wishes, asked(w.Changes)...)
	members, things := subjects(wishes)
	if d.scene, err = readScene(ctx, tx, e, members, things); err != nil {
		return d, err
	}
	d.scene.newcomer = newcomer
	if d.Lines, err = d.scene.plan(wishes); err != nil {
		return d, err
	}
	d.count()
	if skipped > 0 {
		d.warn("clone_partial", "Count", skipped)
	}
	err = d.weigh(ctx, tx)
	return d, err
}

func kindOf(w Wanted, newcomer ident.Member) Kind {
	switch {
	case !newcomer.IsZero():
		return Creation
	case w.Clone != nil:
		return Cloned
	}
	return Edit
}

func (d *draft) count() { countLinesOf(&d.ChangeSet) }

func (d *draft) warn(code string, args ...any) {
	d.Warnings = append(d.Warnings, Warning{Code: code, Args: args})
}
