package api_test

import (
	"testing"

	rest "habilis/client"
)

// CHG-2, ENU-02: a program asks for another address with the password; the answer is the same
// for one that has an account; what waits is read and given up.
func TestMyEmail(t *testing.T) {
	each(t, func(w *world) {
		c, ctx := w.julie.rest(), t.Context()
		_, err := c.GetEmailChange(ctx)
		w.refusedBy(err, 404, "login.no_email_asked")
		_, err = c.AskEmail(ctx, rest.NewEmail{Email: "julie@port.example"})
		w.refusedBy(err, 422, "invalid", "body.password login.password_empty")
		_, err = c.AskEmail(ctx, rest.NewEmail{Email: "julie@tilleuls.example", Password: goodPassword})
		w.refusedBy(err, 422, "invalid", "body.email login.email_same")
		_, err = c.AskEmail(ctx, rest.NewEmail{Email: "julie@port.example", Password: newPassword})
		w.refusedBy(err, 403, "login.current_password")
		free, err := c.AskEmail(ctx, rest.NewEmail{Email: "julie@port.example", Password: goodPassword})
		w.good(err)
		taken, err := c.AskEmail(ctx, rest.NewEmail{Email: "tina@tilleuls.example", Password: goodPassword})
		w.good(err)
		if free.Email != "julie@port.example" || taken.Email != "tina@tilleuls.example" || taken.ExpiresAt.Sub(taken.AskedAt) != free.ExpiresAt.Sub(free.AskedAt) {
			t.Errorf("%+v %+v", free, taken)
		}
		waits, err := c.GetEmailChange(ctx)
		w.good(err)
		if waits != taken {
			t.Errorf("%+v waits, %+v was asked last", waits, taken)
		}
		w.good(c.CancelEmailChange(ctx))
		w.good(c.CancelEmailChange(ctx))
		_, err = c.GetEmailChange(ctx)
		w.refusedBy(err, 404, "login.no_email_asked")
		if me, err := c.GetMe(ctx); err != nil || me.Email != "julie@tilleuls.example" {
			t.Errorf("%+v %v", me, err)
		}
	})
}

// CHG-2: an address is corrected by the organisation's administrators only where the policy says so.
func TestCorrectMemberEmail(t *testing.T) {
	each(t, func(w *world) {
		ctx, julie := t.Context(), w.member("julie@tilleuls.example")
		right := rest.CorrectedEmail{Email: "julie@port.example"}
		_, err := w.bruno.rest().CorrectMemberEmail(ctx, w.a, julie, right)
		w.refusedBy(err, 403, "login.email_policy")
		_, err = w.olga.rest().CorrectMemberEmail(ctx, w.a, julie, right)
		w.refusedBy(err, 404, "access.not_found")
		_, err = w.julie.rest().CorrectMemberEmail(ctx, w.a, julie, right)
		w.refusedBy(err, 409, "member.yourself")
	})
}

// SEC-5: remembered devices and the last sign-ins are one's own.
func TestMyDevicesAndSignIns(t *testing.T) {
	each(t, func(w *world) {
		c, ctx := w.julie.rest(), t.Context()
		if list := collect(w, c.MyDevices(ctx)); len(list) != 0 {
			t.Errorf("%+v", list)
		}
		w.refusedBy(c.ForgetMyDevice(ctx, "dev_019aa0f3-9e2c-7b35-b7d1-4a60c8f2e917"), 404, "session.device_not_found")
		if list := collect(w, c.MySignIns(ctx)); len(list) != 0 {
			t.Errorf("%+v", list)
		}
		_, err := c.AskEmail(ctx, rest.NewEmail{Email: "julie@port.example", Password: newPassword})
		w.refusedBy(err, 403, "login.current_password")
		if list := collect(w, c.MySignIns(ctx)); len(list) != 0 {
			t.Errorf("a step-up is no sign-in: %+v", list)
		}
	})
}
