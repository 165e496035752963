package enrolment

import (
	"testing"

	"habilis/internal/credential"
	"habilis/internal/store"
)

// PWD-08: guesses made while an account waited lock nothing once its person has finished: the
// password that they have just chosen opens.
func TestFinishOfALockedAccount(t *testing.T) {
	each(t, func(w *world) {
		waits := w.register(w.b, "rosa@exemple.fr", "")
		locked := func() (is bool) {
			w.read(func(tx *store.Tx) (err error) {
				is, err = credential.Locked(ctx, tx, waits.Account)
				return err
			})
			return is
		}
		w.write(func(tx *store.Tx) error { return credential.Lock(ctx, tx, waits.Account) })
		if !locked() {
			w.Fatal("it is not locked")
		}
		presented, _ := w.invited("rosa@exemple.fr")
		o, err := w.e.Open(ctx, nobody, presented)
		w.must(err)
		f := finish()
		f.Function = o.Function
		_, err = w.e.Finish(ctx, nobody, presented, f)
		w.must(err)
		if locked() {
			w.Error("the password just chosen is refused")
		}
	})
}
