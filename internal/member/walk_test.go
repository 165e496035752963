package member_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/role"
	"habilis/internal/storetest"
)

// walkSteps is how many acts a walk tries; walks is how many walks.
const walkSteps, walks = 60, 6

// ORG-4, and the exactness of May, by random acts of random people: after each act
// every scope has an administrator able to sign in; and what May said beforehand is
// what happened, so that no button leads to a refusal and none is missing.
func TestRandomActs(t *testing.T) {
	for seed := range uint64(walks) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			eachWorldWith(t, storetest.Options{NoTwin: true}, func(w *world) {
				w.custom("paul", w.a.at(1), access.MembersRead, access.MembersDeactivate)
				w.custom("yanis", w.a.whole(), access.MembersRead, access.RightsEdit, access.SitesEdit, access.MembersEdit)
				k := &walk{world: w, random: rand.New(rand.NewPCG(seed, 7)), sites: slices.Clone(w.a.site)}
				for n := range walkSteps {
					k.n = n
					k.step()
					if bad := w.unattended(w.a.org); bad != nil {
						w.Fatalf("step %d, %s: without administrator: %v", n, k.last, bad)
					}
				}
				if k.done < walkSteps/10 || k.refused < walkSteps/10 {
					w.Errorf("the walk says little: %d acts done, %d refused", k.done, k.refused)
				}
			})
		})
	}
}

type walk struct {
	*world
	random        *rand.Rand
	sites         []ident.Site
	n             int
	last          string
	done, refused int
}

func (k *walk) name() string {
	names := []string{"claire", "bruno", "nadege", "hugo", "julie", "paul", "yanis", "sam"}
	return names[k.random.IntN(len(names))]
}

// scope is the organisation or one of its sites, closed ones too.
func (k *walk) scope() access.Scope {
	if i := k.random.IntN(len(k.sites) + 1); i < len(k.sites) {
		return access.SiteScope(k.a.org, k.sites[i])
	}
	return k.a.whole()
}

func (k *walk) step() {
	k.Helper()
	ctx, by, id := k.Context(), k.as(k.name()), k.a.ids[k.name()]
	at := k.scope()
	var may member.May
	if sheet, err := k.members.Get(ctx, by, k.a.org, id); err == nil {
		may = sheet.May
	}
	switch act := k.random.IntN(10); act {
	case 0, 1:
		_, err := k.members.Withdraw(ctx, by, id, at, 0)
		k.agrees("withdraw", by, id, at, slices.Contains(may.Withdraw, at), err)
	case 2, 3:
		_, err := k.members.Appoint(ctx, by, id, at, 0)
		if slices.Contains(may.Appoint, at) || err != nil {
			k.agrees("appoint", by, id, at, slices.Contains(may.Appoint, at), err)
		}
	case 4:
		_, err := k.members.Deactivate(ctx, by, k.a.org, id, 0)
		k.agrees("deactivate", by, id, at, may.Deactivate, err)
	case 5, 6:
		_, err := k.members.Reactivate(ctx, by, k.a.org, id, 0)
		k.agrees("reactivate", by, id, at, may.Reactivate, err)
	case 7:
		_, err := k.members.AddSite(ctx, by, k.a.org, id, at.Site, 0)
		k.note("add site", by, err)
	case 8:
		_, err := k.members.RemoveSite(ctx, by, k.a.org, id, at.Site, 0)
		k.note("remove site", by, err)
	case 9:
		k.site(by, id, at)
	}
}

// site creates or closes a site, or somebody leaves; who left comes back by the
// operator's hand, so that the walk goes on.
func (k *walk) site(by access.Actor, id ident.Member, at access.Scope) {
	k.Helper()
	ctx := k.Context()
	switch k.random.IntN(3) {
	case 0:
		s, err := k.members.CreateSite(ctx, by, member.NewSite{Org: k.a.org, Details: org.SiteDetails{Name: fmt.Sprintf("Site %d", k.n)}, Members: []ident.Member{id}[:k.random.IntN(2)]})
		if err == nil {
			k.sites = append(k.sites, s.ID)
		}
		k.note("create site", by, err)
	case 1:
		k.note("close site", by, k.members.CloseSite(ctx, by, k.a.org, at.Site))
	case 2:
		err := departing(k.members).Leave(ctx, by, k.a.org)
		k.note("leave", by, err)
		for name, account := range k.account {
			if err == nil && account == by.Account {
				k.join(k.a, name, []int{0}, k.a.holds(role.Secretary, k.a.at(0)))
			}
		}
	}
}

// agrees compares what May said with what came of the act.
func (k *walk) agrees(what string, by access.Actor, id ident.Member, at access.Scope, said bool, err error) {
	k.Helper()
	k.note(what, by, err)
	if said != (err == nil) {
		k.Errorf("step %d: %s of %s by %s at %s: May said %t, the act %v", k.n, what, id, by.Name, at.Code(), said, err)
	}
}

// note counts the act; a refusal must be one of a right or of a rule.
func (k *walk) note(what string, by access.Actor, err error) {
	k.Helper()
	k.last = fmt.Sprintf("%s by %s: %v", what, by.Name, err)
	if err == nil {
		k.done++
		return
	}
	k.refused++
	switch fault.Of(err).Kind {
	case fault.Forbidden, fault.NotFound, fault.Conflict, fault.Invalid:
	default:
		k.Errorf("step %d: %s", k.n, k.last)
	}
}
