package api_test

import (
	"strings"
	"testing"

	rest "habilis/client"
)

// MEM-1, MEM-9, RGT-1: levels come with the creation and with the invitation, by the rules
// of a change set; each line that is refused says so, and nobody is created.
func TestNewcomerRights(t *testing.T) {
	each(t, func(w *world) {
		c, ctx, path := w.bruno.rest(), t.Context(), "/organizations/"+w.a
		agenda := w.bruno.post(path+"/agendas", `{"kind":"room","name":"Échographie","site":"`+w.a1+`"}`).is(201).id()
		far := w.bruno.post(path+"/agendas", `{"kind":"room","name":"Réunion","site":"`+w.a2+`"}`).is(201).id()

		jeanne := w.secretaryNamed("Jeanne", "")
		jeanne.Rights = &rest.NewcomerRights{Changes: []rest.NewcomerLevel{{Resource: agenda, Level: "manage"}}}
		made, err := c.CreateMember(ctx, w.a, jeanne)
		w.good(err)
		held := func(member, level string) {
			t.Helper()
			if n := w.count(`select count(*) from access_grant where member_id = $1 and resource_id = $2 and level = $3 and known_until is null`,
				member, agenda, level); n != 1 {
				t.Errorf("%s: %d levels %s", member, n, level)
			}
		}
		held(*made.ID, "manage")

		like := w.secretaryNamed("Nina", "")
		like.Rights = &rest.NewcomerRights{Clone: &rest.LikeColleague{From: *made.ID, Domains: []string{"agendas", "messaging"}}}
		made, err = c.CreateMember(ctx, w.a, like)
		w.good(err)
		held(*made.ID, "manage")

		yves := w.person("yves@ailleurs.example", "Yves", "Autre")
		report, err := c.Invite(ctx, w.a, rest.NewInvitations{
			Emails: []string{"yves@ailleurs.example", "nouvelle@exemple.fr"}, Role: w.role("secretary"), Sites: []string{w.a1},
			Rights: &rest.NewcomerRights{Changes: []rest.NewcomerLevel{{Resource: agenda, Level: "read"}}},
		})
		w.good(err)
		yves.get(path).is(200)
		held(w.member("yves@ailleurs.example"), "read")
		waiting, err := c.GetInvitation(ctx, w.a, *report.Lines[1].Invitation)
		if w.good(err); len(waiting.Levels) != 1 || waiting.Levels[0].Resource != agenda || waiting.Levels[0].Level != "read" {
			t.Errorf("%+v", waiting.Levels)
		}

		body := func(rights string) string {
			return `{"profile_type":"non_practitioner","given_name":"Nina","family_name":"Essai","function":"secretary","sites":["` + w.a1 + `"],"rights":` + rights + `}`
		}
		before := w.count(`select count(*) from member_state`)
		of := func(id, level string) string {
			return body(`{"changes":[{"resource":"` + id + `","level":"` + level + `"}]}`)
		}
		w.tina.post(path+"/members", of(far, "read")).refused(403, "enrolment.cannot_give").at(t, "body.rights.changes[0].resource resource.not_found")
		w.bruno.post(path+"/members", of(agenda, "reply")).refused(422, "invalid").at(t, "body.rights.changes[0].level grant.level_unknown")
		w.bruno.post(path+"/members", of("idn"+strings.TrimPrefix(agenda, "agd"), "read")).refused(422, "invalid").at(t, "body.rights.changes[0].resource api.identifier")
		w.bruno.post(path+"/members", of(agenda, "everything")).refused(422, "invalid")
		w.bruno.post(path+"/members", body(`{"clone":{"from":"`+w.member("julie@tilleuls.example")+`","domains":[]}}`)).refused(422, "invalid")
		w.bruno.post(path+"/members", body(`{"levels":[]}`)).refused(422, "invalid").at(t, "body.rights.levels api.unknown_field")
		if after := w.count(`select count(*) from member_state`); after != before {
			t.Errorf("%d rows of members, want %d", after, before)
		}
	})
}
