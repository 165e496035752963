package member_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/role"
	"habilis/internal/store"
)

// only leaves claire as the one administrator of A, alone with the others' care.
func (w *world) only() {
	w.Helper()
	for _, name := range []string{"bruno", "nadege", "hugo"} {
		w.Exec(`update member_role set known_until = $3 where org_id = $1 and member_id = $2 and known_until is null`,
			w.a.org, w.a.ids[name], w.DB.Now())
	}
}

// ORG-4, AUZ-12: the last administrator able to sign in stays, through every door,
// of the organisation and of each site; a refusal changes nothing, says which scope
// would be lost, and is recorded.
func TestLastAdministratorStays(t *testing.T) {
	doors := map[string]func(ctx context.Context, w *world) error{
		"withdraw the organisation": func(ctx context.Context, w *world) error {
			_, err := w.members.Withdraw(ctx, w.as("claire"), w.a.ids["claire"], w.a.whole(), 0)
			return err
		},
		"deactivate": func(ctx context.Context, w *world) error {
			_, err := w.members.Deactivate(ctx, system, w.a.org, w.a.ids["claire"], 0)
			return err
		},
		"deactivate several": func(ctx context.Context, w *world) error {
			_, err := w.members.DeactivateAll(ctx, system, w.a.org, []ident.Member{w.a.ids["julie"], w.a.ids["claire"]})
			return err
		},
		"leave": func(ctx context.Context, w *world) error {
			return departing(w.members).Leave(ctx, w.as("claire"), w.a.org)
		},
		"remove from a site": func(ctx context.Context, w *world) error {
			_, err := w.members.RemoveSite(ctx, w.as("claire"), w.a.org, w.a.ids["claire"], w.a.site[1], 0)
			return err
		},
	}
	for name, door := range doors {
		t.Run(name, func(t *testing.T) {
			eachWorld(t, func(w *world) {
				w.only()
				before := w.dump()
				err := door(w.Context(), w)
				w.Want(name, err, member.ErrLastAdministrator)
				want := "Maison tilleuls"
				if name == "remove from a site" {
					want = "Saint-Aubin"
				}
				if got := fault.Of(err).Args["Name"]; got != want {
					w.Errorf("says %v, want %s", got, want)
				}
				if after := w.dump(); after != before {
					w.Errorf("changed\n%s\n%s", before, after)
				}
			})
		})
	}
}

// ORG-4: the last administrator of a site alone, while the organisation has others.
func TestLastOfASite(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		_, err := w.members.RemoveSite(ctx, w.as("claire"), w.a.org, w.a.ids["claire"], w.a.site[1], 0)
		w.Want("claire leaves A2 to hugo", err, nil)
		_, err = w.members.Withdraw(ctx, w.as("bruno"), w.a.ids["hugo"], w.a.at(1), 0)
		w.Want("hugo is the last of A2: bruno, of the organisation, does not belong to it", err, member.ErrLastAdministrator)
		sheet, e := w.members.Get(ctx, w.as("bruno"), w.a.org, w.a.ids["hugo"])
		w.Want("read hugo", e, nil)
		if sheet.May.Deactivate || slices.Contains(sheet.May.Withdraw, w.a.at(1)) {
			w.Errorf("May %+v: no button leads to this refusal", sheet.May)
		}
		_, e = w.members.Deactivate(ctx, w.as("bruno"), w.a.org, w.a.ids["hugo"], 0)
		w.Want("deactivate the last of A2", e, member.ErrLastAdministrator)
		if a := fault.Of(err).Args; a["Scope"] != w.a.site[1].String() || a["SiteName"] != "Saint-Aubin" {
			w.Errorf("args %v", a)
		}
		if n := w.refusals(w.a.org.String(), member.ErrLastAdministrator.Code); n != 2 {
			w.Errorf("%d refusals in the trail", n)
		}
		_, err = w.members.AddSite(ctx, w.as("claire"), w.a.org, w.a.ids["bruno"], w.a.site[1], 0)
		w.Want("bruno joins A2", err, nil)
		_, err = w.members.Withdraw(ctx, w.as("bruno"), w.a.ids["hugo"], w.a.at(1), 0)
		w.Want("an organisation administrator who belongs to the site counts", err, nil)
	})
}

// ORG-4: who cannot sign in, or will not for ever, does not stand in for the last one.
func TestWhoDoesNotCount(t *testing.T) {
	for name, spoil := range map[string]func(w *world){
		"locked out": func(w *world) {
			w.Exec(`insert into credential_guard (account_id, failures, day_failures, day_began_at, blocked_until, locked_at) values ($1, 0, 25, $2, $2, $2)`,
				w.account["bruno"], w.DB.Now())
		},
		"without a password": func(w *world) {
			w.Exec(`update credential set removed_at = $2 where account_id = $1`, w.account["bruno"], w.DB.Now())
		},
		"with an end to the role": func(w *world) {
			w.Exec(`update member_role set ends_at = $2 where member_id = $1`, w.a.ids["bruno"], w.DB.Now().Add(time.Hour))
		},
		"with an end to the membership": func(w *world) {
			w.Exec(`update member_state set ends_at = $2 where member_id = $1`, w.a.ids["bruno"], w.DB.Now().Add(time.Hour))
		},
		"with a role that begins later": func(w *world) {
			w.Exec(`update member_role set starts_at = $2 where member_id = $1`, w.a.ids["bruno"], w.DB.Now().Add(time.Hour))
		},
		"blocked by the platform": func(w *world) {
			w.Exec(`update account_state set status = 'blocked' where account_id = $1`, w.account["bruno"])
		},
		"deactivated": func(w *world) {
			w.Exec(`update member_state set status = 'deactivated' where member_id = $1`, w.a.ids["bruno"])
		},
		"waiting for approval": func(w *world) {
			w.Exec(`update member_state set status = 'pending_approval' where member_id = $1`, w.a.ids["bruno"])
		},
	} {
		t.Run(name, func(t *testing.T) {
			eachWorld(t, func(w *world) {
				w.give(w.a, "bruno", w.a.holds(role.Secretary, w.a.whole()))
				spoil(w)
				_, err := w.members.Withdraw(w.Context(), w.as("claire"), w.a.ids["claire"], w.a.whole(), 0)
				w.Want("bruno is "+name, err, member.ErrLastAdministrator)
			})
		})
	}
}

// ORG-4: a lock-out does not remove the last administrator either: while nobody
// can sign in, those who will be able to again stay.
func TestLockedLastStays(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.only()
		w.Exec(`insert into credential_guard (account_id, failures, day_failures, day_began_at, blocked_until, locked_at) values ($1, 0, 25, $2, $2, $2)`,
			w.account["claire"], w.DB.Now())
		_, err := w.members.Withdraw(w.Context(), system, w.a.ids["claire"], w.a.whole(), 0)
		w.Want("withdraw the locked last", err, member.ErrLastAdministrator)
		_, err = w.members.Deactivate(w.Context(), system, w.a.org, w.a.ids["claire"], 0)
		w.Want("deactivate the locked last", err, member.ErrLastAdministrator)
		_, err = w.members.Appoint(w.Context(), system, w.a.ids["yanis"], w.a.whole(), 0)
		w.Want("appoint another", err, nil)
		_, err = w.members.Withdraw(w.Context(), system, w.a.ids["claire"], w.a.whole(), 0)
		w.Want("withdraw once another is able", err, nil)
		if bad := w.unattended(w.a.org); bad != nil {
			w.Errorf("without administrator: %v", bad)
		}
	})
}

// Other doors (account blocking, departures) ask the same: Keeping undoes nothing
// by itself, it refuses.
func TestKeeping(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		block := func(name string) error {
			return w.DB.Write(ctx, []store.Lock{store.Installation, store.Lock(w.a.org)}, func(tx *store.Tx) error {
				return member.Keeping(ctx, tx, w.a.org, func() error {
					_, err := tx.Exec(ctx, `update account_state set status = 'blocked' where account_id = $1`, w.account[name])
					return err
				})
			})
		}
		w.Want("block hugo: claire keeps A2", block("hugo"), nil)
		w.Want("block claire: nobody would keep A2", block("claire"), member.ErrLastAdministrator)
		if n := w.Count(`select count(*) from account_state where status = 'blocked'`); n != 1 {
			w.Errorf("%d blocked", n)
		}
	})
}

// ORG-4: a site has its administrator from its first moment.
func TestCreateSite(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		create := func(by access.Actor, members ...ident.Member) (org.Site, error) {
			return w.members.CreateSite(ctx, by, member.NewSite{Org: w.a.org, Details: org.SiteDetails{Name: "Nouveau"}, Members: members})
		}
		administers := func(name string, s org.Site) bool {
			sheet, err := w.members.Get(ctx, system, w.a.org, w.a.ids[name])
			w.Want("read "+name, err, nil)
			for _, at := range sheet.Administration {
				if at == access.SiteScope(w.a.org, s.ID) {
					return true
				}
			}
			return false
		}
		s, err := create(w.as("bruno"))
		w.Want("empty", err, nil)
		if !administers("bruno", s) {
			w.Error("the creator of an empty site does not administer it")
		}
		s, err = create(w.as("bruno"), w.a.ids["julie"])
		w.Want("one member", err, nil)
		if !administers("julie", s) || administers("bruno", s) {
			w.Error("the only member of a new site must administer it, and nobody else")
		}
		s, err = create(w.as("bruno"), w.a.ids["julie"], w.a.ids["paul"])
		w.Want("several, none an administrator", err, nil)
		if !administers("bruno", s) || administers("julie", s) {
			w.Error("the creator joins several members of whom none administers")
		}
		s, err = create(w.as("bruno"), w.a.ids["julie"], w.a.ids["claire"])
		w.Want("several, one of the organisation's administrators among them", err, nil)
		if administers("bruno", s) || administers("claire", s) {
			w.Error("the organisation's administrator among them is enough")
		}
		if bad := w.unattended(w.a.org); bad != nil {
			w.Errorf("without administrator: %v", bad)
		}
		_, err = create(system)
		w.Want("the operator is no member", err, member.ErrSiteNeedsMember)
		_, err = create(system, w.a.ids["julie"], w.a.ids["paul"])
		w.Want("the operator with several", err, member.ErrSiteNeedsMember)
		w.Exec(`update credential set removed_at = $2 where account_id = $1`, w.account["paul"], w.DB.Now())
		_, err = create(w.as("bruno"), w.a.ids["paul"])
		w.Want("the only member has no password", err, member.ErrNoSignIn)
		_, err = create(w.as("nadege"))
		w.Want("a site administrator", err, access.ErrForbidden)
	})
}

func TestCreateSiteFields(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		_, err := w.members.Deactivate(ctx, w.as("claire"), w.a.org, w.a.ids["paul"], 0)
		w.Want("deactivate paul", err, nil)
		before := w.dump()
		_, err = w.members.CreateSite(ctx, w.as("claire"), member.NewSite{
			Org: w.a.org, Details: org.SiteDetails{Name: "Nouveau"},
			Members: []ident.Member{w.a.ids["julie"], w.b.ids["marc"], w.a.ids["paul"], ident.NewMember()},
		})
		codes := fieldCodes(err)
		if codes["members[1]"] != "member.not_found" || codes["members[2]"] != "member.not_active" || codes["members[3]"] != "member.not_found" || len(codes) != 3 {
			w.Errorf("%v", codes) // AUZ-02: a member of B is one that does not exist
		}
		many := make([]ident.Member, member.MaxFirstMembers+1)
		_, err = w.members.CreateSite(ctx, w.as("claire"), member.NewSite{Org: w.a.org, Details: org.SiteDetails{Name: "N"}, Members: many})
		if codes := fieldCodes(err); codes["members"] != "site.too_many_members" {
			w.Errorf("%v", codes)
		}
		if after := w.dump(); after != before {
			w.Errorf("changed\n%s\n%s", before, after)
		}
	})
}

// A site closes with what is held there; not while somebody belongs to no other,
// and not the last one.
func TestCloseSite(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		err := w.members.CloseSite(ctx, w.as("claire"), w.a.org, w.a.site[1])
		w.Want("hugo and paul belong to A2 only", err, org.ErrSiteNotClosing)
		if n := fault.Of(err).Args["Count"]; n != int64(2) {
			w.Errorf("says %v members", n)
		}
		for _, name := range []string{"hugo", "paul"} {
			_, err := w.members.AddSite(ctx, w.as("claire"), w.a.org, w.a.ids[name], w.a.site[0], 0)
			w.Want("add "+name, err, nil)
		}
		w.Want("a site administrator", w.members.CloseSite(ctx, w.as("hugo"), w.a.org, w.a.site[1]), access.ErrForbidden)
		w.Want("another's site", w.members.CloseSite(ctx, w.as("claire"), w.a.org, w.b.site[0]), org.ErrNoSuchSite)
		w.Want("close", w.members.CloseSite(ctx, w.as("claire"), w.a.org, w.a.site[1]), nil)
		w.Want("once", w.members.CloseSite(ctx, w.as("claire"), w.a.org, w.a.site[1]), org.ErrNoSuchSite)
		w.Want("the last", w.members.CloseSite(ctx, w.as("claire"), w.a.org, w.a.site[0]), member.ErrLastOpenSite)
		if n := w.Count(`select count(*) from member_role where site_id = $1 and known_until is null`, w.a.site[1]); n != 0 {
			w.Errorf("%d roles are still held at the closed site", n)
		}
		sheet, err := w.members.Get(ctx, w.as("claire"), w.a.org, w.a.ids["hugo"])
		w.Want("read hugo", err, nil)
		if len(sheet.Sites) != 1 || len(sheet.Administration) != 0 {
			w.Errorf("hugo: %v %v", sheet.Sites, sheet.Administration)
		}
	})
}
