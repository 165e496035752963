package notify

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"habilis/internal/secret"
	"habilis/internal/text"
)

// lossSamples are the letters of somebody who lost every second factor (SEC-2, rules.md 5).
func lossSamples(lang text.Lang) map[string]func() (Letter, error) {
	to := aicha(lang)
	f := FactorFacts{
		At: now, ActsAt: now.Add(72 * time.Hour), Link: secret.NewText("https://habilis.exemple.fr/factors/stop/hl_jeton"),
		Origin: Origin{Address: "192.0.2.7", Browser: "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"},
	}
	all := map[string]func() (Letter, error){"loss_wait": func() (Letter, error) { return WriteLoss(to, f) }}
	for _, k := range []Kind{KindLossKept, KindLossLapsed, KindFactorsLost} {
		all[string(k)] = func() (Letter, error) { return WriteFactor(k, to, FactorFacts{At: now, Origin: f.Origin}) }
	}
	for change, by := range map[string]string{"asked": "", "stopped": "", "kept": "Cabinet du Port", "done": ""} {
		all["loss_told-"+change] = func() (Letter, error) {
			return WriteLossTold(to, LossFacts{Org: tilleuls, Person: "Julie Delmas", Change: change, By: by, At: now, ActsAt: f.ActsAt})
		}
	}
	return all
}

// A message costs as one, whatever the day.
func TestLossTextIsOneMessage(t *testing.T) {
	for _, lang := range []text.Lang{text.FR, text.EN} {
		s := lossText(lang, time.Date(2026, time.September, 30, 12, 0, 0, 0, time.UTC)).Reveal()
		if n := utf8.RuneCountInString(s); n > MaxSMS || strings.Count(s, "?") != 1 || !strings.Contains(s, "30") {
			t.Errorf("%d characters: %s", n, s)
		}
	}
}
