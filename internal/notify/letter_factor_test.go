package notify

import (
	"time"

	"habilis/internal/secret"
	"habilis/internal/text"
)

// factorSamples are the letters about second factors (SEC-2, MFA-02, MFA-06, MFA-10).
func factorSamples(lang text.Lang) map[string]func() (Letter, error) {
	to := aicha(lang)
	p := text.For(lang)
	from := Origin{Address: "192.0.2.7", Browser: "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"}
	app := FactorFacts{Of: p.T("factors.kind.totp"), Name: "Téléphone du cabinet", At: now, Origin: from}
	all := map[string]func() (Letter, error){
		"factor_recovery_used-last": func() (Letter, error) { return WriteFactor(KindRecoveryUsed, to, FactorFacts{At: now, Left: 0}) },
		"factor_removal_wait": func() (Letter, error) {
			f := app
			f.ActsAt, f.Link = now.Add(72*time.Hour), secret.NewText("https://habilis.exemple.fr/factors/stop/hl_jeton")
			return WriteFactorRemoval(to, f)
		},
	}
	for _, k := range factorKinds {
		if k == KindFactorRemovalWait {
			continue
		}
		f := app
		if k == KindRecoveryMade || k == KindRecoveryUsed {
			f = FactorFacts{At: now, Left: 9, Origin: from}
		}
		all[string(k)] = func() (Letter, error) { return WriteFactor(k, to, f) }
	}
	return all
}
