package notify

import (
	"time"

	"habilis/internal/secret"
	"habilis/internal/text"
)

// emailSamples are the letters about a change of address, and about leaving (CHG-2, SEC-5).
func emailSamples(lang text.Lang) map[string]func() (Letter, error) {
	to := aicha(lang)
	from := Origin{Address: "192.0.2.7", Browser: "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"}
	proof := EmailFacts{Other: "a…@exemple.fr", Until: now.Add(24 * time.Hour), Link: secret.NewText("https://habilis.exemple.fr/email/confirm/he_jeton")}
	asked := EmailFacts{Other: "a…@clinique.example", At: now, Until: now.Add(24 * time.Hour), Origin: from}
	done := EmailFacts{
		Other: "a…@clinique.example", At: now, Until: now.Add(72 * time.Hour), Link: secret.NewText("https://habilis.exemple.fr/email/undo/hx_jeton"), Origin: from,
	}
	return map[string]func() (Letter, error){
		"email_proof": func() (Letter, error) { return WriteEmailProof(lang, "aicha@clinique.example", proof) },
		"email_proof-administration": func() (Letter, error) {
			f := proof
			f.ByOther = true
			return WriteEmailProof(lang, "aicha@clinique.example", f)
		},
		"email_taken": func() (Letter, error) { return WriteEmailTaken(to, now) },
		"email_asked": func() (Letter, error) { return WriteEmailAsked(to, asked) },
		"email_asked-administration": func() (Letter, error) {
			f := asked
			f.By, f.Origin = "Bruno Lacaze", Origin{}
			return WriteEmailAsked(to, f)
		},
		"email_changed":  func() (Letter, error) { return WriteEmailChanged(to, done) },
		"email_replaced": func() (Letter, error) { return WriteEmailReplaced(to, done) },
		"email_undone":   func() (Letter, error) { return WriteEmailUndone(to, done) },
		"email_undone-factors": func() (Letter, error) {
			f := done
			f.Factors = []string{"une clé d’accès", "un numéro de téléphone"}
			return WriteEmailUndone(to, f)
		},
		"left": func() (Letter, error) { return WriteLeft(to, AccessFacts{Org: tilleuls, At: now}) },
		"leaver": func() (Letter, error) {
			return WriteLeaver(to, AccessFacts{Org: tilleuls, By: "Julie Delmas", At: now})
		},
		"email_withdrawn": func() (Letter, error) { return WriteEmailWithdrawn(to, done) },
	}
}
