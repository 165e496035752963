package merge

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/changeset"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/invitation"
	"habilis/internal/member"
	"habilis/internal/preference"
	"habilis/internal/recordgroup"
	"habilis/internal/resource"
)

// Passed counts what passed, or would pass, from one membership to the other.
type Passed struct {
	Sites       int
	Rights      int // roles and single permissions
	Levels      int
	Delegations int // that were given to the member
	Groups      int
	Resources   int // agendas, mailboxes and identities of theirs
	Items       int64
}

// passing is everything of one membership on its way to another.
type passing struct {
	from, to member.Member
	estate   member.Estate
	set      changeset.Set
	done     Passed
}

// run passes it all, once the one has given way and the other is there with nothing yet. One change
// set tells the rights of both.
func (p *passing) run(ctx context.Context, tx *action.Tx) error {
	var err error
	if p.set, err = member.NewSet(ctx, tx); err != nil {
		return err
	}
	p.set.ID, p.set.PartOf = ident.NewChangeSet(), changeset.OfReplacement
	lines, err := p.rights(ctx, tx)
	if err != nil {
		return err
	}
	if len(lines) > 0 {
		if p.set, err = changeset.Write(ctx, tx.Tx, p.from.Org, p.set, lines); err != nil {
			return err
		}
	} else {
		p.set.ID = ""
	}
	p.count(lines)
	if p.done.Resources, err = resource.Pass(ctx, tx, p.from.Org, p.from.ID, p.to.ID); err != nil {
		return err
	}
	if err := preference.Pass(ctx, tx.Tx, p.from.Org, p.from.ID, p.to.ID); err != nil {
		return err
	}
	return invitation.Pass(ctx, tx.Tx, p.from.Org, p.from.ID, p.to.ID)
}

// rights passes sites first, which the rest needs.
func (p *passing) rights(ctx context.Context, tx *action.Tx) ([]changeset.Line, error) {
	lines, err := p.estate.Pass(ctx, tx.Tx, p.to.ID)
	if err != nil {
		return nil, err
	}
	levels, err := grant.Pass(ctx, tx, p.from.Org, p.from.ID, p.to.ID, p.set.ID)
	if err != nil {
		return nil, err
	}
	groups, err := recordgroup.Pass(ctx, tx.Tx, p.from.Org, p.from.ID, p.to.ID)
	return append(append(lines, levels...), groups...), err
}

// count counts the lines of the one who gave way: those of the other say the same.
func (p *passing) count(lines []changeset.Line) {
	for _, l := range lines {
		if l.Member != p.from.ID {
			continue
		}
		switch l.Domain {
		case changeset.Site:
			p.done.Sites++
		case changeset.Role, changeset.Permission:
			p.done.Rights++
		case changeset.Level:
			p.done.Levels++
		case changeset.Delegation:
			p.done.Delegations++
		case changeset.GroupMember:
			p.done.Groups++
		case changeset.GroupRecord:
		}
	}
}

// record tells that the one took the place of the other: of each, and of both together.
func (p *passing) record(tx *action.Tx, verb, came string) {
	both := map[string]string{"member": p.from.Name(), "subject": p.to.Name()}
	after := map[string]any{"rpps": p.to.RPPS, "verification": string(p.to.Verification), "resources": p.done.Resources}
	if !p.set.ID.IsZero() {
		after["change_set"] = p.set.ID.String()
	}
	tx.Record(audit.Event{
		Org: p.from.Org, Verb: verb, Object: p.to.ID.String(), Subject: p.from.ID.String(), Names: both,
		Before: map[string]any{"rpps": p.from.RPPS, "verification": string(p.from.Verification)}, After: after,
	})
	tx.Record(about(p.from, verbGiveWay))
	tx.Record(about(p.to, came))
}

func about(m member.Member, verb string) audit.Event {
	return audit.Event{
		Org: m.Org, Verb: verb, Object: m.ID.String(), Subject: m.ID.String(), Names: map[string]string{"member": m.Name()},
	}
}

// isSelf reports whether whoever acts is the member: what a token does, whoever made it does.
func isSelf(by access.Actor, held access.Held, m member.Member) bool {
	return (!held.Member.IsZero() && held.Member == m.ID) || (!m.Account.IsZero() && m.Account == by.Account)
}
