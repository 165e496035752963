package member

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/changeset"
	"habilis/internal/ident"
	"habilis/internal/role"
	"habilis/internal/store"
)

// ledger gathers what one act gives and takes of a member: the lines of its change set,
// and the events that would tell of each.
type ledger struct {
	lines  []changeset.Line
	events []audit.Event
}

func (k *ledger) note(e audit.Event, lines ...changeset.Line) {
	k.lines = append(k.lines, lines...)
	k.events = append(k.events, e)
}

// keep writes the change set of an act on a member with its one entry of the trail: that of
// the only thing that was done, or one that tells them all. verb, when it is not empty, is
// the entry's whatever was done.
func (k *ledger) keep(ctx context.Context, tx *action.Tx, m Member, verb string) error {
	_, err := keepSet(ctx, tx, m.Org, k.lines, func(changeset.Set) audit.Event { return k.entry(m, verb) })
	return err
}

// keepSet writes a change set and records its entry.
func keepSet(ctx context.Context, tx *action.Tx, in ident.Org, all []changeset.Line, entry func(changeset.Set) audit.Event,
) (ident.ChangeSet, error) {
	lines := changeset.Merged(all)
	if len(lines) == 0 {
		return "", action.Nothing
	}
	set, err := NewSet(ctx, tx)
	if err != nil {
		return "", err
	}
	if set, err = changeset.Write(ctx, tx.Tx, in, set, lines); err != nil {
		return "", err
	}
	e := entry(set)
	if e.After == nil {
		e.After = map[string]any{}
	}
	e.After["change_set"] = set.ID.String()
	tx.Record(e)
	return set.ID, nil
}

// entry is the one event of the act.
func (k *ledger) entry(m Member, verb string) audit.Event {
	e := k.events[0]
	if len(k.events) == 1 {
		return e
	}
	if verb == "" {
		e = event(m, "member.edit_rights")
		verb = e.Verb
	}
	e.Verb, e.Before, e.After = verb, map[string]any{}, map[string]any{}
	for _, told := range k.events {
		gather(e.Before, told.Before)
		gather(e.After, told.After)
		for name, value := range told.Names {
			if e.Names[name] == "" {
				e.Names[name] = value
			}
		}
	}
	return e
}

// gather puts the facts of one event among those of all: «roles» lists what each says of a
// role, and so on.
func gather(all, one map[string]any) {
	key := "sites"
	var fact any
	switch {
	case one == nil:
		return
	case one["role"] != nil:
		key, fact = "roles", one
	case one["permission"] != nil:
		key, fact = "permissions", one
	case one["administration"] != nil:
		key, fact = "administration", one["administration"]
	default:
		fact = one["site"]
	}
	list, _ := all[key].([]any)
	all[key] = append(list, fact)
}

// NewSet is a change set by whoever acts, with their name, to be written.
func NewSet(ctx context.Context, tx *action.Tx) (changeset.Set, error) {
	s := changeset.Set{Kind: changeset.Edit, By: giver(tx.By), MadeBy: tx.By.Name}
	if s.MadeBy != "" {
		return s, nil
	}
	names, err := GiverNames(ctx, tx.Tx, []string{s.By})
	s.MadeBy = names[s.By]
	return s, err
}

// The lines of what a member holds.

func held(starts changeset.State) changeset.State {
	starts.Value = changeset.Held
	return starts
}

// state is a row that is held at the time now, as a line tells it; what is over is none.
func (g grant) state() changeset.State {
	return held(changeset.State{From: g.starts, Until: g.ends})
}

func roleLine(id ident.Member, g role.Given, before, after changeset.State) changeset.Line {
	return changeset.Line{
		Key:    changeset.Key{Domain: changeset.Role, Member: id, Object: g.Role.String(), Detail: g.Scope.Code()},
		Before: before, After: after, Site: g.Scope.Site,
	}
}

func permissionLine(id ident.Member, p GivenPermission, before, after changeset.State) changeset.Line {
	return changeset.Line{
		Key:    changeset.Key{Domain: changeset.Permission, Member: id, Object: string(p.Permission), Detail: p.Scope.Code()},
		Before: before, After: after, Site: p.Scope.Site,
	}
}

func siteLine(id ident.Member, site ident.Site, before, after changeset.State) changeset.Line {
	return changeset.Line{
		Key: changeset.Key{Domain: changeset.Site, Member: id, Object: site.String()}, Before: before, After: after, Site: site,
	}
}

// atSite are the lines of what a member loses with a site: rights held there, in force or to
// come, and the belonging to it.
func atSite(ctx context.Context, tx *store.Tx, id ident.Member, at access.Scope) ([]changeset.Line, error) {
	since, there, err := belongsSince(ctx, tx, at.Org, id, at.Site)
	if err != nil {
		return nil, err
	}
	var lines []changeset.Line
	if there {
		lines = append(lines, siteLine(id, at.Site, held(changeset.State{From: since}), changeset.State{}))
	}
	roles, permissions, err := rowsAtSite(ctx, tx, id, at)
	for _, r := range roles {
		if !r.over(tx.Now) {
			lines = append(lines, roleLine(id, role.Given{Role: r.role, Scope: at}, r.state(), changeset.State{}))
		}
	}
	for _, p := range permissions {
		if !p.over(tx.Now) {
			lines = append(lines, permissionLine(id, GivenPermission{p.permission, at}, p.state(), changeset.State{}))
		}
	}
	return lines, err
}

// roleState reads what a member has of a role at a scope.
func roleState(ctx context.Context, tx *store.Tx, id ident.Member, g role.Given) (changeset.State, error) {
	old, found, err := findGrant(ctx, tx, g.Scope, id, g.Role)
	return before(old, found, tx.Now), err
}
