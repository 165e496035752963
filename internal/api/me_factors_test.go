package api_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	rest "habilis/client"
	"habilis/internal/credential"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// SEC-2, rest.md «me»: one's own second factors by program. A token proves no second factor:
// it adds the first one, and from then on takes nothing away at once.
func TestMyFactors(t *testing.T) {
	each(t, func(w *world) {
		c, ctx := w.julie.rest(), t.Context()
		if all := collect(w, c.MyFactors(ctx)); len(all) != 0 {
			t.Fatalf("%+v", all)
		}
		_, err := c.MakeMyRecoveryCodes(ctx)
		w.refusedBy(err, 409, "factor.none_yet")
		begun, err := c.BeginMyTOTP(ctx)
		w.good(err)
		if u, err := url.Parse(begun.Address); err != nil || u.Scheme != "otpauth" || u.Query().Get("secret") != begun.Secret {
			t.Errorf("%s %v", begun.Address, err)
		}
		_, err = c.ConfirmMyTOTP(ctx, begun.Factor, rest.TOTPProof{Code: "abc"})
		w.refusedBy(err, 422, "invalid", "body.code factor.code_wrong")
		_, err = w.bruno.rest().ConfirmMyTOTP(ctx, begun.Factor, rest.TOTPProof{Code: "123456"})
		w.refusedBy(err, 410, "factor.enrolment_over")
		code, err := credential.TOTPCode(secret.NewText(begun.Secret), w.clock.Now())
		w.good(err)
		added, err := c.ConfirmMyTOTP(ctx, begun.Factor, rest.TOTPProof{Code: code, Name: "Téléphone"})
		w.good(err)
		all := collect(w, c.MyFactors(ctx))
		if len(all) != 1 || all[0].ID != added.Factor || all[0].Kind != "totp" || all[0].Name != "Téléphone" || all[0].ProvedAt.IsZero() {
			t.Errorf("%+v", all)
		}
		if answer := w.julie.get("/me/factors"); strings.Contains(string(answer.body), begun.Secret) {
			t.Error("the secret is in the list")
		}
		w.good(c.RenameMyFactor(ctx, added.Factor, rest.FactorName{Name: "Cabinet"}))
		for what, err := range map[string]error{
			"begin":  second(c.BeginMyTOTP(ctx)),
			"remove": c.RemoveMyFactor(ctx, added.Factor),
			"codes":  second(c.MakeMyRecoveryCodes(ctx)),
		} {
			t.Log(what)
			w.refusedBy(err, 403, "factor.stronger_needed")
		}
		r, err := c.AskMyFactorRemoval(ctx, added.Factor)
		w.good(err)
		if all := collect(w, c.MyFactors(ctx)); !all[0].RemovedAt.Equal(r.RemovedAt) || all[0].Name != "Cabinet" {
			t.Errorf("%+v", all)
		}
		w.good(c.KeepMyFactor(ctx, added.Factor))
		w.refusedBy(c.KeepMyFactor(ctx, added.Factor), 410, "factor.stop_gone")
		if codes, err := c.GetMyRecoveryCodes(ctx); err != nil || codes.Left != 0 || !codes.MadeAt.IsZero() {
			t.Errorf("%+v %v", codes, err)
		}
	})
}

func second[T any](_ T, err error) error { return err }

// A factor of somebody else is as if it did not exist.
func TestFactorOfAnother(t *testing.T) {
	each(t, func(w *world) {
		begun, err := w.julie.rest().BeginMyTOTP(t.Context())
		w.good(err)
		c := w.bruno.rest()
		w.refusedBy(c.RenameMyFactor(t.Context(), begun.Factor, rest.FactorName{Name: "x"}), 404, "factor.not_found")
		w.refusedBy(c.RemoveMyFactor(t.Context(), "fct_nothing"), 404, "factor.not_found")
		_, err = c.AskMyFactorRemoval(t.Context(), begun.Factor)
		w.refusedBy(err, 404, "factor.not_found")
	})
}

// rest.md: a program of an administrator sees that all the factors of a member are to be taken,
// and keeps them; nobody keeps those of another organisation.
func TestMemberFactorLoss(t *testing.T) {
	each(t, func(w *world) {
		c, ctx := w.bruno.rest(), t.Context()
		of := w.member("julie@tilleuls.example")
		w.refusedBy(c.KeepMemberFactors(ctx, w.a, of), 410, "factor.stop_gone")
		w.write(func(tx *store.Tx) error {
			_, _, _, err := credential.AskDelayed(ctx, tx, w.julie.account, credential.Losing)
			return err
		})
		f, err := c.ListMemberFactors(ctx, w.a, of)
		if w.good(err); f.LostAt.Sub(w.clock.Now()).Round(time.Minute) != credential.Delay {
			t.Errorf("%+v", f)
		}
		w.refusedBy(w.olga.rest().KeepMemberFactors(ctx, w.a, of), 404, "access.not_found")
		w.refusedBy(w.julie.rest().KeepMemberFactors(ctx, w.a, of), 403, "access.forbidden")
		w.good(c.KeepMemberFactors(ctx, w.a, of))
		if f, err = c.ListMemberFactors(ctx, w.a, of); err != nil || !f.LostAt.IsZero() {
			t.Errorf("%+v %v", f, err)
		}
	})
}

// rest.md «me»: a person's program sees that everything is to be taken, and keeps it.
func TestMyFactorLoss(t *testing.T) {
	each(t, func(w *world) {
		c, ctx := w.julie.rest(), t.Context()
		none, err := c.GetMyFactorLoss(ctx)
		if w.good(err); !none.LostAt.IsZero() {
			t.Errorf("%+v", none)
		}
		w.write(func(tx *store.Tx) error {
			for _, of := range []caller{w.julie, w.bruno} {
				if _, _, _, err := credential.AskDelayed(ctx, tx, of.account, credential.Losing); err != nil {
					return err
				}
			}
			return nil
		})
		waits, err := c.GetMyFactorLoss(ctx)
		if w.good(err); waits.LostAt.Sub(w.clock.Now()).Round(time.Minute) != credential.Delay {
			t.Errorf("%+v", waits)
		}
		w.good(c.StopMyFactorLoss(ctx))
		w.refusedBy(c.StopMyFactorLoss(ctx), 410, "factor.stop_gone")
		if his, err := w.bruno.rest().GetMyFactorLoss(ctx); err != nil || his.LostAt.IsZero() {
			t.Errorf("somebody else's was stopped: %+v %v", his, err)
		}
	})
}
