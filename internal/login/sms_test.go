package login_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/credential"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/limit"
	"habilis/internal/login"
	"habilis/internal/role"
	"habilis/internal/secret"
	"habilis/internal/session"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// texting sends messages; the bench reads their codes where the gateway would.
func (b *bench) texting(perDay int64) {
	b.logins.SMS = login.Texting{On: true, PerDay: perDay, Prefixes: credential.FrenchPrefixes}
}

// code works the queue and gives the code of the one message that waits in it.
func (b *bench) codeSMS() string {
	b.Helper()
	var codes []string
	w := job.Worker{DB: b.db, Ring: b.run.Ring, Log: slog.New(slog.DiscardHandler), Handlers: map[string]job.Handler{}}
	w.Handlers[login.CodeMessage{}.Kind()] = func(_ context.Context, j job.Job) error {
		codes = append(codes, j.Secret.Reveal())
		return nil
	}
	ignore := func(context.Context, job.Job) error { return nil }
	for _, kind := range []string{login.FactorLetter{}.Kind(), session.ClosedLetter{}.Kind(), login.TextingLetter{}.Kind(), login.PhoneReplacedMessage{}.Kind()} {
		w.Handlers[kind] = ignore
	}
	if err := w.Drain(b.Context()); err != nil {
		b.Fatal(err)
	}
	if len(codes) != 1 {
		b.Fatalf("%d messages, want 1", len(codes))
	}
	return codes[0]
}

// phone gives an account a proved number.
func (b *bench) phone(of ident.Account, typed string) (f credential.Factor) {
	b.Helper()
	number, err := credential.FrenchPrefixes.Parse(typed)
	if err != nil {
		b.Fatal(err)
	}
	b.write(func(tx *store.Tx) error {
		if f, err = credential.StartSMS(b.Context(), tx, b.run.Ring, of, number, "ses_x"); err != nil {
			return err
		}
		c, err := credential.NewSMS(b.Context(), tx, b.run.Ring, f, credential.CodeEnrol, "ses_x")
		if err != nil {
			return err
		}
		_, err = credential.ProveSMS(b.Context(), tx, b.run.Ring, of, "ses_x", c.Code.Reveal())
		return err
	})
	return f
}

// half gives the first proof in a browser of its own.
func (b *bench) halfSMS(address string) *session.OpenedHalf {
	b.Helper()
	res, err := b.logins.SignIn(b.Context(), stranger("192.0.2.1"), address, secret.NewText(good), login.Client{})
	if err != nil || res.Half == nil || res.Session != nil {
		b.Fatalf("no second factor is asked: %+v %v", res, err)
	}
	return res.Half
}

func (b *bench) answerSMS(h *session.OpenedHalf, code string) (login.Result, error) {
	return b.logins.Second(b.Context(), stranger("192.0.2.1"), h.Token.Reveal(), login.Answer{Kind: credential.SMS, Code: code}, login.Client{})
}

// MFA-07: of two sign-ins, each takes the code that was sent for it; the code that proves a
// number opens none.
func TestSMSOfOneSignIn(t *testing.T) {
	each(t, func(b *bench) {
		b.texting(100)
		a := b.account("julie@tilleuls.example")
		f := b.phone(a.ID, "06 12 34 56 12")
		one, two := b.halfSMS("julie@tilleuls.example"), b.halfSMS("julie@tilleuls.example")
		if _, err := b.logins.SendSMS(b.Context(), stranger("192.0.2.1"), one.Half, f.ID); err != nil {
			b.Fatal(err)
		}
		code := b.codeSMS()
		if _, err := b.answerSMS(two, code); !errors.Is(err, login.ErrSecondLocked) {
			b.Errorf("MFA-07: the code of A in B: %v", err)
		}
		b.write(func(tx *store.Tx) error { // a number begun by whoever holds the half
			_, err := credential.NewSMS(b.Context(), tx, b.run.Ring, f, credential.CodeEnrol, two.Half.ID.String())
			return err
		})
		if _, err := b.answerSMS(two, code); !errors.Is(err, login.ErrSecondLocked) {
			b.Errorf("MFA-07: with a code of enrolment waiting: %v", err)
		}
		res, err := b.answerSMS(one, code)
		if err != nil || res.Session == nil {
			b.Fatalf("the code of A in A: %v", err)
		}
		if _, err := b.answerSMS(one, code); !errors.Is(err, session.ErrHalfGone) {
			b.Errorf("used twice: %v", err)
		}
		b.read(func(tx *store.Tx) error {
			all, err := credential.Factors(b.Context(), tx, a.ID)
			if len(all) != 1 || all[0].LastUsedAt.IsZero() {
				b.Errorf("%+v", all)
			}
			return err
		})
	})
}

// MFA-02, rules.md 4: wrong codes end the half, and the right one comes too late.
func TestWrongSMSEndsTheHalf(t *testing.T) {
	each(t, func(b *bench) {
		b.texting(100)
		a := b.account("julie@tilleuls.example")
		f := b.phone(a.ID, "06 12 34 56 12")
		h := b.halfSMS("julie@tilleuls.example")
		if _, err := b.logins.SendSMS(b.Context(), stranger("192.0.2.1"), h.Half, f.ID); err != nil {
			b.Fatal(err)
		}
		code := b.codeSMS()
		bad := map[bool]string{true: "000001", false: "000000"}[code == "000000"]
		var last error
		for range session.HalfFailures {
			_, last = b.answerSMS(h, bad)
		}
		if !errors.Is(last, login.ErrHalfOver) {
			b.Errorf("the fifth: %v", last)
		}
		if _, err := b.answerSMS(h, code); !errors.Is(err, session.ErrHalfGone) {
			b.Errorf("the right one after: %v", err)
		}
	})
}

// MFA-03: whoever only has the password of somebody with a factor adds no number of their own.
func TestHalfAddsNoNumber(t *testing.T) {
	each(t, func(b *bench) {
		b.texting(100)
		a := b.account("julie@tilleuls.example")
		f := b.phone(a.ID, "06 12 34 56 12")
		h := b.halfSMS("julie@tilleuls.example")
		for name, err := range map[string]error{
			"another number":       second(b.logins.BeginPhone(b.Context(), stranger("192.0.2.1"), h.Half, "07 56 78 12 34")),
			"the proof of the one": second(b.logins.SendPhoneProof(b.Context(), stranger("192.0.2.1"), h.Half, f.ID)),
		} {
			if !errors.Is(err, login.ErrHasFactor) {
				b.Errorf("%s: %v", name, err)
			}
		}
		if n := b.count(`select count(*) from job where kind = 'sms.code'`); n != 0 {
			b.Errorf("%d messages", n)
		}
	})
}

func second[T any](_ T, err error) error { return err }

// SEC-2, MFA-03: an administrator without any factor enrols a number half-way; its code
// opens the session, once the number is proved.
func TestFirstNumberHalfWay(t *testing.T) {
	each(t, func(b *bench) {
		b.texting(100)
		p := b.organisation("Tilleuls")
		a := b.account("claire@tilleuls.example")
		b.join(p, a, role.Administrator)
		h := b.halfSMS("claire@tilleuls.example")
		sent, err := b.logins.BeginPhone(b.Context(), stranger("192.0.2.1"), h.Half, "06 12 34 56 12")
		if err != nil {
			b.Fatal(err)
		}
		code := b.codeSMS()
		res, err := b.logins.FinishEnrol(b.Context(), stranger("192.0.2.1"), h.Token.Reveal(), login.Enrolling{Kind: credential.SMS, Code: code}, login.Client{})
		if err != nil || res.Session == nil {
			b.Fatalf("%+v %v", res, err)
		}
		b.read(func(tx *store.Tx) error {
			all, err := credential.Factors(b.Context(), tx, a.ID)
			if len(all) != 1 || all[0].ID != sent.Factor || all[0].ProvedAt.IsZero() {
				b.Errorf("%+v", all)
			}
			return err
		})
		if b.events("factor.add", "done") != 1 || b.count(`select count(*) from job where kind = 'letter.factor'`) != 1 {
			b.Error("neither recorded nor told")
		}
	})
}

// MFA-08: of many who ask at once, on two nodes, three codes leave for one account, and no
// more than the day's for all.
func TestSMSAskedAtOnce(t *testing.T) {
	const perDay = 5
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) {
			place := storetest.Place(t, e)
			clock := &storetest.Clock{} // early in an hour: no window ends meanwhile
			clock.Add(time.Until(time.Now().Truncate(time.Hour).Add(time.Hour + time.Minute)))
			place.Clock = clock.Now
			ring := secret.NewRing(time.Now())
			nodes := make([]*bench, 2)
			for i := range nodes {
				db, err := store.Open(t.Context(), place)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = db.Close() })
				run := &action.Runner{DB: db, Ring: ring, Log: slog.New(slog.DiscardHandler)}
				nodes[i] = &bench{T: t, clock: clock, db: db, run: run, hasher: credential.NewHasher(ring)}
				nodes[i].hasher.Cost = credential.Cost{Memory: 64, Time: 1}
				nodes[i].logins = login.Logins{Run: run, Hasher: nodes[i].hasher}
				nodes[i].texting(perDay)
			}
			b := nodes[0]
			julie, paul := b.account("julie@tilleuls.example"), b.account("paul@tilleuls.example")
			phones := map[ident.Account]credential.Factor{julie.ID: b.phone(julie.ID, "06 12 34 56 12"), paul.ID: b.phone(paul.ID, "06 12 34 56 34")}
			sent := askAtOnce(t, nodes, []account.Account{julie}, phones)
			if sent[julie.ID] != login.CodesPerHour {
				t.Errorf("%d codes of 12 left for one account", sent[julie.ID])
			}
			sent = askAtOnce(t, nodes, []account.Account{julie, paul}, phones)
			if sent[julie.ID] != 0 || sent[paul.ID] != perDay-login.CodesPerHour {
				t.Errorf("%v left, of %d a day", sent, perDay)
			}
			if n := b.count(`select count(*) from job where kind = 'sms.code'`); n != perDay {
				t.Errorf("%d messages are in the queue", n)
			}
			if n := b.count(`select count(*) from job where kind = 'letter.texting'`); n != 2 {
				t.Errorf("%d alerts, want one at four fifths and one at the end", n)
			}
			if n := b.count(`select count(*) from sms_code where used_at is null and purpose = 'sign_in' and account_id = $1 and expires_at > $2`, julie.ID, clock.Now()); n != 1 {
				t.Errorf("%d codes of one account work", n)
			}
		})
	}
}

// askAtOnce asks twelve times for a code, on the nodes in turn, for the accounts in turn.
func askAtOnce(t *testing.T, nodes []*bench, of []account.Account, phones map[ident.Account]credential.Factor) map[ident.Account]int {
	t.Helper()
	sent := map[ident.Account]int{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for n := range 12 {
		wg.Go(func() {
			a := of[n%len(of)]
			half := session.Half{ID: ident.NewHalf(), Account: a.ID}
			_, err := nodes[n%len(nodes)].logins.SendSMS(t.Context(), access.Actor{Kind: access.Anonymous, Via: "web"}, half, phones[a.ID].ID)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				sent[a.ID]++
			case !errors.Is(err, limit.ErrExceeded) && !errors.Is(err, login.ErrTextingFull):
				t.Error(err)
			}
		})
	}
	wg.Wait()
	return sent
}

// MFA-08, rules.md 4: what strangers have sent to telephones is a share of the messages of a day, and
// few to one number, however many they are: the others are left to sign-ins. They count in
// the day's all the same.
func TestStrangersLeaveMessagesToSignIns(t *testing.T) {
	each(t, func(b *bench) {
		const perDay = 8 * login.StrangersShare
		b.texting(perDay)
		take := func(subject, typed string) error { return b.strangerText("192.0.2.1", subject, typed) }
		for n := range login.CodesPerNumber {
			b.wants("to one number", take(fmt.Sprint("reg", n), "06 12 34 56 12"), nil)
		}
		b.wants("one more to that number", take("reg", "06 12 34 56 12"), limit.ErrExceeded)
		for n := range perDay/login.StrangersShare - login.CodesPerNumber {
			b.wants("to others", take("many", fmt.Sprint("06 12 34 57 1", n)), nil)
		}
		err := take("late", "06 12 34 58 12")
		b.wants("beyond the share", err, login.ErrStrangersFull)
		if f := fault.Of(err); f.Code != "registration.sms_day_full" || f.Wait <= 0 {
			b.Errorf("%+v", f)
		}
		left := perDay - perDay/login.StrangersShare
		for n := range left {
			a := b.account(fmt.Sprintf("p%d@tilleuls.example", n))
			half := session.Half{ID: ident.NewHalf(), Account: a.ID}
			_, err := b.logins.SendSMS(b.Context(), stranger("192.0.2.1"), half, b.phone(a.ID, "07 56 78 12 34").ID)
			b.wants("a sign-in", err, nil)
		}
		a := b.account("dernier@tilleuls.example")
		_, err = b.logins.SendSMS(b.Context(), stranger("192.0.2.1"), session.Half{ID: ident.NewHalf(), Account: a.ID}, b.phone(a.ID, "07 56 78 12 34").ID)
		b.wants("beyond what the operator pays for", err, login.ErrTextingFull)
		b.logins.SMS.On = false
		b.wants("without a gateway", take("off", "06 12 34 59 12"), login.ErrNoTexting)
	})
}

// strangerText counts a message asked for without a session from a network.
func (b *bench) strangerText(network, subject, typed string) error {
	b.Helper()
	number, err := credential.FrenchPrefixes.Parse(typed)
	if err != nil {
		b.Fatal(err)
	}
	act := action.Act{Verb: "test.text", Needs: []access.Need{access.Everybody()}}
	_, err = action.Run(b.Context(), b.run, stranger(network), act, func(tx *action.Tx) (struct{}, error) {
		tx.Record(audit.Event{Verb: act.Verb})
		return struct{}{}, b.logins.TakeText(b.Context(), tx, subject, number)
	})
	return err
}

// MFA-08, rules.md 4: of the share of strangers one network has a part: it does not keep everybody
// else from proving a telephone. Near the end of the share, and at its end, the operator is told.
func TestStrangersOfOneNetwork(t *testing.T) {
	each(t, func(b *bench) {
		const share = 2 * login.CodesPerNetwork
		b.texting(share * login.StrangersShare)
		sent := 0
		take := func(network string) error {
			sent++
			return b.strangerText(network, fmt.Sprint("reg", sent), fmt.Sprintf("06 12 34 %02d 12", sent))
		}
		alerts := func() int { return b.count(`select count(*) from job where kind = 'letter.texting'`) }
		for range login.CodesPerNetwork {
			b.wants("of one network", take("192.0.2.7"), nil)
		}
		b.wants("one more", take("192.0.2.7"), limit.ErrExceeded)
		for n := login.CodesPerNetwork + 1; n <= share; n++ {
			b.wants("of another", take("192.0.2.8"), nil)
			want := map[bool]int{true: 1}[n*100 >= share*login.AlertPercent]
			if n == share {
				want = 2
			}
			if got := alerts(); got != want {
				b.Errorf("%d alerts after %d of %d", got, n, share)
			}
		}
		b.wants("beyond the share", take("192.0.2.9"), login.ErrStrangersFull)
		w := job.Worker{DB: b.db, Ring: b.run.Ring, Log: slog.New(slog.DiscardHandler), Handlers: map[string]job.Handler{}}
		w.Handlers[login.TextingLetter{}.Kind()] = func(_ context.Context, j job.Job) error {
			var l login.TextingLetter
			if err := j.Decode(&l); err != nil {
				return err
			}
			if !l.Strangers || l.PerDay != share || l.Sent != share && l.Sent != share*login.AlertPercent/100 {
				b.Errorf("%+v", l)
			}
			return nil
		}
		if err := w.Drain(b.Context()); err != nil {
			b.Fatal(err)
		}
	})
}
