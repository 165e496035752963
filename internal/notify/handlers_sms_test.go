package notify

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/credential"
	"habilis/internal/fault"
	"habilis/internal/limit"
	"habilis/internal/login"
	"habilis/internal/secret"
	sessions "habilis/internal/session"
	"habilis/internal/store"
	"habilis/internal/text"
)

// phones is the world, with a gateway of SMS and the logins that send through it.
type phones struct {
	*world
	gate    *gateway
	logins  login.Logins
	told    []SMSOutcome
	refused int
}

// eachPhones runs fn on each engine with messages of a day.
func eachPhones(t *testing.T, perDay int64, fn func(p *phones)) {
	t.Helper()
	eachWorld(t, func(w *world) {
		p := &phones{world: w, gate: startGateway(w.T)}
		w.clock.Add(time.Until(time.Now().Truncate(time.Hour).Add(time.Hour + time.Minute))) // early in an hour: no window ends meanwhile
		p.logins = login.Logins{Run: w.run, Hasher: w.e.Hasher, SMS: login.Texting{
			On: true, PerDay: perDay, Prefixes: credential.FrenchPrefixes, Refused: func() { p.refused++ },
		}}
		public, err := url.Parse(base)
		w.must(err)
		w.worker.Handlers = Handlers(Deps{
			DB: w.db, Mailer: sender(w.T, SMTPConfig{Port: w.post.port, Mode: NoTLS}), Base: public, Ring: w.run.Ring,
			Gateway: p.gate.with(w.T, GatewayConfig{}), Texted: func(o SMSOutcome) { p.told = append(p.told, o) },
		})
		fn(p)
	})
}

// in is somebody signed in, who has just proved themself.
func (p *phones) in(s someone) access.Actor {
	p.Helper()
	by := p.by(s)
	p.write(func(tx *store.Tx) error {
		o, _, err := sessions.Open(ctx, tx, sessions.New{Account: s.account.ID, Idle: time.Hour, Absolute: time.Hour, Address: "192.0.2.1"})
		by.Session = o.Session.ID
		return err
	})
	return by
}

var sixDigits = regexp.MustCompile(`\b[0-9]{6}\b`)

// sent works the queue and gives the codes of the messages that came.
func (p *phones) sent() (codes []string) {
	p.Helper()
	before := len(p.gate.got())
	p.must(p.worker.Drain(ctx))
	for _, a := range p.gate.got()[before:] {
		codes = append(codes, sixDigits.FindString(a.body))
	}
	return codes
}

// MFA-07, MFA-08: a number is proved by the message that reaches it; three codes an hour for
// one account, refused and counted beyond.
func TestCodesAreSent(t *testing.T) {
	eachPhones(t, 100, func(p *phones) {
		by := p.in(p.bruno)
		sent, err := p.logins.BeginPhone(ctx, by, sessions.Half{}, "06 12 34 56 12")
		p.must(err)
		if sent.Hint != "06\u00a0••\u00a0••\u00a0••\u00a012" {
			p.Errorf("%+v", sent)
		}
		codes := p.sent()
		if len(codes) != 1 || p.told[0] != SMSSent {
			p.Fatalf("%v %v", codes, p.told)
		}
		if body := p.gate.got()[0].body; !strings.Contains(body, `"to":"+33612345612"`) || !strings.Contains(body, "@acces.exemple.fr #"+codes[0]) || !strings.Contains(body, "confirme ce num") {
			p.Errorf("%s", body)
		}
		if _, err := p.logins.ProvePhone(ctx, p.in(p.bruno), "", secret.NewText(codes[0]), login.Client{}); !errors.Is(err, login.ErrCodeGone) {
			p.Errorf("MFA-07: in another browser: %v", err)
		}
		wrong := "000000"
		if codes[0] == wrong {
			wrong = "000001"
		}
		_, err = p.logins.ProvePhone(ctx, by, "", secret.NewText(wrong), login.Client{})
		if f := fault.Of(err); len(f.Fields) != 1 || f.Fields[0].Code != "factor.sms_code_wrong" {
			p.Errorf("a wrong code: %+v", f)
		}
		added, err := p.logins.ProvePhone(ctx, by, "", secret.NewText(codes[0]), login.Client{})
		p.must(err)
		if added.Factor != sent.Factor || added.Session.Token.IsZero() {
			p.Errorf("%+v", added)
		}
		by.Second = string(credential.SMS)
		half := sessions.Half{ID: "hlf_x", Account: p.bruno.account.ID}
		for range login.CodesPerHour - 1 {
			_, err := p.logins.SendSMS(ctx, by, half, sent.Factor)
			p.must(err)
		}
		if _, err := p.logins.SendSMS(ctx, by, half, sent.Factor); !errors.Is(err, limit.ErrExceeded) || p.refused != 1 {
			p.Errorf("MFA-08: the fourth of an hour: %v, %d refused", err, p.refused)
		}
		if n := len(p.sent()); n != 1 { // the one before was killed by a newer
			p.Errorf("%d messages", n)
		}
		p.clock.Add(time.Hour)
		if _, err := p.logins.SendSMS(ctx, by, half, sent.Factor); err != nil {
			p.Errorf("an hour later: %v", err)
		}
	})
}

// MFA-06: the number that is replaced is told, and so is the person.
func TestOldPhoneIsTold(t *testing.T) {
	eachPhones(t, 100, func(p *phones) {
		by := p.in(p.claire)
		for _, number := range []string{"06 12 34 56 12", "07 56 78 12 34"} {
			_, err := p.logins.BeginPhone(ctx, by, sessions.Half{}, number)
			p.must(err)
			_, err = p.logins.ProvePhone(ctx, by, "", secret.NewText(p.sent()[0]), login.Client{})
			p.must(err)
			by.Second = string(credential.SMS)
		}
		p.must(p.worker.Drain(ctx))
		got := p.gate.got()
		if last := got[len(got)-1].body; len(got) != 3 || !strings.Contains(last, `"to":"+33612345612"`) || !strings.Contains(last, "no longer receives") {
			p.Errorf("%d messages, the last %s", len(got), last)
		}
	})
}

// MFA-08: at four fifths of the messages of a day the platform's administrators are told,
// once, and again at the last; beyond, none leaves.
func TestMessagesOfTheDay(t *testing.T) {
	eachPhones(t, 5, func(p *phones) {
		p.write(func(tx *store.Tx) error {
			e, _ := account.ParseEmail("plateforme@habilis.example")
			_, err := account.Insert(ctx, tx, account.New{
				Email: e, Names: account.Names{GivenName: "Odile", FamilyName: "Renard"}, Language: text.FR, PlatformRole: account.Administrator,
			})
			return err
		})
		p.clock.Add(p.clock.Now().Truncate(24 * time.Hour).Add(25 * time.Hour).Sub(p.clock.Now())) // one o'clock, in a day of its own
		who := []someone{p.bruno, p.claire, p.tina}
		begin := func(n int) error {
			_, err := p.logins.BeginPhone(ctx, p.in(who[n%3]), sessions.Half{}, "06 12 34 56 1"+string(rune('0'+n)))
			return err
		}
		var letters []Kept
		for n := range 5 {
			p.must(begin(n))
			letters = append(letters, p.work()...)
			if want := max(0, n-2); len(letters) != want {
				p.Fatalf("after %d messages, %d letters", n+1, len(letters))
			}
		}
		p.says(letters[0], "4 des 5 SMS", "--sms-per-day")
		p.says(letters[1], "a envoyé les 5 SMS", "Plus aucun code ne partira par SMS")
		if letters[0].To != "plateforme@habilis.example" || strings.Contains(letters[0].Text+letters[1].Text, "3361") {
			p.Errorf("%+v", letters)
		}
		if err := begin(5); !errors.Is(err, login.ErrTextingFull) || p.refused != 1 {
			p.Errorf("the sixth: %v", err)
		}
		if got := len(p.gate.got()); got != 5 || len(p.work()) != 0 {
			p.Errorf("%d messages left, and letters", got)
		}
		p.clock.Add(24 * time.Hour)
		p.must(begin(5))
	})
}

// A gateway that fails is asked again, but never once the code expired: it would only confuse.
func TestCodesAreTriedAgain(t *testing.T) {
	eachPhones(t, 100, func(p *phones) {
		p.gate.answer = func(n int) int {
			if n < 3 {
				return http.StatusBadGateway
			}
			return http.StatusOK
		}
		_, err := p.logins.BeginPhone(ctx, p.in(p.bruno), sessions.Half{}, "06 12 34 56 12")
		p.must(err)
		for range 3 {
			p.must(p.worker.Drain(ctx))
			p.clock.Add(30 * time.Second)
		}
		if got := len(p.gate.got()); got != 3 || p.told[0] != SMSFailed || p.told[2] != SMSSent || p.states()["done"] != 1 {
			p.Errorf("%d requests, %v, %v", got, p.told, p.states())
		}
		p.gate.answer = func(int) int { return http.StatusBadGateway }
		_, err = p.logins.BeginPhone(ctx, p.in(p.claire), sessions.Half{}, "06 12 34 56 34")
		p.must(err)
		p.must(p.worker.Drain(ctx))
		before := len(p.gate.got())
		p.clock.Add(credential.CodeLife)
		p.must(p.worker.Drain(ctx))
		if len(p.gate.got()) != before || p.states()["failed"] != 1 || p.told[len(p.told)-1] != SMSFailed {
			p.Errorf("after it expired: %d requests more, %v", len(p.gate.got())-before, p.states())
		}
		p.gate.answer = func(int) int { return http.StatusUnauthorized }
		_, err = p.logins.BeginPhone(ctx, p.in(p.tina), sessions.Half{}, "06 12 34 56 56")
		p.must(err)
		before = len(p.gate.got())
		for range 3 {
			p.must(p.worker.Drain(ctx))
			p.clock.Add(time.Minute)
		}
		if len(p.gate.got()) != before+1 || p.states()["failed"] != 2 {
			p.Errorf("a gateway that refuses was asked %d times, %v", len(p.gate.got())-before, p.states())
		}
	})
}

// MFA-08: what may be written to is decided when a message leaves, too; where no gateway is
// configured, nobody is asked for a number.
func TestWhereMessagesGo(t *testing.T) {
	eachPhones(t, 100, func(p *phones) {
		by := p.in(p.bruno)
		for number, code := range map[string]string{
			"0899 70 12 34": "factor.phone_prefix", "+44 7911 123456": "factor.phone_prefix", "01 42 68 53 00": "factor.phone_prefix", "": "factor.phone", "12": "factor.phone",
		} {
			if _, err := p.logins.BeginPhone(ctx, by, sessions.Half{}, number); fieldCode(err) != "number "+code {
				p.Errorf("%q: %v", number, err)
			}
		}
		sent, err := p.logins.BeginPhone(ctx, by, sessions.Half{}, "06 12 34 56 12")
		p.must(err)
		if _, err := p.logins.SendSMS(ctx, by, sessions.Half{}, sent.Factor); !errors.Is(err, credential.ErrPhoneUnproved) {
			p.Errorf("a number that was not proved: %v", err)
		}
		if _, err := p.logins.SendPhoneProof(ctx, p.in(p.bruno), sessions.Half{}, sent.Factor); !errors.Is(err, credential.ErrEnrolmentOver) {
			p.Errorf("proved from another browser: %v", err)
		}
		if _, err := p.logins.SendPhoneProof(ctx, p.in(p.claire), sessions.Half{}, sent.Factor); !errors.Is(err, credential.ErrFactorNotFound) {
			p.Errorf("by somebody else: %v", err)
		}
		p.logins.SMS.Prefixes = credential.Prefixes{"+337"}
		if _, err := p.logins.SendPhoneProof(ctx, by, sessions.Half{}, sent.Factor); !errors.Is(err, credential.ErrPhoneForeign) {
			p.Errorf("a list that became shorter: %v", err)
		}
		p.logins.SMS.On = false
		if _, err := p.logins.BeginPhone(ctx, by, sessions.Half{}, "07 56 78 12 34"); !errors.Is(err, login.ErrNoTexting) {
			p.Errorf("no gateway: %v", err)
		}
		if n := len(p.sent()); n != 1 {
			p.Errorf("%d messages, want that of the one number", n)
		}
	})
}

// MFA-06: an old session, and a program's token, add no number.
func TestPhoneNeedsStepUp(t *testing.T) {
	eachPhones(t, 100, func(p *phones) {
		by := p.in(p.bruno)
		by.StepUp = p.clock.Now().Add(-access.StepUpAge - time.Second)
		if _, err := p.logins.BeginPhone(ctx, by, sessions.Half{}, "06 12 34 56 12"); !errors.Is(err, access.ErrStepUp) {
			p.Errorf("two hours old: %v", err)
		}
		by = p.by(p.bruno) // no session: a program
		if _, err := p.logins.BeginPhone(ctx, by, sessions.Half{}, "06 12 34 56 12"); !errors.Is(err, access.ErrForbidden) {
			p.Errorf("without a browser: %v", err)
		}
		if n := len(p.sent()); n != 0 {
			p.Errorf("%d messages left", n)
		}
	})
}

// fieldCode is the one field to correct of a refusal, with its code.
func fieldCode(err error) string {
	if f := fault.Of(err).Fields; len(f) == 1 {
		return f[0].Location + " " + f[0].Code
	}
	return ""
}
