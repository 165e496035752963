package notify

import (
	"time"

	"habilis/internal/secret"
	"habilis/internal/text"
)

// Origin is where something was done from: what the network and the browser say of
// themselves. Empty parts are left out.
type Origin struct {
	Address string // of the network
	Browser string // as it names itself; the letter says it in words
}

// origin says from where, in a line of facts, with the facts before it.
func (w *writer) origin(o Origin, before ...Fact) {
	facts := before
	if o.Browser != "" {
		facts = append(facts, w.fact("browser", 1, secret.NewText(w.printer.Browser(o.Browser))))
	}
	if o.Address != "" {
		w.errs = append(w.errs, checkLine("network address", o.Address))
		facts = append(facts, w.fact("address", 1, secret.NewText(o.Address)))
	}
	if len(facts) > 0 {
		w.letter.Blocks = append(w.letter.Blocks, Block{Facts: facts})
	}
}

// EmailFacts are what the letters about a change of address say. An address that a letter
// does not go to is masked: its reader may be a stranger (CHG-2).
type EmailFacts struct {
	Other   string // the other address of the change, masked
	By      string // the administrator who asked, by name; empty: the person
	ByOther bool   // an administrator asked
	At      time.Time
	Until   time.Time // how long the link, or the wait, lasts
	Link    secret.Text
	Factors []string // kinds of second factors, in the words of the letter
	Origin  Origin
}

// WriteEmailProof carries the link that proves a new address.
func WriteEmailProof(lang text.Lang, address string, f EmailFacts) (Letter, error) {
	w := write(KindEmailProof, Recipient{Email: address, Lang: lang}, nil, map[string]any{varOther: f.Other, varUntil: f.Until})
	if f.ByOther {
		w.say("intro_administration", "password")
	} else {
		w.say("intro", "effect")
	}
	w.button(f.Link, w.common("once_until"))
	return w.end("typed", Contact{})
}

// WriteEmailTaken tells the owner of an account that their address, or the one that they gave
// up and may take back, was typed for another one, and that nothing came of it (ENU-02).
func WriteEmailTaken(to Recipient, at time.Time) (Letter, error) {
	w := write(KindEmailTaken, to, nil, map[string]any{"At": at})
	w.say("intro", "fine")
	w.openYourself()
	return w.end("account", Contact{})
}

// WriteEmailAsked tells the present address that another was asked.
func WriteEmailAsked(to Recipient, f EmailFacts) (Letter, error) {
	vars := map[string]any{varOther: f.Other, "At": f.At, varUntil: f.Until}
	intro := "intro"
	if f.By != "" {
		vars["By"], intro = f.By, "intro_by"
	}
	w := write(KindEmailAsked, to, nil, vars)
	w.say(intro, "wait")
	w.origin(f.Origin)
	w.openYourself()
	return w.end("account", Contact{})
}

// WriteEmailChanged tells the new address that it signs in from now on.
func WriteEmailChanged(to Recipient, f EmailFacts) (Letter, error) {
	w := write(KindEmailChanged, to, nil, map[string]any{varOther: f.Other, "At": f.At})
	w.say("intro", "sessions")
	w.origin(f.Origin)
	w.openYourself()
	return w.end("account", Contact{})
}

// WriteEmailReplaced tells the old address that it does not sign in any more, and carries the
// link to the page that gives it back.
func WriteEmailReplaced(to Recipient, f EmailFacts) (Letter, error) {
	w := write(KindEmailReplaced, to, nil, map[string]any{varOther: f.Other, "At": f.At, varUntil: f.Until})
	w.say("intro", "undo")
	w.origin(f.Origin)
	w.button(f.Link, w.common("once_until"))
	return w.end("was_account", Contact{})
}

// WriteEmailUndone tells the old address that it signs in again, and which second factors
// were added meanwhile.
func WriteEmailUndone(to Recipient, f EmailFacts) (Letter, error) {
	vars := map[string]any{varOther: f.Other, "At": f.At}
	if len(f.Factors) > 0 {
		vars["Factors"] = text.For(to.Lang).List(f.Factors)
	}
	w := write(KindEmailUndone, to, nil, vars)
	w.say("intro", "closed")
	if len(f.Factors) > 0 {
		w.say("factors")
	}
	w.origin(f.Origin)
	w.openYourself()
	return w.end("account", Contact{})
}

// WriteEmailWithdrawn tells the new address that it does not sign in any more.
func WriteEmailWithdrawn(to Recipient, f EmailFacts) (Letter, error) {
	w := write(KindEmailWithdrawn, to, nil, map[string]any{"At": f.At})
	w.say("intro")
	w.openYourself()
	return w.end("was_account", Contact{})
}
