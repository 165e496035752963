package grant_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"habilis/internal/grant"
	"habilis/internal/ident"
)

// said are delegations in short: "julie send morvan proposed".
func said(list []grant.Delegation) []string {
	out := []string{}
	for _, d := range list {
		out = append(out, fmt.Sprintf("%s %s %s %s", d.Name[2:], d.Act, d.Identity.Name[len("Identité "):], d.State))
	}
	slices.Sort(out)
	return out
}

// The list is filtered by member, identity, holder, act and state, and paged; it holds
// the sites of the reader only (AUZ-06).
func TestListDelegations(t *testing.T) {
	eachNames(t, func(w *names) {
		w.given("bruno", "julie", grant.Send, "morvan")
		w.given("bruno", "julie", grant.Draft, "morvan")
		w.given("bruno", "paul", grant.Receive, "siege")
		w.given("bruno", "paul", grant.Send, "yanis")
		list, err := w.x.Give(t.Context(), w.as("bruno"), w.org, grant.NewDelegations{
			Identities: w.on("accueil"), Member: w.member["julie"], Acts: []grant.Act{grant.Send}, From: ptr(w.db.Now().Add(time.Hour)),
		})
		w.must(err)
		upcoming := list[0]
		ended := w.given("bruno", "julie", grant.Receive, "accueil")
		never := w.given("bruno", "paul", grant.Draft, "yanis")
		w.clock.Add(time.Minute)
		w.must(w.x.End(t.Context(), w.as("bruno"), w.org, ended.ID))
		w.must(w.x.Refuse(t.Context(), w.as("yanis"), w.org, never.ID))
		for name, c := range map[string]struct {
			by   string
			q    grant.DelegationQuery
			want []string
		}{
			"all": {"bruno", grant.DelegationQuery{}, []string{
				"julie draft_consultation morvan proposed", "julie send accueil upcoming", "julie send morvan in_force", "paul receive siege in_force", "paul send yanis in_force",
			}},
			"a site": {"tina", grant.DelegationQuery{}, []string{
				"julie draft_consultation morvan proposed", "julie send accueil upcoming", "julie send morvan in_force",
			}},
			"the other":          {"hugo", grant.DelegationQuery{}, []string{"paul send yanis in_force"}},
			"by member":          {"bruno", grant.DelegationQuery{Member: w.member["paul"]}, []string{"paul receive siege in_force", "paul send yanis in_force"}},
			"by identity":        {"bruno", grant.DelegationQuery{Identity: w.identity["siege"]}, []string{"paul receive siege in_force"}},
			"by holder":          {"bruno", grant.DelegationQuery{Holder: w.member["yanis"]}, []string{"paul send yanis in_force"}},
			"by act":             {"bruno", grant.DelegationQuery{Act: grant.Draft}, []string{"julie draft_consultation morvan proposed"}},
			"proposed":           {"bruno", grant.DelegationQuery{State: grant.Proposed}, []string{"julie draft_consultation morvan proposed"}},
			"upcoming":           {"bruno", grant.DelegationQuery{State: grant.Upcoming}, []string{"julie send accueil upcoming"}},
			"in force":           {"bruno", grant.DelegationQuery{State: grant.InForce, Member: w.member["julie"]}, []string{"julie send morvan in_force"}},
			"ended, once given":  {"bruno", grant.DelegationQuery{State: grant.Ended}, []string{"julie receive accueil ended"}},
			"words of a name":    {"bruno", grant.DelegationQuery{Search: "PÁUL sieg"}, []string{"paul receive siege in_force"}},
			"words of nobody":    {"bruno", grant.DelegationQuery{Search: "%"}, []string{}},
			"AUZ-06 by a filter": {"tina", grant.DelegationQuery{Identity: w.identity["yanis"]}, []string{}},
		} {
			p, err := w.x.List(t.Context(), w.as(c.by), w.org, c.q)
			w.must(err)
			if got := said(p.List); !slices.Equal(got, c.want) || p.Total != int64(len(c.want)) || p.Next != "" {
				t.Errorf("%s: %q, %d, want %q", name, got, p.Total, c.want)
			}
		}
		d, err := w.x.Get(t.Context(), w.as("bruno"), w.org, upcoming.ID)
		if w.must(err); d.State != grant.Upcoming {
			t.Errorf("%+v", d)
		}
		w.paged()
	})
}

// paged goes through the list by cursor and by number; both find each line once.
func (w *names) paged() {
	w.Helper()
	all, err := w.x.List(w.Context(), w.as("bruno"), w.org, grant.DelegationQuery{})
	w.must(err)
	var cursor, pages []ident.Delegation
	q := grant.DelegationQuery{Size: 2}
	for n := 1; ; n++ {
		p, err := w.x.List(w.Context(), w.as("bruno"), w.org, q)
		w.must(err)
		byNumber, err := w.x.List(w.Context(), w.as("bruno"), w.org, grant.DelegationQuery{Size: 2, Page: n})
		w.must(err)
		for i := range p.List {
			cursor, pages = append(cursor, p.List[i].ID), append(pages, byNumber.List[i].ID)
		}
		if q.After = p.Next; q.After == "" {
			break
		}
	}
	var want []ident.Delegation
	for _, d := range all.List {
		want = append(want, d.ID)
	}
	if !slices.Equal(cursor, want) || !slices.Equal(pages, want) {
		w.Errorf("by cursor %v, by number %v, want %v", cursor, pages, want)
	}
	p, err := w.x.List(w.Context(), w.as("bruno"), w.org, grant.DelegationQuery{Size: 2})
	w.must(err)
	_, err = w.x.List(w.Context(), w.as("bruno"), w.org, grant.DelegationQuery{Size: 2, After: p.Next, Act: grant.Send})
	w.want("the cursor of another list", err, "api.cursor")
	for name, q := range map[string]grant.DelegationQuery{
		"state": {State: "active"}, "act": {Act: "sign"}, "size": {Size: grant.MaxDelegations + 1}, "page": {Page: -1},
	} {
		_, err := w.x.List(w.Context(), w.as("bruno"), w.org, q)
		w.want(name, err, "delegation.query")
	}
}

// «Mes délégations»: what others may do in my name, what I may do in theirs, and what
// waits for me; a proposal is no affair of the delegate.
func TestMyDelegations(t *testing.T) {
	eachNames(t, func(w *names) {
		w.given("bruno", "julie", grant.Send, "morvan")
		w.given("bruno", "julie", grant.Draft, "morvan")
		w.given("bruno", "morvan", grant.Receive, "accueil")
		morvan, err := w.x.Mine(t.Context(), w.as("morvan"), w.org)
		w.must(err)
		if len(morvan.Identities) != 1 || morvan.Identities[0].ID != w.identity["morvan"] ||
			!slices.Equal(said(morvan.Proposals), []string{"julie draft_consultation morvan proposed"}) ||
			!slices.Equal(said(morvan.InMyName), []string{"julie send morvan in_force"}) ||
			!slices.Equal(said(morvan.InTheirs), []string{"morvan receive accueil in_force"}) {
			t.Errorf("%+v", morvan)
		}
		if p := morvan.Proposals[0].May; !p.Confirm || !p.Refuse || !p.End {
			t.Errorf("%+v", p)
		}
		julie, err := w.x.Mine(t.Context(), w.as("julie"), w.org)
		w.must(err)
		if len(julie.Identities)+len(julie.Proposals)+len(julie.InMyName) != 0 || !slices.Equal(said(julie.InTheirs), []string{"julie send morvan in_force"}) {
			t.Errorf("%+v", julie)
		}
		for name, want := range map[string]grant.Concern{
			"morvan": {Any: true, Proposals: 1}, "julie": {Any: true}, "yanis": {Any: true}, "paul": {}, "bruno": {},
		} {
			got, err := w.x.Concern(t.Context(), w.as(name), w.org)
			if w.must(err); got != want {
				t.Errorf("%s: %+v", name, got)
			}
		}
		of, err := w.x.OfMember(t.Context(), w.as("tina"), w.org, w.member["morvan"])
		w.must(err)
		if got := said(of); !slices.Equal(got, []string{"julie draft_consultation morvan proposed", "julie send morvan in_force", "morvan receive accueil in_force"}) {
			t.Errorf("of the member: %q", got)
		}
	})
}

// The form offers what can be given: identities where the right is held, members who may
// be seen; in one's own name, whom one may converse with (MEM-8).
func TestDelegationChoices(t *testing.T) {
	eachNames(t, func(w *names) {
		for name, c := range map[string]struct {
			own                 bool
			members, identities []string
		}{
			"bruno":  {false, []string{"hugo", "julie", "morvan", "paul", "tina", "yanis"}, []string{"accueil", "morvan", "siege", "yanis"}},
			"tina":   {false, []string{"bruno", "julie", "morvan"}, []string{"accueil", "morvan"}},
			"morvan": {true, []string{"bruno", "julie", "tina"}, []string{"morvan"}},
		} {
			got, err := w.x.Choices(t.Context(), w.as(name), w.org, grant.Choose{Own: c.own})
			w.must(err)
			if !slices.Equal(shortNames(got), c.members) || !slices.Equal(identityNames(got), c.identities) || got.MoreMembers || got.MoreIdentities {
				t.Errorf("%s: %+v", name, got)
			}
		}
		w.exec(`update member_state set messaging_reach = 'everyone' where org_id = $1 and member_id = $2`, w.org, w.member["morvan"])
		got, err := w.x.Choices(t.Context(), w.as("morvan"), w.org, grant.Choose{Own: true, Members: "pa"})
		w.must(err)
		if !slices.Equal(shortNames(got), []string{"paul"}) {
			t.Errorf("everyone: %v", shortNames(got))
		}
		got, err = w.x.Choices(t.Context(), w.as("tina"), w.org, grant.Choose{
			Members: "bru", Identities: "accueil", Member: w.member["julie"], Chosen: w.on("morvan", "yanis", "autre"),
		})
		w.must(err) // what is chosen stays, but for what one may not know of
		if !slices.Equal(shortNames(got), []string{"bruno", "julie"}) || !slices.Equal(identityNames(got), []string{"accueil", "morvan"}) {
			t.Errorf("chosen: %v, %v", shortNames(got), identityNames(got))
		}
	})
}

func shortNames(c grant.DelegationChoices) (list []string) {
	for _, m := range c.Members {
		list = append(list, m.Name[2:])
	}
	slices.Sort(list)
	return list
}

func identityNames(c grant.DelegationChoices) (list []string) {
	for _, i := range c.Identities {
		list = append(list, i.Name[len("Identité "):])
	}
	slices.Sort(list)
	return list
}
