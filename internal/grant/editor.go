package grant

import (
	"context"
	"slices"
	"strings"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/resource"
	"habilis/internal/store"
)

// editor is whoever looks at levels or edits them, with what they hold in one organisation.
type editor struct {
	by    access.Actor
	held  access.Held
	sight resource.Sight
}

func lookAs(ctx context.Context, tx *store.Tx, by access.Actor, in ident.Org) (editor, error) {
	held, err := access.HeldBy(ctx, tx, by, in)
	return editor{by: by, held: held, sight: resource.See(held)}, err
}

// edits reports whether levels on r are the editor's to give and take (RGT-1).
func (e editor) edits(r resource.Resource) bool { return e.held.Has(access.RightsEdit, r.Scope()) }

// reads reports whether the editor may see who has which level on r.
func (e editor) reads(r resource.Resource) bool {
	return e.held.Has(access.RightsRead, r.Scope()) || e.edits(r)
}

// knows reports whether the editor may know of r (AUZ-06).
func (e editor) knows(r resource.Resource) bool { return e.sight.Of(r) }

// sees reports whether the editor may know of a member, by the rule of package member.
func (e editor) sees(p person) bool {
	return e.isSelf(p) || e.held.Has(access.MembersRead, access.OrgScope(e.held.Org)) ||
		slices.ContainsFunc(p.Sites, func(s ident.Site) bool {
			return e.held.Has(access.MembersRead, access.SiteScope(e.held.Org, s))
		})
}

// isSelf: what a person's token does, that person does.
func (e editor) isSelf(p person) bool {
	return (!e.held.Member.IsZero() && e.held.Member == p.ID) || (!p.Account.IsZero() && p.Account == e.by.Account)
}

// person is a member as levels need them.
type person struct {
	ID       ident.Member
	Account  ident.Account
	Title    string
	Given    string
	Family   string
	Function string
	Status   member.Status
	StartsAt *time.Time
	EndsAt   *time.Time
	Open     bool // the account exists and is active
	Sites    []ident.Site
}

func (p person) name() string { return strings.TrimSpace(p.Given + " " + p.Family) }

// inForce is the definition of the view standing, but for the organisation's own state.
func (p person) inForce(at time.Time) bool {
	return p.Open && (p.Status == member.Active || p.Status == member.Created) &&
		(p.StartsAt == nil || !p.StartsAt.After(at)) && (p.EndsAt == nil || p.EndsAt.After(at))
}

// waits reports whether somebody may be given nothing yet: the organisation decides of them as they
// were proposed (APP-1, INV-16).
func (p person) waits() bool { return p.Status == member.PendingApproval }

// editing describes an act on levels: whoever holds rights.edit nowhere is refused at
// once, the rest is told line by line.
func editing(by access.Actor, in ident.Org, object string, e *editor) action.Act {
	act := action.Act{Verb: verbChange, Orgs: []ident.Org{in}, Object: object}
	act.Resolve = func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		if *e, err = lookAs(ctx, tx, by, in); err != nil {
			return nil, err
		}
		return somewhere(e.held, access.RightsEdit), nil
	}
	return act
}

// somewhere needs one of the permissions, at any scope.
func somewhere(held access.Held, permissions ...access.Permission) []access.Need {
	if slices.ContainsFunc(permissions, held.HasAnywhere) {
		return []access.Need{access.MemberOf(held.Org)}
	}
	return []access.Need{access.At(permissions[0], access.OrgScope(held.Org))}
}

// giver names the actor in what they give: their account, or the organisation's token.
func giver(by access.Actor) string {
	if by.Kind == access.System {
		return string(by.Kind)
	}
	return by.ID()
}
