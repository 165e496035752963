package web

import (
	"habilis/internal/ident"
	"habilis/internal/org"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

// featuresForm asks before the administration space of an organisation is closed, or opened
// again (ORG-6).
func (v *visit) featuresForm() error { return v.platformPageOf(nil, FeaturesPage) }

// setFeatures does it. What the form asked for is what happens: sent twice it changes
// nothing more.
func (v *visit) setFeatures() error {
	wanted := org.Features{Administration: v.PostFormValue("administration") == on}
	said := "platform.feature_closed"
	if wanted.Administration {
		said = "platform.feature_opened"
	}
	return v.changeOrg(said, FeaturesPage, func(id ident.Org) (org.Org, error) {
		return v.s.Orgs.SetFeatures(v.Context(), v.by, id, parseVersion(v.PostFormValue(fieldVersion)), wanted)
	})
}

// on is a feature that is open, as its form writes it.
const on = "on"

// other is what the form of the features would do: the opposite of what is.
func (w platformOrgView) other() (key, value string) {
	if w.Org.Features.Administration {
		return "close", "off"
	}
	return "open", on
}

func featureChip(t *text.Printer, open bool) *ui.ChipProps {
	if open {
		return &ui.ChipProps{Tone: ui.ToneOK, Label: t.T("platform.feature_is.open")}
	}
	return &ui.ChipProps{Tone: ui.ToneOff, Label: t.T("platform.feature_is.closed")}
}
