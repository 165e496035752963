package web

import (
	"strconv"
	"strings"

	"habilis/internal/fault"
	"habilis/internal/setting"
	"habilis/internal/web/ui"
)

const fieldMonths = "months"

// saveReviewSetting changes how often accesses are reviewed; the password is asked again (rules.md 6).
func (v *visit) saveReviewSetting() error {
	view := reviewSettingView{
		Months: strings.TrimSpace(v.PostFormValue(fieldMonths)), Days: strings.TrimSpace(v.PostFormValue(fieldDays)), By: v.PostFormValue("by"),
		Version: parseVersion(v.PostFormValue(fieldVersion)),
	}
	next := setting.Reviews{By: setting.ReviewBy(view.By)}
	for _, n := range []struct {
		typed string
		to    *int
	}{{view.Months, &next.Months}, {view.Days, &next.Days}} {
		if typed, err := strconv.Atoi(n.typed); err == nil { // else 0: the setting says its bounds
			*n.to = typed
		}
	}
	err := v.prove()
	if err == nil {
		_, err = v.s.Settings.SetReviews(v.Context(), v.by, v.org.ID, view.Version, next)
	}
	if err != nil {
		view.Stale = fault.Is(err, fault.Stale)
		return v.showReviewSetting(view, err)
	}
	v.flash(ui.ToneOK, v.t.T("setting.saved"))
	return v.to(v.at(atSettings))
}
