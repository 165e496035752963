package recordgroup

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/store"
	"habilis/internal/text"
)

// The acts, as the trail names them.
const (
	verbList, verbRead               = "group.list", "group.read"
	verbCreate, verbEdit, verbRemove = "group.create", "group.edit", "group.remove"
	verbPreview                      = "group.preview"
	verbSetMember, verbRemoveMember  = "group.set_member", "group.remove_member"
	verbRecords                      = "group.change_records"
)

// Get reads a group. Errors: ErrNotFound, also for a group of another organisation
// (AUZ-02).
func (g Groups) Get(ctx context.Context, by access.Actor, org ident.Org, id ident.Group) (Group, error) {
	return consult(ctx, g, by, org, verbRead, id.String(), func(tx *store.Tx, eye sight) (Group, error) {
		return find(ctx, tx, eye, org, id)
	})
}

func find(ctx context.Context, tx *store.Tx, eye sight, org ident.Org, id ident.Group) (Group, error) {
	v, ok, err := findGroup(ctx, tx, eye, org, id)
	if err == nil && !ok {
		err = ErrNotFound
	}
	return v, err
}

// Create makes a group, empty. Errors: fields to correct, ErrTooManyGroups.
func (g Groups) Create(ctx context.Context, by access.Actor, org ident.Org, d Details) (Group, error) {
	v := Group{Org: org, ID: ident.NewGroup(), Version: 1, rev: 1}
	act := editing(org, verbCreate, v.ID)
	return action.Run(ctx, g.Run, by, act, func(tx *action.Tx) (Group, error) {
		var err error
		v := v
		if v.Details, err = checked(ctx, tx.Tx, v, d); err != nil {
			return Group{}, err
		}
		n, err := countGroups(ctx, tx.Tx, org)
		if err != nil {
			return Group{}, err
		}
		if n >= MaxGroups {
			return Group{}, ErrTooManyGroups
		}
		v.CreatedAt = tx.Now
		tx.Record(event(v, act.Verb, nil, facts(v.Details)))
		if v.no, err = insertGroup(ctx, tx.Tx, v); err != nil {
			return Group{}, err
		}
		return v, writeState(ctx, tx.Tx, v, active)
	})
}

// Edit changes the details of a group; version is the one that was read. Errors:
// ErrNotFound, ErrStale, fields to correct.
func (g Groups) Edit(ctx context.Context, by access.Actor, org ident.Org, id ident.Group, version int64, d Details) (Group, error) {
	act := editing(org, verbEdit, id)
	return edit(ctx, g, by, act, id, version, func(tx *action.Tx, _ sight, old Group) (Group, error) {
		v := old
		var err error
		if v.Details, err = checked(ctx, tx.Tx, v, d); err != nil {
			return Group{}, err
		}
		if v.Details == old.Details {
			return v, action.Nothing
		}
		before, after := facts(old.Details), facts(v.Details)
		for k := range before {
			if before[k] == after[k] {
				delete(before, k)
				delete(after, k)
			}
		}
		tx.Record(event(v, act.Verb, before, after))
		v.Version++
		v.rev++
		if err := touch(ctx, tx.Tx, v); err != nil {
			return Group{}, err
		}
		return v, writeState(ctx, tx.Tx, v, active)
	})
}

// checked cleans the details of v. Two groups of one organisation have two names.
func checked(ctx context.Context, tx *store.Tx, v Group, d Details) (Details, error) {
	var f fault.Fields
	d = d.check(&f)
	if !f.Has("name") {
		taken, err := nameTaken(ctx, tx, v, text.SortKey(d.Name))
		if err != nil {
			return d, err
		}
		if taken {
			f.Add("name", "recordgroup.name_taken")
		}
	}
	return d, f.Err()
}

func facts(d Details) map[string]any {
	return map[string]any{"name": d.Name, "description": d.Description}
}

// event is the record of what was done to a group.
func event(v Group, verb string, before, after map[string]any) audit.Event {
	return audit.Event{
		Org: v.Org, Verb: verb, Object: v.ID.String(), Names: map[string]string{"group": v.Name}, Before: before, After: after,
	}
}

// editing is an act on a group: groups.edit in the organisation.
func editing(org ident.Org, verb string, id ident.Group) action.Act {
	return action.Act{
		Verb: verb, Orgs: []ident.Org{org}, Object: id.String(), Needs: []access.Need{access.At(access.GroupsEdit, access.OrgScope(org))},
	}
}

// edit runs an act on the group that the version names; AnyVersion asks for whichever
// is there.
func edit[T any](ctx context.Context, g Groups, by access.Actor, act action.Act, id ident.Group, version int64,
	fn func(*action.Tx, sight, Group) (T, error),
) (T, error) {
	return action.Run(ctx, g.Run, by, act, func(tx *action.Tx) (T, error) {
		var none T
		org := act.Orgs[0]
		eye, err := look(ctx, tx.Tx, by, org)
		if err != nil {
			return none, err
		}
		v, err := find(ctx, tx.Tx, eye, org, id)
		if err != nil {
			return none, err
		}
		if version != AnyVersion && v.Version != version {
			return none, ErrStale
		}
		return fn(tx, eye, v)
	})
}

// consult runs a question about the groups of an organisation.
func consult[T any](ctx context.Context, g Groups, by access.Actor, org ident.Org, verb, object string,
	fn func(*store.Tx, sight) (T, error),
) (T, error) {
	act := action.Act{Verb: verb, Orgs: []ident.Org{org}, Object: object, Resolve: reading(by, org)}
	return action.View(ctx, g.Run, by, act, func(tx *store.Tx) (T, error) {
		eye, err := look(ctx, tx, by, org)
		if err != nil {
			var none T
			return none, err
		}
		return fn(tx, eye)
	})
}

// reading: whoever edits groups in the organisation, or reads its rights, may read them.
func reading(by access.Actor, org ident.Org) func(context.Context, *store.Tx) ([]access.Need, error) {
	return func(ctx context.Context, tx *store.Tx) ([]access.Need, error) {
		held, err := access.HeldBy(ctx, tx, by, org)
		if err != nil {
			return nil, err
		}
		whole := access.OrgScope(org)
		if held.Has(access.GroupsEdit, whole) || held.Has(access.RightsRead, whole) {
			return []access.Need{access.MemberOf(org)}, nil
		}
		return []access.Need{access.At(access.GroupsEdit, whole)}, nil
	}
}

// sight is which members somebody may know of: all, those of some sites, themselves.
type sight struct {
	whole bool
	sites []ident.Site
	self  ident.Member
}

func look(ctx context.Context, tx *store.Tx, by access.Actor, org ident.Org) (sight, error) {
	held, err := access.HeldBy(ctx, tx, by, org)
	if err != nil {
		return sight{}, err
	}
	s := sight{self: held.Member}
	s.sites, s.whole = held.Sites(access.MembersRead)
	return s, nil
}

// giver is who gave a membership: an account, a token, or the machine itself.
func giver(by access.Actor) string {
	if by.Kind == access.System {
		return string(by.Kind)
	}
	return by.ID()
}
