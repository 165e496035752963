package api_test

import (
	"testing"

	rest "habilis/client"
)

// rest.md «platform», APP-1, INV-13, INV-14: the support makes an account by the API, the
// organisation authorises or refuses it, and nobody else learns of it.
func TestApprovals(t *testing.T) {
	each(t, func(w *world) {
		ctx, support, bruno := t.Context(), w.platform.rest(), w.bruno.rest()
		n := rest.NewSupportMember{
			Ticket: "Demande 48213", Email: "romain@ailleurs.example", GivenName: "Romain", FamilyName: "Vidal", Function: "secretary",
			Sites: []string{w.a1}, Roles: []rest.RoleAtScope{{Role: w.role("secretary"), Scope: w.a1}},
		}
		for _, c := range []caller{w.bruno, w.julie, w.olga} {
			_, err := c.rest().CreateSupportMember(ctx, w.a, n)
			w.refusedBy(err, 404, "access.not_found")
		}
		empty := n
		empty.Ticket = ""
		_, err := support.CreateSupportMember(ctx, w.a, empty)
		w.refusedBy(err, 422, "invalid", "body.ticket text.empty")
		made, err := support.CreateSupportMember(ctx, w.a, n)
		w.good(err)
		if made.Status != "waiting" || made.MayDecide || made.DecidedAt != nil || made.Sites[0] != w.a1 {
			t.Errorf("made: %+v", made)
		}
		if m, err := bruno.GetMember(ctx, w.a, made.Member); err != nil || m.Status != "pending_approval" || m.Account != nil {
			t.Errorf("%+v %v", m, err)
		}

		list := collect(w, bruno.Approvals(ctx, w.a, rest.ApprovalQuery{}))
		if len(list) != 1 || !list[0].MayDecide || list[0].Name != "Romain Vidal" {
			t.Errorf("waiting: %+v", list)
		}
		_, err = w.julie.rest().ListApprovals(ctx, w.a, rest.ApprovalQuery{})
		w.refusedBy(err, 403, "access.forbidden")
		_, err = w.olga.rest().ListApprovals(ctx, w.a, rest.ApprovalQuery{})
		w.refusedBy(err, 404, "access.not_found")

		_, err = support.DecideApproval(ctx, w.a, made.Member, rest.ApprovalVerdict{Decision: "authorize", Version: made.Version})
		w.refusedBy(err, 404, "access.not_found")
		_, err = w.julie.rest().DecideApproval(ctx, w.a, made.Member, rest.ApprovalVerdict{Decision: "authorize", Version: made.Version})
		w.refusedBy(err, 403, "access.forbidden")
		_, err = bruno.DecideApproval(ctx, w.a, made.Member, rest.ApprovalVerdict{Decision: "refuse", Version: made.Version})
		w.refusedBy(err, 422, "invalid", "body.reason text.empty")
		_, err = bruno.DecideApproval(ctx, w.a, made.Member, rest.ApprovalVerdict{Decision: "authorize", Version: made.Version + 1})
		w.refusedBy(err, 409, "approval.changed")
		done, err := bruno.DecideApproval(ctx, w.a, made.Member, rest.ApprovalVerdict{Decision: "refuse", Reason: "Personne ne l’a demandé"})
		w.good(err)
		if done.Status != "refused" || done.Fate != nil || done.DecidedAt == nil {
			t.Errorf("refused: %+v", done)
		}
		_, err = bruno.DecideApproval(ctx, w.a, made.Member, rest.ApprovalVerdict{Decision: "authorize", Version: made.Version})
		w.refusedBy(err, 409, "approval.decided")
		_, err = bruno.DecideApproval(ctx, w.a, w.a, rest.ApprovalVerdict{Decision: "authorize", Version: made.Version})
		w.refusedBy(err, 404, "approval.not_found")

		// The support reads what became of it, and asks again.
		if told, err := support.ListApprovals(ctx, w.a, rest.ApprovalQuery{Status: "refused"}); err != nil || told.Total != 1 || told.Items[0].Reason == "" {
			t.Errorf("the support is told %+v %v", told, err)
		}
		again, err := support.CreateSupportMember(ctx, w.a, n)
		w.good(err)
		done, err = bruno.DecideApproval(ctx, w.a, again.Member, rest.ApprovalVerdict{Decision: "authorize", Version: again.Version})
		w.good(err)
		if done.Status != "authorized" || done.Fate == nil || *done.Fate != "invited" {
			t.Errorf("authorised: %+v", done)
		}
	})
}

// ORG-6: closed by the support, the administration space answers 403 feature.off to those
// who would administer; the rest goes on.
func TestFeatures(t *testing.T) {
	each(t, func(w *world) {
		ctx, support, bruno := t.Context(), w.platform.rest(), w.bruno.rest()
		julie := w.member("julie@tilleuls.example")
		f, err := bruno.GetFeatures(ctx, w.a)
		w.good(err)
		if !f.Administration {
			t.Errorf("by default: %+v", f)
		}
		closed, open := false, true
		_, err = bruno.EditFeatures(ctx, w.a, f.Version, rest.FeaturesChange{Administration: &closed})
		w.refusedBy(err, 404, "access.not_found")
		_, err = support.EditFeatures(ctx, w.a, f.Version+4, rest.FeaturesChange{Administration: &closed})
		w.refusedBy(err, 412, "api.version_stale")
		f, err = support.EditFeatures(ctx, w.a, f.Version, rest.FeaturesChange{Administration: &closed})
		w.good(err)
		for what, err := range map[string]error{
			"listing":    second(bruno.ListMembers(ctx, w.a, rest.MemberQuery{})),
			"reading":    second(bruno.GetMember(ctx, w.a, julie)),
			"approvals":  second(bruno.ListApprovals(ctx, w.a, rest.ApprovalQuery{})),
			"inviting":   second(bruno.Invite(ctx, w.a, rest.NewInvitations{Emails: []string{"x@ailleurs.example"}, Sites: []string{w.a1}})),
			"settings":   second(bruno.GetSecurityPolicy(ctx, w.a)),
			"the trail":  second(bruno.ListAuditEvents(ctx, w.a, rest.AuditQuery{})),
			"roles":      second(bruno.ListRoles(ctx, w.a, rest.RoleQuery{})),
			"the matrix": second(bruno.ListAgendas(ctx, w.a, rest.ResourceQuery{})),
		} {
			t.Log(what)
			w.refusedBy(err, 403, "feature.off")
		}
		_, err = w.julie.rest().ListMembers(ctx, w.a, rest.MemberQuery{})
		w.refusedBy(err, 403, "access.forbidden")
		if _, err = bruno.ListMyOrganizations(ctx, rest.PlaceQuery{}); err != nil {
			t.Errorf("members work on: %v", err)
		}
		if o, err := bruno.GetOrganization(ctx, w.a); err != nil || o.Name == "" {
			t.Errorf("members work on: %v", err)
		}
		_, err = support.EditFeatures(ctx, w.a, f.Version, rest.FeaturesChange{Administration: &open})
		w.good(err)
		w.good(second(bruno.ListMembers(ctx, w.a, rest.MemberQuery{})))
	})
}

// ORG-7: the platform's list by state and kind.
func TestOrganizationsByKind(t *testing.T) {
	each(t, func(w *world) {
		for query, n := range map[string]int{"kind=practice": 2, "kind=cpts": 0, "kind=practice&status=suspended": 0} {
			if got := len(w.platform.items("/organizations?" + query)); got != n {
				t.Errorf("%s: %d", query, got)
			}
		}
		if got := len(w.bruno.items("/organizations?kind=cpts")); got != 0 {
			t.Errorf("a person's: %d", got)
		}
		w.platform.get("/organizations?kind=castle").is(422)
	})
}
