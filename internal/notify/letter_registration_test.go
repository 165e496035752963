package notify

import (
	"habilis/internal/secret"
	"habilis/internal/text"
)

// registrationSamples are the letters to whoever registers by themself (VER-1).
func registrationSamples(lang text.Lang) map[string]func() (Letter, error) {
	to := aicha(lang)
	nameless := to
	nameless.Name = ""
	f := RegistrationFacts{
		Org: tilleuls, Code: secret.NewText("402913"), Expires: now,
		RPPS: "10002345675",
		Link: secret.NewText("https://habilis.example/register/tilleuls/resume/hg_abcdefghijklmnopqrstuvwxyz"),
	}
	return map[string]func() (Letter, error){
		"registration_code":    func() (Letter, error) { return WriteRegistrationCode(nameless, f) },
		"registration_account": func() (Letter, error) { return WriteRegistrationAccount(to, f) },
		"registration_link":    func() (Letter, error) { return WriteRegistrationLink(KindRegistrationLink, to, f) },
		"registration_mailbox": func() (Letter, error) { return WriteRegistrationMailbox(nameless, f) },
		"registration_sent":    func() (Letter, error) { return WriteRegistrationLink(KindRegistrationSent, to, f) },
	}
}
