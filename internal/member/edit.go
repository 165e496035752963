package member

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/directory"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// Change is an edition of a member's details (CHG-1); nil leaves a field as it is.
// The e-mail address is set only while the member has no account (MEM-1: it may come
// later); somebody else's account is never touched (CHG-2).
type Change struct {
	Title, GivenName, FamilyName, Function *string
	Email                                  *string
	ProfileType                            *ProfileType // B or C become A once, with an RPPS (MEM-3)
	RPPS                                   *string
	Import                                 *directory.Import // the identity found for RPPS; nil: typed, to be verified
	ProfessionCode, Profession             *string
	SpecialtyCode, Specialty               *string // a national code, or free text when the code is empty (MEM-4)
	Phone, MSSante, SIRET, AMNumber        *string
	Reach                                  *Reach
	Locum                                  **Locum // a pointer to nil ends the replacement
}

// Field is one line of «avant / après»: what a field was and what it would be, as values
// of the API ("secretary"), for the doors to put in words.
type Field struct {
	Name          string // "function", "roles", …
	Before, After any
}

// Edited is what a change would do, before it is done.
type Edited struct {
	Before, After Member
	Fields        []Field
	Warnings      []string // text keys of what is only plausible ("doubt.am_key")
}

// PreviewEdit says what Edit would do, and refuses what Edit would refuse: it does it,
// and keeps nothing of it.
func (m Members) PreviewEdit(ctx context.Context, by access.Actor, in ident.Org, id ident.Member, c Change, version int64) (Edited, error) {
	var out Edited
	d := editing(in, id, &c, version, &out)
	d.rehearsal = true
	return perform(ctx, m.Run, by, d, func(context.Context, *store.Tx) (Edited, error) { return out, nil })
}

// Edit changes a member's details. Errors: fields to correct, ErrLocked for an RPPS or a
// profile type that is saved already (MEM-3), ErrImported, ErrEmailBelongs, ErrYourself
// for the dates of one's own replacement, ErrStale, ErrMorePowerful,
// ErrLastAdministrator.
func (m Members) Edit(ctx context.Context, by access.Actor, in ident.Org, id ident.Member, c Change, version int64) (Sheet, error) {
	return perform(ctx, m.Run, by, editing(in, id, &c, version, new(Edited)), m.sheet(by, in, id))
}

// editing is the deed of an edition, which leaves in out what it did.
func editing(in ident.Org, id ident.Member, c *Change, version int64, out *Edited) deed {
	d := deed{verb: "member.edit", in: in, id: id, version: version, rights: overWhole(access.MembersEdit)}
	d.do = func(ctx context.Context, tx *action.Tx, v viewer, s subject) error {
		e, err := v.edit(ctx, tx.Tx, s, c)
		if err != nil {
			return err
		}
		*out = Edited{Before: s.Member, After: e.Member, Fields: e.changes(), Warnings: e.doubts}
		if len(out.Fields) == 0 {
			return action.Nothing
		}
		record := event(e.Member, d.verb)
		record.Before, record.After = facts(out.Fields)
		tx.Record(record)
		return writeState(ctx, tx.Tx, e.Member, s.rev+1)
	}
	return d
}

// edit applies a change to a member, in memory.
func (v viewer) edit(ctx context.Context, tx *store.Tx, s subject, c *Change) (*edition, error) {
	e := &edition{Member: s.Member, was: s.Member, now: tx.Now}
	var err error
	if e.unowned = s.Account.IsZero(); e.unowned && c.Email != nil {
		waits, err := awaited(ctx, tx, s.Member)
		if err != nil {
			return nil, err
		}
		e.unowned = !waits
	}
	if c.Locum != nil && *c.Locum != nil && !(*c.Locum).For.IsZero() {
		if e.replaced, err = replacedBy(ctx, tx, s.Org, (*c.Locum).For, v.sees); err != nil {
			return nil, err
		}
	}
	e.settle(c)
	if err := e.alone(ctx, tx); err != nil {
		return nil, err
	}
	if err := e.verdict(); err != nil {
		return nil, err
	}
	if v.isSelf(s) && !e.was.Locum.same(e.Locum) {
		return nil, ErrYourself // whose rights end at a date does not move it
	}
	return e, nil
}

// alone notes that another member of the organisation has the RPPS (MEM-3, RAC-03).
func (e *edition) alone(ctx context.Context, tx *store.Tx) error {
	if e.RPPS == e.was.RPPS {
		return nil
	}
	taken, err := rppsTaken(ctx, tx, e.Member)
	if taken {
		e.wrong.Add("rpps", codeTaken)
	}
	return err
}

// replacedBy reads whom a locum replaces: nil when there is no such member, or sees says
// that the editor may not know of them (AUZ-06).
func replacedBy(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member, sees func(subject) bool) (*Member, error) {
	s, ok, err := findSubject(ctx, tx, in, id)
	if err != nil || !ok || (sees != nil && !sees(s)) {
		return nil, err
	}
	return &s.Member, nil
}

// changes are the fields that differ, by their names in the API.
func (e *edition) changes() []Field {
	was, is := &e.was, &e.Member
	var list []Field
	add := func(name string, before, after any) {
		if before != after {
			list = append(list, Field{name, before, after})
		}
	}
	add("profile_type", string(was.ProfileType), string(is.ProfileType))
	add("rpps", was.RPPS, is.RPPS)
	if was.Identity.Source != is.Identity.Source || was.Identity.Import != is.Identity.Import {
		list = append(list, Field{"identity", string(was.Identity.Source), string(is.Identity.Source)})
	}
	add("title", was.Title, is.Title)
	add("given_name", was.GivenName, is.GivenName)
	add("family_name", was.FamilyName, is.FamilyName)
	add("function", was.Function, is.Function)
	add("profession_code", was.ProfessionCode, is.ProfessionCode)
	add("profession", was.Profession, is.Profession)
	add("specialty_code", was.SpecialtyCode, is.SpecialtyCode)
	add("specialty", was.Specialty, is.Specialty)
	add("email", was.Email, is.Email)
	add("phone", was.Phone, is.Phone)
	add("mssante", was.MSSante, is.MSSante)
	add("siret", was.SIRET, is.SIRET)
	add("am_number", was.AMNumber, is.AMNumber)
	add("messaging_reach", string(was.Reach), string(is.Reach))
	if !was.Locum.same(is.Locum) {
		list = append(list, Field{"locum", was.Locum.facts(), is.Locum.facts()})
	}
	return list
}
