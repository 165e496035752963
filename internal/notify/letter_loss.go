package notify

import (
	"time"

	"habilis/internal/secret"
	"habilis/internal/text"
)

// The letters about a request to take every second factor, of somebody who lost them all
// (SEC-2, rules.md 5). The first alone leads anywhere: its page has a button that keeps them.
const (
	KindLossWait    Kind = "loss_wait"
	KindLossKept    Kind = "loss_kept"
	KindLossLapsed  Kind = "loss_lapsed"
	KindFactorsLost Kind = "factors_lost"
	KindLossTold    Kind = "loss_told" // to the administrators
)

var lossKinds = []Kind{KindLossWait, KindLossKept, KindLossLapsed, KindFactorsLost, KindLossTold}

// WriteLoss tells a person that all their second factors will be taken, and carries the
// link that keeps them.
func WriteLoss(to Recipient, f FactorFacts) (Letter, error) {
	return writeWait(KindLossWait, to, f)
}

// LossFacts are what an administrator is told.
type LossFacts struct {
	Org    Org
	Person string // who lost everything
	Change string // asked, stopped, kept, done
	By     string // of kept: the organisation whose administrators acted
	At     time.Time
	ActsAt time.Time
}

// WriteLossTold tells an administrator, who knows the person and can ask them.
func WriteLossTold(to Recipient, f LossFacts) (Letter, error) {
	said := map[string]any{"Person": f.Person, "At": f.At, varUntil: f.ActsAt}
	if f.By != "" {
		said["By"] = f.By
	}
	w := write(KindLossTold, to, &f.Org, said)
	w.say("intro_"+f.Change, "then_"+f.Change)
	w.openYourself()
	return w.end("administers", Contact{})
}

// lossText is the message that says it to a number.
func lossText(lang text.Lang, at time.Time) secret.Text {
	p := text.For(lang)
	return secret.NewText(inGSM(p.T("sms.loss", "Product", p.T("common.product"), varUntil, at)))
}
