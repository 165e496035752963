package notify

import (
	"time"

	"habilis/internal/secret"
)

// The letters about what an administrator, or the platform, does to somebody's second
// factors, or to their sessions (SEC-2, MFA-11). None leads anywhere that acts.
const (
	KindCareGiven   Kind = "care_given"
	KindCareRemoved Kind = "care_removed"
	KindCareReset   Kind = "care_reset"
	KindCareKept    Kind = "care_kept" // against a request of somebody who knows the password
	KindCareOut     Kind = "care_signed_out"
	KindCareTold    Kind = "care_told" // to whoever acted, and to the other administrators
)

var careKinds = []Kind{KindCareGiven, KindCareRemoved, KindCareReset, KindCareKept, KindCareOut, KindCareTold}

// CareFacts are what they say.
type CareFacts struct {
	Org    *Org   // nil: the platform acted
	By     string // who acted
	Person string // of CareTold: whose factors they are
	What   string // of CareTold: what was done, in words
	Of     string // the kind of factor, in words; empty: all
	Reason string
	At     time.Time
}

// WriteCare tells the person whose factors they are.
func WriteCare(kind Kind, to Recipient, f CareFacts) (Letter, error) {
	w := write(kind, to, f.Org, map[string]any{"By": f.By, "At": f.At})
	w.say("intro", "then")
	w.care(f)
	w.openYourself()
	return w.end("account", Contact{})
}

// WriteCareTold tells whoever acted, or an administrator.
func WriteCareTold(to Recipient, f CareFacts) (Letter, error) {
	w := write(KindCareTold, to, f.Org, map[string]any{"By": f.By, "Person": f.Person, "At": f.At})
	w.say("intro")
	w.care(f)
	w.openYourself()
	return w.end("administers", Contact{})
}

// care adds what was done, to which factor, and why.
func (w *writer) care(f CareFacts) {
	var facts []Fact
	for _, line := range []struct{ key, value string }{{"care", f.What}, {"factor", f.Of}, {"reason", f.Reason}} {
		if line.value != "" {
			w.errs = append(w.errs, checkLine(line.key, line.value))
			facts = append(facts, w.fact(line.key, 1, secret.NewText(line.value)))
		}
	}
	if len(facts) > 0 {
		w.letter.Blocks = append(w.letter.Blocks, Block{Facts: facts})
	}
}
