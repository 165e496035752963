package notify

import "habilis/internal/text"

// careSamples are the letters about what others do to somebody's second factors (SEC-2, MFA-11).
func careSamples(lang text.Lang) map[string]func() (Letter, error) {
	to, p := aicha(lang), text.For(lang)
	base := CareFacts{Org: &tilleuls, By: "Claire Moreau", At: now}
	given, removed, reset, told := base, base, base, base
	given.Of, removed.Of = p.T("factors.kind.address"), p.T("factors.kind.sms")
	reset.Reason = "Téléphone perdu, identité vérifiée au guichet"
	told.Person, told.What, told.Reason = "Julie Delmas", p.T("letters.care_what.reset"), reset.Reason
	platform := reset
	platform.Org = nil
	return map[string]func() (Letter, error){
		"care_given":          func() (Letter, error) { return WriteCare(KindCareGiven, to, given) },
		"care_removed":        func() (Letter, error) { return WriteCare(KindCareRemoved, to, removed) },
		"care_reset":          func() (Letter, error) { return WriteCare(KindCareReset, to, reset) },
		"care_reset-platform": func() (Letter, error) { return WriteCare(KindCareReset, to, platform) },
		"care_kept":           func() (Letter, error) { return WriteCare(KindCareKept, to, base) },
		"care_signed_out":     func() (Letter, error) { return WriteCare(KindCareOut, to, base) },
		"care_told":           func() (Letter, error) { return WriteCareTold(to, told) },
	}
}
