package login_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"habilis/internal/account"
	"habilis/internal/credential"
	"habilis/internal/fault"
	"habilis/internal/job"
	"habilis/internal/limit"
	"habilis/internal/login"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// rules.md 4: a request writes to several people, so there are few of them.
func TestLossLimits(t *testing.T) {
	each(t, func(b *bench) {
		b.startOfWindow(24 * time.Hour)
		b.administrator(zoe, true)
		for range login.LossesPerAccount {
			b.asksLoss(zoe)
			_, links := b.heard()
			if err := b.logins.Stop(b.Context(), stranger("192.0.2.9"), links[0], firefox); err != nil {
				b.Fatal(err)
			}
			b.heard()
		}
		_, err := b.logins.AskLoss(b.Context(), stranger("192.0.2.1"), b.half(zoe), firefox)
		if !errors.Is(err, limit.ErrExceeded) || fault.Of(err).Wait <= 0 {
			b.Errorf("one more of an account: %v", err)
		}
		b.hears()
		if n := b.events("factor.ask_loss", "refused"); n != 1 {
			b.Errorf("%d refusals in the trail", n)
		}
		b.administrator("autre@tilleuls.example", true)
		for range login.LossesPerAddress - login.LossesPerAccount - 1 {
			if _, err := b.logins.AskLoss(b.Context(), stranger("192.0.2.1"), b.half("autre@tilleuls.example"), firefox); err != nil {
				b.Fatal(err)
			}
		}
		_, err = b.logins.AskLoss(b.Context(), stranger("192.0.2.1"), b.half("autre@tilleuls.example"), firefox)
		b.wants("one more from an address", err, limit.ErrExceeded)
		_, err = b.logins.AskLoss(b.Context(), stranger("192.0.2.77"), b.half("autre@tilleuls.example"), firefox)
		b.wants("from another address", err, nil)
	})
}

// A proved number hears it too, as long as messages are left: none keeps nobody from asking.
func TestLossIsTexted(t *testing.T) {
	each(t, func(b *bench) {
		b.texting(1)
		for i, address := range []string{julie, "paul@tilleuls.example"} {
			a := b.account(address)
			f := b.phone(a.ID, "06 12 34 56 12")
			half := b.half(address)
			if loss, err := b.logins.Loss(b.Context(), stranger("192.0.2.1"), half); err != nil || loss.Phone != f.Hint {
				b.Errorf("%+v %v", loss, err)
			}
			if _, err := b.logins.AskLoss(b.Context(), stranger("192.0.2.1"), half, firefox); err != nil {
				b.Fatal(err)
			}
			b.hears([][]string{{"factor_loss", "sms.factor_loss"}, {"factor_loss"}}[i]...)
		}
	})
}

// On two nodes at once, the link stops what the day does, or comes too late: never both.
func TestLossRaces(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) {
			b, nodes := twoNodes(t, e)
			a := b.administrator(zoe, true)
			for range 5 {
				b.raceLoss(a, nodes)
			}
		})
	}
}

func (b *bench) raceLoss(a account.Account, nodes [2]login.Logins) {
	b.Helper()
	b.clock.Add(24 * time.Hour) // for the limits
	asks := func(node int) func() error {
		half := b.half(zoe)
		return func() error {
			_, err := nodes[node].AskLoss(b.Context(), stranger("192.0.2.1"), half, firefox)
			return err
		}
	}
	if won := b.atOnce(nil, asks(0), asks(1)); won != 2 {
		b.Fatalf("%d of two asked", won)
	}
	links := b.hears("factor_loss", "factor_loss_told asked")
	var id string
	b.read(func(tx *store.Tx) error {
		return tx.QueryRow(b.Context(), `select id from factor_recovery where stopped_at is null and done_at is null`).Scan(&id)
	})
	args, err := json.Marshal(login.RemovalOrder{Delayed: id})
	if err != nil {
		b.Fatal(err)
	}
	order := job.Job{Kind: login.RemovalOrder{}.Kind(), Args: args}
	b.clock.Add(credential.Delay + time.Minute)
	stopped := b.atOnce([]error{credential.ErrNoDelayed},
		func() error { return nodes[0].Stop(b.Context(), stranger("192.0.2.9"), links[0], firefox) },
		func() error {
			if err := nodes[1].DoRemoval(b.Context(), order); err != nil {
				return err
			}
			return credential.ErrNoDelayed // counted by what became of the factor
		},
	)
	kept := b.count(`select count(*) from factor where removed_at is null and account_id = $1`, a.ID)
	if kept != stopped {
		b.Errorf("stopped %d times, %d factors left", stopped, kept)
	}
	if kept == 0 {
		b.enrolled(a)
	}
	b.heard()
}
