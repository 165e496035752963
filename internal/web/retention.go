package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/privacy"
	"habilis/internal/setting"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

var retentionRoutes = []route{
	{"GET /o/{org}/settings/retention", within, (*visit).retention},
	{"GET /o/{org}/settings/retention/review", within, (*visit).retentionEffect},
	{"POST /o/{org}/settings/retention", within, (*visit).saveRetention},
	{"GET /o/{org}/settings/kept", within, (*visit).kept},
}

// The pages beside «Réglages» on what is kept.
const (
	pageRetention = "retention"
	pageKept      = "kept"
	pageExit      = "exit"
)

// retentionView is the form of how long what is kept: a whole number for each kind.
type retentionView struct {
	Path, Back, Kept string
	Fields           []ui.FieldProps
	Version          int64

	told
}

// retentionReview is what other values would remove, before they are saved.
type retentionReview struct {
	Path, Back, Change string
	Lines              []compared
	Goes               []ui.ItemProps
	Values             url.Values
	Version            int64
	Overtook           bool
	Proof              *ui.StepUpProps

	told
}

// dataLinks are the lines of the card «Données personnelles» of the page of settings.
func (v *visit) dataLinks() []ui.ItemProps {
	line := func(icon ui.IconName, page, key string) ui.ItemProps {
		return ui.ItemProps{Icon: icon, Title: v.t.T(key + ".title"), Detail: v.t.T(key + ".line"), Href: v.at(atSettings, page)}
	}
	return []ui.ItemProps{
		line(ui.IconClockCounterClockwise, pageRetention, "keeping"), line(ui.IconListChecks, pageKept, "kept"),
		line(ui.IconExport, pageExit, "exitpage"),
	}
}

// mayKeep refuses whoever may not change the settings of the whole organisation.
func (v *visit) mayKeep() error {
	if v.held.Has(access.SettingsEdit, access.OrgScope(v.org.ID)) {
		return nil
	}
	return v.lacks(access.SettingsEdit)
}

func (v *visit) retention() error {
	if err := v.mayKeep(); err != nil {
		return err
	}
	r, err := v.s.Retentions.Get(v.Context(), v.by, v.org.ID)
	if err != nil {
		return err
	}
	values := url.Values{}
	for _, b := range setting.RetentionKinds {
		values.Set(string(b.Kind), v.URL.Query().Get(string(b.Kind)))
		if values.Get(string(b.Kind)) == "" {
			values.Set(string(b.Kind), strconv.FormatInt(r.Of(b.Kind), 10))
		}
	}
	return v.showRetention(values, r.Rev, nil)
}

func (v *visit) showRetention(values url.Values, rev int64, refusal error) error {
	view := retentionView{
		Path: v.at(atSettings, pageRetention, "review"), Back: v.at(atSettings), Kept: v.at(atSettings, pageKept), Version: rev,
	}
	status := http.StatusOK
	if refusal != nil {
		status = statusOf(fault.Of(refusal))
		view.Errors, view.Summary = v.fieldErrors(refusal, retentionSpots)
	}
	for _, b := range setting.RetentionKinds {
		name := string(b.Kind)
		view.Fields = append(view.Fields, ui.FieldProps{
			Name: name, Label: v.t.T("retention.kind." + name), Value: values.Get(name), Error: view.Errors[name],
			InputMode: modeNumeric, Digits: true, MaxLength: retentionDigits,
			Hint: v.t.T("register."+name+".purpose") + ". " + v.t.T("keeping.bounds."+string(b.Unit), "Min", int(b.Min), "Max", int(b.Max)),
		})
	}
	p, err := v.orgFrame(v.t.T("keeping.title"), atSettings)
	if err != nil {
		return err
	}
	p.Error = refusal != nil
	return v.show(status, RetentionPage(p, view))
}

// retentionDigits is how many digits a duration may have.
const retentionDigits = 4

// retentionSpots: the fields of the form are named as the kinds are.
var retentionSpots = func() map[string]spot {
	spots := map[string]spot{}
	for _, b := range setting.RetentionKinds {
		spots["values."+string(b.Kind)] = spot{Name: string(b.Kind), Label: "retention.kind." + string(b.Kind)}
	}
	return spots
}()

// wantedRetention reads the values that a form asks for; what is no number is out of any bounds.
func wantedRetention(from func(string) string) (url.Values, map[setting.RetentionKind]int64) {
	values, next := url.Values{}, map[setting.RetentionKind]int64{}
	for _, b := range setting.RetentionKinds {
		s := strings.TrimSpace(from(string(b.Kind)))
		values.Set(string(b.Kind), s)
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			n = -1
		}
		next[b.Kind] = n
	}
	return values, next
}

// retentionEffect shows before and after, and how much goes: the address is its state.
func (v *visit) retentionEffect() error {
	if err := v.mayKeep(); err != nil {
		return err
	}
	values, next := wantedRetention(v.URL.Query().Get)
	return v.showRetentionEffect(values, next, parseVersion(v.URL.Query().Get(fieldVersion)), nil)
}

func (v *visit) showRetentionEffect(values url.Values, next map[setting.RetentionKind]int64, rev int64, refusal error) error {
	c, err := v.s.Retentions.Preview(v.Context(), v.by, v.org.ID, next)
	if fault.Of(err) != nil && fault.Of(err).Kind == fault.Invalid {
		return v.showRetention(values, rev, err)
	}
	if err != nil {
		return err
	}
	base := v.at(atSettings, pageRetention)
	view := retentionReview{
		Path: base, Back: v.at(atSettings), Change: base + "?" + values.Encode(), Values: values, Version: c.Before.Rev,
		Overtook: rev != c.Before.Rev, Lines: v.retentionLines(c), Goes: v.retentionGoes(c),
	}
	status := http.StatusOK
	if refusal != nil {
		status = statusOf(fault.Of(refusal))
		view.told = v.words(refusal)
	}
	view.Proof = v.proof(v.t.T("keeping.why"), view.Errors)
	p, err := v.orgFrame(v.t.T("keeping.review"), atSettings)
	if err != nil {
		return err
	}
	p.Error = refusal != nil
	return v.show(status, RetentionReviewPage(p, view))
}

// retentionLines are the kinds whose duration changes.
func (v *visit) retentionLines(c privacy.RetentionChange) (lines []compared) {
	for _, b := range setting.RetentionKinds {
		if before, after := c.Before.Of(b.Kind), c.After.Of(b.Kind); before != after {
			lines = append(lines, compared{
				Name: v.t.T("retention.kind." + string(b.Kind)), Before: duration(v.t, before, b.Unit), After: duration(v.t, after, b.Unit),
			})
		}
	}
	return lines
}

// retentionGoes says how much the next night removes of each kind.
func (v *visit) retentionGoes(c privacy.RetentionChange) (items []ui.ItemProps) {
	for _, b := range setting.RetentionKinds {
		if n := c.Goes[b.Kind]; n > 0 {
			items = append(items, ui.ItemProps{
				Icon: ui.IconTrash, Title: v.t.T("retention.kind." + string(b.Kind)), Detail: v.t.T("keeping.goes", "Count", int(n)),
			})
		}
	}
	return items
}

// duration says how long: «12 mois».
func duration(t *text.Printer, n int64, unit setting.RetentionUnit) string {
	return t.T("keeping.value."+string(unit), "Count", int(n))
}

// saveRetention changes the durations; the password is asked again (rules.md 6).
func (v *visit) saveRetention() error {
	if err := v.mayKeep(); err != nil {
		return err
	}
	values, next := wantedRetention(v.PostFormValue)
	rev := parseVersion(v.PostFormValue(fieldVersion))
	err := v.prove()
	if err == nil {
		_, err = v.s.Retentions.Set(v.Context(), v.by, v.org.ID, rev, next)
	}
	if err != nil {
		switch fault.Of(err).Kind {
		case fault.Invalid, fault.Stale, fault.Limited, fault.Unavailable, fault.Conflict:
			return v.showRetentionEffect(values, next, rev, err)
		case fault.Internal, fault.Malformed, fault.Unauthenticated, fault.Forbidden, fault.NotFound, fault.Gone,
			fault.TooLarge, fault.Misdirected, fault.NoVersion, fault.Full:
		}
		return err
	}
	v.flash(ui.ToneOK, v.t.T("keeping.saved"))
	return v.to(v.at(atSettings, pageRetention))
}
