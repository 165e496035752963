package api_test

import (
	"testing"
	"time"

	rest "habilis/client"
	"habilis/internal/account"
	"habilis/internal/store"
)

// AUD-4: an administrator of the platform asks for the erasure of an account, lists it and takes it back, in person; a
// token of the platform reads and takes back, and asks for nothing; to others there is no such path.
func TestAccountErasures(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.Context()
		made := func(address string, role account.PlatformRole) caller {
			var a account.Account
			w.write(func(tx *store.Tx) (err error) {
				email, _ := account.ParseEmail(address)
				a, err = account.Insert(ctx, tx, account.New{
					Email: email, Names: account.Names{GivenName: "Rose", FamilyName: "Ferrand"}, Language: "fr", PlatformRole: role,
				})
				return err
			})
			return caller{w: w, account: a.ID}
		}
		boss := made("boss@habilis.example", account.Administrator).signedIn().rest()
		made("rose@exemple.fr", account.NoRole)
		ask := rest.AskedErasure{Email: "rose@exemple.fr", FullName: "Rose Ferrand", Ground: "Courrier 2026-118"}
		_, err := w.bruno.signedIn().rest().AskAccountErasure(ctx, ask)
		w.refusedBy(err, 404, "access.not_found")
		_, err = w.platform.rest().AskAccountErasure(ctx, ask)
		w.refusedBy(err, 403, "privacy.person")
		for other, code := range map[string]string{
			"julie@tilleuls.example": "privacy.memberships_left", "boss@habilis.example": "privacy.erase_self",
		} {
			_, err = boss.AskAccountErasure(ctx, rest.AskedErasure{Email: other, FullName: "Julie Delmas", Ground: ask.Ground})
			w.refusedBy(err, 409, code)
		}
		_, err = boss.AskAccountErasure(ctx, rest.AskedErasure{Email: ask.Email, FullName: "Rose", Ground: "x"})
		w.refusedBy(err, 422, "invalid", "body.full_name privacy.name_differs", "body.ground privacy.ground_short")
		var x rest.AccountErasure
		for range 2 {
			x, err = boss.Once("ask").AskAccountErasure(ctx, ask)
			w.good(err)
		}
		if x.Email != ask.Email || x.FullName != ask.FullName || x.ActsAt.Sub(x.AskedAt) != 7*24*time.Hour {
			w.Errorf("%+v", x)
		}
		_, err = boss.AskAccountErasure(ctx, ask)
		w.refusedBy(err, 409, "privacy.erasure_waits")
		for _, who := range []*rest.Client{boss, w.platform.rest()} {
			list, err := who.ListAccountErasures(ctx)
			if w.good(err); len(list.Items) != 1 || list.Items[0] != x {
				w.Errorf("%+v", list)
			}
		}
		w.good(w.platform.rest().StopAccountErasure(ctx, x.ID))
		w.refusedBy(boss.StopAccountErasure(ctx, x.ID), 404, "privacy.erasure_none")
	})
}
