package member

import (
	"context"
	"errors"
	"slices"

	"habilis/internal/action"
	"habilis/internal/changeset"
	"habilis/internal/ident"
)

// PersonRights is what one member is given and loses in a change of several.
type PersonRights struct {
	Member ident.Member
	Change RightsChange
}

// Together is what a change of the rights of several members did.
type Together struct {
	// Lines are what was given and taken, for the one change set and the one entry of the
	// trail that the caller writes; none, when everybody already had what was asked.
	Lines []changeset.Line
	// Administers: an administration permission is given or taken: the caller asks for a
	// fresh proof (rules.md 6).
	Administers bool
	// Refused is the place in the list of the member for whom it was refused; -1 when the
	// refusal is about them all.
	Refused int
}

// ChangeRightsTogether gives and takes rights of several members in the caller's act, which
// holds the organisation's lock: by the same rules and with the same letters for each as
// ChangeRights, and ORG-4 judged after the last. All of it or nothing: of an error the
// caller keeps nothing. No site goes by it: what is held there beside would stay (OFF-4).
// Errors: those of ChangeRights, but for the fresh proof.
func ChangeRightsTogether(ctx context.Context, tx *action.Tx, in ident.Org, list []PersonRights) (Together, error) {
	out := Together{Refused: -1}
	v, err := look(ctx, tx.Tx, tx.By, in)
	if err != nil {
		return out, err
	}
	err = Keeping(ctx, tx.Tx, in, func() error {
		for i := range list {
			if err := v.changeRights(ctx, tx, in, &list[i], &out); err != nil {
				out.Refused = i
				return err
			}
		}
		return nil
	})
	return out, err
}

// changeRights changes those of one member, within a change of several.
func (v viewer) changeRights(ctx context.Context, tx *action.Tx, in ident.Org, p *PersonRights, out *Together) error {
	s, err := v.subject(ctx, tx.Tx, in, p.Member)
	if err != nil {
		return err
	}
	if err := v.mayChangeRights(ctx, tx.Tx, s, &p.Change); err != nil {
		return err
	}
	if len(p.Change.DropSites) > 0 {
		return errors.New("member: a site goes by an act of its own")
	}
	r := reform{c: &p.Change, viewer: v, subject: s, sites: slices.Clone(s.sites)}
	if err := r.run(ctx, tx); err != nil || !r.changed {
		return err
	}
	out.Administers, out.Lines = out.Administers || r.administers, append(out.Lines, changeset.Merged(r.lines)...)
	r.tell(tx)
	return touch(ctx, tx.Tx, in, p.Member)
}
