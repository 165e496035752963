package grant_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/resource"
)

func ptr[T any](v T) *T { return &v }

var both = []grant.Act{grant.Send, grant.Receive}

// RGT-6: sending and receiving are given on several identities at once, by whoever holds
// delegations.edit where each is; all of it or nothing, each line refused with its field.
func TestGiveDelegations(t *testing.T) {
	eachNames(t, func(w *names) {
		list, err := w.give("bruno", "julie", both, "morvan", "accueil", "siege", "morvan")
		w.must(err)
		if len(list) != 6 {
			t.Fatalf("%d delegations", len(list))
		}
		for _, d := range list {
			if d.State != grant.InForce || d.Idle != "" || d.GivenBy != "P bruno" || !w.justNow(d.GivenAt) || !w.justNow(d.From) || d.Name != "P julie" ||
				d.Function != "secretary" || d.Until != nil || !d.May.Edit || !d.May.End || d.May.Confirm {
				t.Errorf("%+v", d)
			}
		}
		for _, i := range []string{"morvan", "accueil", "siege"} {
			w.holds("given", "julie", i, "receive", "send")
		}
		w.holds("given to another", "paul", "morvan")
		if got := w.events("delegation.give"); len(got) != 1 || strings.Count(got[0], `"delegate":`) != 6 {
			t.Errorf("one entry of the trail, six lines: %q", got)
		}
		if sets, lines := w.count(`select count(*) from change_set`), w.count(`select count(*) from change_line where domain = 'delegation'`); sets != 1 || lines != 6 {
			t.Errorf("%d change sets, %d lines", sets, lines)
		}
	})
}

// The table of refusals: nothing is written, and nothing more is told to who may not know.
func TestDelegationsRefused(t *testing.T) {
	eachNames(t, func(w *names) {
		w.given("bruno", "paul", grant.Send, "yanis")
		w.exec(`update resource_state set status = 'closed' where org_id = $1 and resource_id = $2`, w.org, w.identity["siege"])
		before := w.count(`select count(*) from delegation`)
		now := w.db.Now()
		send := []grant.Act{grant.Send}
		for name, c := range map[string]struct {
			by     string
			n      grant.NewDelegations
			code   string
			fields []string
		}{
			"nothing said": {by: "bruno", n: grant.NewDelegations{}, code: "invalid", fields: []string{
				"identities delegation.no_identity", "acts delegation.no_act", "member delegation.no_member",
			}},
			"too many at once": {by: "bruno", n: grant.NewDelegations{Acts: send, Identities: slices.Repeat(w.on("morvan"), grant.MaxDelegated+1), Member: w.member["julie"]},
				code: "invalid", fields: []string{"identities delegation.too_many"}},
			"unknown act":          {by: "bruno", n: grant.NewDelegations{Acts: []grant.Act{grant.Send, "sign"}, Identities: w.on("morvan"), Member: w.member["julie"]}, code: "invalid", fields: []string{"acts[1] delegation.act_unknown"}},
			"oneself":              {by: "bruno", n: grant.NewDelegations{Acts: send, Identities: w.on("morvan"), Member: w.member["bruno"]}, code: "invalid", fields: []string{"member delegation.yourself"}},
			"the holder":           {by: "bruno", n: grant.NewDelegations{Acts: send, Identities: w.on("accueil", "morvan"), Member: w.member["morvan"]}, code: "invalid", fields: []string{"identities[1] delegation.holder"}},
			"no such member":       {by: "bruno", n: grant.NewDelegations{Acts: send, Identities: w.on("morvan"), Member: ident.NewMember()}, code: "invalid", fields: []string{"member member.not_found"}},
			"AUZ-01 another's":     {by: "bruno", n: grant.NewDelegations{Acts: send, Identities: w.on("morvan"), Member: w.member["marc"]}, code: "invalid", fields: []string{"member member.not_found"}},
			"no such identity":     {by: "bruno", n: grant.NewDelegations{Acts: send, Identities: append(w.on("morvan"), resource.ID(ident.NewIdentity())), Member: w.member["julie"]}, code: "invalid", fields: []string{"identities[1] delegation.identity_unknown"}},
			"AUZ-01 its identity":  {by: "bruno", n: grant.NewDelegations{Acts: send, Identities: w.on("autre"), Member: w.member["julie"]}, code: "invalid", fields: []string{"identities[0] delegation.identity_unknown"}},
			"closed":               {by: "bruno", n: grant.NewDelegations{Acts: send, Identities: w.on("siege"), Member: w.member["julie"]}, code: "invalid", fields: []string{"identities[0] delegation.identity_closed"}},
			"already":              {by: "bruno", n: grant.NewDelegations{Acts: both, Identities: w.on("accueil", "yanis"), Member: w.member["paul"]}, code: "invalid", fields: []string{"identities[1] delegation.already"}},
			"a service drafts not": {by: "bruno", n: grant.NewDelegations{Acts: []grant.Act{grant.Draft}, Identities: w.on("accueil"), Member: w.member["julie"]}, code: "invalid", fields: []string{"identities[0] delegation.no_holder"}},
			"over before it begins": {by: "bruno", n: grant.NewDelegations{Acts: send, Identities: w.on("morvan"), Member: w.member["julie"], From: ptr(now.Add(time.Hour)), Until: ptr(now.Add(time.Hour))},
				code: "invalid", fields: []string{"until delegation.until_before"}},
			"over already":  {by: "bruno", n: grant.NewDelegations{Acts: send, Identities: w.on("morvan"), Member: w.member["julie"], Until: ptr(now)}, code: "invalid", fields: []string{"until delegation.until_before"}},
			"in the past":   {by: "bruno", n: grant.NewDelegations{Acts: send, Identities: w.on("morvan"), Member: w.member["julie"], From: ptr(now.Add(-48 * time.Hour))}, code: "invalid", fields: []string{"from delegation.from_past"}},
			"a slip of key": {by: "bruno", n: grant.NewDelegations{Acts: send, Identities: w.on("morvan"), Member: w.member["julie"], Until: ptr(now.AddDate(11, 0, 0))}, code: "invalid", fields: []string{"until delegation.far"}},
			"AUZ-06 an identity of another site": {by: "tina", n: grant.NewDelegations{Acts: send, Identities: w.on("morvan", "yanis"), Member: w.member["julie"]},
				code: "invalid", fields: []string{"identities[1] delegation.identity_unknown"}},
			"AUZ-06 a member of another site": {by: "tina", n: grant.NewDelegations{Acts: send, Identities: w.on("morvan"), Member: w.member["paul"]},
				code: "invalid", fields: []string{"member member.not_found"}},
			"known, and not one's own to give": {by: "tina", n: grant.NewDelegations{Acts: send, Identities: w.on("morvan"), Member: w.member["julie"]}, code: ""},
			"AUZ-09 who was given gives not":   {by: "paul", n: grant.NewDelegations{Acts: send, Identities: w.on("yanis"), Member: w.member["julie"]}, code: "access.forbidden"},
			"AUZ-10 in another's name":         {by: "morvan", n: grant.NewDelegations{Acts: []grant.Act{grant.Draft}, Identities: w.on("yanis"), Member: w.member["julie"]}, code: "access.forbidden"},
			"AUZ-10 in another's, by oneself":  {by: "morvan", n: grant.NewDelegations{Acts: []grant.Act{grant.Draft}, Identities: w.on("morvan", "accueil"), Member: w.member["julie"]}, code: "invalid", fields: []string{"identities[1] delegation.identity_unknown"}},
			"AUZ-10 my name is mine":           {by: "bruno", n: grant.NewDelegations{Acts: []grant.Act{grant.Draft}, Identities: w.on("yanis"), Member: w.member["julie"], InMyName: true}, code: "delegation.not_grantable", fields: []string{"identities[0] delegation.not_holder"}},
			"a holder drafts, not sends":       {by: "morvan", n: grant.NewDelegations{Acts: send, Identities: w.on("morvan"), Member: w.member["julie"]}, code: "delegation.not_grantable", fields: []string{"identities[0] delegation.not_here"}},
			"in my name, to draft only":        {by: "morvan", n: grant.NewDelegations{Acts: send, Identities: w.on("morvan"), Member: w.member["julie"], InMyName: true}, code: "invalid", fields: []string{"acts[0] delegation.act_unknown"}},
			"a colleague whom one knows":       {by: "morvan", n: grant.NewDelegations{Acts: []grant.Act{grant.Draft}, Identities: w.on("morvan"), Member: w.member["paul"], InMyName: true}, code: "invalid", fields: []string{"member member.not_found"}},
			"a stranger":                       {by: "odile", n: grant.NewDelegations{Acts: send, Identities: w.on("morvan"), Member: w.member["julie"]}, code: "access.not_found"},
		} {
			_, err := w.x.Review(t.Context(), w.as(c.by), w.org, c.n)
			w.want("review: "+name, err, c.code, c.fields...)
			if c.code == "" {
				continue
			}
			_, err = w.x.Give(t.Context(), w.as(c.by), w.org, c.n)
			w.want(name, err, c.code, c.fields...)
		}
		if got := w.count(`select count(*) from delegation`); got != before {
			t.Errorf("%d rows written", got-before)
		}
	})
}

// rules.md 6: creating, confirming and extending ask for a fresh proof; a review and an
// end do not.
func TestDelegationStepUp(t *testing.T) {
	eachNames(t, func(w *names) {
		d, p := w.given("bruno", "julie", grant.Send, "morvan"), w.given("bruno", "julie", grant.Draft, "morvan")
		w.clock.Add(access.StepUpAge)
		stale := func(name string) access.Actor {
			by := w.as(name)
			by.StepUp = w.db.Now().Add(-access.StepUpAge)
			return by
		}
		n := grant.NewDelegations{Acts: both, Identities: w.on("accueil"), Member: w.member["julie"]}
		_, err := w.x.Give(t.Context(), stale("bruno"), w.org, n)
		w.want("give", err, "access.step_up_required")
		_, err = w.x.Edit(t.Context(), stale("bruno"), w.org, d.ID, d.Rev, grant.Dates{Until: ptr(w.db.Now().Add(time.Hour))})
		w.want("edit", err, "access.step_up_required")
		_, err = w.x.Confirm(t.Context(), stale("morvan"), w.org, p.ID, p.Rev)
		w.want("confirm", err, "access.step_up_required")
		_, err = w.x.Review(t.Context(), stale("bruno"), w.org, n)
		w.want("review", err, "")
		w.want("end", w.x.End(t.Context(), stale("bruno"), w.org, d.ID), "")
		w.want("refuse", w.x.Refuse(t.Context(), stale("morvan"), w.org, p.ID), "")
	})
}

// MEM-6: an administrator proposes drafting in somebody's name; it starts when that
// person confirms, and at no other time. AUZ-10: nobody confirms, refuses or extends it
// in another's name.
func TestDraftingIsConfirmed(t *testing.T) {
	eachNames(t, func(w *names) {
		p := w.given("bruno", "julie", grant.Draft, "morvan")
		if p.State != grant.Proposed || p.May.Confirm || !p.May.Edit || !p.May.End || p.May.Refuse {
			t.Errorf("%+v", p)
		}
		w.holds("proposed", "julie", "morvan")
		w.clock.Add(time.Hour)
		for name, code := range map[string]string{
			"bruno": "delegation.not_holder", "tina": "delegation.not_holder", "julie": "delegation.not_holder",
			"yanis": "access.forbidden", "paul": "access.forbidden", "hugo": "delegation.not_found", "odile": "access.not_found",
		} {
			_, err := w.x.Confirm(t.Context(), w.as(name), w.org, p.ID, p.Rev)
			w.want(name+" confirms", err, code)
			w.want(name+" refuses", w.x.Refuse(t.Context(), w.as(name), w.org, p.ID), code)
		}
		w.holds("nobody confirmed", "julie", "morvan")
		d, err := w.x.Confirm(t.Context(), w.as("morvan"), w.org, p.ID, p.Rev)
		w.must(err)
		if d.State != grant.InForce || !w.justNow(d.From) || d.GivenBy != "P morvan" || d.ID != p.ID || d.Rev != p.Rev+1 {
			t.Errorf("%+v", d)
		}
		w.holds("confirmed", "julie", "morvan", "draft_consultation")
		if at := w.inForce("julie", "morvan", d.From.Add(-time.Microsecond)); at != nil {
			t.Errorf("before it was confirmed: %q", at)
		}
		_, err = w.x.Edit(t.Context(), w.as("bruno"), w.org, d.ID, d.Rev, grant.Dates{Until: ptr(w.db.Now().Add(time.Hour))})
		w.want("an administrator extends what was agreed", err, "delegation.not_holder")
		_, err = w.x.Edit(t.Context(), w.as("morvan"), w.org, d.ID, d.Rev, grant.Dates{Until: ptr(w.db.Now().Add(time.Hour))})
		w.want("the holder does", err, "")
		_, err = w.x.Confirm(t.Context(), w.as("morvan"), w.org, d.ID, 0)
		w.want("twice", err, "delegation.not_proposed")
		w.want("refuse later", w.x.Refuse(t.Context(), w.as("morvan"), w.org, d.ID), "delegation.not_proposed")
	})
}

// The holder gives drafting in their own name, which replaces what was proposed; and
// refuses what they do not want.
func TestDraftingIsGiven(t *testing.T) {
	eachNames(t, func(w *names) {
		p := w.given("tina", "julie", grant.Draft, "morvan")
		n := grant.NewDelegations{
			Identities: w.on("morvan"), Member: w.member["julie"], Acts: []grant.Act{grant.Draft}, Until: ptr(w.db.Now().Add(time.Hour)), InMyName: true,
		}
		list, err := w.x.Give(t.Context(), w.as("morvan"), w.org, n)
		w.must(err)
		if d := list[0]; d.State != grant.InForce || d.GivenBy != "P morvan" || !d.May.Edit || !d.May.End {
			t.Errorf("%+v", d)
		}
		w.holds("given", "julie", "morvan", "draft_consultation")
		_, err = w.x.Confirm(t.Context(), w.as("morvan"), w.org, p.ID, p.Rev)
		w.want("the proposal is gone", err, "delegation.over")
		w.clock.Add(time.Hour)
		w.holds("over", "julie", "morvan")

		again := w.given("bruno", "julie", grant.Draft, "morvan") // what is over can be given anew
		w.want("refused", w.x.Refuse(t.Context(), w.as("morvan"), w.org, again.ID), "")
		w.holds("refused", "julie", "morvan")
		if got := w.events("delegation.refuse"); len(got) != 1 || !strings.Contains(got[0], w.account["morvan"].String()+" "+w.member["julie"].String()) {
			t.Errorf("recorded %q", got)
		}
		w.given("bruno", "julie", grant.Draft, "morvan")
	})
}

// An administrator who holds an identity gives their own name at once, and proposes the others.
func TestOwnNameAmongOthers(t *testing.T) {
	eachNames(t, func(w *names) {
		w.named(w.org, "bruno", "nord", "bruno")
		list, err := w.give("bruno", "julie", []grant.Act{grant.Draft}, "bruno", "morvan")
		w.must(err)
		if list[0].State != grant.InForce || list[1].State != grant.Proposed {
			t.Errorf("%s, %s", list[0].State, list[1].State)
		}
		w.holds("own", "julie", "bruno", "draft_consultation")
		w.holds("another's", "julie", "morvan")
	})
}

// RGT-8: start and end; the states are time. What has begun does not begin anew.
func TestDelegationDates(t *testing.T) {
	eachNames(t, func(w *names) {
		start, end := w.db.Now().Add(24*time.Hour), w.db.Now().Add(48*time.Hour)
		list, err := w.x.Give(t.Context(), w.as("bruno"), w.org, grant.NewDelegations{
			Identities: w.on("accueil"), Member: w.member["julie"], Acts: []grant.Act{grant.Send}, From: &start, Until: &end,
		})
		w.must(err)
		d := list[0]
		see := func(what string, want grant.DelegationState, acts ...string) {
			t.Helper()
			got, err := w.x.Get(t.Context(), w.as("bruno"), w.org, d.ID)
			if w.must(err); got.State != want {
				t.Errorf("%s: %s", what, got.State)
			}
			w.holds(what, "julie", "accueil", acts...)
		}
		see("before", grant.Upcoming)
		sooner := start.Add(-time.Hour)
		d, err = w.x.Edit(t.Context(), w.as("bruno"), w.org, d.ID, d.Rev, grant.Dates{From: &sooner, Until: &end})
		w.must(err)
		_, err = w.x.Edit(t.Context(), w.as("bruno"), w.org, d.ID, d.Rev-1, grant.Dates{From: &start})
		w.want("from an old version (RAC-07)", err, "api.version_stale")
		w.clock.Add(23 * time.Hour)
		see("at its start", grant.InForce, "send")
		_, err = w.x.Edit(t.Context(), w.as("bruno"), w.org, d.ID, d.Rev, grant.Dates{From: &end})
		w.want("a beginning that has begun", err, "invalid", "from delegation.begun")
		_, err = w.x.Edit(t.Context(), w.as("bruno"), w.org, d.ID, d.Rev, grant.Dates{Until: ptr(w.db.Now())})
		w.want("an end that is past", err, "invalid", "until delegation.until_before")
		same, err := w.x.Edit(t.Context(), w.as("bruno"), w.org, d.ID, d.Rev, grant.Dates{Until: &end})
		if w.must(err); same.Rev != d.Rev {
			t.Error("an edition of nothing made a version")
		}
		w.clock.Add(25 * time.Hour)
		see("at its end", grant.Ended)
		_, err = w.x.Edit(t.Context(), w.as("bruno"), w.org, d.ID, d.Rev, grant.Dates{})
		w.want("what is over", err, "delegation.over")
		w.want("ended again", w.x.End(t.Context(), w.as("bruno"), w.org, d.ID), "delegation.over")
		w.given("bruno", "julie", grant.Send, "accueil")
		see("given anew", grant.Ended, "send")
	})
}

// The holder withdraws whatever is done in their name; the delegate renounces; who
// administers it ends it; nobody else does. AUZ-09: after that, nothing is left of it.
func TestEndDelegation(t *testing.T) {
	eachNames(t, func(w *names) {
		for name, code := range map[string]string{
			"bruno": "", "tina": "", "morvan": "", "julie": "",
			"hugo": "delegation.not_found", "yanis": "access.forbidden", "paul": "access.forbidden", "odile": "access.not_found",
		} {
			d := w.given("bruno", "julie", grant.Send, "morvan")
			w.want(name+" ends it", w.x.End(t.Context(), w.as(name), w.org, d.ID), code)
			if code == "" {
				w.holds(name, "julie", "morvan")
				w.want("twice", w.x.End(t.Context(), w.as("bruno"), w.org, d.ID), "delegation.over")
				continue
			}
			w.holds(name, "julie", "morvan", "send")
			w.must(w.x.End(t.Context(), w.as("bruno"), w.org, d.ID))
		}
		d := w.given("bruno", "julie", grant.Send, "morvan")
		w.want("not hers", w.x.EndMine(t.Context(), w.as("tina"), w.org, d.ID), "delegation.not_holder")
		w.want("hers", w.x.EndMine(t.Context(), w.as("julie"), w.org, d.ID), "")
	})
}

// rules.md 13: a delegation is no more than the giver's right now: it rests while the
// identity is closed, or its holder or the delegate is away, and never speaks for a
// holder who did not agree.
func TestDelegationRests(t *testing.T) {
	eachNames(t, func(w *names) {
		w.given("bruno", "julie", grant.Send, "morvan")
		draft := w.given("bruno", "julie", grant.Draft, "morvan")
		_, err := w.x.Confirm(t.Context(), w.as("morvan"), w.org, draft.ID, 0)
		w.must(err)
		is := func(what string, idle grant.Idle, acts ...string) {
			t.Helper()
			d, err := w.x.Get(t.Context(), w.as("bruno"), w.org, draft.ID)
			if w.must(err); d.Idle != idle {
				t.Errorf("%s: idle %q, want %q", what, d.Idle, idle)
			}
			w.holds(what, "julie", "morvan", acts...)
		}
		status := func(name, to string) {
			w.exec(`update member_state set status = $3 where org_id = $1 and member_id = $2 and known_until is null`, w.org, w.member[name], to)
		}
		is("at first", "", "draft_consultation", "send")
		status("morvan", "deactivated")
		is("the holder is away", grant.HolderAway)
		status("morvan", "active")
		is("and back", "", "draft_consultation", "send")
		status("julie", "deactivated")
		is("the delegate is away", grant.DelegateAway)
		status("julie", "active")
		w.exec(`update member_state set ends_at = $3 where org_id = $1 and member_id = $2 and known_until is null`, w.org, w.member["morvan"], w.db.Now())
		is("the holder's dates are over", grant.HolderAway)
		w.exec(`update member_state set ends_at = null where org_id = $1 and member_id = $2 and known_until is null`, w.org, w.member["morvan"])
		w.exec(`update resource_state set status = 'closed' where org_id = $1 and resource_id = $2`, w.org, w.identity["morvan"])
		is("the identity is closed", grant.IdentityClosed)
		w.exec(`update resource_state set status = 'active', holder_id = $3 where org_id = $1 and resource_id = $2`, w.org, w.identity["morvan"], w.member["yanis"])
		is("another holder, who did not agree", grant.HolderChanged, "send")
	})
}

// AUZ-09: who acted, to whom and in whose name stand in the trail, with their IDs.
func TestDelegationTrail(t *testing.T) {
	eachNames(t, func(w *names) {
		d := w.given("bruno", "julie", grant.Send, "morvan")
		_, err := w.x.Edit(t.Context(), w.as("bruno"), w.org, d.ID, d.Rev, grant.Dates{Until: ptr(w.db.Now().Add(time.Hour))})
		w.must(err)
		w.must(w.x.End(t.Context(), w.as("morvan"), w.org, d.ID))
		w.want("a stranger to it", w.x.End(t.Context(), w.as("paul"), w.org, d.ID), "access.forbidden")
		for verb, by := range map[string]string{"delegation.give": "bruno", "delegation.edit": "bruno", "delegation.end": "morvan"} {
			got := w.events(verb)
			done := slices.IndexFunc(got, func(s string) bool { return strings.HasPrefix(s, "done") })
			if done < 0 {
				t.Fatalf("%s: %q", verb, got)
			}
			for _, part := range []string{
				w.account[by].String(), w.member["julie"].String(), w.member["morvan"].String(), w.identity["morvan"].String(), "P julie", "Identité morvan",
			} {
				if !strings.Contains(got[done], part) {
					t.Errorf("%s does not tell %s: %s", verb, part, got[done])
				}
			}
		}
		if got := w.events("delegation.end"); len(got) != 2 || !strings.HasPrefix(got[1], "refused access.forbidden "+w.account["paul"].String()) {
			t.Errorf("the refusal is not told: %q", got)
		}
	})
}

// A token of the organisation gives what its maker administers; it has no name to give,
// and confirms for nobody.
func TestDelegationByToken(t *testing.T) {
	eachNames(t, func(w *names) {
		id := ident.NewToken()
		w.exec(`insert into token (id, kind, org_id, name, token_hash, created_by, created_at, expires_at, last_used_at)
			values ($1, 'organization', $2, 'Logiciel', $3, $4, $5, $6, $5)`, id, w.org, []byte("h"), w.account["bruno"], w.db.Now(), w.db.Now().Add(time.Hour))
		for _, p := range []access.Permission{access.DelegationsEdit, access.MembersRead} {
			w.exec(`insert into token_permission (token_id, permission) values ($1, $2)`, id, p)
		}
		by := access.Actor{Kind: access.OrgToken, Account: w.account["bruno"], Token: id, Org: w.org, Name: "Logiciel", Via: "api"}
		list, err := w.x.Give(t.Context(), by, w.org, grant.NewDelegations{
			Identities: w.on("morvan"), Member: w.member["julie"], Acts: []grant.Act{grant.Send, grant.Draft},
		})
		w.must(err)
		if list[0].GivenBy != "Logiciel" {
			t.Errorf("given by %q", list[0].GivenBy)
		}
		i := slices.IndexFunc(list, func(d grant.Delegation) bool { return d.State == grant.Proposed })
		_, err = w.x.Confirm(t.Context(), by, w.org, list[i].ID, 0)
		w.want("AUZ-10", err, "delegation.not_holder")
		_, err = w.x.Mine(t.Context(), by, w.org)
		w.want("it is no member", err, "access.forbidden")
		_, err = w.x.Give(t.Context(), by, w.org, grant.NewDelegations{Identities: w.on("morvan"), Member: w.member["julie"], Acts: []grant.Act{grant.Draft}, InMyName: true})
		w.want("it has no name", err, "delegation.not_holder")
	})
}

// AUZ-08: a delegation on an identity gives nothing on any mailbox or agenda, and reads
// no list of what is delegated to others.
func TestDelegationOpensNothingElse(t *testing.T) {
	eachNames(t, func(w *names) {
		w.given("bruno", "julie", grant.Send, "morvan")
		w.given("bruno", "paul", grant.Send, "yanis")
		if n := w.count(`select count(*) from access_grant`); n != 0 {
			t.Errorf("%d levels", n)
		}
		for name, try := range map[string]func() error{
			"list": func() error {
				_, err := w.x.List(t.Context(), w.as("julie"), w.org, grant.DelegationQuery{})
				return err
			},
			"of member": func() error { _, err := w.x.OfMember(t.Context(), w.as("julie"), w.org, w.member["paul"]); return err },
			"choices":   func() error { _, err := w.x.Choices(t.Context(), w.as("julie"), w.org, grant.Choose{}); return err },
		} {
			if err := try(); fault.Of(err).Kind != fault.Forbidden {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// A last day is included, whatever the season; an end at another hour says so.
func TestDelegationDays(t *testing.T) {
	var wrong fault.Fields
	from, until := grant.Days(&wrong, "2026-03-28", "2026-03-29") // the clocks change in between
	if wrong.Err() != nil || until.Sub(*from) != 47*time.Hour {
		t.Errorf("from %v until %v: %v", from, until, wrong.Err())
	}
	if day, whole := grant.LastDay(*until); !whole || day.Format(time.DateOnly) != "2026-03-29" {
		t.Errorf("last day %v %t", day, whole)
	}
	if _, whole := grant.LastDay(until.Add(-time.Hour)); whole {
		t.Error("an hour before midnight is a whole day")
	}
	if from, until = grant.Days(&wrong, "", ""); from != nil || until != nil {
		t.Error("nothing is a day")
	}
	grant.Days(&wrong, "demain", "2026-02-30")
	if !wrong.Has("from") || !wrong.Has("until") {
		t.Errorf("%v", wrong.Err())
	}
}
