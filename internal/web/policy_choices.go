package web

import (
	"slices"
	"strconv"

	"habilis/internal/setting"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

func factorChoices(t *text.Printer, chosen []string) []ui.Choice {
	out := make([]ui.Choice, len(setting.AllFactors))
	for i, k := range setting.AllFactors {
		out[i] = ui.Choice{Value: k, Label: t.T("factors.kind." + k), Hint: t.T("policy.kind_hint." + k), Chosen: slices.Contains(chosen, k)}
	}
	return out
}

func requiredChoices(t *text.Printer, chosen string) []ui.Choice {
	var out []ui.Choice
	for _, who := range []setting.Required{setting.Everybody, setting.Administrators} {
		out = append(out, ui.Choice{Value: string(who), Label: t.T("policy.required." + string(who)), Chosen: string(who) == chosen})
	}
	return out
}

// policyOptions are the values that a list offers, in words.
func policyOptions(t *text.Printer, key, current string, values ...int) []ui.Option {
	var out []ui.Option
	for _, n := range withCurrent(current, values...) {
		label := t.T("policy.unit."+key, "Count", n)
		if n == 0 && t.Has("policy.none."+key) {
			label = t.T("policy.none." + key)
		}
		out = append(out, ui.Option{Value: strconv.Itoa(n), Label: label})
	}
	return out
}
