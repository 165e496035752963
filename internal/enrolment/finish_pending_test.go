package enrolment

import (
	"testing"

	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/credential"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// VER-1, INV-15, rules.md 11: an address whose file waits in one organisation accepts an invitation of
// another, as one without account does: the link proves the mailbox, the password is that
// of the form, and the file goes on waiting, whatever becomes of it.
func TestFinishWithAPendingAccount(t *testing.T) {
	each(t, func(w *world) {
		waits := w.register(w.b, "rosa@exemple.fr", "")
		presented, _ := w.invited("rosa@exemple.fr")
		o, err := w.e.Open(ctx, nobody, presented)
		w.must(err)
		if o.HasAccount {
			w.Error("told to sign in, which they cannot")
		}
		f := finish()
		f.Function = o.Function
		done, err := w.e.Finish(ctx, nobody, presented, f)
		w.must(err)
		if done.Account != waits.Account || w.accountStatus(done.Account) != account.Active {
			w.Errorf("%+v, the account is %s", done, w.accountStatus(done.Account))
		}
		w.read(func(tx *store.Tx) error {
			hash, err := credential.PasswordHash(ctx, tx, done.Account)
			if ok, e := w.e.Hasher.Verify(ctx, hash, secret.NewText(goodPassword)); !ok || e != nil {
				w.Errorf("the password of the form does not open: %v", e)
			}
			return err
		})
		if !w.holds(w.a, done.Account) || w.holds(w.b, done.Account) || w.verification(w.b, waits.ID) != member.Unchecked {
			w.Error("in force in A, and waiting in B, is what should be")
		}
		w.must(w.transit(w.b, func(tx *action.Tx) error { return Abandon(ctx, tx, w.b.org, waits.ID) }))
		if w.accountStatus(done.Account) != account.Active || !w.holds(w.a, done.Account) {
			w.Error("the abandoned file took the account with it")
		}
		w.verified()
	})
}

// rules.md 11: an account that was open once, and waits again, goes to whoever has its mailbox now with
// nothing of whoever had it before: no factor, no code, no link, no session. The trail says so.
func TestFinishWipesAPendingAccount(t *testing.T) {
	each(t, func(w *world) {
		waits := w.register(w.b, "rosa@exemple.fr", "")
		w.must(w.verify(w.b, waits.ID, VerifiedAs{}))
		w.e.Hasher.Cost = credential.Cost{Memory: 64, Time: 1}
		link, proof := w.furnish(waits.Account)
		w.must(w.unverify(w.b, waits.ID))
		session := w.session(waits.Account)
		presented, _ := w.invited("rosa@exemple.fr")
		o, err := w.e.Open(ctx, nobody, presented)
		w.must(err)
		f := finish()
		f.Function = o.Function
		done, err := w.e.Finish(ctx, nobody, presented, f)
		w.must(err)
		w.read(func(tx *store.Tx) error {
			factors, err := credential.Factors(ctx, tx, done.Account)
			w.must(err)
			codes, err := credential.HasRecovery(ctx, tx, done.Account)
			w.must(err)
			_, resets, err := credential.ResetOwner(ctx, tx, link.Reveal())
			w.must(err)
			_, moves, err := account.EmailProofOf(ctx, tx, proof.Reveal())
			w.must(err)
			if done.Account != waits.Account || len(factors) > 0 || codes || resets || moves {
				w.Errorf("left to whoever had the mailbox before: %v, codes %t, a reset %t, another address %t", factors, codes, resets, moves)
			}
			hash, err := credential.PasswordHash(ctx, tx, done.Account)
			if ok, e := w.e.Hasher.Verify(ctx, hash, f.Password); !ok || e != nil {
				w.Errorf("the password of the form does not open: %v", e)
			}
			return err
		})
		if w.opens(session) {
			w.Error("a session goes on")
		}
		if n := w.recorded(audit.Installation, verbActivate, audit.Done); n != 1 {
			w.Errorf("%d lines say that the account opened", n)
		}
		w.verified()
	})
}

// furnish gives an account a telephone, recovery codes, a link to a new password and one to another address.
func (w *world) furnish(id ident.Account) (reset, proof secret.Text) {
	w.Helper()
	codes, err := w.e.Hasher.NewRecoverySet(ctx)
	w.must(err)
	number, err := credential.FrenchPrefixes.Parse("06 12 34 56 12")
	w.must(err)
	w.write(func(tx *store.Tx) error {
		f, err := credential.StartSMS(ctx, tx, w.run.Ring, id, number, "ses_x")
		w.must(err)
		c, err := credential.NewSMS(ctx, tx, w.run.Ring, f, credential.CodeEnrol, "ses_x")
		w.must(err)
		_, err = credential.ProveSMS(ctx, tx, w.run.Ring, id, "ses_x", c.Code.Reveal())
		w.must(err)
		w.must(credential.SetRecovery(ctx, tx, id, codes))
		reset, err = credential.NewReset(ctx, tx, id)
		w.must(err)
		a, _, err := account.Get(ctx, tx, id)
		w.must(err)
		_, proof, err = account.AskEmail(ctx, tx, a, email("ailleurs@exemple.fr"), id)
		return err
	})
	return reset, proof
}

// INV-15: the link does not let in here whoever waits here.
func TestFinishWhereTheFileWaits(t *testing.T) {
	each(t, func(w *world) {
		presented, id := w.invited("rosa@exemple.fr")
		waits := w.register(w.a, "rosa@exemple.fr", "")
		_, err := w.e.Finish(ctx, nobody, presented, finish())
		w.refused("their file waits here", err, member.ErrAlreadyMember)
		if w.accountStatus(waits.Account) != account.Pending || w.holds(w.a, waits.Account) {
			w.Error("let in all the same")
		}
		if n := w.count(`select count(*) from invitation where id = $1 and status = 'pending'`, id); n != 1 {
			w.Error("the link is spent")
		}
	})
}
