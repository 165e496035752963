package notify

import (
	"time"

	"habilis/internal/secret"
)

// The letters about second factors: what happened, to which factor, from where. None leads
// anywhere that acts, but that of a removal that waits: its page has a button that stops it.
const (
	KindFactorAdded       Kind = "factor_added"
	KindFactorRemoved     Kind = "factor_removed"
	KindFactorRested      Kind = "factor_rested"        // MFA-02, MFA-10
	KindFactorCopied      Kind = "factor_copied"        // MFA-09
	KindRecoveryMade      Kind = "factor_recovery_made" // MFA-06
	KindRecoveryUsed      Kind = "factor_recovery_used" // MFA-10
	KindFactorKept        Kind = "factor_removal_kept"
	KindFactorLapsed      Kind = "factor_removal_lapsed"
	KindFactorRemovalWait Kind = "factor_removal_wait" // rules.md 5
)

// factorKinds are the letters about second factors.
var factorKinds = []Kind{
	KindFactorAdded, KindFactorRemoved, KindFactorRested, KindFactorCopied, KindRecoveryMade, KindRecoveryUsed,
	KindFactorKept, KindFactorLapsed, KindFactorRemovalWait,
}

// FactorFacts are what the letters about second factors say.
type FactorFacts struct {
	Of     string // the kind of factor, in words; empty where the letter says it
	Name   string // what its person calls it; may be empty
	Left   int    // recovery codes left
	At     time.Time
	ActsAt time.Time   // of a removal that waits
	Link   secret.Text // to the page that stops it
	Origin Origin
}

// WriteFactor writes the notice of one kind about a second factor.
func WriteFactor(kind Kind, to Recipient, f FactorFacts) (Letter, error) {
	w := write(kind, to, nil, map[string]any{"At": f.At, varCount: f.Left})
	w.say("intro", "then")
	w.factor(f)
	w.openYourself()
	return w.end("account", Contact{})
}

// WriteFactorRemoval tells that a factor will be removed, and carries the link that stops it.
func WriteFactorRemoval(to Recipient, f FactorFacts) (Letter, error) {
	return writeWait(KindFactorRemovalWait, to, f)
}

// writeWait tells what happens at ActsAt, unless the link is followed.
func writeWait(kind Kind, to Recipient, f FactorFacts) (Letter, error) {
	w := write(kind, to, nil, map[string]any{"At": f.At, varUntil: f.ActsAt})
	w.say("intro", "then")
	w.factor(f)
	w.button(f.Link, w.common("once_until"))
	return w.end("account", Contact{})
}

// factor says which one it is, and from where it was done.
func (w *writer) factor(f FactorFacts) {
	var facts []Fact
	if f.Of != "" {
		facts = append(facts, w.fact("factor", 1, secret.NewText(f.Of)))
	}
	if f.Name != "" {
		w.errs = append(w.errs, checkLine("name of a factor", f.Name))
		facts = append(facts, w.fact("factor_name", 1, secret.NewText(f.Name)))
	}
	w.origin(f.Origin, facts...)
}
