package member_test

import (
	"slices"
	"testing"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/store"
)

func TestSignedIn(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		w.Exec(`update member_state set status = 'created' where account_id = $1`, w.account["sam"])
		var created []ident.Org
		if err := w.DB.Read(ctx, func(tx *store.Tx) (err error) {
			created, err = member.CreatedOrgs(ctx, tx, w.account["sam"])
			return err
		}); err != nil || len(created) != 2 {
			w.Fatalf("%v %v", created, err)
		}
		signIn := func(locked ...ident.Org) {
			act := action.Act{Verb: "session.open", Orgs: locked, Accounts: true, Needs: []access.Need{access.Everybody()}}
			_, err := action.Run(ctx, w.members.Run, w.as("sam"), act, func(tx *action.Tx) (struct{}, error) {
				err := member.SignedIn(ctx, tx, w.account["sam"], locked)
				tx.Record(event("session.open"))
				return struct{}{}, err
			})
			w.Want("sign in", err, nil)
		}
		signIn(w.a.org)
		status := func(p place) string {
			return w.text(`select status from member_state where member_id = $1 and known_until is null`, p.ids["sam"])
		}
		if status(w.a) != "active" || status(w.b) != "created" {
			w.Errorf("A %s, B %s: only A was locked", status(w.a), status(w.b))
		}
		if n := w.Count(`select count(*) from member where id in ($1, $2) and last_sign_in_at > $3`, w.a.ids["sam"], w.b.ids["sam"], store.Never); n != 2 {
			w.Errorf("%d memberships dated, want both", n)
		}
		signIn(w.b.org)
		if status(w.b) != "active" || w.recorded("member.activate", w.b.ids["sam"]) != 1 {
			w.Error("B at the next sign-in, with its record")
		}
	})
}

func TestPlaces(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		names := func(search string) (list []string) {
			places, err := w.members.Places(ctx, w.as("sam"), search)
			w.Want("places", err, nil)
			for _, p := range places {
				list = append(list, p.Org.Slug)
			}
			return list
		}
		for search, want := range map[string][]string{
			"": {"deux-rives", "tilleuls"}, "TILL": {"tilleuls"}, "grand pré": {"tilleuls"}, "ri": {"deux-rives"}, "iv": nil, "zzz": nil, "%%": nil, " ": {"deux-rives", "tilleuls"},
		} {
			if got := names(search); !slices.Equal(got, want) {
				w.Errorf("search %q: %v, want %v", search, got, want)
			}
		}
		w.Exec(`update org_state set status = 'suspended' where org_id = $1`, w.b.org)
		places, err := w.members.Places(ctx, w.as("sam"), "")
		if err != nil || len(places) != 2 || !places[0].Suspended || places[1].Suspended {
			w.Errorf("%+v %v", places, err)
		}
		admin, err := w.members.Places(ctx, w.as("claire"), "")
		if err != nil || len(admin) != 1 || !admin[0].Admin || admin[0].Org.Members != 8 || admin[0].Org.Sites != 2 || len(admin[0].Sites) != 2 {
			w.Errorf("%+v %v", admin, err)
		}
		_, err = w.members.Places(ctx, access.Actor{Kind: access.Anonymous}, "")
		w.Want("nobody", err, access.ErrUnauthenticated)
		_, err = w.members.Places(ctx, w.as("sam"), longSearch)
		if fieldCodes(err)["q"] != "text.too_long" {
			w.Errorf("%v", err)
		}
	})
}

func TestOrgsOf(t *testing.T) {
	eachWorld(t, func(w *world) {
		orgs := func() (n int) {
			if err := w.DB.Read(w.Context(), func(tx *store.Tx) error {
				list, err := member.OrgsOf(w.Context(), tx, w.account["sam"])
				n = len(list)
				return err
			}); err != nil {
				w.Fatal(err)
			}
			return n
		}
		_, err := w.members.Deactivate(w.Context(), w.as("claire"), w.a.org, w.a.ids["sam"], 0)
		w.Want("deactivate", err, nil)
		if n := orgs(); n != 2 {
			w.Errorf("%d organisations, want both: deactivated is not left", n)
		}
		w.Want("leave B", departing(w.members).Leave(w.Context(), w.as("sam"), w.b.org), nil)
		if n := orgs(); n != 1 {
			w.Errorf("%d organisations, want A", n)
		}
	})
}
