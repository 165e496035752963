package member_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/changeset"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/role"
	"habilis/internal/store"
)

// rights changes the rights of a member of A, whatever the version.
func (w *world) rights(by access.Actor, name string, c member.RightsChange) (member.Sheet, error) {
	w.Helper()
	return w.members.ChangeRights(w.Context(), by, w.a.org, w.a.ids[name], c, 0)
}

// unproven is a person whose proof is too old for a sensitive act.
func (w *world) unproven(name string) access.Actor {
	by := w.as(name)
	by.StepUp = w.DB.Now().Add(-access.StepUpAge)
	return by
}

func single(p access.Permission, at access.Scope) []member.GivenPermission {
	return []member.GivenPermission{{Permission: p, Scope: at}}
}

// CHG-1, RGT-1: sites, roles and permissions change together; before, the page says what
// the person gains and loses; after, the sheet shows each with its giver; it is one change
// set, with one entry of the trail.
func TestChangeRights(t *testing.T) {
	eachWorld(t, func(w *world) {
		id, a2 := w.a.ids["julie"], w.a.site[1]
		c := member.RightsChange{
			AddSites: w.a.site[1:], AddRoles: []role.Given{w.a.holds(role.Practitioner, w.a.at(1))}, DropRoles: []role.Given{w.a.holds(role.Secretary, w.a.at(0))},
			AddPermissions: single(access.StatisticsRead, w.a.whole()),
		}
		before, err := w.members.Get(w.Context(), w.as("claire"), w.a.org, id)
		w.Must(err)
		rows := w.dump()
		seen, err := w.members.PreviewRights(w.Context(), w.unproven("claire"), w.a.org, id, c, before.Version)
		w.Must(err)
		if after := w.dump(); after != rows {
			w.Errorf("looking changed %s to %s", rows, after)
		}
		gained, lost := effective(seen.Gained), effective(seen.Lost)
		if !slices.Contains(gained, "statistics.read organization") || !slices.Contains(gained, "records.write "+a2.String()) ||
			slices.Contains(gained, "statistics.read "+a2.String()) || !slices.Contains(lost, "tasks.write "+w.a.site[0].String()) || seen.NeedsStepUp {
			w.Errorf("gained %v, lost %v, step-up %t", gained, lost, seen.NeedsStepUp)
		}
		if len(seen.Before.Sites) != 1 || len(seen.After.Sites) != 2 {
			w.Errorf("%+v", seen)
		}
		sheet, err := w.members.ChangeRights(w.Context(), w.unproven("claire"), w.a.org, id, c, before.Version)
		w.Must(err) // care permissions ask for no proof
		if len(sheet.Sites) != 2 || len(sheet.Roles) != 1 || sheet.Roles[0].Scope != w.a.at(1) || sheet.Roles[0].GivenBy != "Claire Claire-Essai" ||
			len(sheet.Permissions) != 1 || sheet.Permissions[0].GivenBy != "Claire Claire-Essai" || sheet.Version != before.Version+1 {
			w.Errorf("%+v", sheet)
		}
		if n := w.Count(`select count(*) from audit_event where chain = $1 and outcome = 'done' and subject = $2`, w.a.org, id); n != 1 {
			w.Errorf("%d events", n)
		}
		if p := w.lastPayload("member.edit_rights"); !strings.Contains(p, role.Practitioner) || !strings.Contains(p, "Saint-Aubin") ||
			!strings.Contains(p, `"statistics.read"`) || !strings.Contains(p, `"change_set":"cst_`) {
			w.Errorf("the trail says %s", p)
		}
		if got := w.changed(id); got != "permission statistics.read organization none>held; role practitioner A2 none>held; role secretary A1 held>none; site A2 none>held" {
			w.Errorf("lines %s", got)
		}
		_, err = w.rights(w.as("claire"), "julie", c)
		w.Want("the same again", err, nil)
		if again, err := w.members.Get(w.Context(), w.as("claire"), w.a.org, id); err != nil || again.Version != sheet.Version {
			w.Errorf("a change of nothing made version %d, %v", again.Version, err)
		}
		_, err = w.rights(w.as("claire"), "julie", member.RightsChange{DropPermissions: single(access.StatisticsRead, w.a.whole()), DropSites: w.a.site[1:]})
		w.Want("taking it all back", err, nil)
		if p := w.lastPayload("member.edit_rights"); !strings.Contains(p, "statistics.read") {
			w.Errorf("the trail says %s", p)
		}
		if last, err := w.members.Get(w.Context(), w.as("claire"), w.a.org, id); err != nil || len(last.Sites) != 1 || len(last.Roles)+len(last.Permissions) != 0 {
			w.Errorf("with a site go the rights held there: %+v, %v", last, err)
		}
	})
}

// changed are the lines of the last change set about a member, in words.
func (w *world) changed(id ident.Member) string {
	w.Helper()
	var out []string
	err := w.DB.Read(w.Context(), func(tx *store.Tx) error {
		last, _, err := store.One(w.Context(), tx, store.Value[ident.ChangeSet], `
			select l.change_set_id from change_line l where l.org_id = $1 and l.member_id = $2 order by l.change_set_id desc limit 1`, w.a.org, id)
		if err != nil {
			return err
		}
		lines, err := changeset.Lines(w.Context(), tx, w.a.org, last)
		for _, l := range lines {
			out = append(out, w.lineInWords(l))
		}
		return err
	})
	w.Must(err)
	slices.Sort(out)
	return strings.Join(out, "; ")
}

func (w *world) lineInWords(l changeset.Line) string {
	words := func(s string) string {
		for i, site := range w.a.site {
			s = strings.ReplaceAll(s, site.String(), []string{"A1", "A2"}[i])
		}
		for code, id := range w.a.roles {
			s = strings.ReplaceAll(s, id.String(), code)
		}
		return s
	}
	value := func(s changeset.State) string {
		if s.None() {
			return "none"
		}
		return s.Value
	}
	parts := []string{string(l.Domain), words(l.Object)}
	if l.Detail != "" {
		parts = append(parts, words(l.Detail))
	}
	return strings.Join(append(parts, value(l.Before)+">"+value(l.After)), " ")
}

func effective(list []member.GivenPermission) (out []string) {
	for _, p := range list {
		out = append(out, string(p.Permission)+" "+p.Scope.Code())
	}
	return out
}

// AUZ-03, AUZ-04, AUZ-05, AUZ-06: nobody gives what they do not hold, takes it, touches
// somebody who administers more, or acts where they may not look; nothing but the trail
// tells of the try, and what ChangeRights refuses PreviewRights refuses.
func TestRightsAreNotEscalated(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.custom("sam", w.a.at(0), access.MembersRead, access.RightsEdit)
		w.custom("julie", w.a.at(0), access.MembersRead, access.MembersInvite)
		manager := w.customRole("Gestion", access.MembersRead, access.AuditRead)
		whole, a1, a2 := w.a.whole(), w.a.at(0), w.a.at(1)
		admin := func(at access.Scope) []role.Given { return []role.Given{w.a.holds(role.Administrator, at)} }
		for what, c := range map[string]struct {
			by, whom string
			change   member.RightsChange
			want     error
		}{
			"AUZ-03 oneself organisation administrator":      {"nadege", "nadege", member.RightsChange{AddRoles: admin(whole)}, role.ErrNotGrantable},
			"AUZ-03 somebody else":                           {"nadege", "julie", member.RightsChange{AddRoles: admin(whole)}, role.ErrNotGrantable},
			"AUZ-03 oneself by rights.edit":                  {"sam", "sam", member.RightsChange{AddRoles: admin(a1)}, role.ErrNotGrantable},
			"AUZ-03 a single administration permission":      {"sam", "sam", member.RightsChange{AddPermissions: single(access.MembersEdit, a1)}, role.ErrNotGrantable},
			"AUZ-03 a care permission at a wider scope":      {"sam", "sam", member.RightsChange{AddPermissions: single(access.RecordsRead, whole)}, role.ErrNotGrantable},
			"AUZ-04 a role with more than one's own":         {"sam", "sam", member.RightsChange{AddRoles: []role.Given{{Role: manager, Scope: a1}}}, role.ErrNotGrantable},
			"AUZ-04 inviting is not changing rights":         {"julie", "sam", member.RightsChange{AddPermissions: single(access.RecordsRead, a1)}, member.ErrMorePowerful},
			"AUZ-04 inviting, for oneself":                   {"julie", "julie", member.RightsChange{AddPermissions: single(access.RecordsRead, a1)}, role.ErrNotGrantable},
			"AUZ-04 a practitioner for themself":             {"yanis", "yanis", member.RightsChange{AddPermissions: single(access.StatisticsRead, whole)}, role.ErrNotGrantable},
			"AUZ-04 taking what one does not hold":           {"nadege", "yanis", member.RightsChange{DropRoles: []role.Given{w.a.holds(role.Practitioner, whole)}}, role.ErrNotGrantable},
			"AUZ-05 taking the administration of a superior": {"nadege", "bruno", member.RightsChange{DropRoles: admin(whole)}, member.ErrMorePowerful},
			"AUZ-05 giving care to a superior":               {"sam", "nadege", member.RightsChange{AddPermissions: single(access.RecordsRead, a1)}, member.ErrMorePowerful},
			"AUZ-05 putting a superior out of a site":        {"nadege", "claire", member.RightsChange{DropSites: w.a.site[:1]}, member.ErrMorePowerful},
			"AUZ-06 a member of another site":                {"nadege", "paul", member.RightsChange{AddPermissions: single(access.RecordsRead, a2)}, member.ErrNotFound},
			"AUZ-06 another site":                            {"nadege", "julie", member.RightsChange{AddSites: w.a.site[1:]}, org.ErrNoSuchSite},
			"AUZ-06 a role at another site":                  {"nadege", "yanis", member.RightsChange{AddRoles: []role.Given{w.a.holds(role.Secretary, a2)}}, org.ErrNoSuchSite},
			"AUZ-06 taking from another site":                {"nadege", "yanis", member.RightsChange{DropSites: w.a.site[1:]}, org.ErrNoSuchSite},
			"AUZ-02 a site of B":                             {"claire", "julie", member.RightsChange{AddSites: w.b.site}, org.ErrNoSuchSite},
			"AUZ-02 a role of B":                             {"claire", "julie", member.RightsChange{AddRoles: []role.Given{{Role: w.b.roles[role.Reader], Scope: a1}}}, role.ErrNotFound},
			"AUZ-02 a scope of B":                            {"claire", "julie", member.RightsChange{AddRoles: []role.Given{w.a.holds(role.Reader, w.b.whole())}}, org.ErrNoSuchSite},
			"AUZ-02 a permission at a scope of B":            {"claire", "julie", member.RightsChange{AddPermissions: single(access.RecordsRead, w.b.at(0))}, org.ErrNoSuchSite},
			"a right where one does not belong":              {"claire", "julie", member.RightsChange{AddPermissions: single(access.RecordsRead, a2)}, member.ErrNotOfSite},
			"a role where one does not belong":               {"claire", "julie", member.RightsChange{AddRoles: []role.Given{w.a.holds(role.Reader, a2)}}, member.ErrNotOfSite},
			"a role at the site that goes":                   {"claire", "yanis", member.RightsChange{DropSites: w.a.site[1:], AddRoles: []role.Given{w.a.holds(role.Reader, a2)}}, member.ErrNotOfSite},
			"a site that one does not belong to":             {"claire", "julie", member.RightsChange{DropSites: w.a.site[1:]}, member.ErrNotOfSite},
			"the only site":                                  {"claire", "julie", member.RightsChange{DropSites: w.a.site[:1]}, member.ErrLastSite},
			"every site":                                     {"claire", "yanis", member.RightsChange{DropSites: w.a.site}, member.ErrLastSite},
		} {
			before := w.dump()
			_, err := w.members.PreviewRights(w.Context(), w.as(c.by), w.a.org, w.a.ids[c.whom], c.change, 0)
			w.Want("looking: "+what, err, c.want)
			_, err = w.rights(w.as(c.by), c.whom, c.change)
			w.Want(what, err, c.want)
			if errors.Is(c.want, role.ErrNotGrantable) && len(fieldCodes(err)) != 1 {
				w.Errorf("%s: the line is not named: %v", what, fieldCodes(err))
			}
			if after := w.dump(); after != before {
				w.Errorf("%s changed %s to %s", what, before, after)
			}
		}
		if _, err := w.rights(w.as("claire"), "julie", member.RightsChange{AddPermissions: single("root", whole)}); fieldCodes(err)["add_permissions[0]"] != "role.permission_unknown" {
			w.Errorf("%v", err)
		}
		if _, err := w.rights(w.as("claire"), "julie", member.RightsChange{AddSites: make([]ident.Site, member.MaxRights+1)}); fieldCodes(err)["rights"] != "member.too_many_rights" {
			w.Errorf("%v", err)
		}
		if w.refusals(w.a.org.String(), "role.not_grantable") < 10 {
			w.Errorf("%d refusals recorded", w.refusals(w.a.org.String(), "role.not_grantable"))
		}
	})
}

// customRole makes a role of A.
func (w *world) customRole(name string, permissions ...access.Permission) (id ident.Role) {
	w.Helper()
	w.Write(func(ctx context.Context, tx *store.Tx) error {
		r, err := role.InsertCustom(ctx, tx, w.a.org, name, permissions)
		id = r.ID
		return err
	})
	return id
}

// RGT-1: whoever holds rights.edit gives care rights without holding them, and an
// administrator of a site gives and takes the administration of that site.
func TestWhoMayGive(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.custom("sam", w.a.at(0), access.MembersRead, access.RightsEdit)
		_, err := w.rights(w.as("sam"), "julie", member.RightsChange{
			AddRoles: []role.Given{w.a.holds(role.Practitioner, w.a.at(0))}, AddPermissions: single(access.RecordsWrite, w.a.at(0)),
		})
		w.Want("an office manager", err, nil)
		_, err = w.rights(w.as("nadege"), "julie", member.RightsChange{AddRoles: []role.Given{w.a.holds(role.Administrator, w.a.at(0))}})
		w.Want("a site administrator, at the site", err, nil)
		_, err = w.rights(w.as("julie"), "sam", member.RightsChange{AddPermissions: single(access.MembersEdit, w.a.at(0))})
		w.Want("whoever became one", err, nil)
		_, err = w.rights(w.as("sam"), "julie", member.RightsChange{AddPermissions: single(access.RecordsRead, w.a.at(0))})
		w.Want("whom one could touch before", err, member.ErrMorePowerful)
	})
}

// rules.md 6: only what is administration asks for a fresh proof: roles, single
// permissions, and sites at which it is held.
func TestRightsStepUp(t *testing.T) {
	eachWorld(t, func(w *world) {
		manager := w.customRole("Gestion", access.MembersRead, access.RecordsRead)
		w.custom("yanis", w.a.at(1), access.MembersRead)
		for what, c := range map[string]struct {
			whom   string
			change member.RightsChange
		}{
			"the administration":                       {"julie", member.RightsChange{AddRoles: []role.Given{w.a.holds(role.Administrator, w.a.at(0))}}},
			"a role with an administration permission": {"julie", member.RightsChange{AddRoles: []role.Given{{Role: manager, Scope: w.a.at(0)}}}},
			"an administration permission":             {"julie", member.RightsChange{AddPermissions: single(access.MembersRead, w.a.at(0))}},
			"a site with a role of administration":     {"yanis", member.RightsChange{DropSites: w.a.site[1:]}},
			"taking the administration":                {"nadege", member.RightsChange{DropRoles: []role.Given{w.a.holds(role.Administrator, w.a.at(0))}}},
		} {
			before := w.dump()
			_, err := w.rights(w.unproven("claire"), c.whom, c.change)
			w.Want(what, err, access.ErrStepUp)
			if after := w.dump(); after != before {
				w.Errorf("%s changed %s to %s", what, before, after)
			}
			seen, err := w.members.PreviewRights(w.Context(), w.unproven("claire"), w.a.org, w.a.ids[c.whom], c.change, 0)
			w.Want("looking at "+what, err, nil)
			if !seen.NeedsStepUp {
				w.Errorf("%s: the page does not ask for the password", what)
			}
		}
		_, err := w.members.RemoveSite(w.Context(), w.unproven("claire"), w.a.org, w.a.ids["yanis"], w.a.site[1], 0)
		w.Want("removing from a site, by the other door", err, access.ErrStepUp)
		_, err = w.rights(w.unproven("claire"), "julie", member.RightsChange{DropRoles: []role.Given{w.a.holds(role.Administrator, w.a.at(0))}})
		w.Want("taking an administration that is not held", err, nil)
	})
}

// ORG-4, AUZ-12: a change of rights keeps an administrator at every scope, and one who is
// appointed can sign in.
func TestRightsKeepAdministrators(t *testing.T) {
	eachWorld(t, func(w *world) {
		by := w.as("claire")
		drop := func(name string, at access.Scope) error {
			_, err := w.rights(by, name, member.RightsChange{DropRoles: []role.Given{w.a.holds(role.Administrator, at)}})
			return err
		}
		w.Want("one of two", drop("hugo", w.a.at(1)), nil)
		_, err := w.rights(by, "claire", member.RightsChange{DropSites: w.a.site[1:]})
		w.Want("the last of A2, by leaving it", err, member.ErrLastAdministrator)
		w.Want("one of two organisation administrators", drop("bruno", w.a.whole()), nil)
		w.Want("the last", drop("claire", w.a.whole()), member.ErrLastAdministrator)
		w.newcomer("zoe", member.New{})
		_, err = w.rights(by, "zoe", member.RightsChange{AddRoles: []role.Given{w.a.holds(role.Administrator, w.a.at(0))}})
		w.Want("who has no account", err, member.ErrNoSignIn)
		// Handing over in one act: what is both given and taken is looked at when all is done.
		_, err = w.rights(by, "claire", member.RightsChange{
			DropRoles: []role.Given{w.a.holds(role.Administrator, w.a.whole())}, AddRoles: []role.Given{w.a.holds(role.Administrator, w.a.whole())},
		})
		w.Want("taken and given anew", err, nil)
		if bad := w.unattended(w.a.org); bad != nil {
			w.Errorf("without administrator: %v", bad)
		}
	})
}

// RGT-1: what one gives oneself is told to the other administrators, one letter a scope;
// what one gives to somebody else is not.
func TestSelfRightsLetter(t *testing.T) {
	eachWorld(t, func(w *world) {
		letters := func() int {
			return w.Count(`select count(*) from job where kind = $1`, member.SelfRightsLetter{}.Kind())
		}
		c := member.RightsChange{
			AddRoles:       []role.Given{w.a.holds(role.Practitioner, w.a.at(0)), w.a.holds(role.Reader, w.a.at(0))},
			AddPermissions: append(single(access.RecordsRead, w.a.at(0)), single(access.TasksRead, w.a.whole())...),
		}
		_, err := w.rights(w.as("claire"), "julie", c)
		w.Must(err)
		if letters() != 0 {
			w.Errorf("%d letters about somebody else's rights", letters())
		}
		_, err = w.rights(w.as("claire"), "claire", c)
		w.Must(err)
		if letters() != 2 {
			w.Errorf("%d letters, want one a scope", letters())
		}
	})
}

// RGT-8: a role with an end that is given again has none any more.
func TestGivenAgain(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.Exec(`update member_role set ends_at = $1 where org_id = $2 and member_id = $3`, w.DB.Now().Add(time.Hour), w.a.org, w.a.ids["julie"])
		sheet, err := w.rights(w.as("claire"), "julie", member.RightsChange{AddRoles: []role.Given{w.a.holds(role.Secretary, w.a.at(0))}})
		w.Must(err)
		if len(sheet.Roles) != 1 || sheet.Roles[0].EndsAt != nil {
			w.Errorf("%+v", sheet.Roles)
		}
		if n := w.Count(`select count(*) from member_role where org_id = $1 and member_id = $2 and known_until is not null`, w.a.org, w.a.ids["julie"]); n != 1 {
			w.Errorf("%d closed rows: who could, on a past day, must stay known", n)
		}
	})
}
