package member

import (
	"cmp"
	"context"
	"slices"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/role"
	"habilis/internal/store"
)

// Get reads the sheet of a member. Errors: ErrNotFound, also for a member that the
// actor may not see.
func (m Members) Get(ctx context.Context, by access.Actor, in ident.Org, id ident.Member) (Sheet, error) {
	act := action.Act{Verb: "member.read", Orgs: []ident.Org{in}, Object: id.String(), Subject: id.String()}
	var v viewer
	var s subject
	act.Resolve = func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		if v, err = look(ctx, tx, by, in); err != nil {
			return nil, err
		}
		s, err = v.subject(ctx, tx, in, id)
		return []access.Need{access.MemberOf(in)}, err
	}
	return action.View(ctx, m.Run, by, act, func(tx *store.Tx) (Sheet, error) { return v.sheet(ctx, tx, s) })
}

// sheet answers an act with the member as they are afterwards. The actor may have
// just lost the right to see them: what they did is shown once.
func (m Members) sheet(by access.Actor, in ident.Org, id ident.Member) func(context.Context, *store.Tx) (Sheet, error) {
	return func(ctx context.Context, tx *store.Tx) (Sheet, error) {
		v, err := look(ctx, tx, by, in)
		if err != nil {
			return Sheet{}, err
		}
		s, ok, err := findSubject(ctx, tx, in, id)
		if err != nil || !ok {
			return Sheet{}, notFound(err)
		}
		return v.sheet(ctx, tx, s)
	}
}

func (v viewer) sheet(ctx context.Context, tx *store.Tx, s subject) (Sheet, error) {
	d, err := v.readDetails(ctx, tx, s.Org, []ident.Member{s.ID})
	if err != nil {
		return Sheet{}, err
	}
	sheet := Sheet{Member: s.Member, Sites: d.sites[s.ID], Roles: d.roles[s.ID], Invitation: d.invitations[s.ID], Planned: d.planned[s.ID]}
	sheet.Departure = d.departures[s.ID]
	if sheet.Permissions, err = v.permissionRefs(ctx, tx, s, d.names); err != nil {
		return Sheet{}, err
	}
	if err := nameGivers(ctx, tx, sheet.Roles, sheet.Permissions); err != nil {
		return Sheet{}, err
	}
	for _, r := range sheet.Roles {
		if r.BuiltIn == role.Administrator {
			sheet.Administration = append(sheet.Administration, r.Scope)
		}
	}
	sheet.May, err = v.may(ctx, tx, s, sheet)
	return sheet, err
}

func (v viewer) permissionRefs(ctx context.Context, tx *store.Tx, s subject, names map[ident.Site]string) ([]PermissionRef, error) {
	all, err := singlePermissions(ctx, tx, s.Org, s.ID)
	refs := all[:0]
	for _, p := range all {
		if p.Scope.Site.IsZero() || v.shows(s.ID, p.Scope.Site) {
			p.SiteName = names[p.Scope.Site]
			refs = append(refs, p)
		}
	}
	slices.SortFunc(refs, func(a, b PermissionRef) int {
		return cmp.Or(cmp.Compare(a.Permission, b.Permission), cmp.Compare(a.SiteName, b.SiteName), cmp.Compare(a.Scope.Site, b.Scope.Site))
	})
	return refs, err
}

// nameGivers puts the names of accounts and tokens where their IDs are (RGT-8).
func nameGivers(ctx context.Context, tx *store.Tx, roles []RoleRef, permissions []PermissionRef) error {
	var ids []string
	for _, r := range roles {
		ids = append(ids, r.GivenBy)
	}
	for _, p := range permissions {
		ids = append(ids, p.GivenBy)
	}
	names, err := GiverNames(ctx, tx, ids)
	for i, r := range roles {
		roles[i].GivenBy = names[r.GivenBy]
	}
	for i, p := range permissions {
		permissions[i].GivenBy = names[p.GivenBy]
	}
	return err
}

// may says what would succeed: rights, state and ORG-4, by the functions that the
// acts ask. Only the fresh proof of the person is left to ask.
func (v viewer) may(ctx context.Context, tx *store.Tx, s subject, sheet Sheet) (May, error) {
	c, err := ReadCoverage(ctx, tx, s.Org)
	if err != nil {
		return May{}, err
	}
	may := May{
		Edit: v.overWhole(s, access.MembersEdit) == nil, EditRights: v.mayEditRights(s),
		Secure:     !s.Account.IsZero() && s.Verification.Opens() && v.overWhole(s, access.SecurityEdit) == nil,
		Deactivate: v.overWhole(s, access.MembersDeactivate) == nil && v.mayDeactivate(s) == nil && c.keeps(c.without(s.ID)),
		Reactivate: v.overWhole(s, access.MembersDeactivate) == nil && mayReactivate(s) == nil,
		Depart:     v.overWhole(s, access.MembersDelete) == nil && !v.isSelf(s) && s.Status != PendingApproval,
		CancelPlan: v.mayUnplan(s, sheet.Planned),
	}
	if may.CorrectEmail, err = v.mayCorrectEmail(ctx, tx, s); err != nil {
		return May{}, err
	}
	if may.Resend, err = v.mayResend(ctx, tx, sheet); err != nil {
		return May{}, err
	}
	if may.Invite, err = v.mayInvite(ctx, tx, s, sheet); err != nil {
		return May{}, err
	}
	scopes := []access.Scope{access.OrgScope(s.Org)}
	for _, site := range sheet.Sites {
		scopes = append(scopes, access.SiteScope(s.Org, site.ID))
	}
	for _, at := range scopes {
		if v.overAdministration(s, at) != nil {
			continue
		}
		i := slices.IndexFunc(sheet.Roles, func(r RoleRef) bool { return r.BuiltIn == role.Administrator && r.Scope == at })
		if i >= 0 && c.keeps(c.withdrawn(s.ID, at.Code())) {
			may.Withdraw = append(may.Withdraw, at)
		}
		if (i < 0 || sheet.Roles[i].EndsAt != nil) && mayBeAppointed(s, at) == nil {
			may.Appoint = append(may.Appoint, at)
		}
	}
	return may, nil
}
