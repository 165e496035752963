package privacy_test

import (
	"testing"
	"time"

	"habilis/internal/account"
	"habilis/internal/departure"
	"habilis/internal/fault"
	"habilis/internal/privacy"
	"habilis/internal/store"
)

// supported has somebody of the house have a role on the platform, until now.
func (h *house) supported() {
	h.t.Helper()
	for _, r := range []account.PlatformRole{account.Support, account.NoRole} {
		h.Clock.Add(time.Minute)
		must(h.t, 0, h.write(func(tx *store.Tx) error {
			a, _, err := account.Get(h.t.Context(), tx, h.who.Account)
			if err != nil {
				return err
			}
			a.PlatformRole = r
			_, err = account.Set(h.t.Context(), tx, a)
			return err
		}))
	}
}

// AUD-4: whoever had a role on the platform does not take their name out of the trail by having the
// account that had it give way to another one: what it was counts, while it can be undone and after.
func TestPlatformPastOfAMergedAccount(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.supported()
		_, by := h.merged()
		ctx, p := t.Context(), h.App.People
		refused := func(when, want string) {
			t.Helper()
			by.StepUp = h.App.DB.Now()
			if _, err := p.EraseAccount(ctx, by, full); err == nil || fault.Of(err).Code != want {
				t.Errorf("%s: %v, want %s", when, err, want)
			}
			if v, err := p.PreviewAccount(ctx, by); err != nil || v.Refused != want {
				t.Errorf("%s, the page says %q %v, want %s", when, v.Refused, err, want)
			}
		}
		refused("while it can be undone", privacy.ErrPlatformPast.Code)
		h.Clock.Add(departure.UndoFor)
		must(t, 0, h.App.Merges.Finish(ctx))
		refused("once the account is no more", privacy.ErrPlatformPast.Code)
		h.Clock.Add(36 * 31 * 24 * time.Hour)
		by.StepUp = h.App.DB.Now()
		if v, err := p.PreviewAccount(ctx, by); err != nil || v.Refused != "" {
			t.Errorf("after the time of the trail, the page says %q %v", v.Refused, err)
		}
		_, err := p.EraseAccount(ctx, by, full)
		must(t, 0, err)
	})
}
