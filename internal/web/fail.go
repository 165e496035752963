package web

import (
	"context"
	"errors"
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/login"
	"habilis/internal/web/ui"
)

// statuses of the kinds of faults (rest.md).
var statuses = map[fault.Kind]int{
	fault.Internal: http.StatusInternalServerError, fault.Malformed: http.StatusBadRequest,
	fault.Unauthenticated: http.StatusUnauthorized, fault.Forbidden: http.StatusForbidden, fault.NotFound: http.StatusNotFound,
	fault.Conflict: http.StatusConflict, fault.Gone: http.StatusGone, fault.Stale: http.StatusPreconditionFailed,
	fault.TooLarge: http.StatusRequestEntityTooLarge, fault.Misdirected: http.StatusMisdirectedRequest,
	fault.Invalid: http.StatusUnprocessableEntity, fault.NoVersion: http.StatusPreconditionRequired,
	fault.Limited: http.StatusTooManyRequests, fault.Unavailable: http.StatusServiceUnavailable, fault.Full: http.StatusInsufficientStorage,
}

func statusOf(f *fault.Error) int { return statuses[f.Kind] }

// fail shows the page of an error. Whoever is not signed in goes to sign in
// first, and comes back to where they were going.
func (v *visit) fail(err error) {
	if errors.Is(err, context.Canceled) && v.Context().Err() != nil {
		return // whoever asked has left: nobody would see the page
	}
	f := fault.Of(err)
	if v.held.Closed() && access.Closes(err) {
		f = access.ErrFeatureOff // a page that would open, were the space open (ORG-6)
	}
	if f.Kind == fault.Internal {
		v.s.Log.Error("page", "request", v.by.Request, "path", v.Pattern, "err", err)
	}
	if f.Code == errLocked.Code {
		v.toLock()
		return
	}
	if f.Kind == fault.Unauthenticated && (f.Code == access.ErrUnauthenticated.Code || f.Code == login.ErrSessionOver.Code) {
		v.signInFirst(f)
		return
	}
	v.retryAfter(f)
	if e := v.show(statusOf(f), ErrorPage(v.errorFrame(), v.errorBody(f))); e != nil {
		v.s.Log.Error("page of an error", "request", v.by.Request, "err", e)
		http.Error(v.w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
	}
}

// retryAfter tells programs, too, when the next try may come.
func (v *visit) retryAfter(f *fault.Error) {
	if f.Wait > 0 {
		v.w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(f.Wait.Seconds()))))
	}
}

func (v *visit) signInFirst(f *fault.Error) {
	next := ""
	if v.Method == http.MethodGet {
		next = "?next=" + url.QueryEscape(v.URL.RequestURI())
	}
	if v.s.cookie(v.Request, cookieSession) != "" {
		v.s.setCookie(v.w, cookieSession, "", -1)
		ended := v.t.T("web.session_ended")
		if f.Code == login.ErrSessionOver.Code {
			ended = v.t.T("entry.session_over", "Org", v.org.Name)
		}
		v.flash(ui.ToneWait, ended)
	}
	http.Redirect(v.w, v.Request, pathLogin+next, http.StatusSeeOther)
}

func (v *visit) errorFrame() ui.Page {
	p := v.page(v.t.T("web.error.title"))
	p.Flashes = nil
	return p
}

// errorBody says what happened and what to do, in the person's words.
func (v *visit) errorBody(f *fault.Error) ui.ErrorProps {
	if body, ok := v.outside(f); ok {
		return body
	}
	if errors.Is(f, access.ErrFeatureOff) {
		return ui.ErrorProps{
			Title: v.t.T("feature.off"), Text: v.t.T("feature.off_text") + " " + v.whomToAsk(),
			BackLabel: v.t.T("web.error.back"), BackHref: v.home(),
		}
	}
	kind := "web.error." + strconv.Itoa(statusOf(f))
	if !v.t.Has(kind) {
		kind = "web.error.other"
	}
	return ui.ErrorProps{Title: v.t.T(kind), Text: v.refusal(f), BackLabel: v.t.T("web.error.back"), BackHref: v.home()}
}

// whomToAsk says who opens the administration space again (ORG-6).
func (v *visit) whomToAsk() string {
	if v.s.Support == "" {
		return v.t.T("feature.off_ask")
	}
	return v.t.T("feature.off_write", "Address", v.s.Support)
}

// refusal is what the page of a fault says. Of a right that lacks in an organisation, it
// says which, and who could give it (DESIGN.md 4, 10).
func (v *visit) refusal(f *fault.Error) string {
	label := ""
	if p, ok := f.Args["Permission"].(string); ok {
		label = "permission." + p
	}
	if f.Code != access.ErrForbidden.Code || v.org.ID.IsZero() || !v.t.Has(label) {
		return ended(v.sentence(f))
	}
	said := v.t.T("web.error.needs", "Permission", v.t.T(label))
	names, err := v.s.Members.Helpers(v.Context(), v.by, v.org.ID)
	if err != nil { // the refusal stands without them
		v.s.Log.Error("who could help", "request", v.by.Request, "err", err)
	}
	if len(names) == 0 {
		return ended(v.sentence(f))
	}
	return said + " " + v.t.T("web.error.helpers", "Count", len(names), "Names", v.t.List(names))
}

// ended closes a sentence that stands alone on a page: those of faults are written to
// stand at a field.
func ended(sentence string) string {
	if strings.HasSuffix(sentence, ".") {
		return sentence
	}
	return sentence + "."
}

// home is where a lost person is sent: the organisation, or their organisations.
func (v *visit) home() string {
	switch {
	case !v.org.ID.IsZero():
		return "/o/" + v.org.Slug + "/home"
	case !v.me.ID.IsZero():
		return ui.PathOrganizations
	}
	return pathLogin
}

// sentence is what a fault says to a person: of several points to correct, the
// first, where no form shows them all.
func (v *visit) sentence(f *fault.Error) string {
	if f.Code == fault.CodeInvalid && len(f.Fields) > 0 {
		return v.say(f.Fields[0].Code, f.Fields[0].Args, nil)
	}
	return v.say(f.Code, f.Args, f)
}

func (v *visit) say(code string, args map[string]any, f *fault.Error) string {
	values := map[string]any{"Ref": v.by.Request}
	if f != nil && f.Wait > 0 {
		values["Wait"] = f.Wait
	}
	maps.Copy(values, args)
	if code := "fault." + code; v.t.Has(code) {
		return v.t.TMap(code, values)
	}
	return v.t.TMap("fault.internal", values)
}

// spot is where a page asks for something: the name of its field, and the key of
// its label.
type spot struct{ Name, Label string }

// personSpots are the fields of a person's names, on every page that has them.
var personSpots = map[string]spot{
	fieldGiven: {fieldGiven, "account.given_name"}, fieldFamily: {fieldFamily, "account.family_name"},
}

// fieldErrors are the points to correct of an Invalid fault: by field, and as the
// summary lists them. spots say where a page asks for what the fault names, when
// they differ, and how the field is called there.
func (v *visit) fieldErrors(err error, spots ...map[string]spot) (map[string]string, []ui.FieldError) {
	f := fault.Of(err)
	by := map[string]string{}
	list := make([]ui.FieldError, 0, len(f.Fields))
	for _, x := range f.Fields {
		at := spot{Name: x.Location}
		for _, known := range append(spots, personSpots) {
			if s, ok := known[x.Location]; ok {
				at = s
				break
			}
		}
		sentence := v.pointAt(at, x)
		if by[at.Name] == "" {
			by[at.Name] = sentence
		}
		list = append(list, ui.FieldError{ID: at.Name, Text: sentence})
	}
	return by, list
}

// nameless are the beginnings of the codes whose sentences fit several fields of a page.
var nameless = []string{"text.", "member.date_", "web.take"}

// pointAt is what a point to correct says. One that fits several fields does
// not name the field: its label does.
func (v *visit) pointAt(at spot, x fault.Field) string {
	sentence := v.say(x.Code, x.Args, nil)
	if at.Label == "" || !slices.ContainsFunc(nameless, func(prefix string) bool { return strings.HasPrefix(x.Code, prefix) }) {
		return sentence
	}
	first, size := utf8.DecodeRuneInString(sentence)
	return v.t.T("web.at_field", "Field", v.t.T(at.Label), "Text", string(unicode.ToLower(first))+sentence[size:])
}

func (v *visit) nowhere() error { return errPage }
