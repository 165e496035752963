package notify

import (
	"habilis/internal/dossier"
	"habilis/internal/paper"
	"habilis/internal/secret"
	"habilis/internal/text"
)

// dossierSamples are the letters about the file of somebody who registered (VER-2 to VER-4).
func dossierSamples(lang text.Lang) map[string]func() (Letter, error) {
	to := Recipient{Name: "Linh Nguyen", Email: "linh.nguyen@exemple.fr", Lang: lang}
	rives := Org{"CPTS des Deux-Rives", EnamelCanard}
	missing := []dossier.Reason{{Code: dossier.PhoneUnproved}, {Code: dossier.PaperMissing, Paper: paper.Card}, {Code: dossier.ProofMissing}}
	facts := FileFacts{Org: rives, By: "Inès Roussel", Name: "Linh Nguyen", Missing: missing, Link: secret.NewText("https://habilis.example/o/rives/home")}
	refused := facts
	refused.Refused, refused.Reason = true, "La carte est illisible"
	return map[string]func() (Letter, error){
		"file_opened":        func() (Letter, error) { return WriteFileOpened(to, facts) },
		"file_shut":          func() (Letter, error) { return WriteFileShut(to, facts) },
		"file_refused":       func() (Letter, error) { return WriteFileRefused(to, refused) },
		"file_lacking":       func() (Letter, error) { return WriteFileLacking(to, facts) },
		"file_ruled":         func() (Letter, error) { return WriteFileRuled(to, facts) },
		"file_ruled-refused": func() (Letter, error) { return WriteFileRuled(to, refused) },
	}
}
